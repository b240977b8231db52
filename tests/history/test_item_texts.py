"""Texts of looks: Markdown from HTML, in a time that grows with their length."""

import pytest

from reddit_archive.history import item_texts
from tests.support import page_looks as looks

HOSTILE = (
    "<li><p>" * 20_000,
    "<li>" + " " * 100_000,
    "<li> " * 20_000,
    "<a " * 50_000,
    '<a href="/r/a"' * 20_000,
    '<a href="/r/a" ' + 'href="/r/a" ' * 20_000,
)


@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_html__is_simplified_at_once(html: str) -> None:
    assert item_texts.unlink_names(item_texts.tighten_lists(html)) == html


def test_comparison__shows_subreddits_as_typed() -> None:
    html = '<p><a href="https://www.reddit.com/r/sub/">r/sub</a> <a href="/u/me">/u/me</a></p>'
    page = {"_page": "shreddit", "body_html": html}
    assert item_texts.get_comparable_texts(page, {"body": "a"}) == ("r/sub u/me", "a")


def test_placeholder_on_a_page__is_its_text() -> None:
    assert item_texts.get_body(looks.deleted_comment()["data"]) == "[deleted]"


def test_html_of_other_sources__is_not_converted() -> None:
    assert item_texts.get_body({"body_html": "<p>a</p>"}) == ""
