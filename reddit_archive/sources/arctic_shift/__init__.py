"""Arctic Shift, an archive of Reddit that needs no key: a whole thread in two requests.

It stores each text as it first saw it, seconds to minutes after it was written, and updates the
score once, a day and a half later. It returns no HTML. A capture from it has the time at which
Arctic Shift saw the thread, and does not show what Reddit shows today.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from reddit_archive import errors
from reddit_archive.config import Settings
from reddit_archive.model import capture, comment_tree, reference
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.reference import Reference
from reddit_archive.model.source_info import SOURCES
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.arctic_shift import records
from reddit_archive.sources.arctic_shift.client import ArcticShiftClient
from reddit_archive.sources.base import (
    FILLED_KEY,
    CheckResult,
    Estimate,
    FetchInterrupted,
    FetchRequest,
    Progress,
    ProgressCallback,
    StatusCallback,
)

NAME = "arctic-shift"
TREE_LIMIT = 25_000
IDS_LIMIT = SOURCES[NAME].names_per_request
MAX_REDIRECTS = 5
SMALL_TREE_COMMENTS = 500
"""A tree of at most this size is as small as a response by ids, and needs one request."""
NOT_FOUND_HINT = (
    "It has no private or quarantined subreddits, no posts of users who opted out, and nothing of "
    "the last few minutes. Check the URL, or save the thread's page in your browser (Ctrl+S) and "
    "pass that file."
)
OPEN_SHARE_LINK_HINT = "Open it in a browser and pass the URL that it leads to."


class ArcticShiftSource:
    """A `Source` that fetches from the server at `arctic_shift: url`."""

    name = NAME

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        retry_policy: RetryPolicy,
        on_status: StatusCallback,
        report_progress: ProgressCallback | None = None,
    ) -> None:
        """Create the source from the settings under `arctic_shift:`. No request is sent yet.

        Raises ConfigError.
        """
        self._client = ArcticShiftClient(settings, retry_policy=retry_policy, on_status=on_status)
        self._on_status = on_status
        self._report_progress = report_progress

    def resolve(self, thread_reference: Reference) -> Reference:
        """Find the post of a share link or of a single comment. Raises FetchError."""
        for _ in range(MAX_REDIRECTS):
            if thread_reference.share_path is None:
                break
            thread_reference = self._resolve_share_link(thread_reference.share_path)
        if thread_reference.share_path is not None:
            raise errors.FetchError("the share link redirects in a loop", OPEN_SHARE_LINK_HINT)
        if thread_reference.post_id is None and thread_reference.comment_id is not None:
            return self._find_post(thread_reference.comment_id)
        return thread_reference

    def fetch(self, thread_reference: Reference, request: FetchRequest) -> Capture:
        """Fetch the post and its comments in two requests, or some comments with their ancestors.

        In a large thread, chosen comments are requested by id, and then their ancestors level by
        level. Raises FetchError, and ThreadUnavailableError if Arctic Shift lacks the thread.
        """
        post_id = thread_reference.post_id or ""
        post = self._fetch_by_name([f"t3_{post_id}"])
        is_whole = request.is_whole or not request.comment_ids or request.reply_depth != 0
        if not is_whole and post and records.get_comment_count(post) > SMALL_TREE_COMMENTS:
            comments, request_details = self._fetch_comments(post_id, request.comment_ids)
        else:
            comments, request_details = self._fetch_tree(post_id, post)
        things = (*post, *comments)
        if not any(thing["kind"] in ("t1", "t3") for thing in things):
            raise errors.ThreadUnavailableError(
                f"Arctic Shift has no thread {post_id}", NOT_FOUND_HINT, reason="not-found"
            )
        return capture.require_thread(_build_capture(post_id, things, request_details))

    def look_up(self, fullnames: Sequence[str]) -> dict[str, Thing]:
        """Fetch posts and comments by fullname, as they were first seen, 500 per request."""
        things = self._fetch_by_name(fullnames)
        return {name: thing for thing in things if (name := capture.get_fullname(thing))}

    def build_capture(self, post_id: str, things: Sequence[Thing]) -> Capture:
        """Build a capture of things that `look_up` returned, with the time of the last of them."""
        return _build_capture(post_id, things, {"path": "api/comments/ids", FILLED_KEY: True})

    def estimate(self, thread_reference: Reference, request: FetchRequest) -> Estimate:
        """Return two requests: for the post and for the tree."""
        return Estimate(None, 2, 2)

    def recover(self, post_id: str, fullnames: Sequence[str]) -> Capture | None:
        """Fetch posts and comments that Reddit has deleted, by fullname, 500 per request.

        Returns those of the thread whose text Arctic Shift has, or None if it has none.
        Raises FetchError.
        """
        things = self._fetch_by_name(fullnames)
        recovered_things = tuple(
            thing
            for thing in things
            if records.has_text(thing) and records.is_in_thread(thing, post_id)
        )
        if not recovered_things:
            return None
        return _build_capture(
            post_id, recovered_things, {"path": "api/comments/ids", "recovered": sorted(fullnames)}
        )

    def _fetch_tree(
        self, post_id: str, post: Sequence[Thing]
    ) -> tuple[list[Thing], dict[str, Any]]:
        """Fetch the whole tree; if that fails, return a stub below the post for all comments."""
        name = f"t3_{post_id}"
        request = {"path": "api/comments/tree", "link_id": name, "limit": TREE_LIMIT}
        try:
            tree = self._client.get("comments/tree", link_id=name, limit=TREE_LIMIT)
        except errors.FetchError as error:
            if not post:
                raise
            self._on_status(f"The comments could not be fetched: {error}.")
            stub = comment_tree.build_stub_without_ids(name, records.get_comment_count(post))
            return [stub], {**request, "failed": str(error)}
        things = list(capture.flatten(tree))
        del tree  # as large as the things themselves
        self._report_comment_count(things, post)
        try:
            failure = self._expand_stubs(post_id, things, post)
        except KeyboardInterrupt:
            raise FetchInterrupted(_build_capture(post_id, (*post, *things), request)) from None
        return things, {**request, **({"failed": failure} if failure else {})}

    def _expand_stubs(self, post_id: str, things: list[Thing], post: Sequence[Thing]) -> str:
        """Add the comments of stubs: by id, or page by page if stubs hide unnamed replies.

        Comments that can't be fetched stay in their stub. Returns the reason, or "".
        """
        stubs = [thing for thing in things if thing["kind"] == "more"]
        if not stubs:
            return ""
        stub_names = [f"t1_{i}" for stub in stubs for i in records.get_stub_ids(stub)]
        existing_names = set(map(capture.get_fullname, things))
        has_hidden = any(map(records.has_unnamed_comments, stubs))
        pages = (
            self._iter_search_pages(post_id)
            if has_hidden
            else self._iter_batches_by_name(stub_names)
        )
        try:
            for page in pages:
                new = [thing for thing in page if capture.get_fullname(thing) not in existing_names]
                existing_names.update(map(capture.get_fullname, new))
                things += new
                self._report_comment_count(things, post)
        except errors.FetchError as error:
            self._on_status(f"Some comments could not be fetched: {error}.")
            return str(error)
        return ""

    def _fetch_comments(
        self, post_id: str, comment_ids: Sequence[str]
    ) -> tuple[list[Thing], dict[str, Any]]:
        """Fetch these comments and all ancestors, with one request per level."""
        comments: dict[str, Thing] = {}
        missing_names = {f"t1_{comment_id}" for comment_id in comment_ids}
        requested_names: set[str] = set()
        while missing_names - requested_names:
            requested_names |= missing_names
            for thing in self._fetch_by_name(sorted(missing_names)):
                if records.is_in_thread(thing, post_id):
                    comments[capture.get_fullname(thing) or ""] = thing
            parents = {records.get_parent_name(thing) for thing in comments.values()}
            missing_names = {name for name in parents if name.startswith("t1_")} - requested_names
        return list(comments.values()), {"path": "api/comments/ids", "comments": list(comment_ids)}

    def _fetch_by_name(self, fullnames: Sequence[str]) -> list[Thing]:
        return [thing for batch in self._iter_batches_by_name(fullnames) for thing in batch]

    def _iter_batches_by_name(self, fullnames: Sequence[str]) -> Iterator[list[Thing]]:
        """Request posts and comments by fullname, and yield the requested ones of each response."""
        for kind, path in (("t3", "posts/ids"), ("t1", "comments/ids")):
            names_of_kind = [name for name in dict.fromkeys(fullnames) if name.startswith(kind)]
            for start in range(0, len(names_of_kind), IDS_LIMIT):
                batch = names_of_kind[start : start + IDS_LIMIT]
                things = records.iter_things(kind, self._client.get(path, ids=",".join(batch)))
                yield [thing for thing in things if capture.get_fullname(thing) in batch]

    def _iter_search_pages(self, post_id: str) -> Iterator[list[Thing]]:
        """Yield all comments of a thread, oldest first, up to 1,000 per request."""
        after = 0
        yielded_names: set[str | None] = set()
        while True:
            response = self._client.get(
                "comments/search", link_id=f"t3_{post_id}", sort="asc", limit="auto", after=after
            )
            page = list(records.iter_things("t1", response))
            new = [thing for thing in page if capture.get_fullname(thing) not in yielded_names]
            if not new:
                return
            yield new
            yielded_names.update(map(capture.get_fullname, new))
            # The page may contain only some of the comments that were written in its last second.
            after = max(records.get_created_utc(thing) for thing in new) - 1

    def _report_comment_count(self, things: Iterable[Thing], post: Sequence[Thing]) -> None:
        if self._report_progress is not None:
            comment_count = sum(thing["kind"] == "t1" for thing in things)
            self._report_progress(
                Progress(
                    comment_count,
                    records.get_comment_count(post) or None,
                    self._client.request_count,
                )
            )

    def _resolve_share_link(self, share_path: str) -> Reference:
        """Return the thread on Reddit to which a share link redirects."""
        response = self._client.get("short_links", paths=share_path)
        for path in records.iter_resolved_paths(response, share_path):
            url = f"https://www.reddit.com{path}" if path.startswith("/") else path
            try:
                resolved_reference = reference.parse(url)
            except errors.InvalidReferenceError:
                continue
            if resolved_reference.file is None:
                return resolved_reference
        raise errors.FetchError(
            "Arctic Shift does not know where the share link leads", OPEN_SHARE_LINK_HINT
        )

    def _find_post(self, comment_id: str) -> Reference:
        things = self._fetch_by_name([f"t1_{comment_id}"])
        if not things:
            raise errors.ThreadUnavailableError(
                f"Arctic Shift has no comment {comment_id}", NOT_FOUND_HINT, reason="not-found"
            )
        return Reference(post_id=capture.find_thread_id(things), comment_id=comment_id)


def create_source(
    settings: Settings, *, on_status: StatusCallback, report_progress: ProgressCallback
) -> ArcticShiftSource:
    """Create the source with the configured address. Raises ConfigError."""
    return ArcticShiftSource(
        settings.get_source_settings(NAME),
        retry_policy=RetryPolicy(settings.tries, settings.first_wait_seconds),
        on_status=on_status,
        report_progress=report_progress,
    )


def check_source(settings: Settings, *, is_chosen: bool, timeout: float) -> Iterator[CheckResult]:
    """Check whether Arctic Shift answers, by requesting a comment that need not exist."""
    source = ArcticShiftSource(
        {**settings.get_source_settings(NAME), "timeout": timeout},
        retry_policy=RetryPolicy(tries=1),
        on_status=lambda _: None,
    )
    with suppress(errors.ThreadUnavailableError):
        source.resolve(Reference(comment_id="c0001"))
    use = "threads come from here" if is_chosen else "provides texts that Reddit has deleted"
    yield CheckResult("Arctic Shift", "ok", f"responds; {use}")


def _build_capture(post_id: str, things: Iterable[Thing], request: Mapping[str, Any]) -> Capture:
    things = tuple(things)
    return Capture(
        post_id,
        records.get_captured_at(things),
        NAME,
        request,
        things,
        is_live=SOURCES[NAME].is_live,
    )
