"""Exchanging the names of two files in one step, where the system and the file system can.

Unlike a replacement it leaves a name for what was replaced, which can be looked at and put back.
"""

import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

NOT_SUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM}
CURRENT_FOLDER = -100
SWAP = 2
"""RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS."""


def exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two files; return False where that can't be done. Raises OSError."""
    rename = _function()
    if rename is None:
        return False
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        failed = rename(first, second, SWAP)
    else:
        failed = rename(CURRENT_FOLDER, first, CURRENT_FOLDER, second, SWAP)
    if not failed:
        return True
    import ctypes

    number = ctypes.get_errno()
    if number in NOT_SUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(other))


@cache
def _function() -> Any:
    """The system's function; None where it has none. Loaded when it is needed, which takes time."""
    if sys.platform not in ("linux", "darwin"):
        return None
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    return getattr(library, "renamex_np" if sys.platform == "darwin" else "renameat2", None)
