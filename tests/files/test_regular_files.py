"""Pipes, devices and sockets in place of files: every command reports them, and none blocks."""

import ast
import os
import re
import shlex
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reddit_archive.archive import store
from reddit_archive.files import regular_files
from reddit_archive.files.regular_files import NotRegularError
from tests.conftest import EXAMPLES, PROGRAM, ROOT, Run

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")

slow = pytest.mark.slow
ID = "9bread1"
SNAPSHOT = f"20260101T000000Z-{'a' * 64}.json"
WHAT = "it is not a regular file"
Pipe = Callable[[Path], Path]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Replace a file by a pipe. After ten seconds readers of the pipe are released."""
    made: list[Path] = []

    def release() -> None:
        for path in made:
            if path.exists():
                os.close(os.open(path, os.O_RDWR))

    def make(path: Path) -> Path:
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        made.append(path)
        return path

    timer = threading.Timer(10, release)
    timer.daemon = True
    timer.start()
    yield make
    timer.cancel()


@pytest.fixture
def root(run: Run, tmp_path: Path) -> Path:
    run("save", EXAMPLES / "short.json", "-q")
    return tmp_path / "archive"


def test_read__only_regular_files(pipe: Pipe, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x\r\n")
    (tmp_path / "link").symlink_to("file")
    assert regular_files.read_bytes(tmp_path / "link") == b"x\r\n"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path in (pipe(tmp_path / "pipe"), tmp_path / "socket", Path("/dev/zero")):
            with pytest.raises(NotRegularError):
                regular_files.open_binary(path)
    with pytest.raises(IsADirectoryError):
        regular_files.open_binary(tmp_path)


def test_read__pipe_that_replaces_a_file_during_the_call(
    pipe: Pipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    regular, path = os.stat(tmp_path / "file"), pipe(tmp_path / "pipe")
    monkeypatch.setattr(os, "stat", lambda *_: regular)
    with pytest.raises(NotRegularError):
        regular_files.open_binary(path)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("list", 0),
        ("verify", 4),
        (f"quote {ID}", 0),
        pytest.param(f"log {ID}", 0, marks=slow),
        pytest.param("reindex", 0, marks=slow),
    ],
)
def test_commands__pipe_in_place_of_a_snapshot(
    command: str, code: int, run: Run, root: Path, pipe: Pipe
) -> None:
    pipe(root / "threads" / f"t3_{ID}" / SNAPSHOT)
    ran = run(*command.split())
    assert ran.code == code
    assert f"{SNAPSHOT} is damaged: {WHAT}" in ran.err or f"{SNAPSHOT}: can't" in ran.out + ran.err


def test_commands__pipe_in_place_of_a_picture(run: Run, root: Path, pipe: Pipe) -> None:
    folder = root / "threads" / f"t3_{ID}" / "media"
    folder.mkdir()
    pipe(folder / f"{'a' * 64}.jpg")
    assert (run("verify").code, run("list").code) == (4, 0)


@pytest.mark.parametrize(
    ("name", "command", "code"),
    [
        ("ARCHIVE", "list", 4),
        ("index.sqlite3", "list", 0),
        pytest.param("index.sqlite3-journal", "list", 0, marks=slow),
        pytest.param("index.sqlite3", "search half", 0, marks=slow),
        pytest.param(f"threads/t3_{ID}/checks.log", "list", 0, marks=slow),
        pytest.param("links.log", "batch list.txt --dry-run", 0, marks=slow),
        ("forgotten.log", f"forget {ID} --yes", 1),
    ],
)
def test_commands__pipe_in_place_of_other_archive_files(
    name: str, command: str, code: int, run: Run, root: Path, pipe: Pipe
) -> None:
    (root.parent / "list.txt").write_text(f"t3_{ID}\n")
    pipe(root / name)
    ran = run(*command.split())
    assert ran.code == code
    assert code == 0 or WHAT in ran.err


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("save ./x.json", 1),
        ("import x.json", 1),
        ("batch x.json", 2),
        ("refresh x.json", 2),
        ("list --config x.json", 5),
    ],
)
def test_commands__pipe_that_the_user_names(
    command: str, code: int, run: Run, root: Path, pipe: Pipe
) -> None:
    pipe(root.parent / "x.json")
    ran = run(*command.split())
    assert (ran.code, WHAT in ran.err) == (code, True)


@pytest.mark.parametrize("name", ["site.json", "site.pending"])
def test_export_html__pipe_in_the_site(name: str, run: Run, root: Path, pipe: Pipe) -> None:
    assert run("export", "html", "site").code == 0
    pipe(root.parent / "site" / name)
    assert run("export", "html", "site").code == 1


def test_config__pipe(run: Run, root: Path, pipe: Pipe) -> None:
    pipe(root.parent / "config.yaml")
    ran = run("list")
    assert (ran.code, WHAT in ran.err) == (5, True)


@pytest.mark.parametrize(
    "command",
    [
        "archive save <(cat x.json) -q",
        *(
            pytest.param(command, marks=slow)
            for command in (
                "archive batch <(echo t3_9bread1) --dry-run",
                "cat x.json | archive save - -q",
                "cat x.json | archive save /dev/stdin -q",
                "archive import /dev/stdin -q < x.json",
                "echo t3_9bread1 | archive batch - --dry-run",
                "archive list --config <(echo 'archive: archive')",
            )
        ),
    ],
)
def test_shell__its_streams_are_read(command: str, root: Path, tmp_path: Path) -> None:
    if not os.access("/bin/bash", os.X_OK):
        pytest.skip("there is no bash here")
    (tmp_path / "x.json").write_bytes((EXAMPLES / "short.json").read_bytes())
    program = command.replace("archive ", f"{shlex.quote(str(PROGRAM))} ", 1)
    done = subprocess.run(
        ["/bin/bash", "-c", program], cwd=tmp_path, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_control__plain_open_waits_for_a_pipe(pipe: Pipe, root: Path) -> None:
    path = pipe(root / "threads" / f"t3_{ID}" / SNAPSHOT)
    reader = threading.Thread(target=path.read_bytes, daemon=True)
    reader.start()
    reader.join(0.2)
    assert reader.is_alive()
    os.close(os.open(path, os.O_RDWR))
    assert len(store.read_headers(root, ID)) == 2


PACKAGE = ROOT / "reddit_archive"
ALLOWED = {
    *("files/regular_files.py", "export/site/page_templates.py", "media/video.py"),
    "cli/browser_script.py",
}
"""The module itself, and code that reads only files of this program."""


def plain_reads(source: str) -> list[str]:
    """Find calls that read a path without checking for a regular file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            reads = node.func.attr in ("read_bytes", "read_text", "file_digest")
            modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
            opens = node.func.attr == "open" and modes in (["r"], ["rb"])
            of = ast.unparse(node.func.value)
            if (reads or opens) and of not in ("regular_files", "hashlib"):
                found.append(ast.unparse(node))
    return found


def test_package__reads_files_in_one_place() -> None:
    sources = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    found = {
        path.relative_to(PACKAGE).as_posix(): reads
        for path, source in sources.items()
        if re.search(r"\.(read_bytes|read_text|file_digest|open)\(", source)
        and (reads := plain_reads(source))
    }
    assert {name: found[name] for name in found.keys() - ALLOWED} == {}


@pytest.mark.parametrize(
    "code", ["path.read_bytes()", "p.open('rb')", "(a / b).read_text('utf-8')"]
)
def test_plain_reads__control(code: str) -> None:
    assert plain_reads(f"import x\n\ndef f(path):\n    return {code}\n") == [code]
