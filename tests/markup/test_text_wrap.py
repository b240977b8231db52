"""The target `text` is wrapped so that every line means what it meant before."""

import random

import pytest

from reddit_archive import markup
from reddit_archive.markup import text_wrap
from reddit_archive.markup.display_width import measure
from reddit_archive.markup.text_wrap import wrap

URL = "https://example.com/a/long/address/that/nobody/may/break?a=1&b=2"
WORDS = "one two three four five six seven eight nine ten eleven twelve"


def convert(html: str, width: int = 40) -> list[str]:
    return markup.convert(html, target="text", width=width).split("\n")


def test_wrap__fills_lines() -> None:
    assert wrap("aa bb cc dd ee ff gg hh", 20) == "aa bb cc dd ee ff gg\nhh"


def test_wrap__zero_is_no_wrapping() -> None:
    assert convert(f"<p>{WORDS}</p>", 0) == [WORDS]


@pytest.mark.parametrize("word", [">", ">>", ">!it", "-", "*", "1.", "12)", "#", "--"])
def test_wrap__no_line_begins_with_a_mark(word: str) -> None:
    lines = wrap(f"{WORDS} {word} ".replace(" ", f" {word} ", 30), 24).split("\n")
    assert len(lines) > 3
    assert not any(line.startswith(word) for line in lines)


def test_wrap__an_address_stays_whole() -> None:
    html = f'<p>{WORDS} <a href="{URL}">a link</a> {WORDS} <a href="{URL}">{URL}</a></p>'
    assert "\n".join(convert(html.replace("&b", "&amp;b"))).count(URL) == 2


@pytest.mark.parametrize(
    "typed",
    [
        "[text] (http://e.com/a_b)",
        "[text](http://e.com title words)",
        "(text)[http://e.com/a]",
        "(text) [http://e.com/a]",
    ],
)
def test_wrap__a_mistyped_link_stays_together(typed: str) -> None:
    for start in range(1, len(WORDS)):
        text = wrap(f"{WORDS[:start]} {typed} {WORDS}", 40)
        assert typed.removeprefix("[text").removeprefix("(text") in text


@pytest.mark.parametrize("target", sorted({*markup.targets.NAMES} - {"text", "reddit"}))
def test_convert__a_mistyped_link_is_readable(target: str) -> None:
    link = '<a href="http://e.com/a_b">http://e.com/a_b</a>'
    html = f"<p>[text] ({link}) [text]({link} title) (text)[{link}]</p>"
    text = markup.convert(html, target=target).replace("\\", "")
    assert text.count("http://e.com/a_b") >= 3
    assert "[text] (<" in text
    assert " title)" in text


@pytest.mark.parametrize(
    ("href", "label"),
    [
        ("http://www.e.com/a", "www.e.com/a"),
        ("https://e.com/a", "https://e.com/a"),
        ("http://e.com/a%5D(b)", "http://e.com/a](b)"),
        ("mailto:a@e.com", "a@e.com"),
    ],
)
def test_convert__an_address_is_shown_once(href: str, label: str) -> None:
    assert convert(f'<p>[<a href="{href}">{label}</a>]</p>') == [f"[{label}]"]


def test_wrap__chinese_is_broken_between_characters() -> None:
    lines = wrap("\u65e5\u672c\u8a9e\u3002" * 12, 20).split("\n")
    assert [measure(line) <= 20 for line in lines] == [True] * len(lines)
    assert len(lines) > 3
    assert not any(line.startswith("\u3002") for line in lines)


def test_wrap__korean_is_broken_at_spaces() -> None:
    word = "\ud55c\uad6d\uc5b4"
    assert set(wrap(" ".join([word] * 20), 20).replace("\n", " ").split(" ")) == {word}


def test_convert__code_is_not_wrapped() -> None:
    assert convert(f"<pre><code>{WORDS}\n</code></pre>") == [f"    {WORDS}"]


def test_convert__marks_of_quotes_and_lists_are_on_each_line() -> None:
    quote = convert(f"<blockquote><p>{WORDS}</p></blockquote>")
    items = convert(f"<ol><li>{WORDS}<ul><li>{WORDS}</li></ul></li></ol>")
    assert all(line.startswith("> ") and len(line) <= 40 for line in quote)
    assert all(line.startswith(("1. ", "   ")) and len(line) <= 40 for line in items)
    assert "     eight" in "\n".join(items)


def test_convert__fuzzed_paragraphs_lose_no_word() -> None:
    chance = random.Random(7)
    pieces = ["a", "bcd", ">", "1.", "\u65e5\u672c", "(", "[x]", "(http://e.com/", ")", URL, "-"]
    for _ in range(300):
        words = chance.choices(pieces, k=30)
        text = wrap(" ".join(words), 30)
        assert "".join(text.split()) == "".join(words)
        assert all(measure(line) <= 30 or " " not in line for line in text.split("\n")), text


def test_control__a_broken_address_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        text_wrap, "wrap", lambda text, width: "\n".join(text[i : i + 40] for i in (0, 40))
    )
    assert URL not in "\n".join(convert(f'<p>see <a href="{URL}">{URL}</a></p>'))


# Tables

TABLE = """<table><thead><tr><th align="left">Name</th><th align="right">n</th>
<th align="center">where</th></tr></thead><tbody>
<tr><td align="left">\u65e5\u672c</td><td align="right">5</td><td align="center">x</td></tr>
<tr><td align="left">\U0001f35e</td><td align="right">200</td><td align="center">y</td></tr>
</tbody></table>"""


def test_convert__a_table_is_aligned_by_width_and_alignment() -> None:
    assert convert(TABLE) == [
        "Name     n   where",
        "----   ---   -----",
        "\u65e5\u672c     5     x",
        "\U0001f35e     200     y",
    ]


def test_convert__a_table_that_is_too_wide_has_a_line_for_each_field() -> None:
    cell = f"<td>{WORDS}</td>"
    html = f"<table><thead><tr><th>A</th><th>B</th></tr></thead><tr>{cell * 2}</tr></table>"
    lines = convert(html)
    assert [line[:3] for line in lines if line[0] != " "] == ["A: ", "B: "]
    assert all(len(line) <= 40 for line in lines)


def test_convert__a_cell_over_two_columns_moves_no_other_cell() -> None:
    html = '<table><tr><th>a</th><th>b</th><th>c</th></tr><tr><td colspan="2">1</td><td>2</td></tr>'
    assert convert(html)[-1] == "1       2"
