"""Import the thread files in a folder, such as a browser's downloads.

Nothing in the folder changes, unless files that were stored shall be moved elsewhere. Nothing is
remembered on disk but the snapshots themselves: a file that was imported before is "known".
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from reddit_archive import errors
from reddit_archive.archive import forgotten_log
from reddit_archive.config import Settings
from reddit_archive.files import move_file
from reddit_archive.sources.importers import ImportFilter
from reddit_archive.workflows import inbox_files
from reddit_archive.workflows.deferred_interrupt import DeferredInterrupt
from reddit_archive.workflows.import_files import (
    NO_FILTER,
    ImportedBag,
    ImportSummary,
    import_files,
)
from reddit_archive.workflows.import_store import ImportedCapture
from reddit_archive.workflows.inbox_files import FileState
from reddit_archive.workflows.reporter import Reporter
from reddit_archive.workflows.wording import format_count

Status = Literal["new", "known", "forgotten", "unfinished", "failed"]
SETTLE_SECONDS = 2.0
"""A file that was written so recently is read only if it is the same at the next look."""
MAX_WAIT_SECONDS = 60.0
"""A page without its end that has not changed for so long is read as it is."""


@dataclass(frozen=True, slots=True)
class InboxResult:
    """What happened to one file with threads.

    Attributes:
        path: The file.
        status: "new" if a snapshot was stored; "known" if all were stored before; "forgotten" if
            the threads were forgotten after the file was saved; "unfinished" if it is still being
            written, or cut off.
        captures: What it contains, a capture for each thread.
        moved_to: Where the file was moved.
        error: Why it was not imported, or only in part, or not moved.
    """

    path: Path
    status: Status
    captures: tuple[ImportedCapture, ...] = ()
    moved_to: Path | None = None
    error: errors.ArchiveError | None = None


@dataclass(slots=True)
class Inbox:
    """A folder whose files are imported, once per change of each file.

    Attributes:
        move_to: The folder to which files are moved that were stored; None to leave them.
        pending: The files that the last look left for later, because they may be unfinished.
        others: The names of the files without a thread.
    """

    folder: Path
    settings: Settings
    reporter: Reporter
    move_to: Path | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    pending: list[Path] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    _handled: dict[str, FileState] = field(default_factory=dict)
    _previous: dict[str, FileState] = field(default_factory=dict)
    _interrupt: DeferredInterrupt = field(default_factory=DeferredInterrupt)

    def run_once(self) -> Iterator[InboxResult]:
        """Yield a result for each thread file. Files just written get a second look.

        Raises:
            NotAThreadError: The folder can't be read.
            StoreError: The archive can't be written.
        """
        with self._interrupt.install():
            yield from self._scan()
            if self.pending:
                self.sleep(SETTLE_SECONDS)
                yield from self._scan()
            for path in self.pending:
                message = f"{path} is still being written"
                error = errors.IncompleteThreadError(message, "Run it again when it is finished.")
                yield InboxResult(path, "unfinished", error=error)

    def watch(self, interval: float) -> Iterator[InboxResult]:
        """Yield results until an interrupt, with a look every `interval` seconds.

        An interrupt during a file takes effect when that file is stored. A folder that vanishes,
        such as a disk that is removed, is waited for.

        Raises:
            NotAThreadError: The folder can't be read at the first look.
            StoreError: The archive can't be written.
            KeyboardInterrupt: The user ends the watch.
        """
        with self._interrupt.install():
            yield from self._scan()
            is_readable = True
            while True:
                self.sleep(interval)
                try:
                    yield from self._scan()
                    is_readable = True
                except errors.NotAThreadError as error:
                    if is_readable:
                        self.reporter.warn(f"{error.message}. Waiting for it.")
                    is_readable = False

    def _scan(self) -> Iterator[InboxResult]:
        """Import the files that are settled and that were not read since their last change."""
        states = inbox_files.list_files(self.folder)
        previous, self._previous = self._previous, states
        self._handled = {n: state for n, state in self._handled.items() if n in states}
        self.pending = []
        for name, state in states.items():
            if self._handled.get(name) == state:
                continue
            is_same = previous.get(name) == state
            result = self._process(name, state, is_same=is_same)
            if result is not None:
                yield result

    def _process(self, name: str, state: FileState, *, is_same: bool) -> InboxResult | None:
        """Import a file; None if it has no thread, has vanished, or must wait."""
        path, age = self.folder / name, self.clock() - state.modified_ns / 1e9
        try:
            if not inbox_files.may_have_thread(path):
                self._skip(path, state)
                return None
        except FileNotFoundError:
            return None
        except OSError as error:
            self._handled[name] = state
            return _fail_to_read(path, error)
        if not is_same and age < SETTLE_SECONDS:
            self.pending.append(path)
            return None
        content = inbox_files.detect_content(path)
        if content == "other":
            self._skip(path, state)
            return None
        if content == "without end" and age < MAX_WAIT_SECONDS:
            self.pending.append(path)
            return None
        self._handled[name] = state
        if content == "cut off":
            return _refuse_cut_off(path)
        with self._interrupt.defer():
            return self._import_file(path, state)

    def _skip(self, path: Path, state: FileState) -> None:
        """Count a file without a thread, which is not read again until it changes."""
        self._handled[path.name] = state
        self.others.add(path.name)

    def _import_file(self, path: Path, state: FileState) -> InboxResult | None:
        """Import a file, and move it if it was stored."""
        import_filter = self._build_filter(path, state)
        if import_filter is None:
            return InboxResult(path, "forgotten")
        captures: list[ImportedCapture] = []
        error = _find_failure(path, self._import(path, captures, import_filter))
        if captures:
            status: Status = "new" if any(capture.is_new for capture in captures) else "known"
            result = InboxResult(path, status, tuple(captures), error=error)
            return result if error else self._move(result, state)
        if not path.exists():  # it vanished while it was read
            return None
        if error is None or isinstance(error, errors.NotAThreadError):
            self._skip(path, state)
            return None
        return InboxResult(path, "failed", error=error)

    def _import(
        self,
        path: Path,
        captures: list[ImportedCapture],
        import_filter: ImportFilter = NO_FILTER,
        *,
        dry_run: bool = False,
    ) -> ImportSummary:
        def add(imported: ImportedCapture | ImportedBag) -> None:
            if isinstance(imported, ImportedCapture):
                captures.append(imported)

        return import_files(
            [path],
            self.settings,
            self.reporter,
            import_filter=import_filter,
            dry_run=dry_run,
            on_import=add,
        )

    def _build_filter(self, path: Path, state: FileState) -> ImportFilter | None:
        """Return which threads of a file to import; None if it has none but forgotten ones.

        A thread that was forgotten comes back only from a file that was saved after that. Without
        this rule, a file that stays in the folder would bring it back at the next look.
        """
        forgotten_times = forgotten_log.read(self.settings.archive)
        if not forgotten_times:
            return NO_FILTER
        saved_at = datetime.fromtimestamp(state.modified_ns / 1e9, UTC)
        captures: list[ImportedCapture] = []
        self._import(path, captures, dry_run=True)
        thread_ids = frozenset(capture.thread_id for capture in captures)
        forgotten_ids = {
            thread_id
            for thread_id in thread_ids & forgotten_times.keys()
            if saved_at <= datetime.fromisoformat(forgotten_times[thread_id])
        }
        if not forgotten_ids:
            return NO_FILTER
        remaining_ids = thread_ids - forgotten_ids
        return ImportFilter(thread_ids=remaining_ids) if remaining_ids else None

    def _move(self, result: InboxResult, state: FileState) -> InboxResult:
        """Move a file that was stored, unless it changed meanwhile."""
        if self.move_to is None:
            return result
        moved_to: Path | None = None
        error: errors.ArchiveError | None = None
        with suppress(FileNotFoundError):
            status = os.lstat(result.path)
            if inbox_files.build_state(status) == state:
                try:
                    moved_to = move_file.move_into(result.path, self.move_to, expected=status)
                except errors.StoreError as store_error:
                    error = store_error
        return InboxResult(result.path, result.status, result.captures, moved_to, error)


def _find_failure(path: Path, summary: ImportSummary) -> errors.ArchiveError | None:
    """Return why a file was not imported, or only in part."""
    skipped = (*summary.skipped_counts.values(), *summary.skipped_nested_counts.values())
    if summary.failures or not skipped:
        return summary.failures[0] if summary.failures else None
    values = format_count(sum(skipped), "value")
    return errors.IncompleteThreadError(
        f"{path}: {values} can't be read, and the others are stored", "Save the page again."
    )


def _refuse_cut_off(path: Path) -> InboxResult:
    error = errors.IncompleteThreadError(
        f"{path} is cut off", "It is imported when it is whole. Save or download it again."
    )
    return InboxResult(path, "unfinished", error=error)


def _fail_to_read(path: Path, error: OSError) -> InboxResult:
    reason = (error.strerror or "it can't be read").lower()
    message = f"can't read {path}: {reason}"
    return InboxResult(path, "failed", error=errors.NotAThreadError(message, "Check its mode."))
