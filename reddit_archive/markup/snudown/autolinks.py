"""Parses text that becomes a link by itself: URLs, `www.`, email addresses, `r/…` and `u/…`."""

import re
from string import ascii_letters

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from reddit_archive.markup.snudown.nesting import push_element
from reddit_archive.markup.snudown.urls import ALLOWED, percent_encode

SUBREDDIT = (
    r"(?:(?i:reddit\.com)|(?i:t:)[0-9A-Za-z][0-9A-Za-z_]{0,21}|"
    r"(?!(?i:reddit\.com))[0-9A-Za-z][0-9A-Za-z_]{1,23})(?![0-9A-Za-z_])"
)
SUBREDDITS = (
    rf"(?:(?i:(?=all-)){SUBREDDIT}(?:[+-]{SUBREDDIT})*+(?![+-])|"
    rf"(?i:(?!all-)){SUBREDDIT}(?:\+{SUBREDDIT})*+(?!\+))"
)
"""Matches names with `+` between them, and `all-` with names that are left out."""
USER = r"[0-9A-Za-z_-](?:[0-9A-Za-z_/-]+|(?=[\s\S]))"
REDDIT_PATH = re.compile(rf"(/?)(?:r/{SUBREDDITS}(?:/[0-9A-Za-z_/-]*)?|u/{USER})")
URL_SCHEME = re.compile(
    r"(?:https?|ftp|git|steam|irc|ircs|news|mumble|ssh|ts3server|mailto)://", re.I
)
DOMAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]*\.(?=[\s\S])")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w.-]*@)", re.ASCII)
ADDRESS_START = (
    r"(?<![^\x00-.:-@\[-`{-\x7f])[ru]/|(?<![^\s!-/:-@\[-`{-~])www\.|"
    r"(?<![A-Za-z])[A-Za-z]{3,9}://|(?<![\w.+-])(?a:[\w.+-]++@\w)"
)
"""Matches where an autolink can start, apart from `/r/` and `/u/`."""
AUTOLINK_START_PATTERN = re.compile(rf"/[ru]/|{ADDRESS_START}")
WHITESPACE = re.compile(r"[ \t-\r]")
OPENING_MARKS = {'"': '"', "'": "'", ")": "(", "]": "[", "}": "{"}


def bare_autolink(state: StateInline, silent: bool) -> bool:
    """Parse an autolink, except in the text of a link."""
    if state.env["is_in_link"] or not AUTOLINK_START_PATTERN.match(state.src, state.pos):
        return False
    link = _match_reddit_path(state) or _match_url(state) or _match_email(state)
    if link is None:
        return False
    href, text = link
    push_element(state, "a", [Token("text", "", 0, content=text)], href=href)
    state.pos += len(text)
    return True


def _match_reddit_path(state: StateInline) -> tuple[str, str] | None:
    match = REDDIT_PATH.match(state.src, state.pos)
    if match is None:
        return None
    return match[0] if match[1] else f"/{match[0]}", match[0]


def _match_url(state: StateInline) -> tuple[str, str] | None:
    scheme = URL_SCHEME.match(state.src, state.pos)
    start = scheme.end() if scheme else state.pos
    is_www = state.src.startswith("www.", state.pos)
    if not (scheme or is_www) or not DOMAIN.match(state.src, start):
        return None
    if scheme and not ALLOWED.match(state.src, state.pos):
        return None
    whitespace = WHITESPACE.search(state.src, start)
    end = whitespace.start() if whitespace else state.posMax
    text = trim_punctuation(state.src[state.pos : end])
    url = text if scheme else f"http://{text}"
    return (percent_encode(url), text) if text else None


def _match_email(state: StateInline) -> tuple[str, str] | None:
    match = EMAIL.match(state.src, state.pos)
    text = trim_punctuation(match[0]) if match else ""
    return (f"mailto:{text}", text) if "@" in text else None


def trim_punctuation(text: str) -> str:
    """Drop punctuation that ends a sentence or closes a bracket opened before the URL."""
    text = text.partition("<")[0]
    end = len(text)
    while end and text[end - 1] in "?!.,;":
        end = _find_entity_start(text, end)
    text = text[:end]
    opening_mark = OPENING_MARKS.get(text[-1:], "")
    if opening_mark:
        closing_count = text.count(text[-1]) if opening_mark != text[-1] else 0
        if text.count(opening_mark) != closing_count:
            text = text[:-1]
    return text


def _find_entity_start(text: str, end: int) -> int:
    """Return the start of the entity that ends at `end`, or of the last character."""
    start = end - 1
    while text[end - 1] == ";" and start and text[start - 1] in ascii_letters:
        start -= 1
    is_entity = 0 < start < end - 1 and text[start - 1] == "&"
    return start - 1 if is_entity else end - 1
