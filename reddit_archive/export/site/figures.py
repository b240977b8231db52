"""The pictures and videos on a thread's page: copies in the site, or links if there is no copy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reddit_archive import media
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.export.site import safe_html
from reddit_archive.model.content import Post

MEDIA_FOLDER = "media"
VIDEO_SUFFIX = ".mp4"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture or video. `path` is its copy, relative to the page; None if there is no copy."""

    path: str | None
    is_video: bool
    caption: str
    label: str
    link: Markup


class ThreadMedia:
    """The stored media of a thread, by URL."""

    def __init__(self, snapshots: Sequence[Snapshot], pseudonymize: Callable[[Any], Any]) -> None:
        self.paths: Mapping[str, Path] = media.find_files(snapshots)
        self.image_paths = {
            url: _build_relative_path(path)
            for url, path in self.paths.items()
            if path.suffix != VIDEO_SUFFIX
        }
        self.image_paths |= {
            page: self.image_paths[url]
            for page, url in _list_picture_urls(snapshots).items()
            if url in self.image_paths
        }
        self._pseudonymize = pseudonymize
        self._snapshots = snapshots
        self._captions_by_owner: dict[str, dict[str, str]] = {}
        for snapshot in snapshots:
            for item in snapshot.capture.media:
                self._captions_by_owner.setdefault(item.of, {})[item.url] = item.caption

    @property
    def embeddable_images(self) -> Mapping[str, str]:
        """The URLs that a quote may embed as pictures from Reddit's hosts."""
        return _list_picture_urls(self._snapshots)

    def build_gallery(self, post: Post) -> tuple[Figure, ...]:
        images = post.gallery_images
        return tuple(
            self._build_figure(
                image.url,
                image.caption,
                f"Picture {number} of {len(images)}" + " (not available)" * (not image.url),
                image.outbound_url,
            )
            for number, image in enumerate(images, 1)
        )

    def build_other_figures(
        self, fullname: str, html: str, excluded_urls: frozenset[str]
    ) -> tuple[Figure, ...]:
        """Return figures for stored media that are not in the text or in `excluded_urls`."""
        figures: dict[str, Figure] = {}
        for url, caption in self._captions_by_owner.get(fullname, {}).items():
            path = self.paths.get(url)
            if (
                path is not None
                and url not in excluded_urls
                and _build_relative_path(path) not in html
            ):
                label = "Video" if path.suffix == VIDEO_SUFFIX else "Picture"
                figures.setdefault(
                    _build_relative_path(path), self._build_figure(url, caption, label)
                )
        return tuple(figures.values())

    def _build_figure(self, url: str, caption: str, label: str, outbound_url: str = "") -> Figure:
        path = self.paths.get(url)
        link = safe_html.build_link(label, url)
        if outbound_url:
            link += Markup(" · ") + safe_html.build_link(outbound_url, outbound_url)
        return Figure(
            _build_relative_path(path) if path else None,
            path is not None and path.suffix == VIDEO_SUFFIX,
            safe_html.to_single_line(self._pseudonymize(caption)),
            label,
            link,
        )


def _list_picture_urls(snapshots: Sequence[Snapshot]) -> Mapping[str, str]:
    return media.list_picture_urls(thing for each in snapshots for thing in each.capture.things)


def _build_relative_path(path: Path) -> str:
    """Return the path of a copy, relative to a thread's page."""
    return f"../{MEDIA_FOLDER}/{path.name}"
