"""The Reddit key that `archive login` writes: credentials.yaml, which only the user can read.

It lies in the user's folder, next to the user's own config.yaml. The config.yaml of the current
folder uses it too. A credentials.yaml in the current folder is never read: the folder may hold
another person's files. A config file elsewhere, which the user named, has its own credentials file
beside it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.config import yaml_file
from reddit_archive.config.schema import check_section

FILE_NAME = "credentials.yaml"
FILE_MODE = 0o600
HEADER = "# Your key for Reddit's API, written by `archive login`. Keep this file to yourself.\n"
APP_SETTINGS = ("client_id", "client_secret", "refresh_token")
"""What belongs to one app on Reddit. The secret of one app is useless with the id of another."""


def get_path(config_file: Path | None, *, user_folder: Path) -> Path:
    """Return the credentials file that belongs to a config file; it need not exist."""
    own_files = (user_folder / "config.yaml", Path("config.yaml"))
    if config_file is None or os.path.abspath(config_file) in map(os.path.abspath, own_files):
        return user_folder / FILE_NAME
    is_config_yaml = config_file.name == "config.yaml"
    return config_file.with_name(FILE_NAME if is_config_yaml else f"{config_file.stem}.{FILE_NAME}")


def read(file: Path) -> dict[str, Any]:
    """Return the settings for Reddit in a credentials file; empty if there is no file.

    Raises ConfigError.
    """
    if not os.path.lexists(file):
        return {}
    raw = yaml_file.parse(yaml_file.read(file), str(file)) or {}
    if not isinstance(raw, dict) or not raw.keys() <= {"reddit"}:
        raise errors.ConfigError(
            f"{file} may only hold a section 'reddit'",
            "Move other settings to config.yaml, or delete the file and run `archive login`.",
        )
    return check_section(raw.get("reddit") or {}, "reddit", str(file))


def merge(settings: Mapping[str, Any], credentials: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings for Reddit in which `credentials` replace those of config.yaml.

    If `credentials` have a client_id, the secret and the token of config.yaml belong to another
    app. They are left out.
    """
    outdated = APP_SETTINGS if credentials.get("client_id") else ()
    kept = {name: value for name, value in settings.items() if name not in outdated}
    return {**kept, **credentials}


def serialize(credentials: Mapping[str, Any]) -> bytes:
    """Return the content of a credentials file."""
    import yaml  # 12 ms, and only `login` writes

    values = {name: value for name, value in credentials.items() if value is not None}
    text = yaml.safe_dump({"reddit": values}, sort_keys=False, allow_unicode=True, width=10_000)
    return (HEADER + text).encode()
