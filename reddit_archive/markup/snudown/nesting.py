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

MAX_DEPTH = 16
STEP_BUDGET = 20_000_000

Env = MutableMapping[str, Any]


def create_env(
    definitions: dict[str, tuple[str, str]], linked_media: tuple[tuple[str, str, str], ...]
) -> Env:
    """What one text's rules share: how deep they are, and which links and pictures are known."""
    env = {"depth": 0, "is_in_link": False, "step_budget": STEP_BUDGET}
    return {**env, "definitions": definitions, "linked_media": linked_media}


def spend_steps(env: Env, steps: int) -> bool:
    """Count steps of a search; tells whether there is still patience for more.

    A search that fails is begun anew at the next mark. Only a text that was made to take for ever
    uses all patience up; its other marks are text.
    """
    env["step_budget"] -= steps
    return bool(env["step_budget"] > 0)


def find_cached(state: StateInline, substring: str, start: int) -> int:
    """Find the next `mark` in the text as `str.find` does, without reading any part twice.

    `begin` must not become smaller from call to call for the same text and mark.
    """
    positions: Any = state.cache  # whose own keys are numbers
    position: int | None = positions.get(substring)
    if position is None or 0 <= position < start:
        position = positions[substring] = state.src.find(substring, start)
    return position


@contextmanager
def nested(env: Env, levels: int = 1) -> Iterator[bool]:
    """Go down by so many of snudown's buffers; tells whether anything there still shows."""
    env["depth"] += levels
    try:
        yield env["depth"] <= MAX_DEPTH
    finally:
        env["depth"] -= levels


def parse_blocks(state: StateBlock, source: str) -> None:
    if state.env["depth"] <= MAX_DEPTH:
        state.md.block.parse(source, state.md, state.env, state.tokens)


def push_inline(state: StateBlock, source: str) -> None:
    """Read text as the inline content of a block."""
    token = state.push("inline", "", 0)
    token.children = parse_inline(state, source)


def parse_inline(state: StateBlock | StateInline, source: str) -> list[Token]:
    tokens: list[Token] = []
    if state.env["depth"] <= MAX_DEPTH:
        state.md.inline.parse(source, state.md, state.env, tokens)
    return tokens


def push_parsed_element(state: StateInline, tag: str, source: str, **attributes: str) -> None:
    """Write an inline element around what a part of the text reads as."""
    with nested(state.env):
        children = parse_inline(state, source)
    push_element(state, tag, children, **attributes)


def push_element(state: StateInline, tag: str, children: list[Token], **attributes: str) -> None:
    opening_token = state.push(f"{tag}_open", tag, 1)
    opening_token.attrs = dict(attributes)
    state.tokens.extend(children)
    state.push(f"{tag}_close", tag, -1)
