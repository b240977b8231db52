"""A bag, read and not believed: every byte is held against every manifest that lists it."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reddit_archive import errors, snapshot

MANIFEST = re.compile(r"(tag)?manifest-(md5|sha1|sha256|sha512)\.txt")
ENTRY = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(\S.*)")
STORED = re.compile(
    r"data/(?:ARCHIVE|threads/t3_(?P<thread>[0-9a-z]{1,13})/(?:checks\.log"
    rf"|(?P<shot>{snapshot.NAME.pattern})|media/(?P<media>{snapshot.MEDIA_NAME.pattern})))"
)
MOST_BYTES = 4 * 2**30
AGAIN = "Ask for the bag again, from whoever made it; nothing was taken from it."


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag that is not yet believed: the names of its files, and how to read one."""

    shown: str
    names: frozenset[str]
    read: Callable[[str], bytes]


def find(path: Path) -> list[Bag]:
    """Find the bags that a path names: a bag's folder, a folder of bags, or a bag as a ZIP file.

    Raises StoreError.
    """
    try:
        if path.is_dir():
            folders = [path] if (path / "bagit.txt").is_file() else sorted(path.iterdir())
            found = [_folder(each) for each in folders if (each / "bagit.txt").is_file()]
        else:
            found = [_zip(path)]
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise _no_bag(path, error) from error
    if not found:
        raise _no_bag(path, "it has no bagit.txt")
    return found


def _no_bag(path: Path, why: object) -> errors.StoreError:
    if isinstance(why, OSError):
        why = why.strerror
    return errors.StoreError(
        f"{path} is no bag: {why}", "For a saved .json file there is `archive save FILE`."
    )


def _folder(folder: Path) -> Bag:
    paths = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    if link := next((path for path in (folder, *paths) if path.is_symlink()), None):
        raise ValueError(f"{link} is a link")
    names = frozenset(path.relative_to(folder).as_posix() for path in paths)
    return Bag(str(folder), names, lambda name: (folder / name).read_bytes())


def _zip(path: Path) -> Bag:
    file = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    entries = [entry for entry in file.infolist() if not entry.is_dir()]
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise ValueError("it is too large")
    top = next((e.filename[: -len("bagit.txt")] for e in entries if _is_top(e.filename)), None)
    if top is None:
        raise ValueError("it has no bagit.txt")
    names = [entry.filename.removeprefix(top) for entry in entries]
    if len(set(names)) < len(names):
        raise ValueError("it has two files of one name")
    return Bag(str(path), frozenset(names), lambda name: file.read(top + name))


def _is_top(name: str) -> bool:
    return name.count("/") <= 1 and name.split("/")[-1] == "bagit.txt"


def refused(bag: Bag, why: str) -> errors.DamageFound:
    return errors.DamageFound(f"{bag.shown} is refused: {why}", AGAIN)


def check(bag: Bag) -> None:
    """Refuse a bag of which a digest is wrong, a file missing or one too many."""
    declared = re.match(r"BagIt-Version: (\d+)\.\d+\n", bag.read("bagit.txt").decode("utf-8-sig"))
    if declared is None or int(declared[1]) > 1:
        raise refused(bag, "its bagit.txt is of no version that this program knows")
    listed: set[str] = set()
    kinds = set()
    for manifest in sorted(bag.names):
        if match := MANIFEST.fullmatch(manifest):
            kinds.add((match[1], match[2]))
            names = set(_entries(bag, manifest, match[2]))
            if not match[1] and names != {name for name in bag.names if name[:5] == "data/"}:
                raise refused(bag, f"{manifest} does not list what is in data/")
            listed |= names
    if not kinds & {(None, "sha256"), (None, "sha512")}:
        raise refused(bag, "it has no manifest with SHA-256")
    for name in listed:
        if name.startswith("data/") and not STORED.fullmatch(name):
            raise refused(bag, f"{name[:200]!r} is no file of an archive")


def _entries(bag: Bag, manifest: str, algorithm: str) -> Iterator[str]:
    """Check every file that a manifest lists."""
    for line in bag.read(manifest).decode("utf-8-sig").splitlines():
        entry = ENTRY.fullmatch(line)
        if entry is None:
            raise refused(bag, f"{manifest} has a line that is none of a manifest")
        name = entry[2].removeprefix("./")
        if name not in bag.names:
            raise refused(bag, f"{name[:200]!r} is missing")
        digest = hashlib.new(algorithm, bag.read(name), usedforsecurity=False).hexdigest()
        if digest != entry[1].lower():
            raise refused(bag, f"{name} does not match its digest in {manifest}")
        yield name
