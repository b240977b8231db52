"""The whole durability argument: how a file gets on disk so that no crash can tear or lose it.

A file is published by writing it elsewhere on the same file system, flushing it, and linking it to
its final name: the name either does not exist or names all of the bytes. The folder is flushed
before success is reported, and so is the parent of each folder that was made.
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reddit_archive import errors, regular_files

NOT_SUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM}
BLOCK_BYTES = 2**20
BINARY = getattr(os, "O_BINARY", 0)  # without it Windows writes \r\n where we write \n


def publish(data: bytes, final: Path, *, tmp: Path, mode: int = 0o444) -> bool:
    """Put `data` at `final`, read-only and durable; tell whether the file is new.

    `tmp` is a folder on the same file system. Raises StoreError; nothing half-written stays.
    """
    with explained(final):
        return _publish([data], final.parent, lambda _: final.name, tmp, mode)[1]


def publish_pieces(
    pieces: Iterable[bytes], folder: Path, name: Callable[[str], str], *, tmp: Path
) -> tuple[Path, bool]:
    """Publish what is never in memory all at once, under the name that its SHA-256 gives it.

    Tells where it is, and whether the file is new.
    """
    with explained(folder):
        return _publish(pieces, folder, name, tmp, 0o444)


def _publish(
    pieces: Iterable[bytes], folder: Path, name: Callable[[str], str], tmp: Path, mode: int
) -> tuple[Path, bool]:
    make_folder(tmp)
    make_folder(folder)
    draft, digest = create(pieces, tmp, mode=mode)
    try:
        final = folder / name(digest)
        is_new = _link(draft, final)
        sync_folder(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)
    if not is_new and _digest(final) != digest:
        raise errors.DamageFound(f"{final} is damaged", "`archive verify` lists every damage.")
    return final, is_new


def _digest(path: Path) -> str:
    with regular_files.open_binary(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace(data: bytes, final: Path, *, mode: int | None = None, was: bytes | None = None) -> bool:
    """Put `data` at `final` in place of what is there, whole or not at all.

    For the user's own files, which keep their mode unless one is given. One that is no longer what
    it `was` stays: tells whether it was replaced. Raises StoreError, also if it is read-only.
    """
    return replace_pieces([data], final, mode=mode, was=was)


def replace_pieces(
    pieces: Iterable[bytes], final: Path, *, mode: int | None = None, was: bytes | None = None
) -> bool:
    """As `replace`, with what is never in memory all at once."""
    with explained(final):
        target = _target(final)
        draft, _ = create(pieces, target.parent, mode=_mode(target) if mode is None else mode)
        return _put(draft, target, was=was)


@contextmanager
def drafting(final: Path) -> Iterator[Path]:
    """Give a path for another library to write to; then it is at `final`, whole or not at all."""
    with explained(final):
        target = _target(final)
        draft = target.parent / f".{os.getpid()}-{secrets.token_hex(8)}.part"
        try:
            yield draft
            os.chmod(draft, _mode(target))
            handle = os.open(draft, os.O_RDWR | BINARY)
            try:
                _flush(handle)
            finally:
                os.close(handle)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        _put(draft, target)


def _target(final: Path) -> Path:
    """Follow links; what is no file, like /dev/null, is not to be replaced by one."""
    if final.exists() and not final.is_file() and not final.is_dir():
        raise errors.StoreError(f"can't write {final}: it is no file", "Give the name of a file.")
    return Path(os.path.realpath(final))


def _mode(target: Path) -> int:
    if not target.exists():
        return 0o666 & ~_umask()
    mode = target.stat().st_mode & 0o777
    if not mode & 0o222:  # a folder that may be written to would let it be replaced all the same
        raise errors.StoreError(f"can't write {target}: it is read-only", "Make it writable first.")
    return mode


def _put(draft: Path, target: Path, *, was: bytes | None = None) -> bool:
    try:
        if was is not None and regular_files.read_bytes(target) != was:
            os.unlink(draft)
            return False
        os.replace(draft, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(draft)
        raise
    sync_folder(target.parent)
    return True


def append(line: bytes, path: Path) -> None:
    """Add one durable line to a log in a single write, so that two writers never mix their lines.

    A line that a crash or a full disk cut short is closed first, so that it spoils no other.
    """
    with explained(path):
        regular_files.check(path)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | BINARY, 0o644)
        try:
            if os.lseek(handle, 0, os.SEEK_END) > 0:
                os.lseek(handle, -1, os.SEEK_END)
                line = line if os.read(handle, 1) == b"\n" else b"\n" + line
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            _flush(handle)
        finally:
            os.close(handle)
        sync_folder(path.parent)


def create(pieces: Iterable[bytes], folder: Path, *, mode: int) -> tuple[Path, str]:
    """Write a new, flushed file of a name that nobody has; give it and the SHA-256 of its bytes.

    Removes it when that fails.
    """
    path = folder / f".{os.getpid()}-{secrets.token_hex(8)}.part"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o600)
    hashed = hashlib.sha256()
    try:
        try:
            for block in _blocks(pieces):
                hashed.update(block)
                view = memoryview(block)
                while view:
                    view = view[os.write(handle, view) :]
            os.chmod(path, mode)
            _flush(handle)
        finally:
            os.close(handle)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(path)
        raise
    return path, hashed.hexdigest()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces, so that not each of them is a call to the system."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= BLOCK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def sweep(folder: Path, *, before: float) -> None:
    """Remove drafts that were last written before this Unix time: their process is gone."""
    for draft in folder.glob(".*.part"):
        with suppress(OSError):
            if draft.stat().st_mtime < before:
                os.unlink(draft)


def sweep_dead(folder: Path) -> None:
    """Remove drafts whose process is gone from this machine, however young they are.

    Those that are no process's are what fetches left, to go on from: they go too, for a fetch that
    is under way needs them only once it is cut off.
    """
    for draft in folder.glob("*.part"):
        owner = draft.name.lstrip(".").partition("-")[0]
        if not owner.isdecimal() or not _lives(owner):
            with suppress(OSError):
                os.unlink(draft)
    if folder.is_dir():
        with suppress(OSError):
            sync_folder(folder)  # so that no power cut brings back what was removed before


def _lives(number: str) -> bool:
    """Tell whether another process than this one has this number, as far as the system tells."""
    if os.name == "nt":  # where to signal a process, even with 0, is to end it
        return True
    if int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def remove(path: Path) -> None:
    """Remove a file or an empty folder, durably; one that is not there is no error."""
    with explained(path, "remove"):
        try:
            if path.is_dir() and not path.is_symlink():
                os.rmdir(path)
            else:
                if os.name == "nt":  # which keeps what is read-only
                    os.chmod(path, 0o600)
                os.unlink(path)
        except FileNotFoundError:
            return
        sync_folder(path.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, durably. A link is removed, not what it names."""
    for inner, folders, files in () if folder.is_symlink() else os.walk(folder, topdown=False):
        for name in (*files, *folders):
            remove(Path(inner, name))
    remove(folder)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, each made durable in its own parent.

    A folder that is there is flushed too: another writer may have made it a moment ago, or have
    been killed before it could. What is above it was durable before it was made.
    """
    if folder.is_dir():
        with suppress(PermissionError):  # a parent that may be passed through, but not read
            sync_folder(folder.parent)
        return
    if folder.parent != folder:
        make_folder(folder.parent)
    with suppress(FileExistsError):
        os.mkdir(folder)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries, where the system can (Windows can't open a folder)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _flush(handle)
    finally:
        os.close(handle)


def _link(draft: Path, final: Path) -> bool:
    """Give the draft its final name unless that is taken; tell whether it was free."""
    try:
        os.link(draft, final)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NOT_SUPPORTED:
            raise
        # FAT, exFAT and some network folders have no links. The name holds the digest of the
        # bytes, so the worst that two writers can do here is to write the same bytes twice.
        if final.exists():
            return False
        os.rename(draft, final)
    return True


def _flush(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NOT_SUPPORTED:  # some FUSE and network file systems refuse fsync
            raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextmanager
def explained(path: Path, verb: str = "write") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOSPC: "Free some space and run it again; nothing was lost.",
            errno.EDQUOT: "Free some space and run it again; nothing was lost.",
            errno.EFBIG: "Free some space and run it again; nothing was lost.",
            errno.ENOENT: "Make its folder first, or check the name.",
            errno.EACCES: "Make the folder writable, or give another with --archive DIR.",
            errno.EPERM: "Make the folder writable, or give another with --archive DIR.",
            errno.EROFS: "Give a folder on a writable disk with --archive DIR.",
        }
        why = error.strerror or type(error).__name__
        hint = hints.get(error.errno or 0, "Check the folder, or give another with --archive DIR.")
        raise errors.StoreError(f"can't {verb} {path}: {why[0].lower()}{why[1:]}", hint) from error
