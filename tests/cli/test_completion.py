"""Shell completion: it offers commands, options and stored threads, quickly and harmlessly."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance, titles
from reddit_archive.model.capture import Capture
from tests.conftest import EXAMPLES, PROGRAM, Ran, Run, run_program
from tests.support.faults import NEW_YEAR

BREAD = "[Question] Half the threads I learned to bake from are gon …"


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an archive that no test changes."""
    folder = tmp_path_factory.mktemp("shared")
    for name in ("short", "everything"):
        run_program(folder, EXAMPLES / f"{name}.json", "--no-media")
    return folder


@pytest.fixture
def folder(shared_folder: Path, tmp_path: Path) -> Path:
    """Return a folder with its own copy of the archive."""
    shutil.copytree(shared_folder / "archive", tmp_path / "archive")
    return tmp_path


def complete(run: Run, line: str, *, shell: str = "bash", **env: str) -> Ran:
    """Complete a line as a shell does when the user presses Tab at its end."""
    words = line.split(" ")
    at = words[-1] if shell == "fish" else str(len(words) - 1)
    completion = {"COMP_WORDS": line, "COMP_CWORD": at, "_ARCHIVE_COMPLETE": f"{shell}_complete"}
    return run(env={**completion, **env})


def parse_values(ran: Ran) -> list[str]:
    assert (ran.code, ran.err) == (0, "")
    return [line.removeprefix("plain,") for line in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("archive quote 9b", ["9bread1", "9bread2"]),
        ("archive quote 9bread1", ["9bread1"]),
        ("archive log t3_9", ["t3_9bread1", "t3_9bread2"]),
        ("archive save ", ["9bread1", "9bread2"]),
        ("archive diff 9", ["9bread1", "9bread2"]),
        ("archive quote --all 9", ["9bread1", "9bread2"]),
        ("archive quote --to text 9", ["9bread1", "9bread2"]),
        ("archive export json 9bread1 9", ["9bread1", "9bread2"]),
        ("archive export bag folder 9", ["9bread1", "9bread2"]),
        ("archive redact 9", ["9bread1", "9bread2"]),
        ("archive 9", ["9bread1", "9bread2"]),
        ("archive -q forget 9", ["9bread1", "9bread2"]),
        ("archive --archive nowhere quote 9", ["file,9"]),
        ("archive --archive archive quote 9", ["9bread1", "9bread2"]),
        ("archive quote --archive archive 9", ["9bread1", "9bread2"]),
        ("archive save ./mon", ["file,./mon"]),
        ("archive qu", ["quote"]),
        ("archive quote --pse", ["--pseudonyms"]),
        ("archive export nd", ["ndjson"]),
        ("archive completion z", ["zsh"]),
    ],
)
def test_complete__offers_commands_options_and_threads(
    line: str, expected: list[str], shared_folder: Path
) -> None:
    assert parse_values(complete(partial(run_program, shared_folder), line)) == expected


def test_complete__accepts_a_misspelled_command(folder: Path, run: Run) -> None:
    assert parse_values(complete(run, "archive quot --al")) == ["--all"]


def test_complete__finds_the_archive_in_environment_and_settings(folder: Path, run: Run) -> None:
    (folder / "archive").rename(folder / "kept")
    typed = "archive quote 9bread1"
    assert parse_values(complete(run, typed)) == ["file,9bread1"]
    assert parse_values(complete(run, typed, REDDIT_ARCHIVE_DIR="kept")) == ["9bread1"]
    (folder / "config.yaml").write_text("archive: kept\n")
    assert parse_values(complete(run, typed)) == ["9bread1"]
    (folder / "config.yaml").write_text("archive: [\n")
    assert parse_values(complete(run, typed)) == ["file,9bread1"]


@pytest.mark.parametrize(
    ("shell", "expected"),
    [("zsh", f"plain\n9bread1\n{BREAD}\n"), ("fish", f"plain,9bread1\t{BREAD}\n")],
)
def test_complete__shows_titles(shell: str, expected: str, folder: Path, run: Run) -> None:
    assert complete(run, "archive quote 9bread1", shell=shell).out == expected


def test_complete__prints_a_title_as_one_line_without_controls(run: Run, tmp_path: Path) -> None:
    title = "a\nplain\r\x1b]0;x\x07\u202e\tb" + "x" * 300
    post = {"kind": "t3", "data": {"name": "t3_abc", "title": title}}
    store.add(tmp_path / "archive", Capture("abc", NEW_YEAR, "reddit", {}, (post,)))
    maintenance.rebuild(tmp_path / "archive")
    for shell, lines in (("zsh", 3), ("fish", 1)):
        out = complete(run, "archive quote abc", shell=shell).out
        assert out.count("\n") == lines
        assert not set(out) & set("\r\x1b\x07\u202e")
        assert out.count("\t") == (shell == "fish")


@pytest.mark.parametrize("fault", ["removed", "noise", "title"])
def test_titles__come_without_an_intact_index(fault: str, folder: Path) -> None:
    file = folder / "archive" / titles.FILE_NAME
    data = file.read_bytes()
    file.unlink()
    if fault != "removed":
        changed = data.replace(b"[Question]", b"[Xuestion]") if fault == "title" else b"noise" * 99
        file.write_bytes(changed)
    found = titles.complete_prefix(folder / "archive", "9bread", max_results=9)
    assert [each for each, _ in found] == ["9bread1", "9bread2"]
    assert found[0][1] == ""


def test_titles__come_from_the_index_up_to_a_limit(folder: Path) -> None:
    assert titles.complete_prefix(folder / "archive", "", max_results=1)[0][1].startswith(
        "[Question] Half"
    )
    assert len(titles.complete_prefix(folder / "archive", "", max_results=1)) == 1
    assert titles.complete_prefix(folder / "nowhere", "", max_results=1) == []


def test_complete__imports_no_module_that_reads_threads(folder: Path) -> None:
    code = (
        "import sys; from reddit_archive import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "names = sorted(n for n in sys.modules if n.startswith('reddit_archive.'))\n"
        "print(names, file=sys.stderr)"
    )
    completion = {
        "COMP_WORDS": "archive quote 9",
        "COMP_CWORD": "2",
        "REDDIT_ARCHIVE_DIR": "archive",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, **completion, "_ARCHIVE_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "plain,9bread1" in done.stdout
    loaded = set(json.loads(done.stderr.replace("'", '"')))
    assert {"reddit_archive.cli.completion", "reddit_archive.archive.index.titles"} <= loaded
    assert not loaded & {
        f"reddit_archive.{name}" for name in ("store", "config", "history", "quote")
    }


@pytest.mark.parametrize("name", ["archive", "reddit-archive"])
def test_script__works_in_bash(name: str, folder: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    script = (
        'eval "$(archive completion bash)"\n'
        f"COMP_WORDS=({name} quote 9b); COMP_CWORD=2\n"
        f"function_name=$(complete -p {name} | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n"
        f'"$function_name" {name}; echo "${{COMPREPLY[@]}}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("9bread1 9bread2\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script__has_valid_syntax(shell: str, run: Run, tmp_path: Path) -> None:
    script = run("completion", shell).out
    assert script.count("_ARCHIVE_COMPLETE=") == 2
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)
