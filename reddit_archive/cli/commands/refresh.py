"""`refresh`: renew or check the quote blocks inside Markdown pages."""

from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.cli import json_output, options, terminal, worker_options
from reddit_archive.cli.source_options import override_sources, source_options
from reddit_archive.workflows import refresh
from reddit_archive.workflows.refresh import BlockFinding
from reddit_archive.workflows.wording import format_count

NO_BLOCK = (
    "There is no quote block: one begins with <!-- reddit: ADDRESS --> and ends with "
    "<!-- /reddit -->."
)


@click.command(
    "refresh",
    epilog=options.format_examples(
        "archive refresh examples/notes.md --check --offline",
    ),
)
@click.argument("paths", metavar="PAGE...", nargs=-1, required=True, type=Path)
@click.option("--check", is_flag=True, help="Write nothing; report what is wrong, and exit with 1.")
@click.option("--offline", is_flag=True, help="Send no requests; use stored threads only.")
@click.option("--force", is_flag=True, help="Also replace text that this program did not write.")
@click.option(
    "--lost-ok", is_flag=True, help="With --check: accept texts that are deleted on Reddit."
)
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON lines.")
@source_options
@worker_options.worker_options
@options.global_options
def refresh_command(
    paths: tuple[Path, ...],
    check: bool,
    offline: bool,
    force: bool,
    lost_ok: bool,
    as_json: bool,
    **cli_options: Any,
) -> None:
    """Renew the quotes between `<!-- reddit: URL --comment ID … -->` and `<!-- /reddit -->`.

    Threads that are not in the archive are saved first. Quotes that were edited by hand, and other
    text that this program did not write, are kept and reported with their line; the exit code is
    then 3. Everything outside the markers stays unchanged, to the byte. For a folder, all Markdown
    files in it are refreshed.
    """
    if check and force:
        raise click.UsageError("--check writes nothing, so --force has no effect. Leave one out.")
    settings = override_sources(worker_options.load_settings(cli_options), cli_options)
    pages = refresh.read_pages(paths, settings)
    with worker_options.open_executor(cli_options) as executor:
        found = (
            refresh.check(
                pages,
                settings,
                executor,
                terminal.reporter,
                is_offline=offline,
                accepts_deleted=lost_ok,
            )
            if check
            else refresh.renew(
                pages, settings, executor, terminal.reporter, is_offline=offline, is_forced=force
            )
        )
        findings = sorted(found, key=lambda f: (str(f.path), f.line, f.kind))
    for finding in findings:
        _print_finding(finding, as_json=as_json)
    block_count = sum(len(page.blocks) for page in pages)
    if not block_count:
        terminal.status(NO_BLOCK)
    if findings and check:
        problems = format_count(len(findings), "problem")
        raise errors.BlocksOutdatedError(
            f"{problems} in {format_count(block_count, 'block')}",
            "Run `archive refresh` to add missing quotes and renew stale ones.",
        )
    if findings:
        raise errors.IncompleteThreadError(
            f"{len(findings)} of {format_count(block_count, 'block')} could not be renewed",
            "Blocks that are not renewed keep their text.",
        )


def _print_finding(finding: BlockFinding, *, as_json: bool) -> None:
    if as_json:
        record = {
            "page": str(finding.path),
            "line": finding.line,
            "kind": finding.kind,
            "message": finding.message,
        }
        json_output.print_json(record)
    else:
        terminal.print_result(f"{terminal.make_printable(str(finding))}\n")
