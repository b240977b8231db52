"""Write a thread as a bag: its files, their manifest, and a manifest of the bag's own files."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from reddit_archive import __version__, errors
from reddit_archive.archive import (
    check_log,
    layout,
    redact,
    redaction_ledger,
    snapshot_format,
    store,
    thread_headers,
)
from reddit_archive.archive.redact import scan
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.files import durable_files, regular_files, temp_files
from reddit_archive.model import capture

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_FILES = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt")


def write_bag(root: Path, thread_id: str, folder: Path) -> Path:
    """Write a thread as the bag `folder`/t3_<id>, completely or not at all.

    Raises:
        DamageFoundError: A file of the thread is damaged.
        NotArchivedError: The archive does not have the thread.
        RedactionIncompleteError: A snapshot contains what was redacted in this archive.
        StoreError: The bag can't be written, or exists already.
    """
    bag_folder = folder / f"t3_{thread_id}"
    if bag_folder.exists():
        raise errors.StoreError(
            f"{bag_folder} exists already", "Choose another folder, or remove it."
        )
    snapshots = store.load_snapshots(root, thread_id)
    if not snapshots:
        raise errors.NotArchivedError(
            f"the archive {root.absolute()} has no thread {thread_id}",
            "`archive list` shows what it holds.",
        )
    _require_redacted(root, thread_id)
    other_files = _list_other_files(root, thread_id, snapshots)
    durable_files.make_folder(folder)
    with (
        durable_files.translate_os_errors(bag_folder),
        temp_files.create_temp_folder(folder) as temp_folder,
    ):
        _write_files(root, thread_id, other_files, temp_folder)
        temp_folder.rename(bag_folder)
        durable_files.sync_folder(folder)
    return bag_folder


def _require_redacted(root: Path, thread_id: str) -> None:
    """Raise RedactionIncompleteError if a snapshot contains what was redacted: a bag has its bytes.

    Such a snapshot was copied into the archive.
    """
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    if not ledger.post_levels and not scan.read_levels(root, thread_id):
        return
    paths, _ = scan.find_unredacted_files(root, thread_id, ledger.post_levels)
    if paths:
        raise errors.RedactionIncompleteError(
            f"{paths[0]} contains what was redacted in this archive",
            "Run `archive redact --finish` to remove it, and export the bag then.",
        )


def _list_other_files(root: Path, thread_id: str, snapshots: Sequence[Snapshot]) -> list[Path]:
    """Return a thread's other files: pictures and the log of checks."""
    media_paths = {
        layout.media_path(snapshot.path, media)
        for snapshot in snapshots
        for media in snapshot.capture.media
    }
    log_path = layout.thread_folder(root, thread_id) / check_log.FILE_NAME
    return [*sorted(media_paths), *([log_path] if log_path.is_file() else [])]


def _iter_payload(
    root: Path, thread_id: str, other_files: list[Path]
) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bytes of all files; snapshots without the viewer's fields."""
    yield "ARCHIVE", f"{snapshot_format.FORMAT}\n".encode()
    headers = thread_headers.read_headers(root, thread_id)
    for stripped in redact.strip_viewer_fields(
        (header, _read_intact(header.path)) for header in headers
    ):
        yield f"threads/t3_{thread_id}/{stripped.file_name}", stripped.data
    for path in other_files:
        yield path.relative_to(root).as_posix(), _read_intact(path)


def _write_files(root: Path, thread_id: str, other_files: list[Path], bag_folder: Path) -> None:
    manifest_lines, size = [], 0
    for name, data in _iter_payload(root, thread_id, other_files):
        manifest_lines.append(_write_file(data, bag_folder, f"data/{name}"))
        size += len(data)
    info = {
        "Bag-Software-Agent": f"reddit-archive {__version__}",
        "Bagging-Date": f"{capture.utc_now():%Y-%m-%d}",
        "External-Identifier": f"t3_{thread_id}",
        "Payload-Oxum": f"{size}.{len(manifest_lines)}",
    }
    info_text = "".join(f"{key}: {value}\n" for key, value in info.items())
    tag_texts = (DECLARATION, info_text, "".join(manifest_lines))
    tag_manifest_lines = [
        _write_file(text.encode(), bag_folder, name)
        for name, text in zip(TAG_FILES, tag_texts, strict=True)
    ]
    _write_file("".join(tag_manifest_lines).encode(), bag_folder, "tagmanifest-sha256.txt")


def _write_file(data: bytes, bag_folder: Path, name: str) -> str:
    """Write a file of a bag, and return its line in a manifest."""
    durable_files.write_once(data, bag_folder / name, tmp=bag_folder)
    return f"{hashlib.sha256(data).hexdigest()}  {name}\n"


def _read_intact(path: Path) -> bytes:
    with snapshot_format.translate_read_errors(path):
        data = regular_files.read_bytes(path)
    if path.suffix != ".log" and hashlib.sha256(data).hexdigest() not in path.name:
        raise errors.DamageFoundError(
            f"{path} is damaged", "`archive verify` lists all damaged files."
        )
    return data
