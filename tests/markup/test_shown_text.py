"""A text that Reddit writes as other HTML shows the same; one with another word does not."""

import pytest

from reddit_archive.markup import shown_text, snudown

PICTURE = "https://preview.redd.it/abcd1234efgh1.jpeg"
LONG_PICTURE = "https://preview.redd.it/what-a-view-v0-abcd1234efgh1.jpeg?width=640&s=f00"

# The Markdown, which snudown renders, and the HTML of rich text, as a page has it.
SAME_TEXTS = {
    "list": ("a\n\n* b\n* c", "<p>a</p><ul><li><p>b</p></li><li><p>c</p></li></ul>"),
    "line break": ("a  \nb\nc", "<p>\n      a<br>b c\n    </p>"),
    "address": (
        "see https://x.org/a_b",
        '<p>see <a href="https://x.org/a_b">https://x.org/a_b</a></p>',
    ),
    "subreddit": ("in /r/sub", '<p>in <a href="https://www.reddit.com/r/sub/">r/sub</a></p>'),
    "user": ("(u/me) /u/you", "<p>(<a>u/me</a>) <a>u/you</a></p>"),
    "spoiler": (">!secret!< a", '<p><span class="md-spoiler-text">secret</span> a</p>'),
    "superscript": ("x^2 x^(a b)", "<p>x<sup>2</sup> x<sup>a b</sup></p>"),
    "empty paragraph": ("a\n\n&#x200B;\n\nb", "<p>a</p><p>b</p>"),
    "quote": (
        "> q\n>\n> > r\n\na",
        "<blockquote><p>q</p><blockquote><p>r</p></blockquote></blockquote><p>a</p>",
    ),
    "indented code": ("    x = 1\n      y", "<pre><code>x = 1\n  y</code></pre>"),
    "fenced code": ("```\nx = 1\n```", "<pre><code>x = 1</code></pre>"),
    "heading": ("# Head\n\na", "<h2>Head</h2><p>a</p>"),
    "thematic break": ("a\n\n***\n\nb", "<p>a</p><hr><p>b</p>"),
    "table": (
        "a|b\n:-|-:\n1|2",
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
    ),
    "two paragraphs in an item": (
        "1. a\n\n    b\n2. c",
        "<ol><li><p>a</p><p>b</p></li><li><p>c</p></li></ol>",
    ),
    "list after a text": ("a\n* b\n* c", "<p>a</p><ul><li><p>b</p></li><li><p>c</p></li></ul>"),
    "number with a bracket": ("1) a\n2) b", "<ol><li><p>a</p></li><li><p>b</p></li></ol>"),
    "emphasis that one renderer refuses": ("**a:**b", "<p>**a:**b</p>"),
    "backslash in an address": ("https://x.org/a\\_b", "<p><a>https://x.org/a_b</a></p>"),
    "emote": (
        "look :smile: here",
        '<p>look <img src="https://x.org/1.png" alt=":smile:"> here</p>',
    ),
    "GIF": ("a\n\n![gif](giphy|abc)", '<p>a</p><p><img src="https://media.giphy.com/abc.gif"></p>'),
    "picture": (
        f"a\n\n{PICTURE}",
        f'<p>a</p><figure><a href="{LONG_PICTURE}"><img src="{LONG_PICTURE}"></a></figure>',
    ),
    "linked word": ("[a](https://x.org)", '<p><a href="https://x.org/">a</a></p>'),
    "no text": ("", "<p> </p>"),
}
OTHER_TEXTS = {
    "word": ("a b", "<p>a c</p>"),
    "missing word": ("a b", "<p>a</p>"),
    "joined words": ("a b", "<p>ab</p>"),
    "word in a list": ("* a\n* b", "<ul><li><p>a</p></li><li><p>c</p></li></ul>"),
    "capital": ("a B", "<p>a b</p>"),
    "number": ("costs 5.", "<p>costs 6.</p>"),
    "sign between digits": ("2\\*3", "<p>2^3</p>"),
    "sign of a name": ("C# it is", "<p>C it is</p>"),
    "quote": ("> a", "<p>a</p>"),
    "depth of a quote": ("> > a", "<blockquote><p>a</p></blockquote>"),
    "list": ("a", "<ul><li><p>a</p></li></ul>"),
    "paragraphs": ("a b", "<p>a</p><p>b</p>"),
    "typed emote": ("look :smile:", "<p>look :frown:</p>"),
    "picture": (PICTURE, '<p><img src="https://i.redd.it/zzzz9999zzzz9.jpeg"></p>'),
    "label of a link": ("[a](https://x.org)", '<p><a href="https://x.org">b</a></p>'),
}


@pytest.mark.parametrize(("markdown", "rich_text"), SAME_TEXTS.values(), ids=SAME_TEXTS)
def test_same_text__in_other_html(markdown: str, rich_text: str) -> None:
    html = snudown.render(markdown)
    assert shown_text.shows_same_text(html, f'<div class="md">{rich_text}</div>')
    assert shown_text.shows_same_text(rich_text, html)


@pytest.mark.parametrize(("markdown", "rich_text"), OTHER_TEXTS.values(), ids=OTHER_TEXTS)
def test_other_text__is_seen(markdown: str, rich_text: str) -> None:
    html = snudown.render(markdown)
    assert not shown_text.shows_same_text(html, f'<div class="md">{rich_text}</div>')
    assert not shown_text.shows_same_text(rich_text, html)


def test_changed_word__is_seen_in_every_text() -> None:
    for markdown, rich_text in SAME_TEXTS.values():
        html = snudown.render(f"{markdown}\n\nThe last word is here.")
        changed = f"{rich_text}<p>The last word is there.</p>"
        assert not shown_text.shows_same_text(html, changed)


def test_deep_nesting__is_compared() -> None:
    deep = "<blockquote>" * 50_000 + "a"
    assert shown_text.shows_same_text(deep, deep + " ")
    assert not shown_text.shows_same_text(deep, deep + "b")
