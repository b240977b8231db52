"""Load the settings for a command, and find the user's own files of settings."""

import os
from dataclasses import replace
from pathlib import Path

import click

from reddit_archive import config
from reddit_archive.cli import configured_secrets
from reddit_archive.config import Settings


def load_settings() -> Settings:
    """Load the settings from config.yaml, the environment and the common options."""
    stored = click.get_current_context().find_root().obj or {}
    loaded = config.load(get_config_option(), user_folder=get_user_folder(), environment=os.environ)
    configured_secrets.protect(loaded.reddit)
    return replace(loaded, archive=Path(stored["archive"])) if "archive" in stored else loaded


def get_config_option() -> Path | None:
    """Return the file that --config names."""
    stored = click.get_current_context().find_root().obj or {}
    return Path(stored["config"]) if "config" in stored else None


def get_user_folder() -> Path:
    """Return the folder of the user's own config.yaml and credentials.yaml."""
    return Path(click.get_app_dir("reddit-archive"))  # as config.get_user_folder, 5 ms faster


def is_own_config(file: Path) -> bool:
    """Return whether a file is the user's own config.yaml or credentials.yaml."""
    folder = get_user_folder().absolute()
    return file.absolute() in (folder / "config.yaml", folder / "credentials.yaml")
