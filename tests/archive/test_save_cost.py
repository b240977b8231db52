"""The disk operations of a save: flushes, reads of heads, and checks of the format.

Each read of the heads has its race: a redaction while the answers came, another save while the
pictures came, and a redaction while the capture was written.
"""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reddit_archive import cli
from reddit_archive.archive import layout, store, thread_headers
from reddit_archive.archive import redact as redact_room
from reddit_archive.archive.redact import RedactionCriteria, scan
from reddit_archive.model.capture import Capture
from reddit_archive.workflows import save as save_workflow
from tests.support import reddit_server as rs

TEXT = "Xylophone"


@pytest.fixture
def thread(reddit: rs.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> rs.Thread:
    monkeypatch.chdir(tmp_path)
    thread = reddit.add(rs.generate(20, depth=5))
    thread.edit(next(iter(thread.comments)), TEXT)
    return thread


def save(thread: rs.Thread) -> None:
    result = CliRunner().invoke(
        cli.program, [thread.id, "-q"], prog_name="archive", catch_exceptions=False
    )
    assert result.exit_code == 0


def counted(do: Callable[[], object]) -> Counter[str]:
    """Count the flushes, the reads of heads and the checks of the format during a call."""
    calls: Counter[str] = Counter()
    check_format = layout.check_format

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            calls[name] += 1
            return real(*args, **more)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", counting("flushes", os.fsync))
        patch.setattr(
            thread_headers, "_read_headers", counting("reads", thread_headers._read_headers)
        )
        for module in (layout, store):
            patch.setattr(module, "check_format", counting("checks", check_format))
        do()
    return calls


def test_save__flushes_no_more_than_its_files_need(thread: rs.Thread) -> None:
    first, unchanged = counted(lambda: save(thread)), counted(lambda: save(thread))
    thread.reply(thread.name, "a late answer")
    changed = counted(lambda: save(thread))
    assert (first["flushes"], unchanged["flushes"], changed["flushes"]) == (12, 2, 4)


def test_save__flushes_catch_a_journal_of_one_request(
    thread: rs.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reddit_archive.sources.resume_journal import ResumeJournal

    real = ResumeJournal.record

    def note(journal: ResumeJournal, request: str, answer: bytes) -> None:
        real(journal, request, answer)
        journal.write_pending()

    monkeypatch.setattr(ResumeJournal, "record", note)
    with pytest.raises(AssertionError):
        test_save__flushes_no_more_than_its_files_need(thread)


def test_save__reads_heads_once_for_each_race(thread: rs.Thread) -> None:
    """The format is checked once more: before the first request, which would be in vain."""
    for _ in range(2):
        calls = counted(lambda: save(thread))
        assert (calls["reads"], calls["checks"]) == (3, 5)


def test_save__heads_that_are_read_twice_are_caught(
    thread: rs.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store.add

    def add(root: Path, new_capture: Capture, **options: Any) -> store.AddResult:
        thread_headers.read_headers(root, new_capture.thread_id)
        return real(root, new_capture, **options)

    monkeypatch.setattr(store, "add", add)
    with pytest.raises(AssertionError):
        test_save__reads_heads_once_for_each_race(thread)


def redact(thread: rs.Thread) -> None:
    author = next(iter(thread.comments.values()))["author"]
    redact_room.redact(
        Path("archive"), thread.id, RedactionCriteria(authors=frozenset({author.lower()}))
    )


def meanwhile(patch: pytest.MonkeyPatch, where: object, name: str, do: Callable[[], None]) -> None:
    """Let another process do something right before this function is called for the first time."""
    real = getattr(where, name)
    todo = [do]

    def call(*args: Any, **more: Any) -> Any:
        if todo:
            todo.pop()()
        return real(*args, **more)

    patch.setattr(where, name, call)


def is_text_left(folder: Path) -> bool:
    return any(TEXT in path.read_text() for path in folder.rglob("t3_*/*.json"))


SAVING = pytest.mark.parametrize(
    ("module", "call"), [(save_workflow, "store_capture"), (store, "_add")]
)
"""While the answers came, and while the capture was written."""


@SAVING
def test_save__beside_a_redaction(
    module: object,
    call: str,
    thread: rs.Thread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(thread)
    thread.reply(thread.name, "a late answer")
    meanwhile(monkeypatch, module, call, lambda: redact(thread))
    save(thread)
    assert not is_text_left(tmp_path)
    assert len(store.load_snapshots(tmp_path / "archive", thread.id)) == 2


@SAVING
def test_save__catches_a_redaction_that_is_not_looked_for(
    module: object,
    call: str,
    thread: rs.Thread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scan, "find_levels", lambda *_: {})
    with pytest.raises(AssertionError):
        test_save__beside_a_redaction(module, call, thread, tmp_path, monkeypatch)
