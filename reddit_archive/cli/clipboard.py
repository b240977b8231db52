"""Copy text to the user's clipboard, with a program of the desktop or through the terminal.

Over SSH, programs like pbcopy would fill the remote machine's clipboard. They are skipped there,
and the text goes to the user's terminal as an escape sequence (OSC 52) that most terminals support.
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
"""Commands, each with the environment variable that must be set; "" if it needs none."""
MAX_SEQUENCE_LENGTH = 100_000
"""Most terminals ignore sequences that are much longer, without an error."""
TIMEOUT_SECONDS = 10


def copy(text: str) -> str:
    """Copy a text to the clipboard, and return the name of what copied it.

    Raises ArchiveError if nothing could copy it.
    """
    data = text.encode("utf-8", "replace")
    failed_programs = []
    for command in _iter_commands():
        if _run(command, data):
            return os.path.basename(command[0])
        failed_programs.append(os.path.basename(command[0]))
    if _send_to_terminal(data):
        return "the terminal, if it supports OSC 52"
    reason = (
        f"{' and '.join(failed_programs)} failed"
        if failed_programs
        else "no clipboard program is installed"
    )
    raise errors.ArchiveError(
        f"can't copy to the clipboard: {reason}",
        "Install wl-clipboard, xclip or xsel, or write the quote to a file with -o FILE.",
    )


def _iter_commands() -> Iterator[list[str]]:
    """Yield the commands of the installed programs that can reach the user's clipboard."""
    is_remote = bool(os.environ.get("SSH_CONNECTION"))
    for (name, *arguments), variable in PROGRAMS:
        has_clipboard = os.environ.get(variable) if variable else not is_remote
        if has_clipboard and (path := shutil.which(name)):
            yield [path, *arguments]


def _run(command: list[str], data: bytes) -> bool:
    """Send the text to a program; return whether it succeeded.

    The output is discarded: xclip and wl-copy stay in the background, and would keep a pipe open.
    """
    if command[0].endswith("clip.exe"):  # it reads other encodings as the console's code page
        data = BOM_UTF16_LE + data.decode().encode("utf-16-le")
    try:
        process = subprocess.run(
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_CTYPE": "UTF-8"} if command[0].endswith("pbcopy") else None,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return process.returncode == 0


def _send_to_terminal(data: bytes) -> bool:
    """Send the text to the terminal; return whether it was sent. Terminals confirm nothing."""
    stream = _find_terminal()
    encoded = base64.b64encode(data).decode()
    if stream is None or len(encoded) > MAX_SEQUENCE_LENGTH:
        return False
    stream.write(f"\x1b]52;c;{encoded}\x07")
    stream.flush()
    return True


def _find_terminal() -> TextIO | None:
    if os.environ.get("TERM", "dumb") in ("dumb", "linux"):
        return None
    return next((stream for stream in (sys.stderr, sys.stdout) if stream.isatty()), None)
