"""Shell completion: the ids of stored threads with their titles, and the completion scripts."""

import os
from contextlib import suppress
from pathlib import Path

import click
from click import shell_completion
from click.shell_completion import CompletionItem, ShellComplete

from reddit_archive import errors
from reddit_archive.archive.index import titles
from reddit_archive.cli import options, terminal

MAX_RESULTS = 100
MAX_CHARACTERS = 60
PROGRAM_NAMES = ("archive", "reddit-archive")
VARIABLE = "_ARCHIVE_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
THREAD_COMMANDS = frozenset({"save", "quote", "log", "diff", "forget", "redact", "open"})
"""The commands whose first argument is a thread."""


def list_threads(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the stored threads whose ids start with this, with or without t3_.

    If there is none, the shell completes file names.
    """
    prefix = "t3_" if incomplete.startswith("t3_") else ""
    root = _find_archive(ctx)
    start = incomplete.removeprefix("t3_")
    matches = titles.complete_prefix(root, start, max_results=MAX_RESULTS) if root else []
    if not matches:
        return [CompletionItem(incomplete, type="file")]
    return [
        CompletionItem(prefix + thread_id, help=_shorten(title)) for thread_id, title in matches
    ]


def _find_archive(ctx: click.Context) -> Path | None:
    """Return the archive's folder; read config.yaml only if nothing else names the folder."""
    folder = (ctx.find_root().obj or {}).get("archive") or os.environ.get("REDDIT_ARCHIVE_DIR")
    if folder:
        return Path(folder).expanduser()
    from reddit_archive.cli.command_settings import load_settings  # 5 ms

    with suppress(errors.ArchiveError), ctx.scope(cleanup=False):
        return load_settings().archive
    return None


def use_fast_completion() -> None:
    """Complete thread ids without importing the command: the user waits after each Tab."""

    class FastCompletion(ShellComplete):
        def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
            ctx = self.cli.make_context(PROGRAM_NAMES[0], args[:], resilient_parsing=True)
            words = [*ctx._protected_args, *ctx.args]
            if len(words) == 1 and words[0] in THREAD_COMMANDS and not incomplete.startswith("-"):
                return list_threads(ctx, incomplete)
            return super().get_completions(args, incomplete)

    for shell in SHELLS:
        shell_class = shell_completion.get_completion_class(shell)
        assert shell_class is not None
        fast_class = type(shell, (FastCompletion, shell_class), {})
        shell_completion.add_completion_class(fast_class, shell)


def _shorten(title: str) -> str:
    """Return a title on one line, without control characters and at most MAX_CHARACTERS long."""
    line = terminal.make_printable(" ".join(title.split()))
    return line if len(line) <= MAX_CHARACTERS else f"{line[: MAX_CHARACTERS - 2]} …"


@click.command(
    "completion",
    epilog=options.format_examples(*(f"archive completion {shell}" for shell in SHELLS)),
)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(SHELLS))
@options.global_options
def completion_command(shell: str) -> None:
    """Print a script with which your shell completes commands, options and thread ids.

    \b
    bash: eval "$(archive completion bash)"  in ~/.bashrc
    zsh:  eval "$(archive completion zsh)"  in ~/.zshrc, after compinit
    fish: archive completion fish > ~/.config/fish/completions/archive.fish
    """
    shell_class = shell_completion.get_completion_class(shell)
    assert shell_class is not None
    program = click.get_current_context().find_root().command
    for name in PROGRAM_NAMES:
        terminal.print_result(shell_class(program, {}, name, VARIABLE).source() + "\n")
