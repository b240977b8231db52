"""Faults on purpose: file calls recorded or failed, a disk that loses power, writers to be killed.

Run as a script it is one of the child processes that the promises' tests watch, fail and kill.
"""

import errno
import fcntl
import hashlib
import itertools
import json
import multiprocessing
import os
import random
import resource
import secrets
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import snapshot_format, store, verify
from reddit_archive.archive.index import maintenance
from reddit_archive.files import durable_files
from reddit_archive.files import temp_files as drafts_
from reddit_archive.model import thing_comparison
from reddit_archive.model.capture import Capture

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload([__name__])
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

Trap = Callable[[int, str], None]
"""Called before each file call with its number, from 1, and its name; raises in its place."""


def capture_text(
    text: str,
    *,
    thread: str = "abc123",
    seconds: float = 0,
    at: datetime | None = None,
    score: int = 1,
    source: str = "reddit",
    live: bool = True,
    bulk: str = "",
) -> Capture:
    """A capture of a post with this text and one comment, taken so long after New Year.

    `bulk` makes it long, where nobody looks for words.
    """
    post = {"name": f"t3_{thread}", "title": "A title", "selftext": text, "score": score}
    post |= {"bulk": bulk} if bulk else {}
    comment = {"name": "t1_c0", "parent_id": f"t3_{thread}", "body": "A reply", "score": score}
    things = ({"kind": "t3", "data": post}, {"kind": "t1", "data": comment})
    at = at or NEW_YEAR + timedelta(seconds=seconds)
    return Capture(thread, at, source, {"url": "https://www.reddit.com"}, things, live)


def file_name(data: bytes, at: datetime = NEW_YEAR) -> str:
    """Return the file name of a snapshot with these bytes."""
    return snapshot_format.build_file_name(at, hashlib.sha256(data).hexdigest())


def essence(a_capture: Capture) -> str:
    """Return the content of a capture without counters and without the order of comments."""
    data = [
        json.dumps([thing["kind"], uncounted(thing["data"])], sort_keys=True)
        for thing in a_capture.things
    ]
    return json.dumps([sorted(data), sorted((shown.of, shown.name) for shown in a_capture.media)])


def uncounted(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    return {
        key: value for key, value in data.items() if key not in thing_comparison.VOLATILE_FIELDS
    }


def problems(root: Path, kept: Collection[str]) -> list[str]:
    """Return which of these contents an archive has lost, and which of its files are damaged."""
    try:
        torn = [
            found.description
            for found in verify.verify(root)
            if isinstance(found, store.DamagedFile)
        ]
        return torn + [f"lost: {essence[:200]}" for essence in set(kept) - essences(root)]
    except errors.ArchiveError as error:
        return [error.message]


def essences(root: Path) -> set[str]:
    return {
        essence(snapshot.capture)
        for thread in store.iter_thread_ids(root)
        for snapshot in store.load_snapshots(root, thread, on_damage=lambda damage: None)
    }


def drafts(root: Path) -> list[Path]:
    return list(root.rglob("*.part"))


def leave_dead_draft(folder: Path, text: str = "", *, process_id: int = 999_999_999) -> Path:
    """Create the temp file of a process that was killed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{process_id}-{secrets.token_hex(8)}.part"
    path.write_text(text)
    return path


# Power cuts ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """Names in one folder that now mean other nodes (or none), all of them at once."""

    folder: int
    changes: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Written:
    node: int
    data: bytes


@dataclass(frozen=True)
class Flushed:
    node: int


@dataclass(frozen=True)
class Returned:
    """The store reported this content as stored."""

    essence: str


Event = Entry | Written | Flushed | Returned
Tree = dict[str, bytes | None]


class Killed(BaseException):
    """Simulates kill -9: no handler catches it."""


class Recorder:
    """Stands in for `os` in disk.py: does each call and logs what it changed.

    Nothing is really flushed, and a write takes a few bytes at most. `trap` is called before each
    call with its number and name, and may raise in its place.
    """

    def __init__(self, base: Path, trap: Trap | None = None, most_bytes: int = 200) -> None:
        self.log: list[Event] = []
        self.calls = 0
        self.trap = trap
        self._most_bytes = most_bytes
        self._numbers = itertools.count(1)
        self._nodes = {str(base): 0}
        self._handles: dict[int, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def _begin(self, call: str) -> None:
        self.calls += 1
        if self.trap:
            self.trap(self.calls, call)

    def _node(self, path: Path) -> int:
        return self._nodes.setdefault(str(path), next(self._numbers))

    def _change(self, *changes: tuple[Path, int | None]) -> None:
        folders: dict[int, list[tuple[str, int | None]]] = {}
        for path, node in changes:
            folders.setdefault(self._node(path.parent), []).append((path.name, node))
            self._nodes.pop(str(path), None)
            if node is not None:
                self._nodes[str(path)] = node
        self.log.extend(Entry(folder, tuple(names)) for folder, names in folders.items())

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        self._begin("open")
        is_new = not os.path.exists(path)
        handle = os.open(path, flags, mode)
        if is_new:
            self._change((path, next(self._numbers)))
            self.log.append(Written(self._node(path), b""))
        self._handles[handle] = self._node(path)
        return handle

    def write(self, handle: int, data: bytes) -> int:
        self._begin("write")
        count = os.write(handle, data[: self._most_bytes])
        self.log.append(Written(self._handles[handle], bytes(data[:count])))
        return count

    def fsync(self, handle: int) -> None:
        self._begin("fsync")
        self.log.append(Flushed(self._handles[handle]))

    def close(self, handle: int) -> None:
        self._handles.pop(handle)
        os.close(handle)

    def chmod(self, path: Path, mode: int) -> None:
        self._begin("chmod")
        os.chmod(path, mode)

    def mkdir(self, path: Path) -> None:
        self._begin("mkdir")
        os.mkdir(path)
        self._change((path, next(self._numbers)))

    def link(self, old: Path, new: Path) -> None:
        self._begin("link")
        os.link(old, new)
        self._change((new, self._node(old)))

    def rename(self, old: Path, new: Path) -> None:
        self._begin("rename")
        os.replace(old, new)
        self._change((new, self._node(old)), (old, None))

    replace = rename

    def unlink(self, path: Path) -> None:
        self._begin("unlink")
        os.unlink(path)
        self._change((path, None))


@contextmanager
def recording(base: Path, trap: Trap | None = None, *, most_bytes: int = 200) -> Iterator[Recorder]:
    """Record the file calls of `durable_files`."""
    recorder, real = Recorder(base, trap, most_bytes), durable_files.os
    durable_files.os = recorder  # type: ignore[assignment]
    try:
        yield recorder
    finally:
        durable_files.os = real


def after_power_cut(log: Sequence[Event], *, rng: random.Random, limit: int) -> Iterator[Tree]:
    """Every tree (or `limit` of them) that may be on disk when the power fails after `log`.

    Any subset of what was not flushed may have arrived: names in a folder, in any combination, and
    a file's bytes as all, none, half of them or zeros. A flushed file may still lack its name.
    """
    entries = [event for event in log if isinstance(event, Entry)]
    loose = [number for number, entry in enumerate(entries) if not _is_flushed(log, entry)]
    contents = _contents(log)
    options = [(True, False)] * len(loose)
    ways: list[Sequence[Any]] = [*options, *contents.values()]
    count = 1
    for way in ways:
        count *= len(way)
    if count <= limit:
        picks = list(itertools.product(*ways))
    else:
        ends = [tuple(way[0] for way in ways), tuple(way[-1] for way in ways)]
        picks = ends + [tuple(rng.choice(way) for way in ways) for _ in range(limit - 2)]
    for pick in picks:
        dropped = {number for number, kept in zip(loose, pick, strict=False) if not kept}
        bodies = dict(zip(contents, pick[len(loose) :], strict=True))
        yield _tree([e for n, e in enumerate(entries) if n not in dropped], bodies)


def _is_flushed(log: Sequence[Event], entry: Entry) -> bool:
    at = next(number for number, event in enumerate(log) if event is entry)
    return Flushed(entry.folder) in log[at:]


def _contents(log: Sequence[Event]) -> dict[int, tuple[bytes, ...]]:
    """What the bytes of each file may be: one possibility where all of them are flushed."""
    safe: dict[int, bytes] = {}
    late: dict[int, bytes] = {}
    for event in log:
        if isinstance(event, Written):
            late[event.node] = late.get(event.node, b"") + event.data
        elif isinstance(event, Flushed) and event.node in late:
            safe[event.node] = safe.get(event.node, b"") + late.pop(event.node)
    found = {node: (body,) for node, body in safe.items()}
    for node, new in late.items():
        old = safe.get(node, b"")
        ways = (new, b"", new[: len(new) // 2], bytes(len(new)))
        found[node] = tuple(dict.fromkeys(old + way for way in ways))
    return found


def _tree(entries: Sequence[Entry], bodies: Mapping[int, bytes]) -> Tree:
    folders: dict[int, dict[str, int]] = {0: {}}
    for entry in entries:
        names = folders.setdefault(entry.folder, {})
        for name, node in entry.changes:
            names.pop(name, None)
            if node is not None:
                names[name] = node
    tree: Tree = {}
    todo = [("", 0)]
    while todo:
        path, node = todo.pop()
        for name, below in folders.get(node, {}).items():
            inner = f"{path}/{name}".lstrip("/")
            tree[inner] = bodies.get(below)
            if below not in bodies:
                todo.append((inner, below))
    return tree


def plant(tree: Tree, where: Path) -> None:
    where.mkdir()
    for path, body in sorted(tree.items()):
        if body is None:
            (where / path).mkdir()
        else:
            (where / path).write_bytes(body)


def cut_power(
    log: Sequence[Event], where: Path, *, start: int = 1, limit: int = 16, root: str = "archive"
) -> tuple[set[str], int]:
    """Cut the power after every event of a log: the problems found, and in how many states.

    In each state what was returned must be there, nothing be torn, and the next add work.
    """
    rng = random.Random(1)
    found: set[str] = set()
    seen: set[object] = set()
    for end in range(start, len(log) + 1):
        kept = frozenset(event.essence for event in log[:end] if isinstance(event, Returned))
        for tree in after_power_cut(log[:end], rng=rng, limit=limit):
            if (key := (kept, frozenset(tree.items()))) in seen:
                continue
            seen.add(key)
            state = where / str(len(seen))
            plant(tree, state)
            found.update(problems(state / root, kept), _next_add(state, state / root))
            shutil.rmtree(state)
    return found, len(seen)


def _next_add(base: Path, root: Path) -> list[str]:
    later = capture_text("after the crash", seconds=9999)
    try:
        with recording(base):
            store.add(root, later)
    except errors.ArchiveError as error:
        return [error.message]
    return problems(root, {essence(later)})


# Seeded faults ---------------------------------------------------------------------------------


def publish_directly(
    pieces: Iterable[bytes], folder: Path, name: Callable[[str], str], tmp: Path, mode: int
) -> tuple[Path, bool]:
    """Seeded fault: the writer uses no temp files. O_SYNC makes it slow enough to be caught."""
    folder.mkdir(parents=True, exist_ok=True)
    data = b"".join(pieces)
    final = folder / name(hashlib.sha256(data).hexdigest())
    handle = os.open(final, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_SYNC, 0o644)
    for start in range(0, len(data), 2_048):
        os.write(handle, data[start : start + 2_048])
    os.close(handle)
    return final, True


def publish_over(
    pieces: Iterable[bytes], folder: Path, name: Callable[[str], str], tmp: Path, mode: int
) -> tuple[Path, bool]:
    """Seeded fault: the writer rewrites one temp file and renames it over the snapshot."""
    folder.mkdir(parents=True, exist_ok=True)
    data = b"".join(pieces)
    final = folder / name(hashlib.sha256(data).hexdigest())
    for former in folder.glob("*.json"):
        former.write_bytes(data)
        former.replace(final)
    final.write_bytes(data)
    return final, True


def make_folder_without_flush(folder: Path, may_wait: bool = False) -> None:
    if not folder.is_dir():
        make_folder_without_flush(folder.parent)
        durable_files.os.mkdir(folder)


def make_folder_without_flush_of_others(folder: Path, may_wait: bool = False) -> None:
    """Seeded fault: folders of other processes count as durable."""
    if not folder.is_dir():
        make_folder_without_flush_of_others(folder.parent)
        durable_files.os.mkdir(folder)
        durable_files.sync_folder(folder.parent)


def append_without_flush_of_folder(line: bytes, path: Path) -> None:
    handle = durable_files.os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    durable_files.os.write(handle, line)
    durable_files.os.fsync(handle)
    durable_files.os.close(handle)


@contextmanager
def leave_draft(folder: Path, *, is_private: bool = False) -> Iterator[durable_files.TempFile]:
    """Seeded fault: a temp file stays if writing fails."""
    draft = durable_files.TempFile(
        *durable_files._open_temp_file(folder, 0o600 if is_private else 0o666)
    )
    yield draft
    with suppress(FileNotFoundError):
        durable_files.os.unlink(draft.path)
    draft.close()


@contextmanager
def unexplained(path: Path, verb: str = "write") -> Iterator[None]:
    """Seeded fault: the store does not translate errors of the system."""
    yield


FAULTS: dict[str, tuple[str, object]] = {
    "direct": ("_write_once", publish_directly),
    "over": ("_write_once", publish_over),
    "drafts": ("create_temp_file", leave_draft),
    "unexplained": ("translate_os_errors", unexplained),
    "no flush": ("_flush", lambda handle: None),
    "no flush of folders": ("sync_folder", lambda folder: None),
    "links alone": ("UNSUPPORTED_ERRNOS", frozenset()),
}


def seed_fault(fault: str) -> None:
    """Replace a function of `durable_files` by a fault. An unknown name is an error."""
    name, replacement = FAULTS[fault]
    assert hasattr(durable_files, name), name
    setattr(durable_files, name, replacement)


# Child processes -------------------------------------------------------------------------------


def start(role: str, *args: object, fault: str = "", **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, role, *map(str, args), *([fault] if fault else [])]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
    )


def run(role: str, *args: object, **options: Any) -> Any:
    """Run a child process and return the JSON that it prints."""
    with start(role, *args, **options) as child:
        out, _ = child.communicate(timeout=300)
    assert child.returncode == 0, out
    return json.loads(out)


def kill_adder(root: Path, *, seed: int, fault: str = "") -> list[str]:
    """Let a child add captures, kill it a moment later; the digests that it reported.

    It is forked from a process that has loaded all, which would take most of its time.
    """
    reports, writing_end = FORKED.Pipe(duplex=False)
    child = FORKED.Process(target=adder, args=(root, seed, writing_end, fault))
    child.start()
    writing_end.close()
    assert reports.recv() == "ready"
    time.sleep(random.Random(seed).uniform(0, 0.15))
    child.kill()
    child.join()
    digests = []
    with suppress(EOFError, OSError):  # the last one may have been cut off
        while True:
            digests.append(reports.recv())
    return digests


def adder(root: Path, seed: int, reports: Connection, fault: str) -> None:
    if fault:
        seed_fault(fault)
    rng = random.Random(seed)
    for number in itertools.count():
        size = int(10_000 * 500 ** rng.random())
        text = rng.randbytes(size // 2).hex()
        thread = rng.choice(("aaa", "bbb", "ccc"))
        new_capture = capture_text(
            f"{seed} {number} {text}", thread=thread, seconds=rng.randrange(10**6)
        )
        if number == 0:
            reports.send("ready")
        reports.send(store.add(root, new_capture).snapshot.digest)


def shared(who: str, count: int) -> list[Capture]:
    """Return the captures of one writer. All writers share half of them."""
    return [
        capture_text(f"{owner} {number}", seconds=number // 10, bulk="x" * 2000 * (number % 20))
        for number, owner in zip(range(count), itertools.cycle((who, "all")))
    ]


def writer(root: str, who: str, count: str) -> None:
    """Add captures in random order. The test checks the files only."""
    captures = shared(who, int(count))
    random.Random(who).shuffle(captures)
    for new_capture in captures:
        store.add(Path(root), new_capture)
    print("null")


def reader(root: str) -> None:
    """Verify, read and reindex until stdin is closed; print the damaged files.

    It waits as long as each round took, because other processes work at the same time.
    """
    torn: set[str] = set()
    rounds = itertools.count()
    pause = 0.02
    while not select.select([sys.stdin], [], [], pause)[0]:
        began = time.process_time()
        found = verify.verify(Path(root))
        torn.update(item.description for item in found if isinstance(item, store.DamagedFile))
        for thread in store.iter_thread_ids(Path(root)):
            store.load_snapshots(
                Path(root), thread, on_damage=lambda damage: torn.add(damage.description)
            )
        if next(rounds) % 8 == 0:
            maintenance.rebuild(Path(root), on_damage=lambda damage: torn.add(damage.description))
        pause = 0.02 + time.process_time() - began
    print(json.dumps(sorted(torn)))


def filler(root: str, limit: str) -> None:
    """Add 200 captures while the size of files is limited, then one without the limit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), hard))
    stored, failures = [], []
    for number in range(200):
        new_capture = capture_text(f"{number} {'x' * number * 100}", seconds=number)
        try:
            stored.append(store.add(Path(root), new_capture).snapshot.digest)
        except errors.StoreError as error:
            failures.append([error.exit_code, error.message, error.hint])
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    stored.append(
        store.add(Path(root), capture_text("y" * 2 * int(limit), seconds=999)).snapshot.digest
    )
    print(json.dumps({"stored": stored, "failures": failures}))


def stranger(root: str) -> None:
    """Add and read as a user without write permission.

    The path is relative, since the folders above may be closed to strangers.
    """
    datetime.strptime("2026", "%Y")  # loads a module, which a stranger may not be able to
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    result: dict[str, object] = {}
    try:
        store.add(Path(root), capture_text("new", seconds=5))
    except errors.StoreError as error:
        result = {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}
    try:
        result["texts"] = [s.capture.things[0] for s in store.load_snapshots(Path(root), "abc123")]
        result["damage"] = problems(Path(root), ())
    except errors.StoreError as error:
        result["reading"] = error.message
    print(json.dumps(result))


def replace_files(folder: Path, count: int, is_seeded: bool) -> None:
    """Write files whose names contain this process's id."""
    if is_seeded:
        drafts_.lock = lock_without_checking
    for number in range(count):
        durable_files.replace(b"text", folder / f"{os.getpid()}-{number}")


def lock_without_checking(handle: int, path: Path) -> bool:
    """Seeded fault: the writer does not check whether its draft was removed before the lock."""
    time.sleep(0.001)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return True


def sweep_forever(folder: Path) -> None:
    while True:
        drafts_.remove_orphaned_temps(folder)


def changed_byte(data: bytes, position: int, mask: int) -> bytes:
    return data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


def listing(root: Path) -> dict[str, tuple[object, ...]]:
    """Return everything that a command could change in a folder."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(root.rglob("*")):
        body = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path)] = (*stamp(path), body)
    return found


def stamp(path: Path) -> tuple[object, ...]:
    about = path.stat()
    return about.st_mode, about.st_mtime_ns, about.st_ino, about.st_size


def no_links(number: int, call: str) -> None:
    """A trap: the file system has no links."""
    if call == "link":
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def only_parses(path: Path, data: bytes) -> None:
    """Seeded fault for `integrity_error`: everything that can be parsed counts as intact."""


ROLES: dict[str, Callable[..., None]] = {
    role.__name__: role for role in (writer, reader, filler, stranger)
}

if __name__ == "__main__":
    if sys.argv[-1] in FAULTS:
        seed_fault(sys.argv.pop())
    ROLES[sys.argv[1]](*sys.argv[2:])
