"""Render the quote of each comment, identical to the output of `archive quote -c ID THREAD`.

All quotes of a thread are in one script, which its page loads when a reader copies the first one.
In the page they would be half of its size. All begin with the heading and the post, which are
stored only once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from reddit_archive import quote
from reddit_archive.export.site import data_scripts
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread
from reddit_archive.quote import RenderContext, Selection, Style, renderer
from reddit_archive.quote.layout import QuoteItem
from reddit_archive.quote.style import PLAIN_STYLE

QUOTES_FOLDER = "quotes"
CONTENT_FIELDS = ("selftext", "selftext_html", "crosspost_parent_list", "gallery_data", "poll_data")


def get_quotes_path(thread_id: str) -> str:
    """Return the path of a thread's quotes in the site."""
    return f"{QUOTES_FOLDER}/t3_{thread_id}.js"


@dataclass(frozen=True, slots=True)
class QuoteFormat:
    """The format of quotes, from config.yaml."""

    target: str = "markdown"
    style: Style = PLAIN_STYLE
    max_depth: int | None = None
    is_literal: bool = False
    has_embedded_images: bool = False


class QuoteWriter:
    """Renders the quotes of one thread.

    Each comment is rendered alone, because rendering the post every time would be slow. The text
    between post and comment is taken from one complete quote for each depth.
    """

    def __init__(
        self,
        thread: Thread,
        quote_format: QuoteFormat,
        *,
        image_sources: Mapping[str, str] | None,
        captured_at: datetime,
        last_seen: Mapping[str, datetime],
    ) -> None:
        self._thread, self._quote_format = thread, quote_format
        self._context = RenderContext(
            quote_format.target,
            quote_format.style,
            quote_format.is_literal,
            image_sources,
            captured_at,
            last_seen,
        )
        self._separators: dict[tuple[int, bool], str | None] = {}
        self._layouts: dict[bool, list[QuoteItem]] = {}
        self._post_quote = self._render(thread, Selection())
        self._common_start = self._strip_end(self._post_quote)
        self._post_without_text = _remove_text(thread.post)
        bare_thread = Thread(
            thread.id, self._post_without_text, (), (), fallback_post=thread.post_metadata
        )
        self._bare_start = self._strip_end(self._render(bare_thread, Selection()))

    def build_script(self) -> bytes:
        """Return the call of `archiveQuotes` in script.js with the quotes by fullname.

        The quotes of comments follow the common start, the quote of the post is complete.
        """
        quotes = {f"t3_{self._thread.id}": self._post_quote}
        for comment in self._thread.comments.values():
            quotes[comment.fullname] = self._render_ending(comment)
        call = data_scripts.build_call("archiveQuotes", self._common_start, quotes)
        return f"{call}\n".encode()

    def _render_ending(self, comment: Comment) -> str:
        """Return what follows the common start in the quote of a comment."""
        items = self._lay_out_comment(comment)
        rendered = renderer.render_items(items, self._thread, self._context) + "\n"
        layout_key = items[0].depth, items[0].content is None
        if layout_key not in self._separators:
            full_quote = self._render_comment(comment)
            assert full_quote.startswith(self._bare_start)
            ending = full_quote[len(self._bare_start) :]
            is_separate = ending.endswith(rendered)
            self._separators[layout_key] = ending.removesuffix(rendered) if is_separate else None
        separator = self._separators[layout_key]
        if separator is None:  # in HTML a quote encloses its replies
            return self._render_comment(comment)[len(self._bare_start) :]
        return separator + rendered

    def _lay_out_comment(self, comment: Comment) -> list[QuoteItem]:
        """Lay out a comment alone. The layout depends only on whether it replies to a comment."""
        is_reply = comment.parent_fullname.startswith("t1_")
        if is_reply not in self._layouts:
            comment_thread = self._build_comment_thread(comment)
            selection, max_depth = Selection((comment.id,)), self._quote_format.max_depth
            items = quote.build_items(
                comment_thread, selection, target=self._quote_format.target, max_depth=max_depth
            )
            comment_items = [item for item in items if not isinstance(item.content, Post)]
            self._layouts[is_reply] = comment_items
        return [
            item if item.content is None else QuoteItem(item.depth, comment)
            for item in self._layouts[is_reply]
        ]

    def _render_comment(self, comment: Comment) -> str:
        return self._render(self._build_comment_thread(comment), Selection((comment.id,)))

    def _build_comment_thread(self, comment: Comment) -> Thread:
        """Return a thread with only this comment and the same heading."""
        heading = self._thread.post_metadata
        return Thread(
            self._thread.id, self._post_without_text, (comment,), (), fallback_post=heading
        )

    def _strip_end(self, rendered: str) -> str:
        """Remove what only ends a quote without comments: in HTML, the post's closing tag."""
        end_tag = "</blockquote>" if self._context.dialect.output == "html" else ""
        return rendered.removesuffix("\n").removesuffix(end_tag)

    def _render(self, thread: Thread, selection: Selection) -> str:
        return quote.render(
            thread,
            selection,
            target=self._context.target,
            style=self._context.style,
            max_depth=self._quote_format.max_depth,
            is_literal=self._context.is_literal,
            image_sources=self._context.image_sources,
            captured_at=self._context.captured_at,
            last_seen=self._context.last_seen,
        )


def _remove_text(post: Post | None) -> Post | None:
    """Return the post with only its author line."""
    if post is None:
        return None
    raw = {key: value for key, value in post.raw.items() if key not in CONTENT_FIELDS}
    return replace(post, raw={**raw, "is_self": True})
