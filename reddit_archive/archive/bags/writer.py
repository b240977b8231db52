"""A bag, written: a thread's files, what checks them, and what checks that."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from reddit_archive import __version__, errors
from reddit_archive.archive import check_log, redact, snapshot_format, store
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.files import drafts, durable_files, regular_files
from reddit_archive.model import capture

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_FILES = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt")


def export(root: Path, thread_id: str, folder: Path) -> Path:
    """Write a thread as the bag `folder`/t3_<id>, whole or not at all. Raises DamageFound."""
    final = folder / f"t3_{thread_id}"
    if final.exists():
        raise errors.StoreError(f"{final} is there already", "Give another folder, or remove it.")
    shots = store.snapshots(root, thread_id)
    if not shots:
        raise errors.NotArchived(
            f"the archive {root.absolute()} holds no thread {thread_id}",
            "`archive list` shows what it holds.",
        )
    beside = _beside(root, thread_id, shots)
    durable_files.make_folder(folder)
    with durable_files.explained(final), drafts.draft_folder(folder) as draft:
        _write(root, thread_id, beside, draft)
        draft.rename(final)
        durable_files.sync_folder(folder)
    return final


def _beside(root: Path, thread_id: str, shots: Sequence[Snapshot]) -> list[Path]:
    """Return a thread's other files: pictures and the log of checks."""
    media = {store.media_path(shot.path, each) for shot in shots for each in shot.capture.media}
    log = store.thread_folder(root, thread_id) / check_log.NAME
    return [*sorted(media), *([log] if log.is_file() else [])]


def _payload(root: Path, thread_id: str, beside: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bytes of all files; snapshots without the viewer's fields."""
    yield "ARCHIVE", f"{snapshot_format.FORMAT}\n".encode()
    heads = store.heads(root, thread_id)
    for found in redact.strip((head, _whole(head.path)) for head in heads):
        yield f"threads/t3_{thread_id}/{found.name}", found.data
    for path in beside:
        yield path.relative_to(root).as_posix(), _whole(path)


def _write(root: Path, thread_id: str, beside: list[Path], bag: Path) -> None:
    lines, size = [], 0
    for name, data in _payload(root, thread_id, beside):
        lines.append(_publish(data, bag, f"data/{name}"))
        size += len(data)
    info = {
        "Bag-Software-Agent": f"reddit-archive {__version__}",
        "Bagging-Date": f"{capture.now():%Y-%m-%d}",
        "External-Identifier": f"t3_{thread_id}",
        "Payload-Oxum": f"{size}.{len(lines)}",
    }
    about = "".join(f"{key}: {value}\n" for key, value in info.items())
    texts = (DECLARATION, about, "".join(lines))
    tags = [_publish(text.encode(), bag, name) for name, text in zip(TAG_FILES, texts, strict=True)]
    _publish("".join(tags).encode(), bag, "tagmanifest-sha256.txt")


def _publish(data: bytes, bag: Path, name: str) -> str:
    """Write a file of a bag; give its line in a manifest."""
    durable_files.publish(data, bag / name, tmp=bag)
    return f"{hashlib.sha256(data).hexdigest()}  {name}\n"


def _whole(path: Path) -> bytes:
    with snapshot_format.reading(path):
        data = regular_files.read_bytes(path)
    if path.suffix != ".log" and hashlib.sha256(data).hexdigest() not in path.name:
        raise errors.DamageFound(f"{path} is damaged", "`archive verify` lists every damage.")
    return data
