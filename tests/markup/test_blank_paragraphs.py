"""A paragraph that shows nothing is the blank line that its author typed it for."""

import pytest

from reddit_archive import markup
from tests.support import dom, renderers

ZERO_WIDTH = ["&#x200B;", "&#8203;", "\u200b", "&zwnj;", "\u200b \u2060"]
BLANKS = [*ZERO_WIDTH, "\ufeff", "&nbsp;", "\u2800"]


@pytest.mark.parametrize("target", ["markdown", "github", "jekyll", "obsidian", "reddit"])
@pytest.mark.parametrize("blank", ZERO_WIDTH)
def test_convert__blank_line_is_blank_in_the_source(blank: str, target: str) -> None:
    """The source shows no reference, and the page shows the paragraph that Reddit shows."""
    html = f"<p>a</p><p>{blank}</p><p>b</p>"
    written = markup.convert(html, target=target)
    assert [line.strip("\u200b\u200c\u2060\ufeff ") for line in written.split("\n")] == [
        *("a", "", "", "", "b")
    ]
    assert dom.extract_lines(renderers.gfm(written)) == dom.extract_lines(html)


@pytest.mark.parametrize("blank", BLANKS)
def test_convert__text_has_one_blank_line(blank: str) -> None:
    html = f"<p>a</p><p>{blank}</p><p>b</p><blockquote><p><em>{blank}</em></p></blockquote>"
    assert markup.convert(html, target="text") == "a\n\nb"


@pytest.mark.parametrize("blank", ["&#x200B;", "&#8203;", "&zwnj;"])
def test_convert__typed_markdown_shows_no_reference(blank: str) -> None:
    html, body = f"<p>a</p><p>{blank}</p><p>b</p>", f"a\r\n\r\n{blank}\r\n\r\nb"
    assert "&" not in markup.convert(html, target="reddit", body=body)
    quoted = f"<blockquote>\n{html}\n</blockquote>"
    assert "&" not in markup.convert(quoted, target="reddit", body=f"> a\n>\n> {blank}\n>\n> b")


def test_convert__typed_reference_in_a_line_stays() -> None:
    body = "a &#x200B; b"
    assert markup.convert("<p>a \u200b b</p>", target="reddit", body=body) == body
