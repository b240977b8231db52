"""Pictures and videos of a thread: find them, download each once, store it under its SHA-256.

Downloads use only https, Reddit's own hosts, and public addresses (behind a proxy only the proxy
knows the addresses), and have limits of size and time.

    find_media(things) -> MediaItems     find_files(snapshots) -> paths
    thread_media.save(…) -> SavedMedia
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from reddit_archive.archive import store
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.media.discover import MediaItem, find_media, list_picture_urls

__all__ = ["MediaItem", "find_files", "find_media", "list_picture_urls"]


def find_files(snapshots: Iterable[Snapshot]) -> Mapping[str, Path]:
    """Return the paths of the media that snapshots name, by URL. Missing files are left out."""
    paths_by_url = {
        media.url: store.media_path(snapshot.path, media)
        for snapshot in snapshots
        for media in snapshot.capture.media
    }
    return {url: path for url, path in paths_by_url.items() if path.is_file()}
