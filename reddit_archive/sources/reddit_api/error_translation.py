"""Translate the exceptions of PRAW and prawcore into this package's errors.

Which exception stands for which response was determined by experiment with prawcore 4. For
unexpected responses prawcore also raises KeyError and ValueError.
"""

import configparser
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from praw.exceptions import PRAWException
from prawcore import exceptions
from requests import Response

from reddit_archive import errors
from reddit_archive.sources.reddit_api.requestor import BLOCKED_HINT, CHECK_CREDENTIALS_HINT

OPEN_SHARE_LINK_HINT = "Open it in a browser and pass the URL that it leads to."
SAVE_IN_BROWSER_HINT = (
    "If you can see it in your browser, add .json to its URL, save that page and pass the file."
)
UNAVAILABLE_REASONS = {
    "private": "is in a private subreddit",
    "quarantined": "is in a quarantined subreddit",
    "gated": "is in a gated subreddit",
    "gold_only": "is for Premium members",
    "banned": "is in a banned subreddit",
}


class RequestTooLargeError(errors.FetchError):
    """The request contains more names than Reddit accepts at once."""


@contextmanager
def translate_errors(subject: str) -> Iterator[None]:
    """Translate exceptions of PRAW and prawcore into errors with a hint.

    `subject` is a path of the API or a noun, for the message.
    """
    try:
        yield
    except exceptions.OAuthException as error:
        raise errors.LoginError(
            f"Reddit refuses the login ({error.error})", CHECK_CREDENTIALS_HINT
        ) from error
    except exceptions.InsufficientScope as error:
        raise errors.LoginError(
            "the refresh token lacks the scope 'read'", "Run `archive login` to get a new one."
        ) from error
    except exceptions.BadJSON as error:
        raise errors.InvalidResponseError(
            "Reddit's response is not JSON", "Try again in a few minutes."
        ) from error
    except exceptions.ResponseException as error:
        raise _error_from_response(error.response) from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise errors.ConfigError(
            f"praw.ini can't be read ({type(error).__name__})", "Correct or remove that file."
        ) from error
    except (PRAWException, exceptions.PrawcoreException) as error:
        raise errors.FetchError(
            f"Reddit's API refused {subject} ({type(error).__name__})", CHECK_CREDENTIALS_HINT
        ) from error
    except (KeyError, ValueError, AssertionError, IndexError, TypeError, RecursionError) as error:
        raise errors.InvalidResponseError(
            f"Reddit's response has an unknown format ({type(error).__name__})",
            "Try again. If the error persists, please report it.",
        ) from error


@contextmanager
def translate_ini_errors() -> Iterator[None]:
    """Translate PRAW's exceptions about a praw.ini into ConfigError.

    PRAW's warning that a praw.ini changes the server is suppressed, because `RedditSource` sets
    every setting itself.
    """
    try:
        with warnings.catch_warnings(), translate_errors("the configuration"):
            warnings.simplefilter("ignore")
            yield
    except errors.InvalidResponseError as error:
        raise errors.ConfigError(
            "a setting in praw.ini or an environment variable praw_… can't be read",
            "Correct or remove it.",
        ) from error


def _error_from_response(response: Response) -> errors.ArchiveError:
    status = response.status_code
    if "access_token" in response.url:
        return errors.LoginError(
            f"Reddit refuses the login (status {status})", CHECK_CREDENTIALS_HINT
        )
    if status == 403 and _is_web_page(response):
        return errors.BlockedError("Reddit returned a block page (status 403)", BLOCKED_HINT)
    if status in (403, 404):
        return _unavailable_error(response)
    if status == 451:
        return errors.ThreadUnavailableError(
            "Reddit withholds this thread for legal reasons", SAVE_IN_BROWSER_HINT, reason="legal"
        )
    error_class = RequestTooLargeError if status in (400, 413, 414) else errors.FetchError
    return error_class(
        f"Reddit refused the request (status {status})", "Check the URL, or try again later."
    )


def _unavailable_error(response: Response) -> errors.ThreadUnavailableError:
    reason = _get_reason(response)
    if reason in UNAVAILABLE_REASONS:
        return errors.ThreadUnavailableError(
            f"this thread {UNAVAILABLE_REASONS[reason]}", SAVE_IN_BROWSER_HINT, reason=reason
        )
    if response.status_code == 403:
        return errors.ThreadUnavailableError(
            "Reddit forbids this thread", SAVE_IN_BROWSER_HINT, reason="forbidden"
        )
    return errors.ThreadUnavailableError(
        "Reddit has no such thread",
        "Check the URL. If this is the ID of a comment, put t1_ before it.",
        reason="not-found",
    )


def _get_reason(response: Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    reason = body.get("reason") if isinstance(body, dict) else None
    return reason if isinstance(reason, str) else ""


def _is_web_page(response: Response) -> bool:
    content_type = response.headers.get("content-type", "")
    return "html" in content_type or response.content.lstrip()[:1] == b"<"
