"""Write the manual page, docs/archive.1, from the program's own help.

Run it after a change of the command line: `python scripts/man.py`. The tests compare.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reddit_archive import __version__  # noqa: E402  (after the path is set)
from reddit_archive.cli import HELP_OPTIONS, program  # noqa: E402

FILE = ROOT / "docs" / "archive.1"
ENVIRONMENT = (
    ("REDDIT_ARCHIVE_DIR", "The archive's folder, where --archive does not name it."),
    ("REDDIT_ARCHIVE_CONFIG", "The settings, where --config does not name them."),
    (
        "REDDIT_ARCHIVE_CLIENT_ID, REDDIT_ARCHIVE_CLIENT_SECRET",
        "The key for Reddit's API. It overrides config.yaml and is sent only to Reddit.",
    ),
    (
        "REDDIT_ARCHIVE_REFRESH_TOKEN, REDDIT_ARCHIVE_USER_AGENT",
        "To act as yourself, and how the program names itself; they win over config.yaml.",
    ),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "The proxy for every source, pictures and videos."),
    ("REQUESTS_CA_BUNDLE", "The certificates to trust, if a proxy has its own."),
)
FILES = (
    ("./archive", "The archive, if nothing else is named."),
    ("./config.yaml", "The settings; else those in the user's own folder for settings."),
)
CODES = (
    ("0", "Done."),
    ("1", "It failed; one sentence on stderr says why, and what to do."),
    ("2", "The command has a mistake."),
    ("3", "Some items failed, or the thread is incomplete and --require-complete was given."),
    ("4", "Damage was found."),
    ("5", "The configuration or the login can't be used."),
    ("130", "Interrupted."),
)


def main() -> None:
    FILE.write_text(page())


def page() -> str:
    """The whole page, in roff's man macros."""
    root = click.Context(program, info_name="archive", help_option_names=HELP_OPTIONS)
    return "\n".join(_page(root)) + "\n"


def _page(root: click.Context) -> Iterator[str]:
    yield f'.TH ARCHIVE 1 "" "reddit\\-archive {__version__}" "User Commands"'
    yield from (".SH NAME", r"archive, reddit\-archive \- archive Reddit threads, and quote them")
    yield ".SH SYNOPSIS"
    yield from (r".B archive", r"[\fIOPTION\fP]... \fITHREAD\fP", ".br")
    yield from (r".B archive", r"[\fIOPTION\fP]... \fICOMMAND\fP [\fIARGUMENT\fP]...")
    yield from (".SH DESCRIPTION", *_prose(program.help or ""))
    yield from (".SH OPTIONS", "These stand before or after a command's name.")
    yield from _options(root, set())
    yield ".SH COMMANDS"
    shared = {option for param in program.get_params(root) for option in param.opts}
    for context in _commands(root):
        yield from _command(context, shared)
    yield from (".SH EXIT STATUS", *_terms(CODES))
    yield from (".SH ENVIRONMENT", *_terms(ENVIRONMENT))
    yield from (".SH FILES", *_terms(FILES))


def _commands(parent: click.Context) -> Iterator[click.Context]:
    """All commands that do something, those of groups included, in the order of the help."""
    group = parent.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        if isinstance(command, click.Group):
            yield from _commands(context)
        elif not command.hidden:
            yield context


def _command(context: click.Context, shared: set[str]) -> Iterator[str]:
    usage = context.command.collect_usage_pieces(context)
    yield f'.SS "{roff(" ".join((context.command_path, *usage)))}"'
    yield from _prose(context.command.help or "")
    yield from _options(context, shared)
    yield from _examples(context.command.epilog or "")


def _options(context: click.Context, shared: set[str]) -> Iterator[str]:
    for param in context.command.get_params(context):
        record = param.get_help_record(context)
        if record is not None and record[1] and not shared.intersection(param.opts):
            yield from (".TP", f"\\fB{roff(record[0])}\\fP", roff(record[1]))


def _examples(epilog: str) -> Iterator[str]:
    lines = [line.strip() for line in epilog.splitlines() if line.strip() not in ("\b", "")]
    if lines:
        yield from (".PP", roff(lines[0]), ".PP", ".RS 4", ".EX", *map(roff, lines[1:]))
        yield from (".EE", ".RE")


def _prose(text: str) -> Iterator[str]:
    """Write paragraphs; those that begin with \\b keep their lines."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        if lines[0] == "\b":
            yield from (".PP", ".EX", *map(roff, lines[1:]), ".EE")
        else:
            yield from (".PP", re.sub(r"`([^`]+)`", r"\\fB\1\\fP", roff(" ".join(lines))))


def _terms(items: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, what in items:
        yield from (".TP", f"\\fB{roff(name)}\\fP", roff(what))


def roff(text: str) -> str:
    """Write plain text so that nothing in it is a request, and a hyphen can be copied as one."""
    line = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return rf"\&{line}" if line[:1] in (".", "'") else line


if __name__ == "__main__":
    main()
