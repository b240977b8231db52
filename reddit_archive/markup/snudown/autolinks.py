"""Addresses that become links by themselves: URLs, www., mail, subreddits and users."""

import re
from string import ascii_letters

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from reddit_archive.markup.snudown.nesting import put
from reddit_archive.markup.snudown.urls import SHOWN, written

NAME = r"[0-9A-Za-z][0-9A-Za-z_]{1,23}"
SUBREDDIT = rf"(?:reddit\.com|t:[0-9A-Za-z_]{{2,50}}|{NAME})"
PATH = r"(?:/[0-9A-Za-z_/-]*)?"
ON_REDDIT = re.compile(
    rf"(/?)(?:r/(?:all(?:-{SUBREDDIT})+|{SUBREDDIT}(?:\+{SUBREDDIT})*)|u/[0-9A-Za-z_-]{{2,}}){PATH}"
)
URL = re.compile(r"(?:https?|ftp|git|steam|irc|ircs|news|mumble|ssh|ts3server|mailto)://", re.I)
DOMAIN = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z-]*\.)[0-9A-Za-z.-]*")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
START = (
    r"/[ru]/|(?<![^\x00-.:-@\[-`{-\x7f])[ru]/|(?<![^\s!-/:-@\[-`{-~])www\.|"
    r"(?<![A-Za-z])[A-Za-z]{3,9}://|(?<![\w.+-])(?a:[\w.+-]+@\w)"
)
"""Where one of them may begin."""
STARTING = re.compile(START)
BLANK = re.compile(r"[ \t-\r]")
PARTNERS = {'"': '"', "'": "'", ")": "(", "]": "[", "}": "{"}


def automatic(state: StateInline, silent: bool) -> bool:
    """Make a link of an address, unless it is in a link's text already."""
    if state.env["in_link"] or not STARTING.match(state.src, state.pos):
        return False
    found = _on_reddit(state) or _url(state) or _mail(state)
    if found is None:
        return False
    href, text = found
    put(state, "a", [Token("text", "", 0, content=text)], href=href)
    state.pos += len(text)
    return True


def _on_reddit(state: StateInline) -> tuple[str, str] | None:
    found = ON_REDDIT.match(state.src, state.pos)
    if found is None:
        return None
    return found[0] if found[1] else f"/{found[0]}", found[0]


def _url(state: StateInline) -> tuple[str, str] | None:
    scheme = URL.match(state.src, state.pos)
    begin = scheme.end() if scheme else state.pos
    is_www = state.src.startswith("www.", state.pos)
    if not (scheme or is_www) or not DOMAIN.match(state.src, begin):
        return None
    if scheme and not SHOWN.match(state.src, state.pos):
        return None
    blank = BLANK.search(state.src, begin)
    end = blank.start() if blank else state.posMax
    text = trimmed(state.src[state.pos : end])
    url = text if scheme else f"http://{text}"
    return (written(url), text) if text else None


def _mail(state: StateInline) -> tuple[str, str] | None:
    found = MAIL.match(state.src, state.pos)
    text = trimmed(found[0]) if found else ""
    return (f"mailto:{text}", text) if "@" in text else None


def trimmed(text: str) -> str:
    """Leave out what ends a sentence, or closes what was opened before the address."""
    text = text.partition("<")[0]
    end = len(text)
    while end and text[end - 1] in "?!.,;":
        end = _entity_start(text, end)
    text = text[:end]
    partner = PARTNERS.get(text[-1:], "")
    if partner:
        closing = text.count(text[-1]) if partner != text[-1] else 0
        if text.count(partner) != closing:
            text = text[:-1]
    return text


def _entity_start(text: str, end: int) -> int:
    """Where the entity begins that ends at `end`, or else the last character before it."""
    begin = end - 1
    while text[end - 1] == ";" and begin and text[begin - 1] in ascii_letters:
        begin -= 1
    is_entity = 0 < begin < end - 1 and text[begin - 1] == "&"
    return begin - 1 if is_entity else end - 1
