"""`open`: a thread's page in the browser, at the right place, gone with what it shows."""

import stat
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, Run
from tests.support import story
from tests.support.file_fingerprints import compute_fingerprints


@pytest.fixture
def browser(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a browser that records what it opens."""
    program = tmp_path / "browser"
    note = f"open({str(tmp_path / 'opened')!r}, 'w').write(sys.argv[1])"
    program.write_text(f"#!{sys.executable}\nimport sys\n{note}\n")
    program.chmod(0o755)
    return {"BROWSER": f"{program} %s", "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.fixture
def here(run: Run, tmp_path: Path) -> Path:
    run(EXAMPLES / "short.json")
    return tmp_path


@pytest.mark.parametrize(
    ("thread", "place"),
    [
        ("9bread1", ""),
        ("t1_zkeep03", "#t1_zkeep03"),
        ("https://www.reddit.com/r/breadlog/comments/9bread1/x/zkeep02/", "#t1_zkeep02"),
    ],
)
def test_open__opens_the_page_of_the_thread(
    thread: str, place: str, here: Path, run: Run, browser: dict[str, str]
) -> None:
    done = run("open", thread, env=browser)
    assert (done.code, done.out) == (0, "")
    address, _, _ = (here / "opened").read_text().partition("#")
    assert (here / "opened").read_text() == address + place
    page = Path(address.removeprefix("file://"))
    assert page.is_relative_to(here / "cache")
    assert done.err == f"Opened {page}.\n"
    assert "The third one is where I went wrong" in page.read_text()
    assert f'id="{place.removeprefix("#") or "t3_9bread1"}"' in page.read_text()
    assert stat.S_IMODE(page.parent.parent.parent.stat().st_mode) == 0o700


def test_open__print_opens_nothing(here: Path, run: Run, browser: dict[str, str]) -> None:
    done = run("open", "9bread1", "--print", env=browser)
    assert Path(done.out.strip()).is_file()
    assert (done.code, done.err) == (0, "")
    assert not (here / "opened").exists()


def test_open__changes_nothing_in_the_archive(
    here: Path, run: Run, browser: dict[str, str]
) -> None:
    before = compute_fingerprints(here / "archive")
    run("open", "9bread1", env=browser)
    run("open", "9bread1", env=browser)
    assert compute_fingerprints(here / "archive") == before


def test_open__without_a_browser_names_the_page(here: Path, run: Run, tmp_path: Path) -> None:
    nothing = {"BROWSER": f"{tmp_path}/none %s", "PATH": str(tmp_path), "DISPLAY": ""}
    done = run("open", "9bread1", env=nothing)
    assert done.code == 1
    assert "no browser could be opened" in done.err
    assert Path(done.err.split("The page is ")[1].strip()).is_file()


def test_open__thread_is_not_stored(here: Path, run: Run, browser: dict[str, str]) -> None:
    done = run("open", "nothere", env=browser)
    assert done.code == 1
    assert "has no thread nothere" in done.err
    assert not (here / "cache").exists()


@pytest.mark.parametrize(
    "command", [("forget", "9bread1"), ("redact", "9bread1", "--author", "sunday_crumb")]
)
def test_open__page_is_removed_with_its_thread(
    command: tuple[str, ...], here: Path, run: Run, browser: dict[str, str]
) -> None:
    run("open", "9bread1", env=browser)
    assert words_in(here / "cache")
    assert run(*command, "--dry-run", env=browser).code == 0
    assert words_in(here / "cache")
    assert run(*command, "--yes", env=browser).code == 0
    assert not words_in(here / "cache")


def test_open__page_is_removed_when_a_save_purges_the_thread(
    run: Run, tmp_path: Path, browser: dict[str, str]
) -> None:
    monday, friday = story.write(tmp_path)
    run(monday)
    run("open", "9bread1", env=browser)
    assert words_in(tmp_path / "cache")
    (tmp_path / "config.yaml").write_text("media: {save: false}\ndeleted: purge\n")
    assert run(friday, env=browser).code == 0
    assert not words_in(tmp_path / "cache")


def words_in(folder: Path) -> bool:
    files = (path for path in folder.rglob("*") if path.is_file())
    return any(b"The third one is where I went wrong" in path.read_bytes() for path in files)
