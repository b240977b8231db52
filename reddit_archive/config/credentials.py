"""A key, set in the text of a config.yaml of which nothing else may move."""

from collections.abc import Mapping
from typing import Any

import yaml

from reddit_archive import config, errors
from reddit_archive.config import yaml_edit


def set_key(text: str, name: str, key: Mapping[str, str | None]) -> str:
    """Set what `key` says under `reddit:` in the text of a config.yaml, and change nothing else.

    A None unsets. Raises ConfigError where that can't be done.
    """
    config.parse(text, name)
    section = {**((yaml.safe_load(text) or {}).get("reddit") or {}), **key}
    expected = {**(yaml.safe_load(text) or {}), "reddit": section}
    try:
        new_text = yaml_edit.set_values(text, yaml.compose(text, yaml.SafeLoader), "reddit", key)
        if _drop_empty_settings(yaml.safe_load(new_text)) == _drop_empty_settings(expected):
            return new_text
    except (yaml.YAMLError, AttributeError, TypeError):
        pass
    lines = "".join(f"\n    {setting}: …" for setting, value in key.items() if value)
    raise errors.ConfigError(
        f"{name} is written in a way that this program can't add to without harm",
        f"Give another file with --config FILE, or write into this one:\n  reddit:{lines}",
    )


def _drop_empty_settings(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What of a config.yaml is set; an empty setting is none."""
    section = {name: value for name, value in raw["reddit"].items() if value is not None}
    return {**raw, "reddit": section}
