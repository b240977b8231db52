"""Save a thread: fetch it, download its images, add it to the archive, merge, write the quote."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import forgotten_log, redact, store
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.index.resume import resume
from reddit_archive.archive.store import AddResult
from reddit_archive.config import Settings
from reddit_archive.history import incremental
from reddit_archive.media.discover import find_media
from reddit_archive.model import capture as capture_model
from reddit_archive.model.capture import Capture
from reddit_archive.model.reference import Reference
from reddit_archive.quote.blocks.options import DEFAULT_OPTIONS, QuoteOptions
from reddit_archive.sources.base import FetchRequest
from reddit_archive.workflows.fetch import FetchResult, fetch
from reddit_archive.workflows.load import LoadedThread, build_resumed, load_snapshots, load_thread
from reddit_archive.workflows.quote import write_quote
from reddit_archive.workflows.reporter import Reporter, warn_of_damage
from reddit_archive.workflows.wording import format_count


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """What to save, and what to quote of it.

    Attributes:
        references: The thread, or several saved files of one thread.
        options: What to quote and how.
        is_whole: Whether to fetch the whole thread, or as little as the quote needs.
        is_recovering: Whether to look for deleted texts in Arctic Shift.
        output: The file for which the quote is written.
    """

    references: tuple[Reference, ...]
    options: QuoteOptions = DEFAULT_OPTIONS
    is_whole: bool = True
    is_recovering: bool = False
    output: str | None = None

    @property
    def fetch_request(self) -> FetchRequest:
        selection = self.options.selection
        return FetchRequest(
            selection.comments, is_whole=self.is_whole, reply_depth=selection.replies
        )


@dataclass(frozen=True, slots=True)
class SaveResult:
    """A saved thread and its quote.

    Attributes:
        loaded: The thread as the archive has it now.
        options: The options of the request; a comment that the address names is selected.
        quote: The quote; None if it could not be written.
        quote_error: Why it could not be written. The thread is saved all the same.
        file_errors: The errors of saved files that could be read only in part.
        missing_page_urls: The pages to save as well, if the thread came from incomplete files.
    """

    loaded: LoadedThread
    options: QuoteOptions
    quote: str | None = None
    quote_error: errors.ArchiveError | None = None
    file_errors: tuple[errors.NotAThreadError, ...] = ()
    missing_page_urls: tuple[str, ...] = ()

    def require_quote(self) -> str:
        """Return the quote. Raises the error that prevented it."""
        if self.quote is None:
            raise self.quote_error or errors.ArchiveError("there is no quote")
        return self.quote


def save(request: SaveRequest, settings: Settings, reporter: Reporter) -> SaveResult:
    """Save a thread and write its quote.

    Raises:
        FetchError: The source does not return the thread, and the archive does not have it.
        LoginError: Reddit refuses the key.
        StoreError: The archive can't be written.
        NotAThreadError: A saved file contains no thread.
    """
    fetched = fetch(request.references, request.fetch_request, settings, reporter)
    if fetched.captures:
        loaded = store_captures(fetched.captures, settings, reporter)
    else:
        loaded = load_unavailable(fetched, settings, reporter)
    if request.is_recovering:
        loaded = recover(loaded, settings, reporter)
    return render(loaded, fetched, request, settings)


def store_captures(
    captures: Sequence[Capture], settings: Settings, reporter: Reporter
) -> LoadedThread:
    """Store captures of one thread, oldest first, and return the thread with them.

    Raises what `store_capture` raises.
    """
    loaded = [store_capture(capture, settings, reporter) for capture in captures]
    return replace(
        loaded[-1],
        is_new=any(thread.is_new for thread in loaded),
        forgotten_at=loaded[0].forgotten_at,
    )


def store_capture(capture: Capture, settings: Settings, reporter: Reporter) -> LoadedThread:
    """Store a capture with its images, and return the thread with it.

    If the download of the images is interrupted, the capture is stored without them.

    Raises:
        StoreError: The archive can't be written.
        NotAThreadError: The capture contains neither the post nor a comment.
    """
    root, capture = settings.archive, capture_model.require_thread(capture)
    capture = archive_add.filter_redacted(root, capture)
    if settings.media.save:
        try:
            capture = download_media(capture, settings, reporter)
        except BaseException:
            archive_add.add(root, capture)
            raise
    added = add_to_archive(capture, settings)
    del capture  # a thread of 100,000 comments is large enough once
    return merge(added, settings, reporter)


def download_media(capture: Capture, settings: Settings, reporter: Reporter) -> Capture:
    """Download the images and videos of a capture into the archive.

    Returns the capture, with the files and with what could not be downloaded.
    """
    media_items = find_media(capture.things)
    if not media_items:
        return replace(capture, media=(), missing_media=())
    from reddit_archive.media import download, thread_media  # 18 ms, with http.client and ssl

    limits = download.MediaLimits(
        file_bytes=settings.media.file_bytes, thread_bytes=settings.media.thread_bytes
    )
    with reporter.progress("Fetching pictures …"):
        result = thread_media.save(
            settings.archive,
            capture.thread_id,
            media_items,
            on_status=reporter.status,
            limits=limits,
        )
    return replace(capture, media=result.media, missing_media=result.missing)


@dataclass(frozen=True, slots=True)
class _StoredCapture:
    """A stored capture; `forgotten_at` is when its thread was forgotten, "" if it was not."""

    thread_id: str
    result: AddResult
    forgotten_at: str


def add_to_archive(capture: Capture, settings: Settings) -> _StoredCapture:
    """Store a capture without redacted content, and apply the policy for deleted texts."""
    root, thread_id = settings.archive, capture.thread_id
    forgotten_at = ""
    is_first = not store.list_digests(root, thread_id)
    if is_first:
        forgotten_at = forgotten_log.read(root).get(thread_id, "")
    result = archive_add.add(root, capture)
    if is_first:
        forgotten_log.record_saved(root, thread_id)
    changed_ids = redact.apply_policy(root, thread_id, settings.deleted)
    if settings.deleted != "keep":
        from reddit_archive.export.site import page_cache  # 37 ms, with Jinja

        page_cache.discard(changed_ids)
    return _StoredCapture(thread_id, result, forgotten_at)


def merge(added: _StoredCapture, settings: Settings, reporter: Reporter) -> LoadedThread:
    """Merge a thread's snapshots with the one that was just added, and index the thread."""
    root, thread_id = settings.archive, added.thread_id
    result = added.result if settings.deleted == "keep" else None
    if result is not None and (resumed := resume(root, thread_id, add_result=result)):
        maintenance.add_resumed(root, resumed)
        loaded = build_resumed(root, resumed, on_damage=warn_of_damage(reporter))
    else:
        snapshots = load_snapshots(
            root, thread_id, on_damage=warn_of_damage(reporter), add_result=result
        )
        captures = (snapshot.capture for snapshot in snapshots)
        incremental_history = incremental.start(thread_id, captures)
        maintenance.add(root, thread_id, snapshots, incremental_history)
        loaded = LoadedThread(incremental_history.merge(), snapshots)
    return replace(loaded, is_new=added.result.is_new, forgotten_at=added.forgotten_at)


def load_unavailable(fetched: FetchResult, settings: Settings, reporter: Reporter) -> LoadedThread:
    """Load a thread that the source no longer has."""
    loaded = load_thread(settings.archive, fetched.reference.post_id or "", reporter=reporter)
    return replace(loaded, unavailable_reason=fetched.unavailable_reason)


def render(
    loaded: LoadedThread, fetched: FetchResult, request: SaveRequest, settings: Settings
) -> SaveResult:
    """Write the quote that a request asks for. An error does not undo the save."""
    result = SaveResult(
        loaded,
        request.options.with_comment(fetched.reference.comment_id),
        file_errors=fetched.file_errors,
        missing_page_urls=_list_missing_page_urls(loaded, fetched),
    )
    try:
        quote = write_quote(loaded, result.options, settings, output=request.output)
    except errors.ArchiveError as error:
        return replace(result, quote_error=error)
    return replace(result, quote=quote)


def _list_missing_page_urls(loaded: LoadedThread, fetched: FetchResult) -> tuple[str, ...]:
    from reddit_archive.sources import saved_json  # 10 ms

    json_captures = [c for c in fetched.captures if c.source == saved_json.NAME]
    if not json_captures:
        return ()
    urls = saved_json.list_missing_page_urls(json_captures[-1])
    if not urls and any(m.parent.startswith("t3_") for m in loaded.thread.missing_comments):
        urls = [saved_json.get_thread_page_url(loaded.thread.id)]
    return tuple(urls)


def recover(loaded: LoadedThread, settings: Settings, reporter: Reporter) -> LoadedThread:
    """Fetch from Arctic Shift the texts that are deleted on Reddit and were never stored.

    They are stored as a snapshot of their own.
    """
    from reddit_archive.workflows.sources import open_arctic_shift  # 85 ms

    fullnames = list_recoverable(loaded)
    if not fullnames:
        reporter.status("There is nothing to recover: every deleted text is stored already.")
        return loaded
    with reporter.progress("Asking Arctic Shift …"):
        capture = open_arctic_shift(settings, reporter).recover(loaded.thread.id, fullnames)
    count = format_count(len(fullnames), "deleted text")
    if capture is None:
        reporter.status(f"Arctic Shift has none of {count}.")
        return loaded
    reporter.status(f"Recovered from Arctic Shift: {len(capture.things)} of {count}.")
    without_media = replace(settings, media=replace(settings.media, save=False))
    recovered = store_capture(capture, without_media, reporter)
    return replace(
        recovered,
        is_new=loaded.is_new or recovered.is_new,
        unavailable_reason=loaded.unavailable_reason,
        forgotten_at=loaded.forgotten_at,
    )


def list_recoverable(loaded: LoadedThread) -> list[str]:
    """List the posts and comments, by fullname, that are deleted and whose text was never stored.

    They include those whose ids Reddit names but which it does not return.
    """
    thread = loaded.thread
    contents = [*([thread.post] if thread.post else []), *thread.comments.values()]
    deleted = [c.fullname for c in contents if c.deletion_status and not c.is_preserved]
    withheld = [f"t1_{i}" for m in thread.missing_comments if m.is_withheld for i in m.ids]
    return deleted + withheld
