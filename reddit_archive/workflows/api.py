"""The public interface for Python scripts: `from reddit_archive import Archive`."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from reddit_archive import config, errors, history
from reddit_archive.archive.index import search, thread_table
from reddit_archive.archive.index.search import Hit, SearchFilter
from reddit_archive.archive.index.summary import ThreadSummary
from reddit_archive.archive.verify import Finding
from reddit_archive.config import Settings
from reddit_archive.export import ndjson, parquet, reddit_json, sqlite
from reddit_archive.export.result import ThreadSerializer
from reddit_archive.history.timeline import ThreadHistory
from reddit_archive.model import reference as reference_model
from reddit_archive.workflows import export, load
from reddit_archive.workflows.api_types import (
    QuoteKeywords,
    StoredThread,
    VerifyResult,
    parse_keywords,
)
from reddit_archive.workflows.archive_folder import prepare_output, require_archive
from reddit_archive.workflows.load import LoadedThread
from reddit_archive.workflows.log_reporter import LogReporter
from reddit_archive.workflows.quote import write_quote
from reddit_archive.workflows.reporter import Reporter, warn_of_damage
from reddit_archive.workflows.save import SaveRequest, save
from reddit_archive.workflows.verify import verify_archive

if TYPE_CHECKING:
    from reddit_archive.workflows.fill import FillResult
    from reddit_archive.workflows.import_files import ImportSummary

__all__ = ["Archive", "QuoteKeywords", "StoredThread", "VerifyResult", "load_settings"]


class Archive:
    """An archive of Reddit threads in a folder. The first `save` creates it.

    Messages go to Python's log `reddit_archive`, or to a reporter.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] = "archive",
        *,
        settings: Settings | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        """Name the folder of an archive; this reads and writes nothing.

        Args:
            folder: The folder of the archive.
            settings: The settings, from `load_settings`. By default those of a new installation,
                with a key for Reddit's API if the environment has one.
            reporter: Receives status messages, warnings and progress.
        """
        self.folder = Path(folder)
        self._settings = replace(settings or _read_environment(), archive=self.folder)
        self._reporter = reporter or LogReporter()

    def save(
        self,
        thread: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        comments: Sequence[str] = (),
        is_whole: bool = True,
        is_recovering: bool = False,
    ) -> StoredThread:
        """Fetch a thread and store it.

        Args:
            thread: Its address, id or saved file, or several saved files of one thread.
            comments: Ids or addresses of comments that must be fetched.
            is_whole: Whether to fetch the whole thread, or only the first page and `comments`.
            is_recovering: Whether to look for deleted texts in Arctic Shift.

        Returns:
            The thread as the archive has it now.

        Raises:
            InvalidReferenceError: The text names no thread.
            FetchError: The source does not return the thread, and the archive does not have it.
            LoginError: Reddit refuses the key.
            NotAThreadError: A saved file contains no thread.
            StoreError: The archive can't be written.
        """
        names = [thread] if isinstance(thread, str | os.PathLike) else [*thread]
        if not names:
            raise errors.InvalidReferenceError("no thread is named", "Name one thread.")
        request = SaveRequest(
            tuple(reference_model.parse(os.fspath(name)) for name in names),
            parse_keywords({"comments": comments}),
            is_whole=is_whole,
            is_recovering=is_recovering,
        )
        return self._wrap(save(request, self._settings, self._reporter).loaded)

    def fill(self, *threads: str, asks_again: bool = False) -> "Iterator[FillResult]":
        """Fetch what is missing from stored threads, by id, and yield a result for each.

        Args:
            *threads: Addresses or ids, or none for all stored threads.
            asks_again: Whether to ask also for what the sources lacked in the last 7 days.

        Raises:
            NotArchivedError: The archive does not have a thread.
            LoginError: Reddit refuses the key.
            StoreError: The archive can't be written.
        """
        from reddit_archive.workflows.fill import FillRun  # 130 ms, with PRAW
        from reddit_archive.workflows.sources import open_sources  # 85 ms

        thread_ids = load.resolve_threads(self.folder, threads, reporter=self._reporter)
        sources = partial(open_sources, self._settings, self._reporter)
        run = FillRun(sources, self._settings, self._reporter, asks_again=asks_again)
        return run.run(thread_ids)

    def load(self, thread: str, *, as_of: str | None = None) -> StoredThread:
        """Load a stored thread.

        Args:
            thread: Its address or id.
            as_of: A date or time; the thread is loaded as it was then.

        Raises:
            InvalidReferenceError: The text names no thread, or `as_of` is not a date.
            NotArchivedError: The archive does not have the thread.
            DamageFoundError: All its snapshots are damaged.
        """
        thread_id = self._find_id(thread)
        return self._wrap(self._load(thread_id, as_of))

    def quote(self, thread: str, **options: Unpack[QuoteKeywords]) -> str:
        """Write a quote of a stored thread; without options, of the post alone.

        Args:
            thread: The address or id of a thread; the address of a comment selects it.
            **options: See `QuoteKeywords`.

        Raises:
            NotArchivedError: The archive does not have the thread.
            CommentNotFoundError: The thread has no such comment.
            ExcerptNotFoundError: The text does not contain the excerpt, or contains it twice.
            InvalidOptionsError: An option is wrong, or the style or target does not exist.
        """
        reference = load.resolve_reference(self.folder, reference_model.parse(thread))
        quote_options = parse_keywords(options).with_comment(reference.comment_id)
        loaded = self._load(reference.post_id or "", quote_options.as_of)
        return write_quote(loaded, quote_options, self._settings)

    def threads(self) -> Iterator[ThreadSummary]:
        """Yield a summary of each stored thread. Raises NotArchivedError."""
        return thread_table.iter_summaries(
            require_archive(self.folder), on_damage=warn_of_damage(self._reporter)
        )

    def search(
        self,
        text: str,
        *,
        subreddits: Sequence[str] = (),
        authors: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        only_deleted: bool = False,
        only_edited: bool = False,
        limit: int = 20,
    ) -> list[Hit]:
        """Find posts and comments with all the words of a text, the best matches first.

        Args:
            text: Words, "phrases in quotation marks" and beginnings of words (begin*).
            subreddits: Only in these subreddits.
            authors: Only by these authors.
            since: Only texts written then or later.
            until: Only texts written then or before.
            only_deleted: Only texts that Reddit no longer shows.
            only_edited: Only texts that were edited since they were first saved.
            limit: The maximum number of results.

        Raises:
            NotArchivedError: There is no archive.
        """
        search_filter = SearchFilter(
            search.parse(text),
            tuple(subreddits),
            tuple(authors),
            since,
            until,
            only_deleted,
            only_edited,
        )
        on_damage = warn_of_damage(self._reporter)
        return search.find(
            require_archive(self.folder), search_filter, limit=limit, on_damage=on_damage
        )

    def history(self, thread: str) -> ThreadHistory:
        """Return all versions of a thread's post and comments, and what happened to them.

        Raises:
            NotArchivedError: The archive does not have the thread.
            DamageFoundError: All its snapshots are damaged.
        """
        loaded = self._load(self._find_id(thread), None)
        captures = (snapshot.capture for snapshot in loaded.snapshots)
        return history.trace(loaded.thread.id, captures)

    def import_files(self, *paths: str | os.PathLike[str]) -> "ImportSummary":
        """Import threads from saved pages, exports of other tools, dumps and bags, or folders.

        Returns:
            What was imported. Errors of single files are in its `failures`.

        Raises:
            StoreError: The archive can't be written.
        """
        from reddit_archive.workflows.import_files import import_files  # 80 ms

        return import_files(map(Path, paths), self._settings, self._reporter)

    def export_json(
        self,
        file: str | os.PathLike[str],
        threads: Sequence[str] = (),
        *,
        pseudonyms: bool = False,
    ) -> None:
        """Write threads in the shape of Reddit's own JSON, one per line.

        Args:
            file: The file to write.
            threads: Addresses or ids, or none for all threads.
            pseudonyms: Whether to replace names with pseudonyms.

        Raises:
            NotArchivedError: The archive does not have a thread.
            DamageFoundError: Threads were left out because all their snapshots are damaged.
            StoreError: The file can't be written.
        """
        self._export(file, threads, reddit_json.iter_chunks, _write_text, pseudonyms)

    def export_ndjson(
        self,
        file: str | os.PathLike[str],
        threads: Sequence[str] = (),
        *,
        pseudonyms: bool = False,
    ) -> None:
        """Write a line of JSON for each version of each post and comment; see `export_json`."""
        self._export(file, threads, ndjson.iter_lines, _write_text, pseudonyms)

    def export_sqlite(
        self,
        file: str | os.PathLike[str],
        threads: Sequence[str] = (),
        *,
        pseudonyms: bool = False,
    ) -> None:
        """Write threads into a SQLite database, replacing an earlier export; see `export_json`."""
        self._export(file, threads, sqlite.iter_rows, sqlite.write, pseudonyms)

    def export_parquet(
        self,
        file: str | os.PathLike[str],
        threads: Sequence[str] = (),
        *,
        pseudonyms: bool = False,
    ) -> None:
        """Write the rows of `export_ndjson` into a Parquet file; needs pyarrow."""
        self._export(file, threads, parquet.iter_rows, parquet.write, pseudonyms)

    def export_html(self, folder: str | os.PathLike[str], threads: Sequence[str] = ()) -> Path:
        """Write threads as pages to read and search in a browser.

        Args:
            folder: The folder to write; pages of other threads in it are removed.
            threads: Addresses or ids, or none for all threads.

        Returns:
            The page to open.

        Raises:
            NotArchivedError: The archive does not have a thread.
            StoreError: The folder can't be written, or contains something else.
        """
        from reddit_archive.export import site  # 35 ms, with Jinja
        from reddit_archive.workflows.site_pages import build_quote_format  # 35 ms

        prepare_output(self.folder, Path(folder), is_folder=True)
        return site.build(
            self.folder,
            Path(folder),
            load.resolve_threads(self.folder, threads, reporter=self._reporter),
            quote_format=build_quote_format(self._settings),
            on_damage=warn_of_damage(self._reporter),
        ).index

    def verify(self) -> VerifyResult:
        """Check every byte of every stored file. Changes nothing. Raises NotArchivedError."""
        findings: list[tuple[Path, str]] = []

        def record(finding: Finding) -> None:
            if not isinstance(finding, Path):
                findings.append((finding.path, finding.description))

        summary = verify_archive(require_archive(self.folder), on_finding=record)
        return VerifyResult(summary.checked_count, tuple(findings), not summary.damaged_count)

    def _find_id(self, thread: str) -> str:
        reference = load.resolve_reference(self.folder, reference_model.parse(thread))
        return reference.post_id or ""

    def _load(self, thread_id: str, as_of: str | None) -> LoadedThread:
        until = load.parse_time(as_of) if as_of is not None else None
        return load.load_thread(self.folder, thread_id, until=until, reporter=self._reporter)

    def _wrap(self, loaded: LoadedThread) -> StoredThread:
        return StoredThread(
            loaded.thread, loaded.is_new, loaded.unavailable_reason, loaded, self._settings
        )

    def _export(
        self,
        file: str | os.PathLike[str],
        threads: Sequence[str],
        serialize: ThreadSerializer,
        write: Callable[[Iterator[Any], Path], object],
        pseudonyms: bool,
    ) -> None:
        with export.serialize_threads(
            self.folder,
            threads,
            serialize,
            self._reporter,
            output=Path(file),
            pseudonyms=pseudonyms,
        ) as outputs:
            write(outputs, Path(file))


def load_settings(file: str | os.PathLike[str] | None = None) -> Settings:
    """Load settings as the command line does.

    Args:
        file: A config.yaml. By default the file that REDDIT_ARCHIVE_CONFIG names, ./config.yaml, or
            the user's own. A key in the user's credentials.yaml is used as well.

    Raises:
        ConfigError: The file can't be read, or a setting is wrong.
    """
    path = Path(file) if file is not None else None
    return config.load(path, user_folder=config.get_user_folder(), environment=os.environ)


def _read_environment() -> Settings:
    """Return the default settings with what the environment says, without reading any file."""
    return config.apply_environment(Settings(), os.environ)


def _write_text(outputs: Iterator[Any], file: Path) -> None:
    export.write_text(chain.from_iterable(outputs), file)
