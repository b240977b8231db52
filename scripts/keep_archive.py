"""Keep an archive as this version writes it, for later versions to read (R13).

    python scripts/keep_archive.py

Writes tests/data/archives/VERSION: an archive made of our examples, and what `list` and `quote`
print of it. A version that was kept is never written again.
"""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from reddit_archive import __version__
from reddit_archive.archive import check_log, redact, store
from reddit_archive.files import durable_files
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture, StoredMedia
from tests.archive.test_old_versions import COMMANDS
from tests.conftest import ROOT, example
from tests.support import reddit_server

BEGAN = datetime(2026, 1, 3, 10, 0, tzinfo=UTC)
PICTURE = b"\x89PNG\r\n\x1a\n a picture of nothing"


def keep(
    root: Path, thread: reddit_server.Thread, day: int, media: tuple[StoredMedia, ...] = ()
) -> None:
    things = capture.flatten(reddit_server.page(thread, limit=500))
    request = {"path": f"comments/{thread.id}/"}
    at = BEGAN + timedelta(days=day)
    store.add(root, Capture(thread.id, at, "reddit", request, things, media=media))


def fill(root: Path) -> None:
    """Three lives: a thread that was edited, deleted and wiped; one with a picture; a redacted."""
    thread = example("short")
    keep(root, thread, 0)
    thread.edit("zkeep01", "Paper.\n\nAnd *two* pencils.")
    thread.delete("zkeep05")
    keep(root, thread, 10)
    thread.edit("zkeep03", "Overwritten by this. Redacted with https://redact.dev")
    thread.remove_post("moderator")
    keep(root, thread, 20)
    check_log.add(
        store.thread_folder(root, thread.id), BEGAN + timedelta(days=30), "reddit", "unchanged"
    )
    poll = example("poll")
    name = f"{sha256(PICTURE).hexdigest()}.png"
    url = "https://i.redd.it/nothing.png"
    durable_files.write_once(PICTURE, root / f"threads/{poll.name}/media" / name, tmp=root / "tmp")
    keep(root, poll, 1, (StoredMedia(url, name, len(PICTURE), poll.name),))
    crosspost = example("crosspost")
    keep(root, crosspost, 2)
    author = next(iter(crosspost.comments.values()))["author"].lower()
    redact.redact(root, crosspost.id, redact.RedactionCriteria(authors=frozenset({author})))


def main() -> int:
    folder = ROOT / "tests" / "data" / "archives" / __version__
    if folder.exists():
        print(f"{folder} is there already", file=sys.stderr)
        return 1
    fill(folder / "stored")
    (folder / "stored" / "tmp").rmdir()
    for name, command in COMMANDS.items():
        done = subprocess.run(
            [Path(sys.executable).with_name("archive"), *command, "--archive", folder / "stored"],
            capture_output=True,
            check=True,
        )
        (folder / f"{name}.txt").write_bytes(done.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
