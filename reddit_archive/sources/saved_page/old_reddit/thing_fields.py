"""Read the fields of a post or comment on a page of old Reddit. Words are never read."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from reddit_archive.model.deletion import DELETION_PLACEHOLDERS, REMOVED_BY_REDDIT_PATTERN
from reddit_archive.sources.saved_page import deleted_texts
from reddit_archive.sources.saved_page.dom import Node, get, get_classes, get_text, has
from reddit_archive.sources.saved_page.old_reddit import snudown_html
from reddit_archive.sources.saved_page.old_reddit.entry_reader import Entry, Part

Data = dict[str, Any]
DELETED = "[deleted]"
REMOVED_BY_REDDIT = "[ Removed by Reddit ]"
POLICY = "content policy"
"""Linked in the longer form of that placeholder."""
NAME_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,40}")
ACCOUNT_PATTERN = re.compile(r"t2_[0-9a-z]{1,13}")
NUMBER_PATTERN = re.compile(
    r"([-\u2212]?)(\d{1,3}(?:[ \u00a0\u2009\u202f.,'\u2019]\d{3})+(?!\d)|\d+)"
    r"(?![.,]?\d*\s?[kKmM]\b)(?!\d)"
)
"""A whole number, with or without separators, that is not rounded ("1.2k")."""
PERMALINK_PATTERN = re.compile(r"/(?:r|u|user)/[\w.-]+/comments/[0-9a-z]+/[^\s?#]*", re.IGNORECASE)
BRACKETED_PATTERN = re.compile(r"\[[^\[\]]{1,60}\]")
MIN_SECONDS, MAX_SECONDS = 1_100_000_000, 4_102_444_800
"""Reddit began in 2005. Times after 2099 are errors."""
SCORE_OFFSETS = {"unvoted": 0, "likes": -1, "dislikes": 1}
"""What to add to a printed score to get the one without the vote of the viewer, by class."""
MAX_NUMBER = 10**9
MAX_NUMBER_TEXT = 300
"""No text with a number is longer."""


def read_common_fields(thing: Node, entry: Entry) -> Data:
    """Return the fields that posts and comments have in common, except ids and texts."""
    data = _read_author(thing, entry)
    subreddit = get(thing, "data-subreddit")
    if NAME_PATTERN.fullmatch(subreddit):
        data["subreddit"] = subreddit
        prefixed = get(thing, "data-subreddit-prefixed")
        if prefixed in (f"r/{subreddit}", f"u/{subreddit.removeprefix('u_')}"):
            data["subreddit_name_prefixed"] = prefixed
    if (seconds := _read_created(entry)) is not None:
        data["created_utc"] = seconds
    if entry.tagline:
        data["edited"] = _read_edited(entry)
    data |= _read_flair(entry) | _read_marks(thing, entry)
    if path := read_path(get_permalink(thing, entry)):
        data["permalink"] = path
    return data


def read_text(thing: Node, entry: Entry, data: Data, text_field: str) -> Data:
    """Return the fields of the text: its HTML, and Reddit's placeholder if it was deleted.

    Args:
        thing: The post or comment.
        entry: Its parts.
        data: Its other fields.
        text_field: "body" or "selftext".
    """
    if entry.has_foreign_text or entry.md is None:
        return {}
    if deleted_texts.is_withheld(get_text(entry.md), data.get("author")):
        return {}
    placeholder = _get_placeholder(thing, entry, data)
    if placeholder in (*DELETION_PLACEHOLDERS, REMOVED_BY_REDDIT):
        return deleted_texts.build_fields(placeholder, text_field)
    text_html = snudown_html.write_html(entry.md)
    result = {f"{text_field}_html": text_html} if text_html else {}
    return {text_field: placeholder, **result} if placeholder else result


def read_exact_score(parts: Iterable[Part]) -> int | None:
    """Return the score without the vote of the viewer, or None if it is hidden or rounded.

    Three are printed, of which the browser shows one: with a vote down, without a vote, with a vote
    up. SingleFile keeps only what is shown. Newer pages have the exact number in an attribute.
    """
    scores: dict[str, int | None] = {}
    for part in parts:
        if "score" in part.classes:
            for name in SCORE_OFFSETS:
                if name in part.classes:
                    scores.setdefault(name, _read_printed_score(part.node))
    name = next((name for name in SCORE_OFFSETS if name in scores), "")
    score = scores.get(name)
    return None if score is None else score + SCORE_OFFSETS[name]


def _read_printed_score(node: Node) -> int | None:
    title = get(node, "title")
    return int(title) if re.fullmatch(r"-?\d{1,9}", title) else read_number(get_text(node))


def read_number(text: str) -> int | None:
    """Return the first number in a text in any language, or None if there is none."""
    text = text[:MAX_NUMBER_TEXT]
    match = NUMBER_PATTERN.search(text)
    if match is None or re.search(r"\d", text[: match.start()]):
        return None
    number = int(re.sub(r"\D", "", match[2]))
    if number > MAX_NUMBER:
        return None
    return -number if match[1] else number


def read_count(text: str) -> int | None:
    """Return a number that an attribute consists of, or None."""
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None


def read_time(text: str) -> float | None:
    """Return an ISO time with a zone as Unix seconds, or None."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    seconds = moment.timestamp()
    return seconds if MIN_SECONDS <= seconds <= MAX_SECONDS else None


def read_path(address: str) -> str:
    """Return the path of an address within a thread, with a slash at its end as in the API."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    return f"{path.rstrip('/')}/" if PERMALINK_PATTERN.fullmatch(path) else ""


def _read_author(thing: Node, entry: Entry) -> Data:
    """Return the author. An extension may have put in another name; attributes are Reddit's."""
    link = next((part for part in entry.tagline if "author" in part.classes), None)
    name = get(thing, "data-author")
    if not name and not entry.has_foreign_text:
        name = get_text(link.node) if link is not None else _read_deleted_author(thing, entry)
    if name in DELETION_PLACEHOLDERS or "deleted" in get_classes(thing):
        return {"author": DELETED}
    data: Data = {"author": name} if NAME_PATTERN.fullmatch(name) else {}
    if data and ACCOUNT_PATTERN.fullmatch(get(thing, "data-author-fullname")):
        data["author_fullname"] = get(thing, "data-author-fullname")
    if link is not None:
        classes = link.classes
        data["is_submitter"] = "submitter" in classes
        roles = [role for role in ("admin", "moderator") if role in classes]
        if roles:
            data["distinguished"] = roles[0]
    return data


def _read_deleted_author(thing: Node, entry: Entry) -> str:
    """Return "[deleted]" if brackets without link stand in place of the author, before the time."""
    for node, tag, classes in entry.tagline:
        if tag == "time":
            return ""
        is_bare = tag in ("em", "span") and not classes
        if is_bare and BRACKETED_PATTERN.fullmatch(get_text(node)):
            return DELETED
    return ""


def _read_created(entry: Entry) -> float | None:
    for node, tag, classes in entry.tagline:
        if tag == "time" and "edited-timestamp" not in classes:
            return read_time(get(node, "datetime"))
    return None


def _read_edited(entry: Entry) -> bool | float:
    """Return when it was edited; True for old edits, which are marked with an asterisk."""
    for node, tag, classes in entry.tagline:
        if tag == "time" and "edited-timestamp" in classes:
            return read_time(get(node, "datetime")) or True
        if tag == "em" and get_text(node) == "*":
            return True
    return False


def _read_flair(entry: Entry) -> Data:
    for node, _, classes in entry.tagline:
        if "flair" in classes:
            text = get(node, "title") or get_text(node)
            return {"author_flair_text": text} if text else {}
    return {}


def _read_marks(thing: Node, entry: Entry) -> Data:
    classes = get_classes(thing)
    data: Data = {"stickied": "stickied" in classes}
    if "locked" in classes:
        data["locked"] = True
    gilded = read_count(get(thing, "data-gildings"))
    for node, _, tagline_classes in entry.tagline:
        if gilded is None and "gilded-icon" in tagline_classes:
            gilded = read_count(get(node, "data-count"))
    if gilded is not None:
        data["gilded"] = gilded
    return data


def get_permalink(thing: Node, entry: Entry) -> str:
    """Return the address that a post or comment names as its own, or ""."""
    if has(thing, "data-permalink"):
        return get(thing, "data-permalink")
    actions = ("permalink", "comments")
    links = (link for link in entry.links if get(link, "data-event-action") in actions)
    return next((get(link, "href") for link in links), "")


def _get_placeholder(thing: Node, entry: Entry, data: Data) -> str:
    """Return the placeholder of a deleted text as the API has it, or "" for another text."""
    if entry.md is None:
        return ""
    text = get_text(entry.md)
    if REMOVED_BY_REDDIT_PATTERN.fullmatch(text):
        return text.replace(POLICY, f"[{POLICY}](/help/contentpolicy)")
    if entry.is_taken_down:
        return REMOVED_BY_REDDIT
    if data.get("author") != DELETED:
        return ""
    if text in DELETION_PLACEHOLDERS:
        return text
    is_bracketed = "deleted" in get_classes(thing) and BRACKETED_PATTERN.fullmatch(text)
    return DELETED if is_bracketed else ""
