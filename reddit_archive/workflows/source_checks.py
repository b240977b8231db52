"""What `doctor` checks over the network: the key, Reddit and Arctic Shift."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from reddit_archive import errors
from reddit_archive.config import Settings, key_settings
from reddit_archive.workflows.diagnostics import Finding, failed

REDDIT, ARCTIC_SHIFT = "Reddit", "Arctic Shift"
REQUEST_TIMEOUT_SECONDS = 5
TOTAL_TIMEOUT_SECONDS = 15.0
"""For all sources together: looking up a host name can take longer than any request timeout."""
LOW_SHARE = 0.05
NEW_KEY_HINT = "Run `archive login` to set another key."
Check = Callable[[Settings], Iterator[Finding]]
CrashReporter = Callable[[Exception], tuple[str, str]]
"""Returns the message and the hint for an unexpected error."""


def check_sources(settings: Settings, report_crash: CrashReporter) -> list[Finding]:
    """Check Reddit and Arctic Shift with one or two small requests each."""
    checks = {REDDIT: _check_reddit, ARCTIC_SHIFT: _check_arctic_shift}
    return run_checks(checks, settings, report_crash)


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
            results.put((name, [failed(name, error)]))
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
        findings[name] = [failed(name, error, is_needed=name == _get_required_source(settings))]
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
    """Return the source without which no thread can be fetched."""
    has_key = bool(settings.reddit.get("client_id"))
    names = {"reddit": REDDIT, "arctic-shift": ARCTIC_SHIFT}
    return names.get(settings.source, REDDIT if has_key else ARCTIC_SHIFT)


def check_key(settings: Settings) -> Iterator[Finding]:
    """Check whether there is a key, of which kind, and which server receives it."""
    from reddit_archive.sources.reddit_api.auth import describe_credentials

    if kind := describe_credentials(settings.reddit):
        yield from _check_key_host(kind, settings)
        return
    if _get_required_source(settings) == REDDIT:
        error = errors.LoginError(
            "there is no key, but `source: reddit` needs one",
            "Run `archive login` to set one, or set `source: auto`.",
        )
        yield failed("key", error)
        return
    todo = "If you have a key, set it with `archive login`."
    yield Finding("key", "note", "no key: threads come from Arctic Shift", todo)


def _check_key_host(kind: str, settings: Settings) -> Iterator[Finding]:
    """Name the server that receives the key, unless it is Reddit."""
    try:
        foreign_origins = key_settings.find_foreign_origins(key_settings.check(settings))
    except errors.ConfigError as error:
        yield failed("key", error, is_needed=_get_required_source(settings) == REDDIT)
        return
    file = settings.reddit_sources.get(next(iter(foreign_origins), ""), "")
    is_local = all(origin.is_loopback for origin in foreign_origins.values())
    if not foreign_origins or (is_local and _is_user_file(file, settings)):
        yield Finding("key", "ok", kind)
        return
    hosts = " and ".join(sorted({str(origin) for origin in foreign_origins.values()}))
    names = " and ".join(foreign_origins)
    todo = f"It is sent to {hosts}, not to Reddit: {file} sets {names}."
    yield Finding("key", "ok" if is_local else "warn", kind, todo)


def _is_user_file(file: str, settings: Settings) -> bool:
    """Return whether a file is the user's own config.yaml, not the one of a folder."""
    user_file = settings.user_file
    return user_file is not None and Path(file).absolute() == user_file.absolute()


def _check_reddit(settings: Settings) -> Iterator[Finding]:
    """Check whether Reddit accepts the key and responds, and how many requests are left."""
    from reddit_archive.sources.reddit_api.auth import Credentials

    if not settings.reddit.get("client_id"):
        return
    is_needed = _get_required_source(settings) == REDDIT
    try:
        credentials = Credentials(key_settings.check(settings), timeout=REQUEST_TIMEOUT_SECONDS)
        credentials.request_token()
        limit = credentials.request_rate_limit()
    except errors.LoginError as error:
        error.hint = f"{error.hint} {NEW_KEY_HINT}"
        yield failed(REDDIT, error, is_needed=is_needed)
        return
    except errors.ArchiveError as error:
        yield failed(REDDIT, error, is_needed=is_needed)
        return
    yield Finding(REDDIT, "ok", "accepts the key and responds")
    if limit is not None:
        total = limit.used + limit.remaining
        is_low = limit.remaining < LOW_SHARE * total
        yield Finding(
            "limit",
            "warn" if is_low else "ok",
            f"{limit.remaining:,} of {total:,} requests left; resets in {limit.reset_seconds} s",
            "Wait until the limit resets." if is_low else "",
        )


def _check_arctic_shift(settings: Settings) -> Iterator[Finding]:
    """Check whether Arctic Shift responds, with a request for one comment that need not exist."""
    from reddit_archive.model.reference import Reference
    from reddit_archive.network.retry import RetryPolicy
    from reddit_archive.sources.arctic_shift import ArcticShiftSource

    is_needed = _get_required_source(settings) == ARCTIC_SHIFT
    source_settings = {**settings.arctic_shift, "timeout": REQUEST_TIMEOUT_SECONDS}
    try:
        source = ArcticShiftSource(
            source_settings, retry_policy=RetryPolicy(tries=1), on_status=lambda _: None
        )
        source.resolve(Reference(comment_id="c0001"))
    except errors.ThreadUnavailableError:
        pass
    except errors.ArchiveError as error:
        yield failed(ARCTIC_SHIFT, error, is_needed=is_needed)
        return
    purpose = "threads come from here" if is_needed else "provides texts that Reddit has deleted"
    yield Finding(ARCTIC_SHIFT, "ok", f"responds; {purpose}")
