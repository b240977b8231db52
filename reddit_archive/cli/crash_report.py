"""Report an unexpected error: one line for the user, and a file for a bug report.

The line contains the type and the message, without secrets. The file contains the type, the stack
frames of this package and the versions. It contains no message, no local variable and no text of a
thread, so it can be published.
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
"""A longer message is left out, because it probably contains text of a thread."""
MAX_ERRORS, MAX_FRAMES = 10, 50
LIBRARIES = ("click", "orjson", "praw", "prawcore", "requests", "selectolax", "urllib3")
_REMOTE_FRAME = re.compile(
    rf'^ *File "{re.escape(str(PACKAGE))}/([\w/]+\.py)", line (\d+), in (\w+|<\w+>)$', re.MULTILINE
)
"""A frame of this package in the traceback that a worker process sends as text."""


def summarize(error: BaseException) -> str:
    """Return the type and the scrubbed message on one line."""
    message = " ".join(_scrub_message(error).split())
    if len(message) > MAX_MESSAGE:
        message = f"{message[:MAX_MESSAGE]}…"
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def format_traceback(error: BaseException) -> str:
    """Return the scrubbed traceback, for `-vv`."""
    text = "".join(traceback.format_exception(error))
    return secret_scrubber.scrub(text[-MAX_SCRUBBED:])


def write_and_build_hint(error: BaseException) -> str:
    """Write the report, and return a hint with its path."""
    path = write_report(error)
    if path is None:
        return "Please report this with the command that you ran and its output with -vv."
    return f"Please report this with the command that you ran and the file {path}"


def write_report(error: BaseException) -> Path | None:
    """Write the report into the user's state folder; return its path, or None if that fails.

    The name is a checksum of the report, so the same error always writes the same file.
    """
    with suppress(Exception):  # a failure here must not hide the error itself
        # Imported here, because a failing import must not hide the error, either.
        from platformdirs import user_state_path

        from reddit_archive.files import durable_files

        data = build_report(error).encode()
        folder = user_state_path("reddit-archive", appauthor=False)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"crash-{sha256(data).hexdigest()[:12]}.txt"
        durable_files.remove_orphaned_temps_beside([path])
        durable_files.replace(data, path, mode=0o600)
        return path
    return None


def build_report(error: BaseException) -> str:
    """Return the text of the report: types, frames of this package, versions."""
    lines = []
    for link in _iter_chain(error):
        lines += [_format_type(link), *(f"  {frame}" for frame in _list_frames(link))]
    lines += ["", f"reddit-archive {__version__}", f"Python {platform.python_version()}"]
    lines.append(f"{platform.system()} {platform.machine()}")
    for library in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            lines.append(f"{library} {metadata.version(library)}")
    return "\n".join(lines) + "\n"


def _scrub_message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        return ""
    return secret_scrubber.scrub(text) if len(text) <= MAX_SCRUBBED else "(the message is too long)"


def _format_type(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _iter_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, then the errors that it was raised from or during."""
    current: BaseException | None = error
    for _ in range(MAX_ERRORS):
        if current is None:
            return
        yield current
        during = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or during


def _list_frames(error: BaseException) -> list[str]:
    """Return the frames of this package as `file:line in function`, innermost last."""
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        with suppress(ValueError):
            file = Path(frame.f_code.co_filename).relative_to(PACKAGE)
            frames.append(f"{file.as_posix()}:{line} in {frame.f_code.co_name}")
    if type(error).__name__ == "_RemoteTraceback":
        frames += [f"{m[1]}:{m[2]} in {m[3]} (worker)" for m in _REMOTE_FRAME.finditer(str(error))]
    return frames[-MAX_FRAMES:]
