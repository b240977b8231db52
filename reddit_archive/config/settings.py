"""The settings and their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reddit_archive.quote.style import Style

ENVIRONMENT = "the environment"
"""Where a setting for Reddit was set, if it was not a file."""


@dataclass(frozen=True, slots=True)
class QuoteSettings:
    """How quotes are written: target, width of the target `text`, depth of nesting, and more."""

    target: str = "markdown"
    width: int = 72
    deepest: int | None = None
    typography: str = "kept"
    images: str = "link"
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """Whether media are saved, and how large one file and all media of a thread may be."""

    save: bool = True
    file_bytes: int = 50_000_000
    thread_bytes: int = 500_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a command. `reddit` has PRAW's own names and values.

    `reddit_sources` says of each of them where it was set: a file, or the environment. Requests
    to Reddit take their settings from `key_settings.check`. `file` is the config.yaml that was
    read, if any; `user_file` is where the user's own would be.
    """

    archive: Path = Path("archive")
    source: str = "auto"
    tries: int = 5
    first_wait_seconds: float = 1.0
    reddit: Mapping[str, Any] = field(default_factory=dict, repr=False)
    reddit_sources: Mapping[str, str] = field(default_factory=dict)
    source_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    quote: QuoteSettings = QuoteSettings()
    own_styles: Mapping[str, "Style"] = field(default_factory=dict)
    media: MediaSettings = MediaSettings()
    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    deleted: str = "keep"
    file: Path | None = field(default=None, compare=False)
    user_file: Path | None = field(default=None, compare=False)

    @property
    def styles(self) -> "Mapping[str, Style]":
        """All styles by name: the built-in ones, and `own_styles`, which config.yaml defines."""
        from reddit_archive.quote import style  # 30 ms, with all that writes quotes

        return {**style.BUILT_IN_STYLES, **self.own_styles}

    def get_source_settings(self, name: str) -> Mapping[str, Any]:
        """Return the settings of a source; `source_settings` holds those of all but Reddit."""
        return self.reddit if name == "reddit" else self.source_settings.get(name, {})
