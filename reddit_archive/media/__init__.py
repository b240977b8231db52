"""Pictures and videos of a thread: what it shows, fetched once, stored under their SHA-256.

What can't be had is a result, with why, and never costs the thread. Only https, only Reddit's own
hosts, only public addresses (behind a proxy, only the proxy knows these), within limits.

    wanted(things) -> what is shown        save(…) -> Saved        find(snapshots) -> where it lies
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import snapshot_format, store
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.files import durable_files, planted_links
from reddit_archive.media import download, file_types, video
from reddit_archive.media.discover import MediaItem, find_media
from reddit_archive.media.download import MediaLimits
from reddit_archive.media.host_policy import DownloadRefusedError, HostPolicy, HostUnreachableError
from reddit_archive.model.capture import MissingMedia, StoredMedia

__all__ = [
    "HostPolicy",
    "MediaItem",
    "MediaLimits",
    "SavedMedia",
    "find_files",
    "find_media",
    "save",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SavedMedia:
    """What is stored of the wanted, and what could not be had: one of both for each."""

    media: tuple[StoredMedia, ...]
    missing: tuple[MissingMedia, ...]


def save(
    root: Path,
    thread_id: str,
    media_items: Iterable[MediaItem],
    *,
    on_status: Callable[[str], None],
    limits: MediaLimits | None = None,
    policy: HostPolicy | None = None,
) -> SavedMedia:
    """Store each wanted picture durably, unless an earlier snapshot has its address already.

    Failures are results; `say` is told of them. Raises StoreError for an archive that can't be
    read, BadReference.
    """
    items = tuple(media_items)
    stored = _find_stored(root, thread_id, {item.url for item in items})
    fetcher = _MediaFetcher(
        root, thread_id, stored, limits or MediaLimits(), policy or HostPolicy()
    )
    for item in items:
        fetcher.fetch(item)
    _report_failures(fetcher.failures, on_status)
    media = [
        replace(stored[item.url], of=item.owner, caption=item.caption)
        for item in items
        if item.url in stored
    ]
    missing = [
        MissingMedia(item.url, fetcher.failures[item.url], item.owner)
        for item in items
        if item.url in fetcher.failures
    ]
    return SavedMedia(tuple(media), tuple(missing))


def find_files(snapshots: Iterable[Snapshot]) -> Mapping[str, Path]:
    """Tell where the pictures that snapshots name lie, by address; a missing file is left out."""
    paths_by_url = {
        media.url: store.media_path(snapshot.path, media)
        for snapshot in snapshots
        for media in snapshot.capture.media
    }
    return {url: path for url, path in paths_by_url.items() if path.is_file()}


class _MediaFetcher:
    """Fetches into one thread's folder, and knows how much it may still."""

    def __init__(
        self,
        root: Path,
        thread_id: str,
        stored: dict[str, StoredMedia],
        limits: MediaLimits,
        policy: HostPolicy,
    ) -> None:
        self.failures: dict[str, str] = {}
        self._unreachable_hosts: dict[str | None, str] = {}
        self._stored = stored
        self._tmp = root / "tmp"
        thread_folder = store.thread_folder(root, thread_id)
        planted_links.check(self._tmp)
        planted_links.check_thread(thread_folder)
        self._folder = thread_folder / store.MEDIA_FOLDER
        self._limits, self._policy = limits, policy
        sizes = {media.name: media.size_bytes for media in stored.values()}
        self._bytes_left = limits.thread_bytes - sum(sizes.values())
        self._deadline = time.monotonic() + limits.thread_seconds

    def fetch(self, item: MediaItem) -> None:
        """Fetch it, unless it is here or has failed before."""
        if item.url in self._stored or item.url in self.failures:
            return
        try:
            data = self._download(item)
            self._bytes_left -= len(data)
            self._stored[item.url] = self._store(item.url, data)
            log.debug("%d bytes of media for %s", len(data), item.owner)
        except HostUnreachableError as unreachable:
            self._unreachable_hosts[unreachable.host] = self.failures[item.url] = str(unreachable)
        except DownloadRefusedError as refused:
            self.failures[item.url] = str(refused)
        except errors.ArchiveError as error:
            self.failures[item.url] = error.message

    def _download(self, item: MediaItem) -> bytes:
        if reason := self._unreachable_hosts.get(self._policy.check(item.url).hostname):
            raise DownloadRefusedError(reason)
        seconds_left = self._deadline - time.monotonic()
        if self._bytes_left <= 0 or seconds_left <= 0:
            raise DownloadRefusedError("the thread's pictures are more than is allowed")
        limits = replace(
            self._limits,
            file_bytes=min(self._limits.file_bytes, self._bytes_left),
            file_seconds=min(self._limits.file_seconds, seconds_left),
        )
        if item.is_video:
            return video.fetch(item.manifest_url, policy=self._policy, limits=limits, tmp=self._tmp)
        return download.fetch(item.url, policy=self._policy, limits=limits)

    def _store(self, url: str, data: bytes) -> StoredMedia:
        extension = file_types.detect_extension(data)
        if extension is None:
            raise DownloadRefusedError("what came is no picture or video of a known kind")
        name = f"{hashlib.sha256(data).hexdigest()}.{extension}"
        durable_files.write_once(data, self._folder / name, tmp=self._tmp)
        return StoredMedia(url, name, len(data), of="")


def _find_stored(root: Path, thread_id: str, urls: set[str]) -> dict[str, StoredMedia]:
    """Find what is here of these addresses; the last snapshot has all of it, as a rule."""
    stored: dict[str, StoredMedia] = {}
    for header in reversed(store.read_headers(root, thread_id)):
        if stored.keys() >= urls:
            break
        try:
            snapshot = snapshot_format.load(header.path)
        except errors.ArchiveError:  # `verify` tells; here it only costs a request
            continue
        for media in snapshot.capture.media:
            if media.url in urls and store.media_path(snapshot.path, media).is_file():
                stored.setdefault(media.url, media)
    return stored


def _report_failures(failures: Mapping[str, str], on_status: Callable[[str], None]) -> None:
    by_reason: dict[str, list[str]] = {}
    for url, reason in failures.items():
        by_reason.setdefault(reason, []).append(url)
    for reason, urls in by_reason.items():
        others = f" and {len(urls) - 1} more" if urls[1:] else ""
        on_status(f"Not saved: {urls[0]}{others}: {reason}.")
