"""Work that kills its worker; by itself, so that a worker loads little before it dies."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any


def die_once(flag: Path, work: Callable[[Any], Any], item: Any) -> Any:
    """Do the work, and die before anybody knows, but for once: the worst moment."""
    done = work(item)
    try:
        flag.touch(exist_ok=False)
    except FileExistsError:
        return done
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def double(item: int) -> int:
    return item * 2
