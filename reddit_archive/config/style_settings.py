"""Styles of quotes that config.yaml defines, each on top of another one."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reddit_archive import errors
from reddit_archive.config.schema import SEE, checked
from reddit_archive.quote import style
from reddit_archive.quote.style import Style


def read(raw: dict[Any, Any], file: str) -> dict[str, Style]:
    """Make the styles that the file names, each of those that it extends."""
    given: dict[str, dict[str, Any]] = {}
    for name, values in raw.items():
        if not isinstance(name, str) or name in style.READY:
            why = "is there already" if isinstance(name, str) else "is no name; put it in quotes"
            raise errors.ConfigError(f"{file}: 'styles: {name}' {why}", "Name yours otherwise.")
        given[name] = checked(values or {}, "style", file, shown=f"styles: {name}")
        _check_date(given[name].get("date_format", "%Y"), f"styles: {name}: date_format", file)
    return {name: _made(name, given, file) for name in given}


def _made(
    name: str, given: dict[str, dict[str, Any]], file: str, below: tuple[str, ...] = ()
) -> Style:
    values = given[name]
    base = values.get("extends", "plain")
    if base in (name, *below):
        raise errors.ConfigError(f"{file}: 'styles: {name}: extends' goes round in a circle", SEE)
    if base not in style.READY and base not in given:
        wrong = style.no_such(base, {**style.READY, **dict.fromkeys(given, style.PLAIN)})
        raise errors.ConfigError(f"{file}: 'styles: {name}: extends': {wrong}", SEE)
    extended = style.READY.get(base) or _made(base, given, file, (name, *below))
    return replace(extended, **{key: value for key, value in values.items() if key != "extends"})


def _check_date(pattern: str, full: str, file: str) -> None:
    """Raise ConfigError for a format that makes no date of a date."""
    try:
        is_date = bool(datetime(2026, 1, 5, 8, 30, tzinfo=UTC).strftime(pattern).strip())
    except ValueError:
        is_date = False
    if not is_date:
        raise errors.ConfigError(
            f"{file}: '{full}' writes no date", "Write it like %Y-%m-%d or %-d %B %Y."
        )
