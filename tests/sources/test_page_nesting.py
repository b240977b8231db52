"""Pages that nest deeply are parsed in bounded time, or refused."""

import pytest

from reddit_archive import errors
from reddit_archive.sources.saved_page import dom, nesting_limit
from tests.support import old_reddit_pages as pages


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<span><div></span>" * 100_000,
        "<ul><li>" * 50_000,
        "<div>" * 50_000 + "</p>" * 50_000,
        "<a href=x><div>" * 80_000,
        "".join(f"<p><b id={number}>x" for number in range(1_000)),
        "<!-- x --><script>x</script>" + "<DIV\n>" * 100_000,
        "<li><dt>" * 20_000,
        "<x-y><div></x-y>" * 20_000,
        "<option><b>" * 20_000,
    ],
    ids=[
        *("div", "crossed", "lists", "end tags", "links", "formatting", "capitals"),
        *("items", "unknown name", "options"),
    ],
)
def test_parse__hostile_nesting_is_refused(html: str) -> None:
    with pytest.raises(errors.NotAThreadError, match="too deeply"):
        dom.parse(html)


@pytest.mark.parametrize(
    "html",
    [
        pages.make_page(pages.make_chain(500)),
        "<p>words" * 20_000,
        "<p><b>never closed" * 20_000,
        "<li>item<br><img src=x>" * 20_000,
        "<div></div>" * 20_000,
        "<script>" + "'<div>'" * 20_000 + "</script>",
        "<!--" + "<div>" * 20_000,
        "<script>" + "<div>" * 20_000,
        "<svg><path d=x /><circle r=1 /></svg>" * 20_000,
        "</div></b></span>" * 20_000,
        "<ul><li>item<li><p>item</ul><table><tr><td>cell<td>cell<tr></table>" * 10_000,
    ],
    ids=[
        *("thread", "paragraphs", "bold", "items", "flat", "script", "comment", "open script"),
        *("pictures", "end tags", "omitted end tags"),
    ],
)
def test_parse__large_pages_pass(html: str) -> None:
    depth_sum, reopened = nesting_limit.measure(html)
    assert depth_sum < nesting_limit.MAX_DEPTH_SUM / 50
    assert reopened <= nesting_limit.MAX_REOPENED
    dom.parse(html)


def test_measure__sums_the_depths_of_the_tags() -> None:
    assert nesting_limit.measure("<div><i>x</i></div><!-- <div> --><p><br></p>") == (6, 0)
    assert nesting_limit.measure("<b id=1><b id=2><p>x<p>y")[1] == 4


def test_iter_descendants__in_order_without_what_is_below_boundaries() -> None:
    root = dom.parse("<body><a><b></b></a><i><u></u></i></body>").body
    assert root is not None
    tags = [node.tag for node in dom.iter_descendants(root, lambda node: node.tag == "a")]
    assert tags == ["a", "i", "u"]
