"""Settings, from config.yaml and the environment; a name that is not known is refused by name."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from reddit_archive import errors

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
TOP_NAMES: dict[str, type] = {
    "archive": str,
    "source": str,
    "tries": int,
    "first_wait_seconds": float,
    "reddit": dict,
}
KINDS: dict[type, str] = {
    str: "text (put it in quotes)",
    int: "a whole number",
    float: "a number",
    dict: "a section",
}
SOURCES = ("auto", "reddit")
SECRETS_IN_ENVIRONMENT = ("client_id", "client_secret", "refresh_token", "user_agent")
SEE = "config.example.yaml shows every setting."


@dataclass(frozen=True, slots=True)
class Settings:
    """What config.yaml may say. `reddit` holds PRAW's own names and goes to PRAW as it is."""

    archive: Path = Path("archive")
    source: str = "auto"
    tries: int = 5
    first_wait_seconds: float = 1.0
    reddit: Mapping[str, Any] = field(default_factory=dict, repr=False)


def load(path: Path | None, *, user_folder: Path, environment: Mapping[str, str]) -> Settings:
    """Read `path`, else what REDDIT_ARCHIVE_CONFIG names, ./config.yaml, or the user's own file.

    The environment wins over the file. Raises ConfigError.
    """
    file = path or _find(user_folder, environment)
    settings = parse(_read(file), str(file)) if file else Settings()
    reddit = dict(settings.reddit)
    for name in SECRETS_IN_ENVIRONMENT:
        if value := environment.get(f"REDDIT_ARCHIVE_{name.upper()}"):
            reddit[name] = value
    archive = environment.get("REDDIT_ARCHIVE_DIR") or settings.archive
    return Settings(
        archive=Path(archive).expanduser(),
        source=settings.source,
        tries=settings.tries,
        first_wait_seconds=settings.first_wait_seconds,
        reddit=reddit,
    )


def _find(user_folder: Path, environment: Mapping[str, str]) -> Path | None:
    if named := environment.get("REDDIT_ARCHIVE_CONFIG"):
        return Path(named).expanduser()
    usual = (Path("config.yaml"), user_folder / "config.yaml")
    return next((file for file in usual if os.path.lexists(file)), None)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise errors.ConfigError(
            f"can't read the configuration {file}: {why.lower()}",
            "Give another with --config FILE, or mend this one.",
        ) from error


def parse(text: str, name: str) -> Settings:
    """Understand the text of a config.yaml; `name` is for messages. Raises ConfigError."""
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise errors.ConfigError(f"{name}{where} is not valid YAML", SEE) from error
    values = _checked(raw or {}, TOP_NAMES, name, "")
    reddit = _checked(values.get("reddit") or {}, PRAW_NAMES, name, "reddit: ")
    if values.get("source", "auto") not in SOURCES:
        raise errors.ConfigError(f"{name}: source must be one of {', '.join(SOURCES)}", SEE)
    if values.get("tries", 1) < 1 or values.get("first_wait_seconds", 0) < 0:
        raise errors.ConfigError(f"{name}: tries and waits can't be that small", SEE)
    if "archive" in values:
        values["archive"] = Path(values["archive"])
    return Settings(**{**values, "reddit": reddit})


def _checked(raw: Any, names: dict[str, type], file: str, section: str) -> dict[str, Any]:
    """Give the settings that are set; refuse unknown names and values of a wrong kind."""
    if not isinstance(raw, dict):
        what = f"'{section.rstrip(': ')}'" if section else "the file"
        raise errors.ConfigError(f"{file}: {what} must hold settings, as 'name: value' lines", SEE)
    for key, value in raw.items():
        if key not in names:
            close = difflib.get_close_matches(str(key), names, n=1)
            guess = f"Did you mean '{close[0]}'? " if close else ""
            raise errors.ConfigError(f"{file}: unknown setting '{section}{key}'", guess + SEE)
        wanted = (int, float) if names[key] is float else names[key]
        if value is not None and (isinstance(value, bool) or not isinstance(value, wanted)):
            kind = KINDS[names[key]]
            raise errors.ConfigError(f"{file}: '{section}{key}' must be {kind}", SEE)
    return {key: value for key, value in raw.items() if value is not None}
