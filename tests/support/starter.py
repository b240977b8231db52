"""Run the program many times, each time forked from a process that has loaded it.

Each run has its own process, folder, environment and files, and ends as the installed program does.
It only saves the time of loading and unloading modules, which takes ten times as long as most runs.
Tests of what a command loads start the installed program. As a script, this module is the process
that forks.
"""

import atexit
import codecs
import faulthandler
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

LAZY = (
    *("bs4", "jinja2", "markdown_it", "markdownify", "praw", "requests", "selectolax.lexbor"),
    *("rich.console", "rich.markup", "rich.progress", "rich.status", "rich.table", "rich.text"),
    *("concurrent.futures.process", "http.client", "multiprocessing.pool", "webbrowser"),
    *(
        "encodings.idna",
        "encodings.latin_1",
        "encodings.ascii",
        "requests.adapters",
        "urllib3.contrib",
        "zstandard",
    ),
)
"""Packages that commands load where they need them."""
MOST_SECONDS = 120.0
CHANGES = {"os.rename", "os.link", "os.remove", "os.chmod", "os.mkdir", "os.rmdir"}
CHANGES |= {"sqlite3.connect"}
"""The audit events of calls that change files, except `open`."""

Person = tuple[int | None, int | None, int]
"""User id, group id and umask."""


class Starter:
    """Starts the program in forked processes."""

    def __init__(self) -> None:
        self._loaded = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(self.close)

    def close(self) -> None:
        self._loaded.communicate()

    def run(
        self,
        args: Sequence[str],
        *,
        stdin: bytes,
        folder: Path,
        env: Mapping[str, str],
        kill_at: int | None = None,
        person: Person | None = None,
    ) -> tuple[int, bytes, bytes]:
        """Run the program; return its exit code and its output on stdout and stderr.

        With `kill_at` it kills itself right before its file call of that number; if it gets to its
        end, it prints the number of calls as the last line of stderr. With a `person` it has
        that user id, group id and umask.
        """
        assert self._loaded.stdin is not None
        assert self._loaded.stdout is not None
        with tempfile.TemporaryDirectory() as name:
            files = [os.path.join(name, each) for each in ("in", "out", "err")]
            Path(files[0]).write_bytes(stdin)
            request = {"args": args, "files": files, "folder": str(folder), "env": dict(env)}
            request |= {"kill_at": kill_at, "person": person}
            self._loaded.stdin.write(json.dumps(request) + "\n")
            self._loaded.stdin.flush()
            code = int(self._loaded.stdout.readline())
            out, err = (Path(each).read_bytes() for each in files[1:])
        return code, out, err


def load() -> None:
    """Load the package and what its commands load. Loaded objects are never garbage-collected."""
    package = importlib.import_module("reddit_archive")
    for found in pkgutil.walk_packages(package.__path__, "reddit_archive."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name in LAZY:
        importlib.import_module(name)
    for name in ("utf-8-sig", "latin-1", "idna", "unicode-escape"):
        codecs.lookup(name)
    gc.freeze()


def serve(requests: IO[str], answers: IO[str]) -> dict[str, Any] | None:
    """Fork for each request. Return the request in the forked process, and None at the end."""
    for line in iter(requests.readline, ""):
        process = os.fork()
        if process == 0:
            run: dict[str, Any] = json.loads(line)
            return run
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)
    return None


def become(run: dict[str, Any]) -> NoReturn:
    """Run the program in this process, and exit."""
    modes = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_TRUNC] * 2)
    for number, (path, mode) in enumerate(zip(run["files"], modes, strict=True)):
        os.dup2(os.open(path, mode, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (as long as the process)
    faulthandler.dump_traceback_later(MOST_SECONDS, exit=True)
    os.chdir(run["folder"])
    if run["person"] is not None:
        user, group, umask = run["person"]
        os.umask(umask)
        if user is not None:
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
    os.environ.clear()
    os.environ.update(run["env"])
    time.tzset()
    sys.argv = ["archive", *run["args"]]
    from reddit_archive import cli

    calls = count_calls(run["kill_at"]) if run["kill_at"] is not None else None
    code: object = 0
    try:
        cli.main()
    except SystemExit as ended:
        code = ended.code
    if calls is not None:
        print(len(calls), file=sys.stderr)
    end(code)


def count_calls(kill_at: int) -> list[str]:
    """Record each call that changes files; exit before the call with this number."""
    calls: list[str] = []

    def note(event: str, args: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR)):
            calls.append(event)
            if len(calls) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(note)
    return calls


def end(code: object) -> NoReturn:
    """Exit as Python does, without the slow destruction of loaded modules."""
    if not isinstance(code, int | None):
        sys.exit(str(code))
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    load()
    if (run := serve(sys.stdin, sys.stdout)) is not None:
        become(run)
