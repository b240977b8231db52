"""Work spread over threads, processes and a cluster: in order, bounded, and nothing lost."""

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from reddit_archive import __version__, errors
from reddit_archive.archive import shared_folder_check, store, verify
from reddit_archive.config import Settings
from reddit_archive.parallel import executors, ordered_map
from reddit_archive.quote import blocks as quote_blocks
from reddit_archive.sources.importers import ImportCollector, ImportFilter, ThreadChunk
from reddit_archive.workflows import block_quotes, import_store
from reddit_archive.workflows.reporter import LogReporter
from tests.conftest import PROGRAM, ROOT, Run
from tests.sources.test_importers import comment, lines, post
from tests.support import sites
from tests.support.mortals import die_once, double

THREADS = [f"a{number:02}" for number in range(48)]


def portions(folder: Path) -> list[ThreadChunk]:
    """A dump of many threads, each a portion of its own."""
    said = [each for name in THREADS for each in (post(name), comment(1, name), comment(2, name))]
    intake = ImportCollector(folder, ImportFilter())
    intake.add_file(lines(folder / "dump.ndjson", *said))
    return list(intake.iter_chunks())


def stored(folder: Path, executor: Executor | None, work: Callable[..., Any]) -> dict[str, bytes]:
    """Import the dump; give every file of the archive that is for ever."""
    root = folder / "archive"
    with shared_folder_check.create_marker(root) as mark:
        keep = partial(work, partial(import_store.store_chunk, root, mark))
        told = list(ordered_map.map_ordered(keep, portions(folder), executor))
    assert [each.thread_id for found in told for each in found.captures if each.is_new] == THREADS
    assert [entry.row[0] for found in told for entry in found.entries] == THREADS
    return {str(p.relative_to(root)): p.read_bytes() for p in root.glob("threads/*/*")}


def plainly(work: Callable[[Any], Any], item: Any) -> Any:
    return work(item)


# In order, and bounded


class Lazy(Executor):
    """Does everything when it is asked for, and counts what waits."""

    workers = 2

    def __init__(self) -> None:
        self.waiting = self.most = 0

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        executor = self

        class Later(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                executor.waiting -= 1
                return work(*args, **kwargs)

        return Later()


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_each__keeps_the_order_with_any_executor(at_once: int) -> None:
    with ThreadPoolExecutor(3) as executor:
        found = list(ordered_map.map_ordered(double, range(100), executor, chunk_size=at_once))
    assert found == [2 * number for number in range(100)]


def test_each__has_few_pieces_under_way() -> None:
    executor = Lazy()
    begun = iter(range(1000))
    found = ordered_map.map_ordered(double, begun, executor)
    assert [next(found), next(found)] == [0, 2]
    assert next(begun) < 14  # what is not yet due is not yet read
    assert len(list(found)) == 997
    assert executor.most <= 10


def test_each__few_or_heavy_items_are_done_here() -> None:
    executor = Lazy()
    assert list(ordered_map.map_ordered(double, [1, 2], executor, max_local_items=2)) == [2, 4]
    heavy = ordered_map.map_ordered(
        double, [1, 2], executor, count_bytes=lambda item: item * ordered_map.MAX_CHUNK_BYTES
    )
    assert list(heavy) == [2, 4]
    assert executor.most == 1


@pytest.mark.parametrize("has_executor", [True, False])
def test_each__a_source_that_fails_does_so_after_what_came_before(has_executor: bool) -> None:
    def failing() -> Iterator[int]:
        yield from range(5)
        raise errors.NotAThreadError("cut off")

    found: list[int] = []
    with pytest.raises(errors.NotAThreadError, match="cut off"):
        found.extend(ordered_map.map_ordered(double, failing(), Lazy() if has_executor else None))
    assert found == [0, 2, 4, 6, 8]


def fail(item: int) -> int:
    raise errors.StoreError("the disk is full", "Free some.")


def test_each__what_fails_in_a_worker_fails_here_in_the_same_words() -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(errors.StoreError, match="full"):
        list(ordered_map.map_ordered(fail, range(9), executor))
    error = pickle.loads(pickle.dumps(errors.StoreError("the disk is full", "Free some.")))
    assert (error.message, error.hint) == ("the disk is full", "Free some.")


# Workers that die


def test_processes__one_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    for name in ("alone", "spread"):
        (tmp_path / name).mkdir()
    alone = stored(tmp_path / "alone", None, plainly)
    with executors.open_pool(2) as executor:
        spread = stored(tmp_path / "spread", executor, partial(die_once, tmp_path / "died"))
    assert (tmp_path / "died").exists()
    assert len(alone) == len(THREADS)
    assert spread == alone


class Losing(Lazy):
    """Loses so many workers, one after the other."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.losses = losses

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        def lost(*_: Any) -> Any:
            raise BrokenExecutor

        self.losses -= 1
        return super().submit(work if self.losses < 0 else lost, *args, **kwargs)


class Gone(Executor):
    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        raise BrokenExecutor


@pytest.mark.parametrize("executor", [Losing(1), Losing(5), Losing(99), Gone()])
def test_each__what_is_lost_is_done_again_or_here(executor: Executor) -> None:
    assert list(ordered_map.map_ordered(double, range(20), executor)) == [2 * n for n in range(20)]


def test_control__a_result_that_is_dropped_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(self: Any, part: list[Any], future: "Future[list[Any]]") -> list[Any]:
        with suppress(BrokenExecutor):
            return future.result()
        return []

    monkeypatch.setattr(ordered_map._Dispatcher, "_get_results", end)
    with pytest.raises(AssertionError):
        stored(tmp_path, Losing(1), plainly)


def test_processes__end_with_a_parent_that_is_killed() -> None:
    code = (
        "import os, sys\n"
        "from reddit_archive.parallel import executors\n"
        "with executors.opened(2) as executor:\n"
        "    print(executor.submit(os.getpid).result(), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        os.kill(worker, 0)  # it is there
        parent.kill()
        parent.communicate(timeout=60)  # ends when the last worker, which has them too, is gone


# Blocks of pages, and the proof


def quotes(folder: Path, executor: Executor | None, **more: Any) -> Iterator[Any]:
    """What the blocks of pages are to show, page by page."""
    settings = Settings(archive=folder / "archive", **more)
    found = []
    for path in sorted((folder / "pages").iterdir()):
        text = quote_blocks.decode(path.read_bytes())
        found.append(block_quotes.Page(path, text, settings, tuple(quote_blocks.find_blocks(text))))
    scope = block_quotes.CheckScope(has_deleted=True, has_live=True)
    quoted = block_quotes.write_block_quotes(found, settings, scope, executor, LogReporter())
    return (results for _, results in quoted)


def test_refresh__reads_each_thread_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sites.quoting(tmp_path, THREADS)
    read: Counter[str] = Counter()
    snapshots = store.load_snapshots

    def counted(root: Path, thread_id: str, **more: Any) -> Any:
        read[thread_id] += 1
        return snapshots(root, thread_id, **more)

    monkeypatch.setattr(store, "load_snapshots", counted)
    assert sum(map(len, quotes(tmp_path, None))) == 2 * len(THREADS)
    assert read == Counter([*THREADS, "pics", "nowhere"])


def test_refresh__is_spread_and_bounded(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    executor = Lazy()
    assert list(quotes(tmp_path, executor)) == list(quotes(tmp_path, None))
    assert executor.most == 4 * executor.workers + 2


def test_refresh__gives_a_page_before_all_threads_are_read(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    executor = Lazy()
    found = quotes(tmp_path, executor)
    next(found)
    assert executor.waiting > 0


def test_each__a_worker_dies_in_the_middle_of_what_it_says(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.support.mortals", str(tmp_path / "flag"))
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (told.stdout, told.stderr) == (f"{sum(range(40)) * 2}\n", "")
    assert (tmp_path / "flag").exists()


def test_refresh__one_of_its_workers_is_killed(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    alone = list(quotes(tmp_path, None))
    with executors.open_pool(2) as executor:
        assert executor is not None
        spread = quotes(tmp_path, executor)
        first = next(spread)
        os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
        assert [first, *spread] == alone


class Elsewhere(ThreadPoolExecutor):
    """As a worker would be on another machine, which has a folder of its own there."""

    def submit(self, work: Any, done: Any, part: list[Any]) -> Any:
        nowhere = Path("nowhere")
        first = done.args[0]
        first = nowhere if isinstance(first, Path) else replace(first, archive=nowhere)
        return super().submit(work, partial(done.func, first, *done.args[1:]), part)


def test_refresh__a_worker_that_sees_another_archive_is_refused(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        list(quotes(tmp_path, Elsewhere(2)))


def test_refresh__sends_no_key_to_workers(tmp_path: Path) -> None:
    sites.quoting(tmp_path, THREADS)
    sent: list[bytes] = []

    class Watched(Lazy):
        def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
            sent.append(pickle.dumps(args))
            return super().submit(work, *args, **kwargs)

    assert list(quotes(tmp_path, Watched(), reddit={"client_secret": "sentinel"}))
    assert b"a47" in b"".join(sent)
    assert b"sentinel" not in b"".join(sent)


def damaged(root: Path) -> None:
    """A snapshot with other bytes, a parent that is gone, a picture that is gone."""
    rotten, former, pictured = (store.read_headers(root, x)[0].path for x in ("a05", "a06", "pics"))
    rotten.chmod(0o644)
    rotten.write_bytes(b"rot")
    former.unlink()
    next((pictured.parent / "media").iterdir()).unlink()


@pytest.mark.parametrize("executor", [Lazy(), executors.ProcessExecutor(2)])
def test_verify__is_the_same_by_workers(
    executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_SERIAL_THREADS", 9)
    monkeypatch.setattr(verify, "BATCH_SIZE", 3)
    sites.quoting(tmp_path, THREADS)
    damaged(tmp_path / "archive")
    alone = list(verify.verify(tmp_path / "archive"))
    with executor:
        spread = verify.verify(tmp_path / "archive", executor=executor)
        found = [next(spread)]
        if isinstance(executor, executors.ProcessExecutor):
            os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
        assert [*found, *spread] == alone
    assert sum(isinstance(each, store.DamagedFile) for each in alone) == 3
    assert getattr(executor, "most", 10) == 10


def test_verify__a_worker_that_sees_another_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_SERIAL_THREADS", 9)
    sites.quoting(tmp_path, THREADS)
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        list(verify.verify(tmp_path / "archive", executor=Elsewhere(2)))


# The same archive


def test_witness__finds_a_worker_that_has_another_folder(tmp_path: Path) -> None:
    sites.save(tmp_path / "archive", "abc", [sites.post("abc")])
    with shared_folder_check.create_marker(tmp_path / "archive") as mark:
        shared_folder_check.require_marker(mark)
        with pytest.raises(errors.StoreError, match="does not see the archive"):
            shared_folder_check.require_marker(tmp_path / "other" / "tmp" / mark.name)
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        shared_folder_check.require_marker(mark)
    assert list((tmp_path / "archive" / "tmp").iterdir()) == []
    shared_folder_check.require_no_snapshots(tmp_path / "archive", "xyz")
    with pytest.raises(errors.StoreError):
        shared_folder_check.require_no_snapshots(tmp_path / "archive", "abc")


# The command line


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("--dask", "nonsense"), 2, "'nonsense' is no address of a scheduler"),
        (("--dask", "tcp://127.0.0.1:9"), 1, "no scheduler of Dask answers at tcp://127.0.0.1:9"),
        (("--dask", "127.0.0.1:99999"), 2, "is no address"),
        (("--dask", "127.0.0.1:9", "--workers", "2"), 2, "give one of them"),
        (("--workers", "0"), 2, "'0' must be a number, 1 or higher"),
    ],
)
def test_options__each_mistake_is_one_sentence(
    given: tuple[str, ...], code: int, said: str, run: Run, tmp_path: Path
) -> None:
    lines(tmp_path / "dump.ndjson", post(), comment(1))
    done = run("import", "dump.ndjson", *given)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert len(done.err.splitlines()) <= 2
    assert not (tmp_path / "archive").exists()


class Slow:
    """What Dask is to give, of which each look in turn brings an answer or a failure."""

    def __init__(self, *looks: tuple[str, Any]) -> None:
        self.looks = list(looks)
        self.status = "pending"

    def result(self, timeout: float) -> Any:
        self.status, found = self.looks.pop(0)
        if isinstance(found, BaseException):
            raise found
        return found


class Reached:
    """A client whose cluster works."""

    status = "running"

    def nthreads(self) -> dict[str, int]:
        return {"tcp://127.0.0.1:1": 1}


def test_dask__a_result_that_is_slow_to_come_is_waited_for() -> None:
    """It was done when the look at it ended in vain, or even before."""
    cluster = executors.DaskExecutor(Reached())
    late = TimeoutError("timed out after 2 s.")
    found = Slow(("pending", late), ("finished", late), ("finished", late), ("finished", [7]))
    assert executors._DaskFuture(cluster, found).result() == [7]


def test_dask__a_work_that_times_out_fails_as_such() -> None:
    own = TimeoutError("the disk took too long")
    found = Slow(("error", TimeoutError("timed out after 2 s.")), ("error", own))
    with pytest.raises(TimeoutError, match="the disk took too long"):
        executors._DaskFuture(executors.DaskExecutor(Reached()), found).result()


class Finishing(Future[int]):
    """What a pool is to give: it comes just when a look at it has ended in vain."""

    def result(self, timeout: float | None = None) -> int:
        if not self.done():
            self.set_result(7)
            raise TimeoutError
        return super().result(timeout)


def test_processes__a_result_that_comes_as_a_look_ends_is_taken() -> None:
    pool: Any = SimpleNamespace(_processes={})
    assert executors._ProcessFuture(pool, Finishing()).result() == 7


def test_processes__a_work_that_times_out_fails_as_such() -> None:
    failed: Future[int] = Future()
    failed.set_exception(TimeoutError("the disk took too long"))
    pool: Any = SimpleNamespace(_processes={})
    with pytest.raises(TimeoutError, match="the disk took too long"):
        executors._ProcessFuture(pool, failed).result()


def test_dask__says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setattr(executors, "_check_scheduler_address", lambda address: address)
    with pytest.raises(errors.ArchiveError) as caught, executors.open_pool(1, "tcp://127.0.0.1:9"):
        pass
    assert caught.value.hint.startswith("Run: pip install 'reddit-archive[dask]'")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"tcp://127.0.0.1:1": "0.0.1"}, "has not reddit-archive"),
        ({"tcp://127.0.0.1:1": ImportError("no module")}, "has not reddit-archive"),
        ({"tcp://127.0.0.1:1": __version__}, None),
    ],
)
def test_dask__takes_only_workers_of_this_version(found: dict[str, Any], said: str | None) -> None:
    class Client:
        def wait_for_workers(self, *_: Any, **__: Any) -> None: ...
        def run(self, *_: Any, **__: Any) -> dict[str, Any]:
            return found

    if said is None:
        executors._check_worker_versions(Client(), "127.0.0.1:1")
        return
    with pytest.raises(errors.ArchiveError, match=said):
        executors._check_worker_versions(Client(), "127.0.0.1:1")


@pytest.mark.slow
def test_import__one_of_its_workers_is_killed(run: Run, tmp_path: Path) -> None:
    said = [post(f"a{each:03}", selftext="x" * 50_000) for each in range(400)]
    lines(tmp_path / "dump.ndjson", *said)
    assert run("import", "dump.ndjson", "--workers", 1, "--archive", "alone").code == 0
    told = killed(tmp_path, "import", "dump.ndjson", "--workers", 2)
    assert told == (0, 400)
    assert held(tmp_path / "archive") == held(tmp_path / "alone")


def held(root: Path) -> tuple[set[str], list[Any], list[Any]]:
    """The names of all snapshots, and what the index and the search have of them."""
    names = {str(path.relative_to(root)) for path in root.glob("threads/*/*.json")}
    found = []
    for file, table in (("index", "threads"), ("search", "threads")):
        with closing(sqlite3.connect(root / f"{file}.sqlite3")) as database:
            found.append(database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall())
    return names, *found


@pytest.mark.slow
def test_refresh__one_of_the_programs_workers_is_killed(run: Run, tmp_path: Path) -> None:
    pages = sites.quoting(tmp_path, [f"a{each:03}" for each in range(400)])
    for number in range(400):
        text = f"<!-- reddit: t3_a{number:03} --all -->\n<!-- /reddit -->\n"
        (pages / f"whole{number:03}.md").write_text(text)
    before = {path: path.read_bytes() for path in pages.glob("*.md")}
    run("refresh", pages, "--offline", "--workers", 1)
    alone = {path: path.read_bytes() for path in before}
    for path, data in before.items():
        path.write_bytes(data)
    told = killed(tmp_path, "refresh", pages, "--offline", "--workers", 2, stream="stderr")
    assert told == (3, 414)  # all pages, and a sentence with a hint
    assert {path: path.read_bytes() for path in before} == alone


@pytest.mark.slow
def test_verify__one_of_the_programs_workers_is_killed(tmp_path: Path) -> None:
    sites.save(tmp_path / "archive", "a", [sites.post("a", selftext="x" * 50_000)])
    (shot,) = store.read_headers(tmp_path / "archive", "a")
    for number in range(3_000):
        folder = store.thread_folder(tmp_path / "archive", f"b{number:04}")
        folder.mkdir()
        if number % 100:
            os.link(shot.path, folder / shot.path.name)
        else:
            (folder / shot.path.name).write_bytes(b"rot")
    assert killed(tmp_path, "verify", "--workers", 2) == (4, 30)


def killed(folder: Path, *args: object, stream: str = "stdout") -> tuple[int, int]:
    """Run the program, and kill one of its workers once it has told of something."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [str(PROGRAM), "--config", os.devnull, *map(str, args)],
        cwd=folder,
        env=env,
        **{stream: subprocess.PIPE},
    ) as program:
        told: IO[bytes] | None = getattr(program, stream)
        assert told is not None
        first = told.readline()
        os.kill(_worker(program.pid), signal.SIGKILL)
        rest = told.readlines()
    return program.returncode, len([first, *rest])


def _worker(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return next(
        int(x) for x in children if b"spawn_main" in Path(f"/proc/{x}/cmdline").read_bytes()
    )
