"""Read bags from untrusted sources: every file is checked against every manifest that lists it.

Files are read in blocks, and each file is hashed only once.
"""

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from reddit_archive import errors
from reddit_archive.archive import snapshot_format
from reddit_archive.archive.bags import zip_files
from reddit_archive.files import regular_files

MANIFEST = re.compile(r"(tag)?manifest-(md5|sha1|sha256|sha512)\.txt")
ENTRY = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(\S.*)")
STORED = re.compile(
    r"data/(?:ARCHIVE|threads/t3_(?P<thread>[0-9a-z]{1,13})/(?:checks\.log"
    rf"|(?P<shot>{snapshot_format.NAME.pattern})|media/(?P<media>{snapshot_format.MEDIA_NAME.pattern})))"
)
BLOCK_BYTES = 2**20
MAX_FILE_BYTES = 2**30
DECLARATION_BYTES = 2**10
LONGEST_LINE_BYTES = 2**12
AGAIN = "Ask for the bag again, from whoever made it; nothing was taken from it."
HINT = "For a saved .json file there is `archive save FILE`."

Digests = dict[str, dict[str, str]]
"""The digests of each file by algorithm."""


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag that is not trusted yet: the names of its files, and a function that opens one.

    `checked` has the SHA-256 of each file that `check` read. Later reads must match it.
    """

    shown: str
    names: frozenset[str]
    open: Callable[[str], AbstractContextManager[IO[bytes]]]
    checked: dict[str, str] = field(default_factory=dict)

    def blocks(self, name: str) -> Iterator[bytes]:
        """Read a file block by block. Raises DamageFound."""
        try:
            with self.open(name) as file:
                left = MAX_FILE_BYTES
                while block := file.read(BLOCK_BYTES):
                    left -= len(block)
                    if left < 0:
                        raise refused(self, f"{name[:200]!r} is larger than 1 GiB")
                    yield block
        except zip_files.READ_ERRORS as error:
            raise refused(self, f"{name[:200]!r} can't be read ({error})") from error

    def read(self, name: str) -> bytes:
        """Read a whole file. Raises DamageFound, also if it changed after the check."""
        data = b"".join(self.blocks(name))
        if self.checked.get(name, known := hashlib.sha256(data).hexdigest()) != known:
            raise refused(self, f"{name} changed while the bag was read")
        return data


def find(path: Path) -> list[Bag]:
    """Find the bags that a path names: a bag's folder, a folder of bags, or a bag as a ZIP file.

    Raises StoreError; DamagedBag for a ZIP file that can't be read.
    """
    try:
        if path.is_dir():
            folders = [path] if (path / "bagit.txt").is_file() else sorted(path.iterdir())
            found = [_folder(each) for each in folders if (each / "bagit.txt").is_file()]
        else:
            found = [_zip(path)]
    except zip_files.DamagedError as error:
        raise errors.DamagedBag(f"{path} is not a bag: {error}", f"{AGAIN} {HINT}") from error
    except (OSError, ValueError) as error:
        raise _no_bag(path, error) from error
    if not found:
        raise _no_bag(path, "it has no bagit.txt")
    return found


def _no_bag(path: Path, why: object) -> errors.StoreError:
    if isinstance(why, OSError):
        why = why.strerror
    return errors.StoreError(f"{path} is not a bag: {why}", HINT)


def _folder(folder: Path) -> Bag:
    paths = [*regular_files.files_below(folder)]
    for path in (folder, *paths):
        if path.is_symlink():
            raise ValueError(f"{path} is a link")
        if path is not folder and not path.is_file():
            raise ValueError(f"{path} is not a regular file")
    names = frozenset(path.relative_to(folder).as_posix() for path in paths)
    return Bag(str(folder), names, lambda name: regular_files.open_binary(folder / name))


def _zip(path: Path) -> Bag:
    file, names = zip_files.open_zip(path)
    tops = (name[: -len("bagit.txt")] for name in names if _is_top(name))
    top = next(tops, None)
    if top is None:
        raise ValueError("it has no bagit.txt")
    inside = frozenset(name.removeprefix(top) for name in names)
    if len(inside) < len(names):
        raise ValueError("it has two files of one name")
    return Bag(str(path), inside, partial(_open_member, file, top))


def _open_member(file: zipfile.ZipFile, top: str, name: str) -> IO[bytes]:
    return file.open(top + name)


def _is_top(name: str) -> bool:
    return name.count("/") <= 1 and name.split("/")[-1] == "bagit.txt"


def refused(bag: Bag, why: str) -> errors.DamageFound:
    return errors.DamageFound(f"{bag.shown} is refused: {why}", AGAIN)


def check(bag: Bag) -> None:
    """Raise DamageFound for a wrong digest, a missing file, or a file that no manifest lists."""
    start = next(bag.blocks("bagit.txt"), b"")[:DECLARATION_BYTES]
    declared = re.match(rb"(?:\xef\xbb\xbf)?BagIt-Version: (\d+)\.\d+\r?\n", start)
    if declared is None or int(declared[1]) > 1:
        raise refused(bag, "its bagit.txt is of no version that this program knows")
    expected: Digests = {}
    for manifest in sorted(bag.names):
        if match := MANIFEST.fullmatch(manifest):
            listed = _listed(bag, manifest)
            if not match[1] and listed.keys() != {each for each in bag.names if _is_payload(each)}:
                raise refused(bag, f"{manifest} does not list what is in data/")
            for name, digest in listed.items():
                expected.setdefault(name, {})[match[2]] = digest
    if not bag.names & {"manifest-sha256.txt", "manifest-sha512.txt"}:
        raise refused(bag, "it has no manifest with SHA-256")
    for name in filter(_is_payload, expected):
        if not STORED.fullmatch(name):
            raise refused(bag, f"{name[:200]!r} is no file of an archive")
    for name, digests in expected.items():
        _compare(bag, name, digests)


def _is_payload(name: str) -> bool:
    return name.startswith("data/")


def _listed(bag: Bag, manifest: str) -> dict[str, str]:
    """Read a manifest: the digest of each file. Raises DamageFound for a file listed twice."""
    found: dict[str, str] = {}
    for line in _lines(bag, manifest):
        entry = ENTRY.fullmatch(line)
        if entry is None:
            raise refused(bag, f"{manifest} has a line that is none of a manifest")
        name = entry[2].removeprefix("./")
        if name not in bag.names:
            raise refused(bag, f"{name[:200]!r} is missing")
        if name in found:
            raise refused(bag, f"{manifest} lists {name} twice")
        found[name] = entry[1].lower()
    return found


def _lines(bag: Bag, name: str) -> Iterator[str]:
    """Yield the lines of a text file. Raises DamageFound for a line that is too long."""
    rest = b""
    for block in bag.blocks(name):
        *lines, rest = (rest + block).split(b"\n")
        yield from (_text(bag, name, line) for line in lines)
        if len(rest) > LONGEST_LINE_BYTES:
            raise refused(bag, f"{name} has a line that is too long")
    if rest:
        yield _text(bag, name, rest)


def _text(bag: Bag, name: str, line: bytes) -> str:
    try:
        return line.removesuffix(b"\r").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused(bag, f"{name} is not text in UTF-8") from None


def _compare(bag: Bag, name: str, digests: dict[str, str]) -> None:
    """Hash a file with all algorithms at once, and compare it with the manifests."""
    hashes = {
        algorithm: hashlib.new(algorithm, usedforsecurity=False)
        for algorithm in {*digests, "sha256"}
    }
    for block in bag.blocks(name):
        for each in hashes.values():
            each.update(block)
    for algorithm, digest in digests.items():
        if hashes[algorithm].hexdigest() != digest:
            raise refused(bag, f"{name} does not match its {algorithm} digest")
    bag.checked[name] = hashes["sha256"].hexdigest()
