"""Options that say where threads come from, and whether images and videos are stored."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from reddit_archive.cli.options import Command, add_options
from reddit_archive.config import Settings
from reddit_archive.model.source_info import list_fetchable


def source_options(command: Command) -> Command:
    """Add the options that say where threads come from, and whether images are stored."""
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
    return add_options(added, command)


def override_sources(settings: Settings, cli_options: Mapping[str, Any]) -> Settings:
    """Return the settings with what the options say about sources and images."""
    if cli_options["media"] is not None:
        settings = replace(settings, media=replace(settings.media, save=cli_options["media"]))
    return replace(settings, source=cli_options["source"] or settings.source)
