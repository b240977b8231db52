"""What cog writes into the pages: help texts, settings, exit codes and examples.

The `[[[cog …]]]` blocks of README.md, docs/how-to.md and docs/reference.md call these functions.
`just docs` runs the blocks. A test checks that they are up to date.
"""

import re
import runpy
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import yaml
from click.testing import CliRunner

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reddit_archive.cli import HELP_OPTIONS, program  # noqa: E402
from reddit_archive.config import Settings, schema  # noqa: E402  (after the path is set)
from reddit_archive.quote import style  # noqa: E402
from tests import conftest  # noqa: E402
from tests.conftest import run_program  # noqa: E402
from tests.support import reddit_server  # noqa: E402
from tests.support import story as story_files  # noqa: E402

MAN = runpy.run_path(str(ROOT / "scripts" / "man.py"))
EXAMPLE = ROOT / "config.example.yaml"


def fenced(kind: str, text: str) -> str:
    """Return a code block of Markdown."""
    newline = "" if text.endswith("\n") else "\n"
    return f"```{kind}\n{text}{newline}```"


def every_help() -> str:
    """Return the help of each command, below a heading."""
    paths = [
        (),
        *_commands(click.Context(program, info_name="archive", help_option_names=HELP_OPTIONS)),
    ]
    return "\n\n".join(
        f"### {' '.join(('archive', *path))}\n\n{fenced('text', _help(path))}" for path in paths
    )


def _help(path: tuple[str, ...]) -> str:
    runner = CliRunner(env={"COLUMNS": "96"})
    return runner.invoke(program, [*path, "--help"], prog_name="archive").output


def program_help() -> str:
    """Return the help of the program."""
    return fenced("text", _help(()))


def example() -> str:
    """Return the quote that the first command of the README prints."""
    readme = (ROOT / "README.md").read_text()
    command = re.search(r"\$ archive (examples/short\.json .*)\n", readme)
    assert command
    arguments = shlex.split(command[1].replace("examples/", f"{ROOT}/examples/"))
    with tempfile.TemporaryDirectory() as folder:
        return fenced("markdown", run_program(Path(folder), *arguments).out)


def story(command: str, kind: str = "markdown") -> str:
    """Return what a command prints about a thread that changed between two saves."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.yaml").write_text("media: {save: false}\n")
        for file in story_files.write(folder):
            run_program(folder, file)
        return fenced(kind, run_program(folder, *shlex.split(command), "9bread1").out)


def batch_session() -> str:
    """Return two runs of `archive batch` as they look in a terminal.

    Between them one comment was edited and one was deleted.
    """
    with tempfile.TemporaryDirectory() as name, reddit_server.Server() as server:
        folder = Path(name)
        for each in ("short", "everything", "poll", "crosspost"):
            server.add(conftest.example(each))
        conftest.write_config(folder, server)
        (folder / "notes.md").write_text("<https://redd.it/9bread1>\n\n[a poll](redd.it/9bread3)\n")
        (folder / "list.txt").write_text("9bread2 --comment zcode00\n9bread4\n9bread7\n")
        first = _run_batch(folder)
        server.threads["9bread1"].edit("zkeep01", "changed")
        server.threads["9bread1"].delete("zkeep02")
        return fenced("console", f"{first}\n{_run_batch(folder)}")


def _run_batch(folder: Path) -> str:
    command = "archive batch notes.md list.txt"
    return f"$ {command}\n{run_program(folder, *command.split()[1:]).err}"


def environment() -> str:
    """Return the table of environment variables."""
    return _table(("variable", "what it says"), _code_rows(MAN["ENVIRONMENT"]))


def exit_codes() -> str:
    """Return the table of exit codes."""
    return _table(("code", "what it means"), _code_rows(MAN["CODES"]))


def settings() -> str:
    """Return the table of settings."""
    return _table(("setting", "what it holds", "by itself"), _settings())


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (heads, *rows)]
    return "\n".join((lines[0], "|---" * len(heads) + "|", *lines[1:]))


def _code_rows(items: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    for names, what in items:
        yield ", ".join(f"`{name}`" for name in names.split(", ")), what


def _commands(parent: click.Context) -> Iterator[tuple[str, ...]]:
    """Yield the names of all commands, those in groups after their group, as in the help."""
    group = parent.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        if command.hidden:
            continue
        yield (name,)
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=parent)
            yield from ((name, *rest) for rest in _commands(context))


def _settings() -> Iterator[tuple[str, str, str]]:
    defaults = _defaults()
    for section in (*schema.SECTIONS, schema.STYLE):
        for name, kind in schema.get_types(section).items():
            if kind is dict:  # a section, whose settings have their own rows
                continue
            rule = f"{section}: {name}" if section else name
            full = rule.replace("style: ", "styles: NAME: ")
            yield f"`{full}`", _holds(rule, kind), _shown(defaults.get(rule))
    quotes = "any of `to`, `style`, `typography`, `images`, `deepest`"
    yield "`pages: PATTERN`", f"{quotes}, for pages whose path ends so", ""


def _holds(rule: str, kind: type) -> str:
    if choices := schema.get_choices(rule):
        return " or ".join(f"`{choice}`" for choice in choices)
    least, most = schema.MIN_VALUES.get(rule), schema.MAX_VALUES.get(rule)
    what = {str: "text"}.get(kind, schema.TYPE_DESCRIPTIONS[kind])
    if most is not None:
        return f"{what} from {least} to {most}"
    return f"{what} from {least} on" if least is not None else what


def _defaults() -> dict[str, Any]:
    """What holds where config.yaml says nothing, by the names that `config` gives to rules."""
    plain = Settings()
    top = {name: getattr(plain, name) for name in ("archive", "source", "tries", "deleted")}
    found = {**top, "first_wait_seconds": plain.first_wait_seconds, "style: extends": "plain"}
    for section, values in (
        ("quote", plain.quote),
        ("media", plain.media),
        ("style", style.PLAIN_STYLE),
    ):
        found |= {f"{section}: {name}": value for name, value in asdict(values).items()}
    shown = yaml.safe_load(EXAMPLE.read_text())  # PRAW's own defaults
    for section in ("reddit", "arctic_shift"):
        found |= {f"{section}: {name}": value for name, value in shown[section].items()}
    return found


def _shown(value: object) -> str:
    if value is None or value == "":
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
