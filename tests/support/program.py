"""The program with a seeded fault, or with recorded or failing file calls.

Run as a script, it is that program.
"""

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from reddit_archive import cli
from reddit_archive.cli import terminal
from tests.conftest import ROOT
from tests.support import faults

Command = Sequence[str]


class Failed(NamedTuple):
    """A run with a failing file call, and the result of the run after it.

    `calls` names what failed, `wrong` and `still` what is torn after the first and the second run.
    """

    calls: list[str]
    code: int
    stderr: str
    drafts: int
    wrong: list[str]
    again: int
    still: list[str]
    held: int


def command(role: str, *args: object) -> list[str]:
    return [sys.executable, "-m", "tests.support.program", role, *map(str, args)]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(folder), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def child(role: str, folder: Path, request: object) -> Any:
    """Run a role in a folder; return what it wrote to its answer file."""
    answer = folder / "answer.pickle"
    subprocess.run(
        command(role, answer),
        cwd=folder,
        input=json.dumps(request).encode(),
        env=environment(folder),
        check=True,
        timeout=300,
    )
    return pickle.loads(answer.read_bytes())


# Roles -----------------------------------------------------------------------------------------


def faulty(fault: str, *args: str) -> None:
    """Run the program with a seeded fault."""
    faults.seed_fault(fault)
    sys.argv = ["archive", *args]
    cli.main()


def recorded(answer: str) -> None:
    """Run commands in turn; record each change of the archive's files and each report.

    What is in the archive while something is printed counts as reported.
    """
    request = json.loads(sys.stdin.read())
    if request["fault"]:
        faults.seed_fault(request["fault"])
    base, show = Path(request["base"]), terminal.print_result
    root = base / request["root"]
    with faults.recording(base, most_bytes=2**30) as recorder:

        def result(text: str) -> None:
            reported = {each.essence for each in recorder.log if isinstance(each, faults.Returned)}
            recorder.log.extend(map(faults.Returned, sorted(faults.essences(root) - reported)))
            show(text)

        terminal.print_result = result
        codes = [_invoke([*each, "--archive", str(root)])[0] for each in request["commands"]]
    Path(answer).write_bytes(pickle.dumps((codes, recorder.log)))


def failing(answer: str) -> None:
    """Run a command repeatedly in new archives, each time with another failing file call.

    Leaves a Failed for each, and one without calls at the end.
    """
    request = json.loads(sys.stdin.read())
    if request["fault"]:
        faults.seed_fault(request["fault"])
    root = Path("failing") / "archive"
    found: list[Failed] = []
    while not found or found[-1].calls:
        fatal = 1 + len(found) * request["step"]
        calls: list[str] = []

        def fail(number: int, call: str, fatal: int = fatal, calls: list[str] = calls) -> None:
            if number == fatal:
                calls.append(call)
                raise OSError(request["errno"], os.strerror(request["errno"]))

        with faults.recording(root.parent, fail):
            code, errors = _invoke([*request["command"], "--archive", str(root)])
        wrong, drafts = _wrong(root), len(faults.drafts(root))
        again, _ = _invoke([*request["command"], "--archive", str(root)])
        held = len(faults.essences(root))
        found.append(Failed(calls, code, errors, drafts, wrong, again, _wrong(root), held))
        shutil.rmtree(root.parent)
    Path(answer).write_bytes(pickle.dumps([tuple(each) for each in found]))


def _wrong(root: Path) -> list[str]:
    return faults.problems(root, ()) if root.exists() else []


def _invoke(args: Command) -> tuple[int, str]:
    """Run the program in this process; return its exit code and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    sys.argv = ["archive", *args]
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main()
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else 1
    return code, err.buffer.getvalue().decode()  # type: ignore[attr-defined]


if __name__ == "__main__":
    {"faulty": faulty, "recorded": recorded, "failing": failing}[sys.argv[1]](*sys.argv[2:])
