"""A page of Markdown, taken apart into what is done with it, in order.

Beside fenced blocks these are notes that a reader does not see, `<!-- verb: words -->`:

    file: PATH        the next block is what the reader writes into PATH
    stage: WHAT …     the world, see `stage`        clock: TIME   what time it is now
    typed: A; B       what is typed at the prompts of the next command
    exit: N           how the last command of the next block ends, if not with 0
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NOTE = re.compile(r"<!-- (?P<verb>[a-z]+): (?P<words>.+?) -->")
FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Note:
    verb: str
    words: str


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `start` and `end` are the position of its body in the page."""

    kind: str
    body: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Typed:
    """A command of a page, and its output on the page."""

    command: str
    shown: str


def parts(text: str) -> Iterator[Note | Block]:
    """Yield the notes and the fenced blocks of a page in order."""
    at = 0
    while True:
        fence, note = FENCE.search(text, at), NOTE.search(text, at)
        if fence is None and note is None:
            return
        if fence is None or (note is not None and note.start() < fence.start()):
            assert note is not None
            yield Note(note["verb"], note["words"])
            at = note.end()
        else:
            yield Block(fence["kind"], fence["body"], fence.start("body"), fence.end("body"))
            at = fence.end()


def commands(body: str) -> list[Typed]:
    """Split a console block into commands. A backslash at the end of a line continues it."""
    found: list[Typed] = []
    lines = body.splitlines()
    while lines:
        line = lines.pop(0)
        assert line.startswith(PROMPT), f"no command stands before {line!r}"
        while line.endswith("\\"):
            line += "\n" + lines.pop(0)
        shown = []
        while lines and not lines[0].startswith(PROMPT):
            shown.append(lines.pop(0))
        found.append(Typed(line.removeprefix(PROMPT), "\n".join(shown).rstrip("\n")))
    return found


def agrees(shown: str, printed: str) -> bool:
    """Return whether a page shows the output. A line with only `…` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in shown.splitlines()
    )
    return re.fullmatch(pattern, f"{printed}\n" if printed else "") is not None
