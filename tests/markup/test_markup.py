"""The Markdown shows what Reddit shows, and nothing that an author typed is live."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from markdownify import markdownify

from reddit_archive import markup
from tests.support import dom
from tests.support.markup_cases import CASE_LIST, CASES, SAME

DEPTHS = (0, 1, 2, 3)


def render(markdown: str) -> str:
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    return cmarkgfm.github_flavored_markdown_to_html(markdown, options)


def shows(html: str, markdown: str, depth: int = 0) -> bool:
    """Return whether Markdown in nested quotes shows the same as the HTML."""
    shown = dom.extract_lines(render(dom.quoted(markdown, depth)))
    expected = dom.extract_lines(html)
    if not expected:  # an empty quote is a line
        return not any(runs for _, runs in shown)
    return dom.unquoted(shown, depth) == expected


def named(some: list[tuple[str, str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("html", "expected"), [case[1:] for case in some], ids=[case[0] for case in some]
    )


# Cases


def test_cases__are_all_read():
    titles = sum(path.read_text("utf-8").count("`html\n") for path in CASES.glob("*.md"))
    assert len(CASE_LIST) == titles > 80


@named(CASE_LIST)
def test_convert__writes_what_the_case_says(html: str, expected: str):
    assert markup.convert(html) == expected


@pytest.mark.parametrize("depth", DEPTHS)
@named(SAME)
def test_convert__shows_its_source_in_quotes(html: str, expected: str, depth: int):
    assert shows(html, expected, depth)


@named(SAME)
def test_convert__between_other_blocks(html: str, expected: str):
    page = f"[a]: /x\n[b]: /x\n[1]: /x\n[y]: /x\n[z]: /x\n\nbefore\n\n{expected}\n\nafter"
    assert shows(f"<p>before</p>{html}<p>after</p>", page)


def test_control__plain_markdownify_fails_many_of_these_cases():
    failed = [title for title, html, _ in SAME if not shows(html, markdownify(html))]
    assert len(failed) > len(SAME) / 3


def test_convert__empty_html():
    assert markup.convert("") == markup.convert("<!-- SC_OFF --><!-- SC_ON -->") == ""


def test_convert__unknown_target():
    with pytest.raises(ValueError, match="Unknown target 'papyrus'"):
        markup.convert("<p>x</p>", target="papyrus")


# Inertness

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "![x](http://evil.example/x.png)",
    "![x][1]",
    "[x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '"><b onmouseover=x>',
    "</code></pre><script>x</script>",
    "{{ site.secret }}{% include x %}",
    "`</code>` **x** _y_ ~~z~~",
    "[x]: javascript:alert(1)",
]
INERT = frozenset(
    {"p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "table"}
    | {"thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "a", "sup"}
)
PLACES = [
    "<p>{}</p>",
    "<p>a<br/>{}</p>",
    "<h1>{}</h1>",
    "<p><em>{}</em>b</p>",
    "<p><code>{}</code></p>",
    "<pre><code>{}</code></pre>",
    "<ul><li>{}</li></ul>",
    '<p><a href="https://example.com">{}</a></p>',
    '<p><a href="https://example.com" title="{}">x</a></p>',
    "<table><thead><tr><th>{}</th></tr></thead><tbody><tr><td>{}</td></tr></tbody></table>",
    "<table><thead><tr><th>{}</th></tr></thead></table>",
    '<p><span class="md-spoiler-text">{}</span></p>',
    '<p><img src="https://i.redd.it/x.png" alt="{}"></p>',
]


def live(html: str) -> list[str]:
    """Return the elements, attributes and URLs that are not allowed in a quote.

    The image in PLACES is allowed, because Reddit shows it.
    """
    html = re.sub(r'<img src="https://i\.redd\.it/x\.png" alt="[^"<>]*" />', "", html)
    tags = re.findall(r"<([a-z][\w-]*)", html, re.IGNORECASE)
    attributes = re.findall(r'<\w+[^>]*?\s([\w-]+)="', html)
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    return [
        *(tag for tag in tags if tag not in INERT),
        *(name for name in attributes if name not in {"href", "src", "title", "align", "start"}),
        *(
            url
            for url in addresses
            if re.match(r"(?!https?:|mailto:)[a-z][\w+.-]*:", url, re.IGNORECASE)
        ),
    ]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_convert__typed_payload_is_inert(payload: str, place: str):
    typed = payload.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    markdown = markup.convert(place.replace("{}", typed))
    assert live(render(markdown)) == []
    assert "{{" not in markdown
    assert "{%" not in markdown


@pytest.mark.parametrize("payload", PAYLOADS)
def test_escape_text__typed_payload_is_inert(payload: str):
    heading = (
        f"### {markup.format_link(payload, 'https://example.com/')} {markup.escape_text(payload)}"
    )
    assert live(render(heading)) == []
    assert "{{" not in heading


def test_control__live_html_is_found():
    assert live('<p onclick="x"><img src="http://x"><a href="javascript:x">y</a></p>') == [
        "img",
        "onclick",
        "javascript:x",
    ]
    assert live('<img src="https://i.redd.it/x.png" alt="" onload="y" />') == ["img"]


@pytest.mark.parametrize(
    "href",
    [
        "javascript:x",
        "JavaScript:x",
        " java\tscript:x",
        "\x01javascript:x",
        "data:,x",
        "vbscript:x",
    ],
)
def test_convert__other_schemes_are_not_linked(href: str):
    assert markup.convert(f'<p><a href="{href}">text</a></p>') == "text"
    assert markup.format_link("text", href) == "text"


def test_convert__control_characters_are_dropped():
    html = "<p>a\x1b[2Jb\x00c\u202ed\u2066e&#27;f</p><pre>g\x1b[m\u202eh</pre>"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", markup.convert(html))
    assert markup.escape_text("a\x1b[2Jb\nc\ud800") == r"a\[2Jb c"


@settings(deadline=None)  # the machine may be busy
@given(st.text(st.sampled_from("<>/![]-?&;#x\"'= abpdiv\x00\n"), max_size=60))
def test_convert__any_text_is_html(html: str):
    assert live(render(markup.convert(html))) == []


def test_convert__a_path_is_text():
    assert markup.convert("/etc/passwd") == "/etc/passwd"


@pytest.mark.parametrize(
    "html", ["<![CDATA[x]]>", "<!-- x -->", "<script>x</script>", "<style>x</style>", "<?x?>"]
)
def test_convert__invisible_elements_are_dropped(html: str):
    assert markup.convert(f"<p>a{html}b</p>") == "ab"


# Depth, length, cost


@pytest.mark.parametrize("tag", ["blockquote", "div", "em", "sup", "ul", "li", "span", "b", "q"])
def test_convert__deep_html_keeps_every_character(tag: str):
    markdown = markup.convert(f"<{tag}>x" * 5000 + f"</{tag}>" * 5000)
    assert markdown.count("x") == 5000


def test_convert__deep_tables_and_links():
    assert "y" in markup.convert("<table><tr><td>" * 5000 + "y")
    assert "y" in markup.convert('<a href="https://example.com">' * 5000 + "y")


def test_convert__other_blocks_are_left_to_markdownify():
    html = "<details><summary>More</summary><p>a*b</p></details><center>c</center>"
    assert markup.convert(html) == "More\n\na*b\n\nc"


def test_convert__reddits_own_html_loads_no_markdownify():
    html = "".join(html for _, html, _ in SAME if not re.search("<(details|center|form)", html))
    code = f"import sys\nfrom reddit_archive import markup\nmarkup.convert({html!r})\n"
    code += "print({'bs4', 'markdownify'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_import__loads_no_parser():
    parsers = "{'bs4', 'markdownify', 'selectolax'}"
    code = f"import sys, reddit_archive.markup; print({parsers} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


# Plain text

plain = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("*_`[]<>&~|\\{}!#-+.:$^ 1")
)


def as_shown(text: str) -> str:
    """Return the visible part of a text as one line."""
    text = re.sub(r"[ \t\n\r\x0b\x0c\x85]+", " ", text)
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "", text)


def collapsed(text: str) -> str:
    return re.sub(" +", " ", text).strip(" ")


@given(plain)
def test_escape_text__shows_the_same_characters(text: str):
    expected = collapsed(as_shown(text))
    for frame in ("{}", "### {}", "> {}", "[{}](https://example.com)", "- {}"):
        shown = dom.text(render(frame.format(markup.escape_text(text))))
        assert collapsed(as_shown(shown)) == expected


@given(plain)
def test_escape_text__is_one_line(text: str):
    assert len(markup.escape_text(text).splitlines()) <= 1


@pytest.mark.parametrize(
    "title", ["snake_case in C++", "a.b - 3 * 2", "[D] 1984", "50% off!", "I'm 5'11\""]
)
def test_escape_text__stays_readable(title: str):
    assert markup.escape_text(title).replace("\\[", "[").replace("\\]", "]") == title


def test_format_link__label_and_url():
    assert (
        markup.format_link("a_b [c]", "https://example.com/x y")
        == r"[a_b \[c\]](https://example.com/x%20y)"
    )
    assert markup.format_link("mail", "mailto:a@example.com") == "[mail](mailto:a@example.com)"
    assert markup.format_link("path", "/r/x") == "path"


# Any HTML of Reddit's kind

words = st.text(st.sampled_from("ab 1*_`[]<>&~|\\{}!#-+.:$^()\"'é“\u00a0"), min_size=1, max_size=8)
escaped = words.map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tags = st.sampled_from(["em", "strong", "del", "sup"])
    styled = st.tuples(tags, inner).map(lambda pair: "<{0}>{1}</{0}>".format(*pair))
    linked = escaped.map(lambda text: f'<a href="https://example.com/a_(b)">{text}</a>')
    coded = escaped.map(lambda text: f"<code>x{text}x</code>")
    return st.lists(escaped | styled | linked | coded, min_size=1, max_size=4).map("".join)


inline = st.recursive(escaped, _wrapped, max_leaves=8)
paragraph = inline.map(lambda text: f"<p>{text}</p>")
quote = st.lists(paragraph, min_size=1, max_size=2).map(
    lambda blocks: f"<blockquote>{''.join(blocks)}</blockquote>"
)
bullets = st.tuples(st.sampled_from(["ul", "ol"]), st.lists(inline, min_size=1, max_size=3)).map(
    lambda pair: f"<{pair[0]}>{''.join(f'<li>{item}</li>' for item in pair[1])}</{pair[0]}>"
)
heading = inline.map(lambda text: f"<h2>{text}</h2>")
code = st.lists(escaped, max_size=3).map(
    lambda rows: f"<pre><code>{chr(10).join(rows)}\n</code></pre>"
)
row = st.lists(inline, min_size=2, max_size=2)
table = st.lists(row, min_size=2, max_size=3).map(
    lambda rows: "<table><thead>{}</thead><tbody>{}</tbody></table>".format(
        cells(rows[0], "th"), "".join(cells(row, "td") for row in rows[1:])
    )
)
document = st.lists(
    paragraph | quote | bullets | heading | code | table, min_size=1, max_size=3
).map("".join)


def cells(texts: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in texts) + "</tr>"


@given(document, st.integers(0, 3))
def test_convert__shows_any_source_in_quotes(html: str, depth: int):
    assert shows(html, markup.convert(html), depth)


# The comparison itself


@pytest.mark.parametrize(
    ("html", "other"),
    [
        ("<p>ab</p>", "<p>a b</p>"),
        ("<p>a</p><p>b</p>", "<p>a b</p>"),
        ("<p><em>a</em></p>", "<p>a</p>"),
        ("<p>a<br>b</p>", "<p>a b</p>"),
        ("<h1>a</h1>", "<h2>a</h2>"),
        ("<ul><li>a</li></ul>", "<ol><li>a</li></ol>"),
        ("<ol><li>a</li></ol>", '<ol start="2"><li>a</li></ol>'),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<ul><li></li><li>b</li></ul>", "<ul><li>b</li></ul>"),
        ("<blockquote><p>a</p></blockquote><p>b</p>", "<blockquote><p>a</p><p>b</p></blockquote>"),
        ("<p>a</p><hr>", "<p>a</p>"),
        ('<p><a href="https://a.b">c</a></p>', '<p><a href="https://a.b/d">c</a></p>'),
        ('<p><a href="https://a.b">c</a></p>', "<p>c</p>"),
        ('<p><a href="https://a.b" title="t">c</a></p>', '<p><a href="https://a.b">c</a></p>'),
        ("<pre><code>a\n b</code></pre>", "<pre><code>a\nb</code></pre>"),
        ("<p><code>a</code></p>", "<pre><code>a</code></pre>"),
        ('<table><tr><td align="right">a</td></tr></table>', "<table><tr><td>a</td></tr></table>"),
        ("<table><tr><td>a</td><td></td></tr></table>", "<table><tr><td>a</td></tr></table>"),
        ("<p>a</p>", '<p>a<img src="x"></p>'),
        ("<p>a&nbsp;b</p>", "<p>a b</p>"),
    ],
)
def test_extract_lines__finds_planted_defects(html: str, other: str):
    assert dom.extract_lines(html) != dom.extract_lines(other)


@pytest.mark.parametrize(
    ("html", "other"),
    [
        ("<p>a  b</p>", "<p>a\nb</p>\n"),
        ("<ul><li>a</li></ul>", "<ul>\n<li>\n<p>a</p>\n</li>\n</ul>"),
        ("<p><em><strong>a</strong></em></p>", "<p><strong><em>a</em></strong></p>"),
        ("<p><em>a</em> <em>b</em></p>", "<p><em>a b</em></p>"),
        ("<p>a<br>\nb</p>", "<p>a<br/>b</p>"),
        ("<p>&#39;</p>", "<p>'</p>"),
        ('<p><a href="/r/x">x</a></p>', '<p><a href="https://www.reddit.com/r/x">x</a></p>'),
        ("<p>a</p><!-- b -->", "<p>a</p>"),
    ],
)
def test_extract_lines__ignores_invisible_differences(html: str, other: str):
    assert dom.extract_lines(html) == dom.extract_lines(other)


def test_unquoted__finds_text_outside_of_the_quote():
    assert dom.unquoted(dom.extract_lines("<blockquote><p>a</p></blockquote><p>b</p>"), 1) is None


# Recorded texts


def test_recorded_texts__show_the_same_as_on_reddit(recordings: Path):
    pairs = recordings / "pairs.jsonl.gz"
    if not pairs.exists():
        pytest.skip("no recorded texts")
    with gzip.open(pairs, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for number, line in enumerate(lines) if number % 20 == 0]
    failed = [row["id"] for row in rows if not shows(row["html"], markup.convert(row["html"]), 2)]
    assert failed == []
