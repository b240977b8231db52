"""A real cluster of Dask on 127.0.0.1: two workers, of which one is killed midway."""

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
from tests.parallel.test_ordered_map import THREADS, plainly, quotes, stored
from tests.support import sites
from tests.support.mortals import die_once, double

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as found:
        yield found


@pytest.fixture
def executor(cluster: Any) -> Iterator[Executor]:
    with executors.open_pool(1, cluster.scheduler_address) as found:
        assert found is not None
        yield found


def archive(root: Path) -> Path:
    for name in THREADS:
        said = [sites.comment(f"c{number}{name}", f"t3_{name}", "Rye.") for number in range(3)]
        sites.save(root, name, [sites.post(name), *said])
    return root


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_import__through_a_cluster_with_a_killed_worker(executor: Executor, tmp_path: Path) -> None:
    for name in ("alone", "spread"):
        (tmp_path / name).mkdir()
    alone = stored(tmp_path / "alone", None, plainly)
    spread = stored(tmp_path / "spread", executor, partial(die_once, tmp_path / "died"))
    assert (tmp_path / "died").exists()
    assert spread == alone


def test_exports__through_a_cluster_with_a_killed_worker(cluster: Any, tmp_path: Path) -> None:
    root = archive(tmp_path / "archive")
    alone = [
        list(each.output or ()) for each in result.export_threads(root, THREADS, ndjson.iter_lines)
    ]
    site.build(root, tmp_path / "alone", THREADS, quote_format=site.QuoteFormat())
    with executors.open_pool(1, cluster.scheduler_address) as executor:
        assert executor is not None
        told = result.export_threads(root, THREADS, ndjson.iter_lines, executor=executor)
        first = next(told)
        os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
        assert [[*(first.output or ())], *([*(each.output or ())] for each in told)] == alone
        site.build(
            root, tmp_path / "spread", THREADS, quote_format=site.QuoteFormat(), executor=executor
        )
    assert files(tmp_path / "spread") == files(tmp_path / "alone")


def test_program__works_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    archive(tmp_path / "archive")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(OFFLINE))
    alone = run_program(tmp_path, "export", "ndjson", "--workers", 1)
    spread = run_program(tmp_path, "export", "ndjson", "--dask", cluster.scheduler_address)
    assert (spread.code, spread.err) == (0, "")
    assert spread.out == alone.out != ""


def test_refresh_and_verify__on_a_cluster_with_a_killed_worker(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_SERIAL_THREADS", 9)
    monkeypatch.setattr(verify, "BATCH_SIZE", 2)
    sites.quoting(tmp_path, THREADS)
    whole = list(verify.verify(tmp_path / "archive"))
    alone = list(quotes(tmp_path, None))
    with executors.open_pool(1, cluster.scheduler_address) as executor:
        assert executor is not None
        for work, expected in (
            (quotes(tmp_path, executor), alone),
            (verify.verify(tmp_path / "archive", executor=executor), whole),
        ):
            first = next(work)
            os.kill(executor.submit(os.getpid).result(), signal.SIGKILL)
            assert [first, *work] == expected


def test_program__refreshes_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    pages = sites.quoting(tmp_path, THREADS)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(OFFLINE))
    before, made = files(pages), []
    for who in (("--workers", 1), ("--dask", cluster.scheduler_address)):
        for name, data in before.items():
            (pages / name).write_bytes(data)
        done = run_program(tmp_path, "refresh", "pages", "--offline", *who)
        made.append((done.code, done.err, files(pages)))
    assert made[0] == made[1]
    assert made[0][2] != before


@pytest.mark.parametrize("is_lost", ["scheduler", "workers"])
def test_each__when_nobody_is_left_the_rest_is_done_here(
    is_lost: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(executors, "CONNECT_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(ordered_map, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(executors, "MAX_EMPTY_POLLS", 2)
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as lost,
        executors.open_pool(1, lost.scheduler_address) as executor,
    ):
        assert isinstance(executor, executors.DaskExecutor)
        found = ordered_map.map_ordered(double, range(100), executor)
        assert next(found) == 0
        if is_lost == "scheduler":
            lost.close()
        else:
            lost.scale(0)
            while executor._client.nthreads():
                pass
        assert list(found) == [2 * number for number in range(1, 100)]
    assert "no worker is left" in caplog.text
