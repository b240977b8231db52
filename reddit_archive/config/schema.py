"""Which names config.yaml may hold, and of what kind and size their values are."""

import difflib
from dataclasses import fields
from typing import Any

from reddit_archive import errors
from reddit_archive.markup import targets
from reddit_archive.quote import style
from reddit_archive.quote.style import Style

PRAW_NAMES: dict[str, type] = {
    "client_id": str,
    "client_secret": str,
    "refresh_token": str,
    "username": str,
    "password": str,
    "redirect_uri": str,
    "user_agent": str,
    "oauth_url": str,
    "reddit_url": str,
    "timeout": int,
}
SECTIONS: dict[str, dict[str, type]] = {
    "": {
        "archive": str,
        "source": str,
        "tries": int,
        "first_wait_seconds": float,
        "reddit": dict,
        "arctic_shift": dict,
        "quote": dict,
        "styles": dict,
        "pages": dict,
        "media": dict,
        "deleted": str,
    },
    "reddit": PRAW_NAMES,
    "arctic_shift": {"url": str, "timeout": int},
    "quote": {"target": str, "deepest": int, "typography": str, "images": str, "style": str},
    "media": {"save": bool, "file_bytes": int, "thread_bytes": int},
    "style": {
        "extends": str,
        **{x.name: str if x.default is None else type(x.default) for x in fields(Style)},
    },
}
CHOICES = {
    "source": ("auto", "reddit", "arctic-shift"),
    "quote: target": targets.NAMES,
    "quote: typography": ("kept", "literal"),
    "quote: images": ("link", "embed", "local"),
    "deleted": ("keep", "redact-author", "purge"),
    **{f"style: {name}": choices for name, choices in style.CHOICES.items()},
}
LEAST = {
    "media: file_bytes": 1,
    "media: thread_bytes": 1,
    "tries": 1,
    "first_wait_seconds": 0,
    "quote: deepest": 1,
    "reddit: timeout": 1,
    "style: heading_level": 1,
    "arctic_shift: timeout": 1,
}
MOST = {"style: heading_level": 6}
KINDS: dict[type, str] = {
    str: "text (put it in quotes)",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a section",
}
SEE = "config.example.yaml shows every setting."


def checked(raw: Any, section: str, file: str, shown: str | None = None) -> dict[str, Any]:
    """Give the settings of a section that are set; refuse unknown names and odd values.

    `shown` is what messages call the section.
    """
    shown = section if shown is None else shown
    if not isinstance(raw, dict):
        what = f"'{shown}'" if shown else "the file"
        raise errors.ConfigError(f"{file}: {what} must hold settings, as 'name: value' lines", SEE)
    for key, value in raw.items():
        _check(section, key, value, f"{shown}: {key}" if shown else str(key), file)
    return {key: value for key, value in raw.items() if value is not None}


def _check(section: str, key: Any, value: Any, full: str, file: str) -> None:
    """Raise ConfigError for a name that is not known, or a value of a wrong kind or size."""
    names = SECTIONS[section]
    rule = f"{section}: {key}" if section else str(key)
    if key not in names:
        close = difflib.get_close_matches(str(key), names, n=1)
        guess = f"Did you mean '{close[0]}'? " if close else ""
        raise errors.ConfigError(f"{file}: unknown setting '{full}'", guess + SEE)
    if value is None:
        return
    wanted = (int, float) if names[key] is float else (names[key],)
    if isinstance(value, bool) != (names[key] is bool) or not isinstance(value, wanted):
        raise errors.ConfigError(f"{file}: '{full}' must be {KINDS[names[key]]}", SEE)
    if rule in CHOICES and value not in CHOICES[rule]:
        raise errors.ConfigError(f"{file}: '{full}' must be {' or '.join(CHOICES[rule])}", SEE)
    if isinstance(value, int | float) and value < LEAST.get(rule, value):
        raise errors.ConfigError(f"{file}: '{full}' must be at least {LEAST[rule]}", SEE)
    if isinstance(value, int | float) and value > MOST.get(rule, value):
        raise errors.ConfigError(f"{file}: '{full}' must be at most {MOST[rule]}", SEE)
