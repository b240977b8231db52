"""Parses links: `[text](URL "title")`, `[text][name]` and `<URL>`."""

import re
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from reddit_archive.markup.snudown.nesting import (
    Env,
    find_cached,
    nested,
    parse_inline,
    push_element,
    spend_steps,
)
from reddit_archive.markup.snudown.urls import ALLOWED, LINKABLE, percent_encode

EMAIL_AUTOLINK = re.compile(r"<([0-9A-Za-z][\w.+-]*@[\w.-]+)>", re.ASCII)
URI_START = re.compile(r"<([0-9A-Za-z][0-9A-Za-z.+-]+:((?:\\.|[^\\>'\" \n])*))", re.DOTALL)
HTML_TAG_START = re.compile(r"</?[0-9A-Za-z]")
BACKSLASH_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
STEPS_PER_BRACKET, STEPS_PER_CHARACTER = 20, 10
BRACKET = re.compile(r"[\[\]]")
SPACES = re.compile(r"[ \n]*")


def link(state: StateInline, silent: bool) -> bool:
    """Parse a link. Reddit shows `![…](…)` as typed."""
    source, start = state.src, state.pos
    if source[start] != "[" or (
        start and source[start - 1] == "!" and not _is_escaped(source, start - 1)
    ):
        return False
    end = _find_closing_bracket(source, start, state.env) if spend_steps(state.env, 1) else -1
    if end < 0:
        return False
    is_inline = source.startswith("(", _skip_whitespace(source, end + 1))
    if is_inline:
        destination = _parse_destination(source, end + 1, state.env)
    else:
        destination = _resolve_definition(state, source[start + 1 : end], end + 1)
    if destination is None or not LINKABLE.match(destination[0]):
        return False
    url, title, state.pos = destination
    # snudown holds the URL and the title of an inline link in buffers of their own.
    with nested(state.env, 1 + is_inline + (is_inline and bool(title))):
        state.env["is_in_link"] = True
        children = parse_inline(state, source[start + 1 : end])
        state.env["is_in_link"] = False
    push_link(state, url, children, title)
    return True


def push_link(state: StateInline, url: str, children: list[Token], title: str = "") -> None:
    """Write a link; only its text if the URL is not allowed."""
    if ALLOWED.match(url):
        push_element(
            state, "a", children, href=percent_encode(url), **({"title": title} if title else {})
        )
    else:
        state.tokens.extend(children)


def _is_escaped(source: str, position: int) -> bool:
    return position > 0 and source[position - 1] == "\\"


def _find_closing_bracket(source: str, start: int, env: Env) -> int:
    depth = 1
    for match in BRACKET.finditer(source, start + 1):
        if not spend_steps(env, STEPS_PER_BRACKET):
            break
        if source[match.start() - 1] == "\\":
            continue
        depth += 1 if match[0] == "[" else -1
        if depth == 0:
            return match.start()
    return -1


def _parse_destination(source: str, position: int, env: Env) -> tuple[str, str, int] | None:
    """Parse `(URL "title")`. Return both and where it ends."""
    position = _skip_whitespace(source, position)
    if source[position : position + 1] != "(":
        return None
    url_start = position = _skip_whitespace(source, position + 1)
    while position < len(source) and source[position] != ")":
        if source[position - 1] in " \n" and source[position] in "'\"":
            break
        position += 2 if source[position] == "\\" else 1
    if not spend_steps(env, STEPS_PER_CHARACTER * (position - url_start)) or position >= len(
        source
    ):
        return None
    url_end, title = position, ""
    if source[position] != ")":
        position = _find_link_end(source, position)
        if not spend_steps(env, STEPS_PER_CHARACTER * (abs(position) - url_end)) or position < 0:
            return None
        quoted_title = source[url_end + 1 : position].rstrip(" \n")
        if quoted_title[-1:] in ("'", '"'):
            title = quoted_title[:-1]
        else:
            url_end = position
    url = source[url_start:url_end].rstrip(" \n").removeprefix("<").removesuffix(">")
    return BACKSLASH_ESCAPE.sub(r"\1", url), title, position + 1


def _find_link_end(source: str, position: int) -> int:
    """Return the closing parenthesis of a link whose title starts at `position`; else negative."""
    quote_mark, is_in_title = source[position], True
    position += 1
    while position < len(source):
        if source[position] == "\\":
            position += 1
        elif source[position] == quote_mark:
            is_in_title = False
        elif source[position] == ")" and not is_in_title:
            return position
        position += 1
    return -len(source)


def _resolve_definition(
    state: StateInline, text: str, position: int
) -> tuple[str, str, int] | None:
    """Read `[name]`, or take the text itself for a name."""
    label_start = _skip_whitespace(state.src, position)
    name = text
    if state.src[label_start : label_start + 1] == "[":
        end = state.src.find("]", label_start)
        if end < 0:
            return None
        name, position = state.src[label_start + 1 : end] or text, end + 1
    definition: Any = state.env["definitions"].get(name.replace("\n", " ").lower())
    return (*definition, position) if definition else None


def _skip_whitespace(source: str, position: int) -> int:
    match = SPACES.match(source, position)
    return match.end() if match else position


def angle_autolink(state: StateInline, silent: bool) -> bool:
    """Parse a URL in angle brackets. A tag is text, and URLs in it are not linked."""
    source, start = state.src, state.pos
    if match := EMAIL_AUTOLINK.match(source, start):
        push_link(state, f"mailto:{match[1]}", [Token("text", "", 0, content=match[1])])
        state.pos = match.end()
        return True
    end = find_cached(state, ">", start)
    if end < 0 or not spend_steps(state.env, end - start):
        return False
    if match := URI_START.match(source, start):
        end = match.end()
        if not spend_steps(state.env, end - start) or source[end : end + 1] in ("", "\\"):
            return False
        if source[end] == ">" and match[2]:
            return _push_url(state, match[1], end + 1)
    if not HTML_TAG_START.match(source, start):
        return False
    end = source.find(">", end)
    if end < 0:
        return False
    state.pending += source[start : end + 1]
    state.pos = end + 1
    return True


def _push_url(state: StateInline, typed_url: str, end: int) -> bool:
    url = BACKSLASH_ESCAPE.sub(r"\1", typed_url)
    if not LINKABLE.match(url):
        return False
    push_link(state, url, [Token("text", "", 0, content=url)])
    state.pos = end
    return True
