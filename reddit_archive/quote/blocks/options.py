"""Reads and writes quote options as text, for blocks in pages and for lists of threads."""

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from reddit_archive import errors
from reddit_archive.markup import targets
from reddit_archive.model import reference
from reddit_archive.quote import Selection
from reddit_archive.quote.style import STYLE_CHOICES

_DEFAULT_SELECTION = Selection()


@dataclass(frozen=True, slots=True)
class QuoteOptions:
    """What to quote and how. None means that the settings decide.

    `as_of` and `style` are kept as typed. Only the archive and config.yaml can resolve them.
    """

    selection: Selection = _DEFAULT_SELECTION
    target: str | None = None
    style: str | None = None
    as_of: str | None = None
    excerpt: str | None = None
    images: str | None = None
    pseudonyms: bool = False

    def with_comment(self, comment_id: str | None) -> "QuoteOptions":
        """Return the options with one more selected comment; the same options for None."""
        return replace(self, selection=self.selection.with_comment(comment_id))

    def with_defaults(self, defaults: "QuoteOptions") -> "QuoteOptions":
        """Take the target, style, images and pseudonyms from `defaults` where they are not set."""
        return replace(
            self,
            target=self.target or defaults.target,
            style=self.style or defaults.style,
            images=self.images or defaults.images,
            pseudonyms=self.pseudonyms or defaults.pseudonyms,
        )


DEFAULT_OPTIONS = QuoteOptions()


def _build_number_parser(minimum: int, *, can_be_all: bool = False) -> Callable[[str], int | None]:
    def parse_number(value: str) -> int | None:
        if can_be_all and value == "all":
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 10) or int(value) < minimum:
            alternative = ", or 'all'" if can_be_all else ""
            raise errors.InvalidOptionsError(
                f"'{value}' must be a number, {minimum} or higher{alternative}"
            )
        return int(value)

    return parse_number


def _build_choice_parser(choices: Collection[str]) -> Callable[[str], str]:
    def parse_choice(value: str) -> str:
        if value not in choices:
            raise errors.InvalidOptionsError(
                f"unknown value '{value}', choose from {', '.join(choices)}"
            )
        return value

    return parse_choice


_VALUE_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "--comment": ("comments", reference.parse_comment_id),
    "--context": ("context", _build_number_parser(0)),
    "--replies": ("replies", _build_number_parser(0, can_be_all=True)),
    "--top": ("top", _build_number_parser(1)),
    "--depth": ("depth", _build_number_parser(1)),
    "--to": ("target", _build_choice_parser(targets.NAMES)),
    "--style": ("style", str),
    "--as-of": ("as_of", str),
    "--excerpt": ("excerpt", str),
    "--images": ("images", _build_choice_parser(STYLE_CHOICES["images"])),
}
_FLAG_OPTIONS: dict[str, tuple[str, bool]] = {
    "--all": ("everything", True),
    "--no-post": ("has_post", False),
    "--no-heading": ("has_heading", False),
    "--pseudonyms": ("pseudonyms", True),
}
OPTION_NAMES = (
    *("--comment", "--context", "--replies", "--all", "--top", "--depth", "--no-post"),
    *("--no-heading", "--to", "--style", "--as-of", "--excerpt", "--images", "--pseudonyms"),
)
"""The options in the order in which they are written."""

MAX_LENGTH = 100_000
MAX_DISPLAY_LENGTH = 40
"""How many characters of an unknown option a message shows."""


def parse(text: str) -> tuple[str, QuoteOptions]:
    """Parse a reference and the options around it, quoted as in a shell.

    Raises:
        InvalidOptionsError: The options are wrong.
        InvalidReferenceError: A value of `--comment` is not a comment.
    """
    if len(text) > MAX_LENGTH:
        message = f"the options have more than {MAX_LENGTH:,} characters"
        raise errors.InvalidOptionsError(message, "Use several blocks or lines.")
    try:
        words = shlex.split(text)
    except ValueError:
        hint = "Add the closing quotation mark."
        raise errors.InvalidOptionsError("a quotation mark is not closed", hint) from None
    return parse_words(words)


def parse_words(words: Sequence[str]) -> tuple[str, QuoteOptions]:
    """Parse words that are already split; see `parse`."""
    references: list[str] = []
    values: dict[str, Any] = {}
    comments: dict[str, None] = {}
    for name, value in _iter_options(words):
        if not name:
            references.append(value)
        elif name in _FLAG_OPTIONS:
            key, flag_value = _FLAG_OPTIONS[name]
            values[key] = flag_value
        else:
            key, parse_value = _VALUE_OPTIONS[name]
            parsed_value = _parse_option_value(name, value, parse_value)
            if key == "comments":
                comments[parsed_value] = None
            else:
                values[key] = parsed_value
    if len(references) != 1:
        message = f"unexpected word '{references[1]}'" if references else "no thread is named"
        raise errors.InvalidOptionsError(message, "Name one thread, then the options.")
    if comments:
        values["comments"] = tuple(comments)
    return references[0], _build_options(values)


def _build_options(values: dict[str, Any]) -> QuoteOptions:
    option_values = {key: value for key, value in values.items() if hasattr(QuoteOptions, key)}
    selection_values = {key: value for key, value in values.items() if key not in option_values}
    return QuoteOptions(selection=Selection(**selection_values), **option_values)


def _iter_options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value, "" for a flag, and ("", word) for other words."""
    remaining_words = iter(words)
    for word in remaining_words:
        name, equals_sign, value = word.partition("=")
        if name == "-c":  # not "-cID": "-context 2" would select the comment "ontext"
            name = "--comment"
        if not word.startswith("-") or word == "-":
            yield "", word
        elif name in _FLAG_OPTIONS:
            if equals_sign:
                raise errors.InvalidOptionsError(f"'{name}' takes no value", f"Remove '={value}'.")
            yield name, ""
        elif name in _VALUE_OPTIONS:
            value = value if equals_sign else next(remaining_words, "")
            if not value or (not equals_sign and value.startswith("--")):
                raise errors.InvalidOptionsError(
                    f"'{name}' has no value", "Put the value after it."
                )
            yield name, value
        else:
            display_name = (
                name if len(name) <= MAX_DISPLAY_LENGTH else f"{name[:MAX_DISPLAY_LENGTH]}…"
            )
            raise errors.InvalidOptionsError(
                f"unknown option '{display_name}'", _build_hint(display_name)
            )


def _build_hint(name: str) -> str:
    if close_matches := get_close_matches(name, OPTION_NAMES, n=1):
        return f"Did you mean '{close_matches[0]}'?"
    if name.startswith("-c"):
        return "Put a space after '-c'."
    return f"Choose from {', '.join(OPTION_NAMES)}."


def _parse_option_value(name: str, value: str, parse_value: Callable[[str], Any]) -> Any:
    try:
        return parse_value(value)
    except errors.InvalidOptionsError as error:
        raise errors.InvalidOptionsError(f"'{name}': {error.message}", error.hint) from None


def serialize(options: QuoteOptions) -> str:
    """Write options so that `parse` reads them, in a fixed order; "" for the default options.

    The result can stand in an HTML comment: nothing in it ends the comment.
    """
    words: list[str] = []
    for name, key, value in _iter_changed_options(options):
        if key == "comments":
            words += [word for comment in value for word in (name, comment)]
        elif name in _FLAG_OPTIONS:
            words.append(name)
        else:
            word = "all" if value is None else " ".join(str(value).split())
            words += [f"{name}={word}"] if word.startswith("--") else [name, word]
    return " ".join(map(quote_word, words))


def _iter_changed_options(options: QuoteOptions) -> Iterator[tuple[str, str, Any]]:
    """Yield what differs from the default: the option, its field and its value."""
    for name in OPTION_NAMES:
        key = (_VALUE_OPTIONS.get(name) or _FLAG_OPTIONS[name])[0]
        owner, default = (
            (options, DEFAULT_OPTIONS)
            if hasattr(options, key)
            else (options.selection, _DEFAULT_SELECTION)
        )
        if getattr(owner, key) != getattr(default, key):
            yield name, key, getattr(owner, key)


def quote_word(word: str) -> str:
    """Quote a word for a shell, so that it can't end an HTML comment."""
    return shlex.quote(word).replace("--!>", "--''!>").replace("-->", "--''>")
