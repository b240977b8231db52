"""Write quotes of stored threads, for a target and in a style of the settings."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reddit_archive import errors, history, quote
from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.config import Settings
from reddit_archive.markup import targets
from reddit_archive.model.content import REDDIT_URL
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Style
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.quote.style import describe_unknown_style
from reddit_archive.workflows import local_images
from reddit_archive.workflows.load import LoadedThread
from reddit_archive.workflows.wording import format_count

if TYPE_CHECKING:
    from reddit_archive.quote.check import Difference


def write_quote(
    loaded: LoadedThread, options: QuoteOptions, settings: Settings, *, output: str | None = None
) -> str:
    """Write the quote of a thread.

    Args:
        loaded: The thread.
        options: What to quote of it and how; the settings fill in what they leave open.
        settings: The settings.
        output: The file for which it is written, beside which local images lie.

    Raises:
        CommentNotFoundError: The thread has no such comment.
        ExcerptNotFoundError: The text does not contain the excerpt, or contains it twice.
        InvalidOptionsError: The style or the target does not exist, or has no width.
    """
    style = find_style(options, settings)
    target = find_target(options, settings)
    thread = pseudonymize(_cut_to_excerpt(loaded, options, settings), options, settings)
    images = options.images or style.images or settings.quote.images
    return quote.render(
        thread,
        options.selection,
        target=target,
        style=style,
        max_depth=settings.quote.deepest,
        width=find_width(options, settings, target),
        is_literal=settings.quote.typography == "literal",
        image_sources=local_images.find_image_sources(loaded, images, output),
        captured_at=loaded.snapshots[-1].capture.captured_at,
        last_seen=_find_last_seen(loaded) if style.lost else None,
    )


def describe_omitted(loaded: LoadedThread, options: QuoteOptions) -> str:
    """Describe the comments that are left out because of their score; "" if there are none."""
    count = len(quote.find_low_scored(loaded.thread, options.selection))
    if not count:
        return ""
    comments = format_count(count, "comment")
    return f"left out {comments} with a score below {options.selection.min_score}"


def add_block_markers(loaded: LoadedThread, options: QuoteOptions, text: str) -> str:
    """Put the markers of a page's quote block around a quote.

    With pseudonyms the address is short: on a user's own page the full one contains their name.
    """
    thread = loaded.thread
    post = thread.post_metadata
    if post is None:
        address = f"t3_{thread.id}"
    elif options.pseudonyms:
        address = f"{REDDIT_URL}/comments/{thread.id}/"
    else:
        address = post.permalink
    from reddit_archive.quote.blocks import pages  # 5 ms

    return pages.write_block(address, options, text)


def pseudonymize(thread: Thread, options: QuoteOptions, settings: Settings) -> Thread:
    """Replace the names in a thread with pseudonyms if the options ask for that."""
    if not options.pseudonyms:
        return thread
    from reddit_archive.archive import pseudonyms  # 2 ms

    key = pseudonyms.read_or_create_key(settings.archive)
    return pseudonyms.pseudonymize_thread(thread, key)


def find_differences(
    loaded: LoadedThread, options: QuoteOptions, settings: Settings
) -> Sequence["Difference"]:
    """Compare the rendered quote with the HTML that Reddit delivered.

    Raises InvalidOptionsError for a target that can't be checked.
    """
    from reddit_archive.quote import check  # 23 ms, with a renderer

    target = find_target(options, settings)
    checked_targets = check.get_checked_targets()
    if target not in checked_targets:
        raise errors.InvalidOptionsError(
            f"--check does not support the target '{target}'",
            f"Choose from {', '.join(checked_targets)}.",
        )
    return list(
        check.find_differences(
            _cut_to_excerpt(loaded, options, settings),
            options.selection,
            target=target,
            max_depth=settings.quote.deepest,
            style=find_style(options, settings),
        )
    )


def find_target(options: QuoteOptions, settings: Settings) -> str:
    """Return the target's name. Raises InvalidOptionsError if there is no such target."""
    name = options.target or settings.quote.target
    if name not in targets.NAMES:
        raise errors.InvalidOptionsError(
            f"unknown target '{name}'", f"Choose from {', '.join(targets.NAMES)}."
        )
    return name


def find_width(options: QuoteOptions, settings: Settings, target: str) -> int:
    """Return the columns at which lines are wrapped; 0 for a target that is not wrapped.

    Raises InvalidOptionsError if the options set a width for such a target.
    """
    if targets.get_target(target).output == "text":
        return settings.quote.width if options.width is None else options.width
    if options.width is not None:
        raise errors.InvalidOptionsError(
            f"the target '{target}' has no --width",
            "Lines that were wrapped would break differently there. Remove --width, or quote with "
            "--to text.",
        )
    return 0


def find_style(options: QuoteOptions, settings: Settings) -> Style:
    """Return the style. Raises InvalidOptionsError if there is no such style."""
    name, styles = options.style or settings.quote.style, settings.styles
    if name not in styles:
        hint = "Define your own styles in config.yaml, under `styles`."
        raise errors.InvalidOptionsError(describe_unknown_style(name, styles), hint)
    return styles[name]


def _cut_to_excerpt(loaded: LoadedThread, options: QuoteOptions, settings: Settings) -> Thread:
    """Return the thread, its quoted text cut to the excerpt if there is one.

    Raises ExcerptNotFoundError; its hint says whether an earlier snapshot has the words.
    """
    if options.excerpt is None:
        return loaded.thread
    mark = find_style(options, settings).left_out
    try:
        return quote.excerpt(loaded.thread, options.selection, options.excerpt, omission_mark=mark)
    except errors.ExcerptNotFoundError as error:
        if last_seen := _find_last_time_of_excerpt(loaded, options):
            hint = f"The text was changed since; --as-of {last_seen} quotes it as it was."
            raise errors.ExcerptNotFoundError(error.message, hint) from None
        raise


def _find_last_time_of_excerpt(loaded: LoadedThread, options: QuoteOptions) -> str:
    """Return the time of the last snapshot that contains the excerpt; "" if none does."""
    snapshots = loaded.snapshots
    for count in range(len(snapshots) - 1, 0, -1):
        captures = (snapshot.capture for snapshot in snapshots[:count])
        with suppress(errors.ArchiveError):
            thread = history.merge(loaded.thread.id, captures)
            quote.excerpt(thread, options.selection, options.excerpt or "")
            return format_time(snapshots[count - 1].capture.captured_at + timedelta(seconds=1))
    return ""


def _find_last_seen(loaded: LoadedThread) -> dict[str, datetime]:
    """Return when each text was last on Reddit that only the archive still has, by fullname."""
    thread = loaded.thread
    contents = [*thread.comments.values(), *([thread.post] if thread.post else [])]
    if not any(content.is_preserved for content in contents):
        return {}
    return {
        fullname: timeline.last_author_version.last_seen
        for fullname, timeline in loaded.trace().timelines.items()
        if timeline.last_author_version
    }
