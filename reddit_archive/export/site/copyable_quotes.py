"""The quote of each comment, the same bytes as `archive quote THREAD --comment ID` prints.

The heading and the post stand in all of them, so that they are kept once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from reddit_archive import quote
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Manner, Selection, Style, renderer
from reddit_archive.quote.layout import Item
from reddit_archive.quote.style import PLAIN

TEXT_FIELDS = ("selftext", "selftext_html", "crosspost_parent_list", "gallery_data", "poll_data")


@dataclass(frozen=True, slots=True)
class Quoting:
    """How quotes are written: what config.yaml says of them."""

    target: str = "markdown"
    style: Style = PLAIN
    deepest: int | None = None
    is_literal: bool = False
    embeds: bool = False


class Quotes:
    """Writes the quotes of one thread.

    Each comment is written by itself, for the post would take as long again every time. What stands
    between the two is found out from a whole quote, once for each depth.
    """

    def __init__(
        self,
        thread: Thread,
        quoting: Quoting,
        *,
        pictures: Mapping[str, str] | None,
        at: datetime,
        seen: Mapping[str, datetime],
    ) -> None:
        self._thread, self._quoting = thread, quoting
        self._manner = Manner(quoting.target, quoting.style, quoting.is_literal, pictures, at, seen)
        self._between: dict[tuple[int, bool], str | None] = {}
        self._places: dict[bool, list[Item]] = {}
        self._whole = self._render(thread, Selection())
        self.start = self._open(self._whole)
        self._post = _without_text(thread.post)
        bare = Thread(thread.id, self._post, (), (), heading=thread.heading)
        self._bare = self._open(self._render(bare, Selection()))

    def whole(self) -> str:
        """Give the quote of the post alone."""
        return self._whole

    def ending(self, comment: Comment) -> str:
        """Give what follows `start` in the quote of a comment."""
        own = self._placed(comment)
        written = renderer.write(own, self._thread, self._manner) + "\n"
        place = own[0].depth, own[0].said is None
        if place not in self._between:
            whole = self._alone(comment)
            assert whole.startswith(self._bare)
            ending = whole[len(self._bare) :]
            is_apart = ending.endswith(written)
            self._between[place] = ending.removesuffix(written) if is_apart else None
        between = self._between[place]
        if between is None:  # a quote that encloses its answers
            return self._alone(comment)[len(self._bare) :]
        return between + written

    def _placed(self, comment: Comment) -> list[Item]:
        """Lay out a comment without those around it: that differs by whether it answers one."""
        is_answer = comment.parent.startswith("t1_")
        if is_answer not in self._places:
            alone = self._with(comment)
            wanted, deepest = Selection((comment.id,)), self._quoting.deepest
            items = quote.items(alone, wanted, target=self._quoting.target, deepest=deepest)
            own = [item for item in items if not isinstance(item.said, Post)]
            self._places[is_answer] = own
        return [
            item if item.said is None else Item(item.depth, comment)
            for item in self._places[is_answer]
        ]

    def _alone(self, comment: Comment) -> str:
        return self._render(self._with(comment), Selection((comment.id,)))

    def _with(self, comment: Comment) -> Thread:
        """Return a thread with only this comment and the same heading."""
        heading = self._thread.heading
        return Thread(self._thread.id, self._post, (comment,), (), heading=heading)

    def _open(self, written: str) -> str:
        """Cut off what a longer quote goes on before: in HTML, the end of the post's blockquote."""
        end = "</blockquote>" if self._quoting.target == "html" else ""
        return written.removesuffix("\n").removesuffix(end)

    def _render(self, thread: Thread, selection: Selection) -> str:
        return quote.render(
            thread,
            selection,
            target=self._manner.target,
            style=self._manner.style,
            deepest=self._quoting.deepest,
            is_literal=self._manner.is_literal,
            pictures=self._manner.pictures,
            at=self._manner.at,
            seen=self._manner.seen,
        )


def _without_text(post: Post | None) -> Post | None:
    """The same post, of which only the author line is left."""
    if post is None:
        return None
    raw = {key: value for key, value in post.raw.items() if key not in TEXT_FIELDS}
    return replace(post, raw={**raw, "is_self": True})
