"""A batch fetches new and changed threads, nothing twice. One failure affects no other thread."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from random import Random

import pytest

from reddit_archive.archive import store
from reddit_archive.model.capture import Thing
from reddit_archive.workflows import change_check
from tests.conftest import PROGRAM, Run, write_config
from tests.support import reddit_server as rs


@pytest.fixture
def threads(reddit: rs.Server) -> list[rs.Thread]:
    return [reddit.add(rs.generate(5, depth=2, seed=seed)) for seed in range(10, 60)]


def listed(folder: Path, threads: list[rs.Thread], *, name: str = "list.txt") -> Path:
    path = folder / name
    path.write_text("".join(f"https://redd.it/{thread.id}\n" for thread in threads))
    return path


def stored(folder: Path) -> set[str]:
    return set(store.iter_thread_ids(folder / "archive"))


def snapshots(folder: Path) -> int:
    root = folder / "archive"
    return sum(len(store.read_headers(root, thread)) for thread in store.iter_thread_ids(root))


def test_batch__saves_every_thread(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    result = run("batch", listed(tmp_path, threads))
    assert (result.code, stored(tmp_path)) == (0, {thread.id for thread in threads})
    assert "50 new." in result.err
    assert reddit.count() == 50


def test_batch__unchanged_threads_take_few_requests(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads)
    run("batch", path)
    reddit.reset_log()
    for thread in threads:
        for comment in thread.comments.values():
            comment["score"] += 5
    result = run("batch", path)
    assert "50 unchanged." in result.err
    assert (reddit.count(), snapshots(tmp_path)) == (50 * 6 // 100, 50)


def test_batch__fetches_only_changed_threads(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads)
    run("batch", path)
    moved = threads[3:10]
    for number, thread in enumerate(moved):
        first = next(iter(thread.comments))
        if number % 3 == 0:
            thread.edit(first, "edited")
        elif number % 3 == 1:
            thread.reply(thread.name, "a new one")
        else:
            thread.delete(first)
    reddit.reset_log()
    result = run("batch", path)
    fetched = {request.route.split("/")[-1] for request in reddit.requests("page")}
    assert fetched == {thread.id for thread in moved}
    assert "7 changed, 43 unchanged, 2 texts deleted on Reddit and kept here." in result.err


def test_batch__one_bad_item_of_fifty(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    threads[7].refuse("private")
    result = run("batch", listed(tmp_path, threads), "-q")
    assert result.code == 3
    assert len(stored(tmp_path)) == 49
    assert f"t3_{threads[7].id}" in result.err
    assert "list.txt:8" in result.err
    assert "private" in result.err


def test_batch__json_lines(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:3])
    path.write_text(path.read_text() + "no thread at all here\n")
    result = run("batch", path, "--json", "-q")
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert sorted(line["status"] for line in lines) == ["failed", "new", "new", "new"]
    assert result.code == 3


def test_batch__quiet_prints_only_deletions(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:8])
    assert (run("batch", path, "-q").err, run("batch", path, "-q").err) == ("", "")
    threads[4].delete(next(iter(threads[4].comments)))
    assert "1 text was deleted on Reddit and kept here." in run("batch", path, "-q").err


def test_batch__keeps_a_thread_that_was_removed(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:2])
    run("batch", path)
    threads[0].refuse("gone")
    result = run("batch", path)
    assert result.code == 0
    assert "1 unchanged, 1 gone" in result.err


def test_batch__a_dead_thread_fails_once_and_is_not_asked_for_again(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:3])
    threads[0].refuse("gone")
    first = run("batch", path)
    assert (first.code, threads[0].id in first.err) == (3, True)
    reddit.reset_log()
    second = run("batch", path, "-o", "quotes")
    assert (second.code, threads[0].id in second.err) == (0, False)
    assert "2 unchanged, 1 gone (not asked for again; --retry-gone asks)." in second.err
    assert not any(threads[0].id in request.route for request in reddit.requests())


def test_batch__a_dead_thread_that_is_stored_is_reported_once(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:2])
    run("batch", path)
    threads[0].refuse("gone")
    assert "it is kept here" in run("batch", path).err
    assert "it is kept here" not in run("batch", path).err
    assert "it is kept here" not in run("batch", path, "--retry-gone").err


def test_batch__retry_gone_finds_a_thread_that_came_back(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:2])
    threads[0].refuse("gone")
    run("batch", path)
    threads[0].refuse(None)
    assert "1 new, 1 unchanged." in run("batch", path, "--retry-gone").err
    assert "2 unchanged." in run("batch", path).err


def test_batch__catches_a_dead_thread_that_is_forgotten(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:1])
    threads[0].refuse("gone")
    run("batch", path)
    (tmp_path / "archive" / "gone.log").unlink()
    assert run("batch", path).code == 3


def test_batch__a_quarantined_thread_is_asked_for_each_time(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    """A login with other rights would change that."""
    path = listed(tmp_path, threads[:1])
    threads[0].refuse("quarantined")
    assert (run("batch", path).code, run("batch", path).code) == (3, 3)


def test_batch__rate_limit_loses_no_thread(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    for thread in threads[:15:7]:
        reddit.fail(thread.id, [rs.TOO_MANY(0), rs.SERVER_ERROR(503), rs.TOO_MANY()])
    assert run("batch", listed(tmp_path, threads[:15])).code == 0
    assert len(stored(tmp_path)) == 15


def test_batch__stops_at_a_refused_key(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    key = {k: v for k, v in reddit.settings().items() if k != "check_for_updates"}
    write_config(tmp_path, reddit, reddit={**key, "client_secret": "wrong"})
    assert run("batch", listed(tmp_path, threads)).code == 5


def test_batch__due_skips_recently_checked_threads(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:8])
    run("batch", path)
    reddit.reset_log()
    assert "8 not due." in run("batch", path, "--due").err
    assert reddit.count() == 0


def test_batch__output_is_rewritten_only_when_it_changes(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads[:4])
    path.write_text(path.read_text().replace("\n", " --all\n"))
    run("batch", path, "-o", "quotes")
    files = sorted((tmp_path / "quotes").rglob("*.md"))
    before = [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    assert len(files) == 4
    assert run("quote", threads[0].id, "--all").out.encode() in [data for _, data in before]
    threads[1].edit(next(iter(threads[1].comments)), "edited")
    run("batch", path, "-o", "quotes")
    after = [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    assert sum(one != two for one, two in zip(before, after, strict=True)) == 1


def test_batch__follows_a_share_link_once(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text(reddit.share(threads[0]) + "\n")
    run("batch", "list.txt")
    reddit.reset_log()
    assert "1 unchanged." in run("batch", "list.txt").err
    assert reddit.count("share") == 0


def test_batch__fetches_a_repeated_thread_once(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    one, two = list(threads[0].comments)[:2]
    link = f"https://www.reddit.com/comments/{threads[0].id}/_"
    (tmp_path / "notes.md").write_text(f"See [a]({link}/{one}/), and <{link}/{two}/>.\n")
    run("batch", "notes.md", "-o", "quotes")
    assert reddit.count() == 1
    (file,) = (tmp_path / "quotes").rglob("*.md")
    assert file.read_text() == run("quote", threads[0].id, "-c", one, "-c", two).out


def test_batch__two_at_once_lose_nothing(
    reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    write_config(tmp_path, reddit)
    path = listed(tmp_path, threads[:12])
    both = [subprocess.Popen([PROGRAM, "batch", path, "-q"], cwd=tmp_path) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert stored(tmp_path) == {thread.id for thread in threads[:12]}
    assert subprocess.run([PROGRAM, "verify", "-q"], cwd=tmp_path, check=False).returncode == 0


def test_batch__dry_run_lists_stored_and_new_threads(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    run(threads[0].id)
    reddit.reset_log()
    result = run("batch", listed(tmp_path, threads[:2]), "--dry-run")
    assert re.findall(r"\t(stored|new)\t", result.out) == ["stored", "new"]
    assert reddit.count() == 0


def interrupt_until_done(
    folder: Path, path: Path, random: Random, *, most: float
) -> tuple[int, set[int]]:
    """Interrupt a batch at random until one run ends. Return the interrupts and exit codes."""
    interrupts, codes = 0, set()
    for _ in range(60):
        running = subprocess.Popen(
            [PROGRAM, "batch", path, "-q"], cwd=folder, stderr=subprocess.PIPE
        )
        try:
            running.wait(random.uniform(0.3, most))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)
            interrupts += 1
        _, errors = running.communicate(timeout=60)
        assert b"Traceback" not in errors, errors
        codes.add(130 if running.returncode == -signal.SIGINT else running.returncode)
        if running.returncode == 0:
            return interrupts, codes
        most *= 1.3
    raise AssertionError(f"it never ends: {errors!r}")


def cut_off(folder: Path, path: Path, *args: str) -> None:
    """Interrupt a batch after its first report."""
    with subprocess.Popen(
        [PROGRAM, "batch", path, "--json", *args],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None
        assert b"new" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        child.stdout.read()
    assert child.returncode == 130


def test_batch__after_an_interrupt_writes_all_quotes(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads)
    cut_off(tmp_path, path, "-o", "quotes")
    before = reddit.count("page")
    assert 0 < len(stored(tmp_path)) < 50
    assert "unchanged." in run("batch", path, "-o", "quotes").err
    assert len([*(tmp_path / "quotes").rglob("*.md")]) == 50
    assert reddit.count("page") <= 51
    assert before < 50


@pytest.mark.slow
def test_batch__after_an_interrupt_saves_removed_folders_again(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    path = listed(tmp_path, threads)
    cut_off(tmp_path, path)
    shutil.rmtree(tmp_path / "archive" / "threads" / f"t3_{min(stored(tmp_path))}")
    run("batch", path)
    assert stored(tmp_path) == {thread.id for thread in threads}


@pytest.mark.parametrize(
    ("batches", "count", "seed"),
    [(1, 30, 5), *(pytest.param(2, 300, seed, marks=pytest.mark.slow) for seed in range(5))],
)
def test_r5__interrupted_batches_lose_and_repeat_nothing(
    batches: int, count: int, seed: int, tmp_path: Path
) -> None:
    random = Random(seed)
    held = [rs.generate(3, depth=2, seed=seed) for seed in range(1, count + 1)]
    with rs.Server(*held, budget=10**6) as reddit:
        for number in range(batches):
            folder = tmp_path / str(number)
            folder.mkdir()
            write_config(folder, reddit)
            reddit.reset_log()
            path = listed(folder, held)
            interrupts, codes = interrupt_until_done(folder, path, random, most=2.5)
            assert stored(folder) == {thread.id for thread in held}
            assert snapshots(folder) == count
            assert reddit.count("page") <= count + interrupts
            assert codes <= {0, 130}


def test_r5__catches_a_batch_that_starts_over(
    run: Run, reddit: rs.Server, threads: list[rs.Thread], tmp_path: Path
) -> None:
    threads = threads[:15]
    path = listed(tmp_path, threads)
    run("batch", path)
    for thread in threads:
        for snapshot in (tmp_path / "archive" / "threads" / thread.name).glob("*.json"):
            snapshot.unlink()  # as if nothing had been kept
    run("batch", path)
    assert reddit.count("page") > len(threads) + 1


@pytest.mark.slow
def test_memory__a_list_of_10000_lines(reddit: rs.Server, tmp_path: Path) -> None:
    write_config(tmp_path, reddit)
    (tmp_path / "list.txt").write_text("".join(f"t3_{n:x}abc\n" for n in range(0x1000, 0x3710)))
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [PROGRAM.with_name("python"), "-c", code, PROGRAM, "batch", "list.txt", "--dry-run"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert int(done.stdout) < 200_000


# Which threads moved


def thing(name: str, **data: object) -> Thing:
    kind = name[:2]
    return {"kind": kind, "data": {"name": name, "body": "said", "author": "a", **data}}


def test_iter_changed__fills_requests_with_several_threads() -> None:
    held = {
        f"t{number}": {f"t1_{number}x{each}": thing(f"t1_{number}x{each}") for each in range(7)}
        for number in range(100)
    }
    counts: list[int] = []
    everything = {name: each for names in held.values() for name, each in names.items()}

    def look_up(names: object) -> dict[str, Thing]:
        assert isinstance(names, list)
        counts.append(len(names))
        return {name: everything[name] for name in names}

    fingerprints = (
        (thread_id, {name: change_check.compute_fingerprint(each) for name, each in names.items()})
        for thread_id, names in held.items()
    )
    assert [*change_check.iter_changed(fingerprints, look_up)] == [
        (thread_id, False) for thread_id in held
    ]
    assert counts == [100] * 7


@pytest.mark.parametrize(
    ("change", "has_moved"),
    [
        ({"body": "else"}, True),
        ({"author": "[deleted]", "body": "[deleted]"}, True),
        ({"edited": 5.0}, True),
        ({"score": 7, "ups": 7, "depth": 3, "gilded": 1}, False),
    ],
)
def test_iter_changed__ignores_scores(change: dict[str, object], has_moved: bool) -> None:
    was = {"t1_a": change_check.compute_fingerprint(thing("t1_a"))}
    found = {"t1_a": thing("t1_a", **change)}
    assert [*change_check.iter_changed([("x", was)], lambda _: found)] == [("x", has_moved)]


def test_iter_changed__missing_item_counts_as_changed() -> None:
    was = {"t1_a": change_check.compute_fingerprint(thing("t1_a"))}
    assert [*change_check.iter_changed([("x", was)], lambda _: {})] == [("x", True)]
