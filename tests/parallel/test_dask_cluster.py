"""A real Dask cluster on 127.0.0.1 with two workers, one of which is killed."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from reddit_archive.archive import verify
from reddit_archive.export import ndjson, result, site
from reddit_archive.parallel import executors, ordered_map
from tests.conftest import OFFLINE, run_program
from tests.support import sites
from tests.support.mortals import die_once, double
from tests.support.spread_work import THREADS, import_dump, iter_page_quotes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as running:
        yield running


@pytest.fixture
def executor(cluster: Any) -> Iterator[Executor]:
    with executors.open_pool(1, cluster.scheduler_address) as pool:
        assert pool is not None
        yield pool


def build_archive(root: Path) -> Path:
    for name in THREADS:
        comments = [sites.comment(f"c{number}{name}", f"t3_{name}", "Rye.") for number in range(3)]
        sites.save(root, name, [sites.post(name), *comments])
    return root


def read_files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_import__a_worker_of_the_cluster_is_killed(executor: Executor, tmp_path: Path) -> None:
    for name in ("alone", "spread"):
        (tmp_path / name).mkdir()
    alone = import_dump(tmp_path / "alone", None)
    spread = import_dump(tmp_path / "spread", executor, partial(die_once, tmp_path / "died"))
    assert (tmp_path / "died").exists()
    assert spread == alone


def test_export__a_worker_of_the_cluster_is_killed(cluster: Any, tmp_path: Path) -> None:
    root = build_archive(tmp_path / "archive")
    results = result.export_threads(root, THREADS, ndjson.iter_lines)
    alone = [list(thread.output or ()) for thread in results]
    site.build(root, tmp_path / "alone", THREADS, quote_format=site.QuoteFormat())
    with executors.open_pool(1, cluster.scheduler_address) as executor:
        assert executor is not None
        spread = result.export_threads(root, THREADS, ndjson.iter_lines, executor=executor)
        first = next(spread)
        os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
        assert [list(thread.output or ()) for thread in (first, *spread)] == alone
        site.build(
            root, tmp_path / "spread", THREADS, quote_format=site.QuoteFormat(), executor=executor
        )
    assert read_files(tmp_path / "spread") == read_files(tmp_path / "alone")


def test_program__exports_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    build_archive(tmp_path / "archive")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(OFFLINE))
    alone = run_program(tmp_path, "export", "ndjson", "--workers", 1)
    spread = run_program(tmp_path, "export", "ndjson", "--dask", cluster.scheduler_address)
    assert (spread.code, spread.err) == (0, "")
    assert spread.out == alone.out != ""


def test_refresh_and_verify__a_worker_of_the_cluster_is_killed(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_SERIAL_THREADS", 9)
    monkeypatch.setattr(verify, "BATCH_SIZE", 2)
    sites.quoting(tmp_path, THREADS)
    whole = list(verify.verify(tmp_path / "archive"))
    alone = list(iter_page_quotes(tmp_path, None))
    with executors.open_pool(1, cluster.scheduler_address) as executor:
        assert executor is not None
        for work, expected in (
            (iter_page_quotes(tmp_path, executor), alone),
            (verify.verify(tmp_path / "archive", executor=executor), whole),
        ):
            first = next(work)
            os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
            assert [first, *work] == expected


def test_program__refreshes_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    pages = sites.quoting(tmp_path, THREADS)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(OFFLINE))
    before, runs = read_files(pages), []
    for workers in (("--workers", 1), ("--dask", cluster.scheduler_address)):
        for name, data in before.items():
            (pages / name).write_bytes(data)
        done = run_program(tmp_path, "refresh", "pages", "--offline", *workers)
        runs.append((done.code, done.err, read_files(pages)))
    assert runs[0] == runs[1]
    assert runs[0][2] != before


@pytest.mark.parametrize("is_lost", ["scheduler", "workers"])
def test_map__without_workers_the_rest_is_done_here(
    is_lost: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(executors, "CONNECT_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(ordered_map, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(executors, "MAX_EMPTY_POLLS", 2)
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as dying,
        executors.open_pool(1, dying.scheduler_address) as executor,
    ):
        assert isinstance(executor, executors.DaskExecutor)
        results = ordered_map.map_ordered(double, range(100), executor)
        assert next(results) == 0
        if is_lost == "scheduler":
            dying.close()
        else:
            dying.scale(0)
            while executor._client.nthreads():
                pass
        assert list(results) == [2 * number for number in range(1, 100)]
    assert "no worker is left" in caplog.text
