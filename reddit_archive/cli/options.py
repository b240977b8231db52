"""Options of all commands, and how options are defined: all that the program needs to start."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from reddit_archive.cli import terminal

Command = TypeVar("Command", bound=Callable[..., Any])


class Number(click.ParamType[int]):
    """A whole number that is not below a minimum."""

    name = "number"

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            number = self.minimum - 1
        if number < self.minimum:
            self.fail(f"'{value}' must be a number, {self.minimum} or higher", param, ctx)
        return number


def format_examples(*lines: str) -> str:
    """Format the examples at the end of a command's help, one per line."""
    return "\n".join(("\b", "Examples:" if lines[1:] else "Example:", *(f"  {x}" for x in lines)))


def global_options(command: Command) -> Command:
    """Add the options that can stand before or after the command's name."""
    added = [
        _global_option(
            "--archive", metavar="DIR", help="The archive's folder (default: ./archive)."
        ),
        _global_option("--config", metavar="FILE", help="Settings (default: ./config.yaml)."),
        _global_option("-v", "--verbose", count=True, help="Print more; -vv for debugging."),
        _global_option("-q", "--quiet", is_flag=True, help="Print only what went wrong."),
    ]
    return add_options(added, command)


def add_options(added: Sequence[Callable[[Any], Any]], command: Command) -> Command:
    """Add options to a command, in the order of its help."""
    for option in reversed(added):
        command = option(command)
    return command


def _global_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    return click.option(
        *names, expose_value=False, is_eager=True, callback=_store_global, **settings
    )


def _store_global(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Store an option for the whole program, wherever it stands."""
    stored = ctx.find_root().ensure_object(dict)
    if value and param.name:
        stored[param.name] = value
    if param.name in ("verbose", "quiet"):
        terminal.configure(verbose=stored.get("verbose", 0), quiet=stored.get("quiet", False))
