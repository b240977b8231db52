"""Settings for the quotes in a page, from `pages` in config.yaml and from its front matter."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from reddit_archive import errors
from reddit_archive.config import yaml_io
from reddit_archive.config.schema import SETTINGS_HINT, check_section
from reddit_archive.config.settings import QuoteSettings, Settings
from reddit_archive.quote import style
from reddit_archive.quote.style import Style


def apply_page_settings(settings: Settings, path: str, front_matter: str) -> Settings:
    """Return the settings for the quotes in a page. The front matter wins over `pages`.

    Args:
        settings: The settings from config.yaml.
        path: The path of the page.
        front_matter: The YAML at the top of the page. Its `reddit:` may contain the settings of
            `quote:`, with `to` instead of `target`.

    Raises:
        ConfigError: The front matter or its settings are invalid.
    """
    overrides: dict[str, Any] = {}
    for pattern, values in settings.pages.items():
        if PurePath(path).match(pattern):
            overrides |= values
    try:
        raw = yaml_io.load(front_matter) if front_matter.strip() else None
    except yaml_io.InvalidYamlError as error:
        if "\nreddit:" in f"\n{front_matter}":
            hint = "Fix it, or remove `reddit:` from it."
            raise errors.ConfigError(f"{path}: its front matter is not valid YAML", hint) from error
        raw = None
    page_options = raw.get("reddit") if isinstance(raw, dict) else None
    if isinstance(page_options, dict):  # another type belongs to another program
        overrides |= _parse_quote_settings(page_options, "reddit", settings.styles, path)
    return replace(settings, quote=replace(settings.quote, **overrides))


def parse(raw: dict[Any, Any], styles: Mapping[str, Style], file: str) -> dict[str, dict[str, Any]]:
    """Return the settings under `pages:` by their patterns. Raises ConfigError."""
    return {
        str(pattern): _parse_quote_settings(values or {}, f"pages: {pattern}", styles, file)
        for pattern, values in raw.items()
        if str(pattern)
    }


def _parse_quote_settings(
    raw: Any, label: str, styles: Mapping[str, Style], file: str
) -> dict[str, Any]:
    """Parse the settings for the quotes in a page, by the names under `quote:`."""
    if isinstance(raw, dict):
        raw = {"target" if key == "to" else key: value for key, value in raw.items()}
    values = check_section(raw, "quote", file, label)
    check_style(QuoteSettings(**values), styles, f"{file}: '{label}: style'")
    return values


def check_style(quote: QuoteSettings, styles: Mapping[str, Style], location: str) -> None:
    """Raise ConfigError if the quote's style does not exist; messages call it `location`."""
    if quote.style not in styles:
        raise errors.ConfigError(
            f"{location}: {style.describe_unknown_style(quote.style, styles)}", SETTINGS_HINT
        )
