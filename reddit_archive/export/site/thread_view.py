"""Build the view of a thread for its page: the post, and the comments as a list with depths."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import quote as percent_encode

from markupsafe import Markup

from reddit_archive import history
from reddit_archive.archive import pseudonyms
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.export.site import revisions, safe_html
from reddit_archive.export.site.copyable_quotes import (
    QuoteFormat,
    QuoteWriter,
    get_quotes_path,
)
from reddit_archive.export.site.figures import ThreadMedia
from reddit_archive.export.site.revisions import PostOrComment, Revision
from reddit_archive.export.site.view_models import (
    AuthorView,
    CommentView,
    CrosspostParentView,
    ItemView,
    PostHeaderView,
    ThreadView,
)
from reddit_archive.history import ThreadHistory, item_texts
from reddit_archive.history.timeline import ItemTimeline
from reddit_archive.model.capture import MissingComments
from reddit_archive.model.content import REDDIT_URL, Comment, Post
from reddit_archive.model.json_fields import get_str
from reddit_archive.model.source_info import SAVED_PAGE, SOURCES
from reddit_archive.model.thread import Thread

MAX_DEPTH = 20
"""Deeper comments are not nested; browsers limit nesting to 512 elements."""
REPLY_LABEL_DEPTH = 8
"""Deeper comments name their parent, because the indentation no longer shows it."""
MAX_COMMENTS = 100_000
"""Of a larger thread a page shows the first comments: more take a browser minutes to open."""
TEXT_FIELDS = ("body", "body_html", "selftext", "selftext_html")


class ThreadViewBuilder:
    """Builds the view of one thread from all snapshots. With a key, pseudonyms replace names."""

    def __init__(
        self,
        thread_id: str,
        snapshots: Sequence[Snapshot],
        quote_format: QuoteFormat,
        pseudonym_key: bytes | None,
    ) -> None:
        captures = [snapshot.capture for snapshot in snapshots]
        observations = history.observe(captures)
        self.history: ThreadHistory = history.trace(thread_id, observations)
        merged_thread = history.merge(thread_id, observations)
        self.comment_count = len(merged_thread.comments)
        merged_thread = _limit(merged_thread)
        self.revisions = revisions.build_revisions(captures, self.history, merged_thread)
        self.thread: Thread = (
            pseudonyms.pseudonymize_thread(merged_thread, pseudonym_key)
            if pseudonym_key
            else merged_thread
        )
        self.pseudonymize: Callable[[Any], Any] = (
            (lambda raw: pseudonyms.pseudonymize_raw(raw, pseudonym_key))
            if pseudonym_key
            else (lambda raw: raw)
        )
        self.media = ThreadMedia(snapshots, self.pseudonymize)
        self.snapshots = snapshots
        timelines = self.history.timelines
        self.quote_writer = QuoteWriter(
            self.thread,
            quote_format,
            image_sources=self.media.embeddable_images
            if quote_format.has_embedded_images
            else None,
            captured_at=captures[-1].captured_at,
            last_seen={
                fullname: timeline.last_author_version.last_seen
                for fullname, timeline in timelines.items()
                if timeline.last_author_version
            },
        )

    def iter_timelines(self) -> Iterator[tuple[PostOrComment, ItemTimeline]]:
        """Yield the post and the comments in reading order, each with its timeline."""
        if self.thread.post is not None:
            yield self.thread.post, self.history.timelines[self.thread.post.fullname]
        for comment in self.thread.comments.values():
            yield comment, self.history.timelines[comment.fullname]

    def build(self) -> ThreadView:
        post, heading = self.thread.post, self.thread.post_metadata
        missing_by_parent: dict[str, list[MissingComments]] = {}
        for missing_comments in self.thread.missing_comments:
            has_parent = (
                missing_comments.parent.startswith("t1_")
                and missing_comments.parent[3:] in self.thread.comments
            )
            missing_by_parent.setdefault(missing_comments.parent if has_parent else "", []).append(
                missing_comments
            )
        comments = list(self._iter_comments(missing_by_parent))
        return ThreadView(
            self.thread.id,
            self._build_header(heading) if heading else None,
            self._build_item(post, post.permalink) if post else None,
            comments,
            _count_open_branches(comments),
            tuple(missing_by_parent.get("", ())),
            tuple(snapshot.capture.captured_at for snapshot in self.snapshots),
            tuple(_describe_source(snapshot.capture.source) for snapshot in self.snapshots),
            get_quotes_path(self.thread.id),
            self.comment_count - len(self.thread.comments),
        )

    def _iter_comments(
        self, missing_by_parent: Mapping[str, list[MissingComments]]
    ) -> Iterator[CommentView]:
        thread, open_depth = self.thread, 0
        descendant_counts = _count_descendants(thread)
        for comment_id, comment in thread.comments.items():
            true_depth = thread.depth(comment_id)
            depth = min(true_depth, MAX_DEPTH)
            has_nested_replies = true_depth < MAX_DEPTH and bool(thread.replies(comment_id))
            parent_id = thread.parent(comment_id)
            yield CommentView(
                self._build_item(comment, f"{REDDIT_URL}/comments/{thread.id}/_/{comment_id}/"),
                depth,
                open_depth - (depth - 1),
                has_nested_replies,
                descendant_counts[comment_id],
                self._build_reply_link(parent_id)
                if parent_id and true_depth > REPLY_LABEL_DEPTH
                else None,
                thread.is_orphan(comment_id),
                tuple(missing_by_parent.get(comment.fullname, ())),
            )
            open_depth = depth - 1 + has_nested_replies

    def _build_reply_link(self, comment_id: str) -> tuple[str, str]:
        comment = self.thread.comments[comment_id]
        return comment.fullname, _build_author(comment).name

    def _build_item(self, content: PostOrComment, permalink: str) -> ItemView:
        fullname = content.fullname
        timeline = self.history.timelines[fullname]
        item_revisions = self.revisions.get(fullname, [])
        html = safe_html.render_content(content, self.media.image_paths)
        older_texts, states = self._build_states(item_revisions, content, html)
        deletion_status = timeline.deletion_status or content.deletion_status or ""
        return ItemView(
            fullname,
            _build_author(content),
            _build_labels(content),
            safe_html.to_single_line(_get_flair(content)),
            content.score,
            content.created_at,
            content.edited_at or content.raw.get("edited") is True,
            deletion_status,
            content.is_redacted,
            html,
            older_texts,
            states,
            _build_scores(item_revisions),
            revisions.build_history(timeline, self.pseudonymize),
            self.media.build_other_figures(fullname, html, self._get_gallery_urls(content)),
            permalink,
        )

    def _build_states(
        self, item_revisions: Sequence[Revision], latest_content: PostOrComment, html: Markup
    ) -> tuple[tuple[Markup, ...], str]:
        """Return the texts of older revisions, and which text belongs to which snapshot.

        Text 0 is the current one. The second value is the `data-states` that script.js reads.
        """
        texts = [html]
        states: list[str] = []
        rendered: dict[tuple[Any, ...], Markup] = {}
        for revision in item_revisions:
            raw = revision.content.raw
            raw_texts = tuple(map(raw.get, TEXT_FIELDS))  # most revisions differ only in the score
            if raw_texts not in rendered:
                content = type(revision.content)(
                    self.pseudonymize(raw), revision.content.deletion_status
                )
                is_latest_text = safe_html.has_same_html(content, latest_content) or (
                    item_texts.is_html_only(raw)
                    and item_texts.has_same_text(content.raw, latest_content.raw)
                )
                rendered[raw_texts] = (
                    html
                    if is_latest_text
                    else safe_html.render_content(content, self.media.image_paths)
                )
            if rendered[raw_texts] not in texts:
                texts.append(rendered[raw_texts])
            edited = "edited" if raw.get("edited") else ""
            state = f"{texts.index(rendered[raw_texts])}:{revision.deletion_status or ''}:{edited}"
            if not states or states[-1].partition(":")[2] != state:
                states.append(f"{revision.snapshot_number}:{state}")
        is_constant = len(states) < 2 and all(state.startswith("0:0:") for state in states)
        return tuple(texts[1:]), "" if is_constant else "|".join(states)

    def _build_header(self, post: Post) -> PostHeaderView:
        crosspost_parent = post.crosspost_parent
        return PostHeaderView(
            safe_html.to_single_line(post.title)
            or ("(no title)" if self.thread.post else f"Thread {self.thread.id}"),
            safe_html.to_single_line(post.subreddit),
            self._build_link(post),
            self.media.build_gallery(post),
            tuple((safe_html.to_single_line(option.text), option.votes) for option in post.poll),
            self._build_crosspost_parent(crosspost_parent) if crosspost_parent else None,
        )

    def _build_link(self, post: Post) -> Markup | None:
        return safe_html.build_link(post.link, post.link) if post.link else None

    def _build_crosspost_parent(self, crosspost_parent: Post) -> CrosspostParentView:
        return CrosspostParentView(
            safe_html.to_single_line(crosspost_parent.title) or "(no title)",
            safe_html.to_single_line(crosspost_parent.subreddit),
            crosspost_parent.permalink,
            _build_author(crosspost_parent),
            safe_html.render_content(crosspost_parent, self.media.image_paths),
            self._build_link(crosspost_parent),
            self.media.build_gallery(crosspost_parent),
            tuple(
                (safe_html.to_single_line(option.text), option.votes)
                for option in crosspost_parent.poll
            ),
        )

    @staticmethod
    def _get_gallery_urls(content: PostOrComment) -> frozenset[str]:
        posts = (content, content.crosspost_parent) if isinstance(content, Post) else ()
        return frozenset(image.url for post in posts if post for image in post.gallery_images)


def _limit(thread: Thread) -> Thread:
    """Return a thread with its first MAX_COMMENTS comments, in reading order."""
    if len(thread.comments) <= MAX_COMMENTS:
        return thread
    comments = {
        comment.fullname: comment for comment in islice(thread.comments.values(), MAX_COMMENTS)
    }
    missing_comments = [
        missing
        for missing in thread.missing_comments
        if missing.parent in comments or not missing.parent.startswith("t1_")
    ]
    return Thread(
        thread.id,
        thread.post,
        comments.values(),
        missing_comments,
        fallback_post=thread.post_metadata,
    )


def _describe_source(name: str) -> str:
    return SOURCES[SAVED_PAGE].label if name == SAVED_PAGE else name


def _build_author(content: PostOrComment) -> AuthorView:
    if content.author is None:
        label = "[unknown]" if content.is_author_unknown else "[deleted]"
        return AuthorView("[redacted]" if content.is_redacted else label, None, 0)
    return _build_named_author(content.author, content.has_profile)


@lru_cache(maxsize=1024)
def _build_named_author(name: str, has_profile: bool) -> AuthorView:
    path = percent_encode(name, safe="", errors="replace")
    url = f"{REDDIT_URL}/user/{path}/" if has_profile else None
    return AuthorView(
        safe_html.to_single_line(name) or "[unnamed]", url, safe_html.compute_hue(name)
    )


def _build_labels(content: PostOrComment) -> tuple[str, ...]:
    labels = [
        "OP" if isinstance(content, Comment) and content.is_submitter else "",
        content.distinguished if content.distinguished in ("moderator", "admin") else "",
        "stickied" if content.is_stickied else "",
    ]
    if isinstance(content, Post):
        labels.append("NSFW" if content.raw.get("over_18") is True else "")
        labels.append("spoiler" if content.raw.get("spoiler") is True else "")
        labels.append("locked" if content.raw.get("locked") is True else "")
    return tuple(label for label in labels if label)


def _get_flair(content: PostOrComment) -> str:
    is_post = isinstance(content, Post)
    return get_str(content.raw, "link_flair_text" if is_post else "author_flair_text")


def _build_scores(item_revisions: Sequence[Revision]) -> str:
    """Return the snapshots at which the score changed, with the scores, like "0:5|3:12"."""
    scores: list[str] = []
    for revision in item_revisions:
        score = "" if revision.content.score is None else str(revision.content.score)
        if not scores or scores[-1].partition(":")[2] != score:
            scores.append(f"{revision.snapshot_number}:{score}")
    return "|".join(scores) if len(scores) > 1 else ""


def _count_descendants(thread: Thread) -> dict[str, int]:
    """Return the number of comments below each comment."""
    counts = dict.fromkeys(thread.comments, 0)
    for comment_id in reversed(thread.comments):
        parent = thread.parent(comment_id)
        if parent is not None:
            counts[parent] += 1 + counts[comment_id]
    return counts


def _count_open_branches(comments: Sequence[CommentView]) -> int:
    return comments[-1].depth - 1 + comments[-1].has_nested_replies if comments else 0
