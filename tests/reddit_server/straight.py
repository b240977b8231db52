"""A way to the stand-in without a connection, for those who ask it thousands of times.

What is asked and answered is the same; a fault that happens on the line has no place here.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.utils import get_encoding_from_headers

from .server import Server
from .wire import Request


class Straight(BaseAdapter):
    """Hands requests to a server, and its answers back."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        form = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        asked = Request(
            method=request.method or "",
            path="/" + unquote(str(url.path)).lstrip("/"),
            query=dict(parse_qsl(str(url.query), keep_blank_values=True)),
            form=dict(parse_qsl(str(form), keep_blank_values=True)),
            headers={key.lower(): value for key, value in request.headers.items()},
        )
        answer, fault = self._server.respond(asked, alone=True)
        assert not fault.cut
        self._server.note(replace(asked, status=answer.status))
        response = requests.Response()
        response.request, response.url = request, request.url or ""
        response.status_code, response._content = answer.status, answer.body
        response.headers.update(answer.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        return response

    def close(self) -> None:
        pass


def carried(session: requests.Session, server: Server) -> requests.Session:
    """Let a session ask a server in this way."""
    session.trust_env = False
    session.mount(server.url, Straight(server))
    return session
