"""The folder of a site: which files in it are ours, written only where they change.

Nothing else in the folder is ever touched. A file is noted before it is written, so that a run that
was broken off leaves none that the next one does not know.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.files import drafts, durable_files, planted_links, regular_files

FORMAT = "reddit-archive site 1"
MANIFEST, PENDING = "site.json", "site.pending"
OURS = re.compile(
    r"(?:index|subreddits|lost)\.html|assets/(?:style\.css|script\.js)|search/[0-9a-f]{2}\.js"
    r"|threads/t3_[0-9a-z]{1,13}\.html|media/[0-9a-f]{64}\.[a-z0-9]{1,5}"
)
"""Every name that this program gives; a manifest that names another one is not believed."""
FOLDERS = ("assets", "search", "threads", "media")


class Folder:
    """A site on disk. `threads` is what the run before this one noted of each thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.threads: Mapping[str, Any] = {}
        self.written = self.removed = 0
        self._files: dict[str, str] = {}
        self._kept: set[str] = set()

    def open(self) -> None:
        """Make the folder, or read what is in it. Raises StoreError for one that is not ours."""
        for name in (*FOLDERS, PENDING, MANIFEST):
            planted_links.check(self.root / name)
        with durable_files.explained(self.root / PENDING):
            regular_files.check(self.root / PENDING)
        with durable_files.explained(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self._sweep()
            if not (self.root / MANIFEST).is_file():
                if any(self.root.iterdir()):
                    raise errors.StoreError(
                        f"{self.root} is not empty, and holds no site of this program",
                        "Give an empty folder, or a new one.",
                    )
                self._save({})
            self._load()

    def _sweep(self) -> None:
        """Remove the drafts of interrupted runs, so that they are not published."""
        for folder in (self.root, *(self.root / name for name in FOLDERS)):
            drafts.sweep(folder)

    def _load(self) -> None:
        said: Any = None
        with suppress(ValueError):
            said = json.loads(regular_files.read_text(self.root / MANIFEST))
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise errors.StoreError(
                f"{self.root / MANIFEST} is not of a site that this version knows",
                "Give another folder, or remove this one and export again.",
            )
        pending = self.root / PENDING
        unsure = regular_files.read_text(pending).splitlines() if pending.is_file() else []
        known = {**_mapping(said.get("files")), **dict.fromkeys(unsure, "")}
        self._files = {name: str(of) for name, of in known.items() if OURS.fullmatch(name)}
        self.threads = _mapping(said.get("threads"))

    def has(self, name: str) -> bool:
        """Tell whether a file is there as it was written; of a picture, whether it is there."""
        path = self.root / name
        known = self._files.get(name)
        is_there = known is not None and path.is_file() and not path.is_symlink()
        return is_there and (name.startswith("media/") or known == _digest(path))

    def read(self, name: str) -> bytes:
        """Give a file as it was written; b"" where it is not."""
        return regular_files.read_bytes(self.root / name) if self.has(name) else b""

    def keep(self, name: str) -> None:
        """Leave a file of the run before as it is."""
        self._kept.add(name)

    def write(self, name: str, data: bytes) -> None:
        """Put a file there, unless it has these bytes already. Raises StoreError."""
        digest = hashlib.sha256(data).hexdigest()
        if not (self._files.get(name) == digest and self.has(name)):
            with durable_files.explained(self.root / name):
                self._put(name, lambda draft: draft.write_bytes(data))
        self._files[name] = digest
        self._kept.add(name)

    def copy(self, source: Path, name: str) -> None:
        """Copy a picture, whose name holds its digest, unless it is there."""
        path = self.root / name
        if not (path.is_file() and path.stat().st_size == source.stat().st_size):
            with durable_files.explained(path):
                self._put(name, lambda draft: shutil.copyfile(source, draft))
        self._files[name] = path.stem
        self._kept.add(name)

    def close(self, threads: Mapping[str, Any]) -> None:
        """Remove what is ours and no longer part of the site, and note what is."""
        with durable_files.explained(self.root):
            for name in sorted(self._files.keys() - self._kept):
                path = self.root / name
                self._check_again(path)
                if path.is_file() or path.is_symlink():
                    path.unlink()
                    self.removed += 1
                with suppress(OSError):  # something else is in it
                    path.parent.rmdir()
                del self._files[name]
            self._save(threads)
            (self.root / PENDING).unlink(missing_ok=True)

    def _put(self, name: str, write: Any) -> None:
        """Write a draft and give it its name; a link that lies there is replaced, not followed."""
        path = self.root / name
        if name not in self._files:
            self._note_pending(name)
        path.parent.mkdir(exist_ok=True)
        self._check_again(path)
        with durable_files.empty_draft(path.parent) as draft:
            write(draft.path)
            draft.move(path)
        self.written += 1

    def _check_again(self, path: Path) -> None:
        """Raise StoreError if a link was put in place of a sub-folder since `open`."""
        if path.parent != self.root:
            planted_links.check(path.parent)

    def _note_pending(self, name: str) -> None:
        flags = (
            os.O_WRONLY | os.O_APPEND | os.O_CREAT | durable_files.BINARY | durable_files.NOFOLLOW
        )
        handle = os.open(self.root / PENDING, flags, 0o666)
        with open(handle, "a", encoding="ascii") as pending:
            pending.write(f"{name}\n")

    def _save(self, threads: Mapping[str, Any]) -> None:
        said = {"format": FORMAT, "files": self._files, "threads": threads}
        data = json.dumps(said, indent=0, sort_keys=True).encode() + b"\n"
        with durable_files.empty_draft(self.root) as draft:
            draft.path.write_bytes(data)
            draft.move(self.root / MANIFEST)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _digest(path: Path) -> str:
    with regular_files.open_binary(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
