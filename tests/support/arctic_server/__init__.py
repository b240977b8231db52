"""A strict test server with the API of Arctic Shift, on 127.0.0.1.

It stores threads as it first saw them. `records` builds its responses, `server` is the HTTP part. A
request with a key or a cookie, or without a user agent, makes the test fail.
"""

from .server import Server

__all__ = ["Server"]
