"""Play a page: run its console blocks in order, in a terminal and a new folder."""

import os
import re
import select
import subprocess
from contextlib import ExitStack
from pathlib import Path

from .reading import PROMPT, Block, Note, Typed, agrees, commands, parts
from .stage import Stage

SECONDS = 60


def play(text: str, home: Path) -> str:
    """Run a page; return it with the current output of its commands. A true page is unchanged.

    Raises AssertionError if a command has another exit code than the page says.
    """
    written, at = "", 0
    with ExitStack() as closing:
        stage = Stage(home, closing)
        notes: dict[str, str] = {}
        for part in parts(text):
            if isinstance(part, Note):
                _note(part, stage, notes)
            elif "file" in notes:
                stage.write(notes.pop("file"), part.body)
            elif part.kind == "console":
                written += text[at : part.start] + _block(part, stage, notes)
                at = part.end
    return written + text[at:]


def _note(note: Note, stage: Stage, notes: dict[str, str]) -> None:
    if note.verb == "stage":
        stage.set(note.words)
    elif note.verb == "clock":
        stage.clock = note.words
    else:
        notes[note.verb] = note.words


def _block(block: Block, stage: Stage, notes: dict[str, str]) -> str:
    """Run a console block; return it with the current output."""
    lines: list[str] = []
    typed_commands = commands(block.body)
    answers = notes.pop("typed", "").split("; ") if "typed" in notes else []
    exit_code = int(notes.pop("exit", "0"))
    for typed in typed_commands:
        code, printed = _run(typed, stage, answers)
        assert code == (exit_code if typed is typed_commands[-1] else 0), (
            f"{typed.command}: {code}\n{printed}"
        )
        lines.append(PROMPT + typed.command)
        shown = typed.shown if agrees(typed.shown, printed) else printed
        lines += [shown] if shown else []
    return "\n".join(lines) + "\n"


def _run(typed: Typed, stage: Stage, answers: list[str]) -> tuple[int, str]:
    """Run a command as a shell does; keep its working folder and exported variables."""
    if match := re.fullmatch(r"cd (\S+)", typed.command):
        stage.folder = (stage.folder / match[1]).resolve()
        return 0, ""
    if match := re.fullmatch(r"export (\w+)=(\S+)", typed.command):
        stage.export_variable(match[1], match[2])
        return 0, ""
    code, printed = on_terminal(typed.command, stage, answers)
    stage.settle()
    lines = stage.shown(printed).replace("\r\n", "\n").splitlines()
    return code, "\n".join(line.rstrip() for line in lines).rstrip("\n")


def on_terminal(command: str, stage: Stage, answers: list[str]) -> tuple[int, str]:
    """Run a command on its own terminal, and answer its prompts."""
    mine, its = os.openpty()
    process = subprocess.Popen(
        ["sh", "-c", f"exec <{os.ttyname(its)} >{os.ttyname(its)} 2>&1; {command}"],
        cwd=stage.folder,
        env=stage.env(),
        start_new_session=True,  # so that the terminal becomes its own, where getpass asks
        pass_fds=(its,),  # a terminal that nobody holds is gone before it is opened
    )
    os.close(its)
    printed, answered_at = b"", 0
    while select.select([mine], [], [], SECONDS)[0]:
        try:
            printed += os.read(mine, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if answers and printed[answered_at:].rstrip(b" ").endswith(b":") and printed.endswith(b" "):
            answered_at = len(printed)
            os.write(mine, f"{answers.pop(0)}\n".encode())
    os.close(mine)
    return process.wait(SECONDS), printed.decode()
