"""Declares each quote option once, on the dataclass field that holds its value.

The command line, quote blocks in pages and lists of threads derive their options from these fields.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from reddit_archive import errors

Group = Literal["selection", "style", "time"]


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """A quote option.

    Attributes:
        name: The option with its dashes.
        help: What it does, for `--help`.
        metavar: How `--help` names its value; "" for a flag.
        parse: Reads the value; raises InvalidOptionsError.
        group: The commands that take it: `batch` takes only those of the style, and only `quote`
            takes a time.
        choices: The values that it takes, if they are limited.
        short_name: A one-letter form for the command line.
        is_multiple: Whether it can be repeated.
        flag_value: The value of a flag.
    """

    name: str
    help: str
    metavar: str = ""
    parse: Callable[[str], Any] = str
    group: Group = "selection"
    choices: Collection[str] = ()
    short_name: str = ""
    is_multiple: bool = False
    flag_value: bool = True

    @property
    def is_flag(self) -> bool:
        return not self.metavar


def option(default: Any, name: str, help_text: str, **details: Any) -> Any:
    """Return a dataclass field with an option for the command line, blocks and lists."""
    return field(default=default, metadata={"option": OptionSpec(name, help_text, **details)})


def collect_specs(*classes: type) -> Mapping[str, OptionSpec]:
    """Return the options of dataclasses by the name of their field, in order."""
    return {
        item.name: item.metadata["option"]
        for cls in classes
        for item in fields(cls)
        if "option" in item.metadata
    }


def number(minimum: int | None = None, *, can_be_all: bool = False) -> Callable[[str], int | None]:
    """Return a parser of whole numbers; "all" becomes None."""

    def parse_number(value: str) -> int | None:
        if can_be_all and value == "all":
            return None
        digits = value.removeprefix("-") if minimum is None else value
        is_number = digits.isascii() and digits.isdigit() and len(digits) < 10
        if not is_number or (minimum is not None and int(value) < minimum):
            alternative = ", or 'all'" if can_be_all else ""
            lowest = "" if minimum is None else f", {minimum} or higher"
            raise errors.InvalidOptionsError(f"'{value}' must be a number{lowest}{alternative}")
        return int(value)

    return parse_number


def choice(choices: Collection[str]) -> Callable[[str], str]:
    """Return a parser that accepts only these values."""

    def parse_choice(value: str) -> str:
        if value not in choices:
            raise errors.InvalidOptionsError(
                f"unknown value '{value}'; choose from {', '.join(choices)}"
            )
        return value

    return parse_choice


def parse(spec: OptionSpec, text: str) -> Any:
    """Parse the value of an option.

    For an option that can be repeated, return a list: of one item, or of several between commas.

    Raises:
        InvalidOptionsError: An item can't be parsed.
        InvalidReferenceError: An item is not a comment.
    """
    if not spec.is_multiple:
        return spec.parse(text)
    items = [item for item in map(str.strip, text.split(",")) if item]
    if len(items) > 1:
        with suppress(errors.InvalidReferenceError):
            return [spec.parse(item) for item in items]
    return [spec.parse(text)]


def parse_value(spec: OptionSpec, value: str) -> Any:
    """Parse the value of an option, as `parse`; the message of an error names the option."""
    try:
        return parse(spec, value)
    except errors.InvalidOptionsError as error:
        raise errors.InvalidOptionsError(f"'{spec.name}': {error.message}", error.hint) from None
