"""The proof that an archive is whole: every byte, every parent, every picture that is named.

It changes nothing, and trusts nothing but the digests in the names of the files.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reddit_archive import chain, errors, pieces, snapshot, store, witness
from reddit_archive.capture import Media
from reddit_archive.store import Damage


@dataclass(frozen=True, slots=True)
class Newer:
    """A whole file of a newer version: what it says, and which pictures it names, is not known."""

    path: Path
    what: str = "is whole, and of a newer format that this version can't read"


Found = Path | Damage | Newer
FEW = 499
"""For so many threads it does not pay to start other processes."""
AT_ONCE = 16


def verify(root: Path, *, executor: Executor | None = None) -> Iterator[Found]:
    """Check every byte of every stored file: give its path, or what is odd. Changes nothing.

    A picture that a snapshot names and that is not there is a Damage as well, and so is a parent
    that is missing. Many threads are shared among the `executor`'s workers. Raises StoreError for a
    worker that does not see the archive.
    """
    work = partial(_verified, root)
    threads = store.threads(root)
    for thread, found in pieces.each(work, threads, executor, at_once=AT_ONCE, few=FEW):
        if not found:
            witness.expect_nothing(root, thread)
        yield from found


def _verified(root: Path, thread: str) -> tuple[str, list[Found]]:
    """Check a thread; again where something is odd that another run may just have changed."""
    names: set[str] | None = None
    found: list[Found] = []
    while names != (now := store.names(root, thread)):
        names, found = now, [*_verify(root, thread)]
        if all(isinstance(each, Path) for each in found):
            break
    return thread, found


def _verify(root: Path, thread: str) -> Iterator[Found]:
    folder = store.thread_folder(root, thread)
    former, astray = _check_chain(folder)
    shown: dict[Path, Path] = {}
    for path in store.snapshot_paths(folder, strict=False):
        found = _check(path)
        if found is None:
            continue
        if not isinstance(found, tuple):
            yield found
        elif path in former:
            yield former[path]
        else:
            yield astray.get(path) or path
            shown.update((store.media_path(path, media), path) for media in found)
    for path in store.media_paths(folder):
        yield _check_media(path) or path
        shown.pop(path, None)
    for path, by in sorted(shown.items()):
        yield Damage(path, f"is missing, and {by.name} names it")


def _check_chain(folder: Path) -> tuple[dict[Path, Damage], dict[Path, Damage]]:
    """Find the snapshots that were redacted and should be gone, and those without their parent."""
    found = []
    for path in store.snapshot_paths(folder):
        with suppress(errors.StoreError):  # what can't be read, `_check` names
            found.append(snapshot.head(path))
    known, present = chain.successors(found), {head.digest for head in found}
    origins: set[str] = set()
    former, astray = {}, {}
    for head in found:
        if head.digest in known:
            what = "was redacted, and its former text is still here: redact the thread again"
            former[head.path] = Damage(head.path, what)
        elif head.replaces and head.replaces[0] in origins:
            what = "was redacted in two archives, each in its own way: redact the thread again"
            former[head.path] = Damage(head.path, what)
        elif (
            head.parent
            and chain.newest(head.parent, known) not in present
            and not any(folder.glob(f"*-{head.parent}.json"))  # added while we listed the folder
        ):
            astray[head.path] = Damage(head.path, f"its parent {head.parent} is missing")
        origins.update(head.replaces[:1])
    return former, astray


def _check(path: Path) -> tuple[Media, ...] | Damage | Newer | None:
    """Give the pictures that a snapshot names, or what is odd about it.

    None for one that went since its folder was listed, redacted or forgotten by another run.
    """
    try:
        data = path.read_bytes()
        what = snapshot.mismatch(path, data)
        if what is None:
            return snapshot.announced(data, path).media
    except errors.NewerFormat:
        return Newer(path)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            return None
        what = f"can't be read: {error.strerror}"
    except errors.ArchiveError as error:
        what = error.message
    return Damage(path, what)


def _check_media(path: Path) -> Damage | None:
    name = snapshot.MEDIA_NAME.fullmatch(path.name)
    if name is None:
        return Damage(path, "its name is none that this program gives")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return Damage(path, f"can't be read: {error.strerror}")
    if digest != name[1]:
        return Damage(path, "its bytes do not match the SHA-256 in its name")
    return None
