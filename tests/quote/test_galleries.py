"""Galleries and crossposts in quotes: every picture is named, and nobody's link is empty."""

from typing import Any

import pytest

from reddit_archive import history, quote
from reddit_archive.markup import targets
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.quote import Selection

PICTURE = "https://i.redd.it/loaf1.jpg"
SHOP = "https://example.org/shop"
GALLERY = {
    "is_gallery": True,
    "media_metadata": {"loaf1": {"s": {"u": PICTURE}}, "loaf2": {"status": "failed"}},
    "gallery_data": {
        "items": [
            {"media_id": "loaf1", "caption": "Rye", "outbound_url": SHOP},
            {"media_id": "loaf2", "caption": "Wheat"},
            {"media_id": "loaf3"},
        ]
    },
}


def render(target: str = "markdown", **fields: Any) -> str:
    data = {"id": "p1", "author": "op", "title": "T", "url": "", **fields}
    things = ({"kind": "t3", "data": data},)
    thread = history.merge("p1", [Capture("p1", capture.utc_now(), "saved", {}, things)])
    return quote.render(thread, Selection(has_post=True), target=target)


def test_gallery__pictures_with_and_without_an_address() -> None:
    assert render(**GALLERY).splitlines()[-3:] == [
        f"> 1. [Rye]({PICTURE}) (<{SHOP}>)",
        "> 2. Wheat",
        "> 3. Picture 3 (not available)",
    ]


@pytest.mark.parametrize("target", targets.NAMES)
def test_gallery__no_empty_link(target: str) -> None:
    text = render(target, **GALLERY)
    assert "]()" not in text
    assert 'href=""' not in text
    assert SHOP in text


def test_gallery__outbound_address_that_is_not_allowed_is_text() -> None:
    items = [{"media_id": "loaf1", "outbound_url": "javascript:alert(1)"}]
    text = render("html", **{**GALLERY, "gallery_data": {"items": items}})
    assert 'href="javascript' not in text


@pytest.mark.parametrize(
    ("author", "words"),
    [
        ("baker", "by [u/baker](https://www.reddit.com/user/baker/)"),
        ("[deleted]", "T0](https://www.reddit.com/comments/p0/)"),
    ],
)
def test_crosspost__names_its_original_author(author: str, words: str) -> None:
    parent = {"id": "p0", "author": author, "title": "T0", "subreddit_name_prefixed": "r/bread"}
    line = next(x for x in render(crosspost_parent_list=[parent]).splitlines() if "Cross" in x)
    assert line.endswith(words)


def test_crosspost__its_text_has_its_own_pictures() -> None:
    parent = {
        "id": "p0",
        "author": "baker",
        "title": "T0",
        "subreddit_name_prefixed": "r/bread",
        "selftext_html": "<p><em>Processing img loaf1a...</em></p>",
        "is_self": True,
        "media_metadata": {"loaf1a": {"s": {"u": PICTURE}}},
    }
    assert f"> > [picture]({PICTURE})" in render(crosspost_parent_list=[parent])
