"""A stand-in for Arctic Shift on 127.0.0.1, of its documented shape, and strict.

It holds threads as it first saw them. `records` says what its answers hold, `server` speaks HTTP.
Whoever sends it a key or a cookie, or names nobody, makes the test fail.
"""

from .server import Server

__all__ = ["Server"]
