"""Exchanging the names of two files in one step, where the system and the file system can.

Unlike a replacement it leaves a name for what was replaced, which can be looked at and put back.
"""

import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

UNSUPPORTED_ERRNOS = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM}
AT_FDCWD = -100
EXCHANGE_FLAG = 2
"""RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS."""


def exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two files; return False where that can't be done. Raises OSError."""
    rename = _load_rename_function()
    if rename is None:
        return False
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        status = rename(first, second, EXCHANGE_FLAG)
    else:
        status = rename(AT_FDCWD, first, AT_FDCWD, second, EXCHANGE_FLAG)
    if not status:
        return True
    import ctypes

    error_number = ctypes.get_errno()
    if error_number in UNSUPPORTED_ERRNOS:
        return False
    raise OSError(error_number, os.strerror(error_number), str(other))


@cache
def _load_rename_function() -> Any:
    """The system's function; None where it has none. Loaded when it is needed, which takes time."""
    if sys.platform not in ("linux", "darwin"):
        return None
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    return getattr(library, "renamex_np" if sys.platform == "darwin" else "renameat2", None)
