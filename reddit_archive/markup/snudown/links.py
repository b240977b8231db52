"""Links that were typed as such: `[text](address "title")`, `[text][name]`, `<address>`."""

import re
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from reddit_archive.markup.snudown.nesting import Env, deeper, find_once, put, read_spans, spend
from reddit_archive.markup.snudown.urls import LINKED, SHOWN, written

DEFINITION = re.compile(
    r" {0,3}\[([^\]\n]+)\]: *<?([^ \n>]+)>?(?: +[\"'(](.*)[\"')])? *(?:\n|$)", re.DOTALL
)
MAIL = re.compile(r"<([0-9A-Za-z][\w.+-]*@[\w.-]+)>", re.ASCII)
URI = re.compile(r"<([0-9A-Za-z][0-9A-Za-z.+-]+:(?:\\.|[^\\>'\"\s])+)>", re.DOTALL)
TAG = re.compile(r"</?[0-9A-Za-z][^>]*>")
UNESCAPE = re.compile(r"\\(.)", re.DOTALL)
BRACKET_COSTS, CHARACTER_COSTS = 20, 10
BRACKET = re.compile(r"[\[\]]")
SPACES = re.compile(r"[ \n]*")


def without_definitions(text: list[str]) -> tuple[list[str], dict[str, tuple[str, str]]]:
    """Take the definitions of links out of a text; gives what is left, and (address, title)s."""
    kept, found = [], {}
    for line in text:
        definition = DEFINITION.fullmatch(line)
        if definition is None:
            kept.append(line)
        else:
            found[definition[1].lower()] = (definition[2], definition[3] or "")
    return kept, found


def link(state: StateInline, silent: bool) -> bool:
    """A picture is no link, and nothing else: Reddit shows it as it was typed."""
    source, at = state.src, state.pos
    if source[at] != "[" or (at and source[at - 1] == "!" and not _is_escaped(source, at - 1)):
        return False
    end = _closing(source, at, state.env) if spend(state.env, 1) else -1
    if end < 0:
        return False
    target = _target(source, end + 1, state.env) or _reference(state, source[at + 1 : end], end + 1)
    if target is None or not LINKED.match(target[0]):
        return False
    url, title, state.pos = target
    with deeper(state.env):
        state.env["in_link"] = True
        children = read_spans(state, source[at + 1 : end])
        state.env["in_link"] = False
    put_link(state, url, children, title)
    return True


def put_link(state: StateInline, url: str, children: list[Token], title: str = "") -> None:
    if SHOWN.match(url):
        put(state, "a", children, href=written(url), **({"title": title} if title else {}))
    else:
        state.tokens.extend(children)


def _is_escaped(source: str, at: int) -> bool:
    return at > 0 and source[at - 1] == "\\"


def _closing(source: str, at: int, env: Env) -> int:
    level = 1
    for found in BRACKET.finditer(source, at + 1):
        if not spend(env, BRACKET_COSTS):
            break
        if source[found.start() - 1] == "\\":
            continue
        level += 1 if found[0] == "[" else -1
        if level == 0:
            return found.start()
    return -1


def _target(source: str, at: int, env: Env) -> tuple[str, str, int] | None:
    """Read `(address "title")`: both, and where it ends."""
    at = _after_space(source, at)
    if source[at : at + 1] != "(":
        return None
    begin = at = _after_space(source, at + 1)
    while at < len(source) and source[at] != ")":
        if source[at - 1] in " \n" and source[at] in "'\"":
            break
        at += 2 if source[at] == "\\" else 1
    if not spend(env, CHARACTER_COSTS * (at - begin)) or at >= len(source):
        return None
    end, title = at, ""
    if source[at] != ")":
        at = _title_end(source, at)
        if not spend(env, CHARACTER_COSTS * (abs(at) - end)) or at < 0:
            return None
        typed = source[end + 1 : at].rstrip(" \n")
        if typed[-1:] in ("'", '"'):
            title = typed[:-1]
        else:
            end = at
    url = source[begin:end].rstrip(" \n").removeprefix("<").removesuffix(">")
    return UNESCAPE.sub(r"\1", url), title, at + 1


def _title_end(source: str, at: int) -> int:
    """Where the parenthesis is that ends a link, whose title starts at `at`; else negative."""
    mark, is_inside = source[at], True
    at += 1
    while at < len(source):
        if source[at] == "\\":
            at += 1
        elif source[at] == mark:
            is_inside = False
        elif source[at] == ")" and not is_inside:
            return at
        at += 1
    return -len(source)


def _reference(state: StateInline, text: str, at: int) -> tuple[str, str, int] | None:
    """Read `[name]`, or take the text itself for a name."""
    begin = _after_space(state.src, at)
    name = text
    if state.src[begin : begin + 1] == "[":
        end = state.src.find("]", begin)
        if end < 0:
            return None
        name, at = state.src[begin + 1 : end] or text, end + 1
    found: Any = state.env["references"].get(name.replace("\n", " ").lower())
    return (*found, at) if found else None


def _after_space(source: str, at: int) -> int:
    found = SPACES.match(source, at)
    return found.end() if found else at


def in_angles(state: StateInline, silent: bool) -> bool:
    """An address in angle brackets. What looks like a tag is text, and no address in it a link."""
    source, at = state.src, state.pos
    if found := MAIL.match(source, at):
        put_link(state, f"mailto:{found[1]}", [Token("text", "", 0, content=found[1])])
    elif (end := find_once(state, ">", at)) < 0 or not spend(state.env, end - at):
        return False
    elif found := URI.match(source, at, end + 1):
        url = UNESCAPE.sub(r"\1", found[1])
        if not LINKED.match(url):
            return False
        put_link(state, url, [Token("text", "", 0, content=url)])
    elif found := TAG.match(source, at, end + 1):
        state.pending += found[0]
    else:
        return False
    state.pos = found.end()
    return True
