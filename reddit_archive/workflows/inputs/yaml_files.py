"""A list as YAML: strings as lines of text, or mappings of options by their long names.

Read piece by piece and never built as a whole, so that neither aliases nor depth can make much
of little.
"""

import re
from collections.abc import Iterator

from reddit_archive import errors
from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

DEEPEST = 4
LONGEST = 10_000_000
THREADS = re.compile(r"""^["']?threads["']?\s*:""", re.MULTILINE)
ENTRIES = re.compile(r"""\A\s*-\s+["']?(?:thread|url)["']?\s*:\s""")
NOTHING = ("", "~", "null", "Null", "NULL")

Piece = tuple[str, str, int]
Value = str | list["Value"] | dict[str, "Value"]


def is_list(text: str) -> bool:
    """Tell whether YAML is a list, or a mapping that has one under `threads`."""
    lines = (line.strip() for line in text[:100_000].split("\n"))
    first = next((line for line in lines if line and not line.startswith(("#", "---", "%"))), "")
    return f"{first} ".startswith(("- ", "[", "{")) or bool(THREADS.search(text))


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Give what each entry names; what can't be read ends the list with a problem."""
    if len(text) > LONGEST:
        yield ListProblem(name, "it is too large for YAML", "Name one thread a line, without YAML.")
        return
    # The package that reads YAML takes long to load.
    from reddit_archive.config import yaml_io

    try:
        for value, line in _entries(yaml_io.iter_tokens(text)):
            yield _entry(value, f"{name}:{line}")
    except (errors.InvalidOptionsError, errors.ConfigError) as error:
        yield entries.failed(error, name)


def _entry(value: Value, origin: str) -> ListEntry | ListProblem:
    if isinstance(value, str):
        return entries.line(value, origin)
    if isinstance(value, dict):
        return entries.mapping(value, origin)
    return ListProblem(origin, "a list inside of the list names no thread", "Take it apart.")


def _entries(pieces: Iterator[Piece]) -> Iterator[tuple[Value, int]]:
    """The entries of the list, or of that under `threads`, in each document."""
    for kind, _, _ in pieces:
        if kind == "[":
            yield from _listed(pieces)
        elif kind == "{":
            yield from _under_threads(pieces)


def _listed(pieces: Iterator[Piece]) -> Iterator[tuple[Value, int]]:
    for piece in pieces:
        if piece[0] == "]":
            return
        yield _value(piece, pieces, DEEPEST), piece[2]


def _under_threads(pieces: Iterator[Piece]) -> Iterator[tuple[Value, int]]:
    """The list under `threads`; other keys are somebody else's."""
    for kind, key, _ in pieces:
        if kind == "}":
            return
        first = next(pieces)
        if key == "threads" and first[0] == "[":
            yield from _listed(pieces)
        else:
            _skip(first, pieces)


def _skip(piece: Piece, pieces: Iterator[Piece]) -> None:
    depth = (piece[0] in ("[", "{")) - (piece[0] in ("]", "}"))
    while depth:
        kind = next(pieces)[0]
        depth += (kind in ("[", "{")) - (kind in ("]", "}"))


def _value(piece: Piece, pieces: Iterator[Piece], levels: int) -> Value:
    """Build one entry. Raises BadOptions for what no entry needs."""
    kind, text, line = piece
    if kind == "*":
        hint = "Write out what it stands for."
        raise errors.InvalidOptionsError(f"line {line} has an alias, which a list may not", hint)
    if not levels:
        hint = "An entry is an address, or options by name."
        raise errors.InvalidOptionsError(
            f"line {line} nests deeper than a list of threads does", hint
        )
    if kind == "[":
        return [_value(each, pieces, levels - 1) for each in _until("]", pieces)]
    if kind == "{":
        return {
            str(_value(key, pieces, 1)): _value(next(pieces), pieces, levels - 1)
            for key in _until("}", pieces)
        }
    return "" if text in NOTHING else text


def _until(end: str, pieces: Iterator[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if piece[0] == end:
            return
        yield piece
