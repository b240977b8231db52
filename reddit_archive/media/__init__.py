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
from reddit_archive.media.discover import Wanted, wanted
from reddit_archive.media.download import Limits
from reddit_archive.media.host_policy import Allowed, Refused, Unreachable
from reddit_archive.model.capture import Media, MediaGap

__all__ = ["Allowed", "Limits", "Saved", "Wanted", "find", "save", "wanted"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saved:
    """What is stored of the wanted, and what could not be had: one of both for each."""

    media: tuple[Media, ...]
    gaps: tuple[MediaGap, ...]


def save(
    root: Path,
    thread_id: str,
    wanted: Iterable[Wanted],
    *,
    say: Callable[[str], None],
    limits: Limits | None = None,
    allowed: Allowed | None = None,
) -> Saved:
    """Store each wanted picture durably, unless an earlier snapshot has its address already.

    Failures are results; `say` is told of them. Raises StoreError for an archive that can't be
    read, BadReference.
    """
    items = tuple(wanted)
    stored = _stored(root, thread_id, {item.url for item in items})
    fetcher = _Fetcher(root, thread_id, stored, limits or Limits(), allowed or Allowed())
    for item in items:
        fetcher.fetch(item)
    _tell(fetcher.failed, say)
    media = [
        replace(stored[item.url], of=item.of, caption=item.caption)
        for item in items
        if item.url in stored
    ]
    gaps = [
        MediaGap(item.url, fetcher.failed[item.url], item.of)
        for item in items
        if item.url in fetcher.failed
    ]
    return Saved(tuple(media), tuple(gaps))


def find(snapshots: Iterable[Snapshot]) -> Mapping[str, Path]:
    """Tell where the pictures that snapshots name lie, by address; a missing file is left out."""
    found = {
        media.url: store.media_path(shot.path, media)
        for shot in snapshots
        for media in shot.capture.media
    }
    return {url: path for url, path in found.items() if path.is_file()}


class _Fetcher:
    """Fetches into one thread's folder, and knows how much it may still."""

    def __init__(
        self, root: Path, thread_id: str, stored: dict[str, Media], limits: Limits, allowed: Allowed
    ) -> None:
        self.failed: dict[str, str] = {}
        self._down: dict[str | None, str] = {}
        self._stored = stored
        self._tmp = root / "tmp"
        thread_folder = store.thread_folder(root, thread_id)
        planted_links.check(self._tmp)
        planted_links.check_thread(thread_folder)
        self._folder = thread_folder / store.MEDIA_FOLDER
        self._limits, self._allowed = limits, allowed
        sizes = {media.name: media.size_bytes for media in stored.values()}
        self._bytes_left = limits.thread_bytes - sum(sizes.values())
        self._ends_at = time.monotonic() + limits.thread_seconds

    def fetch(self, item: Wanted) -> None:
        """Fetch it, unless it is here or has failed before."""
        if item.url in self._stored or item.url in self.failed:
            return
        try:
            data = self._get(item)
            self._bytes_left -= len(data)
            self._stored[item.url] = self._keep(item.url, data)
            log.debug("%d bytes of media for %s", len(data), item.of)
        except Unreachable as down:
            self._down[down.host] = self.failed[item.url] = str(down)
        except Refused as refused:
            self.failed[item.url] = str(refused)
        except errors.ArchiveError as error:
            self.failed[item.url] = error.message

    def _get(self, item: Wanted) -> bytes:
        if why := self._down.get(self._allowed.check(item.url).hostname):
            raise Refused(why)
        seconds_left = self._ends_at - time.monotonic()
        if self._bytes_left <= 0 or seconds_left <= 0:
            raise Refused("the thread's pictures are more than is allowed")
        limits = replace(
            self._limits,
            file_bytes=min(self._limits.file_bytes, self._bytes_left),
            file_seconds=min(self._limits.file_seconds, seconds_left),
        )
        if item.is_video:
            return video.fetch(item.manifest, allowed=self._allowed, limits=limits, tmp=self._tmp)
        return download.get(item.url, allowed=self._allowed, limits=limits)

    def _keep(self, url: str, data: bytes) -> Media:
        extension = file_types.extension(data)
        if extension is None:
            raise Refused("what came is no picture or video of a known kind")
        name = f"{hashlib.sha256(data).hexdigest()}.{extension}"
        durable_files.publish(data, self._folder / name, tmp=self._tmp)
        return Media(url, name, len(data), of="")


def _stored(root: Path, thread_id: str, urls: set[str]) -> dict[str, Media]:
    """Find what is here of these addresses; the last snapshot has all of it, as a rule."""
    found: dict[str, Media] = {}
    for head in reversed(store.heads(root, thread_id)):
        if found.keys() >= urls:
            break
        try:
            shot = snapshot_format.load(head.path)
        except errors.ArchiveError:  # `verify` tells; here it only costs a request
            continue
        for media in shot.capture.media:
            if media.url in urls and store.media_path(shot.path, media).is_file():
                found.setdefault(media.url, media)
    return found


def _tell(failed: Mapping[str, str], say: Callable[[str], None]) -> None:
    by_reason: dict[str, list[str]] = {}
    for url, why in failed.items():
        by_reason.setdefault(why, []).append(url)
    for why, urls in by_reason.items():
        more = f" and {len(urls) - 1} more" if urls[1:] else ""
        say(f"Not saved: {urls[0]}{more}: {why}.")
