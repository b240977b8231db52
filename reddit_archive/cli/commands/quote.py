"""`quote`: print a quote of a stored thread. Also how `save` prints one."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.cli import json_output, options, terminal
from reddit_archive.cli.arguments import threads_argument
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.named_comments import join_comments
from reddit_archive.cli.quote_options import as_of_option, build_quote_options, selection_options
from reddit_archive.config import Settings
from reddit_archive.files import durable_files
from reddit_archive.model import reference as reference_model
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.workflows import local_images
from reddit_archive.workflows import quote as quote_workflow
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import (
    LoadedThread,
    build_json,
    load_thread,
    parse_time,
    resolve_reference,
)
from reddit_archive.workflows.wording import format_count


@click.command(
    "quote",
    epilog=options.format_examples(
        "archive quote 9bread1 --all",
        "archive quote examples/short.json --comment zkeep03 --context 2 --no-post",
    ),
)
@threads_argument
@selection_options
@as_of_option
@click.option("--check", is_flag=True, help="Compare the rendered quote with Reddit's HTML.")
@options.global_options
@gc_paused()
def quote_command(thread: tuple[str, ...], check: bool, **cli_options: Any) -> None:
    """Print a quote of THREAD from the archive, without network.

    The addresses of several comments of one thread select each of them.

    --check renders the quote and compares it with what Reddit showed. It names each difference with
    the comment's id, and the exit code is then 1.
    """
    settings = load_settings()
    output = cli_options["output"]
    if output:
        prepare_output(settings.archive, Path(output))
    resolved = [resolve_reference(settings.archive, reference_model.parse(each)) for each in thread]
    reference, comment_ids = join_comments(resolved)
    quote_options = build_quote_options(cli_options).with_comments(
        (*filter(None, [reference.comment_id]), *comment_ids)
    )
    until = parse_time(quote_options.as_of) if quote_options.as_of is not None else None
    loaded = load_thread(
        settings.archive, reference.post_id or "", until=until, reporter=terminal.reporter
    )
    text = quote_workflow.write_quote(loaded, quote_options, settings, output=output)
    print_quote(loaded, quote_options, text, settings, cli_options)
    if check:
        _check(loaded, quote_options, settings)


def _check(loaded: LoadedThread, quote_options: QuoteOptions, settings: Settings) -> None:
    """Print where the quote differs from what Reddit showed. Raises RenderMismatchError."""
    differences = quote_workflow.find_differences(loaded, quote_options, settings)
    for difference in differences:
        terminal.warn(f"{difference.fullname}: Reddit showed: {difference.expected}")
        terminal.warn(f"{difference.fullname}: the quote is: {difference.actual}")
    if differences:
        raise errors.RenderMismatchError(
            f"the quote differs from Reddit in {format_count(len(differences), 'place')}",
            "Please report it with the comment's id; the quote above is printed all the same.",
        )
    terminal.status("Checked: it shows what Reddit showed.")


def print_quote(
    loaded: LoadedThread,
    quote_options: QuoteOptions,
    text: str,
    settings: Settings,
    cli_options: dict[str, Any],
) -> None:
    """Print a quote, or write it to the file or the clipboard that the options name."""
    if omitted := quote_workflow.describe_omitted(loaded, quote_options):
        terminal.status(f"{omitted[0].upper()}{omitted[1:]}.")
    output = cli_options["output"]
    if cli_options["block"]:
        text = quote_workflow.add_block_markers(loaded, quote_options, text)
    if output:
        durable_files.replace(text.encode("utf-8", "replace"), Path(output))
        local_images.copy_images(loaded, text, output)
    is_text = not output and not cli_options["as_json"]
    is_for_clipboard_only = is_text and cli_options["copy"] and sys.stdout.isatty()
    if cli_options["as_json"]:
        thread = quote_workflow.pseudonymize(loaded.thread, quote_options, settings)
        json_output.print_json(build_json(replace(loaded, thread=thread), text), indent=2)
    elif is_text and not is_for_clipboard_only:
        terminal.print_result(text)
    if cli_options["copy"]:
        _copy(text, must_print_on_failure=is_for_clipboard_only)


def _copy(text: str, *, must_print_on_failure: bool) -> None:
    """Copy the quote to the clipboard."""
    from reddit_archive.cli import clipboard  # 5 ms, with subprocess

    try:
        tool = clipboard.copy(text)
    except errors.ArchiveError:
        if must_print_on_failure:
            terminal.print_result(text)
        raise
    terminal.status(f"Copied the quote to the clipboard (by {tool}).")
