"""Options that several commands share, and how their values become settings and quote options."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reddit_archive import errors

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from reddit_archive.config import Settings
    from reddit_archive.quote.blocks.options import QuoteOptions
    from reddit_archive.quote.option_fields import OptionSpec

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
    for option in reversed(
        [
            _global_option(
                "--archive", metavar="DIR", help="The archive's folder (default: ./archive)."
            ),
            _global_option("--config", metavar="FILE", help="Settings (default: ./config.yaml)."),
            _global_option("-v", "--verbose", count=True, help="Print more; -vv for debugging."),
            _global_option("-q", "--quiet", is_flag=True, help="Print only what went wrong."),
        ]
    ):
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
        from reddit_archive.cli import terminal

        terminal.configure(verbose=stored.get("verbose", 0), quiet=stored.get("quiet", False))


def load_settings() -> "Settings":
    """Load the settings from config.yaml, the environment and the common options."""
    import os
    from dataclasses import replace
    from pathlib import Path

    from reddit_archive import config
    from reddit_archive.cli import secret_scrubber

    stored = click.get_current_context().find_root().obj or {}
    loaded = config.load(get_config_option(), user_folder=get_user_folder(), environment=os.environ)
    secret_scrubber.protect(loaded.reddit)
    return replace(loaded, archive=Path(stored["archive"])) if "archive" in stored else loaded


def get_config_option() -> "Path | None":
    """Return the file that --config names."""
    from pathlib import Path

    stored = click.get_current_context().find_root().obj or {}
    return Path(stored["config"]) if "config" in stored else None


def get_user_folder() -> "Path":
    """Return the folder of the user's own config.yaml and credentials.yaml."""
    from pathlib import Path

    return Path(click.get_app_dir("reddit-archive"))  # as config.get_user_folder, 5 ms faster


def is_own_config(file: "Path") -> bool:
    """Return whether a file is the user's own config.yaml or credentials.yaml."""
    folder = get_user_folder().absolute()
    return file.absolute() in (folder / "config.yaml", folder / "credentials.yaml")


class QuoteValue(click.ParamType[tuple[Any]]):
    """The value of a quote option, in a tuple, because None is a value of some."""

    def __init__(self, spec: "OptionSpec") -> None:
        self.spec = spec
        self.name = spec.name.removeprefix("--")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any]:
        if isinstance(value, tuple):
            return value
        from reddit_archive.quote import option_fields

        try:
            return (option_fields.parse(self.spec, value),)
        except errors.InvalidOptionsError as error:
            self.fail(error.message, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        found = (choice for choice in self.spec.choices if choice.startswith(incomplete))
        return [CompletionItem(choice) for choice in found]


def selection_options(command: Command) -> Command:
    """Add the options that say what to quote, how, and where to write it."""
    return _add(
        [*_quote_options("selection"), *_quote_options("style"), *_output_options()], command
    )


def style_options(command: Command) -> Command:
    """Add the options that say how quotes look."""
    return _add(_quote_options("style"), command)


def as_of_option(command: Command) -> Command:
    """Add the option that quotes a thread as it was at a time."""
    return _add(_quote_options("time"), command)


def _quote_options(group: str) -> list[Callable[[Any], Any]]:
    """Return the options of a group as click has them; `OptionSpec` defines them."""
    from reddit_archive.quote.blocks.options import QUOTE_OPTIONS

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


def source_options(command: Command) -> Command:
    """Add the options that say where threads come from, and whether images are stored."""
    from reddit_archive.model.source_info import list_fetchable

    added = [
        click.option(
            "--media/--no-media", default=None, help="Store images and videos, too (default: yes)."
        ),
        click.option(
            "--source",
            type=click.Choice(["auto", *(info.name for info in list_fetchable())]),
            help="Which source to ask (default: auto: Reddit with a key, otherwise Arctic Shift).",
        ),
    ]
    return _add(added, command)


def _add(added: Sequence[Callable[[Any], Any]], command: Command) -> Command:
    for option in reversed(added):
        command = option(command)
    return command


def _output_options() -> list[Callable[[Any], Any]]:
    return [
        click.option("--block", is_flag=True, help="Print the quote with the markers of a block."),
        click.option("-o", "--output", metavar="FILE", help="Write the quote to FILE."),
        click.option("--copy", is_flag=True, help="Put the quote on the clipboard."),
        click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result."),
    ]


def build_quote_options(cli_options: Mapping[str, Any]) -> "QuoteOptions":
    """Return what to quote and how, as a page's quote block would say it."""
    from reddit_archive.quote.blocks.options import QUOTE_OPTIONS, build_options

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


def override_sources(settings: "Settings", cli_options: Mapping[str, Any]) -> "Settings":
    """Return the settings with what the options say about sources and images."""
    from dataclasses import replace

    if cli_options["media"] is not None:
        settings = replace(settings, media=replace(settings.media, save=cli_options["media"]))
    return replace(settings, source=cli_options["source"] or settings.source)
