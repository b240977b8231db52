"""An import updates the index, also for threads of earlier imports."""

import json
from pathlib import Path

from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance, thread_table
from tests.conftest import Run
from tests.support.exports import comment, post


def write_dump(path: Path, *records: object) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def import_twice(run: Run, folder: Path) -> None:
    threads = ("aaa", "bbb")
    comments = [comment(number, thread) for thread in threads for number in (1, 2)]
    assert run("import", write_dump(folder / "RC", *comments)).code == 0
    assert run("import", write_dump(folder / "RS", *map(post, threads))).code == 0


def test_import__posts_after_their_comments(run: Run, tmp_path: Path) -> None:
    import_twice(run, tmp_path)
    assert thread_table.count_stale(tmp_path / "archive") == 0
    ran = run("search", "loaf")
    assert (ran.code, "index" in ran.err) == (0, False)
    assert run("search", "rises").out.count("rises") == 2


def test_import__control_an_incomplete_entry_is_noticed(run: Run, tmp_path: Path) -> None:
    """The test above would fail if an import indexed only its own snapshots."""
    import_twice(run, tmp_path)
    root = tmp_path / "archive"
    first = store.load_snapshots(root, "aaa")[:1]
    maintenance.upsert(root, [maintenance.build_entry(root, "aaa", first)])
    assert thread_table.count_stale(root) == 1
    assert not thread_table.is_current(root, "aaa")


def test_redact_finish__counts_the_redacted_texts(run: Run, tmp_path: Path) -> None:
    run("import", write_dump(tmp_path / "RC", comment(1), comment(2)))
    (path,) = tmp_path.glob("archive/threads/*/*.json")
    data = path.read_bytes()
    assert run("redact", "--author", "baker1", "--yes").out == "t3_aaa\t1 text\tin 1 snapshot\n"
    path.write_bytes(data)
    assert run("redact", "--finish", "--yes").out == "t3_aaa\t1 text\tin 1 snapshot\n"
    assert "No redacted content is left" in run("redact", "--finish", "--yes").err
