"""A run that is forked says, does and leaves what the installed program does."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, Ran, run_program

RUNS = (
    (EXAMPLES / "short.json", "--top", "2"),
    (EXAMPLES / "poll.json", "--json", "--quiet"),
    ("-", "--all"),
    ("list",),
    ("log", "9bread1", "--json"),
    ("verify",),
    ("quote", "9bread1", "--comment", "nobody"),
    ("save", "--no-such-option"),
    ("--version",),
    (),
)


@pytest.mark.slow
@pytest.mark.parametrize("odd", [{}, {"COLUMNS": "40", "NO_COLOR": "1"}, {"TZ": "Asia/Tokyo"}])
def test_run__forked_and_installed_are_the_same(odd: dict[str, str], tmp_path: Path) -> None:
    runs: dict[bool, list[Ran]] = {}
    for is_installed in (False, True):
        folder = tmp_path / "here"
        folder.mkdir()
        options = {"stdin": b"no JSON", "env": odd}
        runs[is_installed] = [
            run_program(folder, *args, is_installed=is_installed, **options) for args in RUNS
        ]
        folder.rename(tmp_path / f"{is_installed}")
    assert runs[False] == runs[True]
    left = [
        sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        for folder in (tmp_path / "False", tmp_path / "True")
    ]
    assert left[0] == left[1] != []


def test_run__a_fork_knows_nothing_of_the_one_before(tmp_path: Path) -> None:
    elsewhere = {"REDDIT_ARCHIVE_DIR": str(tmp_path / "elsewhere")}
    run_program(tmp_path, EXAMPLES / "short.json", env=elsewhere)
    assert run_program(tmp_path, "list", env=elsewhere).out
    assert run_program(tmp_path, "list").out == ""


EARLY = """
import sys
from importlib.abc import MetaPathFinder
class Impatient(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Impatient())
from reddit_archive.__main__ import main
main()
"""


def test_start__an_interrupt_while_it_loads_is_one_sentence() -> None:
    done = subprocess.run([sys.executable, "-c", EARLY], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"archive: interrupted.\n")
