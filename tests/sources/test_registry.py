"""A new source needs one package and one registry entry; everything else is derived from these."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.config import Settings
from reddit_archive.model.source_info import SOURCES, SourceInfo, list_fetchable
from reddit_archive.sources import registry
from tests.conftest import OFFLINE, ROOT

PACKAGE = '''
"""A source that knows one thread."""

from datetime import UTC, datetime

from reddit_archive.model.capture import Capture
from reddit_archive.sources.base import CheckResult

POST = {"id": "toy1", "name": "t3_toy1", "title": "A toy", "selftext": "Made of wood.", "url": "/"}
POST |= {"author": "maker", "subreddit": "toys", "num_comments": 0, "created_utc": 1700000000}


class ToySource:
    name = "toy-box"

    def __init__(self, author):
        self.author = author

    def resolve(self, reference):
        return reference

    def fetch(self, reference, request):
        thing = {"kind": "t3", "data": POST | {"author": self.author}}
        now = datetime(2026, 1, 2, tzinfo=UTC)
        return Capture(reference.post_id, now, self.name, {}, (thing,), is_live=False)


def create_source(settings, *, on_status, report_progress):
    return ToySource(settings.get_source_settings("toy-box")["author"])


def check_source(settings, *, is_chosen, timeout):
    yield CheckResult("Toy Box", "ok", "is open" if is_chosen else "is closed")
'''
PROGRAM = """
from reddit_archive.model.source_info import SOURCES, SourceInfo

SOURCES["toy-box"] = SourceInfo(
    "toy-box", "the Toy Box", keeps_first_text_only=True, settings={"author": str},
    package="toy_box",
)
from reddit_archive.__main__ import main

main()
"""


def run_with_toy(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the program with one more registry entry and one more package."""
    (folder / "toy_box.py").write_text(PACKAGE)
    config = {**OFFLINE, "source": "toy-box", "toy_box": {"author": "carver"}}
    (folder / "config.yaml").write_text(json.dumps(config))
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_toy__is_saved_and_quoted(tmp_path: Path) -> None:
    done = run_with_toy(tmp_path, "toy1")
    assert done.returncode == 0, done.stderr
    assert "Made of wood." in done.stdout
    assert "carver" in done.stdout
    assert "Saved t3_toy1 with 0 comments, as the Toy Box saw it on 2026-01-02." in done.stderr
    (snapshot,) = (tmp_path / "archive" / "threads" / "t3_toy1").glob("*.json")
    assert json.loads(snapshot.read_bytes())["source"] == "toy-box"


def test_toy__is_a_choice_of_the_command_line(tmp_path: Path) -> None:
    assert "[auto|reddit|arctic-shift|toy-box]" in run_with_toy(tmp_path, "save", "--help").stdout
    done = run_with_toy(tmp_path, "toy1", "--source", "toy-box")
    assert done.returncode == 0, done.stderr


def test_toy__is_checked_by_doctor(tmp_path: Path) -> None:
    checks = json.loads(run_with_toy(tmp_path, "doctor", "--json").stdout)["checks"]
    assert ("Toy Box", "is open") in {(each["check"], each["found"]) for each in checks}


def test_toy__unknown_setting_is_refused(tmp_path: Path) -> None:
    run_with_toy(tmp_path, "--version")
    (tmp_path / "config.yaml").write_text("toy_box: {colour: red}")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "list"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 5
    assert "colour" in done.stderr


@pytest.mark.parametrize(
    ("source", "client_id", "chosen"),
    [
        ("auto", "x", "reddit"),
        ("auto", "", "arctic-shift"),
        ("reddit", "", "reddit"),
        ("arctic-shift", "x", "arctic-shift"),
    ],
)
def test_choose__configured_source_or_the_first_with_its_key(
    source: str, client_id: str, chosen: str
) -> None:
    settings = Settings(source=source, reddit={"client_id": client_id})
    assert registry.choose(settings).name == chosen


@pytest.mark.parametrize("info", list_fetchable(), ids=lambda info: info.name)
def test_create__each_source_has_the_name_of_its_entry(info: SourceInfo) -> None:
    settings = Settings(source=info.name, reddit={"client_id": "x"})
    assert registry.create(settings, on_status=lambda _: None).name == info.name


def test_create__reddit_without_a_key_is_an_error() -> None:
    with pytest.raises(errors.LoginError):
        registry.create(Settings(source="reddit"), on_status=lambda _: None)


def test_sources__importers_have_entries() -> None:
    assert {"saved", "dump", "bdfr", "gallery-dl"} < SOURCES.keys()
