"""Settings for the quotes in a page: by its path in config.yaml, and in the page itself."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from reddit_archive import errors
from reddit_archive.config.schema import SEE, checked
from reddit_archive.config.settings import Quote, Settings
from reddit_archive.quote import style
from reddit_archive.quote.style import Style


def in_page(settings: Settings, path: str, front_matter: str) -> Settings:
    """Give the settings for the quotes in a page: what `pages` says of its path, then the page.

    `front_matter` is the YAML at its top, whose `reddit:` may hold what `quote:` holds here, with
    `to` for `target`. Raises ConfigError.
    """
    from reddit_archive.config import yaml_io

    chosen: dict[str, Any] = {}
    for pattern, values in settings.pages.items():
        if PurePath(path).match(pattern):
            chosen |= values
    try:
        raw = yaml_io.load(front_matter) if front_matter.strip() else None
    except yaml_io.Invalid as error:
        if "\nreddit:" in f"\n{front_matter}":
            hint = "Mend it, or take `reddit:` out of it."
            raise errors.ConfigError(f"{path}: its front matter is not valid YAML", hint) from error
        raw = None
    own = raw.get("reddit") if isinstance(raw, dict) else None
    if isinstance(own, dict):  # any other kind is somebody else's
        chosen |= _in_page(own, "reddit", settings.styles, path)
    return replace(settings, quote=replace(settings.quote, **chosen))


def read(raw: dict[Any, Any], styles: Mapping[str, Style], file: str) -> dict[str, dict[str, Any]]:
    return {
        str(pattern): _in_page(values or {}, f"pages: {pattern}", styles, file)
        for pattern, values in raw.items()
        if str(pattern)
    }


def _in_page(raw: Any, shown: str, styles: Mapping[str, Style], file: str) -> dict[str, Any]:
    """What is said of the quotes in a page, by the names that `quote` has."""
    if isinstance(raw, dict):
        raw = {"target" if key == "to" else key: value for key, value in raw.items()}
    values = checked(raw, "quote", file, shown)
    check_style(Quote(**values), styles, f"{file}: '{shown}: style'")
    return values


def check_style(quote: Quote, styles: Mapping[str, Style], where: str) -> None:
    if quote.style not in styles:
        raise errors.ConfigError(f"{where}: {style.no_such(quote.style, styles)}", SEE)
