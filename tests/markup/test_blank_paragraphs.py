"""Paragraphs that show nothing are the blank line that their author typed them for."""

import pytest

from reddit_archive import markup
from reddit_archive.markup.targets import NAMES

BLANKS = ["&#x200B;", "&#8203;", "\u200b", "&nbsp;", "\ufeff", "&zwnj;", "\u2800", "\u200b \u2060"]


@pytest.mark.parametrize("target", NAMES)
@pytest.mark.parametrize("blank", [*BLANKS, "<em>\u200b</em>", "\u200b<br>\u200b"])
def test_convert__a_blank_paragraph_is_dropped(blank: str, target: str) -> None:
    without = markup.convert("<p>a</p><p>b</p>", target=target)
    assert markup.convert(f"<p>a</p><p>{blank}</p><p>b</p>", target=target) == without


@pytest.mark.parametrize("blank", BLANKS)
def test_convert__typed_markdown_has_no_blank_paragraph(blank: str) -> None:
    html, body = f"<p>a</p><p>{blank}</p><p>b</p>", f"a\r\n\r\n{blank}\r\n\r\nb"
    assert markup.convert(html, target="reddit", body=body).split() == ["a", "b"]


def test_convert__typed_quote_has_no_blank_paragraph() -> None:
    html = "<blockquote><p>\u200b</p></blockquote><p>b</p>"
    assert markup.convert(html, target="reddit", body="> &#x200B;\n\nb") == "b"


@pytest.mark.parametrize(
    "html",
    [
        "<p>a\u200bb</p>",
        "<p>\u200b<code>x</code></p>",
        '<p>\u200b<a href="https://example.com/">\u200b</a></p>',
        '<p><img src="https://i.redd.it/x.png">\u200b</p>',
        "<pre><code>\u200b\n</code></pre>",
    ],
)
def test_convert__what_shows_something_is_kept(html: str) -> None:
    assert markup.convert(html)


def test_convert__lists_around_a_blank_paragraph_stay_apart() -> None:
    html = "<ul><li>a</li></ul><p>&#x200B;</p><ul><li>b</li></ul>"
    assert markup.convert(html) == "- a\n\n<!-- -->\n\n- b"
