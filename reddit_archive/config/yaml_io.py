"""Parse YAML to values, or to tokens with their line numbers."""

from collections.abc import Iterator
from typing import Any

import yaml

from reddit_archive import errors


class InvalidYamlError(Exception):
    """The text is not valid YAML. `line` is None if the line is unknown."""

    def __init__(self, line: int | None) -> None:
        super().__init__(line)
        self.line = line


class DuplicateKeyError(InvalidYamlError):
    """A key occurs twice in a mapping. PyYAML would silently use the last value."""


class _StrictLoader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    raise DuplicateKeyError(key.start_mark.line + 1 if key.start_mark else None)
                keys.add(key.value)
        return super().construct_mapping(node, deep)


def load(text: str, *, is_strict: bool = False) -> Any:
    """Parse YAML without creating objects for tags.

    Raises InvalidYamlError; if `is_strict`, DuplicateKeyError for a key that occurs twice.
    """
    loader = _StrictLoader if is_strict else yaml.SafeLoader  # both are safe loaders
    try:
        return yaml.load(text, loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidYamlError(_get_line(error)) from error


def _get_line(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None


def iter_tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield the tokens of YAML as (kind, text, line). Raises ConfigError.

    The kind is "" for text, "[", "]", "{" or "}" for the limits of lists and mappings, and "*" for
    an alias. Text is not converted to numbers or dates.
    """
    kinds = {
        yaml.ScalarEvent: "",
        yaml.SequenceStartEvent: "[",
        yaml.SequenceEndEvent: "]",
        yaml.MappingStartEvent: "{",
        yaml.MappingEndEvent: "}",
        yaml.AliasEvent: "*",
    }
    try:
        for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if (kind := kinds.get(type(event))) is not None:
                line = event.start_mark.line + 1 if event.start_mark else 1
                yield kind, getattr(event, "value", ""), line
    except yaml.YAMLError as error:
        line_number = _get_line(error)
        location = f" in line {line_number}" if line_number else ""
        hint = "Put text with special characters in quotes."
        raise errors.ConfigError(f"it is not valid YAML{location}", hint) from error
