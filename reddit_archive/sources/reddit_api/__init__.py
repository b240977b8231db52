"""Reddit's own API, through PRAW for login and pacing; the JSON is taken raw.

PRAW's models are not used: they fetch behind one's back, fail on odd answers and hide the raw JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import praw

from reddit_archive import USER_AGENT, errors
from reddit_archive.model import capture, reference
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.reference import Reference
from reddit_archive.sources.base import CutOff, Estimate, Progress, Say, Show, Wish
from reddit_archive.sources.reddit_api import error_translation, forecast
from reddit_archive.sources.reddit_api.api_calls import MOST_BY_NAME, Ask, Steps
from reddit_archive.sources.reddit_api.comments_plan import Chosen
from reddit_archive.sources.reddit_api.plan_runner import NAME, Asker, Ended
from reddit_archive.sources.reddit_api.requestor import Patience, PatientRequestor
from reddit_archive.sources.reddit_api.thread_plan import Plan
from reddit_archive.sources.resume_journal import Journal

MOST_HOPS = 5
OWN_URLS = {"oauth_url": "https://oauth.reddit.com", "reddit_url": "https://www.reddit.com"}
UNSET = dict.fromkeys(("client_secret", "refresh_token", "username", "password", "redirect_uri"))


class Reddit:
    """A `Source` that acts with the user's own key."""

    name = NAME

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        patience: Patience,
        say: Say,
        show: Show = lambda _: None,
        journal: Callable[[str], Journal] | None = None,
    ) -> None:
        """Take `settings` as they stand under `reddit:` in config.yaml; no request is made yet.

        Every setting is passed on, even if unset, so that no praw.ini in the working folder can
        send a key elsewhere. `journal` gives a thread's journal by its id; without it a fetch that
        is cut off begins anew. Raises LoginError without a client_id.
        """
        if not settings.get("client_id"):
            raise errors.LoginError(
                "there is no key for Reddit's API in the configuration",
                "Set reddit: client_id in config.yaml (see config.example.yaml), or save the "
                "thread's .json page in your browser and give that file.",
            )
        self._say, self._show, self._journal = say, show, journal
        options = {**UNSET, **OWN_URLS, **settings}
        options["user_agent"] = settings.get("user_agent") or user_agent(settings)
        timeout = options.pop("timeout", None)
        with error_translation.explained_ini():
            self._reddit = praw.Reddit(
                **options,
                check_for_updates=False,
                requestor_class=PatientRequestor,
                requestor_kwargs={
                    "patience": patience,
                    "say": say,
                    **({"timeout": timeout} if timeout else {}),
                },
            )

    def resolve(self, pointed: Reference) -> Reference:
        """Follow a share link, or find the post of a comment. Raises FetchError, LoginError."""
        for _ in range(MOST_HOPS):
            if pointed.share_path is None:
                break
            pointed = self._follow(pointed.share_path)
        if pointed.share_path is not None:
            raise errors.FetchError(
                "the share link leads in circles", error_translation.OPEN_SHARE_LINK
            )
        if pointed.post_id is None and pointed.comment_id is not None:
            return self._find_post(pointed.comment_id)
        return pointed

    def fetch(self, pointed: Reference, wish: Wish) -> Capture:
        """Fetch the whole thread, or a part of it, in as few requests as Reddit's limits allow.

        A request that fails after others have succeeded leaves a gap. An interrupt raises CutOff
        with what came until then.
        """
        post_id = pointed.post_id or ""
        whole = Plan(f"t3_{post_id}")
        names = wish.comments + (wish.known if wish.is_whole else ())
        chosen = Chosen(whole.post, tuple(f"t1_{name}" for name in dict.fromkeys(names)))
        journal = self._journal(post_id) if self._journal else None
        if journal and journal.began_at:
            self._say(f"Going on with the fetch that began at {journal.began_at:%H:%M} UTC.")
        asker = Asker(
            self._reddit,
            post_id,
            journal=journal,
            say=self._say,
            show=lambda n: self._show(Progress(whole.comments, whole.total, n, whole.left)),
        )
        is_cut_off = False
        try:
            asker.follow(_steps(asker, whole, chosen, wish))
        except Ended:
            pass
        except KeyboardInterrupt:
            is_cut_off = True
            if not asker.answers:
                raise
        is_done = asker.failed is None and not is_cut_off
        request = _request(post_id, whole, wish, is_done=is_done)
        taken = asker.capture(request, whole.withheld | chosen.withheld, whole.unread)
        if is_cut_off:
            raise CutOff(taken)
        if journal and (is_done or not taken.gaps):
            journal.discard()
        return capture.require_thread(taken)

    def look_up(self, names: Sequence[str]) -> dict[str, Thing]:
        """Fetch posts and comments by fullname, of any threads, 100 a request.

        What Reddit does not give is left out: it is not to be seen, which is not "deleted".
        """
        found: dict[str, Thing] = {}
        for start in range(0, len(names), MOST_BY_NAME):
            asked = names[start : start + MOST_BY_NAME]
            things = capture.flatten(self._get("api/info/", id=",".join(asked)))
            found |= {name: thing for thing in things if (name := capture.fullname(thing))}
        return found

    def estimate(self, pointed: Reference, wish: Wish) -> Estimate:
        """Estimate the number of requests from the first page, which takes one request."""
        first = Ask("page")
        whole = Plan(f"t3_{pointed.post_id}")
        _, path, fields = first.request(pointed.post_id or "")
        whole.take(first, capture.flatten(self._get(path, **fields)))
        least, most = forecast.estimate_thread(whole.first_page)
        if not wish.is_whole:
            whole_most = most
            least, most = forecast.estimate_comments(len(wish.comments), whole.first_page)
            if wish.comments and wish.replies != 0:
                most += len(wish.comments) + (whole_most if wish.replies is None else 0)
        return Estimate(whole.total, least, most)

    def _get(self, path: str, **params: int | str) -> Any:
        with error_translation.explained(path):
            return self._reddit.request(method="GET", path=path, params=params)

    def _follow(self, share_path: str) -> Reference:
        """Ask where a share link leads; only a thread on Reddit is taken for an answer."""
        try:
            with error_translation.explained("the share link"):
                self._reddit.request(method="GET", path=share_path)
        except errors.Redirected as moved:
            try:
                return reference.parse(moved.location)
            except errors.BadReference:
                pass
        except errors.Gone:
            pass
        raise errors.FetchError(
            "the share link leads to no thread", error_translation.OPEN_SHARE_LINK
        )

    def _find_post(self, comment_id: str) -> Reference:
        things = capture.flatten(self._get("api/info/", id=f"t1_{comment_id}"))
        if not things:
            raise errors.Gone(
                f"Reddit knows no comment {comment_id}",
                "Check the id, or give the address of its thread.",
                reason="not-found",
            )
        return Reference(post_id=capture.thread_id(things), comment_id=comment_id)


def _steps(asker: Asker, whole: Plan, chosen: Chosen, wish: Wish) -> Steps:
    if wish.is_whole or not wish.comments:
        yield from whole.steps() if wish.is_whole else whole.first()
        if chosen.names:
            chosen.take(asker.things)
            yield from chosen.rest()
        return
    yield from chosen.steps(with_replies=wish.replies != 0)
    if wish.replies is None:
        yield from whole.below(asker.things)


def _request(post_id: str, whole: Plan, wish: Wish, *, is_done: bool) -> dict[str, Any]:
    """Say what was asked for. "whole": every answer to what is here is here too, or in a stub."""
    if wish.comments and not wish.is_whole:
        path = (
            f"comments/{post_id}/_/" if wish.replies != 0 or not wish.comments[1:] else "api/info/"
        )
        return {"path": path, "comments": [*wish.comments], "whole": False}
    _, path, fields = Ask("page").request(post_id)
    names = dict.fromkeys(wish.comments + wish.known)
    apart = [name for name in names if not whole.has(f"t1_{name}")]
    return {
        "path": path,
        **fields,
        **({"comments": apart} if apart else {}),
        **({"whole": True} if wish.is_whole and is_done else {}),
    }


def user_agent(settings: Mapping[str, Any]) -> str:
    """Reddit's form: <platform>:<app ID>:<version> (by /u/<user>), as far as it is known."""
    by = f" (by /u/{settings['username']})" if settings.get("username") else ""
    return f"{USER_AGENT}{by}"
