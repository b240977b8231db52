"""Exchange the names of two files atomically, if the system and the file system support it.

After an exchange the old file still has a name, so it can be read and restored.
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
    """Exchange the names of two files; return False if that is not supported. Raises OSError."""
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
    import ctypes  # 2 ms

    error_number = ctypes.get_errno()
    if error_number in UNSUPPORTED_ERRNOS:
        return False
    raise OSError(error_number, os.strerror(error_number), str(other))


@cache
def _load_rename_function() -> Any:
    """Return the system's function, or None. `ctypes` is imported here because that takes time."""
    if sys.platform not in ("linux", "darwin"):
        return None
    import ctypes  # 2 ms

    library = ctypes.CDLL(None, use_errno=True)
    return getattr(library, "renamex_np" if sys.platform == "darwin" else "renameat2", None)
