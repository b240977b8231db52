"""Texts that control a terminal, and a pseudo-terminal to run commands on."""

import os
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from reddit_archive.archive import store
from reddit_archive.model.capture import Capture
from tests.conftest import PROGRAM
from tests.support.faults import NEW_YEAR

CONTROLS = [chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if chr(code) not in "\n"]


BIDI = [*map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))]
"""Characters that reverse the text after them. The usual marks of Arabic and Hebrew do not."""


SEQUENCES = [
    *("\x1b[2J\x1b[H", "\x1b]0;owned\x07", "\x1b[8mhidden\x1b[0m", "\x1bP$q\x1b\\", "\x9b2J"),
    *("\x1b]8;;https://evil.example/\x1b\\text\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07", "\x1bc"),
    *("\rover", "\x08\x08\x08", "\u202egnp.exe", "\x1b[5n", "\x1b[?1049h", "\x1b[21t", "\x0e"),
]


COLOURS = re.compile(rb"\x1b\[(?:\d{1,2}(?:;\d{1,2})*)?m")


def build_hostile_text(random: Random) -> str:
    odd = random.choice((random.choice(SEQUENCES), random.choice(CONTROLS), random.choice(BIDI)))
    return f"Some words {odd} and more {random.choice(SEQUENCES)}{odd}end."


def escape_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def build_thing(name: str, random: Random, **more: Any) -> dict[str, Any]:
    text = build_hostile_text(random)
    html = f'<div class="md"><p>{escape_html(text)}</p>\n</div>'
    data = {"name": name, "id": name[3:], "body": text, "body_html": html, "parent_id": "t3_abc123"}
    author = f"who{build_hostile_text(random)}"
    return {"kind": name[:2], "data": data | {"author": author, "subreddit": "x\x1bc"} | more}


def store_hostile_thread(root: Path, count: int) -> None:
    """Store two snapshots of a post and comments; the second has other texts, and fewer."""
    random = Random(7)
    for day in range(2):
        text, title = build_hostile_text(random), f"Title {build_hostile_text(random)}"
        post = build_thing(
            "t3_abc123", random, title=title, selftext=text, selftext_html=f"<p>{text}</p>"
        )
        comments = [
            build_thing(f"t1_c{number}", random, depth=0) for number in range(count - 9 * day)
        ]
        things = ({**post, "data": post["data"] | {"is_self": True}}, *comments)
        at = NEW_YEAR + timedelta(days=day)
        store.add(root, Capture("abc123", at, "reddit", {"path": "comments/abc123/"}, things))


def run_on_terminal(folder: Path, *command: str, term: str) -> tuple[int, bytes]:
    """Run the program on its own terminal; return its exit code and its output."""
    ours, its = os.openpty()
    with subprocess.Popen(
        [str(PROGRAM), *command],
        cwd=folder,
        stdin=its,
        stdout=its,
        stderr=its,
        env={**os.environ, "HOME": str(folder), "TERM": term, "COLUMNS": "100"},
    ) as child:
        os.close(its)
        written = b"".join(_read(ours))
        os.close(ours)
    return child.returncode, written


def _read(handle: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(handle, 65_536)
        except OSError:  # the other end is closed
            return
        if not data:
            return
        yield data


def find_control_characters(written: bytes) -> set[str]:
    """Return the control and direction characters in the output to a terminal.

    The driver of a terminal writes \\r\\n for \\n.
    """
    text = written.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
    text = text.replace("\n", "")
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cs") or c in BIDI}
