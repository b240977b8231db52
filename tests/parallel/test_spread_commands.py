"""Commands that share their work among processes give the same results, also when one dies."""

import os
import pickle
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest

from reddit_archive import errors
from reddit_archive.archive import shared_folder_check, store, verify
from reddit_archive.parallel import executors
from tests.conftest import PROGRAM, Run
from tests.support import sites
from tests.support.exports import comment, post, write_lines
from tests.support.spread_work import THREADS, LazyExecutor, iter_page_quotes

slow = pytest.mark.slow


class OtherMachine(ThreadPoolExecutor):
    """Has another folder where this machine has the archive."""

    def submit(self, work: Any, function: Any, chunk: list[Any]) -> Any:
        nowhere = Path("nowhere")
        first = function.args[0]
        first = nowhere if isinstance(first, Path) else replace(first, archive=nowhere)
        return super().submit(work, partial(function.func, first, *function.args[1:]), chunk)


# refresh


def test_refresh__reads_each_thread_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sites.quoting(tmp_path, THREADS)
    counts: Counter[str] = Counter()
    load_snapshots = store.load_snapshots

    def count(root: Path, thread_id: str, **more: Any) -> Any:
        counts[thread_id] += 1
        return load_snapshots(root, thread_id, **more)

    monkeypatch.setattr(store, "load_snapshots", count)
    assert sum(map(len, iter_page_quotes(tmp_path, None))) == 2 * len(THREADS)
    assert counts == Counter([*THREADS, "pics", "nowhere"])


def test_refresh__few_chunks_are_pending(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    executor = LazyExecutor()
    assert list(iter_page_quotes(tmp_path, executor)) == list(iter_page_quotes(tmp_path, None))
    assert executor.max_waiting == 4 * executor.workers + 2


def test_refresh__yields_a_page_before_all_threads_are_read(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    executor = LazyExecutor()
    next(iter_page_quotes(tmp_path, executor))
    assert executor.waiting > 0


def test_refresh__a_process_is_killed(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    alone = list(iter_page_quotes(tmp_path, None))
    with executors.open_pool(2) as executor:
        assert executor is not None
        spread = iter_page_quotes(tmp_path, executor)
        first = next(spread)
        os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
        assert [first, *spread] == alone


def test_refresh__a_worker_without_the_archive_is_an_error(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        list(iter_page_quotes(tmp_path, OtherMachine(2)))


def test_refresh__sends_no_key_to_workers(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    sent: list[bytes] = []

    class RecordingExecutor(LazyExecutor):
        def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
            sent.append(pickle.dumps(args))
            return super().submit(work, *args, **kwargs)

    quotes = iter_page_quotes(tmp_path, RecordingExecutor(), reddit={"client_secret": "sentinel"})
    assert list(quotes)
    assert b"a47" in b"".join(sent)
    assert b"sentinel" not in b"".join(sent)


# verify


def damage(root: Path) -> None:
    """Change the bytes of a snapshot, and remove the parent of another and a picture."""
    rotten, parent, pictured = (store.read_headers(root, x)[0].path for x in ("a05", "a06", "pics"))
    rotten.chmod(0o644)
    rotten.write_bytes(b"rot")
    parent.unlink()
    next((pictured.parent / "media").iterdir()).unlink()


@pytest.mark.parametrize("executor", [LazyExecutor(), executors.ProcessExecutor(2)])
def test_verify__finds_the_same_with_workers(
    executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_SERIAL_THREADS", 9)
    monkeypatch.setattr(verify, "BATCH_SIZE", 3)
    sites.quoting(tmp_path, THREADS)
    damage(tmp_path / "archive")
    alone = list(verify.verify(tmp_path / "archive"))
    with executor:
        spread = verify.verify(tmp_path / "archive", executor=executor)
        results = [next(spread)]
        if isinstance(executor, executors.ProcessExecutor):
            os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
        assert [*results, *spread] == alone
    assert sum(isinstance(result, store.DamagedFile) for result in alone) == 3
    assert getattr(executor, "max_waiting", 10) == 10


def test_verify__a_worker_without_the_archive_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_SERIAL_THREADS", 9)
    sites.quoting(tmp_path, THREADS)
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        list(verify.verify(tmp_path / "archive", executor=OtherMachine(2)))


# The same folder


def test_shared_folder_check__another_folder_is_an_error(tmp_path: Path) -> None:
    sites.save(tmp_path / "archive", "abc", [sites.post("abc")])
    with shared_folder_check.create_marker(tmp_path / "archive") as marker:
        shared_folder_check.require_marker(marker)
        with pytest.raises(errors.StoreError, match="does not see the archive"):
            shared_folder_check.require_marker(tmp_path / "other" / "tmp" / marker.name)
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        shared_folder_check.require_marker(marker)
    assert list((tmp_path / "archive" / "tmp").iterdir()) == []
    shared_folder_check.require_no_snapshots(tmp_path / "archive", "xyz")
    with pytest.raises(errors.StoreError):
        shared_folder_check.require_no_snapshots(tmp_path / "archive", "abc")


# The program


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--dask", "nonsense"), 2, "'nonsense' is not the address of a Dask scheduler"),
        (("--dask", "tcp://127.0.0.1:9"), 1, "no Dask scheduler answers at tcp://127.0.0.1:9"),
        (("--dask", "127.0.0.1:99999"), 2, "is not the address"),
        (("--dask", "127.0.0.1:9", "--workers", "2"), 2, "give one of them"),
        (("--workers", "0"), 2, "'0' must be a number, 1 or higher"),
    ],
)
def test_options__a_mistake_is_one_sentence(
    words: tuple[str, ...], code: int, message: str, run: Run, tmp_path: Path
) -> None:
    write_lines(tmp_path / "dump.ndjson", post(), comment(1))
    done = run("import", "dump.ndjson", *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert len(done.err.splitlines()) <= 2
    assert not (tmp_path / "archive").exists()


@slow
def test_import__a_process_of_the_program_is_killed(run: Run, tmp_path: Path) -> None:
    records = [post(f"a{number:03}", selftext="x" * 50_000) for number in range(400)]
    write_lines(tmp_path / "dump.ndjson", *records)
    assert run("import", "dump.ndjson", "--workers", 1, "--archive", "alone").code == 0
    assert run_and_kill(tmp_path, "import", "dump.ndjson", "--workers", 2) == (0, 400)
    assert read_archive(tmp_path / "archive") == read_archive(tmp_path / "alone")


def read_archive(root: Path) -> tuple[set[str], list[Any], list[Any]]:
    """Return the names of all snapshots, and the rows of the index."""
    names = {str(path.relative_to(root)) for path in root.glob("threads/*/*.json")}
    with closing(sqlite3.connect(root / "index.sqlite3")) as database:
        threads, documents = (
            database.execute(f"SELECT {columns} ORDER BY 1").fetchall()
            for columns in ("thread_id, record FROM threads", "* FROM documents")
        )
    return names, threads, documents


@slow
def test_refresh__a_process_of_the_program_is_killed(run: Run, tmp_path: Path) -> None:
    pages = sites.quoting(tmp_path, [f"a{number:03}" for number in range(400)])
    for number in range(400):
        text = f"<!-- reddit: t3_a{number:03} --all -->\n<!-- /reddit -->\n"
        (pages / f"whole{number:03}.md").write_text(text)
    before = {path: path.read_bytes() for path in pages.glob("*.md")}
    run("refresh", pages, "--offline", "--workers", 1)
    alone = {path: path.read_bytes() for path in before}
    for path, data in before.items():
        path.write_bytes(data)
    done = run_and_kill(tmp_path, "refresh", pages, "--offline", "--workers", 2, stream="stderr")
    assert done == (3, 414)  # all pages, and a sentence with a hint
    assert {path: path.read_bytes() for path in before} == alone


@slow
def test_verify__a_process_of_the_program_is_killed(tmp_path: Path) -> None:
    sites.save(tmp_path / "archive", "a", [sites.post("a", selftext="x" * 50_000)])
    (header,) = store.read_headers(tmp_path / "archive", "a")
    for number in range(3_000):
        folder = store.thread_folder(tmp_path / "archive", f"b{number:04}")
        folder.mkdir()
        if number % 100:
            os.link(header.path, folder / header.path.name)
        else:
            (folder / header.path.name).write_bytes(b"rot")
    assert run_and_kill(tmp_path, "verify", "--workers", 2) == (4, 30)


def run_and_kill(folder: Path, *args: object, stream: str = "stdout") -> tuple[int, int]:
    """Run the program and kill a worker after the first line; return exit code and line count."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [str(PROGRAM), "--config", os.devnull, *map(str, args)],
        cwd=folder,
        env=env,
        **{stream: subprocess.PIPE},
    ) as program:
        output: IO[bytes] | None = getattr(program, stream)
        assert output is not None
        first = output.readline()
        os.kill(_find_worker(program.pid), signal.SIGKILL)
        rest = output.readlines()
    return program.returncode, len([first, *rest])


def _find_worker(parent: int) -> int:
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    children = [child for path in lists for child in path.read_text().split()]
    return next(
        int(x) for x in children if b"spawn_main" in Path(f"/proc/{x}/cmdline").read_bytes()
    )
