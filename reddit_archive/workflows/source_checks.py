"""What `doctor` checks of the sources: the key, and whether each source responds."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from reddit_archive import errors
from reddit_archive.config import Settings, credentials, key_settings
from reddit_archive.model.source_info import SOURCES, SourceInfo, list_fetchable
from reddit_archive.sources import registry
from reddit_archive.workflows.diagnostics import Finding, build_failure

REDDIT = SOURCES["reddit"].label
REQUEST_TIMEOUT_SECONDS = 5
TOTAL_TIMEOUT_SECONDS = 15.0
"""For all sources together: looking up a host name can take longer than any request timeout."""
Check = Callable[[Settings], Iterator[Finding]]
CrashReporter = Callable[[Exception], tuple[str, str]]
"""Returns the message and the hint for an unexpected error."""


def check_sources(settings: Settings, report_crash: CrashReporter) -> list[Finding]:
    """Check each source that can fetch threads, with one or two small requests."""
    checks = {info.label: partial(_check_source, info) for info in list_fetchable()}
    return run_checks(checks, settings, report_crash)


def _check_source(info: SourceInfo, settings: Settings) -> Iterator[Finding]:
    is_needed = info.label == _get_required_source(settings)
    try:
        for result in registry.check(
            info, settings, is_chosen=is_needed, timeout=REQUEST_TIMEOUT_SECONDS
        ):
            yield Finding(result.name, result.state, result.message, result.hint)
    except errors.ArchiveError as error:
        yield build_failure(info.label, error, is_needed=is_needed)


def run_checks(
    checks: Mapping[str, Check],
    settings: Settings,
    report_crash: CrashReporter,
    *,
    timeout: float = TOTAL_TIMEOUT_SECONDS,
) -> list[Finding]:
    """Run checks at the same time, and do not wait for those that exceed the timeout."""
    results: queue.Queue[tuple[str, list[Finding]]] = queue.Queue()

    def run(name: str, check: Check) -> None:
        try:
            results.put((name, list(check(settings))))
        except errors.ArchiveError as error:
            results.put((name, [build_failure(name, error)]))
        except Exception as error:
            message, hint = report_crash(error)
            results.put((name, [Finding(name, "fail", message, hint, 1)]))

    for name, check in checks.items():
        threading.Thread(target=run, args=(name, check), daemon=True).start()
    findings = _collect_results(results, len(checks), timeout)
    for name in checks.keys() - findings.keys():
        error = errors.ServerUnreachableError(
            f"no response within {timeout:.0f} s", "Check your connection."
        )
        findings[name] = [
            build_failure(name, error, is_needed=name == _get_required_source(settings))
        ]
    return [finding for name in checks for finding in findings[name]]


def _collect_results(
    results: "queue.Queue[tuple[str, list[Finding]]]", count: int, timeout: float
) -> dict[str, list[Finding]]:
    findings: dict[str, list[Finding]] = {}
    deadline = time.monotonic() + timeout
    while len(findings) < count and (remaining := deadline - time.monotonic()) > 0:
        try:
            name, result = results.get(timeout=remaining)
        except queue.Empty:
            break
        findings[name] = result
    return findings


def _get_required_source(settings: Settings) -> str:
    """Return the label of the source without which no thread can be fetched."""
    return registry.choose(settings).label


def check_key(settings: Settings) -> Iterator[Finding]:
    """Check whether there is a key, of which kind, and which server receives it."""
    from reddit_archive.sources.reddit_api.auth import describe_credentials  # 130 ms

    if kind := describe_credentials(settings.reddit):
        yield from _check_key_host(kind, settings)
        return
    if _get_required_source(settings) == REDDIT:
        error = errors.LoginError(
            "there is no key, but `source: reddit` needs one",
            "Run `archive login` to set one, or set `source: auto`.",
        )
        yield build_failure("key", error)
        return
    todo = "If you have a key, set it with `archive login`."
    yield Finding("key", "note", "no key: threads come from Arctic Shift", todo)


def _check_key_host(kind: str, settings: Settings) -> Iterator[Finding]:
    """Name the server that receives the key, unless it is Reddit."""
    try:
        foreign_origins = key_settings.find_foreign_origins(key_settings.check(settings))
    except errors.ConfigError as error:
        yield build_failure("key", error, is_needed=_get_required_source(settings) == REDDIT)
        return
    file = settings.reddit_sources.get(next(iter(foreign_origins), ""), "")
    is_local = all(origin.is_loopback for origin in foreign_origins.values())
    message = f"{kind}, from {' and '.join(key_settings.list_sources(settings))}"
    if not foreign_origins or (is_local and _is_user_file(Path(file), settings)):
        yield Finding("key", "ok", message)
        return
    hosts = " and ".join(sorted({str(origin) for origin in foreign_origins.values()}))
    names = " and ".join(foreign_origins)
    todo = f"It is sent to {hosts}, not to Reddit: {file} sets {names}."
    yield Finding("key", "ok" if is_local else "warn", message, todo)


def _is_user_file(file: Path, settings: Settings) -> bool:
    """Return whether a file is the user's own config.yaml or credentials.yaml."""
    if settings.user_file is None:
        return False
    user_file = settings.user_file.absolute()
    return file.absolute() in (user_file, user_file.with_name(credentials.FILE_NAME))
