"""The examples in the help texts run, and the README and the changelog fit the program."""

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
from reddit_archive.cli import program
from reddit_archive.cli.commands import COMMANDS
from tests.conftest import EXAMPLES, ROOT, Run

README = (ROOT / "README.md").read_text()


def help_of(command: str) -> str:
    arguments = [command, "--help"] if command else ["--help"]
    return CliRunner().invoke(program, arguments, prog_name="archive").output


@pytest.fixture
def installed(run: Run) -> Run:
    """The program as it was installed, started as a user starts it."""
    return partial(run, is_installed=True)


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


@pytest.mark.parametrize(
    "program", ["run_short", pytest.param("installed", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("command", COMMANDS)
def test_help__ends_with_an_example_that_runs(
    command: str, program: str, run_short: Run, request: pytest.FixtureRequest
) -> None:
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
