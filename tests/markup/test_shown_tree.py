"""Texts since 2019 show what Reddit's own pages show: emotes, uploads, addresses and spoilers."""

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from reddit_archive import markup
from reddit_archive.markup import shown_tree, targets
from reddit_archive.markup.snudown import render

EMOTE = "https://reddit-econ-prod-assets-permanent.s3.amazonaws.com/asset-manager/t5_x/Ab.png"
UPLOAD = "https://preview.redd.it/upl0ad1.png?width=1&s=2"
GIF = "https://media1.giphy.com/media/Ab1/giphy.gif"
MEDIA = {
    "emote|t5_x|2028": {"e": "Image", "t": "sticker", "s": {"u": EMOTE}},
    "emote|t5_x|lost": {"status": "invalid"},
    "upl0ad1": {"e": "Image", "s": {"u": UPLOAD.replace("&", "&amp;")}},
    "film0123": {"e": "RedditVideo", "id": "film0123"},
    "pending1": {"status": "unprocessed"},
    "giphy|Ab1": {"e": "AnimatedImage", "t": "giphy", "s": {"gif": GIF}},
}
HIDDEN = '<span class="md-spoiler-text">'
SHOWN = {
    ":2028:": f"[:2028:]({EMOTE})",
    "12:2028:7": f"12[:2028:]({EMOTE})7",
    ":lost: :other: 10:20:30": ":lost: :other: 10:20:30",
    "<em>Processing img upl0ad1...</em>": f"[picture]({UPLOAD})",
    "<em>Processing gif upl0ad1\u2026</em>": f"[gif]({UPLOAD})",
    "<em>Processing video film0123...</em>": "[video](https://v.redd.it/film0123)",
    "<em>Processing img pending1...</em>": "*Processing img pending1...*",
    "<em>Processing img unknown1...</em>": "*Processing img unknown1...*",
    "![img](emote|t5_x|2028)": f"[:2028:]({EMOTE})",
    "![gif](giphy|Ab1|downsized)": "[gif](https://giphy.com/gifs/Ab1)",
    '<em><a href="https://example.org">picture</a></em>': "*[picture](https://example.org)*",
}


@pytest.mark.parametrize(("html", "written"), SHOWN.items())
def test_media__resolved_from_metadata(html: str, written: str) -> None:
    assert markup.convert(f"<p>{html}</p>", media_metadata=MEDIA) == written


@pytest.mark.parametrize(
    ("token", "written"),
    [
        ("![gif](giphy|Ab1)", "[gif](https://giphy.com/gifs/Ab1)"),
        ("![gif](giphy|Ab1|downsized)", "[gif](https://giphy.com/gifs/Ab1)"),
        ("![img](emote|free_emotes_pack|joy)", "(emote joy of free_emotes_pack)"),
        ("![img](upl0ad1)", "!\\[img\\](upl0ad1)"),
    ],
)
def test_media__tokens_without_metadata(token: str, written: str) -> None:
    assert markup.convert(render(token)) == written
    assert markup.convert(f"<p>{token}</p>") == written


@pytest.mark.parametrize(
    "token", ["![img](emote|t5_x|2028)", "![gif](giphy|Ab1)", "![img](upl0ad1)"]
)
def test_media__targets_agree_on_the_address(token: str) -> None:
    addresses = {"2028": EMOTE, "Ab1": "https://giphy.com/gifs/Ab1", "upl0ad1": UPLOAD}
    address = next(url for name, url in addresses.items() if name in token)
    for target in targets.NAMES:
        for html in (render(token, MEDIA), f"<p>{token}</p>"):
            text = markup.convert(html, target=target, media_metadata=MEDIA)
            assert address in text.replace("&amp;", "&")
        typed = markup.convert("<p>x</p>", target="reddit", body=token, media_metadata=MEDIA)
        assert address in typed


def test_media__upload_in_a_typed_text_for_reddit() -> None:
    body = "see *Processing img upl0ad1...* and *Processing img pending1...*"
    text = markup.convert("<p>x</p>", target="reddit", body=body, media_metadata=MEDIA)
    assert text == f"see [picture]({UPLOAD}) and *Processing img pending1...*"


@pytest.mark.parametrize("target", ["markdown", "commonmark", "jekyll", "obsidian", "html"])
def test_embed__alternative_text_is_short(target: str) -> None:
    href = UPLOAD.replace("&", "&amp;")
    html = f'<p>:2028: <a href="{href}">{href}</a> <a href="{href}">a loaf</a></p>'
    sources = {EMOTE: "emote.png", UPLOAD: "loaf.png"}
    text = markup.convert(html, target=target, media_metadata=MEDIA, image_sources=sources)
    is_html = target == "html"
    for alt, file in ((":2028:", "emote"), ("picture", "loaf"), ("a loaf", "loaf")):
        image = f'<img src="{file}.png" alt="{alt}">' if is_html else f"![{alt}]({file}.png)"
        assert image in text


# Addresses


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (r"https://example.org/cookie\_shark\_2", "https://example.org/cookie_shark_2"),
        (r"www.example.org/a\_b", "http://www.example.org/a_b"),
        (r"https://example.org/\~me/\*", "https://example.org/~me/*"),
        (r"[words](https://example.org/a%5C_b)", "https://example.org/a%5C_b"),
        (r"https://example.org/a\b", "https://example.org/a%5Cb"),
    ],
)
def test_address__leads_where_new_reddit_leads(typed: str, address: str) -> None:
    html = markup.convert(render(typed), target="html").replace("%7E", "~")
    assert f'href="{address}"' in html


# Spoilers


@pytest.mark.parametrize("target", ["jekyll", "obsidian", "html"])
def test_spoiler__is_reddits_element_where_a_page_can_hide_it(target: str) -> None:
    html = f"<p>He is {HIDDEN}the <em>father</em></span>.</p>"
    text = markup.convert(html, target=target)
    assert text.replace("<em>", "*").replace("</em>", "*").strip("</p>") == (
        f"He is {HIDDEN}the *father*</span>."
    )


@pytest.mark.parametrize("target", ["markdown", "commonmark", "text", "reddit"])
def test_spoiler__is_marked_elsewhere(target: str) -> None:
    text = markup.convert(f"<p>He is {HIDDEN}the father</span>.</p>", target=target)
    assert text == "He is >!the father!<."


@pytest.mark.parametrize("target", ["jekyll", "obsidian"])
def test_spoiler__that_begins_with_a_break_starts_no_block_of_html(target: str) -> None:
    html = f"<p>{HIDDEN} <br>the <em>father</em></span></p>"
    assert markup.convert(html, target=target) == f"{HIDDEN}the *father*</span>"


BLOCK_SPOILER = (
    '<blockquote class="md-spoiler-text"><p>one</p><ul><li>two</li></ul>'
    "<table><tr><td>three</td></tr></table></blockquote>"
)


@pytest.mark.parametrize("target", targets.NAMES)
def test_block_spoiler__each_text_in_it_is_marked(target: str) -> None:
    text = markup.convert(BLOCK_SPOILER, target=target)
    shown = text if target in ("text", "reddit", "html") else _show(text)
    shown = shown.replace("&gt;", ">").replace("&lt;", "<")
    marks = (HIDDEN, "</span>") if HIDDEN in shown else (">!", "!<")
    assert all(f"{marks[0]}{word}{marks[1]}" in shown for word in ("one", "two", "three"))


def _show(markdown: str) -> str:
    options = Options.CMARK_OPT_UNSAFE
    return str(cmarkgfm.github_flavored_markdown_to_html(markdown, options=options))


def test_control__block_spoiler_without_marks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_tree, "_hide_block_spoilers", lambda root: None)
    with pytest.raises(AssertionError):
        test_block_spoiler__each_text_in_it_is_marked("html")
