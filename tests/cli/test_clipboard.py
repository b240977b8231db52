"""--copy copies the quote to the clipboard, or prints the quote and an error."""

import base64
import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from reddit_archive.cli import clipboard
from tests.conftest import EXAMPLES, PROGRAM, Run

NO_DISPLAY = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "SSH_CONNECTION"), "")
QUOTE = ("quote", "9bread1", "--no-heading")


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    """A folder with an archive, and with a `bin` for clipboard programs."""
    run(EXAMPLES / "short.json")
    (tmp_path / "bin").mkdir()
    return tmp_path


def install_program(folder: Path, name: str, *, code: int = 0) -> None:
    """Write a program that records its input and its arguments."""
    program = folder / "bin" / name
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(folder / 'called')!r}, 'a').write({name!r} + ' ' + ' '.join(sys.argv[1:]))\n"
        f"open({str(folder / 'clipboard')!r}, 'wb').write(sys.stdin.buffer.read())\n"
        f"sys.exit({code})\n"
    )
    program.chmod(0o755)


def build_env(folder: Path, **more: str) -> dict[str, str]:
    return {**NO_DISPLAY, "PATH": str(folder / "bin"), **more}


@pytest.mark.parametrize(
    ("name", "variable", "call"),
    [
        ("wl-copy", "WAYLAND_DISPLAY", "wl-copy --type text/plain"),
        ("xclip", "DISPLAY", "xclip -selection clipboard"),
        ("xsel", "DISPLAY", "xsel --clipboard --input"),
        ("tmux", "TMUX", "tmux load-buffer -w -"),
        ("pbcopy", "HOME", "pbcopy "),
        ("termux-clipboard-set", "HOME", "termux-clipboard-set "),
    ],
)
def test_copy__by_each_program(name: str, variable: str, call: str, folder: Path, run: Run) -> None:
    install_program(folder, name)
    variables = {variable: "x"} if variable != "HOME" else {}
    done = run(*QUOTE, "--copy", env=build_env(folder, **variables))
    assert done.code == 0
    assert done.out.startswith("> Posted by")
    assert (folder / "clipboard").read_text() == done.out
    assert (folder / "called").read_text() == call
    assert done.err == f"Copied the quote to the clipboard (by {name}).\n"


def test_copy__sends_utf_16_to_windows(folder: Path, run: Run) -> None:
    install_program(folder, "clip.exe")
    done = run("quote", "9bread1", "--all", "--copy", env=build_env(folder))
    assert (folder / "clipboard").read_bytes().decode("utf-16") == done.out
    assert not done.out.isascii()


def test_copy__works_with_save(folder: Path, run: Run) -> None:
    install_program(folder, "pbcopy")
    done = run(
        "save",
        EXAMPLES / "poll.json",
        "--copy",
        "-o",
        "x.md",
        env=build_env(folder),
    )
    assert (done.code, done.out) == (0, "")
    assert (folder / "clipboard").read_bytes() == (folder / "x.md").read_bytes()


def test_copy__tries_the_next_program_after_a_failure(folder: Path, run: Run) -> None:
    install_program(folder, "wl-copy", code=1)
    install_program(folder, "xclip")
    done = run(*QUOTE, "--copy", env=build_env(folder, WAYLAND_DISPLAY="x", DISPLAY=":0"))
    assert done.code == 0
    assert "(by xclip)" in done.err


def test_copy__without_a_clipboard_prints_the_quote_and_an_error(folder: Path, run: Run) -> None:
    install_program(folder, "xclip", code=1)
    done = run(*QUOTE, "--copy", env=build_env(folder, DISPLAY=":0"))
    assert done.code == 1
    assert done.out.startswith("> Posted by")
    assert "can't copy to the clipboard: xclip failed" in done.err
    assert done.err.count("\n") == 2
    (folder / "bin" / "xclip").unlink()
    assert "no clipboard program is installed" in run(*QUOTE, "--copy", env=build_env(folder)).err


def test_copy__over_ssh_ignores_the_remote_clipboard(folder: Path, run: Run) -> None:
    install_program(folder, "pbcopy")
    assert run(*QUOTE, "--copy", env=build_env(folder, SSH_CONNECTION="a b c d")).code == 1
    assert not (folder / "clipboard").exists()


def test_copy__through_the_terminal_prints_no_quote(folder: Path) -> None:
    code, shown = run_on_terminal(
        folder,
        *QUOTE,
        "--copy",
        env=build_env(folder, TERM="xterm-256color"),
    )
    sequence = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", shown)
    assert code == 0
    assert sequence
    assert base64.b64decode(sequence[1]).startswith(b"> Posted by")
    rest = shown.replace(sequence[0], b"")
    assert rest.strip().startswith(b"Copied the quote")
    assert b"\x1b" not in rest


def test_copy__on_a_dumb_terminal_prints_the_quote(folder: Path) -> None:
    code, shown = run_on_terminal(folder, *QUOTE, "--copy", env=build_env(folder, TERM="dumb"))
    assert code == 1
    assert shown.startswith(b"> Posted by")


def test_copy__sends_no_sequence_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "_find_terminal", lambda: sys.stderr)
    assert not clipboard._send_to_terminal(b"x" * clipboard.MAX_SEQUENCE_LENGTH)
    assert clipboard._send_to_terminal(b"x")


def run_on_terminal(folder: Path, *args: str, env: Mapping[str, str]) -> tuple[int, bytes]:
    """Run the program on a pseudo-terminal; return its exit code and what it wrote there."""
    ours, its = pty.openpty()
    child = subprocess.Popen(
        [PROGRAM, *args], cwd=folder, stdin=its, stdout=its, stderr=its,
        env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), **env},
    )  # fmt: skip
    os.close(its)
    shown = b""
    while True:
        try:
            block = os.read(ours, 65_536)
        except OSError:  # on Linux: the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(ours)
    return child.wait(timeout=60), shown.replace(b"\r\n", b"\n")
