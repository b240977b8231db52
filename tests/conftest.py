"""Shared fixtures: the program as a user runs it, a test server of Reddit, recorded responses."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import hypothesis
import pytest
import yaml

from tests.support import reddit_server, story
from tests.support.starter import Person, Starter

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
# Recorded responses belong to their authors, so they are beside the checkout, if anywhere.
BESIDE = next(ROOT.parent.glob("*/recordings"), ROOT / "recordings")
RECORDINGS = Path(os.environ.get("REDDIT_RECORDINGS") or BESIDE)
SAVED_PAGES = Path(os.environ.get("REDDIT_SAVED_PAGES") or RECORDINGS.parent / "saved-pages")
PROGRAM = Path(sys.executable).with_name("archive")

# A run judges the change, not its luck: the same examples each time. To look for new ones:
# `pytest --hypothesis-profile=explore`.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", max_examples=3000, deadline=None)
hypothesis.settings.load_profile("repeatable")

# The tests start the program hundreds of times: compile it once, also where bytecode is disabled.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True, slots=True)
class Ran:
    """The exit code and the output of a run of the program."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]
OFFLINE: dict[str, object] = {
    "first_wait_seconds": 0.01,
    "media": {"save": False},
    "arctic_shift": {"url": "http://127.0.0.1:9"},
}
"""Settings that send no request beyond this machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "recordings" in getattr(item, "fixturenames", ()) and not RECORDINGS.is_dir():
            item.add_marker(pytest.mark.skip(reason="there are no recordings here"))
        if "saved_pages" in getattr(item, "fixturenames", ()) and not SAVED_PAGES.is_dir():
            item.add_marker(pytest.mark.skip(reason="there are no saved pages here"))


@pytest.fixture
def saved_pages() -> Path:
    return SAVED_PAGES


@pytest.fixture
def recordings() -> Path:
    return RECORDINGS


def run_program(
    folder: Path,
    *args: object,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    is_installed: bool = False,
    kill_at: int | None = None,
    person: Person | None = None,
) -> Ran:
    """Run `archive` in its own process and a folder, without settings of the user.

    The process is forked from one that is loaded, or is the installed program if `is_installed`.
    With `kill_at` it is killed before its file call of that number. With `person` it has that
    user id, group id and umask. See `Starter.run`.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REDDIT_", "praw_"))}
    own = {**clean, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), **(env or {})}
    arguments = [*map(str, args)]
    if not is_installed and hasattr(os, "fork"):
        code, out, err = starter().run(
            arguments, stdin=stdin, folder=folder, env=own, kill_at=kill_at, person=person
        )
        return Ran(code, out.decode(), err.decode())
    done = subprocess.run(
        [str(PROGRAM), *arguments],
        input=stdin,
        capture_output=True,
        cwd=folder,
        env=own,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@cache
def starter() -> Starter:
    return Starter()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the program in the test's own folder, with settings that send no request elsewhere."""
    if not (tmp_path / "config.yaml").exists():
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(OFFLINE))
    return partial(run_program, tmp_path)


@pytest.fixture(scope="session")
def short_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the example short.json. Tests copy it."""
    folder = tmp_path_factory.mktemp("short")
    assert run_program(folder, EXAMPLES / "short.json", "--no-media").code == 0
    return folder / "archive"


@pytest.fixture
def run_short(run: Run, short_archive: Path, tmp_path: Path) -> Run:
    """Run the program with an archive of its own that has the example short.json."""
    shutil.copytree(short_archive, tmp_path / "archive")
    return run


@pytest.fixture(scope="session")
def edited_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which one comment was edited, and another one deleted. Tests copy it."""
    folder = tmp_path_factory.mktemp("edited")
    (folder / "config.yaml").write_text(yaml.safe_dump(OFFLINE))
    for file in story.write(folder):
        assert run_program(folder, file).code == 0
    return folder / "archive"


@pytest.fixture
def run_edited(run: Run, edited_archive: Path, tmp_path: Path) -> Run:
    """Run the program with an archive of its own in which texts were edited and deleted."""
    shutil.copytree(edited_archive, tmp_path / "archive")
    return run


@pytest.fixture
def reddit(tmp_path: Path) -> Iterator[reddit_server.Server]:
    """A test server of Reddit with our examples, and a config.yaml with a key for it."""
    with reddit_server.Server() as server:
        for name in ("short", "everything", "poll", "crosspost"):
            server.add(example(name))
        write_config(tmp_path, server)
        yield server


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder on disk, beside the code. Writing to memory is too quick to be observed."""
    with tempfile.TemporaryDirectory(prefix=".tried-", dir=ROOT) as name:
        yield Path(name)


def example(name: str) -> reddit_server.Thread:
    import json

    return reddit_server.load(json.loads((EXAMPLES / f"{name}.json").read_text()))


def write_config(folder: Path, server: reddit_server.Server, **more: object) -> None:
    """Write a config.yaml as a user would: a key, and where the API is."""
    settings = {
        **OFFLINE,
        "reddit": {
            "client_id": reddit_server.CLIENT_ID,
            "client_secret": reddit_server.CLIENT_SECRET,
            "user_agent": reddit_server.USER_AGENT,
            "oauth_url": server.url,
            "reddit_url": server.url,
        },
        **more,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
