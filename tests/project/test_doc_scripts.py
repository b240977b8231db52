"""The tutorial and the stories are scripts: run as written, from an empty folder, they are true."""

import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.doc_pages import playing, reading

TUTORIAL = ROOT / "docs" / "tutorial.md"
STORIES = sorted((ROOT / "docs" / "stories").glob("*.md"))
PLAYED = [TUTORIAL, *STORIES]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="terminals are opened otherwise")


@pytest.mark.slow
def test_tutorial__is_what_comes_out(tmp_path: Path) -> None:
    text = TUTORIAL.read_text()
    assert playing.play(text, tmp_path) == text, "stale: python scripts/pages.py docs/tutorial.md"


@pytest.mark.slow
@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.stem)
def test_story__is_what_comes_out(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    assert playing.play(text, tmp_path) == text, f"stale: python scripts/pages.py {page}"


@pytest.mark.parametrize(
    ("shown", "printed", "agrees"),
    [
        ("a\nb", "a\nb", True),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…", "a", True),
        ("a", "a\nb", False),
        ("a\n…\nd", "a\nb\nc", False),
        ("a […] b", "a and b", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_agrees__only_what_is_left_out_may_differ(shown: str, printed: str, agrees: bool) -> None:
    assert reading.agrees(shown, printed) is agrees


def test_play__control_a_page_that_is_not_true_is_found(tmp_path: Path) -> None:
    page = "```console\n$ echo true\nfalse\n```\n"
    assert playing.play(page, tmp_path) == "```console\n$ echo true\ntrue\n```\n"


def test_play__control_a_command_that_fails_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="exit 3: 3"):
        playing.play("```console\n$ exit 3\n```\n", tmp_path)
