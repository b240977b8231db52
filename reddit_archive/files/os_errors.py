"""Turn errors of the operating system into the program's own, with a hint."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reddit_archive import errors


@contextmanager
def translate_os_errors(path: Path, verb: str = "write") -> Iterator[None]:
    """Raise StoreError for an OSError in the block; the message says that `path` can't be used."""
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOSPC: "Free some space and run it again; nothing was lost.",
            errno.EDQUOT: "Free some space and run it again; nothing was lost.",
            errno.EFBIG: "Free some space and run it again; nothing was lost.",
            errno.ENOENT: "Create its folder first, or check the name.",
            errno.ELOOP: "It is a link. Remove it: its target may belong to another user.",
            errno.ENOTDIR: "A part of the path is a file. Check the name.",
            errno.EACCES: "Make the folder writable, or choose another with --archive DIR.",
            errno.EPERM: "Make the folder writable, or choose another with --archive DIR.",
            errno.EROFS: "Choose a folder on a writable disk with --archive DIR.",
        }
        reason = error.strerror or type(error).__name__
        hint = hints.get(
            error.errno or 0, "Check the folder, or choose another with --archive DIR."
        )
        raise errors.StoreError(
            f"can't {verb} {path}: {reason[0].lower()}{reason[1:]}", hint
        ) from error
