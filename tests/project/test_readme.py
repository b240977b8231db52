"""README and how-to are true: the help is the program's, the examples are what comes out."""

import re
import shlex
import shutil
import subprocess
import tomllib
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from reddit_archive import __version__
from reddit_archive.cli import COMMANDS, program
from reddit_archive.quote.style import BUILT_IN_STYLES
from tests.conftest import EXAMPLES, ROOT, Run, example, run_program, write_config
from tests.support import reddit_server, story

PAGES = (ROOT / "README.md", ROOT / "docs" / "how-to.md")
README, HOW_TO = (page.read_text() for page in PAGES)
WIDTH = {"COLUMNS": "96"}


def block(name: str) -> str:
    """The fenced text after `<!-- name -->`, which is the same wherever it stands."""
    pattern = rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```\n"
    (found,) = set(re.findall(pattern, README + HOW_TO, re.DOTALL))
    return str(found)


def help_of(command: str) -> str:
    arguments = [command, "--help"] if command else ["--help"]
    return CliRunner(env=WIDTH).invoke(program, arguments, prog_name="archive").output


def test_readme__help_is_the_programs() -> None:
    assert block("help:") == help_of("")


@pytest.fixture
def installed(run: Run) -> Run:
    """The program as it was installed, started as a user starts it."""
    return partial(run, is_installed=True)


def test_readme__example_is_what_comes_out(installed: Run) -> None:
    command = re.search(r"\$ archive (examples/short\.json .*)\n", README)
    assert command
    arguments = shlex.split(command[1].replace("examples/", f"{EXAMPLES}/"))
    assert block("example") == installed(*arguments).out


QUOTED = "quote --comment zkeep02 --no-post --no-heading --style"
EXCERPT = 'quote --comment zkeep01 --no-post --no-heading --excerpt "One page … when they said it"'
STORIES = ("log", "diff", *(f"{QUOTED} {name}" for name in BUILT_IN_STYLES), EXCERPT)


@pytest.mark.parametrize("command", STORIES)
def test_readme__story_is_what_comes_out(command: str, tmp_path: Path) -> None:
    assert block(f"story: {command}") == told(tmp_path, command)


def told(folder: Path, command: str) -> str:
    """What a command says of a thread that changed between two saves."""
    (folder / "config.yaml").write_text("media: {save: false}\n")
    for file in story.write(folder):
        run_program(folder, file)
    return run_program(folder, *shlex.split(command), "9bread1").out


def session(folder: Path) -> str:
    """A night after an evening: of the example threads one comment was edited and one deleted."""
    with reddit_server.Server() as server:
        for name in ("short", "everything", "poll", "crosspost"):
            server.add(example(name))
        write_config(folder, server)
        (folder / "notes.md").write_text("<https://redd.it/9bread1>\n\n[a poll](redd.it/9bread3)\n")
        (folder / "list.txt").write_text("9bread2 --comment zcode00\n9bread4\n9bread7\n")
        lines = [shown(folder, "archive batch notes.md list.txt")]
        server.threads["9bread1"].edit("zkeep01", "changed")
        server.threads["9bread1"].delete("zkeep02")
        lines.append(shown(folder, "archive batch notes.md list.txt"))
    return "\n".join(lines)


def shown(folder: Path, command: str) -> str:
    """A command and what it says, as they stand on a terminal."""
    return f"$ {command}\n{run_program(folder, *shlex.split(command)[1:]).err}"


def test_readme__session_is_what_a_batch_says(tmp_path: Path) -> None:
    assert block("session: batch") == session(tmp_path)


def test_readme__sha256sum_checks_the_archive(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    script = re.search(r"```sh\n(cd archive/threads.*?)```", README, re.DOTALL)
    assert script

    def check() -> int:
        done = subprocess.run(
            ["sh", "-c", script[1]], cwd=tmp_path, capture_output=True, check=False
        )
        return done.returncode

    assert check() == 0
    file = next((tmp_path / "archive" / "threads").glob("t3_*/*.json"))
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b" ")
    assert check() != 0


def examples_of(command: str) -> list[str]:
    return re.findall(r"^ {2,}archive (.*)$", help_of(command), re.MULTILINE)


@pytest.mark.parametrize("program", ["run", pytest.param("installed", marks=pytest.mark.slow)])
@pytest.mark.parametrize("command", COMMANDS)
def test_help__ends_with_an_example_that_runs(
    command: str, program: str, run: Run, request: pytest.FixtureRequest
) -> None:
    run(EXAMPLES / "short.json")
    started: Run = request.getfixturevalue(program)
    examples = examples_of(command)
    assert examples
    assert help_of(command).rstrip().endswith(examples[-1])
    for line in examples:
        ran = started(*shlex.split(line.replace("examples/", f"{EXAMPLES}/")))
        assert ran.code == 0, line


def test_help__says_where_the_examples_are(run: Run, tmp_path: Path) -> None:
    """Whoever installed the program alone has no such folder; the wheel has, beside its code."""
    commands = [line for each in ("", *COMMANDS) for line in examples_of(each)]
    commands = [line for line in commands if "examples/" in line]
    for line in commands:
        ran = run(*shlex.split(line))
        assert ran.code != 0
        assert ran.err.endswith(f"Copy the folder {EXAMPLES} here.\n"), line
    assert "Copy the folder" not in run("examples/nothing.json").err
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    assert [run(*shlex.split(line)).code for line in commands] == [0] * len(commands)
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert built["targets"]["wheel"]["force-include"] == {"examples": "reddit_archive/examples"}


def test_changelog__tells_of_this_version_below_what_is_to_come() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(
        rf"^## Unreleased\n\n(?:.+\n\n)?## {re.escape(__version__)} \(", text, re.M | re.S
    )
