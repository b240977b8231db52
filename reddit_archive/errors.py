"""All errors of this package, each with the exit code of the command that fails with it.

`message` is one sentence: what happened, to which thing. `hint` says what to do next.

ArchiveError                  1   a command failed; nothing that was stored is lost
├── InvalidReferenceError     2   the text does not name a Reddit thread or comment
├── InvalidOptionsError       2   the options in a page or in a list of threads are invalid
├── ConfigError               5   the settings can't be read or are invalid
├── LoginError                5   there is no key, or Reddit does not accept it
├── NotAThreadError           1   a file or a response does not contain a thread
│   └── OtherPageError        1   a saved web page shows something else than a thread
├── CommentNotFoundError      1   the thread has no comment with this ID
├── ExcerptNotFoundError      1   the text does not contain these words, or contains them twice
├── NotArchivedError          1   the archive does not exist, or does not contain the thread
├── StoreError                1   a file or folder can't be read or written
│   ├── DamagedBagError       4   an imported ZIP file or bag is damaged, or is a ZIP bomb
│   └── NewerFormatError      1   a newer version of this program wrote the archive
├── RedactionIncompleteError  1   redacted text remains in the archive (verify)
├── RenderMismatchError       1   a quote renders differently from the text on Reddit (--check)
├── BlocksOutdatedError       1   quote blocks in a page are outdated (refresh --check)
├── DamageFoundError          4   a stored file does not match the checksum in its name
├── IncompleteThreadError     3   comments are missing (--require-complete)
└── FetchError                1   a source did not return the thread
    ├── ThreadUnavailableError  1   the thread is deleted, private, quarantined or blocked by law
    ├── BlockedError            1   Reddit returned a block page instead of data
    ├── RateLimitError          1   the rate limit was exceeded in every try
    ├── ServerUnreachableError  1   no response, or a server error, in every try
    ├── RedirectedError         1   the server sent a redirect, which is not followed
    ├── ResponseRefusedError    1   a response is too large, too slow or endless
    └── InvalidResponseError    1   a response is not valid JSON
"""


class ArchiveError(Exception):
    """Base class of all errors that a user may see.

    Args:
        message: One sentence that says what happened, to which thing.
        hint: What the user can do next, as a command where there is one.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidReferenceError(ArchiveError):
    """The text does not name a Reddit thread or comment."""

    exit_code = 2


class InvalidOptionsError(ArchiveError):
    """The options in a page or in a list of threads are invalid."""

    exit_code = 2


class ConfigError(ArchiveError):
    """The settings can't be read or are invalid."""

    exit_code = 5


class LoginError(ArchiveError):
    """There is no key for Reddit's API, or Reddit does not accept it."""

    exit_code = 5


class NotAThreadError(ArchiveError):
    """A file or a response does not contain a thread."""


class OtherPageError(NotAThreadError):
    """A saved web page shows something else than a thread.

    Args:
        message: One sentence.
        hint: What to do instead.
        page_kind: What it shows, for example "a listing of posts".
    """

    def __init__(self, message: str, hint: str, page_kind: str) -> None:
        super().__init__(message, hint)
        self.page_kind = page_kind


class CommentNotFoundError(ArchiveError):
    """The thread has no comment with this ID."""


class ExcerptNotFoundError(ArchiveError):
    """The text does not contain the words to quote, or contains them twice."""


class NotArchivedError(ArchiveError):
    """The archive does not exist, or does not contain the thread."""


class StoreError(ArchiveError):
    """A file or folder can't be read or written."""


class DamagedBagError(StoreError):
    """An imported ZIP file or bag is damaged, or is a ZIP bomb."""

    exit_code = 4


class NewerFormatError(StoreError):
    """A newer version of this program wrote the archive.

    The exit code is not 4: nothing is damaged. The user needs a newer version, not a backup.
    """


class RedactionIncompleteError(ArchiveError):
    """Redacted text remains in the archive.

    The exit code is not 4: a backup would restore what was redacted.
    """


class RenderMismatchError(ArchiveError):
    """A quote renders differently from the text on Reddit."""


class BlocksOutdatedError(ArchiveError):
    """Quote blocks in a page are outdated."""


class DamageFoundError(ArchiveError):
    """A stored file does not match the checksum in its name."""

    exit_code = 4


class IncompleteThreadError(ArchiveError):
    """Comments are missing, and the user required a complete thread."""

    exit_code = 3


class FetchError(ArchiveError):
    """A source did not return the thread."""


class ThreadUnavailableError(FetchError):
    """The source reports that the thread is not available.

    Args:
        reason: One word for logs: not-found, private, quarantined, gated, banned or legal.
    """

    def __init__(self, message: str, hint: str = "", *, reason: str) -> None:
        super().__init__(message, hint)
        self.reason = reason


class BlockedError(FetchError):
    """Reddit returned a block page instead of data."""


class RateLimitError(FetchError):
    """The rate limit is exceeded.

    Args:
        wait_seconds: How long the server asks to wait; None if it does not say.
    """

    def __init__(self, message: str, hint: str = "", *, wait_seconds: float | None = None) -> None:
        super().__init__(message, hint)
        self.wait_seconds = wait_seconds


class ServerUnreachableError(FetchError):
    """The server did not respond, or responded with a server error.

    `waited_seconds` is the duration of the failed request.
    """

    waited_seconds = 0.0


class RedirectedError(FetchError):
    """The server sent a redirect, which is not followed.

    Args:
        location: The target of the redirect. It is untrusted; do not show it in messages.
    """

    def __init__(self, message: str, hint: str = "", *, location: str) -> None:
        super().__init__(message, hint)
        self.location = location


class ResponseRefusedError(FetchError):
    """A response is too large, too slow or endless."""


class InvalidResponseError(FetchError):
    """A response is not valid JSON."""
