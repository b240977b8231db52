"""Arguments that several commands share."""

import click
from click.shell_completion import CompletionItem


def complete_thread(
    ctx: click.Context, param: click.Parameter | None, incomplete: str
) -> list[CompletionItem]:
    """Complete the id of a stored thread, when the user presses Tab."""
    from reddit_archive.cli import completion  # 10 ms, with SQLite

    return completion.list_threads(ctx, incomplete)


thread_argument = click.argument("thread", shell_complete=complete_thread)
threads_argument = click.argument(
    "thread", metavar="THREAD", nargs=-1, required=True, shell_complete=complete_thread
)
