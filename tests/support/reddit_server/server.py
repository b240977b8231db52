"""The server with its threads, faults and request log, and the routes of its API."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Literal

from . import access, rules
from .faults import BLOCK_PAGE, BUSY_PAGE, HTML, JSON, Fault
from .thread import Thread
from .wire import PAGE, Answer, Kind, LocalServer, Request

MAX_URL_CHARS = 8000
MAX_CHILDREN = 1000
LOGIN = ("token", "authorize")

_SITE = "https://www.reddit.com"
_REFUSALS = {
    "gone": (404, None),
    "banned": (404, "banned"),
    "private": (403, "private"),
    "quarantined": (403, "quarantined"),
    "gated": (403, "gated"),
}


class Server(LocalServer):
    """Reddit's API, with the threads that a test adds.

    Args:
        budget: Number of requests in a window of 600 s.
        window_age_seconds: Age of the window at the start, so that prawcore does not wait in small
            tests.
        deep_children: Whether morechildren returns comments at depth 10 and below.
        leftovers: What happens to the ids that do not fit into a morechildren response.
    """

    def __init__(
        self,
        *threads: Thread,
        budget: int = 1000,
        window_age_seconds: float = 120.0,
        deep_children: bool = False,
        leftovers: rules.Leftovers = "stubbed",
    ) -> None:
        super().__init__()
        self.threads = {thread.id: thread for thread in threads}
        self.tokens = access.Tokens()
        self.window = access.Window(budget, age_seconds=window_age_seconds)
        self.deep_children = deep_children
        self.leftovers = leftovers
        self._shares: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"{self.address}/"

    # What tests set and read

    def settings(
        self, flow: Literal["script", "installed", "refresh", "password"] = "script"
    ) -> dict[str, Any]:
        """Return the keyword arguments of praw.Reddit for this kind of login."""
        client = {"client_id": access.CLIENT_ID, "client_secret": access.CLIENT_SECRET}
        extra: dict[str, dict[str, str | None]] = {
            "script": {},
            "installed": {"client_id": access.INSTALLED_ID, "client_secret": None},
            "refresh": {"refresh_token": access.REFRESH_TOKEN},
            "password": {"username": access.USERNAME, "password": access.PASSWORD},
        }
        return {
            **client,
            **extra[flow],
            "user_agent": access.USER_AGENT,
            "oauth_url": self.url,
            "reddit_url": self.url,
            "check_for_updates": False,
        }

    def add(self, thread: Thread) -> Thread:
        self.threads[thread.id] = thread
        return thread

    def remove(self, thread: Thread) -> None:
        self.threads.pop(thread.id, None)

    def share(
        self, thread: Thread, comment: str | None = None, *, code: str = "aB3dE5fG7h", hops: int = 1
    ) -> str:
        """Create a share link to the post or to a comment, and return its URL."""
        focus = f"{comment}/?context=3&" if comment else "?"
        target = (
            f"{_SITE}{thread.post['permalink']}{focus}share_id=qX3vT8wYz1LmNoPqRsTuV"
            "&utm_content=1&utm_medium=ios_app&utm_name=ioscss&utm_source=share&utm_term=1"
        )
        stem = f"{_SITE}/r/{thread.post['subreddit']}/s/"
        for hop in range(hops - 1, 0, -1):
            self._shares[f"{code}{hop}"] = target
            target = f"{stem}{code}{hop}"
        self._shares[code] = target
        return f"{stem}{code}"

    def answer(
        self, path_part: str, value: Any, *, status: int = 200, times: int | None = None
    ) -> None:
        """Respond with any JSON value, forever or `times` times."""
        self.fail(path_part, Fault(status, JSON, json.dumps(value), rated=True), times=times)

    def heal(self) -> None:
        """Remove all faults and prepared responses."""
        with self._lock:
            self._faults.clear()

    def requests(self, *kinds: Kind) -> list[Request]:
        """Return the requests of these kinds; by default of every kind except the login."""
        with self._lock:
            return [
                each
                for each in self.log
                if (each.kind in kinds if kinds else each.kind not in LOGIN)
            ]

    def count(self, *kinds: Kind) -> int:
        return len(self.requests(*kinds))

    def reset_log(self) -> None:
        with self._lock:
            self.log.clear()

    # How requests are answered

    def respond(self, request: Request, *, alone: bool) -> tuple[Answer, Fault]:
        """Choose the response to a request, and the fault to apply while sending it."""
        denied = self._denied(request)
        if denied:
            return denied, Fault()
        query = "&".join(f"{key}={value}" for key, value in request.query.items())
        fault = self._next_fault(f"{request.path}?{query}")
        if fault.status is not None:
            body = fault.body.encode() if isinstance(fault.body, str) else fault.body
            rate = self.window.take()[1] if fault.rated else {}
            return Answer(fault.status, body, rate), fault
        if request.kind == "token":
            return self._token(request), fault
        if request.kind == "authorize":
            return self._consent(request), fault
        granted, headers = self.window.take()
        with self._lock:
            answer = self._route(request, alone=alone) if granted else _error(429)
        return replace(answer, headers=answer.headers | headers), fault

    def _denied(self, request: Request) -> Answer | None:
        if access.is_bad_agent(request.headers.get("user-agent", "")):
            return Answer(429, BUSY_PAGE.encode(), HTML)
        if request.kind in LOGIN:
            return None
        authorization = request.headers.get("authorization")
        if authorization is None:
            return Answer(403, BLOCK_PAGE.encode(), HTML)
        if not self.tokens.accepts(authorization):
            realm = 'Bearer realm="reddit", error="invalid_token"'
            return replace(_error(401), headers=JSON | {"www-authenticate": realm})
        return None

    def _token(self, request: Request) -> Answer:
        if request.method != "POST":
            return _error(404)
        status, value = self.tokens.grant(request.headers.get("authorization", ""), request.form)
        return _json(value, status)

    def _consent(self, request: Request) -> Answer:
        target = self.tokens.consent(request.query) if request.method == "GET" else None
        if target is None:
            return Answer(400, b"<html><body>bad request (reddit.com)</body></html>", HTML)
        return Answer(302, b"", HTML | {"Location": target})

    def _route(self, request: Request, *, alone: bool) -> Answer:
        if len(request.path) + sum(map(len, request.query.values())) > MAX_URL_CHARS:
            return Answer(414, b"", {"Content-Type": "text/plain"})
        kind = request.kind
        if kind == "morechildren":
            return self._more(request) if alone else _error(429)
        if request.method != "GET":
            return _error(405)
        if kind == "page":
            return self._page(request)
        if kind == "info":
            names = [name.strip() for name in request.query.get("id", "").split(",")]
            return _reply(request, rules.info(self.threads.values(), [n for n in names if n]))
        return self._redirect(request) if kind == "share" else _error(404)

    def _page(self, request: Request) -> Answer:
        match = PAGE.fullmatch(request.route)
        assert match
        place, name, post_id, _, comment = match.groups()
        thread = self.threads.get(post_id)
        if thread is None:
            return _error(404)
        if refused := _refused(thread):
            return refused
        if place == "r" and name.lower() != str(thread.post["subreddit"]).lower():
            return _error(404)
        value = rules.page(
            thread,
            limit=_number(request.query.get("limit")),
            depth=_number(request.query.get("depth")),
            sort=request.query.get("sort", ""),
            comment=request.query.get("comment") or comment,
            context=_number(request.query.get("context")) or 0,
        )
        return _reply(request, value)

    def _more(self, request: Request) -> Answer:
        parameters = request.query | request.form
        children = [each.strip() for each in parameters.get("children", "").split(",")]
        if len(children) > MAX_CHILDREN:
            return Answer(413, b"<html><body>413 Request Entity Too Large</body></html>", HTML)
        thread = self.threads.get(parameters.get("link_id", "").removeprefix("t3_"))
        if thread is None:
            return _error(403)
        if refused := _refused(thread):
            return refused
        if parameters.get("api_type") != "json":
            return _json({"jquery": [[0, 1, "call", ["body"]]], "success": True})
        value = rules.more_children(
            thread,
            children,
            sort=parameters.get("sort", ""),
            depth=_number(parameters.get("depth")),
            limit_children=parameters.get("limit_children", "").lower() in ("1", "true"),
            deep=self.deep_children,
            leftovers=self.leftovers,
        )
        return _reply(request, value)

    def _redirect(self, request: Request) -> Answer:
        target = self._shares.get(request.route.rpartition("/")[2])
        if target is None:
            return _error(404)
        body = f'<a href="{rules.escape(target)}">Moved Permanently</a>.\n\n'
        return Answer(301, body.encode(), HTML | {"Location": target})


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), JSON)


def _reply(request: Request, value: Any) -> Answer:
    raw = (request.query | request.form).get("raw_json") == "1"
    text = json.dumps(value if raw else rules.escape(value), ensure_ascii=False)
    # A lone surrogate has no UTF-8; Reddit's own encoder writes it as \\udXXX.
    return Answer(200, text.encode("utf-8", "backslashreplace"), JSON)


def _error(status: int, reason: str | None = None) -> Answer:
    value: dict[str, Any] = {"message": HTTPStatus(status).phrase, "error": status}
    return _json(({"reason": reason} if reason else {}) | value, status)


def _refused(thread: Thread) -> Answer | None:
    if thread.refusal is None:
        return None
    if thread.refusal == "legal":
        return Answer(451, b"", {"Content-Type": "text/plain"})
    return _error(*_REFUSALS[thread.refusal])


def _number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None
