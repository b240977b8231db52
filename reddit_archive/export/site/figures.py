"""The pictures and videos of a thread on its page: copies that lie beside it, or else links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reddit_archive import media
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.export.site import safe_html
from reddit_archive.model.content import Post

FOLDER = "media"
VIDEO = ".mp4"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture or video; `source` is its copy's place, None where only `link` is known."""

    source: str | None
    is_video: bool
    caption: str
    label: str
    link: Markup


class Pictures:
    """What is kept of a thread's pictures, by address."""

    def __init__(self, shots: Sequence[Snapshot], rename: Callable[[Any], Any]) -> None:
        self.paths: Mapping[str, Path] = media.find(shots)
        self.shown = {url: _place(path) for url, path in self.paths.items() if path.suffix != VIDEO}
        self._rename = rename
        self._shots = shots
        self._of: dict[str, dict[str, str]] = {}
        for shot in shots:
            for item in shot.capture.media:
                self._of.setdefault(item.of, {})[item.url] = item.caption

    @property
    def embeddable(self) -> Mapping[str, str]:
        """The addresses that a quote may show as pictures from Reddit's hosts."""
        things = (thing for shot in self._shots for thing in shot.capture.things)
        return {item.url: item.url for item in media.wanted(things) if not item.is_video}

    def gallery(self, post: Post) -> tuple[Figure, ...]:
        pictures = post.pictures
        return tuple(
            self._figure(picture.url, picture.caption, f"Picture {number} of {len(pictures)}")
            for number, picture in enumerate(pictures, 1)
        )

    def beside(self, fullname: str, html: str, others: frozenset[str]) -> tuple[Figure, ...]:
        """Give what a post or comment shows and that stands neither in its text nor in `others`."""
        found: dict[str, Figure] = {}
        for url, caption in self._of.get(fullname, {}).items():
            path = self.paths.get(url)
            if path is not None and url not in others and _place(path) not in html:
                kind = "Video" if path.suffix == VIDEO else "Picture"
                found.setdefault(_place(path), self._figure(url, caption, kind))
        return tuple(found.values())

    def _figure(self, url: str, caption: str, label: str) -> Figure:
        path = self.paths.get(url)
        return Figure(
            _place(path) if path else None,
            path is not None and path.suffix == VIDEO,
            safe_html.line(self._rename(caption)),
            label,
            safe_html.link(label, url),
        )


def _place(path: Path) -> str:
    """Where a copy lies, as seen from a thread's page."""
    return f"../{FOLDER}/{path.name}"
