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

from reddit_archive import errors
from reddit_archive.archive import (
    import_log,
    replacement_claims,
    shared_folder_check,
    snapshot_format,
    snapshot_order,
    store,
    stray_copies,
)
from reddit_archive.archive.redact import scan
from reddit_archive.archive.replacement_claims import Claims
from reddit_archive.archive.snapshot_format import Head
from reddit_archive.archive.store import Damage
from reddit_archive.archive.stray_copies import Copy
from reddit_archive.files import regular_files
from reddit_archive.model.capture import Media
from reddit_archive.model.redaction import Levels
from reddit_archive.parallel import ordered_map


@dataclass(frozen=True, slots=True)
class Newer:
    """A whole file of a newer version: what it says, and which pictures it names, is not known."""

    path: Path
    what: str = "is whole, and of a newer format that this version can't read"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A whole file that holds what was redacted since, or elsewhere in the archive, and how so."""

    path: Path
    what: str


@dataclass(frozen=True, slots=True)
class Imported:
    """An undamaged imported file that names a snapshot of this archive."""

    path: Path
    what: str


Found = Path | Damage | Newer | Leftover | Imported | Copy
FEW = 499
"""For so many threads it does not pay to start other processes."""
AT_ONCE = 16


def verify(root: Path, *, executor: Executor | None = None) -> Iterator[Found]:
    """Check every byte of every stored file: give its path, or what is odd. Changes nothing.

    A picture that a snapshot names and that is not there is a Damage as well, and so is a parent
    that is missing, and a snapshot that falsely claims to replace another. A Leftover and an
    Imported come in addition to their path; a Copy is no file of the archive. Many threads are
    shared among the `executor`'s workers. Raises StoreError for a worker that does not see the
    archive.
    """
    posts: dict[str, str] = {}
    told: set[Path] = set()
    work = partial(_checked, root)
    threads = store.threads(root)
    for checked in ordered_map.each(work, threads, executor, at_once=AT_ONCE, few=FEW):
        if not checked.found:
            shared_folder_check.expect_nothing(root, checked.thread)
        yield from checked.found
        posts |= checked.posts
        told |= {each.path for each in checked.found if isinstance(each, Leftover)}
    for thread in scan.passing_on(root, posts):
        paths, _ = _left(root, thread, posts)
        what = "passes on a post that is redacted in its own thread"
        yield from (Leftover(path, what) for path in paths if path not in told)
    yield from stray_copies.elsewhere(root)


@dataclass(frozen=True, slots=True)
class _Chained:
    """What the heads of a thread show: leftovers, damage, and imported snapshots.

    `odd` are snapshots whose parent is missing, or that make a false claim.
    """

    former: tuple[Leftover, ...]
    odd: dict[Path, Damage]
    imported: tuple[Imported, ...]
    is_redacted: bool


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found of a thread, and the posts that are redacted in it."""

    thread: str
    found: list[Found]
    posts: Levels


def _checked(root: Path, thread: str) -> _Checked:
    """Check a thread; again where something is odd that another run may just have changed."""
    names: set[str] | None = None
    checked = _Checked(thread, [], {})
    while names != (now := store.names(root, thread)):
        names, checked = now, _check_thread(root, thread)
        if all(isinstance(each, Path | Imported | Copy) for each in checked.found):
            break
    return checked


def _check_thread(root: Path, thread: str) -> _Checked:
    folder = store.thread_folder(root, thread)
    chained = _check_chain(root, thread)
    found = [*_check_files(folder, chained)]
    left = {each.path: each for each in chained.former}
    posts: Levels = {}
    if chained.is_redacted:
        paths, posts = _left(root, thread, {})
        what = "holds what is redacted in other snapshots"
        left = {path: Leftover(path, what) for path in paths} | left
    beside = stray_copies.beside(root, thread)
    return _Checked(thread, [*found, *left.values(), *chained.imported, *beside], posts)


def _check_files(folder: Path, chained: _Chained) -> Iterator[Found]:
    going = {each.path for each in chained.former}
    shown: dict[Path, Path] = {}
    for path in store.snapshot_paths(folder, strict=False):
        if stray_copies.is_of_snapshot(path.name):
            continue
        found = _check(path)
        if isinstance(found, tuple):
            yield chained.odd.get(path) or path
            if path not in going:  # its pictures go before it does
                shown.update((store.media_path(path, media), path) for media in found)
        elif found is not None:
            yield found
    for path in store.media_paths(folder):
        if stray_copies.is_of_picture(path.name):
            continue
        yield _check_media(path) or path
        shown.pop(path, None)
    for path, by in sorted(shown.items()):
        yield Damage(path, f"is missing, and {by.name} names it")


def _left(root: Path, thread: str, posts: Levels) -> tuple[list[Path], Levels]:
    try:
        return scan.left(root, thread, posts)
    except (errors.StoreError, RecursionError):  # somebody redacts it now; or nobody could
        return [], {}


def _check_chain(root: Path, thread: str) -> _Chained:
    folder = store.thread_folder(root, thread)
    found = []
    for path in store.snapshot_paths(folder):
        with suppress(errors.StoreError):  # what can't be read, `_check` names
            found.append(snapshot_format.head(path))
    found = import_log.annotate(found, folder)
    checked = replacement_claims.judge(found)
    former = [
        Leftover(head.path, "was redacted, but the unredacted file is still here")
        for head in found
        if head.digest in checked.proven
    ]
    odd = {head.path: missing for head, missing in _orphans(found, folder)}
    origins: dict[str, Head] = {}
    for head in found:
        if old := checked.false.get(head.digest):
            what = f"falsely claims to replace the snapshot {old}: its content is not in that one"
            odd[head.path] = Damage(head.path, what)
        elif head.replaces and head.digest not in checked.proven and not head.is_offered:
            other = origins.setdefault(head.replaces[0], head)
            if other is head:
                continue
            if scan.are_twins(other, head):
                what = "was redacted differently in two archives"
                former.append(Leftover(head.path, what))
            else:
                what = f"claims to replace the same snapshot as {other.path.name}, but differs"
                odd[head.path] = Damage(head.path, what)
    imported = [*_imported(found, checked)]
    return _Chained(tuple(former), odd, tuple(imported), any(map(scan.is_redaction, found)))


def _orphans(found: list[Head], folder: Path) -> Iterator[tuple[Head, Damage]]:
    """Yield the snapshots whose parent is missing."""
    known, present = snapshot_order.successors(found), {head.digest for head in found}
    for head in found:
        if (
            head.parent
            and snapshot_order.newest(head.parent, known) not in present
            and not any(folder.glob(f"*-{head.parent}.json"))  # added while we listed the folder
        ):
            yield head, Damage(head.path, f"its parent {head.parent} is missing")


def _imported(found: list[Head], checked: Claims) -> Iterator[Imported]:
    """Yield imported snapshots that name one of ours. Anybody who knows a digest can do that."""
    ours = {head.digest for head in found if not head.is_imported}
    for head in found:
        if head.digest in checked.offered:
            what = "was imported, and redacts a snapshot that is not redacted here"
            yield Imported(head.path, f"{what}; run `archive redact --finish` to redact it")
        elif head.is_imported and head.parent in ours:
            what = "was imported, and claims that it follows your snapshot"
            yield Imported(head.path, f"{what} {head.parent}")


def _check(path: Path) -> tuple[Media, ...] | Damage | Newer | None:
    """Give the pictures that a snapshot names, or what is odd about it.

    None for one that went since its folder was listed, redacted or forgotten by another run.
    """
    try:
        data = regular_files.read_bytes(path)
        what = snapshot_format.mismatch(path, data)
        if what is None:
            return snapshot_format.announced(data, path).media
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
    name = snapshot_format.MEDIA_NAME.fullmatch(path.name)
    if name is None:
        return Damage(path, "its name is none that this program gives")
    try:
        with regular_files.open_binary(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return Damage(path, f"can't be read: {error.strerror}")
    if digest != name[1]:
        return Damage(path, "its bytes do not match the SHA-256 in its name")
    return None
