"""Read bags from untrusted sources: every file is checked against every manifest that lists it.

Files are read in blocks, and each file is hashed only once.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from reddit_archive import errors
from reddit_archive.archive import snapshot_format
from reddit_archive.files import regular_files, zip_files

MANIFEST_NAME = re.compile(r"(tag)?manifest-(md5|sha1|sha256|sha512)\.txt")
MANIFEST_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(\S.*)")
PAYLOAD_NAME = re.compile(
    r"data/(?:ARCHIVE|threads/t3_(?P<thread>[0-9a-z]{1,13})/(?:checks\.log"
    rf"|(?P<snapshot>{snapshot_format.SNAPSHOT_NAME.pattern})|media/(?P<media>{snapshot_format.MEDIA_NAME.pattern})))"
)
BLOCK_BYTES = 2**20
MAX_FILE_BYTES = 2**30
MAX_DECLARATION_BYTES = 2**10
MAX_LINE_BYTES = 2**12
REFUSAL_HINT = "Nothing was imported. Ask the person who made the bag for a new copy."
NOT_A_BAG_HINT = "To save a .json file, run `archive save FILE`."

DigestsByFile = dict[str, dict[str, str]]
"""The digests of each file by algorithm."""


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag that is not trusted yet: the names of its files, and a function that opens one.

    `checked_digests` has the SHA-256 of each file that `check_bag` read. Later reads must match it.
    """

    display_name: str
    file_names: frozenset[str]
    open_file: Callable[[str], AbstractContextManager[IO[bytes]]]
    checked_digests: dict[str, str] = field(default_factory=dict)

    def iter_blocks(self, name: str) -> Iterator[bytes]:
        """Read a file block by block. Raises DamageFoundError."""
        try:
            with self.open_file(name) as file:
                remaining_bytes = MAX_FILE_BYTES
                while block := file.read(BLOCK_BYTES):
                    remaining_bytes -= len(block)
                    if remaining_bytes < 0:
                        raise refusal_error(self, f"{name[:200]!r} is larger than 1 GiB")
                    yield block
        except zip_files.READ_ERRORS as error:
            raise refusal_error(self, f"{name[:200]!r} can't be read ({error})") from error

    def read(self, name: str) -> bytes:
        """Read a whole file. Raises DamageFoundError, also if it changed after the check."""
        data = b"".join(self.iter_blocks(name))
        if self.checked_digests.get(name, digest := hashlib.sha256(data).hexdigest()) != digest:
            raise refusal_error(self, f"{name} changed while the bag was read")
        return data


def find_bags(path: Path) -> list[Bag]:
    """Find the bags at a path: a bag's folder, a folder of bags, or a bag as a ZIP file.

    Raises StoreError; DamagedBagError for a ZIP file that can't be read.
    """
    try:
        if path.is_dir():
            folders = [path] if (path / "bagit.txt").is_file() else sorted(path.iterdir())
            bags = [_open_folder(folder) for folder in folders if (folder / "bagit.txt").is_file()]
        else:
            bags = [_open_zip(path)]
    except zip_files.DamagedZipError as error:
        raise errors.DamagedBagError(
            f"{path} is not a bag: {error}", f"{REFUSAL_HINT} {NOT_A_BAG_HINT}"
        ) from error
    except (OSError, ValueError) as error:
        raise _not_a_bag_error(path, error) from error
    if not bags:
        raise _not_a_bag_error(path, "it has no bagit.txt")
    return bags


def _not_a_bag_error(path: Path, reason: object) -> errors.StoreError:
    if isinstance(reason, OSError):
        reason = reason.strerror
    return errors.StoreError(f"{path} is not a bag: {reason}", NOT_A_BAG_HINT)


def _open_folder(folder: Path) -> Bag:
    paths = [*regular_files.walk_files(folder)]
    for path in (folder, *paths):
        if path.is_symlink():
            raise ValueError(f"{path} is a link")
        if path is not folder and not path.is_file():
            raise ValueError(f"{path} is not a regular file")
    names = frozenset(path.relative_to(folder).as_posix() for path in paths)
    return Bag(str(folder), names, lambda name: regular_files.open_binary(folder / name))


def _open_zip(path: Path) -> Bag:
    zip_file, names = zip_files.open_zip(path)
    prefixes = (name[: -len("bagit.txt")] for name in names if _is_declaration(name))
    prefix = next(prefixes, None)
    if prefix is None:
        raise ValueError("it has no bagit.txt")
    file_names = frozenset(name.removeprefix(prefix) for name in names)
    if len(file_names) < len(names):
        raise ValueError("it has two files with the same name")
    return Bag(str(path), file_names, lambda name: zip_file.open(prefix + name))


def _is_declaration(name: str) -> bool:
    return name.count("/") <= 1 and name.split("/")[-1] == "bagit.txt"


def refusal_error(bag: Bag, reason: str) -> errors.DamageFoundError:
    return errors.DamageFoundError(f"{bag.display_name} is refused: {reason}", REFUSAL_HINT)


def check_bag(bag: Bag) -> None:
    """Raise DamageFoundError for a wrong digest, a missing file, or a file that is not listed."""
    declaration = next(bag.iter_blocks("bagit.txt"), b"")[:MAX_DECLARATION_BYTES]
    version_match = re.match(rb"(?:\xef\xbb\xbf)?BagIt-Version: (\d+)\.\d+\r?\n", declaration)
    if version_match is None or int(version_match[1]) > 1:
        raise refusal_error(bag, "its bagit.txt has an unknown version")
    expected: DigestsByFile = {}
    for manifest in sorted(bag.file_names):
        if match := MANIFEST_NAME.fullmatch(manifest):
            manifest_digests = _read_manifest(bag, manifest)
            if not match[1] and manifest_digests.keys() != {
                file_name for file_name in bag.file_names if _is_payload(file_name)
            }:
                raise refusal_error(bag, f"{manifest} does not list what is in data/")
            for name, digest in manifest_digests.items():
                expected.setdefault(name, {})[match[2]] = digest
    if not bag.file_names & {"manifest-sha256.txt", "manifest-sha512.txt"}:
        raise refusal_error(bag, "it has no manifest with SHA-256")
    for name in filter(_is_payload, expected):
        if not PAYLOAD_NAME.fullmatch(name):
            raise refusal_error(bag, f"{name[:200]!r} is not a file of an archive")
    for name, digests in expected.items():
        _check_digests(bag, name, digests)


def _is_payload(name: str) -> bool:
    return name.startswith("data/")


def _read_manifest(bag: Bag, manifest: str) -> dict[str, str]:
    """Read a manifest: the digest of each file. Raises DamageFoundError for a file listed twice."""
    digests: dict[str, str] = {}
    for line in _iter_lines(bag, manifest):
        match = MANIFEST_LINE.fullmatch(line)
        if match is None:
            raise refusal_error(bag, f"{manifest} has an invalid line")
        name = match[2].removeprefix("./")
        if name not in bag.file_names:
            raise refusal_error(bag, f"{name[:200]!r} is missing")
        if name in digests:
            raise refusal_error(bag, f"{manifest} lists {name} twice")
        digests[name] = match[1].lower()
    return digests


def _iter_lines(bag: Bag, name: str) -> Iterator[str]:
    """Yield the lines of a text file. Raises DamageFoundError for a line that is too long."""
    rest = b""
    for block in bag.iter_blocks(name):
        *lines, rest = (rest + block).split(b"\n")
        yield from (_decode_line(bag, name, line) for line in lines)
        if len(rest) > MAX_LINE_BYTES:
            raise refusal_error(bag, f"{name} has a line that is too long")
    if rest:
        yield _decode_line(bag, name, rest)


def _decode_line(bag: Bag, name: str, line: bytes) -> str:
    try:
        return line.removesuffix(b"\r").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal_error(bag, f"{name} is not text in UTF-8") from None


def _check_digests(bag: Bag, name: str, digests: dict[str, str]) -> None:
    """Hash a file with all algorithms at once, and compare it with the manifests."""
    hashers = {
        algorithm: hashlib.new(algorithm, usedforsecurity=False)
        for algorithm in {*digests, "sha256"}
    }
    for block in bag.iter_blocks(name):
        for hasher in hashers.values():
            hasher.update(block)
    for algorithm, digest in digests.items():
        if hashers[algorithm].hexdigest() != digest:
            raise refusal_error(bag, f"{name} does not match its {algorithm} digest")
    bag.checked_digests[name] = hashers["sha256"].hexdigest()
