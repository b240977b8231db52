"""Settings from config.yaml, credentials.yaml and the environment. Unknown names are errors.

The environment wins over credentials.yaml, and credentials.yaml wins over config.yaml.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from reddit_archive.config import credentials
from reddit_archive.config.schema import check_section
from reddit_archive.config.settings import ENVIRONMENT, MediaSettings, QuoteSettings, Settings
from reddit_archive.config.yaml_file import parse as parse_yaml
from reddit_archive.config.yaml_file import read
from reddit_archive.model.source_info import list_fetchable

__all__ = ["MediaSettings", "QuoteSettings", "Settings", "find", "load", "parse", "read"]

QUOTE_SECTIONS = {"quote", "styles", "pages"}
ENVIRONMENT_SETTINGS = ("client_id", "client_secret", "refresh_token", "user_agent")


def get_user_folder() -> Path:
    """Return the folder of the user's own config.yaml and credentials.yaml."""
    import platformdirs  # 18 ms

    return Path(platformdirs.user_config_dir("reddit-archive", appauthor=False, roaming=True))


def load(path: Path | None, *, user_folder: Path, environment: Mapping[str, str]) -> Settings:
    """Load the settings for a command. Raises ConfigError.

    Args:
        path: The config file that the user named; None for the first one that `find` finds.
        user_folder: The folder of the user's own config.yaml and credentials.yaml.
        environment: The environment variables.
    """
    file = find(path, user_folder=user_folder, environment=environment)
    settings = parse(read(file), str(file)) if file else Settings()
    reddit, sources = _load_reddit_settings(settings.reddit, file, user_folder)
    settings = replace(
        settings,
        reddit=reddit,
        reddit_sources=sources,
        file=file,
        user_file=user_folder / "config.yaml",
    )
    return apply_environment(settings, environment)


def apply_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Return the settings with what environment variables override."""
    reddit = dict(settings.reddit)
    sources = dict(settings.reddit_sources)
    for name in ENVIRONMENT_SETTINGS:
        if value := environment.get(f"REDDIT_ARCHIVE_{name.upper()}"):
            reddit[name] = value
            sources[name] = ENVIRONMENT
    archive = Path(environment.get("REDDIT_ARCHIVE_DIR") or settings.archive).expanduser()
    return replace(settings, archive=archive, reddit=reddit, reddit_sources=sources)


def _load_reddit_settings(
    reddit: Mapping[str, Any], file: Path | None, user_folder: Path
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings for Reddit from config.yaml and credentials.yaml, and their files.

    The user's credentials.yaml also serves a named config file that has no key.
    """
    merged, sources = dict(reddit), dict.fromkeys(reddit, str(file))
    own_path = credentials.get_path(file, user_folder=user_folder)
    for path in dict.fromkeys((own_path, user_folder / credentials.FILE_NAME)):
        if path == own_path or not merged.get("client_id"):
            values = credentials.read(path)
            merged = credentials.merge(merged, values)
            sources |= dict.fromkeys(values, str(path))
    return merged, {name: sources[name] for name in merged}


def find(path: Path | None, *, user_folder: Path, environment: Mapping[str, str]) -> Path | None:
    """Return the config file that `load` reads; None if there is none.

    This is `path`, or the file that REDDIT_ARCHIVE_CONFIG names, or ./config.yaml, or the user's
    own config.yaml. A file that was named need not exist.
    """
    if explicit_path := path or environment.get("REDDIT_ARCHIVE_CONFIG"):
        return Path(explicit_path).expanduser()
    default_paths = (Path("config.yaml"), user_folder / "config.yaml")
    return next((file for file in default_paths if os.path.lexists(file)), None)


def parse(text: str, name: str) -> Settings:
    """Parse the text of a config.yaml; messages call it `name`. Raises ConfigError."""
    values = check_section(parse_yaml(text, name) or {}, "", name)
    source_settings = {
        info.name: check_section(values.pop(info.section, None) or {}, info.section, name)
        for info in list_fetchable()
    }
    values["reddit"] = source_settings.pop("reddit")
    values["source_settings"] = source_settings
    if values.keys() & QUOTE_SECTIONS:
        from reddit_archive.config import quote_sections  # 30 ms

        sections = {section: values.pop(section, None) for section in QUOTE_SECTIONS}
        values |= quote_sections.parse(sections, name)
    values["media"] = MediaSettings(**check_section(values.get("media") or {}, "media", name))
    if "archive" in values:
        values["archive"] = Path(values["archive"])
    return Settings(**values)
