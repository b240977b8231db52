"""`redact`: remove texts and authors from stored threads."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.cli import options, terminal
from reddit_archive.cli.arguments import complete_thread
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.confirmation import confirm, confirmation_options
from reddit_archive.model import capture
from reddit_archive.workflows import redact, removed_copies
from reddit_archive.workflows.load import resolve_threads
from reddit_archive.workflows.redact import RedactionPreview, RedactionRequest
from reddit_archive.workflows.wording import format_count

HOURS_PER_UNIT = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}
NO_CRITERIA = RedactionCriteria()


class Age(click.ParamType[timedelta]):
    """A time span: 48h, 30d, 4w, 1y."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        match = re.fullmatch(r"(\d{1,5})([hdwy])", str(value))
        if match is None:
            self.fail(f"'{value}' is not a time span like 48h, 30d, 4w or 1y", param, ctx)
        return timedelta(hours=int(match[1]) * HOURS_PER_UNIT[match[2]])


@click.command(
    "redact",
    epilog=options.format_examples(
        "archive redact --deleted --dry-run",
        "archive redact 9bread1 --author some-name --older-than 48h --yes",
        "archive redact --finish --yes",
    ),
)
@click.argument("thread", required=False, shell_complete=complete_thread)
@click.option("--deleted", is_flag=True, help="Redact what was deleted or removed on Reddit.")
@click.option(
    "--author",
    "authors",
    metavar="NAME",
    multiple=True,
    help="Redact what NAME wrote (repeatable).",
)
@click.option(
    "--older-than", metavar="AGE", type=Age(), help="Redact what is older: 48h, 30d, 4w, 1y."
)
@click.option("--gone", is_flag=True, help="Redact threads that Reddit no longer returns.")
@click.option("--viewer", is_flag=True, help="Remove data about you that old versions stored.")
@click.option("--finish", is_flag=True, help="Remove redacted content that is still stored.")
@confirmation_options
@options.global_options
def redact_command(thread: str | None, dry_run: bool, yes: bool, **cli_options: Any) -> None:
    """Remove texts, authors, flairs, links and pictures from all snapshots of THREAD, or of all.

    Only items that meet all given options are redacted. A redacted item keeps its place in the
    thread, is quoted as "[redacted]", and stays redacted when the thread is saved again. Crossposts
    of a redacted post are redacted, too. Quotes of an item in other people's comments stay, and so
    do names in other people's texts.

    If an account was deleted but its text was not, --deleted removes only the name. It skips
    threads that are unavailable as a whole, like those of a community that went private, because
    they may come back. It counts them; --gone redacts them.

    --viewer removes data about the logged-in user that versions before 1.1 stored: votes, saved and
    hidden marks, reports, moderators' notes. It removes no posts and no comments.

    Every redaction also finishes earlier redactions that were interrupted, or undone by copying
    older files back. --finish does only that, and applies redactions from imported bags.
    """
    criteria = _build_criteria(cli_options)
    root = load_settings().archive
    stored_ids = resolve_threads(root, (thread,) if thread else (), reporter=terminal.reporter)
    unavailable_ids: list[str] = []
    if criteria.matches_all or criteria.is_deleted:
        unavailable_ids = redact.find_unavailable(root, stored_ids)
    requested_ids = unavailable_ids if criteria.matches_all else stored_ids
    if cli_options["finish"]:
        _report_pending(root, stored_ids)
    request = RedactionRequest(root, requested_ids, criteria, accept_pending=cli_options["finish"])
    plan = _redact(request, dry_run=dry_run, is_confirmed=yes)
    _print_results(plan)
    copies = removed_copies.find_removed_copies(root, stored_ids)
    for copy in copies:
        terminal.warn(f"{copy.path} {copy.description}.")
    if stored_ids and not plan.results and not copies:
        is_finish_only = criteria == NO_CRITERIA
        terminal.status(
            "No redacted content is left." if is_finish_only else "There is nothing to redact."
        )
    if not criteria.matches_all:
        _report_skipped(root, unavailable_ids, criteria)
    if copies:
        raise removed_copies.build_error(len(copies))


def _build_criteria(cli_options: Mapping[str, Any]) -> RedactionCriteria:
    """Build the criteria from the options. Raises UsageError if there is no option."""
    age = cli_options["older_than"]
    criteria = RedactionCriteria(
        is_deleted=cli_options["deleted"],
        authors=frozenset(
            name.lower().removeprefix("/").removeprefix("u/") for name in cli_options["authors"]
        ),
        created_before=capture.utc_now() - age if age else None,
        matches_all=cli_options["gone"],
        has_viewer=cli_options["viewer"],
    )
    if criteria == NO_CRITERIA and not cli_options["finish"]:
        names = "--deleted, --author NAME, --older-than AGE, --gone, --viewer or --finish"
        raise click.UsageError(f"choose what to redact: {names}")
    return criteria


def _redact(request: RedactionRequest, *, dry_run: bool, is_confirmed: bool) -> RedactionPreview:
    """Plan the redaction, ask, and apply it. Raises an error for threads that can't be redacted."""
    with terminal.progress("Reading …"):
        plan = redact.plan_redaction(request)
    if not dry_run:
        if plan.results:
            confirm(_build_question(plan), is_confirmed=is_confirmed)
        redact.apply_plan(plan)
    if error := redact.build_error(plan):
        for failure in plan.failures.values():
            if failure is not error:
                terminal.warn(f"Not redacted: {failure.message}.")
        raise error
    return plan


def _build_question(plan: RedactionPreview) -> str:
    text_count = sum(len(result.levels) for result in plan.results)
    threads = format_count(len(plan.results), "thread")
    if text_count:
        return f"Redact {format_count(text_count, 'text')} in {threads}? This can't be undone."
    if plan.request.criteria.has_viewer:
        return f"Remove the viewer's data from {threads}? This can't be undone."
    return f"Remove the remaining redacted content from {threads}? This can't be undone."


def _print_results(plan: RedactionPreview) -> None:
    for result in plan.results:
        if result.thread_id not in plan.requested_ids:
            terminal.status(f"t3_{result.thread_id} contains a crosspost of a redacted post.")
        texts = format_count(result.text_count, "text")
        snapshots = format_count(result.snapshot_count, "snapshot")
        terminal.print_result(f"t3_{result.thread_id}\t{texts}\tin {snapshots}\n")


def _report_pending(root: Path, thread_ids: Sequence[str]) -> None:
    """Warn of the threads that --finish redacts because an imported bag redacts them."""
    for thread_id, count in redact.iter_pending(root, thread_ids):
        snapshots = format_count(count, "snapshot")
        terminal.warn(
            f"t3_{thread_id}: an imported bag or a copied file redacts texts in {snapshots}."
        )


def _report_skipped(
    root: Path, unavailable_ids: Sequence[str], criteria: RedactionCriteria
) -> None:
    if count := redact.count_skipped(root, unavailable_ids, criteria):
        them = "it" if count == 1 else "them"
        terminal.status(
            f"Skipped {format_count(count, 'thread')} that Reddit no longer returns. "
            f"`archive list --lost` lists {them}, and `archive redact --gone` redacts {them}."
        )
