"""Write the program's own help and the worked examples into README.md and docs/how-to.md.

The reference and the manual page are made anew as well.

Run it after a change of the command line: `python scripts/readme.py`. The tests compare.
"""

import re
import runpy
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.conftest import run_program  # noqa: E402
from tests.project import test_readme  # noqa: E402  (after the path is set)


def main() -> None:
    made = examples()
    for page in test_readme.PAGES:
        text = page.read_text()
        for name, content in made.items():
            text = fill(text, name, content)
        page.write_text(text)
    for script in ("man.py", "reference.py"):
        runpy.run_path(str(ROOT / "scripts" / script), run_name="__main__")


def examples() -> dict[str, str]:
    """What stands in the pages, by the name of its place."""
    example = re.search(r"\$ archive (examples/short\.json .*)\n", test_readme.README)
    assert example
    arguments = example[1].replace("examples/", f"{ROOT}/examples/").split()
    made = {"help:": test_readme.help_of("")}
    with tempfile.TemporaryDirectory() as folder:
        made["example"] = run_program(Path(folder), *arguments).out
    for command in test_readme.STORIES:
        with tempfile.TemporaryDirectory() as folder:
            made[f"story: {command}"] = test_readme.told(Path(folder), command)
    with tempfile.TemporaryDirectory() as folder:
        made["session: batch"] = test_readme.session(Path(folder))
    return made


def fill(text: str, name: str, content: str) -> str:
    return re.sub(
        rf"(<!-- {re.escape(name)} -->\n```\w+\n).*?(```\n)",
        lambda match: f"{match[1]}{content}{match[2]}",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    main()
