"""Options that say what a quote contains, and how it looks and is printed."""

from collections.abc import Callable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from reddit_archive import errors
from reddit_archive.cli.options import Command, add_options
from reddit_archive.quote import option_fields
from reddit_archive.quote.blocks.options import QUOTE_OPTIONS, QuoteOptions, build_options
from reddit_archive.quote.option_fields import OptionSpec


class QuoteValue(click.ParamType[tuple[Any]]):
    """The value of a quote option, in a tuple, because None is a value of some."""

    def __init__(self, spec: OptionSpec) -> None:
        self.spec = spec
        self.name = spec.name.removeprefix("--")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any]:
        if isinstance(value, tuple):
            return value
        try:
            return (option_fields.parse(self.spec, value),)
        except errors.InvalidOptionsError as error:
            self.fail(error.message, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        found = (choice for choice in self.spec.choices if choice.startswith(incomplete))
        return [CompletionItem(choice) for choice in found]


def selection_options(command: Command) -> Command:
    """Add the options that say what to quote, how, and where to write it."""
    return add_options(
        [*_quote_options("selection"), *_quote_options("style"), *_output_options()], command
    )


def style_options(command: Command) -> Command:
    """Add the options that say how quotes look."""
    return add_options(_quote_options("style"), command)


def as_of_option(command: Command) -> Command:
    """Add the option that quotes a thread as it was at a time."""
    return add_options(_quote_options("time"), command)


def _quote_options(group: str) -> list[Callable[[Any], Any]]:
    """Return the options of a group as click has them; `OptionSpec` defines them."""
    return [
        click.option(
            *filter(None, (spec.short_name, spec.name, field_name)),
            metavar=spec.metavar or None,
            type=None if spec.is_flag else QuoteValue(spec),
            is_flag=spec.is_flag or None,  # False would make the value optional
            multiple=spec.is_multiple,
            help=spec.help,
        )
        for field_name, spec in QUOTE_OPTIONS.items()
        if spec.group == group
    ]


def _output_options() -> list[Callable[[Any], Any]]:
    return [
        click.option("--block", is_flag=True, help="Print the quote with the markers of a block."),
        click.option("-o", "--output", metavar="FILE", help="Write the quote to FILE."),
        click.option("--copy", is_flag=True, help="Put the quote on the clipboard."),
        click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result."),
    ]


def build_quote_options(cli_options: Mapping[str, Any]) -> QuoteOptions:
    """Return what to quote and how, as a page's quote block would say it."""
    values: dict[str, Any] = {}
    for field_name, spec in QUOTE_OPTIONS.items():
        value = cli_options.get(field_name)
        if value and spec.is_flag:
            values[field_name] = spec.flag_value
        elif value:
            values[field_name] = (
                [item for (items,) in value for item in items] if spec.is_multiple else value[0]
            )
    return build_options(values)
