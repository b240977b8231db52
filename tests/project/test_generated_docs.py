"""The parts of the documentation that cog writes are what the program prints."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

JUSTFILE = (ROOT / "justfile").read_text()
OPTIONS = re.findall(r'^cog := "\.venv/bin/cog (.*)"$', JUSTFILE, re.MULTILINE)[0]
RECIPE = re.findall(r"^docs:\n +\{\{ cog \}\} -r (.*)$", JUSTFILE, re.MULTILINE)[0]


def check(*pages: str) -> tuple[int, str]:
    """Return cog's exit code, and its report on pages that are out of date."""
    command = [sys.executable, "-m", "cogapp", *shlex.split(OPTIONS), "--check", "--diff", *pages]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_pages__are_up_to_date() -> None:
    code, report = check(*RECIPE.split())
    assert code == 0, f"Run `just docs`.\n{report}"


def test_recipe__names_every_page_with_a_block() -> None:
    pages = (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    with_block = {page for page in pages if "[[[cog" in page.read_text()}
    assert {ROOT / name for name in RECIPE.split()} == with_block


def test_check__a_page_that_is_out_of_date_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- [[[cog cog.outl(exit_codes()) ]]] -->\n| code |\n<!-- [[[end]]] -->\n")
    code, report = check(str(page))
    assert code != 0
    assert "+| `130` | Interrupted. |" in report
