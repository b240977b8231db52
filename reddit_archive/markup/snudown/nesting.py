"""Parses parts of a text on their own, as snudown does, and writes nested elements.

The text before a part has no influence on it. snudown nests at most 16 buffers. Deeper text is not
shown.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_DEPTH = 16
STEP_BUDGET = 20_000_000
"""How many steps failed searches may take in one text."""

Env = MutableMapping[str, Any]


def create_env(
    definitions: dict[str, tuple[str, str]], linked_media: tuple[tuple[str, str, str], ...]
) -> Env:
    """Create the state that all rules share for one text."""
    env = {"depth": 0, "is_in_link": False, "step_budget": STEP_BUDGET, "last_spoiler_ends": {}}
    return {**env, "definitions": definitions, "linked_media": linked_media}


def spend_steps(env: Env, steps: int) -> bool:
    """Count the steps of a search. Return whether the budget still allows more.

    A failed search starts again at the next delimiter. Only a text that was built to be slow uses
    up the budget. Its other delimiters stay text.
    """
    env["step_budget"] -= steps
    return bool(env["step_budget"] > 0)


def find_cached(state: StateInline, substring: str, start: int) -> int:
    """Find a substring like `str.find`, without searching any part of the text twice.

    For the same text and substring, `start` must not decrease from call to call.
    """
    positions: Any = state.cache  # markdown-it uses numbers as keys
    position: int | None = positions.get(substring)
    if position is None or 0 <= position < start:
        position = positions[substring] = state.src.find(substring, start)
    return position


@contextmanager
def nested(env: Env, levels: int = 1) -> Iterator[bool]:
    """Enter nested buffers. Yield whether text at this depth is shown."""
    env["depth"] += levels
    try:
        yield env["depth"] <= MAX_DEPTH
    finally:
        env["depth"] -= levels


def parse_blocks(state: StateBlock, source: str) -> None:
    """Parse text as blocks."""
    if state.env["depth"] <= MAX_DEPTH:
        state.md.block.parse(source, state.md, state.env, state.tokens)


def push_inline(state: StateBlock, source: str) -> None:
    """Parse text as the inline content of a block."""
    token = state.push("inline", "", 0)
    token.children = parse_inline(state, source)


def parse_inline(state: StateBlock | StateInline, source: str) -> list[Token]:
    """Parse text as inline content."""
    tokens: list[Token] = []
    if state.env["depth"] <= MAX_DEPTH:
        state.md.inline.parse(source, state.md, state.env, tokens)
    return tokens


def push_parsed_element(state: StateInline, tag: str, source: str, **attributes: str) -> bool:
    """Write an inline element around a parsed part of the text, if any of it is shown.

    Otherwise return False: snudown keeps delimiters around nothing as they were typed.
    """
    with nested(state.env):
        children = parse_inline(state, source)
    if children:
        push_element(state, tag, children, **attributes)
    return bool(children)


def push_element(state: StateInline, tag: str, children: list[Token], **attributes: str) -> None:
    """Write an element with finished children."""
    opening_token = state.push(f"{tag}_open", tag, 1)
    opening_token.attrs = dict(attributes)
    state.tokens.extend(children)
    state.push(f"{tag}_close", tag, -1)
