"""`--min-score N`: which comments a quote leaves out, where it says so, and where it is counted."""

from pathlib import Path

import pytest

from reddit_archive import history, quote
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection
from reddit_archive.quote.blocks import options
from reddit_archive.sources import saved_json
from tests.conftest import EXAMPLES, Run

SHORT = EXAMPLES / "short.json"
ALL_OF_SHORT = "zkeep01 zkeep02 zkeep03 zkeep04 zkeep05 zkeep06"
"""Their scores are 187, 54, 71 (a reply to 02, which replies to 01), 66, 29 (to 04) and 93."""


@pytest.fixture
def thread() -> Thread:
    return history.merge("9bread1", [saved_json.read_capture(str(SHORT))])


def render(thread: Thread, **selection: object) -> list[str]:
    """Return the lines of a quote that contain a mark, or the first words of a comment."""
    words = {"Plain text": "01", "The third one": "02", "The *why*": "03", "Screenshots": "04"}
    words |= {"Same here": "05", "My grandmother": "06", "\\[…]": "…", "[…]": "…"}
    lines = quote.render(thread, Selection(has_post=True, **selection)).splitlines()  # type: ignore[arg-type]
    depths = [(line.count("> "), line.lstrip("> ")) for line in lines]
    return [
        f"{depth} {name}"
        for depth, text in depths
        for start, name in words.items()
        if text.startswith(start)
    ]


@pytest.mark.parametrize(
    ("min_score", "quoted"),
    [
        (None, ALL_OF_SHORT),
        (-5, ALL_OF_SHORT),
        (54, "zkeep01 zkeep02 zkeep03 zkeep04 zkeep06"),
        (60, "zkeep01 zkeep03 zkeep04 zkeep06"),
        (1_000, ""),
    ],
)
def test_select__leaves_out_lower_scores(
    thread: Thread, min_score: int | None, quoted: str
) -> None:
    selection = Selection(everything=True, min_score=min_score)
    omitted = quote.find_low_scored(thread, selection)
    assert [*quote.select(thread, selection)] == quoted.split()
    assert omitted == set(ALL_OF_SHORT.split()) - set(quoted.split())


def test_select__keeps_named_comments_and_their_context(thread: Thread) -> None:
    selection = Selection(comments=("zkeep03",), context=1, min_score=1_000)
    assert [*quote.select(thread, selection)] == ["zkeep02", "zkeep03"]


def test_select__keeps_a_comment_of_unknown_score(thread: Thread) -> None:
    del thread.comments["zkeep05"].raw["score"]  # type: ignore[attr-defined]
    assert "zkeep05" in quote.select(thread, Selection(everything=True, min_score=1_000))


def test_render__marks_what_is_left_out(thread: Thread) -> None:
    assert render(thread, everything=True, min_score=60) == [
        *("2 01", "2 …", "3 03", "2 04", "2 …", "2 06"),
    ]


def test_render__marks_neighbors_once(thread: Thread) -> None:
    assert render(thread, everything=True, min_score=1_000) == ["1 …"]


def test_render__marks_replies_of_a_named_comment(thread: Thread) -> None:
    assert render(thread, comments=("zkeep01",), replies=None, min_score=80) == ["2 01", "2 …"]


def test_options__are_read_and_written() -> None:
    reference, found = options.parse("9bread1 --all --min-score -5")
    assert (reference, found.selection.min_score) == ("9bread1", -5)
    assert options.serialize(found) == "--all --min-score -5"


@pytest.mark.parametrize("command", [[SHORT], ["quote", "9bread1"]])
def test_commands__count_what_is_left_out(command: list[str | Path], run: Run) -> None:
    run(SHORT, "-q")
    ran = run(*command, "--all", "--min-score", "60")
    assert "Left out 2 comments with a score below 60." in ran.err
    assert ("Screenshots" in ran.out, "Same here" in ran.out) == (True, False)


@pytest.mark.parametrize("words", [["--min-score", "-5"], ["--min-score=-5"]])
def test_commands__accept_a_negative_score(words: list[str], run: Run) -> None:
    ran = run(SHORT, "--all", *words)
    assert (ran.code, "Same here" in ran.out) == (0, True)


def test_refresh__takes_it_from_a_block(run: Run, tmp_path: Path) -> None:
    run(SHORT, "-q")
    page = tmp_path / "page.md"
    page.write_text("<!-- reddit: 9bread1 --all --min-score 60 -->\n<!-- /reddit -->\n")
    ran = run("refresh", page, "--offline")
    assert "page.md:1: left out 2 comments with a score below 60." in ran.err
    assert ("Screenshots" in page.read_text(), "Same here" in page.read_text()) == (True, False)


@pytest.mark.parametrize("words", [["--min-score", "-5"], ["--min-score=-5"]])
def test_command__takes_a_value_with_a_dash(run: Run, words: list[str]) -> None:
    """The same is true of a quote option for text: an excerpt can begin with a dash."""
    run("save", SHORT)
    assert "Same here" in run("quote", "9bread1", "--all", *words).out
    ran = run("quote", "9bread1", "--excerpt", "-words")
    assert (ran.code, "'-words' is not in this text" in ran.err) == (1, True)
    ran = run("quote", "9bread1", "--min-score")
    assert (ran.code, "requires an argument" in ran.err) == (2, True)
