"""The HTML of rich text on web pages becomes what Reddit's API would have."""

import gzip
import json
import re
from itertools import islice
from pathlib import Path

import pytest

from reddit_archive import markup
from reddit_archive.quote import html_outline
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.rich_text import html_cleaner

PICTURE = "https://preview.redd.it/a-title-v0-abc123.jpeg?width=640&amp;s=0a1b"
GIPHY = "https://external-preview.redd.it/xyz.gif?width=200&amp;s=77"


def clean(html: str) -> str:
    """Clean a text, and return it without the <div> around it."""
    node = dom.parse(f"<!DOCTYPE html><main>{html}</main>").css_first("main")
    assert node is not None
    return html_cleaner.clean(node).removeprefix('<div class="md">').removesuffix("\n</div>")


def test_clean__paragraphs_have_the_form_of_the_api() -> None:
    html = (
        '<div dir="auto" class="py-0">\n <p>\n  one\n </p><p class="x">two<br> three </p>\n</div>'
    )
    assert clean(html) == "<p>one</p>\n\n<p>two<br/>\nthree</p>"


def test_clean__no_text_is_nothing() -> None:
    assert clean(" <div><p> </p><svg><text>x</text></svg></div>") == ""


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p><b>a</b> <i>b</i> <s>c</s> <sup>d</sup></p>", "<p><strong>a</strong> <em>b</em> "),
        ("<p><code>a  &lt;b&gt;</code></p>", "<p><code>a &lt;b&gt;</code></p>"),
        ("<pre>\n  <code>  a\n   b\n</code>\n</pre>", "<pre><code>  a\n   b\n</code></pre>"),
        ("<h2 class='x'> a </h2><hr class='y'>", "<h2>a</h2>\n\n<hr/>"),
        ("<blockquote> <p> a </p></blockquote>", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("loose<p>text</p>", "<p>loose</p>\n\n<p>text</p>"),
        ("<p>\u200b</p><p>a\xa0b</p>", "<p>\u200b</p>\n\n<p>a\xa0b</p>"),
        ("<article>a</article><article>b</article>", "<p>a</p>\n\n<p>b</p>"),
    ],
)
def test_clean__keeps_what_an_author_can_write(html: str, expected: str) -> None:
    assert clean(html).startswith(expected)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ul><li><p> a </p></li><li><p>b</p></li></ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("<ol start='3'><li><p>a</p></li></ol>", '<ol start="3">\n<li>a</li>\n</ol>'),
        (
            "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>",
            "<ul>\n<li>a\n\n<ul>\n<li>b</li>\n</ul></li>\n</ul>",
        ),
        ("<ul><li><p>a</p><p>b</p></li></ul>", "<ul>\n<li><p>a</p>\n\n<p>b</p></li>\n</ul>"),
    ],
)
def test_clean__a_list_without_gaps_has_no_paragraphs(html: str, expected: str) -> None:
    assert clean(html) == expected


def test_clean__a_table_keeps_its_alignment() -> None:
    head = "<th style='text-align: right'> a </th><th class='text-center'><p>b</p></th>"
    html = (
        f"<div><table class='x'><tr>{head}</tr><tr><td align='LEFT'>1</td><td>2</td></tr></table>"
    )
    expected = (
        '<table><thead>\n<tr>\n<th align="right">a</th>\n<th align="center">b</th>\n</tr>\n</thead>'
        '<tbody>\n<tr>\n<td align="left">1</td>\n<td>2</td>\n</tr>\n</tbody></table>'
    )
    assert clean(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<p><shreddit-spoiler>a</shreddit-spoiler></p>",
        "<p><shreddit-spoiler><template shadowrootmode='open'><p>x</p></template>a"
        "</shreddit-spoiler></p>",
        "<shreddit-spoiler><p>a</p></shreddit-spoiler>",
        "<p><span class='md-spoiler-text' data-revealed>a</span></p>",
        "<p><span role='button' title='Reveal spoiler'><span>a</span></span></p>",
    ],
)
def test_clean__keeps_spoilers(html: str) -> None:
    assert clean(html) == '<p><span class="md-spoiler-text">a</span></p>'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<a href='/search/?q=a&amp;cId=1'>a</a>", "a"),
        ("<a href='https://www.reddit.com/search/?q=a' rel='nofollow'>a <svg></svg></a>", "a"),
        (
            "<a href='https://www.reddit.com/search?q=a' rel='noopener ugc' target='_blank'>a</a>",
            '<a href="https://www.reddit.com/search?q=a">a</a>',
        ),
        ("<a href='https://x.example/search?q=a'>a</a>", '<a href="https://x.example/search?q=a">'),
        ("<a href='#s' title='b' class='c'>a</a>", '<a href="#s" title="b">a</a>'),
        ("<a href='https://x.example/' title='b'>a</a>", '<a href="https://x.example/">a</a>'),
        ("<a>a</a>", "a"),
    ],
)
def test_clean__unlinks_only_the_searches_of_reddit(html: str, expected: str) -> None:
    assert clean(f"<p>{html}</p>").startswith(f"<p>{expected}")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<a href="{PICTURE}"><img src="data:image/png;base64,AA" alt="Comment Image"></a>', ""),
        (f'<img src="./x_files/abc.jpeg" srcset="{PICTURE} 1x, https://b.example/ 2x">', ""),
        (f'<a href="{PICTURE}"><img src="{PICTURE}"></a><figcaption> A cat </figcaption>', "A cat"),
    ],
)
def test_clean__an_uploaded_picture_is_a_link(html: str, expected: str) -> None:
    label = expected or PICTURE
    assert clean(f"<figure>{html}</figure>") == f'<p><a href="{PICTURE}">{label}</a></p>'


def test_clean__an_animation_stays_an_image_in_its_link() -> None:
    html = f'<figure><a href="https://giphy.com/gifs/x"><img src="{GIPHY}" alt="GIF" width="9"></a>'
    expected = f'<p><a href="https://giphy.com/gifs/x"><img src="{GIPHY}" alt="GIF"/></a></p>'
    assert clean(html) == expected


def test_clean__a_player_without_a_link_is_linked() -> None:
    player = f"<shreddit-async-loader><shreddit-player gif src='{GIPHY}'></shreddit-player>"
    assert clean(f"<figure><a>{player}</a></figure>") == f'<p><a href="{GIPHY}">{GIPHY}</a></p>'


def test_clean__an_emote_stays_an_image() -> None:
    html = "<p>ha <faceplate-img src='https://www.redditstatic.com/joy.gif' alt=':joy:'></p>"
    assert clean(html) == '<p>ha <img src="https://www.redditstatic.com/joy.gif" alt=":joy:"/></p>'


@pytest.mark.parametrize(
    "foreign",
    [
        "<button>x</button>",
        "<svg><title>x</title></svg>",
        "<script>x</script>",
        "<template><b>x</b></template>",
        "<faceplate-screen-reader-content>x</faceplate-screen-reader-content>",
        "<div slot='content' hidden><a href='/user/x'>x</a></div>",
        "<span class='undeleted'>x</span>",
        "<a class='expando-button' href='https://x.example/'>x</a>",
        "<font class='notranslate immersive-translate-target-wrapper'><br>x</font>",
        "<div style='outline: salmon solid; display: inline-block'>x</div>",
        "<shreddit-comment thingid='t1_b'><p>x</p></shreddit-comment>",
    ],
)
def test_clean__drops_what_is_not_the_authors(foreign: str) -> None:
    assert clean(f"<p>a</p>{foreign}") == "<p>a</p>"


@pytest.mark.parametrize("tag", ["blockquote", "b", "div", "ul", "shreddit-spoiler", "figure"])
def test_clean__keeps_the_text_of_any_depth(tag: str) -> None:
    assert "deep" in clean(f"<{tag}>" * 3000 + "deep")


def test_clean__converts_without_loss() -> None:
    html = (
        "<p>\n a <b>b</b> <a href='https://x.example/'>c</a>\n</p><ul><li><p>d</p></li>"
        "<li><p>e</p></li></ul><pre><code>f\n</code></pre><p><shreddit-spoiler>g</shreddit-spoiler>"
    )
    expected = "a **b** [c](https://x.example/)\n\n- d\n- e\n\n```\nf\n```\n\n\\>!g!&lt;"
    assert markup.convert(clean(html)) == expected


def write_as_rich_text(html: str) -> str:
    """Write the API's HTML with the white space and the classes of a page."""
    html = re.sub(r"<(p|h[1-6]|li|ul|ol|blockquote)>", r'<\1 class="x" dir="auto">\n    ', html)
    return re.sub(r"</(p|h[1-6]|li|ul|ol|blockquote)>", r"\n  </\1>", html)


def count_differences(recordings: Path, step: int) -> int:
    """Count the recorded texts that show something else after they were cleaned."""
    with gzip.open(recordings / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["html"] for line in islice(lines, 0, None, step)]
    return sum(
        html_outline.extract_lines(clean(write_as_rich_text(html)))
        != html_outline.extract_lines(html)
        for html in texts
    )


def test_clean__shows_what_recorded_texts_show(recordings: Path) -> None:
    assert count_differences(recordings, 20) <= 1


@pytest.mark.slow
def test_clean__shows_what_all_recorded_texts_show(recordings: Path) -> None:
    assert count_differences(recordings, 1) < 9  # invalid HTML, titles of links, Reddit's searches


def test_clean__animation_of_new_reddit_is_a_link_to_giphy() -> None:
    html = '<a href="https://giphy.com/gifs/x1"><video><source src="https://e.example/x1.mp4"></video></a>'
    assert clean(f"<p>x</p><div>{html}</div>") == (
        '<p>x</p>\n\n<p><a href="https://giphy.com/gifs/x1">gif</a></p>'
    )


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "java\nscript:x", "data:text/html,x", "x.htm"]
)
def test_clean__link_that_reddit_would_not_make_is_only_its_text(href: str) -> None:
    assert clean(f'<p><a href="{href}">x</a></p>') == "<p>x</p>"
