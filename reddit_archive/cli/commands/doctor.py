"""`doctor`: check the settings, the sources and the archive, and say what to fix."""

import sys
from collections.abc import Iterable, Iterator

import click

from reddit_archive.cli import crash_report, json_output, options, terminal
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.config import Settings
from reddit_archive.workflows import diagnostics, source_checks
from reddit_archive.workflows.diagnostics import Finding

EXIT_CODES = (5, 4, 1)
"""The exit codes of findings, the most urgent first."""


@click.command(
    "doctor",
    epilog=options.format_examples(
        "archive doctor --offline",
        "archive doctor --offline --json",
    ),
)
@click.option("--offline", is_flag=True, help="Send no requests to Reddit and Arctic Shift.")
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.global_options
def doctor_command(offline: bool, as_json: bool) -> None:
    """Check the settings, the sources, the optional packages and the archive, and say what to fix.

    Changes nothing, and sends each source one or two small requests. Exits with 0 if everything
    required works, with 5 for a problem with the settings or the key, with 4 for damage, and
    otherwise with 1.
    """
    findings = list(_iter_findings(offline))
    codes = {finding.exit_code for finding in findings}
    exit_code = next((code for code in EXIT_CODES if code in codes), 0)
    if as_json:
        checks = [_to_json(finding) for finding in findings]
        json_output.print_json({"exit": exit_code, "checks": checks}, indent=2)
    else:
        _print_findings(findings)
    if exit_code:
        terminal.warn("Fix the lines marked `fail`. The last column says how.")
    elif not as_json:
        terminal.status("Everything required works.")
    sys.exit(exit_code)


def _to_json(finding: Finding) -> dict[str, object]:
    """Return what `--json` prints of a finding. Scripts rely on these keys."""
    return {
        "check": finding.check,
        "state": finding.state,
        "found": finding.message,
        "todo": finding.hint,
        "code": finding.exit_code,
    }


def _iter_findings(offline: bool) -> Iterator[Finding]:
    loaded: list[Settings] = []
    yield from diagnostics.check_program()
    yield from diagnostics.check_settings(load_settings, loaded.append)
    if not loaded:
        message = "not checked, and neither is the archive"
        yield Finding("sources", "skip", message, "Fix the settings first.")
        return
    settings = loaded[0]
    yield from source_checks.check_key(settings)
    if offline:
        yield Finding("sources", "skip", "not checked (--offline)")
    else:
        with terminal.progress("Checking the sources …"):
            yield from source_checks.check_sources(settings, report_crash)
    yield from diagnostics.check_packages(settings)
    yield from diagnostics.check_archive(settings)


def report_crash(error: Exception) -> tuple[str, str]:
    """Write a crash report; return the message and the hint that `doctor` shows."""
    message = f"this should not have happened ({crash_report.summarize(error)})"
    return message, crash_report.write_and_build_hint(error)


def _print_findings(findings: Iterable[Finding]) -> None:
    rows = [(finding.state, finding.check, finding.message, finding.hint) for finding in findings]
    terminal.print_table(("", "Check", "Result", "What to do"), rows, folding=2)
