"""The command line: the only room that prints, prompts and exits.

Each command's module is imported when the command is called, so start-up imports little but click.
"""

import os
import sys

import click
from click.shell_completion import CompletionItem

from reddit_archive import __version__, errors
from reddit_archive.cli import options, terminal
from reddit_archive.cli.arguments import complete_thread
from reddit_archive.cli.commands import COMMANDS
from reddit_archive.cli.lazy_group import LazyGroup

OPTIONS_WITH_VALUE = ("--archive", "--config")
HELP_OPTIONS = ("-h", "--help")
SYNONYMS = {
    **dict.fromkeys(("help", "usage", "man"), "--help"),
    **dict.fromkeys(("ls", "dir", "threads"), "list"),
    **dict.fromkeys(("show", "print", "cat", "cite", "view", "md", "markdown"), "quote"),
    **dict.fromkeys(("delete", "remove", "rm", "del", "erase"), "forget"),
    **dict.fromkeys(("get", "fetch", "download", "add", "archive", "snapshot"), "save"),
    **dict.fromkeys(("find", "grep", "query"), "search"),
    **dict.fromkeys(("history", "versions", "info"), "log"),
    **dict.fromkeys(("update", "sync", "renew"), "refresh"),
    **dict.fromkeys(("check", "test", "validate"), "verify"),
    **dict.fromkeys(("index", "rebuild"), "reindex"),
    **dict.fromkeys(("html", "site", "csv", "json", "sqlite", "parquet", "bag"), "export"),
    **dict.fromkeys(("load", "read"), "import"),
    **dict.fromkeys(("auth", "key", "setup"), "login"),
    **dict.fromkeys(("status", "debug", "config"), "doctor"),
    **dict.fromkeys(("version",), "--version"),
}
"""What other programs call the commands."""
COMPLETION_VARIABLE = "_ARCHIVE_COMPLETE"
INTERRUPTED_EXIT_CODE = 130


class CommandGroup(LazyGroup):
    """Runs `save` if the command's name is missing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _insert_save(args, is_completing=ctx.resilient_parsing))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete commands and options, or ids of stored threads."""
        matches = super().shell_complete(ctx, incomplete)
        if matches or incomplete.startswith("-"):
            return matches
        return complete_thread(ctx, None, incomplete)


def _insert_save(args: list[str], *, is_completing: bool = False) -> list[str]:
    """Insert `save` if the command's name is missing.

    Raises UsageError for a misspelled command, unless the shell completes a line that is still
    being typed.
    """
    position = 0
    while position < len(args):
        arg = args[position]
        if arg in COMMANDS or arg in HELP_OPTIONS or arg == "--version":
            return args
        if arg in OPTIONS_WITH_VALUE:
            position += 2
        elif arg.startswith(("--archive=", "--config=", "--quiet", "--verbose", "-q", "-v")):
            position += 1
        else:
            if not is_completing:
                _reject_word(arg)
            return [*args[:position], "save", *args[position:]]
    return args


def _reject_word(arg: str) -> None:
    """Raise UsageError for letters alone: few ids are, and most such words are slips."""
    if not (arg.isascii() and arg.isalpha()) or arg.isupper():
        return
    from difflib import get_close_matches  # 1 ms

    word = arg.lower()
    matches = [SYNONYMS[word]] if word in SYNONYMS else get_close_matches(word, COMMANDS, n=1)
    guess = f"; did you mean '{matches[0]}'?" if matches else ""
    raise click.UsageError(
        f"unknown command '{arg}'{guess} "
        f"(For a thread with this id: archive save {arg}. For a file or folder: archive ./{arg})"
    )


@click.group(
    cls=CommandGroup,
    lazy_commands=COMMANDS,
    context_settings={"max_content_width": 92, "help_option_names": HELP_OPTIONS},
    epilog=options.format_examples(
        "archive examples/short.json --top 2",
    ),
)
@click.version_option(__version__, prog_name="reddit-archive")
@options.global_options
def program() -> None:
    """Archive Reddit threads, and quote them as Markdown.

    THREAD can be any URL of a thread, redd.it/…, a share link /r/x/s/…, t3_…, an id, a Markdown
    link, a saved page or JSON file, or - for one on stdin. The URL of a comment selects that
    comment. `archive THREAD …` means `archive save THREAD …`.
    """


def main() -> None:
    """Run the program and exit with its code. An error prints one sentence and a hint."""
    if COMPLETION_VARIABLE in os.environ:
        from reddit_archive.cli import completion  # 10 ms, with SQLite

        completion.use_fast_completion()
    try:
        program.main(prog_name="archive", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        terminal.warn(error.format_message())
        sys.exit(error.exit_code)
    except click.ClickException as error:
        message = " ".join(error.format_message().split())  # click lists choices on separate lines
        terminal.print_error(message, _usage_hint(error))
        sys.exit(error.exit_code)
    except errors.ArchiveError as error:
        from reddit_archive.cli import example_files  # 3 ms, with pathlib

        terminal.print_error(error.message, example_files.build_hint(sys.argv) or error.hint)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        terminal.print_error("interrupted", "Everything that was saved before is safe.")
        sys.exit(INTERRUPTED_EXIT_CODE)
    except BrokenPipeError:  # a reader like `head` closed the pipe
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from reddit_archive.cli import crash_report  # 25 ms

        terminal.print_error(
            f"this should not have happened ({crash_report.summarize(error)})",
            crash_report.write_and_build_hint(error),
        )
        terminal.debug(crash_report.format_traceback(error))
        sys.exit(1)


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "archive"
    return f"Run `{command} --help` for help."
