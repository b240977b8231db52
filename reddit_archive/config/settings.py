"""The settings and their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reddit_archive.quote import style
from reddit_archive.quote.style import Style


@dataclass(frozen=True, slots=True)
class QuoteSettings:
    """How quotes are written: target, depth of nesting, typography, pictures and style."""

    target: str = "markdown"
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

    `reddit_sources` names the source of each of these: a file, or the environment. Do not send
    `reddit` to a server without `key_settings.check`.
    """

    archive: Path = Path("archive")
    source: str = "auto"
    tries: int = 5
    first_wait_seconds: float = 1.0
    reddit: Mapping[str, Any] = field(default_factory=dict, repr=False)
    reddit_sources: Mapping[str, str] = field(default_factory=dict)
    arctic_shift: Mapping[str, Any] = field(default_factory=dict)
    quote: QuoteSettings = QuoteSettings()
    styles: Mapping[str, Style] = field(default_factory=lambda: style.BUILT_IN_STYLES)
    media: MediaSettings = MediaSettings()
    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    deleted: str = "keep"
