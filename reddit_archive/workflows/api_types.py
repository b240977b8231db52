"""The types of the public interface; see `workflows.api`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

from reddit_archive import errors
from reddit_archive.config import Settings
from reddit_archive.model.thread import Thread
from reddit_archive.quote import option_fields
from reddit_archive.quote.blocks.options import QUOTE_OPTIONS, QuoteOptions, build_options
from reddit_archive.workflows.load import LoadedThread
from reddit_archive.workflows.quote import write_quote


class QuoteKeywords(TypedDict, total=False):
    """What to quote and how: the options of `archive quote`. All are optional.

    Attributes:
        comments: Ids or addresses of comments.
        context: How many ancestors of each of them are added.
        replies: How many levels of replies are added; None for all.
        everything: Whether the whole thread is quoted.
        top: How many top-level comments are quoted, by score.
        depth: The deepest level of comments.
        min_score: The lowest score of comments.
        has_post: Whether the post is quoted (default: True).
        has_heading: Whether the quote has a heading (default: True).
        only_comments: Whether the quote has neither post nor heading (default: False).
        target: Where the quote is pasted, such as "markdown", "jekyll" or "obsidian".
        style: How the attribution looks, such as "plain", "dated" or "full".
        as_of: A date or time; the thread is quoted as it was then.
        excerpt: A part of one text: "these words" or "from … to".
        images: "link", "embed" or "local".
        width: The columns at which the target "text" is wrapped; 0 for no wrapping.
        pseudonyms: Whether names are replaced with pseudonyms.
    """

    comments: Sequence[str]
    context: int
    replies: int | None
    everything: bool
    top: int
    depth: int | None
    min_score: int | None
    has_post: bool
    has_heading: bool
    only_comments: bool
    target: str
    style: str
    as_of: str
    excerpt: str
    images: str
    width: int
    pseudonyms: bool


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A thread in an archive, as it was when it was saved or loaded.

    Attributes:
        thread: The post and its comments.
        is_new: Whether `Archive.save` stored a new snapshot; None if it was not saved just now.
        unavailable_reason: Why the source no longer returns the thread, if it does not.
    """

    thread: Thread
    is_new: bool | None
    unavailable_reason: str | None
    _loaded: LoadedThread
    _settings: Settings

    @property
    def id(self) -> str:
        """The id of the post."""
        return self.thread.id

    @property
    def title(self) -> str:
        """The title of the post."""
        return self.thread.post_metadata.title if self.thread.post_metadata else ""

    def quote(self, **options: Unpack[QuoteKeywords]) -> str:
        """Write a quote; without options, of the post alone.

        Args:
            **options: See `QuoteKeywords`. For `as_of`, use `Archive.quote`.

        Raises:
            CommentNotFoundError: The thread has no such comment.
            ExcerptNotFoundError: The text does not contain the excerpt, or contains it twice.
            InvalidOptionsError: An option is wrong, or the style or target does not exist.
        """
        if "as_of" in options:
            raise errors.InvalidOptionsError(
                "a loaded thread can't be quoted as of another time", "Use Archive.quote."
            )
        return write_quote(self._loaded, parse_keywords(options), self._settings)


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The result of checking an archive.

    Attributes:
        file_count: How many files were checked.
        findings: Descriptions of what is wrong with which file.
        is_intact: Whether no file is damaged or missing.
    """

    file_count: int
    findings: tuple[tuple[Path, str], ...]
    is_intact: bool


def parse_keywords(options: QuoteKeywords) -> QuoteOptions:
    """Build options from keywords. Raises InvalidOptionsError and InvalidReferenceError."""
    values: dict[str, Any] = {}
    for name, value in options.items():
        spec = QUOTE_OPTIONS.get(name)
        if spec is None:
            raise errors.InvalidOptionsError(
                f"unknown quote option '{name}'", f"Choose from {', '.join(QUOTE_OPTIONS)}."
            )
        if spec.is_multiple and isinstance(value, Sequence):
            items = [value] if isinstance(value, str) else value
            value = [parsed for item in items for parsed in option_fields.parse(spec, str(item))]
        elif value is not None and not spec.is_flag and not spec.choices:
            value = spec.parse(str(value))
        values[name] = value
    return build_options(values)
