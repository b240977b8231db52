"""Excerpts: words are found as a reader sees them, and the cut text keeps its markup."""

import random
import re
from pathlib import Path

import pytest

from reddit_archive import errors, markup, quote
from reddit_archive.markup import find_text, html_parser, html_slice
from reddit_archive.markup.targets import NAMES
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection
from reddit_archive.quote.html_outline import extract_lines
from tests.conftest import EXAMPLES, Run
from tests.support import dom, renderers, story
from tests.support.inertness import build_document, find_live_html, find_live_text, iter_rendered
from tests.support.quoted_threads import load

TEXT = (
    "<p>One page per <em>bake</em>, with the <a href='https://e.example/'>advice quoted</a>.</p>"
    "<ol><li>who said it</li><li>when <strong>they said</strong> it</li><li>all of it</li></ol>"
    "<blockquote><p>It\u2019s “fine” — really…</p></blockquote>"
    "<pre><code>\na = 1\n\nb = 2\n</code></pre>"
)
LINK = '<a href="https://e.example/">advice quoted</a>'
TABLE = (
    "<table><thead><tr><th>what</th><th>g</th></tr></thead><tbody><tr><td>flour</td><td>500</td>"
    "</tr><tr><td>water</td><td>350</td></tr></tbody></table>"
)


def shown(html: str) -> str:
    return find_text.extract_text(html_parser.parse(html)).visible


def cut(excerpt: str, html: str = TEXT) -> str:
    return html_slice.cut_excerpt(html, excerpt, omission_mark="[…]")


@pytest.mark.parametrize(
    ("excerpt", "expected"),
    [
        ("One page per bake", "<p>One page per <em>bake</em> […]</p>"),
        ("page … quoted.", f"<p>[…] page per <em>bake</em>, with the {LINK}.</p><p>[…]</p>"),
        ("ADVICE  quot … ed", f"<p>[…] {LINK} […]</p>"),
        (
            "when **they said** it",
            '<p>[…]</p><ol start="2"><li>when <strong>they said</strong> it</li></ol><p>[…]</p>',
        ),
        (
            "who said it when they",
            "<p>[…]</p><ol><li>who said it</li><li>when <strong>they</strong> […]</li></ol>",
        ),
        ('"fine" -', "<blockquote><p>[…] “fine” — […]</p></blockquote>"),
        (
            "really... a = 1",
            "<blockquote><p>[…] really…</p></blockquote><pre><code>\na = 1</code></pre><p>[…]</p>",
        ),
        ("b = …", "<p>[…]</p><pre><code>b = 2</code></pre>"),
        ("… per", "<p>One page per […]</p>"),
    ],
)
def test_cut_excerpt__keeps_the_markup(excerpt: str, expected: str) -> None:
    assert cut(excerpt) == expected


def test_cut_excerpt__row_of_a_table_keeps_its_columns() -> None:
    assert cut("500 … water", TABLE) == (
        "<p>[…]</p><table><thead><tr><th></th><th></th></tr></thead><tbody><tr><td></td><td>500</td></tr>"
        "<tr><td>water</td><td></td></tr></tbody></table><p>[…]</p>"
    )


def test_cut_excerpt__media_tokens_count_as_shown() -> None:
    media = {"giphy|x": {"s": {"gif": "https://i.giphy.com/x.gif"}}}
    html = html_slice.cut_excerpt(
        "<p>so ![gif](giphy|x) there</p>", "gif there", omission_mark="", media_metadata=media
    )
    assert html == '<p><a href="https://giphy.com/gifs/x">gif</a> there</p>'


@pytest.mark.parametrize(
    ("excerpt", "message"),
    [
        ("two pages", "'two pages' is not in this text"),
        ("One page … two", "'two' is not in this text"),
        ("all of it … One page", "'One page' is not in this text"),
        ("said it", "'said it' is in this text 2 times"),
        ("it … all", "'it' is in this text 4 times"),
        ("", "'' is not in this text"),
        ("**", "'**' is not in this text"),
    ],
)
def test_cut_excerpt__missing_or_ambiguous_words(excerpt: str, message: str) -> None:
    with pytest.raises(errors.ExcerptNotFoundError) as caught:
        cut(excerpt)
    assert caught.value.message.startswith(message)


def test_cut_excerpt__prefers_whole_words() -> None:
    assert cut("art", "<p>start art</p>") == "<p>[…] art</p>"
    assert cut("日本", "<p>それは日本です</p>") == "<p>[…] 日本 […]</p>"


# Any part of any text


def parts(number: int) -> list[tuple[str, str]]:
    """Yield documents, each with words that a reader sees next to each other."""
    dice = random.Random(number)
    html = build_document(number)[0] if number % 3 else dice.choice(TEXTS)
    seen = find_text.extract_text(html_parser.parse(html)).normalized.split()
    if not seen:
        return []
    starts = [dice.randrange(len(seen)) for _ in range(6)]
    return [(html, " ".join(seen[at : at + dice.randrange(1, 12)])) for at in starts]


TEXTS = [TEXT, TABLE, f"<ul><li>a b<ul><li>c d</li></ul>{TABLE}</li><li><p>{TEXT}</p></li></ul>"]
for name in ("short", "everything"):
    TEXTS += [each.html for each in load(EXAMPLES / f"{name}.json").comments.values() if each.html]


def is_balanced(html: str) -> bool:
    """Return whether every element is closed in order."""
    opened: list[str] = []
    for end, name in re.findall(r"<(/?)([a-z][a-z0-9-]*)(?:\s[^<>]*)?>", html):
        if name in ("br", "hr", "img"):
            continue
        if end and (not opened or opened.pop() != name):
            return False
        if not end:
            opened.append(name)
    return not opened


def wrong(cutter: object, numbers: range) -> list[tuple[int, str]]:
    """Return the excerpts that are not contiguous, not well formed, or lack the words."""
    found = []
    for number in numbers:
        for html, excerpt in parts(number):
            try:
                part = cutter(html, excerpt)  # type: ignore[operator]
            except errors.ExcerptNotFoundError:
                continue
            text = find_text.extract_text(html_parser.parse(part))
            is_stretch = "".join(text.visible.split()) in "".join(shown(html).split())
            if not (is_stretch and is_balanced(part) and excerpt in text.normalized):
                found.append((number, excerpt))
    return found


@pytest.mark.parametrize("number", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_cut_excerpt__random_excerpt_is_contiguous_and_well_formed(number: int) -> None:
    assert (
        wrong(
            lambda html, excerpt: html_slice.cut_excerpt(html, excerpt, omission_mark=""),
            range(number),
        )
        == []
    )


def test_cut_excerpt__most_random_excerpts_are_found() -> None:
    count = failed = 0
    for number in range(0, 300, 3):
        for html, excerpt in parts(number):
            count += 1
            try:
                cut(excerpt, html)
            except errors.ExcerptNotFoundError as error:
                failed += "is not in this text" in error.message
    assert count > 500
    assert failed == 0


def test_control__sliced_html_is_found() -> None:
    def slice_(html: str, excerpt: str) -> str:
        first, last = excerpt.split()[0], excerpt.split()[-1]
        return html[max(0, html.find(first)) : html.rfind(last) + len(last)]

    assert len(wrong(slice_, range(100))) > 50


@pytest.mark.parametrize("step", [20, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("target", NAMES)
def test_cut_excerpt__is_inert_at_any_depth(target: str, step: int) -> None:
    for number in range(0, 300, step):
        for html, excerpt in parts(number)[:2]:
            try:
                part = cut(excerpt, html)
            except errors.ExcerptNotFoundError:
                continue
            text = markup.convert(part, target=target, image_sources={})
            assert find_live_text(text, target) == []
            assert [x for page in iter_rendered(text, target) for x in find_live_html(page)] == []


def test_cut_excerpt__quote_shows_the_excerpt() -> None:
    for number in range(0, 300, 3):
        for html, excerpt in parts(number):
            try:
                part = cut(excerpt, html)
            except errors.ExcerptNotFoundError:
                continue
            text = renderers.gfm(dom.quoted(markup.convert(part), 3))
            source = extract_lines(markup.convert(part, target="html"))
            assert dom.same(source, extract_lines(text), 3), excerpt


# In a quote


@pytest.fixture(scope="module")
def short() -> Thread:
    return load(EXAMPLES / "short.json")


ONE = Selection(comments=("zkeep01",), has_post=False, has_heading=False)


@pytest.mark.parametrize("target", NAMES)
def test_excerpt__comment_for_every_target(short: Thread, target: str) -> None:
    part = quote.excerpt(short, ONE, "when they … whole paragraph", omission_mark="[…]")
    text = quote.render(part, ONE, target=target)
    assert text.count("[…]") == 2
    assert "when they said it" in text
    assert "who said it" not in text


def test_excerpt__only_the_post(short: Thread) -> None:
    words_ = find_text.extract_text(html_parser.parse(short.post.html)).visible.split()[:4]  # type: ignore[union-attr]
    part = quote.excerpt(short, Selection(), " ".join(words_))
    assert len(quote.render(part, Selection())) < len(quote.render(short, Selection()))


def test_excerpt__keeps_the_rest_of_the_quote(short: Thread) -> None:
    chosen = Selection(comments=("zkeep03",), context=1, has_post=False)
    part = quote.excerpt(short, chosen, "Starter at 24")
    whole, cut_ = (quote.render(each, chosen).split("> > [crumb")[0] for each in (short, part))
    assert whole == cut_


@pytest.mark.parametrize(
    "chosen",
    [
        Selection(comments=("zkeep01", "zkeep02")),
        Selection(everything=True),
        Selection(top=1),
        Selection(has_post=False),
    ],
)
def test_excerpt__needs_exactly_one_text(short: Thread, chosen: Selection) -> None:
    with pytest.raises(errors.InvalidOptionsError, match="needs exactly one"):
        quote.excerpt(short, chosen, "the")


def test_quote__excerpt_on_the_command_line(run: Run) -> None:
    run(EXAMPLES / "short.json")
    command = ("quote", "9bread1", "-c", "zkeep01", "--no-post", "--no-heading", "--excerpt")
    assert run(*command, "the whole paragraph").out.endswith("> 3. the whole paragraph \\[…]\n")
    refused = run(*command, "no such words")
    assert (refused.code, refused.out) == (1, "")
    assert "t1_zkeep01: 'no such words' is not in this text." in refused.err


def test_quote__excerpt_of_an_earlier_text_has_its_date(run: Run, tmp_path: Path) -> None:
    for file in story.write(tmp_path):
        run(file)
    command = ("quote", "9bread1", "-c", "zkeep01", "--excerpt", "Three things")
    ran = run(*command)
    assert ran.code == 1
    date = re.search(r"--as-of (\S+)", ran.err)
    assert date
    assert "Three things" in run(*command, "--as-of", date[1]).out
