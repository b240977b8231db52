"""Reddit's own API. PRAW logs in and limits the rate; this package uses the raw JSON.

PRAW's models are not used: they send requests implicitly, fail on unusual responses and hide the
raw JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import praw

from reddit_archive import errors
from reddit_archive.config import Settings, key_settings
from reddit_archive.model import capture, reference
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.reference import Reference
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.base import (
    FILLED_KEY,
    Estimate,
    FetchInterrupted,
    FetchRequest,
    Progress,
    ProgressCallback,
    StatusCallback,
)
from reddit_archive.sources.reddit_api import error_translation, forecast
from reddit_archive.sources.reddit_api.api_calls import MAX_INFO_NAMES, ApiRequest, RequestGenerator
from reddit_archive.sources.reddit_api.auth import check_source
from reddit_archive.sources.reddit_api.comments_plan import CommentsPlan
from reddit_archive.sources.reddit_api.plan_runner import NAME, PlanRunner, StopFetching
from reddit_archive.sources.reddit_api.requestor import (
    REDDIT_URLS,
    RetryingRequestor,
    build_user_agent,
)
from reddit_archive.sources.reddit_api.thread_plan import ThreadPlan
from reddit_archive.sources.resume_journal import ResumeJournal

__all__ = ["RedditSource", "check_source", "create_source"]

MAX_REDIRECTS = 5
UNSET_OPTIONS = dict.fromkeys(
    ("client_secret", "refresh_token", "username", "password", "redirect_uri")
)


class RedditSource:
    """A `Source` that uses the user's own key."""

    name = NAME

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        retry_policy: RetryPolicy,
        on_status: StatusCallback,
        report_progress: ProgressCallback = lambda _: None,
        open_journal: Callable[[str], ResumeJournal] | None = None,
    ) -> None:
        """Create the source. No request is sent yet. Raises LoginError without a client_id.

        All settings are passed to PRAW, even unset ones, so that no praw.ini in the working folder
        can send the key elsewhere.

        Args:
            settings: The settings under `reddit:` in config.yaml.
            open_journal: Opens the journal of a thread by its id. Without it, an interrupted fetch
                cannot resume.
        """
        if not settings.get("client_id"):
            raise errors.LoginError(
                "the configuration has no key for Reddit's API",
                "Run `archive login` or set reddit: client_id in config.yaml, or save the "
                "thread's page in your browser (Ctrl+S) and pass that file.",
            )
        self._on_status = on_status
        self._report_progress = report_progress
        self._open_journal = open_journal
        options = {**UNSET_OPTIONS, **REDDIT_URLS, **settings}
        options["user_agent"] = settings.get("user_agent") or build_user_agent(settings)
        timeout = options.pop("timeout", None)
        with error_translation.translate_ini_errors():
            self._reddit = praw.Reddit(
                **options,
                check_for_updates=False,
                requestor_class=RetryingRequestor,
                requestor_kwargs={
                    "retry_policy": retry_policy,
                    "on_status": on_status,
                    **({"timeout": timeout} if timeout else {}),
                },
            )

    def resolve(self, thread_reference: Reference) -> Reference:
        """Follow a share link, or find the post of a comment. Raises FetchError, LoginError."""
        for _ in range(MAX_REDIRECTS):
            if thread_reference.share_path is None:
                break
            thread_reference = self._resolve_share_link(thread_reference.share_path)
        if thread_reference.share_path is not None:
            raise errors.FetchError(
                "the share link redirects in a loop", error_translation.OPEN_SHARE_LINK_HINT
            )
        if thread_reference.post_id is None and thread_reference.comment_id is not None:
            return self._find_post(thread_reference.comment_id)
        return thread_reference

    def fetch(self, thread_reference: Reference, request: FetchRequest) -> Capture:
        """Fetch the whole thread, or a part of it, in few requests.

        If a request fails after others have succeeded, its comments are missing from the capture.
        An interrupt raises FetchInterrupted with the comments that were fetched until then.
        """
        post_id = thread_reference.post_id or ""
        thread_plan = ThreadPlan(f"t3_{post_id}")
        comment_ids = request.comment_ids + (
            request.previous_comment_ids if request.is_whole else ()
        )
        comments_plan = CommentsPlan(
            thread_plan.thread.post_name,
            tuple(f"t1_{comment_id}" for comment_id in dict.fromkeys(comment_ids)),
        )
        journal = self._open_journal(post_id) if self._open_journal else None
        if journal and journal.began_at:
            self._on_status(f"Resuming the fetch that began at {journal.began_at:%H:%M} UTC.")
        runner = PlanRunner(
            self._reddit,
            post_id,
            journal=journal,
            on_status=self._on_status,
            report_request_count=lambda request_count: self._report_progress(
                Progress(
                    thread_plan.thread.comment_count,
                    thread_plan.thread.total_comments,
                    request_count,
                    thread_plan.remaining_requests,
                )
            ),
        )
        is_interrupted = False
        try:
            runner.run(_iter_requests(runner, thread_plan, comments_plan, request))
        except StopFetching:
            pass
        except KeyboardInterrupt:
            is_interrupted = True
            if not runner.response_count:
                raise
        is_complete = runner.last_error is None and not is_interrupted
        request_details = _describe_request(post_id, thread_plan, request, is_complete=is_complete)
        thread_capture = runner.build_capture(
            request_details,
            thread_plan.thread.unavailable_ids | comments_plan.unavailable_ids,
            thread_plan.thread.unfetched_replies,
        )
        if is_interrupted:
            raise FetchInterrupted(thread_capture)
        if journal and (is_complete or not thread_capture.missing_comments):
            journal.discard()
        return capture.require_thread(thread_capture)

    def look_up(self, fullnames: Sequence[str]) -> dict[str, Thing]:
        """Fetch posts and comments of any threads by fullname, 100 per request.

        Things that Reddit does not return are left out. They are hidden, not necessarily deleted.
        """
        things_by_name: dict[str, Thing] = {}
        for start in range(0, len(fullnames), MAX_INFO_NAMES):
            batch = fullnames[start : start + MAX_INFO_NAMES]
            things = capture.flatten(self._get("api/info/", id=",".join(batch)))
            things_by_name |= {
                name: thing for thing in things if (name := capture.get_fullname(thing))
            }
        return things_by_name

    def build_capture(self, post_id: str, things: Sequence[Thing]) -> Capture:
        """Build a capture of things that `look_up` just returned, and of stubs."""
        request = {"path": "api/info/", "whole": False, FILLED_KEY: True}
        return Capture(post_id, capture.utc_now(), NAME, request, tuple(things))

    def estimate(self, thread_reference: Reference, request: FetchRequest) -> Estimate:
        """Estimate the number of requests from the first page, which takes one request."""
        first_request = ApiRequest("page")
        thread_plan = ThreadPlan(f"t3_{thread_reference.post_id}")
        _, path, fields = first_request.to_http(thread_reference.post_id or "")
        thread_plan.add_response(first_request, capture.flatten(self._get(path, **fields)))
        min_requests, max_requests = forecast.estimate_thread(
            thread_plan.thread.summarize_first_page()
        )
        if not request.is_whole:
            max_thread_requests = max_requests
            min_requests, max_requests = forecast.estimate_comments(
                len(request.comment_ids), thread_plan.thread.summarize_first_page()
            )
            if request.comment_ids and request.reply_depth != 0:
                max_requests += len(request.comment_ids) + (
                    max_thread_requests if request.reply_depth is None else 0
                )
        return Estimate(thread_plan.thread.total_comments, min_requests, max_requests)

    def _get(self, path: str, **params: int | str) -> Any:
        with error_translation.translate_errors(path):
            return self._reddit.request(method="GET", path=path, params=params)

    def _resolve_share_link(self, share_path: str) -> Reference:
        """Return the thread on Reddit to which a share link redirects."""
        try:
            with error_translation.translate_errors("the share link"):
                self._reddit.request(method="GET", path=share_path)
        except errors.RedirectedError as redirect:
            try:
                return reference.parse(redirect.location)
            except errors.InvalidReferenceError:
                pass
        except errors.ThreadUnavailableError:
            pass
        raise errors.FetchError(
            "the share link does not lead to a thread", error_translation.OPEN_SHARE_LINK_HINT
        )

    def _find_post(self, comment_id: str) -> Reference:
        things = capture.flatten(self._get("api/info/", id=f"t1_{comment_id}"))
        if not things:
            raise errors.ThreadUnavailableError(
                f"Reddit has no comment {comment_id}",
                "Check the ID, or pass the URL of its thread.",
                reason="not-found",
            )
        return Reference(post_id=capture.find_thread_id(things), comment_id=comment_id)


def _iter_requests(
    runner: PlanRunner, thread_plan: ThreadPlan, comments_plan: CommentsPlan, request: FetchRequest
) -> RequestGenerator:
    if request.is_whole or not request.comment_ids:
        yield from (
            thread_plan.iter_requests() if request.is_whole else thread_plan.request_first_page()
        )
        if comments_plan.comment_names:
            comments_plan.add_things(runner.things)
            yield from comments_plan.request_missing()
        return
    yield from comments_plan.iter_requests(with_replies=request.reply_depth != 0)
    if request.reply_depth is None:
        yield from thread_plan.request_descendants(runner.things)


def _describe_request(
    post_id: str, thread_plan: ThreadPlan, request: FetchRequest, *, is_complete: bool
) -> dict[str, Any]:
    """Describe a request for its capture. "whole" means that stubs name all missing replies."""
    if request.comment_ids and not request.is_whole:
        path = (
            f"comments/{post_id}/_/"
            if request.reply_depth != 0 or not request.comment_ids[1:]
            else "api/info/"
        )
        return {"path": path, "comments": [*request.comment_ids], "whole": False}
    _, path, fields = ApiRequest("page").to_http(post_id)
    comment_ids = dict.fromkeys(request.comment_ids + request.previous_comment_ids)
    extra_ids = [
        comment_id
        for comment_id in comment_ids
        if f"t1_{comment_id}" not in thread_plan.thread.parents
    ]
    return {
        "path": path,
        **fields,
        **({"comments": extra_ids} if extra_ids else {}),
        **({"whole": True} if request.is_whole and is_complete else {}),
    }


def create_source(
    settings: Settings, *, on_status: StatusCallback, report_progress: ProgressCallback
) -> RedditSource:
    """Create the source with the configured key. Raises LoginError, ConfigError."""
    temporary_folder = settings.archive / "tmp"
    return RedditSource(
        key_settings.check(settings),
        retry_policy=RetryPolicy(settings.tries, settings.first_wait_seconds),
        on_status=on_status,
        report_progress=report_progress,
        open_journal=lambda post_id: ResumeJournal(temporary_folder / f".t3_{post_id}-reddit.part"),
    )
