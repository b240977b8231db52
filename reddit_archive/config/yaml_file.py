"""Read a YAML file of settings; each failure is a ConfigError that names the file."""

from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.config.schema import SETTINGS_HINT
from reddit_archive.files import regular_files


def read(file: Path) -> str:
    """Read the text of a settings file. Raises ConfigError."""
    try:
        return regular_files.read_user_file(file).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise errors.ConfigError(
            f"can't read the configuration {file}: {reason.lower()}",
            "Fix the file, or name another one with --config FILE.",
        ) from error


def parse(text: str, name: str) -> Any:
    """Parse YAML in which no key is set twice. Raises ConfigError.

    Args:
        text: The content of the file.
        name: The file's name, for messages.
    """
    from reddit_archive.config import yaml_io  # 13 ms, and often there is no file

    try:
        return yaml_io.load(text, is_strict=True)
    except yaml_io.InvalidYamlError as error:
        location = f", line {error.line}" if error.line else ""
        if isinstance(error, yaml_io.DuplicateKeyError):
            raise errors.ConfigError(
                f"{name}{location}: this setting is set twice", "Remove one of the two lines."
            ) from error
        raise errors.ConfigError(f"{name}{location} is not valid YAML", SETTINGS_HINT) from error
