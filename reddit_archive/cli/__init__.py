"""The command line: the only place that prints, prompts or exits.

Commands are imported when they are called, so that starting costs little more than click.
"""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from reddit_archive import __version__, errors
from reddit_archive.cli import options, terminal

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "save": "reddit_archive.cli.commands.save",
    "quote": "reddit_archive.cli.commands.quote",
    "open": "reddit_archive.cli.commands.open",
    "batch": "reddit_archive.cli.commands.batch",
    "refresh": "reddit_archive.cli.commands.refresh",
    "list": "reddit_archive.cli.commands.list",
    "search": "reddit_archive.cli.commands.search",
    "log": "reddit_archive.cli.commands.log",
    "diff": "reddit_archive.cli.commands.log",
    "verify": "reddit_archive.cli.commands.list",
    "reindex": "reddit_archive.cli.commands.forget",
    "forget": "reddit_archive.cli.commands.forget",
    "redact": "reddit_archive.cli.commands.redact",
    "export": "reddit_archive.cli.commands.export",
    "import": "reddit_archive.cli.commands.import_",
    "login": "reddit_archive.cli.commands.login",
    "doctor": "reddit_archive.cli.commands.doctor",
    "completion": "reddit_archive.cli.completion",
}
TAKES_VALUE = ("--archive", "--config")
COMPLETING = "_ARCHIVE_COMPLETE"
INTERRUPTED = 130


class Commands(click.Group):
    """Loads a command at its first use; takes a thread in a command's place for `save` of it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), f"{cmd_name}_command")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _with_command(args, is_typing=ctx.resilient_parsing))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Name the commands without loading all of them, or else stored threads."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        from click.shell_completion import CompletionItem

        from reddit_archive.cli import completion

        found = [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]
        return found or completion.threads(ctx, None, incomplete)


def _with_command(args: list[str], *, is_typing: bool = False) -> list[str]:
    """Put `save` where the command's name is left out; what a shell completes may be a slip yet."""
    position = 0
    while position < len(args):
        arg = args[position]
        if arg in COMMANDS or arg in ("--help", "--version"):
            return args
        if arg in TAKES_VALUE:
            position += 2
        elif arg.startswith(("--archive=", "--config=", "--quiet", "--verbose", "-q", "-v")):
            position += 1
        else:
            if not is_typing:
                _refuse_typo(arg)
            return [*args[:position], "save", *args[position:]]
    return args


def _refuse_typo(arg: str) -> None:
    """Any short word is a valid id on Reddit; one that is nearly a command is a slip."""
    if not arg.isalpha() or len(arg) > 8:
        return
    from difflib import get_close_matches

    if close := get_close_matches(arg, COMMANDS, n=1, cutoff=0.7):
        raise click.UsageError(
            f"there is no command '{arg}'; did you mean '{close[0]}'? "
            f"(For the thread with this id: archive save {arg})"
        )


@click.group(
    cls=Commands,
    context_settings={"max_content_width": 92},
    epilog=options.examples(
        "archive examples/short.json --top 2",
    ),
)
@click.version_option(__version__, prog_name="reddit-archive")
@options.common
def program() -> None:
    """Archive Reddit threads, and quote them as Markdown.

    THREAD is whatever names a thread: any of its addresses, redd.it/…, a share link /r/x/s/…,
    t3_…, a bare id, a Markdown link, a saved .json file, or - for JSON on stdin. The address of a
    comment selects that comment. `archive THREAD …` means `archive save THREAD …`.
    """


def main() -> None:
    """Run the program and exit with its code; whatever fails is one sentence and a hint."""
    if COMPLETING in os.environ:
        from reddit_archive.cli import completion

        completion.hasten()
    try:
        program.main(prog_name="archive", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        terminal.warn(error.format_message())
        sys.exit(error.exit_code)
    except click.ClickException as error:
        terminal.fail(error.format_message(), _usage_hint(error))
        sys.exit(error.exit_code)
    except errors.ArchiveError as error:
        from reddit_archive.cli import example_files

        terminal.fail(error.message, example_files.missing(sys.argv) or error.hint)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        terminal.fail("interrupted", "What was saved until then is safe.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader, like `head`, had enough
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from reddit_archive.cli import crash_report

        terminal.fail(
            f"this should not have happened ({crash_report.summary(error)})",
            crash_report.hint(error),
        )
        terminal.debug(crash_report.details(error))
        sys.exit(1)


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` explains." if context else "`archive --help` explains."
