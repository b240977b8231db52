"""What the exceptions of `requests` and of the limits mean, as errors of our own."""

from reddit_archive import errors
from reddit_archive.network.limits import LimitExceeded

FAULTS = {
    "ConnectTimeout": "{} does not answer",
    "ReadTimeout": "{} did not answer in time",
    "SSLError": "no safe connection to {} could be made",
    "ChunkedEncodingError": "{}'s answer broke off",
    "ContentDecodingError": "{}'s answer is garbled",
    "InvalidHeader": "{}'s answer is garbled",
    "ProxyError": "{} can't be reached through the proxy",
    "ConnectionError": "{} can't be reached",
}
"""By the name of the exception."""
CHECK_CONNECTION = "Check your connection, and try again in a few minutes."


def translate(error: Exception, server: str, *, proxy_setting: str = "") -> errors.FetchError:
    """Return the error that an exception of a request to `server` means.

    Args:
        error: What requests, urllib3 or the adapter raised.
        server: The name of the server, for the message.
        proxy_setting: The variable that names the proxy, if there is one.
    """
    if isinstance(error, LimitExceeded):
        return errors.ResponseRefused(f"{server} {error}", "Try again later.")
    name = type(error).__name__
    what = FAULTS.get(name, f"the request to {{}} failed ({name})").format(server)
    hint = CHECK_CONNECTION
    if name == "ProxyError" and proxy_setting:
        what, hint = f"{what} that {proxy_setting} names", f"Check {proxy_setting}."
    return errors.Unreachable(what, hint)
