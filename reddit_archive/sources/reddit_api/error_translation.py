"""What PRAW, prawcore and Reddit's answers mean, as errors of our own: the only place that knows.

Reddit's answers and how prawcore 4 raises them were measured; prawcore also lets a KeyError or a
ValueError through for answers it did not expect.
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

OPEN_SHARE_LINK_HINT = "Open it in a browser and give the address that it leads to."
SAVE_IN_BROWSER_HINT = (
    "If you can see it in your browser, add .json to its address, save that page and give the file."
)
UNAVAILABLE_REASONS = {
    "private": "is in a private subreddit",
    "quarantined": "is in a quarantined subreddit",
    "gated": "is in a gated subreddit",
    "gold_only": "is for Premium members",
    "banned": "is in a banned subreddit",
}


class RequestTooLargeError(errors.FetchError):
    """The request asks for more than Reddit takes at once."""


@contextmanager
def translate_errors(subject: str) -> Iterator[None]:
    """Turn whatever PRAW and prawcore raise into an error that says what to do.

    `what` is a path of the API or a noun, for the message.
    """
    try:
        yield
    except exceptions.OAuthException as error:
        raise errors.LoginError(
            f"Reddit refuses the login ({error.error})", CHECK_CREDENTIALS_HINT
        ) from error
    except exceptions.InsufficientScope as error:
        raise errors.LoginError(
            "the refresh token may not read threads", "Make one with the scope 'read'."
        ) from error
    except exceptions.BadJSON as error:
        raise errors.InvalidResponseError(
            "Reddit's answer is no JSON", "Try again in a few minutes."
        ) from error
    except exceptions.ResponseException as error:
        raise _error_from_response(error.response) from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise errors.ConfigError(
            f"praw.ini can't be read ({type(error).__name__})", "Mend or remove that file."
        ) from error
    except (PRAWException, exceptions.PrawcoreException) as error:
        raise errors.FetchError(
            f"Reddit's API refused {subject} ({type(error).__name__})", CHECK_CREDENTIALS_HINT
        ) from error
    except (KeyError, ValueError, AssertionError, IndexError, TypeError, RecursionError) as error:
        raise errors.InvalidResponseError(
            f"Reddit's answer has a form that is not understood ({type(error).__name__})",
            "Try again; if it stays, please report it.",
        ) from error


@contextmanager
def translate_ini_errors() -> Iterator[None]:
    """Turn what PRAW raises over a praw.ini into a ConfigError.

    PRAW also warns that a praw.ini sends the key elsewhere, which is not so: see `Reddit`.
    """
    try:
        with warnings.catch_warnings(), translate_errors("the configuration"):
            warnings.simplefilter("ignore")
            yield
    except errors.InvalidResponseError as error:
        raise errors.ConfigError(
            "a setting in praw.ini, or a variable praw_…, can't be read",
            "Correct or remove it.",
        ) from error


def _error_from_response(response: Response) -> errors.ArchiveError:
    status = response.status_code
    if "access_token" in response.url:
        return errors.LoginError(
            f"Reddit refuses the login (status {status})", CHECK_CREDENTIALS_HINT
        )
    if status == 403 and _is_web_page(response):
        return errors.BlockedError("Reddit answers with a block page (status 403)", BLOCKED_HINT)
    if status in (403, 404):
        return _unavailable_error(response)
    if status == 451:
        return errors.ThreadUnavailableError(
            "Reddit withholds this thread for legal reasons", SAVE_IN_BROWSER_HINT, reason="legal"
        )
    error_class = RequestTooLargeError if status in (400, 413, 414) else errors.FetchError
    return error_class(
        f"Reddit refused the request (status {status})", "Check the address, or try again later."
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
        "Reddit knows no such thread",
        "Check the address; if it is the id of a comment, write t1_ before it.",
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
