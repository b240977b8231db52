"""From a reference to a thread in the archive: which source to ask, what to store, what to say."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reddit_archive import config, errors, history
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import check_log, forgotten_log, redact, snapshot_format, store
from reddit_archive.archive.index import maintenance
from reddit_archive.cli import options, terminal
from reddit_archive.cli.commands import open as open_command
from reddit_archive.cli.save_report import tell_forgotten
from reddit_archive.config import Settings, key_settings
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.model.deletion import get_deletion_reason
from reddit_archive.model.reference import Reference
from reddit_archive.sources.base import (
    FetchInterrupted,
    FetchRequest,
    Progress,
    ProgressCallback,
    Source,
)
from reddit_archive.workflows.load import Outcome, load, shots

SECONDS_PER_REQUEST = 0.6
"""Reddit grants 100 requests a minute."""
NO_KEY = (
    "There is no key for Reddit's API, so this asks Arctic Shift, an archive that keeps texts as "
    "they were first seen. `archive login` sets a key."
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A resolved reference, and what came of asking for it: a capture, or why there is none."""

    pointed: Reference
    taken: Capture | None = None
    gone: str = ""


def configured(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The settings, with what the options of the command line say about sources and pictures."""
    if given["media"] is not None:
        settings = replace(settings, media=replace(settings.media, save=given["media"]))
    return replace(settings, source=given["source"] or settings.source)


def source(settings: Settings, *, show: ProgressCallback = lambda _: None) -> Source:
    """Take the source that is configured; by itself Reddit with a key, else Arctic Shift.

    Raises LoginError, ConfigError.
    """
    from reddit_archive.network.retry import RetryPolicy

    patience = RetryPolicy(settings.tries, settings.first_wait_seconds)
    has_key = bool(settings.reddit.get("client_id"))
    if settings.source == "reddit" or (settings.source == "auto" and has_key):
        from reddit_archive.sources.reddit_api import RedditSource
        from reddit_archive.sources.resume_journal import ResumeJournal

        def journal(thread_id: str) -> ResumeJournal:
            return ResumeJournal(settings.archive / "tmp" / f".t3_{thread_id}-reddit.part")

        key = key_settings.check(settings)
        return RedditSource(
            key,
            retry_policy=patience,
            on_status=terminal.say,
            report_progress=show,
            open_journal=journal,
        )
    from reddit_archive.sources.arctic_shift import ArcticShiftSource

    if settings.source == "auto":
        terminal.say(_no_key())
    return ArcticShiftSource(
        settings.arctic_shift, retry_policy=patience, on_status=terminal.say, report_progress=show
    )


def _no_key() -> str:
    """Say that there is no key; or that there is one, in a file that another stands before."""
    own = options.user_folder() / "config.yaml"
    read = config.find(
        options.named_config(), user_folder=options.user_folder(), environment=os.environ
    )
    if read is not None and read.absolute() != own.absolute() and own.is_file():
        with suppress(errors.ConfigError):
            if config.parse(config.read(own), str(own)).reddit.get("client_id"):
                return (
                    f"Your key is in {own}, but {read} is read in its place, so this asks Arctic "
                    f"Shift. `archive login --config {read}` sets the key there too."
                )
    return NO_KEY


def fetch(asked: Source, pointed: Reference, wish: FetchRequest, root: Path) -> Fetched:
    """Ask a source. What came until an interrupt is stored in the archive `root`.

    The comment that the reference turns out to name is wished for too. Raises FetchError where
    there is nothing to be had and the archive has nothing either.
    """
    pointed = asked.resolve(pointed)
    if pointed.comment_id is not None:
        wished = dict.fromkeys((*wish.comment_ids, pointed.comment_id))
        wish = replace(wish, comment_ids=tuple(wished))
    wish = replace(wish, previous_comment_ids=known(root, pointed.post_id or "", asked.name))
    try:
        return Fetched(pointed, taken=asked.fetch(pointed, wish))
    except FetchInterrupted as cut:
        with suppress(errors.NotAThreadError):
            archive_add.add(root, cut.capture)
        raise
    except errors.ThreadUnavailableError as gone:
        thread_id = pointed.post_id or ""
        if not store.read_headers(root, thread_id):
            raise
        if asked.name != "reddit":  # what an archive does not have may well be on Reddit
            return Fetched(pointed, gone=gone.message)
        check_log.add(
            store.thread_folder(root, thread_id), capture.utc_now(), asked.name, gone.reason
        )
        return Fetched(pointed, gone=f"Gone from Reddit: {gone.message}")


def known(root: Path, thread_id: str, source: str) -> tuple[str, ...]:
    """The comments (ids) that this source showed last time, with their text."""
    heads = [head for head in store.read_headers(root, thread_id) if head.source == source]
    if not heads:
        return ()
    with suppress(errors.ArchiveError):  # a damaged one is said when it is read for the quote
        things = snapshot_format.load(heads[-1].path).capture.things
        comments = (thing for thing in things if thing["kind"] == "t1")
        shown = (t for t in comments if get_deletion_reason("t1", t["data"]) is None)
        return tuple(name[3:] for thing in shown if (name := capture.get_fullname(thing)))
    return ()


@contextmanager
def progress() -> Iterator[ProgressCallback]:
    """Show on a terminal how far a fetch is."""
    with terminal.waiting("Asking …") as update:
        yield lambda done: update(line(done))


def line(done: Progress) -> str:
    counted = f" of {done.total_comments:,}" if done.total_comments is not None else ""
    parts = [
        f"{done.comment_count:,}{counted} comments",
        terminal.counted(done.request_count, "request"),
    ]
    if done.remaining_requests:
        parts.append(f"about {max(1, round(done.remaining_requests * SECONDS_PER_REQUEST))} s left")
    return " · ".join(parts)


def keep(taken: Capture, settings: Settings) -> Outcome:
    """Store a capture, its pictures first; without them if their download is interrupted.

    Raises StoreError, and NotAThread for a capture that holds nothing of its thread.
    """
    root, thread_id = settings.archive, taken.thread_id
    taken = archive_add.filter_redacted(root, capture.require_thread(taken))
    is_first = not store.list_digests(root, thread_id)
    if is_first:
        tell_forgotten(root, thread_id)
    if settings.media.save:
        try:
            taken = _with_media(taken, settings)
        except BaseException:
            archive_add.add(root, taken)  # much may be redacted since
            raise
    added = archive_add.add(root, taken)
    if is_first:
        forgotten_log.record_saved(root, thread_id)
    is_new = added.is_new
    changed = redact.apply_policy(root, thread_id, settings.deleted)
    is_as_added = settings.deleted == "keep"
    if not is_as_added:
        open_command.discard(changed)
    del taken  # a thread of 100,000 comments is large enough once
    added_as_is = added if is_as_added else None
    found = shots(
        root,
        thread_id,
        on_damage=terminal.damaged,
        added=added_as_is,
    )
    seen = history.observe(shot.capture for shot in found)
    thread = history.merge(thread_id, seen)
    maintenance.add(root, thread_id, found, seen)
    return Outcome(thread, found, is_new)


def _with_media(taken: Capture, settings: Settings) -> Capture:
    from reddit_archive import media

    limits = media.MediaLimits(
        file_bytes=settings.media.file_bytes, thread_bytes=settings.media.thread_bytes
    )
    with terminal.waiting("Fetching pictures …"):
        kept = media.save(
            settings.archive,
            taken.thread_id,
            media.find_media(taken.things),
            on_status=terminal.say,
            limits=limits,
        )
    return replace(taken, media=kept.media, missing_media=kept.missing)


def recover(outcome: Outcome, settings: Settings) -> Outcome:
    """Ask Arctic Shift for texts that Reddit has lost and that were never seen; keep what it has.

    They become a snapshot of their own.
    """
    from reddit_archive.network.retry import RetryPolicy
    from reddit_archive.sources.arctic_shift import ArcticShiftSource

    names = lost_unseen(outcome)
    if not names:
        terminal.say("There is nothing to recover: no text is lost that was not seen before.")
        return outcome
    asked = ArcticShiftSource(
        settings.arctic_shift,
        retry_policy=RetryPolicy(settings.tries, settings.first_wait_seconds),
        on_status=terminal.say,
    )
    with terminal.waiting("Asking Arctic Shift …"):
        found = asked.recover(outcome.thread.id, names)
    if found is None:
        terminal.say(f"Arctic Shift has none of {terminal.counted(len(names), 'lost text')}.")
        return outcome
    count = terminal.counted(len(names), "lost text")
    terminal.say(f"Recovered from Arctic Shift: {len(found.things)} of {count}.")
    kept = keep(found, replace(settings, media=replace(settings.media, save=False)))
    return replace(kept, is_new=outcome.is_new or kept.is_new, gone=outcome.gone)


def lost_unseen(outcome: Outcome) -> list[str]:
    """The posts and comments, by fullname, whose text is lost on Reddit and was never seen here.

    Those that Reddit names and does not give are among them.
    """
    thread = outcome.thread
    said = [*([thread.post] if thread.post else []), *thread.comments.values()]
    lost = [each.fullname for each in said if each.deletion_status and not each.is_preserved]
    withheld = [f"t1_{i}" for gap in thread.missing_comments if gap.is_withheld for i in gap.ids]
    return lost + withheld


def stored(root: Path, thread_id: str, gone: str) -> Outcome:
    """A thread that is no longer to be had, as the archive has it."""
    return replace(load(root, thread_id), gone=gone)
