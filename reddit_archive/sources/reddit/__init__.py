"""Reddit's own API, through PRAW for login and pacing; the JSON is taken raw.

PRAW's models are not used: they fetch behind one's back, fail on odd answers and hide the raw JSON.
"""

from collections.abc import Mapping
from typing import Any

import praw

from reddit_archive import __version__, capture, errors, reference
from reddit_archive.capture import Capture
from reddit_archive.reference import Reference
from reddit_archive.sources import Say
from reddit_archive.sources.reddit import failures
from reddit_archive.sources.reddit.requestor import Patience, PatientRequestor

NAME = "reddit"
PAGE: dict[str, int | str] = {"limit": 500, "sort": "confidence"}
"""Up to 500 comments an answer; without `sort` the thread's own or the user's would apply."""
MOST_CONTEXT = 8
MOST_HOPS = 5
OWN_URLS = {"oauth_url": "https://oauth.reddit.com", "reddit_url": "https://www.reddit.com"}
UNSET = dict.fromkeys(("client_secret", "refresh_token", "username", "password", "redirect_uri"))


class Reddit:
    """A `Source` that acts with the user's own key."""

    name = NAME

    def __init__(self, settings: Mapping[str, Any], *, patience: Patience, say: Say) -> None:
        """Take `settings` as they stand under `reddit:` in config.yaml; no request is made yet.

        Every setting is passed on, even if unset, so that no praw.ini in the working folder can
        send a key elsewhere. Raises LoginError without a client_id.
        """
        if not settings.get("client_id"):
            raise errors.LoginError(
                "there is no key for Reddit's API in the configuration",
                "Set reddit: client_id in config.yaml (see config.example.yaml), or save the "
                "thread's .json page in your browser and give that file.",
            )
        options = {**UNSET, **OWN_URLS, **settings}
        options["user_agent"] = settings.get("user_agent") or _user_agent(settings)
        timeout = options.pop("timeout", None)
        with failures.explained("the configuration"):
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
            raise errors.FetchError("the share link leads in circles", failures.OPEN_SHARE_LINK)
        if pointed.post_id is None and pointed.comment_id is not None:
            return self._find_post(pointed.comment_id)
        return pointed

    def fetch(self, pointed: Reference, *, comments: tuple[str, ...] = ()) -> Capture:
        """Fetch the post and its first comments, up to 500, in one request.

        Each of `comments` that is not among them costs one more, with the 8 comments above it.
        """
        path = f"comments/{pointed.post_id}/"
        things = capture.flatten(self._get(path, **PAGE))
        at = capture.now()
        asked = []
        for wanted in comments:
            if f"t1_{wanted}" not in map(capture.fullname, things):
                answer = self._get(f"{path}_/{wanted}/", **PAGE, context=MOST_CONTEXT)
                things += capture.flatten(answer)
                asked.append(wanted)
        request = {"path": path, **PAGE, **({"comments": asked} if asked else {})}
        return Capture(pointed.post_id or "", at, NAME, request, things)

    def _get(self, path: str, **params: int | str) -> Any:
        with failures.explained(path):
            return self._reddit.request(method="GET", path=path, params=params)

    def _follow(self, share_path: str) -> Reference:
        """Ask where a share link leads; only a thread on Reddit is taken for an answer."""
        try:
            with failures.explained("the share link"):
                self._reddit.request(method="GET", path=share_path)
        except failures.Moved as moved:
            try:
                return reference.parse(moved.location)
            except errors.BadReference:
                pass
        except errors.Gone:
            pass
        raise errors.FetchError("the share link leads to no thread", failures.OPEN_SHARE_LINK)

    def _find_post(self, comment_id: str) -> Reference:
        things = capture.flatten(self._get("api/info/", id=f"t1_{comment_id}"))
        if not things:
            raise errors.Gone(
                f"Reddit knows no comment {comment_id}",
                "Check the id, or give the address of its thread.",
                reason="not-found",
            )
        return Reference(post_id=capture.thread_id(things), comment_id=comment_id)


def _user_agent(settings: Mapping[str, Any]) -> str:
    """Reddit's form: <platform>:<app ID>:<version> (by /u/<user>), as far as it is known."""
    by = f" (by /u/{settings['username']})" if settings.get("username") else ""
    return f"python:reddit-archive:{__version__}{by}"
