"""Which source a thread is fetched from, by the settings."""

from contextlib import suppress
from dataclasses import replace

from reddit_archive import config, errors
from reddit_archive.config import Settings
from reddit_archive.model.source_info import list_fetchable
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources import registry
from reddit_archive.sources.arctic_shift import ArcticShiftSource
from reddit_archive.sources.base import SECONDS_PER_REQUEST, Progress, ProgressCallback, Source
from reddit_archive.workflows.reporter import Reporter
from reddit_archive.workflows.wording import format_count

NO_KEY = (
    "There is no key for Reddit's API, so this asks Arctic Shift, an archive that keeps texts as "
    "they were first seen. `archive login` sets a key."
)


def open_source(
    settings: Settings,
    reporter: Reporter,
    *,
    report_progress: ProgressCallback = lambda _: None,
) -> Source:
    """Return the source that the settings name; with "auto" Reddit if there is a key.

    Raises:
        LoginError: The source is Reddit, and there is no key.
        ConfigError: Settings of the source are wrong.
    """
    if settings.source == "auto" and registry.choose(settings).name != "reddit":
        reporter.status(_explain_missing_key(settings))
    return registry.create(settings, on_status=reporter.status, report_progress=report_progress)


def open_sources(
    settings: Settings,
    reporter: Reporter,
    *,
    report_progress: ProgressCallback = lambda _: None,
) -> list[Source]:
    """Return the sources to ask in turn: the one that the settings name; with "auto" all that can.

    Raises:
        LoginError: The source is Reddit, and there is no key.
        ConfigError: Settings of a source are wrong.
    """
    first = open_source(settings, reporter, report_progress=report_progress)
    if settings.source != "auto":
        return [first]
    others = [
        registry.create(
            replace(settings, source=info.name),
            on_status=reporter.status,
            report_progress=report_progress,
        )
        for info in list_fetchable()
        if info.name != first.name and registry.is_configured(info, settings)
    ]
    return [first, *others]


def open_arctic_shift(settings: Settings, reporter: Reporter) -> ArcticShiftSource:
    """Return Arctic Shift as a source."""
    return ArcticShiftSource(
        settings.get_source_settings("arctic-shift"),
        retry_policy=RetryPolicy(settings.tries, settings.first_wait_seconds),
        on_status=reporter.status,
    )


def _explain_missing_key(settings: Settings) -> str:
    """Say that there is no key, or that it is in the user's file, which is not read."""
    file, user_file = settings.file, settings.user_file
    if file is None or user_file is None or file.absolute() == user_file.absolute():
        return NO_KEY
    with suppress(errors.ConfigError):
        if user_file.is_file() and config.parse(config.read(user_file), str(user_file)).reddit.get(
            "client_id"
        ):
            return (
                f"Your key is in {user_file}, but {file} is read instead, so this asks Arctic "
                "Shift. `archive login` stores the key for all folders."
            )
    return NO_KEY


def format_progress(progress: Progress) -> str:
    """Write how far a fetch is."""
    total = f" of {progress.total_comments:,}" if progress.total_comments is not None else ""
    parts = [
        f"{progress.comment_count:,}{total} comments",
        format_count(progress.request_count, "request"),
    ]
    if progress.remaining_requests:
        seconds = max(1, round(progress.remaining_requests * SECONDS_PER_REQUEST))
        parts.append(f"about {seconds} s left")
    return " · ".join(parts)
