"""Translate exceptions of `requests` and of the limits to our own errors."""

from reddit_archive import errors
from reddit_archive.network.limits import LimitExceededError

MESSAGES = {
    "ConnectTimeout": "{} does not answer",
    "ReadTimeout": "{} did not answer in time",
    "SSLError": "no secure connection to {} could be made",
    "ChunkedEncodingError": "the response of {} was cut off",
    "ContentDecodingError": "the response of {} is not valid HTTP",
    "InvalidHeader": "the response of {} is not valid HTTP",
    "ProxyError": "{} can't be reached through the proxy",
    "ConnectionError": "{} can't be reached",
}
"""Messages by the name of the exception."""
CHECK_CONNECTION = "Check your connection, and try again in a few minutes."


def translate(error: Exception, server: str, *, proxy_setting: str = "") -> errors.FetchError:
    """Return our own error for an exception of a request to `server`.

    Args:
        error: The exception of requests, urllib3 or the adapter.
        server: The name of the server for the message.
        proxy_setting: The environment variable that names the proxy, if there is a proxy.
    """
    if isinstance(error, LimitExceededError):
        return errors.ResponseRefusedError(f"{server} {error}", "Try again later.")
    name = type(error).__name__
    message = MESSAGES.get(name, f"the request to {{}} failed ({name})").format(server)
    hint = CHECK_CONNECTION
    if name == "ProxyError" and proxy_setting:
        message, hint = f"{message} that {proxy_setting} names", f"Check {proxy_setting}."
    return errors.ServerUnreachableError(message, hint)
