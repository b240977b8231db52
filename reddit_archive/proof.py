"""The proof that an archive is whole: every byte, every parent, every picture that is named.

It changes nothing, and trusts nothing but the digests in the names of the files.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reddit_archive import chain, errors, remains, snapshot, store
from reddit_archive.capture import Media
from reddit_archive.redaction import Levels
from reddit_archive.store import Damage


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


def verify(root: Path) -> Iterator[Path | Damage | Newer | Leftover]:
    """Check every byte of every stored file: give its path, or what is odd. Changes nothing.

    A picture that a snapshot names and that is not there is a Damage as well, and so is a parent
    that is missing. A Leftover comes besides its path.
    """
    posts: dict[str, str] = {}
    told: set[Path] = set()
    for thread in store.threads(root):
        folder = store.thread_folder(root, thread)
        chained = _check_chain(folder)
        going = {each.path for each in chained.former}
        shown: dict[Path, Path] = {}
        for path in store.snapshot_paths(folder, strict=False):
            found = _check(path)
            if isinstance(found, tuple):
                yield chained.astray.get(path) or path
                if path not in going:  # its pictures go before it does
                    shown.update((store.media_path(path, media), path) for media in found)
            else:
                yield found
        for path in store.media_paths(folder):
            yield _check_media(path) or path
            shown.pop(path, None)
        for path, by in sorted(shown.items()):
            yield Damage(path, f"is missing, and {by.name} names it")
        left = [*chained.former]
        if chained.is_redacted:
            paths, own = _left(root, thread, {})
            posts |= own
            left += (Leftover(path, "holds what is redacted in other snapshots") for path in paths)
        yield from _untold(left, told)
    for thread in remains.passing_on(root, posts):
        paths, _ = _left(root, thread, posts)
        what = "passes on a post that is redacted in its own thread"
        yield from _untold([Leftover(path, what) for path in paths], told)


def _left(root: Path, thread: str, posts: Levels) -> tuple[list[Path], dict[str, str]]:
    try:
        return remains.left(root, thread, posts)
    except (errors.StoreError, RecursionError):  # somebody redacts it now; or nobody could
        return [], {}


def _untold(found: list[Leftover], told: set[Path]) -> Iterator[Leftover]:
    """Give those of which no other one told before."""
    for each in found:
        if each.path not in told:
            told.add(each.path)
            yield each


@dataclass(frozen=True, slots=True)
class Chained:
    """What the heads of a thread tell: which of it should be gone, and what lacks its parent."""

    former: tuple[Leftover, ...]
    astray: dict[Path, Damage]
    is_redacted: bool


def _check_chain(folder: Path) -> Chained:
    found = []
    for path in store.snapshot_paths(folder):
        with suppress(errors.StoreError):  # what can't be read, `_check` names
            found.append(snapshot.head(path))
    known, present = chain.successors(found), {head.digest for head in found}
    origins: set[str] = set()
    former, astray = [], {}
    for head in found:
        if head.digest in known:
            former.append(Leftover(head.path, "was redacted since, and is still here"))
        elif head.replaces and head.replaces[0] in origins:
            what = "was redacted in two archives, each in its own way"
            former.append(Leftover(head.path, what))
        elif (
            head.parent
            and chain.newest(head.parent, known) not in present
            and not any(folder.glob(f"*-{head.parent}.json"))  # added while we listed the folder
        ):
            astray[head.path] = Damage(head.path, f"its parent {head.parent} is missing")
        origins.update(head.replaces[:1])
    return Chained(tuple(former), astray, any(head.replaces for head in found))


def _check(path: Path) -> tuple[Media, ...] | Damage | Newer:
    """Give the pictures that a snapshot names, or what is odd about it."""
    try:
        data = path.read_bytes()
        what = snapshot.mismatch(path, data)
        if what is None:
            return snapshot.announced(data, path).media
    except errors.NewerFormat:
        return Newer(path)
    except OSError as error:
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
