"""`doctor`: what is set up, what answers, what is damaged, and what to do about each."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from reddit_archive import errors
from reddit_archive.cli import crash_report, options, terminal
from reddit_archive.config import Settings, key_settings
from reddit_archive.model.source_info import SOURCES, SourceInfo, list_fetchable
from reddit_archive.sources import registry
from reddit_archive.workflows import diagnostics
from reddit_archive.workflows.diagnostics import Finding, failed

REQUEST_TIMEOUT_SECONDS = 5
TOTAL_TIMEOUT_SECONDS = 15.0
"""For all sources together: a name server that is out of reach takes longer than any timeout."""
REDDIT = SOURCES["reddit"].label
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
    found = list(_iter_findings(offline))
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


def _iter_findings(offline: bool) -> Iterator[Finding]:
    loaded: list[Settings] = []
    yield from diagnostics.program()
    yield from diagnostics.settings(options.settings, loaded.append)
    if not loaded:
        yield Finding(
            "sources", "skip", "not looked at, nor the archive", "Mend the settings first."
        )
        return
    settings = loaded[0]
    yield from _check_key(settings)
    if offline:
        yield Finding("sources", "skip", "not asked (--offline)")
    else:
        checks = {info.label: partial(_check_source, info) for info in list_fetchable()}
        with terminal.waiting(f"Asking {' and '.join(checks)} …"):
            yield from _run_checks(checks, settings)
    yield from diagnostics.parts(settings)
    yield from diagnostics.archive(settings)


def _print(found: Iterable[Finding]) -> None:
    rows = [(each.state, each.check, each.found, each.todo) for each in found]
    terminal.table(("", "check", "found", "what to do"), rows, folding=2)


def _run_checks(
    checks: Mapping[str, Check], settings: Settings, *, seconds: float = TOTAL_TIMEOUT_SECONDS
) -> list[Finding]:
    """Make checks side by side; one that does not end in time is left behind."""
    done: queue.Queue[tuple[str, list[Finding]]] = queue.Queue()

    def run(name: str, check: Check) -> None:
        try:
            done.put((name, list(check(settings))))
        except errors.ArchiveError as error:
            done.put((name, [failed(name, error)]))
        except Exception as error:
            what = f"this should not have happened ({crash_report.summarize(error)})"
            done.put(
                (name, [Finding(name, "fail", what, crash_report.write_and_build_hint(error), 1)])
            )

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
        ended[name] = [failed(name, error, is_needed=name == _get_required_source(settings))]
    return [each for name in checks for each in ended[name]]


def _get_required_source(settings: Settings) -> str:
    """Return the label of the source without which no thread can be fetched."""
    return registry.choose(settings).label


def _check_source(info: SourceInfo, settings: Settings) -> Iterator[Finding]:
    is_needed = info.label == _get_required_source(settings)
    try:
        for result in registry.check(
            info, settings, is_chosen=is_needed, timeout=REQUEST_TIMEOUT_SECONDS
        ):
            yield Finding(result.name, result.state, result.message, result.hint)
    except errors.ArchiveError as error:
        yield failed(info.label, error, is_needed=is_needed)


def _check_key(settings: Settings) -> Iterator[Finding]:
    """Check whether there is a key, of what kind, and where it goes."""
    from reddit_archive.sources.reddit_api.auth import describe_credentials

    if kind := describe_credentials(settings.reddit):
        yield from _check_key_host(kind, settings)
        return
    if _get_required_source(settings) == REDDIT:
        lacking = errors.LoginError(
            "there is none, and `source: reddit` needs one",
            "`archive login` sets it; `source: auto` does without.",
        )
        yield failed("key", lacking)
        return
    todo = "`archive login` sets one, if you have it."
    yield Finding("key", "note", "none: threads come from Arctic Shift", todo)


def _check_key_host(kind: str, settings: Settings) -> Iterator[Finding]:
    """Name the server that gets the key, unless it is Reddit."""
    try:
        foreign = key_settings.find_foreign_origins(key_settings.check(settings))
    except errors.ConfigError as error:
        yield failed("key", error, is_needed=_get_required_source(settings) == REDDIT)
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
