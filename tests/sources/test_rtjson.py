"""Reddit's rich-text JSON becomes the HTML that the API has, with the same words and blocks."""

import random
import re
from collections.abc import Iterable
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from reddit_archive.markup import snudown
from reddit_archive.sources.saved_page.rich_text import rtjson, rtjson_text
from tests.support import dom, inertness, rich_texts
from tests.support.new_reddit_pages import par

UPLOAD = "https://preview.redd.it/abc123.png?width=640&s=0a"
EMOTE = "https://www.redditstatic.com/emotes/joy.gif"
MEDIA = {
    "abc123": {"e": "Image", "s": {"u": UPLOAD}},
    "emote|pack|joy": {"e": "Image", "s": {"u": EMOTE}},
    "giphy|x1": {
        "e": "AnimatedImage",
        "t": "giphy",
        "ext": "https://giphy.com/gifs/x1",
        "s": {"gif": "https://external-preview.redd.it/x1.gif?s=1"},
    },
    "vid": {"e": "RedditVideo", "dashUrl": "https://v.redd.it/link/p0st01/asset/vid/DASH.mpd?a=1"},
}


def text(words: str, *formats: list[int]) -> dict[str, Any]:
    return {"e": "text", "t": words, "f": list(formats)}


def render(*nodes: Any) -> str:
    """Render nodes without the <div> around them."""
    html = rtjson.render({"document": list(nodes)}, MEDIA)
    return html.removeprefix('<div class="md">').removesuffix("\n</div>")


def render_inline(*nodes: Any) -> str:
    return render({"e": "par", "c": list(nodes)}).removeprefix("<p>").removesuffix("</p>")


def item(*nodes: Any) -> dict[str, Any]:
    return {"e": "li", "c": list(nodes)}


def cell(words: str, **fields: str) -> dict[str, Any]:
    return {"c": [text(words)], **fields}


# Rich text, and the Markdown from which Reddit makes the same text.
SAME_AS_MARKDOWN: list[tuple[list[Any], str]] = [
    ([par("one"), par("two <b> & 'three'")], "one\n\ntwo <b> & 'three'"),
    ([{"e": "par", "c": [text("a b c", [1, 0, 1], [2, 2, 1], [8, 4, 1])]}], "**a** *b* ~~c~~"),
    ([{"e": "par", "c": [text("a b", [64, 0, 1], [32, 2, 1])]}], "`a` ^b"),
    ([{"e": "par", "c": [text("a b c", [1, 0, 2], [3, 2, 1], [1, 3, 2])]}], "**a *b* c**"),
    ([{"e": "h", "l": 3, "c": [{"e": "raw", "t": "head"}]}, {"e": "hr"}], "### head\n\n---"),
    (
        [
            {"e": "list", "o": False, "c": [item(par("a")), item(par("b"))]},
            {"e": "list", "o": True, "c": [item(par("c"), {"e": "list", "c": [item(par("d"))]})]},
        ],
        "* a\n* b\n\n1. c\n    * d",
    ),
    (
        [{"e": "blockquote", "c": [par("a"), {"e": "blockquote", "c": [par("b")]}]}],
        "> a\n>\n>> b",
    ),
    (
        [{"e": "code", "c": [{"e": "raw", "t": "if x:"}, {"e": "raw", "t": "    <y>"}]}],
        "    if x:\n        <y>",
    ),
    (
        [
            {
                "e": "table",
                "h": [cell("n", a="L"), cell("m", a="R"), cell("k", a="C")],
                "c": [[cell("1"), cell("2"), cell("3")], [cell("4"), {"c": []}, cell("6")]],
            }
        ],
        "n|m|k\n:-|-:|:-:\n1|2|3\n4||6",
    ),
    (
        [{"e": "par", "c": [{"e": "spoilertext", "c": [text("it was "), text("he", [1, 0, 2])]}]}],
        ">!it was **he**!<",
    ),
    ([{"e": "par", "c": [text("a"), {"e": "br"}, text("b")]}], "a  \nb"),
    (
        [
            {
                "e": "par",
                "c": [
                    {"e": "link", "u": "https://e.example/?a=1&b=2", "t": "see", "f": [[1, 0, 3]]},
                    text(" "),
                    {"e": "link", "u": "https://e.example/", "t": "it", "a": "a 'title'"},
                ],
            }
        ],
        "[**see**](https://e.example/?a=1&b=2) [it](https://e.example/ \"a 'title'\")",
    ),
    (
        [
            {
                "e": "par",
                "c": [
                    {"e": "r/", "t": "gardening", "l": True},
                    text(" "),
                    {"e": "r/", "t": "gardening", "l": False},
                ],
            }
        ],
        "/r/gardening r/gardening",
    ),
]


@pytest.mark.parametrize(("nodes", "markdown"), SAME_AS_MARKDOWN)
def test_render__shows_what_reddits_own_renderer_shows(nodes: list[Any], markdown: str) -> None:
    expected = dom.extract_lines(snudown.render(markdown))
    assert dom.extract_lines(rtjson.render({"document": nodes})) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"e": "u/", "t": "ada-l", "l": False}, '<a href="/u/ada-l">u/ada-l</a>'),
        ({"e": "@", "t": "ada-l", "l": True}, '<a href="/u/ada-l">/u/ada-l</a>'),
        ({"e": "u/", "t": '"><script>', "l": True}, "/u/&quot;&gt;&lt;script&gt;"),
        ({"e": "c/", "t": "/r/a/comments/b/c/d"}, '<a href="/r/a/comments/b/c/d">/r/a/comments'),
        (text("underlined", [4, 0, 10]), "underlined"),
        (text("sub", [16, 0, 3]), "sub"),
        ({"e": "mystery", "t": "kept", "c": [text(" too")]}, "kept too"),
        ({"e": "link", "u": "javascript:alert(1)", "t": "no"}, "no"),
        ({"e": "link", "u": "java\nscript:alert(1)", "t": "no"}, "no"),
        ({"e": "link", "u": "mailto:a@b.example", "t": "mail"}, '<a href="mailto:a@b.example">'),
        ({"e": "link", "u": "https://e.example", "t": ""}, ">https://e.example</a>"),
        ({"e": "img", "id": "abc123", "c": "My <shed>"}, ">My &lt;shed&gt;</a>"),
        ({"e": "img", "id": "abc123"}, f'<a href="{UPLOAD}">{UPLOAD}</a>'.replace("&", "&amp;")),
        ({"e": "img", "id": "emote|pack|joy"}, f'<img src="{EMOTE}" width="20" height="20"/>'),
        ({"e": "gif", "id": "giphy|x1"}, '<a href="https://giphy.com/gifs/x1"><img src="https'),
        ({"e": "video", "id": "vid"}, ">https://reddit.com/link/p0st01/video/vid/player</a>"),
        ({"e": "img", "id": "lost", "c": "caption"}, "caption"),
        ({"e": "img", "id": "lost"}, "![img](lost)"),
    ],
)
def test_render__inline_nodes(node: dict[str, Any], expected: str) -> None:
    html = render_inline(node)
    assert html == expected or (len(expected) < len(html) and expected in html)


def test_render__formats_that_overlap_are_nested() -> None:
    formats = [[3, 0, 4], [2, 4, 1], [6, 5, 9], [2, 14, 1], [10, 15, 13]]
    html = render_inline(text("bold underline strikethrough", *formats))
    assert html == "<em><strong>bold</strong> underline <del>strikethrough</del></em>"


def test_render__code_contains_no_other_element() -> None:
    html = render_inline(text("a b", [66, 0, 1], [64, 1, 1], [65, 2, 1]))
    assert html == ("<em><code>a</code></em><code> </code><strong><code>b</code></strong>")


def test_render__formats_count_characters_not_bytes() -> None:
    assert render_inline(text("☃🪴abc", [2, 2, 3])) == "☃🪴<em>abc</em>"


def test_render__pictures_between_paragraphs_stand_alone() -> None:
    html = render(par("a"), {"e": "img", "id": "abc123"}, {"e": "img", "id": "lost"}, text("b"))
    assert re.sub(r"<a.*?</a>", "LINK", html) == (
        "<p>a</p>\n\n<p>LINK</p>\n\n<p>![img](lost)</p>\n\n<p>b</p>"
    )


def test_render__a_block_of_spoilers_stays_hidden() -> None:
    html = render({"e": "spoilertext", "c": [par("a"), par("b")]})
    assert html.count('<span class="md-spoiler-text">') == 2


def test_render__nothing_is_nothing() -> None:
    empty: list[Any] = [None, "x", {}, {"document": None}, {"document": [par(), par("")]}]
    assert [rtjson.render(content) for content in empty] == [""] * 5


def test_get_text__joins_the_words() -> None:
    document = [{"e": "par", "c": [text("[dele"), text("ted]")]}]
    assert rtjson.get_text({"document": document}) == "[deleted]"


def test_render__deep_nesting_keeps_the_words() -> None:
    node: dict[str, Any] = par("deepest")
    for _ in range(20_000):
        node = {"e": "blockquote", "c": [node]}
    html = render(par("first"), node, par("last"))
    assert html.count("<blockquote>") <= rtjson_text.MAX_DEPTH + 1
    assert dom.text(html).split() == ["first", "deepest", "last"]


@pytest.mark.parametrize("name", inertness.PAYLOADS)
def test_render__hostile_text_is_inert(name: str) -> None:
    payload = inertness.PAYLOADS[name]
    link = {"e": "link", "u": payload, "t": payload, "a": payload}
    blocks = [{"e": e, "c": [text(payload, [1, 0, 3])]} for e in ("par", "h", "code", payload)]
    media = {"e": "img", "id": payload, "c": payload}
    html = rtjson.render({"document": [*blocks, {"e": "par", "c": [link]}, media]})
    assert find_live_parts(html) == []


ALLOWED = {"a": "href title", "td": "align", "th": "align", "span": "class", "div": "class"} | {
    "img": "src width height",
    "p": "",
    "em": "",
    "strong": "",
    "del": "",
    "sup": "",
    "br": "",
    "code": "",
    "pre": "",
    "ul": "",
    "ol": "",
    "li": "",
    "hr": "",
    "blockquote": "",
    "table": "",
    "thead": "",
    "tbody": "",
    "tr": "",
    "h1": "",
    "h2": "",
    "h3": "",
    "h4": "",
    "h5": "",
    "h6": "",
}
"""The elements of Reddit's HTML and their attributes."""


def find_live_parts(html: str) -> list[str]:
    """The elements, attributes and links of a text that Reddit never makes of what one types."""
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
    assert body is not None
    found = []
    for node in body.css("*"):
        if node.tag == "body":
            continue
        if not set(node.attributes) <= set(ALLOWED.get(node.tag or "", "-").split()):
            found.append(str(node.html))
        address = node.attributes.get("href") or node.attributes.get("src") or "/"
        if not re.match(r"https?://|mailto:|/|#", address, re.IGNORECASE):
            found.append(address)
    return found


def check_documents(seeds: Iterable[int]) -> None:
    for seed in seeds:
        nodes = rich_texts.grow_document(random.Random(seed))
        html = rtjson.render({"document": nodes})
        parsed = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
        shown = "".join((parsed.text() if parsed else "").split())
        assert shown == rich_texts.collect_words(nodes), seed
        assert find_live_parts(html) == [], seed


def check_any_json(seeds: Iterable[int]) -> None:
    for seed in seeds:
        rng = random.Random(seed)
        document, media = rich_texts.grow_json(rng), rich_texts.grow_json(rng)
        assert find_live_parts(rtjson.render({"document": document}, media)) == [], seed


def test_render__random_documents_keep_their_words() -> None:
    check_documents(range(120))


@pytest.mark.slow
def test_render__many_random_documents_keep_their_words() -> None:
    check_documents(range(120, 20_000))


def test_render__any_json_gives_safe_html() -> None:
    check_any_json(range(300))


@pytest.mark.slow
def test_render__much_json_gives_safe_html() -> None:
    check_any_json(range(300, 50_000))


def test_render__a_link_to_a_script_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeded fault: every address is taken for one that Reddit links."""
    monkeypatch.setattr(rtjson_text.links, "resolve", lambda url: url)
    with pytest.raises(AssertionError):
        check_documents(range(120))


def test_render__a_lost_word_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeded fault: unknown nodes are dropped."""
    monkeypatch.setattr(rtjson, "_is_block", lambda node: node.get("e") == "par")
    with pytest.raises(AssertionError):
        check_documents(range(120))
