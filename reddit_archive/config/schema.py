"""The names of the settings in config.yaml, and the types and ranges of their values."""

from collections.abc import Collection, Mapping
from typing import Any

from reddit_archive import errors
from reddit_archive.model.source_info import list_fetchable

SOURCE_SECTIONS = {info.section: dict(info.settings) for info in list_fetchable()}
SECTIONS: dict[str, dict[str, type]] = {
    "": {
        "archive": str,
        "source": str,
        "tries": int,
        "first_wait_seconds": float,
        **dict.fromkeys(SOURCE_SECTIONS, dict),
        "quote": dict,
        "styles": dict,
        "pages": dict,
        "media": dict,
        "deleted": str,
    },
    **SOURCE_SECTIONS,
    "quote": {
        "target": str,
        "width": int,
        "deepest": int,
        "typography": str,
        "images": str,
        "style": str,
    },
    "media": {"save": bool, "file_bytes": int, "thread_bytes": int},
}
STYLE = "style"
"""The section of one style. `quote_schema` has its names and choices, and those of targets."""
CHOICES: dict[str, Collection[str]] = {
    "source": ("auto", *(info.name for info in list_fetchable())),
    "quote: typography": ("kept", "literal"),
    "quote: images": ("link", "embed", "local"),
    "deleted": ("keep", "redact-author", "purge"),
}
MIN_VALUES = {
    "media: file_bytes": 1,
    "media: thread_bytes": 1,
    "tries": 1,
    "first_wait_seconds": 0,
    "quote: width": 0,
    "quote: deepest": 1,
    "style: heading_level": 1,
    **{f"{name}: timeout": 1 for name, types in SOURCE_SECTIONS.items() if "timeout" in types},
}
MAX_VALUES = {"style: heading_level": 6}
TYPE_DESCRIPTIONS: dict[type, str] = {
    str: "text (add quotes)",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a section",
}
SETTINGS_HINT = "config.example.yaml shows every setting."


def get_types(section: str) -> Mapping[str, type]:
    """Return the names of a section's settings, and the type of each."""
    if section == STYLE:
        from reddit_archive.config import quote_schema  # 30 ms, with all that writes quotes

        return quote_schema.STYLE_TYPES
    return SECTIONS[section]


def get_choices(rule: str) -> Collection[str]:
    """Return the values that a setting may have; none if it may have any."""
    if rule == "quote: target" or rule.startswith(f"{STYLE}: "):
        from reddit_archive.config import quote_schema  # 30 ms, with all that writes quotes

        return quote_schema.CHOICES.get(rule, ())
    return CHOICES.get(rule, ())


def check_section(raw: Any, section: str, file: str, label: str | None = None) -> dict[str, Any]:
    """Check the settings of a section, and return those that are not empty. Raises ConfigError.

    Args:
        raw: The content of the section.
        section: The section's name: one of SECTIONS, or STYLE.
        file: The file's name, for messages.
        label: The section's name in messages, if it is another one.
    """
    label = section if label is None else label
    if not isinstance(raw, dict):
        subject = f"'{label}'" if label else "the file"
        raise errors.ConfigError(
            f"{file}: {subject} must contain settings, as 'name: value' lines", SETTINGS_HINT
        )
    for key, value in raw.items():
        _check_value(section, key, value, f"{label}: {key}" if label else str(key), file)
    return {key: value for key, value in raw.items() if value is not None}


def _check_value(section: str, key: Any, value: Any, full_name: str, file: str) -> None:
    """Raise ConfigError for an unknown name, or a value of a wrong type or range."""
    types_by_name = get_types(section)
    rule = f"{section}: {key}" if section else str(key)
    name, colon, _ = str(key).partition(":")
    if colon and name in types_by_name:  # the rest may be a secret, so it is not shown
        setting = full_name.removesuffix(str(key)) + name
        raise errors.ConfigError(
            f"{file}: '{setting}' needs a space after its colon", SETTINGS_HINT
        )
    if key not in types_by_name:
        import difflib  # 1 ms

        matches = difflib.get_close_matches(str(key), types_by_name, n=1)
        guess = f"Did you mean '{matches[0]}'? " if matches else ""
        raise errors.ConfigError(f"{file}: unknown setting '{full_name}'", guess + SETTINGS_HINT)
    if value is None:
        return
    expected_types = (int, float) if types_by_name[key] is float else (types_by_name[key],)
    if isinstance(value, bool) != (types_by_name[key] is bool) or not isinstance(
        value, expected_types
    ):
        raise errors.ConfigError(
            f"{file}: '{full_name}' must be {TYPE_DESCRIPTIONS[types_by_name[key]]}", SETTINGS_HINT
        )
    choices = get_choices(rule)
    if choices and value not in choices:
        raise errors.ConfigError(
            f"{file}: '{full_name}' must be {' or '.join(choices)}", SETTINGS_HINT
        )
    if isinstance(value, int | float) and value < MIN_VALUES.get(rule, value):
        raise errors.ConfigError(
            f"{file}: '{full_name}' must be at least {MIN_VALUES[rule]}", SETTINGS_HINT
        )
    if isinstance(value, int | float) and value > MAX_VALUES.get(rule, value):
        raise errors.ConfigError(
            f"{file}: '{full_name}' must be at most {MAX_VALUES[rule]}", SETTINGS_HINT
        )
