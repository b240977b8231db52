"""Write files so that a crash or a power cut can't lose or truncate them.

A file is written under a temporary name on the same file system, flushed to disk, and linked or
renamed to its final name. So the final name either does not exist or names all of the bytes. The
folder is flushed before success is reported, and so is the parent of each new folder.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import (
    conditional_replace,
    planted_links,
    regular_files,
    shared_flushes,
    temp_files,
)
from reddit_archive.files.os_errors import translate_os_errors as translate_os_errors

UNSUPPORTED_ERRNOS = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM}
BLOCK_BYTES = 2**20
BINARY = getattr(os, "O_BINARY", 0)  # without it Windows writes \r\n where we write \n
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def write_once(data: bytes, path: Path, *, tmp: Path, mode: int | None = None) -> bool:
    """Write a read-only file, unless it exists. Raises StoreError; never leaves a partial file.

    Args:
        data: The content. An existing file must have the same content.
        path: The final path.
        tmp: A folder for temp files on the same file system.
        mode: The file's mode; by default 0444 without the bits of the umask.

    Returns:
        Whether the file is new.
    """
    with translate_os_errors(path):
        planted_links.check(tmp)
        make_folder(tmp)
        make_folder(path.parent)
        return _write_once([data], path.parent, lambda _: path.name, tmp, mode)[1]


def write_chunks_once(
    chunks: Iterable[bytes], folder: Path, make_name: Callable[[str], str], *, tmp: Path
) -> tuple[Path, bool]:
    """Write a file chunk by chunk, as `write_once` does. `make_name` makes its name of its SHA-256.

    Returns:
        The path, and whether the file is new.
    """
    with translate_os_errors(folder):
        planted_links.check(tmp)
        _make_folder(tmp, may_wait=True)
        _make_folder(folder, may_wait=True)
        return _write_once(chunks, folder, make_name, tmp, None)


def _write_once(
    chunks: Iterable[bytes],
    folder: Path,
    make_name: Callable[[str], str],
    tmp: Path,
    mode: int | None,
) -> tuple[Path, bool]:
    with write_temp_file(chunks, tmp, mode=mode, is_read_only=True) as (temp_file, digest):
        path = folder / make_name(digest)
        is_new = link_if_new(temp_file.path, path)
        sync_folder(folder)
    if not is_new and _compute_digest(path) != digest:
        raise errors.DamageFoundError(
            f"{path} is damaged", "`archive verify` lists all damaged files."
        )
    return path, is_new


def _compute_digest(path: Path) -> str:
    with regular_files.open_binary(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace(
    data: bytes, path: Path, *, mode: int | None = None, expected: bytes | None = None
) -> bool:
    """Write one of the user's files, completely or not at all. Raises StoreError.

    A read-only file is an error. Call `remove_orphaned_temps_beside` first.

    Args:
        data: The new content.
        path: The file to create or replace. If it is a link, its target is replaced.
        mode: The new mode; by default the old one, or the umask's for a new file.
        expected: The old content. If the file no longer has it, it is not replaced.

    Returns:
        Whether the file was written.
    """
    return replace_with_chunks([data], path, mode=mode, expected=expected)


def replace_with_chunks(
    chunks: Iterable[bytes], path: Path, *, mode: int | None = None, expected: bytes | None = None
) -> bool:
    """Write one of the user's files chunk by chunk, as `replace` does."""
    with translate_os_errors(path):
        target = _resolve_target(path)
        mode = _get_mode(target) if mode is None else mode
        with write_temp_file(chunks, target.parent, mode=mode) as (temp_file, _):
            if expected is None:
                temp_file.move(target)
            elif not conditional_replace.replace_if_unchanged(
                temp_file.path, target, expected, temp_file.move
            ):
                return False
        sync_folder(target.parent)
        return True


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path for another library to write to, then rename it to `path`.

    An exception in the block leaves `path` as it was. Call `remove_orphaned_temps_beside` first.
    """
    with translate_os_errors(path):
        target = _resolve_target(path)
        mode = _get_mode(target)
        with create_temp_file(target.parent, is_private=mode is not None) as temp_file:
            yield temp_file.path
            if mode is not None:
                os.chmod(temp_file.path, mode)
            _flush(temp_file.handle)
            temp_file.move(target)
        sync_folder(target.parent)


def remove_orphaned_temps_beside(files: Iterable[Path]) -> None:
    """Remove temp files of killed processes from the folders of these files.

    Call this once for many files, because it lists each folder.
    """
    for folder in {Path(os.path.realpath(file)).parent for file in files}:
        temp_files.remove_orphaned_temps(folder)


def _resolve_target(path: Path) -> Path:
    """Resolve links. Raise StoreError for a device and the like, such as /dev/null."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise errors.StoreError(
            f"can't write {path}: it is not a regular file", "Name a regular file."
        )
    return Path(os.path.realpath(path))


def _get_mode(target: Path) -> int | None:
    """Return the mode of an existing file; None for a new one, whose mode the umask decides."""
    if not target.exists():
        return None
    mode = target.stat().st_mode & 0o777
    if not mode & 0o222:  # a rename needs only the folder to be writable, so it would succeed
        raise errors.StoreError(f"can't write {target}: it is read-only", "Make it writable first.")
    return mode


def append(line: bytes, path: Path) -> None:
    """Append one line to a log and flush it. A single write keeps the lines of two writers apart.

    If the last line was cut off by a crash or a full disk, a line break is written first.
    """
    with translate_os_errors(path):
        regular_files.check(path)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | BINARY | NOFOLLOW, 0o666)
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


class TempFile:
    """A new file that this process keeps locked until it is renamed or removed."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self.handle = handle
        self._is_open = True

    def move(self, target: Path) -> None:
        """Rename the temp file to its final path, and replace an existing file."""
        if temp_files.fcntl is None:  # Windows does not rename an open file
            self.close()
        os.replace(self.path, target)

    def close(self) -> None:
        """Close the file and release its lock."""
        if self._is_open:
            self._is_open = False
            os.close(self.handle)


@contextmanager
def create_temp_file(folder: Path, *, is_private: bool = False) -> Iterator[TempFile]:
    """Create and lock a temp file in a folder; remove it at the end, unless it was moved.

    The umask decides its mode; only the owner can read a private file. Raises OSError.
    """
    path, handle = _open_temp_file(folder, 0o600 if is_private else 0o666)
    temp_file = TempFile(path, handle)
    try:
        yield temp_file
    finally:
        if temp_files.fcntl is None:  # Windows does not remove an open file
            temp_file.close()
        try:
            with suppress(FileNotFoundError):
                os.unlink(path)
        finally:
            temp_file.close()


def _open_temp_file(folder: Path, mode: int) -> tuple[Path, int]:
    while True:
        path = folder / temp_files.make_temp_name()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | BINARY, mode)
        if temp_files.lock(handle, path):
            return path, handle
        os.close(handle)
        with suppress(FileNotFoundError):
            os.unlink(path)


@contextmanager
def write_temp_file(
    chunks: Iterable[bytes], folder: Path, *, mode: int | None = None, is_read_only: bool = False
) -> Iterator[tuple[TempFile, str]]:
    """Write and flush a temp file; yield it and the SHA-256 of its bytes. Raises OSError.

    Without a `mode` the operating system applies the umask. This process can't read the umask
    without changing it for all of its threads.
    """
    with create_temp_file(folder, is_private=mode is not None) as temp_file:
        digest = _write_chunks(chunks, temp_file.handle)
        if mode is None and is_read_only:
            mode = os.fstat(temp_file.handle).st_mode & 0o444
        if mode is not None:
            os.chmod(temp_file.path, mode)
        _flush(temp_file.handle)
        yield temp_file, digest


def _write_chunks(chunks: Iterable[bytes], handle: int) -> str:
    """Write all chunks; return the SHA-256 of their bytes."""
    hasher = hashlib.sha256()
    for block in _join_chunks(chunks):
        hasher.update(block)
        view = memoryview(block)
        while view:
            view = view[os.write(handle, view) :]
    return hasher.hexdigest()


def _join_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join small chunks, to make fewer system calls."""
    pending: list[bytes] = []
    size = 0
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES:
            yield b"".join(pending)
            pending, size = [], 0
    yield b"".join(pending)


def clean_tmp_folder(folder: Path) -> None:
    """Remove temp files of killed processes from an archive's `tmp` folder, durably."""
    planted_links.check(folder)
    temp_files.remove_orphaned_archive_temps(folder)
    if folder.is_dir():
        with suppress(errors.StoreError):
            sync_folder(folder)  # also for files removed earlier: a power cut could restore them


def remove(path: Path) -> None:
    """Remove a file or an empty folder, durably. A missing file is not an error."""
    with translate_os_errors(path, "remove"):
        try:
            if path.is_dir() and not path.is_symlink():
                os.rmdir(path)
            else:
                if os.name == "nt":  # Windows does not remove read-only files
                    os.chmod(path, 0o600)
                os.unlink(path)
        except FileNotFoundError:
            return
        sync_folder(path.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder and its content, durably. A link is removed without its target."""
    for subfolder, folders, files in () if folder.is_symlink() else os.walk(folder, topdown=False):
        for name in (*files, *folders):
            remove(Path(subfolder, name))
    remove(folder)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, durably. Raises StoreError.

    The parent of an existing folder is flushed too, because another process may have created the
    folder without flushing it yet, or was killed before that. Higher parents are already durable:
    they were flushed before the folder was created.
    """
    _make_folder(folder, may_wait=False)


def _make_folder(folder: Path, *, may_wait: bool) -> None:
    if folder.is_dir():
        _sync_parent(folder.parent, False, may_wait)
        return
    if folder.parent != folder:
        _make_folder(folder.parent, may_wait=may_wait)
    with translate_os_errors(folder):
        try:
            os.mkdir(folder)
        except FileExistsError:
            if not folder.is_dir():
                error_number = errno.ENOENT if folder.is_symlink() else errno.ENOTDIR
                raise OSError(error_number, os.strerror(error_number)) from None
    _sync_parent(folder.parent, True, may_wait)


def _sync_parent(parent: Path, has_new_folder: bool, may_wait: bool = False) -> None:
    if may_wait and shared_flushes.note(parent, has_new_folder):
        return
    try:
        sync_folder(parent)
    except errors.StoreError as error:
        if has_new_folder or not isinstance(error.__cause__, PermissionError):
            raise  # a folder may be usable although its parent is not readable


def sharing_flushes() -> AbstractContextManager[None]:
    """Let `write_chunks_once` flush the parents of its folders once, at the end of a block.

    They are flushed after an error, too. Until the end nobody may be told that something is stored.
    Other functions flush as usual. Raises StoreError.
    """
    return shared_flushes.collect(_sync_parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries; does nothing on Windows, which can't open folders.

    Raises StoreError.
    """
    if os.name == "nt":
        return
    with translate_os_errors(folder):
        handle = os.open(folder, os.O_RDONLY)
        try:
            _flush(handle)
        finally:
            os.close(handle)


def link_if_new(temp_path: Path, path: Path) -> bool:
    """Link the temp file to its final path, unless that exists; return whether it was new."""
    try:
        os.link(temp_path, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in UNSUPPORTED_ERRNOS:
            raise
        # FAT, exFAT and some network folders have no links. The name contains the digest of the
        # bytes, so at worst two writers write the same bytes twice.
        if path.exists():
            return False
        os.rename(temp_path, path)
    return True


def _flush(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in UNSUPPORTED_ERRNOS:  # some FUSE and network file systems refuse fsync
            raise
