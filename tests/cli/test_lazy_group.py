"""Commands are imported when they are used, and the table of a group is right about them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reddit_archive.cli import program
from reddit_archive.cli.commands import COMMANDS
from reddit_archive.cli.commands.export import FORMATS, export_command
from reddit_archive.cli.lazy_group import LazyCommand, LazyGroup
from tests.conftest import EXAMPLES, Run

ROOT = click.Context(program, info_name="archive")
ENTRIES = [
    *((name, entry) for name, entry in COMMANDS.items()),
    *((f"export {name}", entry) for name, entry in FORMATS.items()),
]
MAX_OWN_MODULES, MAX_OTHER_MODULES = 12, 16
"""What `archive --help` may load: modules of this program, and others that click does not."""


def list_modules(*arguments: str, folder: Path | None = None) -> set[str]:
    """Run the program, and return all modules that it loaded."""
    code = (
        "import json, sys\n"
        "from reddit_archive import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    return set(json.loads(done.stderr.splitlines()[-1]))


def list_own(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith("reddit_archive")}


@pytest.mark.parametrize(("path", "entry"), ENTRIES, ids=[path for path, _ in ENTRIES])
def test_entry__names_the_command_and_its_help(path: str, entry: LazyCommand) -> None:
    command = entry.load()
    assert command.name == path.split()[-1]
    assert command.get_short_help_str() == entry.short_help
    assert not command.hidden


@pytest.mark.parametrize("group", [program, export_command], ids=["archive", "export"])
def test_help__is_what_click_writes_from_the_commands(group: LazyGroup) -> None:
    context = click.Context(group, info_name=group.name)
    lazy, real = context.make_formatter(), context.make_formatter()
    group.format_commands(context, lazy)
    click.Group.format_commands(group, context, real)
    assert lazy.getvalue() == real.getvalue() != ""


@pytest.mark.parametrize("path", [[], ["export"]], ids=["archive", "export"])
def test_help__loads_no_command(path: list[str]) -> None:
    modules = list_own(list_modules(*path, "--help"))
    assert len(modules) <= MAX_OWN_MODULES
    is_command = "reddit_archive.cli.commands."
    assert {name for name in modules if name.startswith(is_command)} <= {f"{is_command}export"}


def test_help__loads_little_besides_click() -> None:
    code = "import json, sys, click\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    added = list_modules("--help") - set(json.loads(done.stdout))
    assert len(added - list_own(added)) <= MAX_OTHER_MODULES


def test_help_of_one_command__would_exceed_the_limit() -> None:
    """The control: a help that imports one command loads more than the limit."""
    assert len(list_own(list_modules("list", "--help"))) > MAX_OWN_MODULES


@pytest.mark.parametrize(
    ("command", "unneeded"),
    [
        ("list", "reddit_archive.markup reddit_archive.quote"),
        ("search bread", "reddit_archive.markup reddit_archive.quote"),
        ("quote 9bread1 --all", "reddit_archive.markup.dialect_github http.client difflib"),
        ("save short.json", "reddit_archive.media.download http.client ssl praw"),
    ],
)
def test_command__loads_nothing_that_it_does_not_need(
    command: str, unneeded: str, run_short: Run, tmp_path: Path
) -> None:
    shutil.copy(EXAMPLES / "short.json", tmp_path)
    modules = list_modules(*command.split(), folder=tmp_path)
    assert "reddit_archive.archive.store" in modules
    assert modules & set(unneeded.split()) == set()


def test_command__runs_with_garbage_collection() -> None:
    code = "import gc, sys; from reddit_archive.__main__ import main\n"
    code += "from reddit_archive.workflows import archive_folder\n"
    code += "archive_folder.require_archive = lambda root: sys.exit(f'{gc.isenabled()}')\nmain()"
    command = [sys.executable, "-c", code, "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == "True\n"


def test_completion__shows_the_help_from_the_table() -> None:
    context = click.Context(export_command, info_name="export", parent=ROOT)
    found = {item.value: item.help for item in export_command.shell_complete(context, "b")}
    assert found == {name: FORMATS[name].short_help for name in ("bibtex", "bag")}
