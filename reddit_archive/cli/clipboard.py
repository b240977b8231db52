"""The clipboard of whoever sits at the keyboard, by the desktop's own program or by the terminal.

Over ssh the programs of the far machine fill a clipboard that nobody sees, unless its windows show
here; the terminal is asked instead, by an escape sequence (OSC 52) that most of them take.
"""

import base64
import os
import shutil
import subprocess
import sys
from codecs import BOM_UTF16_LE
from collections.abc import Iterator
from typing import TextIO

from reddit_archive import errors

PROGRAMS = (
    (("wl-copy", "--type", "text/plain"), "WAYLAND_DISPLAY"),
    (("xclip", "-selection", "clipboard"), "DISPLAY"),
    (("xsel", "--clipboard", "--input"), "DISPLAY"),
    (("tmux", "load-buffer", "-w", "-"), "TMUX"),
    (("pbcopy",), ""),
    (("clip.exe",), ""),
    (("termux-clipboard-set",), ""),
)
"""Each with the variable that tells whether it has a clipboard to fill; "" is this machine's."""
LONGEST_SEQUENCE = 100_000
"""Terminals drop longer ones without a word; the limits of most are a little above."""
PATIENCE_SECONDS = 10


def copy(text: str) -> str:
    """Put a text on the clipboard; tell by what. Raises ArchiveError where there is no way."""
    data = text.encode("utf-8", "replace")
    tried = []
    for command in _commands():
        if _run(command, data):
            return os.path.basename(command[0])
        tried.append(os.path.basename(command[0]))
    if _ask_terminal(data):
        return "the terminal, if it takes OSC 52"
    why = f"{' and '.join(tried)} could not fill it" if tried else "no program for it is here"
    raise errors.ArchiveError(
        f"there is no way to the clipboard: {why}",
        "Install wl-clipboard, xclip or xsel, or write the quote to a file with -o FILE.",
    )


def _commands() -> Iterator[list[str]]:
    """The programs that are here and have a clipboard to fill, with their paths."""
    is_far = bool(os.environ.get("SSH_CONNECTION"))
    for (name, *arguments), variable in PROGRAMS:
        has_clipboard = os.environ.get(variable) if variable else not is_far
        if has_clipboard and (path := shutil.which(name)):
            yield [path, *arguments]


def _run(command: list[str], data: bytes) -> bool:
    """Give a program the text; tell whether it took it.

    What keeps the clipboard goes on in the background, so that no pipe may wait for its end.
    """
    if command[0].endswith("clip.exe"):  # which takes anything else for the console's code page
        data = BOM_UTF16_LE + data.decode().encode("utf-16-le")
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_CTYPE": "UTF-8"} if command[0].endswith("pbcopy") else None,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _ask_terminal(data: bytes) -> bool:
    """Ask the terminal, which never answers; tell whether there is one that may have heard it."""
    stream = _terminal()
    encoded = base64.b64encode(data).decode()
    if stream is None or len(encoded) > LONGEST_SEQUENCE:
        return False
    stream.write(f"\x1b]52;c;{encoded}\x07")
    stream.flush()
    return True


def _terminal() -> TextIO | None:
    if os.environ.get("TERM", "dumb") in ("dumb", "linux"):
        return None
    return next((each for each in (sys.stderr, sys.stdout) if each.isatty()), None)
