"""Choose, create and check the sources that `model.source_info` lists."""

from collections.abc import Iterator
from importlib import import_module

from reddit_archive.config import Settings
from reddit_archive.model.source_info import SOURCES, SourceInfo, list_fetchable
from reddit_archive.sources.base import CheckResult, ProgressCallback, Source, StatusCallback


def choose(settings: Settings) -> SourceInfo:
    """Return the configured source; for `source: auto` the first one that has what it requires."""
    if settings.source != "auto":
        return SOURCES[settings.source]
    return next(info for info in list_fetchable() if is_configured(info, settings))


def is_configured(info: SourceInfo, settings: Settings) -> bool:
    """Return whether the required setting of a source, if any, is set."""
    required = info.required_setting
    return not required or bool(settings.get_source_settings(info.name).get(required))


def has_live_source(settings: Settings) -> bool:
    """Return whether the chosen source is configured and shows what Reddit shows now."""
    info = choose(settings)
    return info.is_live and is_configured(info, settings)


def create(
    settings: Settings,
    *,
    on_status: StatusCallback,
    report_progress: ProgressCallback = lambda _: None,
) -> Source:
    """Create the chosen source. No request is sent yet. Raises LoginError, ConfigError."""
    source: Source = import_module(choose(settings).package).create_source(
        settings, on_status=on_status, report_progress=report_progress
    )
    return source


def check(
    info: SourceInfo, settings: Settings, *, is_chosen: bool, timeout: float
) -> Iterator[CheckResult]:
    """Check whether a source answers. Raises ArchiveError if it does not."""
    yield from import_module(info.package).check_source(
        settings, is_chosen=is_chosen, timeout=timeout
    )
