"""Write the program's own help and the worked example into README.md, and the manual page.

Run it after a change of the command line: `python scripts/readme.py`. The tests compare.
"""

import re
import runpy
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests import test_readme  # noqa: E402  (after the path is set)
from tests.conftest import run_program  # noqa: E402


def main() -> None:
    text = (ROOT / "README.md").read_text()
    for command in ("", "save"):
        text = fill(text, f"help: {command}".strip(), test_readme.help_of(command))
    example = re.search(r"\$ archive (examples/short\.json .*)\n", text)
    assert example
    arguments = example[1].replace("examples/", f"{ROOT}/examples/").split()
    with tempfile.TemporaryDirectory() as folder:
        text = fill(text, "example", run_program(Path(folder), *arguments).out)
    for command in test_readme.STORIES:
        with tempfile.TemporaryDirectory() as folder:
            text = fill(text, f"story: {command}", test_readme.told(Path(folder), command))
    with tempfile.TemporaryDirectory() as folder:
        text = fill(text, "session: batch", test_readme.session(Path(folder)))
    (ROOT / "README.md").write_text(text)
    runpy.run_path(str(ROOT / "scripts" / "man.py"), run_name="__main__")


def fill(text: str, name: str, content: str) -> str:
    return re.sub(
        rf"(<!-- {re.escape(name)} -->\n```\w+\n).*?(```\n)",
        lambda match: f"{match[1]}{content}{match[2]}",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    main()
