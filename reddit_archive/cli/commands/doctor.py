"""`doctor`: what is set up, what answers, what is damaged, and what to do about each."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from reddit_archive import errors
from reddit_archive.cli import crash_report, options, terminal
from reddit_archive.config import Settings, key_settings
from reddit_archive.workflows import diagnostics
from reddit_archive.workflows.diagnostics import Finding, failed

REDDIT, ARCTIC_SHIFT = "Reddit", "Arctic Shift"
ANSWER_SECONDS = 5
WAIT_SECONDS = 15.0
"""For all sources together: a name server that is out of reach takes longer than any timeout."""
LOW = 0.05
NEW_KEY = "`archive login` sets another."
Check = Callable[[Settings], Iterator[Finding]]


@click.command(
    "doctor",
    short_help="Say what is set up, what answers, and what to do.",
    epilog=options.examples(
        "archive doctor --offline",
        "archive doctor --offline --json",
    ),
)
@click.option("--offline", is_flag=True, help="Ask neither Reddit nor Arctic Shift.")
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.common
def doctor_command(offline: bool, as_json: bool) -> None:
    """Check the settings, the sources, the optional parts and the archive; change nothing.

    Each source is asked once or twice, for next to nothing. It exits with 0 when all that is
    needed works, with 5 for trouble with the settings or the key, with 4 for damage, else with 1.
    """
    found = list(_findings(offline))
    codes = {each.code for each in found}
    code = next((each for each in (5, 4, 1) if each in codes), 0)
    if as_json:
        told = [asdict(each) for each in found]
        terminal.result_json({"exit": code, "checks": told}, indent=2)
    else:
        _print(found)
    if code:
        terminal.warn("What is marked fail needs you; what to do stands beside it.")
    elif not as_json:
        terminal.say("All that is needed works.")
    sys.exit(code)


def _findings(offline: bool) -> Iterator[Finding]:
    loaded: list[Settings] = []
    yield from diagnostics.program()
    yield from diagnostics.settings(loaded.append)
    if not loaded:
        yield Finding(
            "sources", "skip", "not looked at, nor the archive", "Mend the settings first."
        )
        return
    settings = loaded[0]
    yield from _key(settings)
    if offline:
        yield Finding("sources", "skip", "not asked (--offline)")
    else:
        with terminal.waiting("Asking Reddit and Arctic Shift …"):
            yield from _asked({REDDIT: _reddit, ARCTIC_SHIFT: _arctic_shift}, settings)
    yield from diagnostics.parts(settings)
    yield from diagnostics.archive(settings)


def _print(found: Iterable[Finding]) -> None:
    rows = [(each.state, each.check, each.found, each.todo) for each in found]
    terminal.table(("", "check", "found", "what to do"), rows, folding=2)


def _asked(
    checks: Mapping[str, Check], settings: Settings, *, seconds: float = WAIT_SECONDS
) -> list[Finding]:
    """Make checks side by side; one that does not end in time is left behind."""
    done: queue.Queue[tuple[str, list[Finding]]] = queue.Queue()

    def run(name: str, check: Check) -> None:
        try:
            done.put((name, list(check(settings))))
        except errors.ArchiveError as error:
            done.put((name, [failed(name, error)]))
        except Exception as error:
            what = f"this should not have happened ({crash_report.summary(error)})"
            done.put((name, [Finding(name, "fail", what, crash_report.hint(error), 1)]))

    for name, check in checks.items():
        threading.Thread(target=run, args=(name, check), daemon=True).start()
    ended: dict[str, list[Finding]] = {}
    end = time.monotonic() + seconds
    while len(ended) < len(checks) and (left := end - time.monotonic()) > 0:
        try:
            name, found = done.get(timeout=left)
        except queue.Empty:
            break
        ended[name] = found
    for name in checks.keys() - ended.keys():
        error = errors.ServerUnreachableError(
            f"no answer within {seconds:.0f} s", "Check your connection."
        )
        ended[name] = [failed(name, error, is_needed=name in _needed(settings))]
    return [each for name in checks for each in ended[name]]


def _needed(settings: Settings) -> set[str]:
    """Without which source no thread can be fetched."""
    has_key = bool(settings.reddit.get("client_id"))
    by_name = {"reddit": REDDIT, "arctic-shift": ARCTIC_SHIFT}
    return {by_name.get(settings.source, REDDIT if has_key else ARCTIC_SHIFT)}


def _key(settings: Settings) -> Iterator[Finding]:
    """Check whether there is a key, of what kind, and where it goes."""
    from reddit_archive.sources.reddit_api.auth import describe_credentials

    if kind := describe_credentials(settings.reddit):
        yield from _key_host(kind, settings)
        return
    if REDDIT in _needed(settings):
        lacking = errors.LoginError(
            "there is none, and `source: reddit` needs one",
            "`archive login` sets it; `source: auto` does without.",
        )
        yield failed("key", lacking)
        return
    todo = "`archive login` sets one, if you have it."
    yield Finding("key", "note", "none: threads come from Arctic Shift", todo)


def _key_host(kind: str, settings: Settings) -> Iterator[Finding]:
    """Name the server that gets the key, unless it is Reddit."""
    try:
        foreign = key_settings.find_foreign_origins(key_settings.check(settings))
    except errors.ConfigError as error:
        yield failed("key", error, is_needed=REDDIT in _needed(settings))
        return
    source = settings.reddit_sources.get(next(iter(foreign), ""), "")
    is_local = all(origin.is_loopback for origin in foreign.values())
    if is_local and options.is_own_config(Path(source)):
        foreign = {}  # this machine, as its user said
    found = f"{kind}, from {' and '.join(key_settings.list_sources(settings))}"
    if not foreign:
        yield Finding("key", "ok", found)
        return
    hosts = " and ".join(sorted({str(origin) for origin in foreign.values()}))
    told = f"It goes to {hosts}, not to Reddit: {source} says so in {' and '.join(foreign)}."
    yield Finding("key", "ok" if is_local else "warn", found, told)


def _reddit(settings: Settings) -> Iterator[Finding]:
    """Does Reddit take the key, does a request pass, and how many are left?"""
    from reddit_archive.sources.reddit_api.auth import Credentials

    if not settings.reddit.get("client_id"):
        return
    is_needed = REDDIT in _needed(settings)
    try:
        key = Credentials(key_settings.check(settings), timeout=ANSWER_SECONDS)
        key.request_token()
        limit = key.request_rate_limit()
    except errors.LoginError as error:
        error.hint = f"{error.hint} {NEW_KEY}"
        yield failed(REDDIT, error, is_needed=is_needed)
        return
    except errors.ArchiveError as error:
        yield failed(REDDIT, error, is_needed=is_needed)
        return
    yield Finding(REDDIT, "ok", "takes the key, and answers")
    if limit is not None:
        all_of = limit.used + limit.remaining
        left = (
            f"{limit.remaining:,} of {all_of:,} requests left, all again in {limit.reset_seconds} s"
        )
        is_low = limit.remaining < LOW * all_of
        todo = "Wait until then." if is_low else ""
        yield Finding("limit", "warn" if is_low else "ok", left, todo)


def _arctic_shift(settings: Settings) -> Iterator[Finding]:
    """Does it answer? It is asked for one comment, by an id that need not be there."""
    from reddit_archive.model.reference import Reference
    from reddit_archive.network.retry import RetryPolicy
    from reddit_archive.sources.arctic_shift import ArcticShiftSource

    is_needed = ARCTIC_SHIFT in _needed(settings)
    asked = {**settings.arctic_shift, "timeout": ANSWER_SECONDS}
    try:
        source = ArcticShiftSource(
            asked, retry_policy=RetryPolicy(tries=1), on_status=lambda _: None
        )
        source.resolve(Reference(comment_id="c0001"))
    except errors.ThreadUnavailableError:
        pass
    except errors.ArchiveError as error:
        yield failed(ARCTIC_SHIFT, error, is_needed=is_needed)
        return
    use = "threads come from here" if is_needed else "for what Reddit has lost, without a key"
    yield Finding(ARCTIC_SHIFT, "ok", f"answers; {use}")
