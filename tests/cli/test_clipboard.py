"""--copy: the quote is on the clipboard, or one sentence says why not and the quote is printed."""

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
def here(tmp_path: Path, run: Run) -> Path:
    """A folder with an archive, and a PATH that leads to its `bin` alone."""
    run(EXAMPLES / "short.json")
    (tmp_path / "bin").mkdir()
    return tmp_path


def install(folder: Path, name: str, *, code: int = 0) -> None:
    """Make a program that keeps what it is given and how it was called."""
    program = folder / "bin" / name
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(folder / 'called')!r}, 'a').write({name!r} + ' ' + ' '.join(sys.argv[1:]))\n"
        f"open({str(folder / 'clipboard')!r}, 'wb').write(sys.stdin.buffer.read())\n"
        f"sys.exit({code})\n"
    )
    program.chmod(0o755)


def env(folder: Path, **more: str) -> dict[str, str]:
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
def test_copy__by_each_program(name: str, variable: str, call: str, here: Path, run: Run) -> None:
    install(here, name)
    given = {variable: "x"} if variable != "HOME" else {}
    done = run(*QUOTE, "--copy", env=env(here, **given))
    assert done.code == 0
    assert done.out.startswith("> Posted by")
    assert (here / "clipboard").read_text() == done.out
    assert (here / "called").read_text() == call
    assert done.err == f"Copied the quote to the clipboard (by {name}).\n"


def test_copy__windows_takes_utf_16(here: Path, run: Run) -> None:
    install(here, "clip.exe")
    done = run("quote", "9bread1", "--all", "--copy", env=env(here))
    assert (here / "clipboard").read_bytes().decode("utf-16") == done.out
    assert not done.out.isascii()


def test_copy__save_copies_too(here: Path, run: Run) -> None:
    install(here, "pbcopy")
    done = run("save", EXAMPLES / "poll.json", "--copy", "-o", "x.md", env=env(here))
    assert (done.code, done.out) == (0, "")
    assert (here / "clipboard").read_bytes() == (here / "x.md").read_bytes()


def test_copy__a_program_that_fails_is_followed_by_the_next(here: Path, run: Run) -> None:
    install(here, "wl-copy", code=1)
    install(here, "xclip")
    done = run(*QUOTE, "--copy", env=env(here, WAYLAND_DISPLAY="x", DISPLAY=":0"))
    assert done.code == 0
    assert "(by xclip)" in done.err


def test_copy__without_any_way_is_one_sentence_and_the_quote(here: Path, run: Run) -> None:
    install(here, "xclip", code=1)
    done = run(*QUOTE, "--copy", env=env(here, DISPLAY=":0"))
    assert done.code == 1
    assert done.out.startswith("> Posted by")
    assert "can't copy to the clipboard: xclip failed" in done.err
    assert done.err.count("\n") == 2
    (here / "bin" / "xclip").unlink()
    assert "no clipboard program is installed" in run(*QUOTE, "--copy", env=env(here)).err


def test_copy__over_ssh_the_far_machines_own_clipboard_is_left_alone(here: Path, run: Run) -> None:
    install(here, "pbcopy")
    assert run(*QUOTE, "--copy", env=env(here, SSH_CONNECTION="a b c d")).code == 1
    assert not (here / "clipboard").exists()


def test_copy__the_terminal_takes_it_and_shows_no_quote(here: Path) -> None:
    code, shown = on_terminal(here, *QUOTE, "--copy", env=env(here, TERM="xterm-256color"))
    sequence = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", shown)
    assert code == 0
    assert sequence
    assert base64.b64decode(sequence[1]).startswith(b"> Posted by")
    rest = shown.replace(sequence[0], b"")
    assert rest.strip().startswith(b"Copied the quote")
    assert b"\x1b" not in rest


def test_copy__a_terminal_that_does_nothing_shows_the_quote(here: Path) -> None:
    code, shown = on_terminal(here, *QUOTE, "--copy", env=env(here, TERM="dumb"))
    assert code == 1
    assert shown.startswith(b"> Posted by")


def test_copy__what_no_terminal_takes_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "_find_terminal", lambda: sys.stderr)
    assert not clipboard._send_to_terminal(b"x" * clipboard.MAX_SEQUENCE_LENGTH)
    assert clipboard._send_to_terminal(b"x")


def on_terminal(folder: Path, *args: str, env: Mapping[str, str]) -> tuple[int, bytes]:
    """Run the program on a terminal of its own; give its exit code and what the screen got."""
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
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(ours)
    return child.wait(timeout=60), shown.replace(b"\r\n", b"\n")
