"""Report an unexpected error: one line for the user, and a file with which a bug can be found.

The line holds the type and the message, without secrets. The file holds the type, our own stack
frames and the versions. It holds no message, local variable or text of a thread, so that it can
be sent to anybody.
"""

import platform
import re
import traceback
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from reddit_archive import __version__
from reddit_archive.cli import secret_scrubber

PACKAGE = Path(__file__).parent.parent
MAX_MESSAGE = 200
MAX_SCRUBBED = 20_000
"""A longer message is left out: it is likely to be somebody's text."""
MAX_ERRORS, MAX_FRAMES = 10, 50
LIBRARIES = ("click", "orjson", "praw", "prawcore", "requests", "selectolax", "urllib3")
_REMOTE_FRAME = re.compile(
    rf'^ *File "{re.escape(str(PACKAGE))}/([\w/]+\.py)", line (\d+), in (\w+|<\w+>)$', re.MULTILINE
)
"""A frame of ours in the traceback that a worker process sends as text."""


def summary(error: BaseException) -> str:
    """Return the type and the scrubbed message on one line."""
    message = " ".join(_message(error).split())
    if len(message) > MAX_MESSAGE:
        message = f"{message[:MAX_MESSAGE]}…"
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def details(error: BaseException) -> str:
    """Return the scrubbed traceback, for `-vv`."""
    text = "".join(traceback.format_exception(error))
    return secret_scrubber.scrubbed(text[-MAX_SCRUBBED:])


def hint(error: BaseException) -> str:
    """Write the report, and return a sentence that says where it is and what to do with it."""
    path = write(error)
    if path is None:
        return "Please report it with the command that you gave; -vv shows where it was."
    return f"Please report it with the command that you gave and the file {path}"


def write(error: BaseException) -> Path | None:
    """Write the report into the user's state folder; return its path, or None if that fails.

    The name is a checksum of the report, so that the same error makes the same file.
    """
    with suppress(Exception):  # of any kind: it must not take the place of the error itself
        from platformdirs import user_state_path

        from reddit_archive.files import durable_files

        data = report(error).encode()
        folder = user_state_path("reddit-archive", appauthor=False)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"crash-{sha256(data).hexdigest()[:12]}.txt"
        durable_files.remove_orphaned_temps_beside([path])
        durable_files.replace(data, path, mode=0o600)
        return path
    return None


def report(error: BaseException) -> str:
    """Return what the file holds: types, our own frames, versions."""
    lines = []
    for each in _chain(error):
        lines += [_type(each), *(f"  {frame}" for frame in _frames(each))]
    lines += ["", f"reddit-archive {__version__}", f"Python {platform.python_version()}"]
    lines.append(f"{platform.system()} {platform.machine()}")
    for library in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            lines.append(f"{library} {metadata.version(library)}")
    return "\n".join(lines) + "\n"


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        return ""
    return (
        secret_scrubber.scrubbed(text) if len(text) <= MAX_SCRUBBED else "(its message is too long)"
    )


def _type(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, then what it was raised from or during."""
    current: BaseException | None = error
    for _ in range(MAX_ERRORS):
        if current is None:
            return
        yield current
        during = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or during


def _frames(error: BaseException) -> list[str]:
    """Return our own frames as `file:line in function`, the innermost last."""
    found = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        with suppress(ValueError):
            file = Path(frame.f_code.co_filename).relative_to(PACKAGE)
            found.append(f"{file.as_posix()}:{line} in {frame.f_code.co_name}")
    if type(error).__name__ == "_RemoteTraceback":
        found += [f"{m[1]}:{m[2]} in {m[3]} (worker)" for m in _REMOTE_FRAME.finditer(str(error))]
    return found[-MAX_FRAMES:]
