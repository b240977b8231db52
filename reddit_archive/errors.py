"""Every way in which a command can fail, and the exit code of each.

ArchiveError                 1   something failed; nothing that was stored is lost
├── BadReference             2   what was given names no Reddit thread
├── BadOptions               2   options in a page or a list that can't be understood
├── ConfigError              5   config.yaml or the environment can't be used
├── LoginError               5   Reddit refuses the key, or there is none
├── NotAThread               1   a file or an answer holds no thread
├── CommentNotFound          1   the thread is here, this comment of it is not
├── WordsNotFound            1   the comment never said these words, or said them twice
├── NotArchived              1   the archive holds no snapshot of this thread, or is not there
├── StoreError               1   the archive's folder can't be read or written
│   ├── DamagedBag           4   an imported ZIP file is damaged, or a ZIP bomb
│   └── NewerFormat          1   a newer version wrote it: whole, and not to be read by this one
├── Unfinished               1   what was redacted stands elsewhere in the archive still (verify)
├── Unfaithful               1   a quote shows something else than Reddit did (--check)
├── Stale                    1   blocks of a page are not as they should be (refresh --check)
├── DamageFound              4   a stored file no longer matches its name
├── Incomplete               3   comments are missing and --require-complete was given
└── FetchError               1   Reddit did not give the thread
    ├── Gone                     and says why: no such thread, private, quarantined,
    │                            banned, withheld for legal reasons
    ├── Blocked                  a block page in place of the API's answer
    ├── Throttled                the rate limit lasted through every try
    ├── Unreachable              no answer, or server errors through every try
    ├── Redirected               the server sent a redirect, which is not followed
    ├── ResponseRefused          a response is too large, too slow or endless
    └── Malformed                an answer that is no JSON
"""


class ArchiveError(Exception):
    """What went wrong in one sentence (`message`) and what to do about it (`hint`)."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidReferenceError(ArchiveError):
    exit_code = 2


class InvalidOptionsError(ArchiveError):
    exit_code = 2


class ConfigError(ArchiveError):
    exit_code = 5


class LoginError(ArchiveError):
    exit_code = 5


class NotAThreadError(ArchiveError):
    pass


class CommentNotFoundError(ArchiveError):
    pass


class ExcerptNotFoundError(ArchiveError):
    pass


class NotArchivedError(ArchiveError):
    pass


class StoreError(ArchiveError):
    pass


class DamagedBagError(StoreError):
    exit_code = 4


class NewerFormatError(StoreError):
    """Not damage, after which one looks for a backup; the remedy is a newer version."""


class RedactionIncompleteError(ArchiveError):
    """Not damage, after which one looks for a backup: that would bring back what was redacted."""


class RenderMismatchError(ArchiveError):
    pass


class BlocksOutdatedError(ArchiveError):
    pass


class DamageFoundError(ArchiveError):
    exit_code = 4


class IncompleteThreadError(ArchiveError):
    exit_code = 3


class FetchError(ArchiveError):
    pass


class ThreadUnavailableError(FetchError):
    """Reddit answers, and the answer is that this thread is not to be had.

    `reason` is one word for logs: not-found, private, quarantined, gated, banned, legal.
    """

    def __init__(self, message: str, hint: str = "", *, reason: str) -> None:
        super().__init__(message, hint)
        self.reason = reason


class BlockedError(FetchError):
    pass


class RateLimitError(FetchError):
    """The rate limit is used up; `wait_seconds` is what Reddit asked for, if it did."""

    def __init__(self, message: str, hint: str = "", *, wait_seconds: float | None = None) -> None:
        super().__init__(message, hint)
        self.wait_seconds = wait_seconds


class ServerUnreachableError(FetchError):
    """`waited_seconds` is the duration of the failed request."""

    waited_seconds = 0.0


class RedirectedError(FetchError):
    """`location` is the untrusted address of the redirect. Do not show it in messages."""

    def __init__(self, message: str, hint: str = "", *, location: str) -> None:
        super().__init__(message, hint)
        self.location = location


class ResponseRefusedError(FetchError):
    pass


class InvalidResponseError(FetchError):
    pass
