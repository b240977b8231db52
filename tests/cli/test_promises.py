"""Promises that go through the whole program: hostile answers, immutability, names, secrets.

Each comes with a control: a seeded fault that the same check catches. The store's own promises are
in test_store_promises.py.
"""

import json
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote as percent_encode

import pytest
from click.testing import CliRunner

from reddit_archive import errors, history, media, quote
from reddit_archive.archive import store
from reddit_archive.archive.index import search_documents, summary
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.cli import change_report, program
from reddit_archive.model import capture, viewer_fields
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.reference import Reference
from reddit_archive.quote import Selection
from reddit_archive.sources import saved_json
from reddit_archive.sources.base import FetchRequest
from reddit_archive.sources.reddit_api import RedditSource
from reddit_archive.sources.reddit_api.requestor import RetryPolicy
from tests.conftest import EXAMPLES, Run, write_config
from tests.support import arctic_server
from tests.support import reddit_server as rs
from tests.support.file_fingerprints import compute_fingerprints
from tests.support.fuzzed_responses import SHORT, build_fuzzed_response
from tests.support.secret_leaks import SENTINEL, _base64, find_leaks

ALL = Selection(everything=True)
IDS = ("9bread1", "9bread2", "9bread3", "9bread4")


# R8: hostile or broken answers


@pytest.mark.parametrize(
    ("number", "seed"),
    [(50, 8), *(pytest.param(2_500, n, marks=pytest.mark.slow) for n in range(4))],
)
def test_r8__hostile_answers_are_stored_and_never_a_traceback(
    number: int, seed: int, tmp_path: Path
) -> None:
    random = Random(seed)
    with rs.Server(budget=10**9) as server:
        source = RedditSource(
            _key(server), retry_policy=RetryPolicy(1, 0), on_status=lambda _: None
        )
        for round_ in range(number):
            server.heal()
            answer = build_fuzzed_response(random)
            server.answer("comments/", answer)
            things = capture.flatten(answer)
            thread_id = next((i for i in IDS if _is_of(things, i)), "9bread2")
            reference = Reference(post_id=thread_id)
            if not _is_of(things, thread_id):
                with pytest.raises(errors.NotAThreadError):
                    source.fetch(reference, FetchRequest())
                assert not (tmp_path / "threads").exists()
                continue
            fetched = source.fetch(reference, FetchRequest())
            stored = store.add(tmp_path, fetched).snapshot
            things = viewer_fields.drop_from_things(capture.flatten(answer))
            assert _encode_without_stubs(things) <= _encode_without_stubs(stored.capture.things)
            if round_ % 4 == 0:
                _quote_if_possible(stored.capture)
            if round_ % 16 == 0:
                _build_views(stored)
            shutil.rmtree(tmp_path / "threads")


def _is_of(things: Iterable[Thing], thread_id: str) -> bool:
    return any(capture.is_of_thread(thing, thread_id) for thing in things)


def _quote_if_possible(stored_capture: Capture) -> None:
    with suppress(errors.ArchiveError):
        assert quote.render(history.merge(stored_capture.thread_id, [stored_capture]), ALL).encode(
            "utf-8"
        )


def _build_views(snapshot: Snapshot) -> None:
    """Build the events, the row of the list, the searchable texts and the media of a snapshot."""
    stored_capture = snapshot.capture
    past = history.trace(
        stored_capture.thread_id,
        [stored_capture, replace(stored_capture, things=stored_capture.things[::-1])],
    )
    assert all(map(str, (change_report.build_row(event, past) for event in past.events)))
    assert (
        summary.summarize(
            summary.trace_snapshots(stored_capture.thread_id, [snapshot]), [snapshot]
        ).snapshots
        == 1
    )
    assert all(
        text.fullname
        for _, text in search_documents.iter_documents(
            history.trace(stored_capture.thread_id, [stored_capture]), [snapshot]
        )
    )
    assert all(item.url for item in media.find_media(stored_capture.things))


def _encode_without_stubs(things: Iterable[Thing]) -> set[str]:
    """Return everything except stubs; requesting their comments may remove them."""
    return {json.dumps(thing) for thing in things if thing["kind"] != "more"}


def test_r8__catches_code_that_trusts_types() -> None:
    random = Random(8)
    answers = [build_fuzzed_response(random) for _ in range(200)]
    comments = [t["data"] for a in answers for t in capture.flatten(a) if t["kind"] == "t1"]
    for view in (lambda data: data["body"].strip(), lambda data: data["author"].lower()):
        with pytest.raises((KeyError, TypeError, AttributeError)):
            [view(data) for data in comments]


# R12: nothing is changed by a command that only reads


def test_r12__reading_commands_change_no_file(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    run(EXAMPLES / "everything.json")
    before = compute_fingerprints(tmp_path)
    for command in (
        ("quote", "9bread1", "--all"),
        ("quote", "9bread2", "-c", "zdeep03", "--json"),
        ("quote", "t1_zkeep01"),
        ("quote", "nothere"),
        ("list",),
        ("log", "9bread1"),
        ("verify",),
        ("--help",),
    ):
        run(*command)
        assert compute_fingerprints(tmp_path) == before, command


def test_r12__other_reading_commands_change_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("short", "everything"):
        run(EXAMPLES / f"{name}.json")
    page = "<!-- reddit: 9bread1 -->\n<!-- /reddit -->\n"
    (tmp_path / "page.md").write_text(page)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    before = compute_fingerprints(tmp_path / "archive")
    out = tmp_path / "out"
    for command in (
        *(("diff", "9bread1"), ("diff", "9bread2", "-1", "-1", "--json"), ("list", "--json")),
        *(("log", "9bread1", "--json"), ("search", "bread"), ("search", "--json", "zzzz")),
        *(("quote", "9bread1", "--as-of", "2026-01-01"), ("quote", "9bread1", "--check")),
        *(
            ("quote", "9bread2", "--images", "local", "-o", out.with_name("q.md")),
            ("verify", "-vv"),
        ),
        *(("refresh", "--check", "--offline", "page.md"), ("refresh", "--offline", "page.md")),
        *(("export", form, "9bread1") for form in ("json", "csl", "bibtex")),
        *(("export", form, out / form) for form in ("bag", "html")),
        *(("export", form, out / f"x.{form}") for form in ("sqlite", "parquet")),
        *(("export", "ndjson", "-o", out / "x"), ("open", "9bread1", "--print")),
        *(("save", EXAMPLES / "short.json", "--dry-run"), ("completion", "bash")),
        *(("import", EXAMPLES / "poll.json", "--dry-run"), ("forget", "9bread1", "--dry-run")),
        *(("fill", "--all", "--dry-run"), ("fill", "9bread2", "--dry-run", "--json")),
        *(("redact", "--older-than", "1h", "--dry-run"), ("redact", "--author", "x", "--yes")),
        *(("forget", "9bread1"), ("redact", "--older-than", "1h"), ("forget", "nothere", "--yes")),
    ):
        words = ["--archive", str(tmp_path / "archive"), *map(str, command)]
        with monkeypatch.context() as inside:
            inside.chdir(tmp_path)
            CliRunner().invoke(program, words, prog_name="archive")
        assert compute_fingerprints(tmp_path / "archive") == before, command


def test_r12__saving_again_leaves_old_snapshots_byte_identical(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    run("9bread1")
    before = compute_fingerprints(tmp_path / "archive" / "threads")
    reddit.threads["9bread1"].edit("zkeep01", "changed")
    run("9bread1")
    after = compute_fingerprints(tmp_path / "archive" / "threads")
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def test_r12__catches_a_touched_file(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    before = compute_fingerprints(tmp_path)
    file = next(tmp_path.rglob("t3_*/*.json"))
    file.chmod(0o644)
    assert compute_fingerprints(tmp_path) != before


# S2: names are never paths


HOSTILE = ["..", "../../x", "/etc/x", "C:\\x", "CON", "aux.md", "-rf", "a\0b", "é" * 300, "e\u0301"]
FEW = pickle.dumps(capture.flatten(SHORT)[:2])
"""A post, and a comment that names it."""
NAMES = 5
"""So many go into one archive; more would only make it long to read."""
LAYOUT = re.compile(
    r"ARCHIVE|threads/t3_[0-9a-z]{1,13}/(\d{8}T\d{6}Z-[0-9a-f]{64}\.json|checks\.log)"
)


@pytest.mark.parametrize("number", [50, pytest.param(5_000, marks=pytest.mark.slow)])
def test_s2__hostile_names_stay_inside_the_layout(number: int, tmp_path: Path) -> None:
    random = Random(2)
    for batch in range(number // NAMES):
        root = tmp_path / f"deep{batch}" / "archive"
        for _ in range(NAMES):
            post, comment = pickle.loads(FEW)
            answer = {"kind": "Listing", "data": {"children": [post, comment]}}
            for key in random.sample(["id", "name", "subreddit", "title", "author", "url"], 3):
                post["data"][key] = _hostile(random)
            (tmp_path / "in.json").write_text(json.dumps(answer))
            with suppress(errors.ArchiveError):
                store.add(root, saved_json.read_capture(str(tmp_path / "in.json")))
        assert outside(tmp_path, root) == []
        shutil.rmtree(root.parent)


def _hostile(random: Random) -> str:
    name = "".join(random.choices(HOSTILE, k=random.choice([1, 1, 2])))
    return random.choice(["", "t3_"]) + name


def outside(folder: Path, root: Path) -> list[Path]:
    """Files that are neither the input nor in the archive's layout."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "in.json"]
    return [
        path
        for path in files
        if root not in path.parents or not LAYOUT.fullmatch(path.relative_to(root).as_posix())
    ]


def test_s2__catches_a_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "x").touch()
    (tmp_path / "archive" / "CON").touch()
    assert len(outside(tmp_path, tmp_path / "archive")) == 2


# S5 and S6: keys go to Reddit alone, and into no file


COMMANDS = [
    ("9bread1", "-vv"),
    ("9bread1", "-vv", "--json"),
    ("nothere", "-vv"),
    ("list", "-vv"),
    ("log", "9bread1", "-vv"),
    ("verify", "-vv"),
    ("9bread1", "--first-page", "-c", "zkeep01", "--recover", "-vv"),
    ("9bread1", "--dry-run", "-vv"),
    ("9bread1", "--source", "arctic-shift", "-vv"),
    ("batch", "list.txt", "-vv", "-o", "quotes"),
    ("refresh", "page.md", "-vv"),
    ("refresh", "page.md", "--check", "-vv"),
    ("doctor", "-vv"),
]
FAULTS = [
    *(None, rs.SERVER_ERROR(503)),
    *(
        pytest.param(fault, marks=pytest.mark.slow)
        for fault in (rs.HTML_403, rs.CUT_BODY, rs.Fault(401, {}, "{}"))
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_s5__secrets_reach_no_output_and_no_file(
    fault: rs.Fault | None, run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    secrets = [rs.CLIENT_SECRET]
    if fault:
        reddit.fail("comments/", fault, times=None)
    (tmp_path / "list.txt").write_text("9bread1\n9bread3\n")
    (tmp_path / "page.md").write_text("<!-- reddit: 9bread1 -->\n<!-- /reddit -->\n")
    with arctic_server.Server(*reddit.threads.values()) as arctic:
        write_config(tmp_path, reddit, tries=2, arctic_shift={"url": arctic.url})
        printed = [run(*command) for command in COMMANDS]
    secrets += [r.headers["authorization"].split()[1] for r in reddit.log if r.kind != "token"]
    assert len(secrets) > 1
    (tmp_path / "config.yaml").unlink()
    text = "".join(ran.out + ran.err for ran in printed).encode()
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert find_leaks(secrets, [text, *files]) == []


def test_s5__refused_login_does_not_show_the_secret(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    key = {**_key(reddit), "client_secret": SENTINEL, "refresh_token": SENTINEL}
    write_config(tmp_path, reddit, reddit=key)
    refused = run("9bread1", "-vv")
    assert refused.code == 5
    assert find_leaks([SENTINEL], [(refused.out + refused.err).encode()]) == []


def test_s5__catches_each_form() -> None:
    for form in (SENTINEL, percent_encode(SENTINEL, safe=""), _base64(SENTINEL)):
        assert find_leaks([SENTINEL], [f"x{form}y".encode()])


@pytest.mark.parametrize("part", ["r/x/s/abcdefghij", "u/x/s/abcdefghij", "r/x/comments/abc/s/"])
def test_s6__pasted_hosts_get_no_request(
    part: str, run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    with rs.Server() as stranger:
        refused = run(f"{stranger.url}{part}")
        assert refused.code == 2
        assert stranger.log == []
    assert reddit.log == []


def test_s6__share_link_that_leads_elsewhere_is_not_followed(run: Run, reddit: rs.Server) -> None:
    with rs.Server() as stranger:
        target = {"Location": f"{stranger.url}r/x/s/abcdefghij"}
        reddit.fail("/s/", rs.Fault(301, target, ""), times=None)
        refused = run("https://www.reddit.com/r/breadlog/s/abcdefghij")
        assert refused.code == 1
        assert stranger.log == []


def test_s6__praw_ini_in_the_folder_sends_no_key_elsewhere(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    with rs.Server() as stranger:
        planted = f"[DEFAULT]\noauth_url={stranger.url}\nreddit_url={stranger.url}\n"
        (tmp_path / "praw.ini").write_text(planted)
        assert run("9bread1").code == 0
        assert stranger.log == []


def test_s6__catches_settings_left_to_praw(tmp_path: Path) -> None:
    with rs.Server() as stranger:
        planted = f"[DEFAULT]\noauth_url={stranger.url}\nreddit_url={stranger.url}\n"
        (tmp_path / "praw.ini").write_text(planted)
        trusting = "import praw, sys; praw.Reddit(**eval(sys.argv[1])).auth.scopes()"
        names = ("client_id", "client_secret", "user_agent")
        key = {name: value for name, value in _key(stranger).items() if name in names}
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", trusting, repr(key)],
            cwd=tmp_path,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert stranger.log != []


def _key(server: rs.Server) -> dict[str, Any]:
    settings: Callable[[], dict[str, Any]] = server.settings
    return {name: value for name, value in settings().items() if name != "check_for_updates"}
