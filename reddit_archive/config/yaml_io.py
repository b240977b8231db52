"""YAML: as values, or piece by piece with the lines that they stand in."""

from collections.abc import Iterator
from typing import Any

import yaml

from reddit_archive import errors


class InvalidYamlError(Exception):
    """A text is not YAML, from `line` on where that is known."""

    def __init__(self, line: int | None) -> None:
        super().__init__(line)
        self.line = line


class DuplicateKeyError(InvalidYamlError):
    """A key stands twice, of which YAML would take the last."""


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
    """Read a text's value; a tag builds nothing. Raises Invalid, or Twice where that is strict."""
    try:
        return yaml.load(
            text, _StrictLoader if is_strict else yaml.SafeLoader
        )  # which is safe, too
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidYamlError(_get_line(error)) from error


def _get_line(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None


def iter_tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Give what YAML is made of, with its line: text, "[", "]", "{", "}" or "*" for an alias.

    A piece is (kind, text, line); the kind of text is "". Nothing is built, and no text becomes a
    number or a date. Raises ConfigError.
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
        hint = "Put text with odd marks in quotes."
        raise errors.ConfigError(f"it is not valid YAML{location}", hint) from error
