"""Quote blocks of an earlier version: those that are written differently now, named once."""

import shutil
from pathlib import Path

from tests.conftest import EXAMPLES, ROOT, Run

PAGE = ROOT / "tests" / "data" / "pages" / "1.1.0.md"
"""Six blocks of two examples: a question (9bread1) and a crosspost (9bread4)."""


def test_refresh__names_the_quotes_that_changed_since_1_1_once(run: Run, tmp_path: Path) -> None:
    for name in ("short", "crosspost"):
        run("save", EXAMPLES / f"{name}.json", "--no-media")
    shutil.copy(PAGE, tmp_path / "page.md")
    command = ("refresh", "page.md", "--offline")
    lines = PAGE.read_text().splitlines()
    checked = run(*command, "--check")
    named = [int(line.split(":")[1]) for line in checked.out.splitlines()]
    changed = [
        number
        for number, line in enumerate(lines, 1)
        if line.startswith("<!-- reddit:") and ("9bread4" in line or "--to text" in line)
    ]
    assert (checked.code, named) == (1, changed)
    assert all("stale: the archive gives another quote" in x for x in checked.out.splitlines())
    assert run(*command).code == 0
    assert run(*command, "--check").code == 0
