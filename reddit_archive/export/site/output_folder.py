"""The folder of a site: track its files, and write only those that change.

Other files in the folder are never touched. Each new file is recorded before it is written, so the
next run knows all files of an interrupted one.
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
from reddit_archive.files import durable_files, planted_links, regular_files, temp_files

SITE_FORMAT = "reddit-archive site 1"
MANIFEST, PENDING_LIST = "site.json", "site.pending"
SITE_FILE_NAME = re.compile(
    r"(?:index|subreddits|lost)\.html|assets/(?:style\.css|script\.js)|search/[0-9a-f]{2}\.js"
    r"|threads/t3_[0-9a-z]{1,13}\.html|quotes/t3_[0-9a-z]{1,13}\.js|media/[0-9a-f]{64}\.[a-z0-9]{1,5}"
)
"""All names of files in a site. Other names in a manifest are ignored."""
SUBFOLDERS = ("assets", "search", "threads", "quotes", "media")


class OutputFolder:
    """A site on disk. `thread_records` are the records of the previous build, by thread ID."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.thread_records: Mapping[str, Any] = {}
        self.written_count = self.removed_count = 0
        self._files: dict[str, str] = {}
        self._current_files: set[str] = set()

    def open(self) -> None:
        """Create the folder, or read its manifest. Raises StoreError if it has other content."""
        for name in (*SUBFOLDERS, PENDING_LIST, MANIFEST):
            planted_links.check(self.root / name)
        with durable_files.translate_os_errors(self.root / PENDING_LIST):
            regular_files.check(self.root / PENDING_LIST)
        with durable_files.translate_os_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self._remove_old_temps()
            if not (self.root / MANIFEST).is_file():
                if any(self.root.iterdir()):
                    raise errors.StoreError(
                        f"{self.root} is not empty, and was not created by this command",
                        "Choose an empty or a new folder.",
                    )
                self._save_manifest({})
            self._load_manifest()

    def _remove_old_temps(self) -> None:
        """Remove the temp files of interrupted runs, so that they are not published."""
        for folder in (self.root, *(self.root / name for name in SUBFOLDERS)):
            temp_files.remove_orphaned_temps(folder)

    def _load_manifest(self) -> None:
        manifest: Any = None
        with suppress(ValueError):
            manifest = json.loads(regular_files.read_text(self.root / MANIFEST))
        if not isinstance(manifest, dict) or manifest.get("format") != SITE_FORMAT:
            raise errors.StoreError(
                f"{self.root / MANIFEST} has a format that this version can't read",
                "Choose another folder, or remove this one and export again.",
            )
        pending = self.root / PENDING_LIST
        pending_names = regular_files.read_text(pending).splitlines() if pending.is_file() else []
        listed_files = {**_to_dict(manifest.get("files")), **dict.fromkeys(pending_names, "")}
        self._files = {
            name: str(digest)
            for name, digest in listed_files.items()
            if SITE_FILE_NAME.fullmatch(name)
        }
        self.thread_records = _to_dict(manifest.get("threads"))

    def has_file(self, name: str) -> bool:
        """Return whether a file exists unchanged. The content of media is not checked."""
        path = self.root / name
        expected_digest = self._files.get(name)
        is_present = expected_digest is not None and path.is_file() and not path.is_symlink()
        return is_present and (
            name.startswith("media/") or expected_digest == _compute_digest(path)
        )

    def read(self, name: str) -> bytes:
        """Return the content of an unchanged file; b"" if it is missing or changed."""
        return regular_files.read_bytes(self.root / name) if self.has_file(name) else b""

    def retain(self, name: str) -> None:
        """Keep a file of the previous build."""
        self._current_files.add(name)

    def write(self, name: str, data: bytes) -> None:
        """Write a file, unless it has this content already. Raises StoreError."""
        digest = hashlib.sha256(data).hexdigest()
        if not (self._files.get(name) == digest and self.has_file(name)):
            with durable_files.translate_os_errors(self.root / name):
                self._write_atomically(name, lambda temp_path: temp_path.write_bytes(data))
        self._files[name] = digest
        self._current_files.add(name)

    def copy(self, source: Path, name: str) -> None:
        """Copy a media file, whose name contains its digest, unless it exists."""
        path = self.root / name
        if not (path.is_file() and path.stat().st_size == source.stat().st_size):
            with durable_files.translate_os_errors(path):
                self._write_atomically(name, lambda temp_path: shutil.copyfile(source, temp_path))
        self._files[name] = path.stem
        self._current_files.add(name)

    def close(self, thread_records: Mapping[str, Any]) -> None:
        """Remove our files that are no longer part of the site, and write the manifest."""
        with durable_files.translate_os_errors(self.root):
            for name in sorted(self._files.keys() - self._current_files):
                path = self.root / name
                self._check_parent(path)
                if path.is_file() or path.is_symlink():
                    path.unlink()
                    self.removed_count += 1
                with suppress(OSError):  # the folder is not empty
                    path.parent.rmdir()
                del self._files[name]
            self._save_manifest(thread_records)
            (self.root / PENDING_LIST).unlink(missing_ok=True)

    def _write_atomically(self, name: str, write_content: Any) -> None:
        """Write a temp file and rename it. An existing link is replaced, not followed."""
        path = self.root / name
        if name not in self._files:
            self._record_pending(name)
        path.parent.mkdir(exist_ok=True)
        self._check_parent(path)
        with durable_files.create_temp_file(path.parent) as temp_file:
            write_content(temp_file.path)
            temp_file.move(path)
        self.written_count += 1

    def _check_parent(self, path: Path) -> None:
        """Raise StoreError if a link has replaced a subfolder since `open`."""
        if path.parent != self.root:
            planted_links.check(path.parent)

    def _record_pending(self, name: str) -> None:
        flags = (
            os.O_WRONLY | os.O_APPEND | os.O_CREAT | durable_files.BINARY | durable_files.NOFOLLOW
        )
        descriptor = os.open(self.root / PENDING_LIST, flags, 0o666)
        with open(descriptor, "a", encoding="ascii") as pending:
            pending.write(f"{name}\n")

    def _save_manifest(self, thread_records: Mapping[str, Any]) -> None:
        manifest = {"format": SITE_FORMAT, "files": self._files, "threads": thread_records}
        data = json.dumps(manifest, indent=0, sort_keys=True).encode() + b"\n"
        with durable_files.create_temp_file(self.root) as temp_file:
            temp_file.path.write_bytes(data)
            temp_file.move(self.root / MANIFEST)


def _to_dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _compute_digest(path: Path) -> str:
    with regular_files.open_binary(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
