"""A group of commands that imports the module of a command only when the command is used."""

import gc
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem


class LazyCommand(NamedTuple):  # a dataclass would need 1.3 ms more at every start
    """Where a command is defined, and its line in the help of its group.

    Attributes:
        location: The command's module and its name there, as `package.module:name`.
        short_help: The line in the help of the group. The command takes it from here.
    """

    location: str
    short_help: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, name = self.location.partition(":")
        command: click.Command = getattr(import_module(module), name)
        command.short_help = self.short_help
        if not gc.isenabled():  # `__main__` disabled it while the program loads
            gc.freeze()
            gc.enable()
        return command


class LazyGroup(click.Group):
    """Lists commands and their help from a table, and imports the command that is used."""

    def __init__(self, *args: Any, lazy_commands: Mapping[str, LazyCommand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy_commands = lazy_commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lazy_commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.lazy_commands.get(cmd_name)
        return entry.load() if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands. click itself would import them all: 340 ms instead of 45."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, entry.short_help) for name, entry in self.lazy_commands.items()]
            )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of commands without importing them."""
        matches = [
            CompletionItem(name, help=entry.short_help)
            for name, entry in self.lazy_commands.items()
            if name.startswith(incomplete)
        ]
        return [*matches, *click.Command.shell_complete(self, ctx, incomplete)]
