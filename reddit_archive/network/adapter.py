"""A `requests` adapter that reads every response within limits, also through proxies."""

import time
from functools import partial
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from reddit_archive.files import fast_json
from reddit_archive.network.limits import ResponseLimits, ResponseTooLargeError
from reddit_archive.network.response import BoundedResponse, Clock

ACCEPT_ENCODING = "gzip"
"""requests would also ask for zstd and brotli where those packages are installed."""
SUPPORTED_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
CHUNK_BYTES = 65_536


class BoundedAdapter(HTTPAdapter):
    """Sends requests; a response that exceeds the limits raises LimitExceededError."""

    def __init__(
        self, limits: ResponseLimits | None = None, *, clock: Clock = time.monotonic
    ) -> None:
        super().__init__()
        self._limits = limits or ResponseLimits()
        response = partial(BoundedResponse, limits=self._limits, clock=clock)
        self._response_class = staticmethod(response)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the connection pool that requests chooses, with bounded responses."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        connection_class = pool.ConnectionCls
        if connection_class.__dict__.get("response_class") is not self._response_class:
            members = {"response_class": self._response_class}
            pool.ConnectionCls = type(connection_class.__name__, (connection_class,), members)
        return pool

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        request.headers["Accept-Encoding"] = ACCEPT_ENCODING
        response = super().send(request, *args, **kwargs)
        try:
            body = self._read_body(response)
            self._check_values(body)
        except BaseException:
            response.close()
            raise
        response._content = body
        return response

    def _check_values(self, body: bytes) -> None:
        """Raise ResponseTooLargeError for a small body whose JSON values would fill the memory."""
        max_values = self._limits.max_values
        is_large = len(body) > max_values and fast_json.count_values(body) > max_values
        if is_large or fast_json.is_bomb(body):
            raise ResponseTooLargeError("sent more values than fit in memory")

    def _read_body(self, response: Response) -> bytes:
        """Read the decompressed body. Raises LimitExceededError.

        The chunks are small because older versions of urllib3 decompress each chunk as a whole.
        """
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in SUPPORTED_ENCODINGS:
            raise ResponseTooLargeError("sent a response in an encoding that was not asked for")
        max_bytes, body = self._limits.max_bytes, bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > max_bytes:
                raise ResponseTooLargeError(f"sent more than {max_bytes / 1e6:.3g} MB of data")
        return bytes(body)
