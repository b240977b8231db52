"""A plain HTTP client for the test server of Reddit."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.reddit_server import USER_AGENT, Server


class Response:
    """The status, headers and body of a response."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def get(
    server: Server, path: str, *, headers: dict[str, str] | None = None, **query: Any
) -> Response:
    """Send a GET request, by default with a valid token and user agent."""
    good = {"Authorization": f"bearer {server.tokens.issue()}", "User-Agent": USER_AGENT}
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    try:
        target = f"{path}?{urlencode(query)}" if query else path
        connection.request("GET", target, headers=good if headers is None else headers)
        return Response(connection.getresponse())
    finally:
        connection.close()


def log_in(server: Server, client: str, secret: str, **form: str) -> Response:
    """Request an access token."""
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    try:
        headers = {
            "Authorization": f"Basic {basic}",
            "User-Agent": USER_AGENT,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", "/api/v1/access_token", urlencode(form), headers)
        return Response(connection.getresponse())
    finally:
        connection.close()
