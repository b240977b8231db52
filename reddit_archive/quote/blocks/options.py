"""What to quote and how, as text: the options of the command line in a page's block or a list."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from reddit_archive import errors
from reddit_archive.markup import targets
from reddit_archive.model import reference
from reddit_archive.quote import Selection
from reddit_archive.quote.style import CHOICES

_POST = Selection()


@dataclass(frozen=True, slots=True)
class Options:
    """What the selecting options say; None for what is left to the settings.

    `as_of` and `style` are as they were typed; only the archive and config.yaml know what they are.
    """

    selection: Selection = _POST
    target: str | None = None
    style: str | None = None
    as_of: str | None = None
    excerpt: str | None = None
    images: str | None = None
    pseudonyms: bool = False

    def with_comment(self, comment_id: str | None) -> "Options":
        """Select one more comment, if there is one: what an address named."""
        return replace(self, selection=self.selection.with_comment(comment_id))


DEFAULT = Options()


def _number(least: int, *, takes_all: bool = False) -> Callable[[str], int | None]:
    def read(value: str) -> int | None:
        if takes_all and value == "all":
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 10) or int(value) < least:
            also = " or 'all'" if takes_all else ""
            raise errors.BadOptions(f"'{value}' is not a number from {least} on{also}")
        return int(value)

    return read


def _choice(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise errors.BadOptions(f"'{value}' is none of {', '.join(choices)}")
        return value

    return read


_VALUES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "--comment": ("comments", reference.parse_comment),
    "--context": ("context", _number(0)),
    "--replies": ("replies", _number(0, takes_all=True)),
    "--top": ("top", _number(1)),
    "--depth": ("depth", _number(1)),
    "--to": ("target", _choice(*targets.NAMES)),
    "--style": ("style", str),
    "--as-of": ("as_of", str),
    "--excerpt": ("excerpt", str),
    "--images": ("images", _choice(*CHOICES["images"])),
}
_FLAGS: dict[str, tuple[str, bool]] = {
    "--all": ("everything", True),
    "--no-post": ("has_post", False),
    "--no-heading": ("has_heading", False),
    "--pseudonyms": ("pseudonyms", True),
}
NAMES = (
    *("--comment", "--context", "--replies", "--all", "--top", "--depth", "--no-post"),
    *("--no-heading", "--to", "--style", "--as-of", "--excerpt", "--images", "--pseudonyms"),
)

MAX_LENGTH = 100_000
MAX_SHOWN = 40
"""Characters of an unknown option that a message shows."""


def parse(text: str) -> tuple[str, Options]:
    """Read a reference and the options around it, in the words of a shell.

    Raises BadOptions, and BadReference for a comment that is none.
    """
    if len(text) > MAX_LENGTH:
        what = f"the options have more than {MAX_LENGTH:,} characters"
        raise errors.BadOptions(what, "Use several blocks or lines.")
    try:
        words = shlex.split(text)
    except ValueError:
        hint = "Put another one after the words."
        raise errors.BadOptions("a quotation mark is not closed", hint) from None
    return understand(words)


def understand(words: Sequence[str]) -> tuple[str, Options]:
    """As `parse`, of words that stand apart already."""
    named: list[str] = []
    found: dict[str, Any] = {}
    comments: dict[str, None] = {}
    for name, value in _pairs(words):
        if not name:
            named.append(value)
        elif name in _FLAGS:
            key, found_value = _FLAGS[name]
            found[key] = found_value
        else:
            key, read = _VALUES[name]
            read_value = _read(name, value, read)
            if key == "comments":
                comments[read_value] = None
            else:
                found[key] = read_value
    if len(named) != 1:
        what = f"'{named[1]}' is one too many" if named else "no thread is named"
        raise errors.BadOptions(what, "Name one thread, then what of it to quote.")
    if comments:
        found["comments"] = tuple(comments)
    return named[0], _options(found)


def _options(found: dict[str, Any]) -> Options:
    own = {key: value for key, value in found.items() if hasattr(Options, key)}
    chosen = {key: value for key, value in found.items() if key not in own}
    return Options(selection=Selection(**chosen), **own)


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value, "" for a flag; ("", word) for a word that is no option."""
    rest = iter(words)
    for word in rest:
        name, joined, value = word.partition("=")
        if name == "-c":  # not "-cID": "-context 2" would select the comment "ontext"
            name = "--comment"
        if not word.startswith("-") or word == "-":
            yield "", word
        elif name in _FLAGS:
            if joined:
                raise errors.BadOptions(f"'{name}' takes no value", f"Leave '={value}' out.")
            yield name, ""
        elif name in _VALUES:
            value = value if joined else next(rest, "")
            if not value or (not joined and value.startswith("--")):
                raise errors.BadOptions(f"'{name}' says nothing", "Put its value after it.")
            yield name, value
        else:
            shown = name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}…"
            raise errors.BadOptions(f"there is no option '{shown}' here", _hint(shown))


def _hint(name: str) -> str:
    if close := get_close_matches(name, NAMES, n=1):
        return f"Did you mean '{close[0]}'?"
    if name.startswith("-c"):
        return "Put a space after '-c'."
    return f"There are {', '.join(NAMES)}."


def _read(name: str, value: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(value)
    except errors.BadOptions as error:
        raise errors.BadOptions(f"'{name}': {error.message}", error.hint) from None


def write(options: Options) -> str:
    """Write the options as `parse` reads them, in one order; "" for none.

    They may stand in an HTML comment: nothing in them ends it.
    """
    words: list[str] = []
    for name, key, value in _set(options):
        if key == "comments":
            words += [word for comment in value for word in (name, comment)]
        elif name in _FLAGS:
            words.append(name)
        else:
            word = "all" if value is None else " ".join(str(value).split())
            words += [f"{name}={word}"] if word.startswith("--") else [name, word]
    return " ".join(map(quoted, words))


def _set(options: Options) -> Iterator[tuple[str, str, Any]]:
    """What differs from the default: the option, the name of its field, and the value."""
    for name in NAMES:
        key = (_VALUES.get(name) or _FLAGS[name])[0]
        own, default = (options, DEFAULT) if hasattr(options, key) else (options.selection, _POST)
        if getattr(own, key) != getattr(default, key):
            yield name, key, getattr(own, key)


def quoted(word: str) -> str:
    """A word for a shell, in which no HTML comment ends."""
    return shlex.quote(word).replace("--!>", "--''!>").replace("-->", "--''>")
