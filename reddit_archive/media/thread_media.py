"""Download the media of a thread, each once, and store them under their SHA-256.

A failed download is a result with a reason; it never prevents saving the thread.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import snapshot_format, store
from reddit_archive.files import durable_files, planted_links
from reddit_archive.media import download, file_types, video
from reddit_archive.media.discover import MediaItem
from reddit_archive.media.download import MediaLimits
from reddit_archive.media.host_policy import DownloadRefusedError, HostPolicy, HostUnreachableError
from reddit_archive.model.capture import MissingMedia, StoredMedia

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SavedMedia:
    """The media that are stored, and those that are missing."""

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
    """Download and store media durably. A URL that an earlier snapshot contains is not repeated.

    Args:
        root: The archive.
        thread_id: The thread that shows the media.
        media_items: The media, from `find_media`.
        on_status: Called with a sentence for each reason of failures.
        limits: Limits of size and time.
        policy: The hosts that may be asked. Only tests change it.

    Raises:
        StoreError: The archive can't be read.
        InvalidReferenceError: The thread ID is invalid.
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


class _MediaFetcher:
    """Downloads media into one thread's folder, within the limits for the thread."""

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
        """Download and store an item, unless it is stored or has failed before."""
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
            raise DownloadRefusedError("the limit for one thread's media is reached")
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
            raise DownloadRefusedError("the file is not a picture or video of a known type")
        name = f"{hashlib.sha256(data).hexdigest()}.{extension}"
        durable_files.write_once(data, self._folder / name, tmp=self._tmp)
        return StoredMedia(url, name, len(data), of="")


def _find_stored(root: Path, thread_id: str, urls: set[str]) -> dict[str, StoredMedia]:
    """Return the stored media with these URLs. The last snapshot usually has all of them."""
    stored: dict[str, StoredMedia] = {}
    folder = store.thread_folder(root, thread_id) / store.MEDIA_FOLDER
    known_media = _iter_known_media(root, thread_id)
    while not stored.keys() >= urls and (media_of_snapshots := next(known_media, None)) is not None:
        for media in media_of_snapshots:
            if media.url in urls and (folder / media.name).is_file():
                stored.setdefault(media.url, media)
    return stored


def _iter_known_media(root: Path, thread_id: str) -> Iterator[Sequence[StoredMedia]]:
    """Yield the media of a thread's snapshots, newest first; those of earlier ones on demand."""
    headers = store.read_headers(root, thread_id)
    for header in headers[:-2:-1]:
        yield _load_media(header.path)
    if len(headers) > 1:
        from reddit_archive.archive.index import resume  # 6 ms, with SQLite

        proven_media = resume.find_proven_media(root, thread_id)
        if proven_media is not None:
            yield proven_media
            return
    for header in headers[-2::-1]:
        yield _load_media(header.path)


def _load_media(path: Path) -> Sequence[StoredMedia]:
    try:
        return snapshot_format.load(path).capture.media
    except errors.ArchiveError:  # `verify` reports it; here it only costs a download
        return ()


def _report_failures(failures: Mapping[str, str], on_status: Callable[[str], None]) -> None:
    by_reason: dict[str, list[str]] = {}
    for url, reason in failures.items():
        by_reason.setdefault(reason, []).append(url)
    for reason, urls in by_reason.items():
        others = f" and {len(urls) - 1} more" if urls[1:] else ""
        on_status(f"Not saved: {urls[0]}{others}: {reason}.")
