"""R19, forgotten is forgotten: no text is left in any file that this program wrote.

Each command is killed at many of its file calls. Then the thread is forgotten, or redacted, and
the same command runs once more.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from reddit_archive import cli
from reddit_archive.files import temp_files
from tests.conftest import EXAMPLES, run_program
from tests.support import faults, reddit_server

slow = pytest.mark.slow
SECRET = b"The third one is where I went wrong"
LINK = "https://www.reddit.com/r/breadlog/comments/9bread1/"
PAGE = f"<!-- reddit: {LINK} --all -->\n<!-- /reddit -->\n"
FORGET = ("forget", "9bread1", "--yes")
REDACT = ("redact", "9bread1", "--author", "sunday_crumb", "--yes")
USER_FILES = (
    *("out/.notes.part", "out/.12-notes.part", "out/notes.part", "out/letter.txt"),
    *("archive/notes.txt", "archive/tmp/notes.txt", "archive/threads/t3_9bread1/notes.md"),
    *("archive/threads/t3_9bread1/media/holiday.jpg", "pages/.draft.part", "bags/.bag.part"),
)
MINE = ("mine", "config.yaml")
"""Files of the user that contain the text: saved pages, and pages that quote it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A command, a function that undoes it, and whether it saves the thread."""

    command: tuple[str, ...]
    undo: Callable[[Path], object] = lambda folder: None
    saves: bool = False
    end: tuple[str, ...] = FORGET


def remove_snapshots(folder: Path) -> None:
    for path in (folder / "archive/threads/t3_9bread1").glob("*.json"):
        path.unlink()


def save_again(folder: Path) -> None:
    """Bring back the text, also where a redaction is on record."""
    remove_snapshots(folder)
    shutil.rmtree(folder / "archive/redactions", ignore_errors=True)
    run_program(folder, "import", "mine/short.json", "-q")


def remove(pattern: str) -> Callable[[Path], None]:
    def undo(folder: Path) -> None:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return undo


def write_page(folder: Path) -> None:
    (folder / "pages/page.md").write_text(PAGE)


CASES = {
    "save": Case(("save", "9bread1"), remove_snapshots, saves=True),
    "save -o": Case(("save", "9bread1", "--all", "-o", "out/q.md"), remove_snapshots, saves=True),
    "save file": Case(("save", "mine/short.json"), remove_snapshots, saves=True),
    "import": Case(("import", "mine/short.json"), remove_snapshots, saves=True),
    "batch": Case(("batch", "mine/list.txt", "-o", "out"), remove_snapshots, saves=True),
    "refresh": Case(("refresh", "pages", "--offline"), write_page),
    "quote": Case(("quote", "9bread1", "--all", "-o", "out/q.md")),
    "open": Case(("open", "9bread1", "--print"), remove("cache/*/*/t3_*/threads/*.html")),
    "reindex": Case(("reindex",)),
    "json": Case(("export", "json", "-o", "out/x.json")),
    "ndjson": Case(("export", "ndjson", "-o", "out/x.ndjson")),
    "sqlite": Case(("export", "sqlite", "out/x.db")),
    "bibtex": Case(("export", "bibtex", "-o", "out/x.bib")),
    "csl": Case(("export", "csl", "-o", "out/x.csl.json")),
    "html": Case(("export", "html", "site"), remove("site/threads/*.html")),
    "bag": Case(("export", "bag", "bags"), remove("bags/t3_*")),
    "redact": Case(REDACT, save_again, end=REDACT),
    "forget": Case(FORGET, save_again),
}
QUICK = ("save", "ndjson")


@pytest.fixture
def place(tmp_path: Path, reddit: reddit_server.Server) -> Path:
    """A folder with an archive of two threads, and files of the user in between."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/short.json").write_bytes((EXAMPLES / "short.json").read_bytes())
    (tmp_path / "mine/list.txt").write_text("9bread1\n")
    run_program(tmp_path, "import", "mine/short.json", EXAMPLES / "poll.json", "-q")
    for name in USER_FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"mine: {name}")
        os.utime(path, (1, 1))
    write_page(tmp_path)
    return tmp_path


def run(place: Path, *args: str, kill_at: int | None = None) -> tuple[int, str]:
    env = {"XDG_CACHE_HOME": str(place / "cache")}
    ran = run_program(place, *args, env=env, kill_at=kill_at)
    return ran.code, ran.err


def traces(place: Path) -> list[str]:
    """Return the files of this program that still contain the text, without the user's files."""
    found = []
    for path in (each for each in place.rglob("*") if each.is_file()):
        name = path.relative_to(place)
        is_quote = path.suffix == ".md" and not path.name.startswith(".")
        if name.parts[0] not in MINE and not is_quote and SECRET in path.read_bytes():
            found.append(str(name))
    return found


def user_files(place: Path) -> dict[str, object]:
    return {name: faults.stamp(place / name) for name in USER_FILES}


def kill(place: Path, case: Case, kills: int) -> int:
    """Kill the command at this many of its file calls; return how often that happened."""
    for _ in range(2):  # the second run has fewer folders to make
        case.undo(place)
        calls = int(run(place, *case.command, kill_at=0)[1].split()[-1])
    codes = []
    for number in range(kills):
        case.undo(place)
        kill_at = calls - number * max(1, calls // kills) % calls
        codes.append(run(place, *case.command, kill_at=kill_at)[0])
    return codes.count(-9)


@pytest.mark.parametrize(
    ("name", "kills"),
    [*((name, 2) for name in QUICK), *(pytest.param(name, 50, marks=slow) for name in CASES)],
)
def test_r19__nothing_is_left_after_kills(name: str, kills: int, place: Path) -> None:
    case, before = CASES[name], user_files(place)
    assert kill(place, case, kills) >= kills * 0.5
    steps = [case.command, case.end] if case.saves else [case.end, case.command]
    for step in steps:
        run(place, *step)
    if name == "bag":
        remove("bags/t3_9bread1")(place)  # whole bags are the user's
    assert traces(place) == []
    left = {str(path.relative_to(place)) for path in faults.drafts(place)} - set(USER_FILES)
    assert left == set()
    assert user_files(place) == before


@pytest.mark.parametrize(("name", "kills"), [pytest.param("save", 15, marks=slow), ("ndjson", 2)])
def test_r19__catches_drafts_that_count_as_held(
    name: str, kills: int, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    kill(place, case, kills)
    monkeypatch.setattr(temp_files, "_is_orphaned", lambda name, handle, written_at: False)
    monkeypatch.chdir(place)
    for step in [case.command, case.end] if case.saves else [case.end, case.command]:
        CliRunner().invoke(cli.program, step, prog_name="archive")
    assert traces(place) != []
