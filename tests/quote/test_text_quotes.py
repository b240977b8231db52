"""Quotes for the target `text`: wrapped, not too deep, and their marks explained once."""

import re
from pathlib import Path

import pytest

from reddit_archive import errors, history, quote
from reddit_archive.config import Settings
from reddit_archive.markup.display_width import measure
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection, text_marks
from reddit_archive.quote.blocks import options
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.workflows.quote import find_width
from tests.conftest import EXAMPLES, Run

ALL = Selection(everything=True)
WORDS = "some words that are long enough to be wrapped at the width of a mail " * 3


def chain(count: int, html: str = f"<p>{WORDS}</p>") -> Thread:
    """Return a thread in which each of some comments replies to the one before."""
    things = [{"kind": "t3", "data": {"id": "p1", "title": "T", "author": "op"}}]
    for number in range(count):
        parent = f"t1_c{number - 1}" if number else "t3_p1"
        data = {"id": f"c{number}", "parent_id": parent, "author": f"u{number}", "body_html": html}
        things.append({"kind": "t1", "data": data})
    return history.merge("p1", [Capture("p1", capture.utc_now(), "saved", {}, tuple(things))])


def render(thread: Thread, width: int = 72) -> list[str]:
    return quote.render(thread, ALL, target="text", width=width).split("\n")


def test_render__every_line_keeps_its_marks_and_the_width() -> None:
    for line in render(chain(14))[2:-1]:
        assert line.startswith(">")
        assert measure(line) <= 72 or "<https://" in line


def test_render__a_deep_chain_stays_readable() -> None:
    lines = render(chain(14))
    depths = [len(re.match(r"(?:> ?)*", line)[0].split()) for line in lines]
    assert max(depths) == 8
    assert "in reply to u12" in re.sub(r"\n[> ]*", " ", "\n".join(lines))


def test_render__marks_are_explained_once() -> None:
    html = '<p><del>a</del> x<sup>2</sup> <span class="md-spoiler-text">b</span></p>'
    lines = render(chain(3, html))
    assert lines[-4:] == [
        "",
        "(In this quote, ~~…~~ is crossed out, ^… is superscript and >!…!< is a",
        "spoiler.)",
        "",
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>x<sup>2</sup></p>", "(In this quote, ^… is superscript.)"),
        ('<p><a href="/s" title="b">a</a></p>', "(In this quote, >!…!< is a spoiler.)"),
        ('<blockquote class="md-spoiler-text"><p>a</p></blockquote>', "is a spoiler.)"),
        ("<p>a ~~b~~ &gt;!c!&lt; ^d &lt;del&gt;</p>", ""),
    ],
)
def test_render__only_used_marks_are_explained(html: str, expected: str) -> None:
    text = "\n".join(render(chain(1, html)))
    assert ("(In this quote" in text) == bool(expected)
    assert expected in text


def test_is_explanation() -> None:
    assert text_marks.is_explanation("(In this quote, ~~…~~ is crossed out and ^… is superscript.)")
    assert not text_marks.is_explanation("(In this quote, I was wrong.)")


# The option


def test_width__is_an_option_of_blocks_and_lists() -> None:
    _, parsed = options.parse("9bread1 --to text --width 60")
    assert parsed.width == 60
    assert options.serialize(parsed) == "--to text --width 60"
    assert QuoteOptions().with_defaults(QuoteOptions(width=0)).width == 0
    with pytest.raises(errors.InvalidOptionsError, match="'--width': 'x' must be a number"):
        options.parse("9bread1 --width x")


def test_find_width() -> None:
    assert find_width(QuoteOptions(), Settings(), "text") == 72
    assert find_width(QuoteOptions(width=0), Settings(), "text") == 0
    assert find_width(QuoteOptions(), Settings(), "markdown") == 0
    with pytest.raises(errors.InvalidOptionsError, match="'html' has no --width"):
        find_width(QuoteOptions(width=60), Settings(), "html")


def test_quote__width(run: Run) -> None:
    run(EXAMPLES / "short.json")
    wide, narrow = (
        run("quote", "9bread1", "--all", "--to", "text", "--width", width).out
        for width in ("0", "40")
    )
    assert narrow.count("\n") > wide.count("\n")
    refused = run("quote", "9bread1", "--to", "html", "--width", "40")
    assert (refused.code, "--to text" in refused.err) == (2, True)


def test_refresh_check__names_a_block_of_unwrapped_text_once(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    block = run("quote", "9bread1", "--all", "--to", "text", "--width", "0", "--block").out
    (tmp_path / "page.md").write_text(block.replace(" --width 0", ""), "utf-8")  # as 1.x wrote it
    assert run("refresh", "page.md", "--check", "--offline").out.count(": stale: ") == 1
    assert run("refresh", "page.md", "--offline").code == 0
    assert run("refresh", "page.md", "--check", "--offline").code == 0
