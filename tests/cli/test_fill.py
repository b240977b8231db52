"""The command `fill`: what it prints, and its exit codes."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import EXAMPLES, OFFLINE, PROGRAM, Run, write_config
from tests.support import arctic_server
from tests.support import reddit_server as rs
from tests.support.filling import store_part


@pytest.fixture
def thread() -> rs.Thread:
    return rs.generate(20, depth=4, seed=3)


@pytest.fixture
def arctic(thread: rs.Thread, tmp_path: Path) -> Iterator[arctic_server.Server]:
    """An Arctic Shift with the thread, and a config.yaml without a key that names it."""
    with arctic_server.Server(thread) as server:
        config = {**OFFLINE, "tries": 1, "arctic_shift": server.settings()}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        yield server


@pytest.fixture
def half(thread: rs.Thread, tmp_path: Path, arctic: arctic_server.Server) -> list[str]:
    """The comments that the stored page of the thread names and does not show."""
    ids = [*thread.comments]
    store_part(tmp_path / "archive", thread, ids[:8], named=ids[8:])
    return ids[8:]


def test_fill__says_what_was_added(run: Run, half: list[str], thread: rs.Thread) -> None:
    ran = run("fill", thread.id)
    assert (ran.code, ran.out) == (0, f"t3_{thread.id}\tfilled\tadded: 12 comments\n")
    assert ran.err.endswith("1 filled; 12 comments added.\n")
    assert run("fill", thread.id).out == f"t3_{thread.id}\tcomplete\n"


def test_fill__all_names_only_incomplete_threads(
    run: Run, half: list[str], tmp_path: Path, arctic: arctic_server.Server
) -> None:
    other = arctic.see(rs.generate(3, seed=9))
    store_part(tmp_path / "archive", other, other.comments)
    ran = run("fill", "--all")
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert "1 complete, 1 filled; 12 comments added." in ran.err


def test_fill__says_what_stayed_missing_and_why(
    run: Run, half: list[str], thread: rs.Thread, arctic: arctic_server.Server
) -> None:
    for comment_id in half[:3]:
        del arctic.kept[thread.id].comments[comment_id]
    ran = run("fill", thread.id)
    assert (ran.code, ran.out) == (
        0,
        f"t3_{thread.id}\tpartly filled\tadded: 9 comments\t"
        "still missing: 3 comments (Arctic Shift has 9 of 12)\n",
    )
    assert "That an archive lacks a comment does not mean that Reddit does." in ran.err
    assert run("fill", thread.id, "--require-complete").code == 3


def test_fill__json(run: Run, half: list[str], thread: rs.Thread) -> None:
    record = json.loads(run("fill", "--all", "--json").out)
    assert record["thread"] == f"t3_{thread.id}"
    assert (record["status"], record["added_comments"], record["complete"]) == ("filled", 12, True)
    assert record["sources"] == [
        {"source": "arctic-shift", "requested": 12, "unavailable": 0, "error": None}
    ]


def test_fill__dry_run_sends_nothing(
    run: Run, half: list[str], thread: rs.Thread, arctic: arctic_server.Server
) -> None:
    ran = run("fill", "--all", "--dry-run")
    assert ran.out == f"t3_{thread.id}\t12 comments\t1 request to Arctic Shift\n"
    assert "1 incomplete thread, 1 request to Arctic Shift; nothing was fetched." in ran.err
    assert arctic.count() == 0
    record = json.loads(run("fill", "--all", "--dry-run", "--json").out)
    assert (record["missing"], record["max_requests"]) == (12, 1)


def test_fill__a_source_that_is_down(
    run: Run, half: list[str], thread: rs.Thread, arctic: arctic_server.Server
) -> None:
    arctic.fail("comments/ids", rs.SERVER_ERROR(503), times=None)
    ran = run("fill", thread.id)
    assert ran.code == 1
    assert "Arctic Shift" in ran.err
    other = arctic.see(rs.generate(3, seed=9))
    assert run("fill", thread.id, other.id).code == 1  # not archived


def test_fill__a_source_that_is_down_for_one_of_two(
    run: Run, half: list[str], tmp_path: Path, thread: rs.Thread, arctic: arctic_server.Server
) -> None:
    other = arctic.see(rs.generate(3, seed=9))
    store_part(tmp_path / "archive", other, [], named=other.comments)
    arctic.fail("comments/ids", rs.SERVER_ERROR(503))
    ran = run("fill", "--all")
    assert ran.code == 3
    assert "1 of 2 threads could not be filled" in ran.err
    assert sorted(line.split("\t")[1] for line in ran.out.splitlines()) == ["failed", "filled"]


@pytest.fixture
def large(tmp_path: Path, arctic: arctic_server.Server) -> rs.Thread:
    """A thread of which two requests are missing."""
    thread = arctic.see(rs.generate(501, depth=4, seed=9))
    store_part(tmp_path / "archive", thread, [], named=thread.comments)
    return thread


def test_fill__a_source_that_fails_in_the_middle(
    run: Run, large: rs.Thread, arctic: arctic_server.Server
) -> None:
    arctic.fail("comments/ids", [rs.Fault(), rs.SERVER_ERROR(503)])
    ran = run("fill", large.id)
    assert ran.code == 3
    assert "partly filled\tadded: 500 comments\tstill missing: 1 comment (" in ran.out
    assert run("fill", large.id).out == f"t3_{large.id}\tfilled\tadded: 1 comment\n"


def test_fill__ctrl_c_keeps_what_arrived(
    run: Run, large: rs.Thread, arctic: arctic_server.Server, tmp_path: Path
) -> None:
    arctic.fail("comments/ids", [rs.Fault(), rs.SLOW()])
    respond = arctic.respond

    def interrupt(request: rs.Request, *, alone: bool) -> Any:
        if arctic.count() > 0:
            child.send_signal(signal.SIGINT)
        return respond(request, alone=alone)

    with subprocess.Popen(
        [PROGRAM, "fill", large.id], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as child:
        arctic.respond = interrupt  # type: ignore[method-assign]
        _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "interrupted" in err
    assert run("fill", large.id).out == f"t3_{large.id}\tfilled\tadded: 1 comment\n"


def test_fill__a_folder_of_half_saved_pages_becomes_whole(
    run: Run, tmp_path: Path, arctic: arctic_server.Server
) -> None:
    (tmp_path / "pages").mkdir()
    thread = arctic.see(rs.generate(80, depth=6, seed=5))
    for limit in (20, 30):
        (tmp_path / "pages" / f"{limit}.json").write_text(json.dumps(rs.page(thread, limit=limit)))
    (tmp_path / "pages" / "other.json").write_text("{}")
    ran = run("fill", "pages")
    assert ran.code == 3  # for other.json
    assert ran.out == f"t3_{thread.id}\tfilled\tadded: 50 comments\n"
    assert "1 file could not be imported" in ran.err


def test_fill__asks_reddit_with_a_key(run: Run, thread: rs.Thread, tmp_path: Path) -> None:
    ids = [*thread.comments]
    store_part(tmp_path / "archive", thread, ids[:8], named=ids[8:])
    with rs.Server(thread) as server:
        write_config(tmp_path, server)
        ran = run("fill", thread.id, "--source", "reddit")
        assert (ran.code, server.count()) == (0, 1)
    assert "filled" in ran.out


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "name one or more threads, or give --all, but not both"),
        (("9bread1", "--all"), 2, "name one or more threads, or give --all, but not both"),
        (("9bread1",), 1, "there is no archive"),
        (("--all",), 1, "there is no archive"),
        (("no.such.file.json",), 1, "no.such.file.json"),
        ((".", "--dry-run"), 2, "--dry-run works with stored threads only"),
    ],
)
def test_fill__wrong_arguments(args: tuple[str, ...], code: int, words: str, run: Run) -> None:
    ran = run("fill", *args)
    assert ran.code == code
    assert words in ran.err


def test_fill__refused_key_stops_it(
    run: Run, half: list[str], thread: rs.Thread, tmp_path: Path
) -> None:
    with rs.Server(thread) as server:
        key = {k: v for k, v in server.settings().items() if k != "check_for_updates"}
        write_config(tmp_path, server, reddit={**key, "client_secret": "wrong"})
        assert run("fill", thread.id).code == 5


def test_fill__complete_thread_needs_no_source(run: Run) -> None:
    run("save", EXAMPLES / "short.json")
    ran = run("fill", "9bread1")
    assert (ran.code, ran.out.split()) == (0, ["t3_9bread1", "complete"])
    assert "Arctic Shift" not in ran.err
