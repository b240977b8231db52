"""Reads and writes quote options as text, for blocks in pages and for lists of threads."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reddit_archive import errors
from reddit_archive.markup import targets
from reddit_archive.quote import Selection
from reddit_archive.quote.option_fields import (
    OptionSpec,
    choice,
    collect_specs,
    number,
    option,
    parse_value,
)
from reddit_archive.quote.style import STYLE_CHOICES

_DEFAULT_SELECTION = Selection()


@dataclass(frozen=True, slots=True)
class QuoteOptions:
    """What to quote and how. None means that the settings decide.

    `as_of` and `style` are kept as typed. Only the archive and config.yaml can resolve them.
    """

    selection: Selection = _DEFAULT_SELECTION
    target: str | None = option(
        None,
        "--to",
        f"Where you paste the quote: {', '.join(targets.NAMES)}. "
        "Use github, not markdown, for issues, pull requests and discussions.",
        metavar="TARGET",
        parse=choice(targets.NAMES),
        choices=targets.NAMES,
        group="style",
    )
    style: str | None = option(
        None,
        "--style",
        "How attribution looks: plain, dated, full, or a style of your own.",
        metavar="NAME",
        group="style",
    )
    as_of: str | None = option(
        None,
        "--as-of",
        "Quote the thread as it was at the end of that day, or at that time (UTC).",
        metavar="DATE",
        group="time",
    )
    excerpt: str | None = option(
        None,
        "--excerpt",
        "Quote a part of one text: 'these words' or 'from … to'.",
        metavar="WORDS",
    )
    images: str | None = option(
        None,
        "--images",
        "Show images as links, from Reddit, or from copies beside FILE.",
        metavar="link|embed|local",
        parse=choice(STYLE_CHOICES["images"]),
        choices=STYLE_CHOICES["images"],
        group="style",
    )
    width: int | None = option(
        None,
        "--width",
        "Wrap the target text at N columns (default: 72; 0: not at all).",
        metavar="N",
        parse=number(0),
        group="style",
    )
    pseudonyms: bool = option(
        False, "--pseudonyms", "Replace user names with pseudonyms.", group="style"
    )

    def with_comment(self, comment_id: str | None) -> "QuoteOptions":
        """Return the options with one more selected comment; the same options for None."""
        return replace(self, selection=self.selection.with_comment(comment_id))

    def with_comments(self, comment_ids: Iterable[str]) -> "QuoteOptions":
        """Return the options with more selected comments."""
        options = self
        for comment_id in comment_ids:
            options = options.with_comment(comment_id)
        return options

    def with_defaults(self, defaults: "QuoteOptions") -> "QuoteOptions":
        """Take the options of the style from `defaults` where they are not set."""
        return replace(
            self,
            target=self.target or defaults.target,
            style=self.style or defaults.style,
            images=self.images or defaults.images,
            width=defaults.width if self.width is None else self.width,
            pseudonyms=self.pseudonyms or defaults.pseudonyms,
        )


DEFAULT_OPTIONS = QuoteOptions()


QUOTE_OPTIONS = collect_specs(Selection, QuoteOptions)
"""The options by the field that holds their value."""
_FIELDS_BY_NAME = {spec.name: field_name for field_name, spec in QUOTE_OPTIONS.items()}
OPTION_NAMES = tuple(_FIELDS_BY_NAME)
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
    for name, value in _iter_options(words):
        if not name:
            references.append(value)
            continue
        field_name = _FIELDS_BY_NAME[name]
        spec = QUOTE_OPTIONS[field_name]
        if spec.is_flag:
            values[field_name] = spec.flag_value
        elif spec.is_multiple:
            values.setdefault(field_name, []).extend(parse_value(spec, value))
        else:
            values[field_name] = parse_value(spec, value)
    if len(references) != 1:
        message = f"unexpected word '{references[1]}'" if references else "no thread is named"
        raise errors.InvalidOptionsError(message, "Name one thread, then the options.")
    return references[0], build_options(values)


def build_options(values: Mapping[str, Any]) -> QuoteOptions:
    """Build options from the values of their fields and of the fields of a selection."""
    values = {
        key: tuple(dict.fromkeys(value)) if QUOTE_OPTIONS[key].is_multiple else value
        for key, value in values.items()
    }
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
        elif name in OPTION_NAMES and QUOTE_OPTIONS[_FIELDS_BY_NAME[name]].is_flag:
            if equals_sign:
                raise errors.InvalidOptionsError(f"'{name}' takes no value", f"Remove '={value}'.")
            yield name, ""
        elif name in OPTION_NAMES:
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
    from difflib import get_close_matches  # 1 ms

    if close_matches := get_close_matches(name, OPTION_NAMES, n=1):
        return f"Did you mean '{close_matches[0]}'?"
    if name.startswith("-c"):
        return "Put a space after '-c'."
    return f"Choose from {', '.join(OPTION_NAMES)}."


def serialize(options: QuoteOptions) -> str:
    """Write options so that `parse` reads them, in a fixed order; "" for the default options.

    The result can stand in an HTML comment: nothing in it ends the comment.
    """
    words: list[str] = []
    for spec, value in _iter_changed_options(options):
        name = spec.name
        if spec.is_multiple:
            words += [word for item in value for word in (name, item)]
        elif spec.is_flag:
            words.append(name)
        else:
            word = "all" if value is None else " ".join(str(value).split())
            words += [f"{name}={word}"] if word.startswith("--") else [name, word]
    return " ".join(map(quote_word, words))


def _iter_changed_options(options: QuoteOptions) -> Iterator[tuple[OptionSpec, Any]]:
    """Yield the options that differ from the default, with their values."""
    for key, spec in QUOTE_OPTIONS.items():
        owner, default = (
            (options, DEFAULT_OPTIONS)
            if hasattr(options, key)
            else (options.selection, _DEFAULT_SELECTION)
        )
        if getattr(owner, key) != getattr(default, key):
            yield spec, getattr(owner, key)


def quote_word(word: str) -> str:
    """Quote a word for a shell, so that it can't end an HTML comment."""
    return shlex.quote(word).replace("--!>", "--''!>").replace("-->", "--''>")
