"""Styles of quotes that config.yaml defines, each based on another style."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reddit_archive import errors
from reddit_archive.config.schema import SETTINGS_HINT, check_section
from reddit_archive.quote import style
from reddit_archive.quote.style import Style

_CALLOUT = re.compile(r"[a-z][a-z0-9-]*[a-z0-9][+-]?", re.IGNORECASE | re.ASCII)


def parse(raw: dict[Any, Any], file: str) -> dict[str, Style]:
    """Return the styles under `styles:`, each based on the one that it extends.

    Raises ConfigError.
    """
    raw_styles: dict[str, dict[str, Any]] = {}
    for name, values in raw.items():
        if not isinstance(name, str) or name in style.BUILT_IN_STYLES:
            reason = "is a built-in style" if isinstance(name, str) else "must be text (add quotes)"
            raise errors.ConfigError(
                f"{file}: 'styles: {name}' {reason}", "Use another name for your style."
            )
        checked = check_section(values or {}, "style", file, label=f"styles: {name}")
        _check_date_format(checked.get("date_format", "%Y"), f"styles: {name}: date_format", file)
        _check_callout(checked.get("callout", ""), f"styles: {name}: callout", file)
        raw_styles[name] = checked
    return {name: _build_style(name, raw_styles, file) for name in raw_styles}


def _build_style(
    name: str, raw_styles: dict[str, dict[str, Any]], file: str, extended_by: tuple[str, ...] = ()
) -> Style:
    values = raw_styles[name]
    base_name = values.get("extends", "plain")
    if base_name in (name, *extended_by):
        raise errors.ConfigError(
            f"{file}: 'styles: {name}: extends' leads back to the same style", SETTINGS_HINT
        )
    if base_name not in style.BUILT_IN_STYLES and base_name not in raw_styles:
        problem = style.describe_unknown_style(
            base_name, {**style.BUILT_IN_STYLES, **dict.fromkeys(raw_styles, style.PLAIN_STYLE)}
        )
        raise errors.ConfigError(f"{file}: 'styles: {name}: extends': {problem}", SETTINGS_HINT)
    base_style = style.BUILT_IN_STYLES.get(base_name) or _build_style(
        base_name, raw_styles, file, (name, *extended_by)
    )
    return replace(base_style, **{key: value for key, value in values.items() if key != "extends"})


def _check_date_format(pattern: str, full_name: str, file: str) -> None:
    """Raise ConfigError for a format that is invalid, or formats a date as empty text."""
    try:
        is_date = bool(datetime(2026, 1, 5, 8, 30, tzinfo=UTC).strftime(pattern).strip())
    except ValueError:
        is_date = False
    if not is_date:
        raise errors.ConfigError(
            f"{file}: '{full_name}' is not a date format", "Write it like %Y-%m-%d or %-d %B %Y."
        )


def _check_callout(name: str, full_name: str, file: str) -> None:
    """Raise ConfigError for what can't be the type of a callout in Obsidian."""
    if name and not _CALLOUT.fullmatch(name):
        raise errors.ConfigError(
            f"{file}: '{full_name}' must be a type of callout",
            "Write it like quote, or quote- for one that is folded.",
        )
