"""What a shell completes: the ids of stored threads with their titles; and the scripts for that."""

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from reddit_archive import errors
from reddit_archive.cli import options, terminal

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

MOST = 100
MOST_CHARACTERS = 60
NAMES = ("archive", "reddit-archive")
VARIABLE = "_ARCHIVE_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
TAKING = frozenset({"save", "quote", "log", "diff", "forget", "redact", "open"})
"""The commands of which the first argument is a thread."""


def threads(
    ctx: click.Context, param: click.Parameter | None, incomplete: str
) -> "list[CompletionItem]":
    """Give the stored threads whose ids begin so, with or without t3_; else let files be named."""
    from click.shell_completion import CompletionItem

    from reddit_archive.archive.index import titles

    prefix = "t3_" if incomplete.startswith("t3_") else ""
    root = _root(ctx)
    start = incomplete.removeprefix("t3_")
    found = titles.complete_prefix(root, start, max_results=MOST) if root else []
    if not found:
        return [CompletionItem(incomplete, type="file")]
    return [CompletionItem(prefix + each, help=_short(title)) for each, title in found]


def _root(ctx: click.Context) -> "Path | None":
    """The archive's folder, without a look into config.yaml where that does not say it."""
    from pathlib import Path

    named = (ctx.find_root().obj or {}).get("archive") or os.environ.get("REDDIT_ARCHIVE_DIR")
    if named:
        return Path(named).expanduser()
    with suppress(errors.ArchiveError), ctx.scope(cleanup=False):
        return options.settings().archive
    return None


def hasten() -> None:
    """Let a shell have ids without what the command loads that they are for: a key was pressed."""
    from click import shell_completion

    class Quick(shell_completion.ShellComplete):
        def get_completions(self, args: list[str], incomplete: str) -> "list[CompletionItem]":
            ctx = self.cli.make_context(NAMES[0], args[:], resilient_parsing=True)
            words = [*ctx._protected_args, *ctx.args]
            if len(words) == 1 and words[0] in TAKING and not incomplete.startswith("-"):
                return threads(ctx, None, incomplete)
            return super().get_completions(args, incomplete)

    for shell in SHELLS:
        found = shell_completion.get_completion_class(shell)
        assert found is not None
        shell_completion.add_completion_class(type(shell, (Quick, found), {}), shell)


def _short(title: str) -> str:
    """A title on one line, without what could act on a terminal or end a shell's own line."""
    line = terminal.printable(" ".join(title.split()))
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 2]} …"


@click.command(
    "completion",
    short_help="Print what completes commands in your shell.",
    epilog=options.examples(*(f"archive completion {shell}" for shell in SHELLS)),
)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(SHELLS))
@options.common
def completion_command(shell: str) -> None:
    """Print the script that lets a shell complete commands, options and the ids of your threads.

    \b
    bash: eval "$(archive completion bash)"  in ~/.bashrc
    zsh:  eval "$(archive completion zsh)"  in ~/.zshrc, after compinit
    fish: archive completion fish > ~/.config/fish/completions/archive.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    program = click.get_current_context().find_root().command
    for name in NAMES:
        terminal.result(found(program, {}, name, VARIABLE).source() + "\n")
