"""Settings, from config.yaml and the environment; a name that is not known is refused by name."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.config import key_settings, page_settings, style_settings
from reddit_archive.config.schema import SETTINGS_HINT, check_section
from reddit_archive.config.settings import MediaSettings, QuoteSettings, Settings
from reddit_archive.files import regular_files
from reddit_archive.quote import style

__all__ = ["MediaSettings", "QuoteSettings", "Settings", "find", "load", "parse", "read"]

ENVIRONMENT_SETTINGS = ("client_id", "client_secret", "refresh_token", "user_agent")


def load(path: Path | None, *, user_folder: Path, environment: Mapping[str, str]) -> Settings:
    """Read `path`, else what REDDIT_ARCHIVE_CONFIG names, ./config.yaml, or the user's own file.

    The environment wins over the file. Raises ConfigError.
    """
    file = find(path, user_folder=user_folder, environment=environment)
    settings = parse(read(file), str(file)) if file else Settings()
    sources = dict.fromkeys(settings.reddit, str(file))
    settings = replace(
        settings, reddit_sources=sources, file=file, user_file=user_folder / "config.yaml"
    )
    return apply_environment(settings, environment)


def apply_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Return the settings with what environment variables override."""
    reddit = dict(settings.reddit)
    sources = dict(settings.reddit_sources)
    for name in ENVIRONMENT_SETTINGS:
        if value := environment.get(f"REDDIT_ARCHIVE_{name.upper()}"):
            reddit[name] = value
            sources[name] = key_settings.ENVIRONMENT
    archive = Path(environment.get("REDDIT_ARCHIVE_DIR") or settings.archive).expanduser()
    return replace(settings, archive=archive, reddit=reddit, reddit_sources=sources)


def find(path: Path | None, *, user_folder: Path, environment: Mapping[str, str]) -> Path | None:
    """Name the file that `load` reads; one that was named need not be there."""
    if explicit_path := path or environment.get("REDDIT_ARCHIVE_CONFIG"):
        return Path(explicit_path).expanduser()
    default_paths = (Path("config.yaml"), user_folder / "config.yaml")
    return next((file for file in default_paths if os.path.lexists(file)), None)


def read(file: Path) -> str:
    """Read the text of a config.yaml. Raises ConfigError."""
    try:
        return regular_files.read_user_file(file).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise errors.ConfigError(
            f"can't read the configuration {file}: {reason.lower()}",
            "Give another with --config FILE, or mend this one.",
        ) from error


def parse(text: str, name: str) -> Settings:
    """Understand the text of a config.yaml; `name` is for messages. Raises ConfigError."""
    from reddit_archive.config import yaml_io  # YAML takes longer to load than to read

    try:
        raw = yaml_io.load(text, is_strict=True)
    except yaml_io.InvalidYamlError as error:
        location = f", line {error.line}" if error.line else ""
        if isinstance(error, yaml_io.DuplicateKeyError):
            raise errors.ConfigError(
                f"{name}{location}: that is set twice", "Leave one of them."
            ) from error
        raise errors.ConfigError(f"{name}{location} is not valid YAML", SETTINGS_HINT) from error
    values = check_section(raw or {}, "", name)
    for section in ("reddit", "arctic_shift"):
        values[section] = check_section(values.get(section) or {}, section, name)
    values["quote"] = QuoteSettings(**check_section(values.get("quote") or {}, "quote", name))
    values["media"] = MediaSettings(**check_section(values.get("media") or {}, "media", name))
    values["styles"] = {
        **style.BUILT_IN_STYLES,
        **style_settings.parse(values.get("styles") or {}, name),
    }
    page_settings.check_style(values["quote"], values["styles"], f"{name}: 'quote: style'")
    values["pages"] = page_settings.parse(values.get("pages") or {}, values["styles"], name)
    if "archive" in values:
        values["archive"] = Path(values["archive"])
    return Settings(**values)
