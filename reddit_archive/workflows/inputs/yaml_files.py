"""Reads YAML: strings are lines of text, mappings have options by their long names.

The tokens are read one by one and the document is never built, so that aliases and nesting can't
multiply its size.
"""

import re
from collections.abc import Iterator

from reddit_archive import errors
from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

MAX_DEPTH = 4
MAX_LENGTH = 10_000_000
THREADS_KEY_PATTERN = re.compile(r"""^["']?threads["']?\s*:""", re.MULTILINE)
ENTRY_PATTERN = re.compile(r"""\A\s*-\s+["']?(?:thread|url)["']?\s*:\s""")
NULL_VALUES = ("", "~", "null", "Null", "NULL")

Token = tuple[str, str, int]
Value = str | list["Value"] | dict[str, "Value"]


def is_list(text: str) -> bool:
    """Return whether YAML is a list, or a mapping with a list under `threads`."""
    lines = (line.strip() for line in text[:100_000].split("\n"))
    first = next((line for line in lines if line and not line.startswith(("#", "---", "%"))), "")
    return f"{first} ".startswith(("- ", "[", "{")) or bool(THREADS_KEY_PATTERN.search(text))


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Yield what each entry names; an error ends the list with a problem."""
    if len(text) > MAX_LENGTH:
        yield ListProblem(
            name, "it is too large for YAML", "Name one thread per line, without YAML."
        )
        return
    from reddit_archive.config import yaml_io  # 13 ms, and few lists are YAML

    try:
        for value, line in _iter_entries(yaml_io.iter_tokens(text)):
            yield _read_entry(value, f"{name}:{line}")
    except (errors.InvalidOptionsError, errors.ConfigError) as error:
        yield entries.build_problem(error, name)


def _read_entry(value: Value, origin: str) -> ListEntry | ListProblem:
    if isinstance(value, str):
        return entries.parse_line(value, origin)
    if isinstance(value, dict):
        return entries.parse_mapping(value, origin)
    return ListProblem(
        origin, "a list within the list names no thread", "Write its entries into the outer list."
    )


def _iter_entries(tokens: Iterator[Token]) -> Iterator[tuple[Value, int]]:
    """Yield the entries of the list, or of the list under `threads`, in each document."""
    for kind, _, _ in tokens:
        if kind == "[":
            yield from _iter_list(tokens)
        elif kind == "{":
            yield from _iter_mapping(tokens)


def _iter_list(tokens: Iterator[Token]) -> Iterator[tuple[Value, int]]:
    for token in tokens:
        if token[0] == "]":
            return
        yield _build_value(token, tokens, MAX_DEPTH), token[2]


def _iter_mapping(tokens: Iterator[Token]) -> Iterator[tuple[Value, int]]:
    """Yield the entries under `threads`; other keys are ignored."""
    for kind, key, _ in tokens:
        if kind == "}":
            return
        token = next(tokens)
        if key == "threads" and token[0] == "[":
            yield from _iter_list(tokens)
        else:
            _skip(token, tokens)


def _skip(token: Token, tokens: Iterator[Token]) -> None:
    depth = (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
    while depth:
        kind = next(tokens)[0]
        depth += (kind in ("[", "{")) - (kind in ("]", "}"))


def _build_value(token: Token, tokens: Iterator[Token], remaining_levels: int) -> Value:
    """Build an entry. Raises InvalidOptionsError for an alias or deep nesting."""
    kind, text, line = token
    if kind == "*":
        hint = "Write out its value."
        raise errors.InvalidOptionsError(f"line {line} has an alias, which lists can't have", hint)
    if not remaining_levels:
        hint = "An entry is an address, or options by name."
        raise errors.InvalidOptionsError(
            f"line {line} is nested too deeply for a list of threads", hint
        )
    if kind == "[":
        return [
            _build_value(each, tokens, remaining_levels - 1) for each in _iter_until("]", tokens)
        ]
    if kind == "{":
        return {
            str(_build_value(key, tokens, 1)): _build_value(
                next(tokens), tokens, remaining_levels - 1
            )
            for key in _iter_until("}", tokens)
        }
    return "" if text in NULL_VALUES else text


def _iter_until(end: str, tokens: Iterator[Token]) -> Iterator[Token]:
    for token in tokens:
        if token[0] == end:
            return
        yield token
