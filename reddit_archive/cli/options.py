"""Options that several commands share."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pathlib import Path

    from reddit_archive.config import Settings
    from reddit_archive.quote import Selection
    from reddit_archive.quote.blocks import QuoteOptions

Command = TypeVar("Command", bound=Callable[..., Any])


class Number(click.ParamType[int | None]):
    """A number from `least` on; with `takes_all` also "all", given on as None."""

    name = "number"

    def __init__(self, least: int, *, takes_all: bool = False) -> None:
        self.least = least
        self.takes_all = takes_all

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        if value == "all" and self.takes_all:
            return None
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if number < self.least:
            also = " or 'all'" if self.takes_all else ""
            self.fail(f"'{value}' is not a number from {self.least} on{also}", param, ctx)
        return number


def examples(*lines: str) -> str:
    """Write the examples that end a command's help, a line each."""
    return "\n".join(("\b", "Examples:" if lines[1:] else "Example:", *(f"  {x}" for x in lines)))


def common(command: Command) -> Command:
    """Add the options that stand before or after a command's name."""
    for option in reversed(
        [
            _kept("--archive", metavar="DIR", help="The archive's folder (default: ./archive)."),
            _kept("--config", metavar="FILE", help="Settings (default: ./config.yaml)."),
            _kept("-v", "--verbose", count=True, help="Say more; -vv for debugging."),
            _kept("-q", "--quiet", is_flag=True, help="Say only what went wrong."),
        ]
    ):
        command = option(command)
    return command


def _kept(*names: str, **settings: Any) -> Callable[[Command], Command]:
    return click.option(*names, expose_value=False, is_eager=True, callback=_keep, **settings)


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Remember an option for the whole program, wherever it stood."""
    kept = ctx.find_root().ensure_object(dict)
    if value and param.name:
        kept[param.name] = value
    if param.name in ("verbose", "quiet"):
        from reddit_archive.cli import terminal

        terminal.set_up(verbose=kept.get("verbose", 0), quiet=kept.get("quiet", False))


def settings() -> "Settings":
    """Load the settings that the common options, the environment and config.yaml give."""
    import os
    from dataclasses import replace
    from pathlib import Path

    from reddit_archive import config
    from reddit_archive.cli import secret_scrubber

    kept = click.get_current_context().find_root().obj or {}
    loaded = config.load(named_config(), user_folder=user_folder(), environment=os.environ)
    secret_scrubber.protect(loaded.reddit)
    return replace(loaded, archive=Path(kept["archive"])) if "archive" in kept else loaded


def named_config() -> "Path | None":
    """The file that --config names."""
    from pathlib import Path

    kept = click.get_current_context().find_root().obj or {}
    return Path(kept["config"]) if "config" in kept else None


def user_folder() -> "Path":
    """Where the user's own config.yaml lies."""
    from pathlib import Path

    return Path(click.get_app_dir("reddit-archive"))


def is_own_config(file: "Path") -> bool:
    """Return whether a config.yaml is the user's own, not that of a folder."""
    return file.absolute() == (user_folder() / "config.yaml").absolute()


def selecting(command: Command) -> Command:
    """Add the options that say what to quote, how, and where to."""
    return _added(_picking() + _looking() + _writing(), command)


def looking(command: Command) -> Command:
    """Add the options that say how quotes look."""
    return _added(_looking(), command)


def sourcing(command: Command) -> Command:
    """Add the options that say where threads come from, and whether with pictures."""
    given = [
        click.option(
            "--media/--no-media", default=None, help="Store its pictures too (default: yes)."
        ),
        click.option(
            "--source",
            type=click.Choice(["auto", "reddit", "arctic-shift"]),
            help="Where to ask (default: auto, Reddit with a key, else Arctic Shift).",
        ),
    ]
    return _added(given, command)


def _added(given: Sequence[Callable[[Any], Any]], command: Command) -> Command:
    for option in reversed(given):
        command = option(command)
    return command


def _picking() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "-c",
            "--comment",
            "comments",
            metavar="ID|URL",
            multiple=True,
            help="Quote this comment (repeatable; order as in the thread).",
        ),
        click.option(
            "--context", metavar="N", type=Number(0), default=0, help="With N comments above each."
        ),
        click.option(
            "--replies",
            metavar="N|all",
            type=Number(0, takes_all=True),
            default=0,
            help="With N levels of replies below each.",
        ),
        click.option("--all", "everything", is_flag=True, help="Quote the whole thread."),
        click.option(
            "--top",
            metavar="N",
            type=Number(1),
            default=None,
            help="Quote the N answers to the post with the highest score.",
        ),
        click.option("--depth", metavar="N", type=Number(1), help="Stop at level N."),
        click.option("--no-post", is_flag=True, help="Leave the post out."),
        click.option("--no-heading", is_flag=True, help="Leave the heading out."),
        click.option(
            "--excerpt",
            metavar="WORDS",
            help="Quote a part of one text: 'these words' or 'from … to'.",
        ),
    ]


def _looking() -> list[Callable[[Any], Any]]:
    from reddit_archive.markup import targets

    *names, last_name = targets.NAMES
    return [
        click.option(
            "--to",
            "target",
            metavar="TARGET",
            help=f"Where it is pasted: {', '.join(names)} or {last_name}.",
        ),
        click.option(
            "--style",
            metavar="NAME",
            help="How attribution looks: plain, dated, full, or yours.",
        ),
        click.option(
            "--images",
            type=click.Choice(["link", "embed", "local"]),
            help="Show pictures as links, from Reddit, or from copies beside FILE.",
        ),
        click.option("--pseudonyms", is_flag=True, help="Put pseudonyms in place of names."),
    ]


def _writing() -> list[Callable[[Any], Any]]:
    return [
        click.option("--block", is_flag=True, help="Print it with the markers of a page's block."),
        click.option("-o", "--output", metavar="FILE", help="Write the quote to FILE."),
        click.option("--copy", is_flag=True, help="Put the quote on the clipboard."),
        click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result."),
    ]


def selection(given: dict[str, Any]) -> "Selection":
    """Make a Selection of the options. Raises BadReference for what is no comment."""
    from reddit_archive.model import reference
    from reddit_archive.quote import Selection

    return Selection(
        comments=tuple(dict.fromkeys(map(reference.parse_comment_id, given["comments"]))),
        context=given["context"],
        replies=given["replies"],
        everything=given["everything"],
        top=given["top"] or 0,
        depth=given["depth"],
        has_post=not given["no_post"],
        has_heading=not given["no_heading"],
    )


def quote_options(cli_options: dict[str, Any]) -> "QuoteOptions":
    """Return what to quote and how, as a page's quote block would say it."""
    from reddit_archive.quote.blocks import QuoteOptions

    return QuoteOptions(
        selection(cli_options),
        target=cli_options["target"],
        style=cli_options["style"],
        as_of=cli_options.get("as_of"),
        excerpt=cli_options["excerpt"],
        images=cli_options["images"],
        pseudonyms=cli_options["pseudonyms"],
    )


def override_sources(settings: "Settings", cli_options: Mapping[str, Any]) -> "Settings":
    """Return the settings with what the options say about sources and images."""
    from dataclasses import replace

    if cli_options["media"] is not None:
        settings = replace(settings, media=replace(settings.media, save=cli_options["media"]))
    return replace(settings, source=cli_options["source"] or settings.source)


def style_defaults(cli_options: Mapping[str, Any]) -> "QuoteOptions":
    """Return the options of `looking`, for what an entry of a list leaves open."""
    from reddit_archive.quote.blocks import QuoteOptions

    return QuoteOptions(
        target=cli_options["target"],
        style=cli_options["style"],
        images=cli_options["images"],
        pseudonyms=cli_options["pseudonyms"],
    )
