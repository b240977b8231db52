"""Markdown within Markdown: a part of a text is cut out and read by itself, as snudown does.

So what stands before a part never matters to it. snudown reads no deeper than 16 buffers; what lies
deeper does not show at all.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

DEEPEST = 16
PATIENCE = 20_000_000

Env = MutableMapping[str, Any]


def new_env(
    references: dict[str, tuple[str, str]], pictures: tuple[tuple[str, str, str], ...]
) -> Env:
    """What one text's rules share: how deep they are, and which links and pictures are known."""
    env = {"depth": 0, "in_link": False, "patience": PATIENCE}
    return {**env, "references": references, "pictures": pictures}


def spend(env: Env, steps: int) -> bool:
    """Count steps of a search; tells whether there is still patience for more.

    A search that fails is begun anew at the next mark. Only a text that was made to take for ever
    uses all patience up; its other marks are text.
    """
    env["patience"] -= steps
    return bool(env["patience"] > 0)


def find_once(state: StateInline, mark: str, begin: int) -> int:
    """Find the next `mark` in the text as `str.find` does, without reading any part twice.

    `begin` must not become smaller from call to call for the same text and mark.
    """
    found: Any = state.cache  # whose own keys are numbers
    at: int | None = found.get(mark)
    if at is None or 0 <= at < begin:
        at = found[mark] = state.src.find(mark, begin)
    return at


@contextmanager
def deeper(env: Env, buffers: int = 1) -> Iterator[bool]:
    """Go down by so many of snudown's buffers; tells whether anything there still shows."""
    env["depth"] += buffers
    try:
        yield env["depth"] <= DEEPEST
    finally:
        env["depth"] -= buffers


def read_blocks(state: StateBlock, source: str) -> None:
    if state.env["depth"] <= DEEPEST:
        state.md.block.parse(source, state.md, state.env, state.tokens)


def read_line(state: StateBlock, source: str) -> None:
    """Read text as the inline content of a block."""
    token = state.push("inline", "", 0)
    token.children = read_spans(state, source)


def read_spans(state: StateBlock | StateInline, source: str) -> list[Token]:
    found: list[Token] = []
    if state.env["depth"] <= DEEPEST:
        state.md.inline.parse(source, state.md, state.env, found)
    return found


def enclose(state: StateInline, tag: str, source: str, **attributes: str) -> None:
    """Write an inline element around what a part of the text reads as."""
    with deeper(state.env):
        children = read_spans(state, source)
    put(state, tag, children, **attributes)


def put(state: StateInline, tag: str, children: list[Token], **attributes: str) -> None:
    opened = state.push(f"{tag}_open", tag, 1)
    opened.attrs = dict(attributes)
    state.tokens.extend(children)
    state.push(f"{tag}_close", tag, -1)
