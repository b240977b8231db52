"""What each source shows of one small thread: web pages, Reddit's API, Arctic Shift."""

from datetime import datetime
from typing import Any

from reddit_archive.markup import snudown
from reddit_archive.model.capture import Capture, Thing
from tests.support.histories import DAY, START

Fields = dict[str, Any]
THREAD_ID = "p1"
CREATED = START.timestamp() - 3600
PLACEHOLDER_HTML = '<div class="md"><p>[deleted]</p></div>'


def api_comment(name: str = "a", body: str = "Some *words*.", **fields: Any) -> Thing:
    """Return a comment as Reddit's API shows it in a tree."""
    data = {
        **_identify(name),
        "author": "somebody",
        "author_fullname": "t2_abc",
        "author_flair_text": ":star: Blue",
        "body": body,
        "body_html": snudown.render(body),
        "created_utc": CREATED,
        "depth": 0,
        "score": 5,
        "edited": False,
        "stickied": False,
        "gilded": 0,
        "permalink": f"/r/sub/comments/{THREAD_ID}/title/{name}/",
    }
    return {"kind": "t1", "data": {**data, **fields}}


def arctic_comment(name: str = "a", body: str = "Some *words*.", **fields: Any) -> Thing:
    """Return a comment as Arctic Shift first saw it."""
    thing = api_comment(name, body, retrieved_on=CREATED + 60, score=1, _escaped=False)
    for key in ("body_html", "depth"):
        del thing["data"][key]
    return {"kind": "t1", "data": {**thing["data"], **fields}}


def page_comment(name: str = "a", text: str = "Some *words*.", **fields: Any) -> Thing:
    """Return a comment as shreddit shows it, with the HTML of rich text."""
    data = {
        **_identify(name),
        "author": "somebody",
        "author_flair_text": "Blue",
        "created_utc": CREATED,
        "score": 7,
        "body_html": write_rich_text(text),
        "_page": "shreddit",
    }
    return {"kind": "t1", "data": {**data, **fields}}


def old_page_comment(name: str = "a", text: str = "Some *words*.", **fields: Any) -> Thing:
    """Return a comment as an old page shows it, with the HTML of the API."""
    html = {"body_html": snudown.render(text), "_page": "old"}
    return page_comment(name, text, **html | fields)


def poor_comment(name: str = "a", text: str = "Some *words*.", **fields: Any) -> Thing:
    """Return a comment as new Reddit shows it without its state: no time, no score, no flair."""
    thing = page_comment(name, text, _page="new")
    for key in ("created_utc", "score", "author_flair_text"):
        del thing["data"][key]
    return {"kind": "t1", "data": {**thing["data"], **fields}}


def deleted_comment(name: str = "a", **fields: Any) -> Thing:
    """Return the placeholder of a deleted comment on a page."""
    data = {"author": "[deleted]", "body": "[deleted]", "body_html": PLACEHOLDER_HTML}
    return {"kind": "t1", "data": {**_identify(name), **data, "_page": "old", **fields}}


def api_post(**fields: Any) -> Thing:
    data = {"id": THREAD_ID, "name": f"t3_{THREAD_ID}", "author": "op", "title": "A  title"}
    text = {"selftext": "The *post*.", "selftext_html": snudown.render("The *post*.")}
    counts = {"score": 9, "num_comments": 1, "created_utc": CREATED, "subreddit": "sub"}
    permalink = {"permalink": f"/r/sub/comments/{THREAD_ID}/title/"}
    return {"kind": "t3", "data": data | text | counts | permalink | fields}


def page_post(**fields: Any) -> Thing:
    """Return the post as a page shows it. A field that is None is left out."""
    thing = api_post(title="A title", selftext_html=write_rich_text("The *post*."))
    data = {**thing["data"], "_page": "shreddit", "selftext": None, **fields}
    return {"kind": "t3", "data": {key: value for key, value in data.items() if value is not None}}


def stub(parent: str, *children: str, count: int = 0) -> Thing:
    return {"kind": "more", "data": {"parent_id": parent, "children": [*children], "count": count}}


def write_rich_text(markdown: str) -> str:
    """Return a text as the HTML of rich text, as far as the texts of the tests need it."""
    html = snudown.render(markdown).replace("\n\n", "").replace("<li>", "<li><p>")
    html = html.replace("</li>", "</p></li>").replace("<p>", "<p>\n      ")
    return html.replace('href="/r/', 'href="https://www.reddit.com/r/').replace(">/r/", ">r/")


def page_capture(*things: Thing, day: float = 0, **request: Any) -> Capture:
    return _capture("saved-page", {"file": "page.html", **request}, things, day)


def api_capture(*things: Thing, day: float = 0) -> Capture:
    return _capture("reddit", {"path": f"comments/{THREAD_ID}/"}, things, day)


def arctic_capture(*things: Thing, day: float = 0) -> Capture:
    return _capture("arctic-shift", {"path": "comments/tree"}, things, day)


def at_day(day: float) -> datetime:
    return START + day * DAY


def _capture(source: str, request: Fields, things: tuple[Thing, ...], day: float) -> Capture:
    is_live = source == "reddit"
    return Capture(THREAD_ID, at_day(day), source, request, things, is_live=is_live)


def _identify(name: str) -> Fields:
    link = f"t3_{THREAD_ID}"
    return {"id": name, "name": f"t1_{name}", "parent_id": link, "link_id": link}
