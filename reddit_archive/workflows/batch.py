"""One round over many threads: look at all that are stored, fetch what is new or has moved.

Each thread yields a result or an error of its own. A round that was cut off goes on where it
stopped.
"""

import hashlib
import json
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Literal

from reddit_archive import errors
from reddit_archive.archive import check_log, store
from reddit_archive.archive.index.summary import UNCHANGED
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.config import Settings
from reddit_archive.files import durable_files, regular_files
from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture
from reddit_archive.model.content import Post
from reddit_archive.model.source_info import is_live
from reddit_archive.sources.base import FetchRequest, Source
from reddit_archive.sources.reddit_api.thread_plan import estimate_min_requests
from reddit_archive.workflows import change_check, save, schedule
from reddit_archive.workflows.inputs import Wanted
from reddit_archive.workflows.load import Outcome, load

Status = Literal["new", "changed", "unchanged", "not due", "gone", "failed"]
FATAL = (errors.LoginError, errors.ConfigError, errors.StoreError, errors.BlockedError)
"""What would meet every other thread as well."""
PATIENCE_FOR_OUTAGES = 3
RESUMED_SECONDS = 24 * 3600
SETTLED_DAYS = 3
"""Arctic Shift looks at a thread a second time after a day and a half, and then no more."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one wanted thread. `lost` counts texts that Reddit lost since, kept here."""

    wanted: Wanted
    status: Status
    thread_id: str = ""
    lost: int = 0
    error: errors.ArchiveError | None = None
    said: str = ""


@dataclass(slots=True)
class Round:
    """A round in which `asked` is the source of every thread."""

    asked: Source
    settings: Settings
    only_due: bool = False
    _outages: int = 0
    _held: "_Held" = field(default_factory=lambda: _Held())

    def go(self, wanted: Sequence[Wanted]) -> Iterator[Result]:
        """Give a result for each, those first that take no request of their own.

        What a round before it was cut off had done is unchanged, unless it is gone since.
        Raises what would meet all others as well, and KeyboardInterrupt between two writes.
        """
        progress = _ResumeLog(self.settings.archive / "tmp", wanted)
        done: list[Wanted] = []
        left: list[Wanted] = []
        for each in wanted:
            (done if each in progress and self._is_stored(each) else left).append(each)
        yield from (Result(each, "unchanged", each.reference.post_id or "") for each in done)
        with self._held.installed():
            for result in self._results(left):
                if result.status != "failed":
                    progress.note(result.wanted)
                yield result
        progress.close()

    def _results(self, wanted: Sequence[Wanted]) -> Iterator[Result]:
        fresh: list[Wanted] = []
        stored: dict[str, Wanted] = {}
        for each in wanted:
            if self._is_stored(each):
                stored[each.reference.post_id or ""] = each
            else:
                fresh.append(each)
        moved: list[Wanted] = []
        for thread_id, has_moved in self._looked_at(stored):
            if has_moved is None:
                yield Result(stored[thread_id], "not due", thread_id)
            elif has_moved:
                moved.append(stored[thread_id])
            else:
                self._note_unchanged(thread_id)
                yield Result(stored[thread_id], "unchanged", thread_id)
        for each in (*fresh, *moved):
            yield self._fetch(each)

    def _is_stored(self, wanted: Wanted) -> bool:
        thread_id = wanted.reference.post_id
        return bool(thread_id and store.read_headers(self.settings.archive, thread_id))

    def _looked_at(self, stored: Iterable[str]) -> Iterator[tuple[str, bool | None]]:
        """Tell for each stored thread whether it has moved; None for one that is not due."""
        by_name: list[str] = []
        for thread_id in stored:
            with suppress(errors.DamageFoundError, errors.NewerFormatError):
                taken = store.load_last(self.settings.archive, thread_id).capture
                if self.only_due and not self._is_due(thread_id, taken):
                    yield thread_id, None
                    continue
                if not is_live(self.asked.name):
                    yield thread_id, not self._is_settled(taken)
                    continue
                if self._is_cheap_by_name(taken):
                    by_name.append(thread_id)
                    continue
            yield thread_id, True
        yield from change_check.moved(map(self._states, by_name), self.asked.look_up)

    def _states(self, thread_id: str) -> tuple[str, change_check.States]:
        return thread_id, change_check.states(
            store.load_last(self.settings.archive, thread_id).capture
        )

    def _is_cheap_by_name(self, taken: Capture) -> bool:
        """Tell whether looking up all that is known costs less than fetching it all again."""
        if taken.source != self.asked.name or not completeness.is_capture_complete(taken):
            return False
        requests = taken.request.get("requests")
        whole = requests if isinstance(requests, int) else estimate_min_requests(len(taken.things))
        return len(taken.things) / change_check.MOST_BY_NAME <= whole

    def _is_due(self, thread_id: str, taken: Capture) -> bool:
        root, post = self.settings.archive, _post(taken)
        looks = [(head.captured_at, False) for head in store.read_headers(root, thread_id)]
        for check in check_log.read(store.thread_folder(root, thread_id)):
            with suppress(KeyError, ValueError, TypeError):
                looks.append(
                    (check_log.parse_check_time(check), check["result"] not in ("", UNCHANGED))
                )
        return schedule.is_due(
            looks,
            post.created_at,
            is_archived=post.raw.get("archived") is True,
            now=capture.utc_now(),
        )

    def _is_settled(self, taken: Capture) -> bool:
        """Tell whether Arctic Shift will not look at the thread again."""
        created_at = _post(taken).created_at
        return (
            taken.source == self.asked.name
            and created_at is not None
            and (capture.utc_now() - created_at).days >= SETTLED_DAYS
            and (taken.captured_at - created_at).days >= 0
            and not _has_stubs(taken)
        )

    def _note_unchanged(self, thread_id: str) -> None:
        if is_live(self.asked.name):
            with self._held.writing():
                folder = store.thread_folder(self.settings.archive, thread_id)
                check_log.add(folder, capture.utc_now(), self.asked.name, "unchanged")

    def _fetch(self, wanted: Wanted) -> Result:
        try:
            return self._fetched(wanted)
        except errors.NewerFormatError as error:  # which says nothing of any other thread
            return Result(wanted, "failed", wanted.reference.post_id or "", error=error)
        except FATAL:
            raise
        except (
            errors.ServerUnreachableError,
            errors.RateLimitError,
            errors.ResponseRefusedError,
        ) as error:
            self._outages += 1
            if self._outages >= PATIENCE_FOR_OUTAGES:
                raise
            return Result(wanted, "failed", wanted.reference.post_id or "", error=error)
        except errors.ArchiveError as error:
            return Result(wanted, "failed", wanted.reference.post_id or "", error=error)

    @gc_paused()
    def _fetched(self, wanted: Wanted) -> Result:
        root = self.settings.archive
        wish = FetchRequest(wanted.options.selection.comments)
        fetched = save.fetch(self.asked, wanted.reference, wish, root)
        self._outages = 0
        thread_id = fetched.pointed.post_id or ""
        wanted = replace(wanted, reference=fetched.pointed)
        before = load(root, thread_id) if store.read_headers(root, thread_id) else None
        if fetched.taken is None:
            return Result(wanted, "gone", thread_id, said=fetched.gone)
        with self._held.writing():
            after = save.keep(fetched.taken, self.settings)
        status: Status = "new" if before is None else "changed" if after.is_new else "unchanged"
        return Result(wanted, status, thread_id, lost=_lost(after) - _lost(before))


def _lost(outcome: Outcome | None) -> int:
    """How many texts are here that Reddit shows no more."""
    if outcome is None:
        return 0
    thread = outcome.thread
    said = [*([thread.post] if thread.post else []), *thread.comments.values()]
    return sum(each.is_preserved for each in said)


def _has_stubs(taken: Capture) -> bool:
    """Return whether the source named comments that it may still return."""
    return (
        any(not gap.is_withheld for gap in taken.missing_comments)
        or taken.request.get("whole") is False
    )


def _post(taken: Capture) -> Post:
    return Post(next((t["data"] for t in taken.things if t["kind"] == "t3"), {}))


class _Held:
    """Holds Ctrl-C back while something is written."""

    def __init__(self) -> None:
        self._is_writing = False
        self._is_interrupted = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        try:
            before = signal.signal(signal.SIGINT, self._handle)
        except ValueError:  # not the main thread, where no Ctrl-C arrives
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def writing(self) -> Iterator[None]:
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False
        if self._is_interrupted:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._is_interrupted = True
        if not self._is_writing:
            raise KeyboardInterrupt


class _ResumeLog:
    """The finished threads of a round, kept on disk until the round ends, so that it can resume.

    It holds ids alone. Its name is not one of a draft, so that no sweep of drafts removes it.
    """

    def __init__(self, folder: Path, wanted: Sequence[Wanted]) -> None:
        keys = sorted(map(_key, wanted))
        digest = hashlib.sha256(json.dumps(keys).encode()).hexdigest()[:16]
        self._path = folder / f"batch-{digest}.log"
        self._keys: set[str] = set()
        _remove_stale_logs(folder)
        with suppress(OSError, ValueError):
            self._keys = set(regular_files.read_text(self._path).splitlines())

    def __contains__(self, wanted: Wanted) -> bool:
        return _key(wanted) in self._keys

    def note(self, wanted: Wanted) -> None:
        durable_files.make_folder(self._path.parent)
        durable_files.append(f"{_key(wanted)}\n".encode(), self._path)

    def close(self) -> None:
        with suppress(errors.StoreError):
            durable_files.remove(self._path)


def _remove_stale_logs(folder: Path) -> None:
    """Remove resume logs that are older than a day, or dated in the future by a wrong clock."""
    for path in folder.glob("batch-*.log"):
        with suppress(OSError, errors.StoreError):
            if abs(time.time() - path.stat().st_mtime) > RESUMED_SECONDS:
                durable_files.remove(path)


def _key(wanted: Wanted) -> str:
    where = wanted.origins[0] if wanted.origins else ""
    pointed = wanted.reference
    return pointed.post_id or pointed.share_path or pointed.comment_id or where
