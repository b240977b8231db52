"""Forgetting: what is redacted is nowhere, what is not is where it was, at every moment.

A redaction that is ended at any of its file calls leaves each snapshot once, as it was or as it
is, and the same command again finishes it.
"""

import json
import operator
import os
import random
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reddit_archive import cli, errors, history, media, quote
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import (
    check_log,
    forgotten_log,
    layout,
    redact,
    snapshot_format,
    store,
    thread_headers,
    verify,
)
from reddit_archive.archive.index import maintenance, thread_table
from reddit_archive.archive.redact import RedactionCriteria, rewrite
from reddit_archive.files import durable_files
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture, StoredMedia
from reddit_archive.quote import Selection
from reddit_archive.sources import saved_json
from tests.conftest import EXAMPLES, Run
from tests.support import faults
from tests.support.faults import NEW_YEAR
from tests.support.fuzzed_responses import build_fuzzed_response
from tests.support.redaction_cases import (
    ALICE,
    ONE,
    SECRETS,
    THREE,
    TWO,
    build_capture,
    build_comment,
    build_deleted,
    build_history,
    build_post,
    find_traces,
    store_captures,
)

slow = pytest.mark.slow
ALL = Selection(everything=True)
PICTURE, OTHER = b"a picture of a xylophone", b"a picture of bread"


def damage(root: Path) -> list[str]:
    """What is odd in an archive: files that are damaged, and what was redacted and is not gone."""
    odd = (store.DamagedFile, verify.UnredactedCopy)
    return [item.description for item in verify.verify(root) if isinstance(item, odd)]


def load_snapshots(root: Path) -> tuple[snapshot_format.Snapshot, ...]:
    return store.load_snapshots(root, "abc123")


def render_quote(root: Path) -> str:
    thread = history.merge("abc123", (snapshot.capture for snapshot in load_snapshots(root)))
    return quote.render(thread, ALL)


# What goes and what stays


def test_redact__takes_a_persons_words_out_of_every_byte(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    maintenance.rebuild(tmp_path)
    assert set(find_traces(tmp_path)) == set(SECRETS)
    found = redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []
    assert found.levels == dict.fromkeys(("t3_abc123", "t1_c1", "t1_c3"), "all")
    assert found.snapshot_count == 3
    assert damage(tmp_path) == []


def test_redact__keeps_the_order_the_times_and_the_shape(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    before = [
        (snapshot.capture.captured_at, shape(snapshot.capture))
        for snapshot in load_snapshots(tmp_path)
    ]
    redact.redact(tmp_path, "abc123", ALICE)
    after = load_snapshots(tmp_path)
    assert [(snapshot.capture.captured_at, shape(snapshot.capture)) for snapshot in after] == before
    assert [snapshot.parent for snapshot in after] == [None, after[0].digest, after[1].digest]
    assert len(list(tmp_path.glob("threads/*/*.json"))) == 3


def shape(stored_capture: Capture) -> list[Any]:
    keys = ("name", "parent_id", "created_utc")
    return [[thing["data"].get(key) for key in keys] for thing in stored_capture.things]


def test_redact__is_quoted_as_such(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    redact.redact(tmp_path, "abc123", ALICE)
    text = render_quote(tmp_path)
    # The title; then author and text of the post and of two comments.
    assert text.count("redacted") == 7
    assert "Bread!" in text
    assert "baker" in text


def test_redact__leaves_what_others_said(tmp_path: Path) -> None:
    answer = build_comment("t1_c2", "baker", "mellow-fox said: Xylophone one", "t1_c1")
    store_captures(tmp_path, [build_capture(0, build_post("baker"), ONE, answer)])
    redact.redact(tmp_path, "abc123", ALICE)
    assert set(find_traces(tmp_path)) <= {
        "Xylophone",
        "mellow-fox",
        "zither.example",
        "glockenspiel",
    }
    assert "mellow-fox said: Xylophone one" in render_quote(tmp_path)


def test_redact__takes_names_out_of_the_fields_of_others(tmp_path: Path) -> None:
    where = {"subreddit": "u_mellow-fox", "subreddit_name_prefixed": "u/mellow-fox"}
    about = {
        "link_author": "mellow-fox",
        "banned_by": "Mellow-Fox",
        "link_url": "https://zither.example",
    }
    about["permalink"] = "/user/mellow-fox/comments/abc123/glockenspiel_for_sale/c2/"
    store_captures(
        tmp_path,
        [
            build_capture(
                0,
                build_post(**where),
                ONE,
                build_comment("t1_c2", "baker", "Bread", **where, **about),
            )
        ],
    )
    redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []


def test_redact__a_crosspost_of_the_author(tmp_path: Path) -> None:
    inner = {**build_post()["data"], "name": "t3_inner", "id": "inner"}
    outer = build_post(
        "baker", title="Look", selftext="", url="/r/bread/comments/abc123/x/", preview=None
    )
    outer["data"] |= {"permalink": "", "link_title": None, "crosspost_parent_list": [inner]}
    store_captures(tmp_path, [build_capture(0, outer)])
    redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []
    assert "Look" in render_quote(tmp_path)


def test_redact__a_crosspost_shows_no_picture_of_the_author(tmp_path: Path) -> None:
    address = "https://i.redd.it/xylophone.png"
    shown_by = {"url": address, "url_overridden_by_dest": address, "thumbnail": address}
    shown_by |= {"preview": {"images": [{"source": {"url": address}}]}}
    inner = {**build_post()["data"], **shown_by, "name": "t3_inner", "id": "inner"}
    outer = build_post(
        "baker", title="Look", selftext="", **shown_by, crosspost_parent_list=[inner]
    )
    outer["data"] |= {"permalink": "", "link_title": None}
    store_captures(tmp_path, [build_capture(0, outer)])
    redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []
    assert (
        media.find_media(archive_add.filter_redacted(tmp_path, build_capture(1, outer)).things)
        == ()
    )


def test_redact__what_has_no_id_goes_with_its_author(tmp_path: Path) -> None:
    nameless = {"kind": "t1", "data": {"author": "mellow-fox", "body": "Xylophone"}}
    store_captures(tmp_path, [build_capture(0, build_post(), ONE, nameless)])
    redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []


def test_redact__data_of_no_known_shape_that_tells(tmp_path: Path) -> None:
    odd = [{"kind": "unknown", "data": {"x": [ONE]}}, {"kind": "unknown", "data": {"y": "bread"}}]
    store_captures(tmp_path, [build_capture(0, build_post(), ONE, *odd)])
    redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []
    assert load_snapshots(tmp_path)[0].capture.things[-1] == odd[1]


@pytest.mark.parametrize("is_joined", [False, True])
def test_redact__of_files_named_by_its_title(tmp_path: Path, is_joined: bool) -> None:
    names = ["Glockenspiel for sale.json", "Glockenspiel for sale (1).json"]
    request = {"files": names} if is_joined else {"file": names[0]}
    store_captures(
        tmp_path, [replace(build_capture(0, build_post()), source="saved", request=request)]
    )
    redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []


def test_redact__deleted__as_the_newest_snapshot_has_it(tmp_path: Path) -> None:
    three = build_deleted(THREE)
    store_captures(
        tmp_path,
        [
            *build_history(),
            build_capture(3, build_post("baker"), build_deleted(ONE, "[removed]"), TWO, three),
        ],
    )
    found = redact.redact(tmp_path, "abc123", RedactionCriteria(is_deleted=True))
    assert found.levels == {"t1_c1": "all", "t1_c3": "all"}
    assert find_traces(tmp_path, ["Xylophone one", "Xylophone three"]) == []
    last = {
        thing["data"]["name"]: thing["data"]
        for thing in load_snapshots(tmp_path)[-1].capture.things
    }
    assert (last["t1_c1"]["body"], last["t1_c3"]["body"]) == ("[removed]", "[deleted]")
    assert (
        history.trace("abc123", (s.capture for s in load_snapshots(tmp_path)))
        .timelines["t1_c3"]
        .deletion_status
    )


def test_redact__deleted__of_an_account_that_is_gone_takes_the_name(tmp_path: Path) -> None:
    ghost = {**TWO, "data": {**TWO["data"], "author": "[deleted]", "author_fullname": None}}
    store_captures(
        tmp_path, [build_capture(0, build_post(), TWO), build_capture(1, build_post(), ghost)]
    )
    found = redact.redact(tmp_path, "abc123", RedactionCriteria(is_deleted=True))
    assert found.levels == {"t1_c2": "author"}
    assert find_traces(tmp_path, ["baker", "Other flair"]) == []
    assert "Bread is good" in render_quote(tmp_path)


def test_redact__older_than(tmp_path: Path) -> None:
    young = build_comment("t1_c9", "baker", "fresh", created_utc=NEW_YEAR.timestamp())
    store_captures(tmp_path, [build_capture(0, build_post(), ONE, young)])
    found = redact.redact(
        tmp_path, "abc123", RedactionCriteria(created_before=NEW_YEAR - timedelta(minutes=1))
    )
    assert set(found.levels) == {"t3_abc123", "t1_c1"}


def test_redact__all_that_is_asked_for_must_be_met(tmp_path: Path) -> None:
    store_captures(
        tmp_path,
        [
            *build_history(),
            build_capture(3, build_post(), build_deleted(ONE), build_deleted(TWO), THREE),
        ],
    )
    both = RedactionCriteria(is_deleted=True, authors=frozenset({"baker"}))
    assert set(redact.redact(tmp_path, "abc123", both).levels) == {"t1_c2"}
    assert redact.redact(tmp_path, "abc123", RedactionCriteria()).levels == {}


def test_redact__again_and_more(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    redact.redact(tmp_path, "abc123", ALICE)
    names = sorted(tmp_path.rglob("*.json"))
    assert redact.redact(tmp_path, "abc123", ALICE).snapshot_count == 0
    assert sorted(tmp_path.rglob("*.json")) == names
    redact.redact(tmp_path, "abc123", RedactionCriteria(authors=frozenset({"baker"})))
    assert find_traces(tmp_path, [*SECRETS, "Bread is good", "Bread!"]) == []
    store.add(tmp_path, archive_add.filter_redacted(tmp_path, build_capture(9, build_post(), ONE)))
    assert (len(load_snapshots(tmp_path)), damage(tmp_path)) == (4, [])


def test_redact__leaves_snapshots_that_hold_nothing_of_it(tmp_path: Path) -> None:
    store_captures(
        tmp_path,
        [
            build_capture(0, build_post("baker"), TWO),
            build_capture(1, build_post("baker"), TWO, THREE),
        ],
    )
    first = load_snapshots(tmp_path)[0]
    assert redact.redact(tmp_path, "abc123", ALICE).snapshot_count == 1
    assert load_snapshots(tmp_path)[0] == first


def test_redact__dry_run_changes_nothing(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    before = faults.listing(tmp_path)
    assert redact.redact(tmp_path, "abc123", ALICE, dry_run=True).snapshot_count == 3
    assert faults.listing(tmp_path) == before


def test_redact__refuses_where_a_snapshot_is_damaged(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    path = load_snapshots(tmp_path)[1].path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"Bread", b"Broad"))
    before = faults.listing(tmp_path)
    with pytest.raises(errors.DamageFoundError, match=path.name):
        redact.redact(tmp_path, "abc123", ALICE)
    assert faults.listing(tmp_path) == before


def test_redact__removes_what_killed_writers_left(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    for number in (999_999_999, 1, os.getpid()):  # after a restart another process has the id
        faults.leave_dead_draft(tmp_path / "tmp", "Xylophone", process_id=number)
    with durable_files.create_temp_file(tmp_path / "tmp") as held:
        redact.redact(tmp_path, "abc123", ALICE)
        assert find_traces(tmp_path) == []
        assert faults.drafts(tmp_path) == [held.path]


# Media


def shown(root: Path, data: bytes, of: str) -> StoredMedia:
    from hashlib import sha256

    name = f"{sha256(data).hexdigest()}.png"
    durable_files.write_once(data, root / "threads/t3_abc123/media" / name, tmp=root / "tmp")
    return StoredMedia("https://i.redd.it/x.png", name, len(data), of)


def test_redact__removes_media_that_nothing_names_any_more(tmp_path: Path) -> None:
    hers, his, both = (
        shown(tmp_path, PICTURE, "t1_c1"),
        shown(tmp_path, OTHER, "t1_c2"),
        shown(tmp_path, OTHER, "t1_c1"),
    )
    store_captures(tmp_path, [build_capture(0, build_post(), ONE, TWO, media=(hers, his, both))])
    redact.redact(tmp_path, "abc123", ALICE)
    left = list((tmp_path / "threads/t3_abc123/media").iterdir())
    assert [path.name for path in left] == [his.name]
    assert [media.of for media in load_snapshots(tmp_path)[0].capture.media] == ["t1_c2"]
    assert damage(tmp_path) == []


# Nothing comes back


@pytest.mark.parametrize("source", ["reddit", "arctic-shift"])
def test_filter_redacted__what_was_redacted(tmp_path: Path, source: str) -> None:
    store_captures(tmp_path, build_history())
    redact.redact(tmp_path, "abc123", ALICE)
    again = build_capture(
        5, build_post(), ONE, TWO, THREE, build_comment("t1_c4", "mellow-fox", "new"), source=source
    )
    kept = archive_add.filter_redacted(tmp_path, again)
    store.add(tmp_path, kept)
    assert find_traces(tmp_path, ["Xylophone", "glockenspiel"]) == []
    assert "new" in render_quote(tmp_path)


def test_filter_redacted__makes_a_re_check_find_nothing_new(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    redact.redact(tmp_path, "abc123", ALICE)
    same = replace(build_history()[-1], captured_at=NEW_YEAR + timedelta(hours=1))
    assert not store.add(tmp_path, archive_add.filter_redacted(tmp_path, same)).is_new


def test_filter_redacted__of_an_archive_that_redacted_nothing(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    new_capture = build_capture(5, build_post(), ONE)
    assert archive_add.filter_redacted(tmp_path, new_capture) is new_capture
    assert archive_add.filter_redacted(tmp_path / "none", new_capture) is new_capture


@pytest.mark.parametrize(
    ("policy", "removed"),
    [("keep", []), ("redact-author", ["baker"]), ("purge", ["baker", "Bread is good"])],
)
def test_apply_policy(tmp_path: Path, policy: str, removed: list[str]) -> None:
    store_captures(
        tmp_path,
        [
            build_capture(0, build_post(), ONE, TWO),
            build_capture(1, build_post(), ONE, build_deleted(TWO)),
        ],
    )
    redact.apply_policy(tmp_path, "abc123", policy)
    left = find_traces(tmp_path, ["baker", "Bread is good", "Xylophone one"])
    assert {"baker", "Bread is good", "Xylophone one"} - set(left) == set(removed)
    assert damage(tmp_path) == []


# Killed, or without power, at any moment


def check(root: Path, expected: list[datetime]) -> None:
    """Each snapshot is there once, whole, and in its order; the same command again finishes."""
    found = load_snapshots(root)
    assert [snapshot.capture.captured_at for snapshot in found] == expected
    assert not [item for item in verify.verify(root) if isinstance(item, store.DamagedFile)]
    thread = history.merge("abc123", (snapshot.capture for snapshot in found))
    assert list(thread.comments) == ["c1", "c2", "c3"]
    redact.redact(root, "abc123", ALICE)
    assert find_traces(root) == []
    assert damage(root) == []
    assert [snapshot.capture.captured_at for snapshot in load_snapshots(root)] == expected


def prepared(base: Path) -> Path:
    root = base / "archive"
    root.mkdir(parents=True)
    hers = shown(root, PICTURE, "t1_c1")
    store_captures(root, [replace(build_history()[0], media=(hers,)), *build_history()[1:]])
    maintenance.rebuild(root)
    return root


TIMES = [each.captured_at for each in build_history()]


def test_verify__a_redacted_snapshot_may_lack_its_pictures(tmp_path: Path) -> None:
    """They are removed before it: killed in between, a redaction has done no damage."""
    root = prepared(tmp_path)
    shutil.copytree(root, tmp_path / "before")
    redact.redact(root, "abc123", ALICE)
    for path in (tmp_path / "before" / "threads" / "t3_abc123").glob("*.json"):
        shutil.copy(path, root / "threads" / "t3_abc123")
    assert set(damage(root)) == {"was redacted, but the unredacted file is still here"}


def kill_at(root: Path, fatal: int) -> bool:
    """Kill a redaction at one of its file calls; tell whether there was such a call."""

    def die(number: int, call: str) -> None:
        if number >= fatal:
            raise faults.Killed

    with faults.recording(root, die) as recorder:
        try:
            redact.redact(root, "abc123", ALICE)
        except faults.Killed:
            return True
    assert recorder.calls < fatal
    return False


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=slow)])
def test_redact__killed_at_any_file_call(tmp_path: Path, step: int) -> None:
    template = prepared(tmp_path / "whole")
    for fatal in range(1, 10_000, step):
        root = tmp_path / str(fatal)
        shutil.copytree(template, root)
        if not kill_at(root, fatal):
            assert fatal > 40
            return
        check(root, TIMES)
        shutil.rmtree(root)


@pytest.mark.parametrize(("step", "limit"), [(15, 3), pytest.param(1, 16, marks=slow)])
def test_redact__without_power_at_any_moment(tmp_path: Path, step: int, limit: int) -> None:
    with faults.recording(tmp_path / "base") as recorder:
        (tmp_path / "base").mkdir()
        root = tmp_path / "base" / "archive"
        store_captures(root, build_history())
        start = len(recorder.log)
        redact.redact(root, "abc123", ALICE)
    rng, number = random.Random(1), 0
    for end in range(start, len(recorder.log) + 1, step):
        for tree in faults.after_power_cut(recorder.log[:end], rng=rng, limit=limit):
            number += 1
            faults.plant(tree, tmp_path / str(number))
            check(tmp_path / str(number) / "archive", TIMES)
            shutil.rmtree(tmp_path / str(number))
    assert number > 5


def remove_first(real: Callable[..., tuple[Path, bool]]) -> Callable[..., tuple[Path, bool]]:
    """The fault of removing a snapshot before its successor is there."""

    def publish(pieces: Iterable[bytes], folder: Path, *where: Any) -> tuple[Path, bool]:
        data = b"".join(pieces)
        for old in json.loads(data).get("replaces", ()) if data[:1] == b"{" else ():
            for path in folder.glob(f"*-{old}.json"):
                durable_files.os.unlink(path)
        return real([data], folder, *where)

    return publish


def without_link(raw: Any, parent: str | None, replaces: list[str]) -> dict[str, Any]:
    """The fault of not telling which snapshot is replaced."""
    return {key: value for key, value in raw.items() if key != "things"} | {"parent": parent}


@pytest.mark.parametrize("fault", ["remove first", "no link"])
def test_kill__catches_a_careless_redaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault == "no link":
        monkeypatch.setattr(rewrite, "_build_metadata", without_link)
    else:
        monkeypatch.setattr(durable_files, "_write_once", remove_first(durable_files._write_once))
    template = tmp_path / "whole" / "archive"
    store_captures(template, build_history())

    def is_caught(fatal: int) -> bool:
        root = tmp_path / str(fatal)
        shutil.copytree(template, root)
        kill_at(root, fatal)
        try:
            check(root, TIMES)
        except AssertionError:
            return True
        return False

    assert any(is_caught(fatal) for fatal in range(1, 60, 3))


def test_redact__while_somebody_saves_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_captures(tmp_path, build_history())
    last = load_snapshots(tmp_path)[-1]
    late = snapshot_format.encode(
        build_capture(9, build_post(), ONE, TWO, THREE), parent=last.digest
    )
    real = rewrite._rewrite_once

    def publish(*args: Any) -> dict[str, str]:
        moved = real(*args)
        name = faults.file_name(late, NEW_YEAR + timedelta(seconds=9))
        if len(list(tmp_path.glob("threads/*/*.json"))) == 6:
            durable_files.write_once(late, last.path.parent / name, tmp=tmp_path / "tmp")
        return moved

    monkeypatch.setattr(rewrite, "_rewrite_once", publish)
    redact.redact(tmp_path, "abc123", ALICE)
    assert (find_traces(tmp_path), damage(tmp_path), len(load_snapshots(tmp_path))) == ([], [], 4)


def redact_at_first_read(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """Let another run redact a thread once its first snapshot is about to be read."""
    real = snapshot_format.load
    todo = [root]

    def load(path: Path, **options: Any) -> snapshot_format.Snapshot:
        if todo:
            redact.redact(todo.pop(), "abc123", ALICE)
        return real(path, **options)

    monkeypatch.setattr(snapshot_format, "load", load)


BAKER = RedactionCriteria(authors=frozenset({"baker"}))
READS: dict[str, Callable[[Path], object]] = {
    "snapshots": lambda root: len(store.load_snapshots(root, "abc123")),
    "last": lambda root: store.load_last(root, "abc123").capture.thread_id,
    "redact": lambda root: redact.redact(root, "abc123", BAKER).thread_id,
    "add": lambda root: store.add(root, build_history()[-1]).snapshot.capture.thread_id,
}


@pytest.mark.parametrize(
    ("read", "gives"),
    [("snapshots", 3), ("last", "abc123"), ("redact", "abc123"), ("add", "abc123")],
)
def test_redact__while_somebody_reads_the_thread(
    read: str, gives: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_captures(tmp_path, build_history())
    redact_at_first_read(monkeypatch, tmp_path)
    assert READS[read](tmp_path) == gives
    assert [item for item in verify.verify(tmp_path) if isinstance(item, store.DamagedFile)] == []


def test_redact__while_somebody_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_captures(tmp_path, build_history())
    found = verify.verify(tmp_path)
    assert isinstance(next(found), Path)
    redact.redact(tmp_path, "abc123", ALICE)
    assert [item for item in found if isinstance(item, store.DamagedFile)] == []


def test_retry_if_removed__gives_up_on_what_never_comes_back(tmp_path: Path) -> None:
    def read() -> None:
        with snapshot_format.translate_read_errors(tmp_path / "none"):
            (tmp_path / "none").read_bytes()

    with pytest.raises(errors.StoreError, match="No such file"):
        thread_headers.retry_if_removed(read)


@pytest.mark.parametrize("number", [15, pytest.param(100, marks=slow)])
def test_redact__hostile_answers(tmp_path: Path, number: int) -> None:
    rng = random.Random(8)
    wishes = [
        RedactionCriteria(is_deleted=True),
        ALICE,
        RedactionCriteria(created_before=NEW_YEAR.replace(year=2100)),
    ]
    wishes[1] = RedactionCriteria(authors=frozenset({"sunday_crumb", "t1_zdeep00", "x" * 100_000}))
    for count in range(number):
        root = tmp_path / str(count)
        for second in range(2):
            things = capture.flatten(build_fuzzed_response(rng))
            new_capture = replace(build_capture(second), thread_id="9bread2", things=things)
            store.add(root, new_capture)
        for wish in wishes:
            redact.redact(root, "9bread2", wish)
            assert damage(root) == []
        shutil.rmtree(root)


# Forgetting a thread


def test_forget__leaves_an_id_and_a_time(tmp_path: Path) -> None:
    hers = shown(tmp_path, PICTURE, "t1_c1")
    store_captures(tmp_path, [replace(build_history()[0], media=(hers,)), *build_history()[1:]])
    check_log.add(layout.thread_folder(tmp_path, "abc123"), NEW_YEAR, "reddit", "not-found")
    store.add(tmp_path, faults.capture_text("another", thread="other"))
    maintenance.rebuild(tmp_path)
    redact.forget_thread(tmp_path, "abc123")
    assert find_traces(tmp_path) == []
    assert [path.name for path in (tmp_path / "threads").iterdir()] == ["t3_other"]
    assert [entry.thread_id for entry in thread_table.iter_summaries(tmp_path)] == ["other"]
    line = json.loads((tmp_path / "forgotten.log").read_text())
    assert set(line) == {"thread", "forgotten_at"}
    assert forgotten_log.read(tmp_path) == {"abc123": line["forgotten_at"]}


@pytest.mark.parametrize("call", ["select_levels", "scan.find_levels", "redaction.build_plan"])
def test_redact__what_another_has_saved_since_it_was_read(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_captures(tmp_path, build_history())
    real = operator.attrgetter(call)(redact)

    def meanwhile(*args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        store.add(
            tmp_path, build_capture(3, build_post(selftext="Xylophone again"), ONE, TWO, THREE)
        )
        return real(*args, **more)

    monkeypatch.setattr(f"reddit_archive.archive.redact.{call}", meanwhile)
    redact.redact(tmp_path, "abc123", ALICE)
    assert len(load_snapshots(tmp_path)) == 4
    assert find_traces(tmp_path) == []


def test_add__beside_a_redaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_captures(tmp_path, build_history())
    real = store.add

    def meanwhile(root: Path, new_capture: Capture, **options: Any) -> store.AddResult:
        monkeypatch.undo()
        redact.redact(root, "abc123", ALICE)
        return real(root, new_capture, **options)

    monkeypatch.setattr(store, "add", meanwhile)
    archive_add.add(
        tmp_path, build_capture(3, build_post(selftext="Xylophone again"), ONE, TWO, THREE)
    )
    assert len(load_snapshots(tmp_path)) == 4
    assert find_traces(tmp_path) == []


def test_forget__what_another_has_noted_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_captures(tmp_path, build_history())
    maintenance.rebuild(tmp_path)
    held, real = load_snapshots(tmp_path), durable_files.remove

    def remove(path: Path) -> None:
        maintenance.add(tmp_path, "abc123", held)
        real(path)

    monkeypatch.setattr(redact.durable_files, "remove", remove)
    monkeypatch.setattr(
        store, "list_digests", lambda root, thread_id: {snapshot.digest for snapshot in held}
    )
    redact.forget_thread(tmp_path, "abc123")
    assert find_traces(tmp_path) == []


def test_forget__what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.NotArchivedError):
        redact.forget_thread(tmp_path, "abc123")
    with pytest.raises(errors.InvalidReferenceError):
        redact.forget_thread(tmp_path, "../abc")
    assert list(tmp_path.iterdir()) == []


def test_forget__leaves_files_of_the_user(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    store_captures(root, build_history())
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("mine")
    folder = root / "threads/t3_abc123"
    (folder / "link").symlink_to(tmp_path / "mine")
    (folder / "media").symlink_to(tmp_path / "mine")
    (folder / "notes.md").write_text("mine")
    redact.forget_thread(root, "abc123")
    assert (tmp_path / "mine" / "notes").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["link", "media", "notes.md"]
    with pytest.raises(errors.NotArchivedError):
        redact.forget_thread(root, "abc123")


def test_forget__of_a_folder_on_another_disk_leaves_nothing_there(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "archive", tmp_path / "elsewhere" / "t3_abc123"
    store_captures(root, build_history())
    check_log.add(
        layout.thread_folder(root, "abc123"), capture.utc_now(), "reddit", "secret-reason"
    )
    folder = root / "threads/t3_abc123"
    (folder / "media").mkdir()
    (folder / "media" / f"{'0' * 64}.jpg").write_bytes(b"a face")
    elsewhere.parent.mkdir()
    shutil.move(folder, elsewhere)
    (elsewhere / "notes").write_text("mine")
    folder.symlink_to(elsewhere)
    redact.forget_thread(root, "abc123")
    assert not folder.is_symlink()
    assert [path.name for path in elsewhere.rglob("*") if path.is_file()] == ["notes"]


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=slow)])
def test_forget__killed_at_any_file_call(tmp_path: Path, step: int) -> None:
    template = prepared(tmp_path / "whole")
    for fatal in range(1, 1000, step):
        root = tmp_path / str(fatal)
        shutil.copytree(template, root)

        def die(number: int, call: str, fatal: int = fatal) -> None:
            if number >= fatal:
                raise faults.Killed

        with faults.recording(root, die):
            try:
                redact.forget_thread(root, "abc123")
            except faults.Killed:
                assert not [what for what in damage(root) if "parent" in what]
            else:
                return
        if (root / "threads/t3_abc123").exists():
            redact.forget_thread(root, "abc123")
        assert find_traces(root) == []
        assert forgotten_log.read(root).keys() == {"abc123"}


# The chain, and archives copied together


def test_verify__names_a_missing_parent(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    paths = [snapshot.path for snapshot in load_snapshots(tmp_path)]
    paths[1].unlink()
    missing = f"its parent {paths[1].stem[-64:]} is missing"
    assert store.DamagedFile(paths[2], missing) in list(verify.verify(tmp_path))
    assert len(damage(tmp_path)) == 1


def test_verify__the_newest_is_nobodys_parent(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    load_snapshots(tmp_path)[-1].path.unlink()
    assert damage(tmp_path) == []


def test_verify__missing_parent_is_exit_4(run: Run, tmp_path: Path) -> None:
    store_captures(tmp_path / "archive", build_history())
    load_snapshots(tmp_path / "archive")[0].path.unlink()
    ran = run("verify")
    assert (ran.code, "is missing" in ran.out) == (4, True)


def test_copied_together__two_archives_are_one(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    store_captures(mine, build_history())
    store_captures(theirs, build_history()[:1])
    store.add(
        theirs, build_capture(7, build_post(), ONE, TWO, build_comment("t1_c7", "baker", "Theirs"))
    )
    store.add(theirs, faults.capture_text("another", thread="other"))
    shutil.copytree(theirs, mine, dirs_exist_ok=True)
    assert damage(mine) == []
    assert [snapshot.capture.captured_at.second for snapshot in load_snapshots(mine)] == [
        0,
        1,
        2,
        7,
    ]
    assert list(layout.iter_thread_ids(mine)) == ["abc123", "other"]
    assert "Theirs" in render_quote(mine)


def test_copied_together__a_backup_shows_nothing_that_was_redacted(tmp_path: Path) -> None:
    root, backup = tmp_path / "archive", tmp_path / "backup"
    store_captures(root, build_history())
    shutil.copytree(root, backup)
    redact.redact(root, "abc123", ALICE)
    shutil.copytree(backup, root, dirs_exist_ok=True)
    assert "Xylophone" not in render_quote(root)
    assert len(damage(root)) == 3
    redact.redact(root, "abc123", RedactionCriteria())
    assert (find_traces(root), damage(root)) == ([], [])


def test_copied_together__a_later_look_of_a_copy_shows_nothing_that_was_redacted(
    tmp_path: Path,
) -> None:
    root, copy = tmp_path / "archive", tmp_path / "copy"
    store_captures(root, build_history())
    shutil.copytree(root, copy)
    redact.redact(root, "abc123", ALICE)
    store.add(
        copy,
        build_capture(
            9, build_post(selftext="Xylophone later"), ONE, TWO, build_comment("t1_c9", "bob", "Hi")
        ),
    )
    shutil.copy(load_snapshots(copy)[-1].path, root / "threads/t3_abc123")  # as git merges the two
    captures = [snapshot.capture for snapshot in load_snapshots(root)]
    assert "Xylophone" not in render_quote(root)
    assert "Xylophone" not in str(history.trace("abc123", captures))
    assert "Hi" in render_quote(root)
    assert damage(root) == ["contains what was redacted in this archive"]
    redact.redact(root, "abc123", RedactionCriteria())
    assert (find_traces(root), damage(root)) == ([], [])


def test_copied_together__an_archive_that_never_knew_the_other(tmp_path: Path) -> None:
    """Nothing but its texts tells that a snapshot holds what was redacted: it has no parent."""
    root, theirs = tmp_path / "archive", tmp_path / "theirs"
    store_captures(root, build_history())
    redact.redact(root, "abc123", ALICE)
    store.add(theirs, build_capture(9, build_post(), ONE, TWO, source="saved"))
    store.add(theirs, faults.capture_text("another", thread="other"))
    shutil.copytree(theirs / "threads", root / "threads", dirs_exist_ok=True)
    late = layout.list_digests(theirs, "abc123").pop()
    (found,) = (item for item in verify.verify(root) if isinstance(item, verify.UnredactedCopy))
    assert found.path.stem.endswith(late)
    redact.redact(root, "abc123", RedactionCriteria())
    assert (find_traces(root), damage(root)) == ([], [])


def merged_with_a_copy(folder: Path) -> Path:
    """An archive of which a redacted thread was saved again in a copy from before."""
    root, copy = folder / "archive", folder / "copy"
    store_captures(root, build_history())
    shutil.copytree(root, copy)
    redact.redact(root, "abc123", ALICE)
    store.add(copy, build_capture(9, build_post(selftext="Xylophone later"), ONE, TWO))
    shutil.copytree(copy / "threads", root / "threads", dirs_exist_ok=True)
    return root


def test_verify__names_what_was_redacted_and_redact_ends_it(run: Run, tmp_path: Path) -> None:
    root = merged_with_a_copy(tmp_path)
    ran = run("verify")
    assert (ran.code, len(ran.out.splitlines())) == (1, 4)
    assert ran.out.count(": was redacted, but the unredacted file is still here\n") == 3
    assert "redacted content is still in 4 files" in ran.err
    assert "Run `archive redact --finish` to remove" in ran.err
    assert "Restore" not in ran.err
    before = faults.listing(root)
    assert run("redact", "--finish", "--dry-run").out == "t3_abc123\t3 texts\tin 4 snapshots\n"
    refused = run("redact", "--finish")
    assert (
        refused.code,
        "Remove the remaining redacted content from 1 thread?" in refused.err,
    ) == (
        2,
        True,
    )
    assert faults.listing(root) == before
    assert run("redact", "--finish", "--yes").code == 0
    assert find_traces(root) == []
    assert (run("verify").code, run("verify").out) == (0, "")
    assert "No redacted content is left" in run("redact", "--finish", "--yes").err


def test_verify__of_damage_and_what_was_redacted_is_exit_4(run: Run, tmp_path: Path) -> None:
    root = merged_with_a_copy(tmp_path)
    path = load_snapshots(root)[0].path
    path.chmod(0o644)
    path.write_bytes(b"rot")
    ran = run("verify")
    assert (ran.code, "Run `archive redact --finish` to remove" in ran.err) == (4, True)


# Crossposts, which hold the post that they pass on


def crosspost(thread_id: str = "cross1", **more: Any) -> Any:
    """Somebody passes alice's post on, in a thread of another community."""
    inner = build_post(permalink="/r/bread/comments/abc123/glockenspiel_for_sale/")["data"]
    address = "/r/bread/comments/abc123/glockenspiel_for_sale/"
    return {
        "kind": "t3",
        "data": {
            "name": f"t3_{thread_id}",
            "id": thread_id,
            "title": "Look",
            "author": "baker",
            "selftext": "",
            "subreddit": "other",
            "permalink": f"/r/other/comments/{thread_id}/look/",
            "url": address,
            "crosspost_parent": "t3_abc123",
            "crosspost_parent_list": [inner],
            **more,
        },
    }


def with_crosspost(root: Path, *, second: float = 0, thing: Any = None) -> None:
    thing = thing or crosspost()
    new_capture = replace(build_capture(second, thing), thread_id=thing["data"]["id"])
    store.add(root, archive_add.filter_redacted(root, new_capture))


@pytest.mark.parametrize("words", [["abc123"], []], ids=["its thread", "all"])
@pytest.mark.parametrize("wish", [["--author", "mellow-fox"], ["--deleted"]])
def test_redact__a_post_goes_from_crossposts_too(
    words: list[str], wish: list[str], run: Run, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    deleted = build_deleted(build_post(selftext="[deleted]"))
    store_captures(
        root,
        [
            *build_history(),
            build_capture(3, deleted, build_deleted(ONE), TWO, build_deleted(THREE)),
        ],
    )
    with_crosspost(root)
    maintenance.rebuild(root)
    before = faults.listing(root)
    trial = run("redact", *words, *wish, "--dry-run")
    assert faults.listing(root) == before
    done = run("redact", *words, *wish, "--yes")
    assert trial.out == done.out
    assert "t3_cross1\t1 text\tin 1 snapshot\n" in done.out
    (kept,) = store.load_snapshots(root, "cross1")
    assert find_traces(kept.path.parent) == []
    inner = kept.capture.things[0]["data"]["crosspost_parent_list"][0]
    assert (inner["title"], inner["author"]) == ("[redacted]", "[deleted]")
    assert "Look" in run("quote", "cross1").out
    assert find_traces(root / "index.sqlite3") + damage(root) == []


def test_redact__a_crosspost_alone_leaves_the_post(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    store_captures(root, build_history())
    with_crosspost(root)
    assert run("redact", "cross1", "--author", "mellow-fox", "--yes").out.startswith("t3_cross1\t1")
    assert "Xylophone sold" in run("quote", "abc123").out
    assert find_traces(root / "threads" / "t3_cross1") + damage(root) == []


def test_filter_redacted__of_a_crosspost_what_is_redacted_in_its_own_thread(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    redact.redact(tmp_path, "abc123", ALICE)
    with_crosspost(tmp_path)
    assert (find_traces(tmp_path), damage(tmp_path)) == ([], [])


@pytest.mark.parametrize("hostile", ["../abc123", "abc123/../..", "x" * 40, "", None, 7, ["t3_a"]])
def test_filter_redacted__of_a_crosspost_of_an_odd_id(tmp_path: Path, hostile: object) -> None:
    thing = crosspost()
    inner = thing["data"]["crosspost_parent_list"][0]
    inner |= {"id": hostile, "name": f"t3_{hostile}"}
    new_capture = replace(build_capture(0, thing), thread_id="cross1")
    assert archive_add.filter_redacted(tmp_path, new_capture) is new_capture


def test_apply_policy__of_a_deleted_post_follows_it_into_crossposts(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    with_crosspost(tmp_path)
    with_crosspost(tmp_path, thing=crosspost("cross2"))
    assert redact.apply_policy(tmp_path, "abc123", "purge") == ("abc123",)
    deleted = build_deleted(build_post(title="[deleted]", selftext="[deleted]"))
    store.add(
        tmp_path, build_capture(3, deleted, *(build_deleted(each) for each in (ONE, THREE)), TWO)
    )
    assert redact.apply_policy(tmp_path, "abc123", "purge") == ("abc123", "cross1", "cross2")
    for other in ("cross1", "cross2"):
        assert find_traces(tmp_path / "threads" / f"t3_{other}") == []
    assert damage(tmp_path) == []


@pytest.mark.parametrize("words", [[], ["abc123"], ["cross1"]])
def test_copied_together__a_crosspost_of_a_redacted_post(
    words: list[str], run: Run, tmp_path: Path
) -> None:
    """Also what a killed redaction leaves, and one by a version that did not look there."""
    root, copy = tmp_path / "archive", tmp_path / "copy"
    store_captures(root, build_history())
    with_crosspost(copy)
    redact.redact(root, "abc123", ALICE)
    shutil.copytree(copy / "threads", root / "threads", dirs_exist_ok=True)
    assert damage(root) == ["crossposts a post that is redacted in its own thread"]
    assert run("redact", *words, "--finish", "--yes").out == "t3_cross1\t1 text\tin 1 snapshot\n"
    assert (find_traces(root), damage(root)) == ([], [])


# Threads that are gone as a whole


def test_redact_command__leaves_threads_alone_that_are_gone_as_a_whole(
    run: Run, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    store_captures(root, [build_capture(0, build_post(), ONE, TWO)])
    with_crosspost(root, thing=crosspost("other", crosspost_parent_list=None))
    check_log.add(
        layout.thread_folder(root, "abc123"), NEW_YEAR + timedelta(days=1), "reddit", "private"
    )
    before = faults.listing(root / "threads")
    for more in ("--dry-run", "--yes"):
        ran = run("redact", "--deleted", more)
        assert "Skipped 1 thread that Reddit no longer returns" in ran.err
        assert "`archive redact --gone`" in ran.err
        assert (ran.out, faults.listing(root / "threads")) == ("", before)
    assert "Skipped" not in run("redact", "other", "--deleted", "--yes").err
    assert "Skipped" not in run("redact", "--author", "nobody", "--yes").err
    ran = run("redact", "--gone", "--author", "baker", "--yes")
    assert ran.out == "t3_abc123\t1 text\tin 1 snapshot\n"
    ran = run("redact", "--gone", "--yes")
    assert (ran.out, ran.err) == ("t3_abc123\t2 texts\tin 1 snapshot\n", "")
    assert (find_traces(root / "threads" / "t3_abc123"), damage(root)) == ([], [])
    assert "Skipped" not in run("redact", "--deleted", "--yes").err
    assert run("list", "--lost").out == ""


def test_redact_command__a_thread_that_came_back_is_not_gone(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    store_captures(root, [build_capture(0, build_post(), ONE, TWO)])
    check_log.add(
        layout.thread_folder(root, "abc123"), NEW_YEAR + timedelta(days=1), "reddit", "private"
    )
    check_log.add(
        layout.thread_folder(root, "abc123"), NEW_YEAR + timedelta(days=2), "reddit", "unchanged"
    )
    assert run("redact", "--gone", "--yes").out == ""
    check_log.add(
        layout.thread_folder(root, "abc123"), NEW_YEAR + timedelta(days=3), "reddit", "private"
    )
    store.add(root, build_capture(4 * 86400, build_post(), ONE))
    assert run("redact", "--gone", "--yes").out == ""
    assert "Skipped" not in run("redact", "--deleted", "--yes").err


# The commands


def test_commands__ask_a_terminal_alone(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    before = faults.listing(tmp_path)
    for command in (("forget", "9bread1"), ("redact", "--older-than", "1h")):
        ran = run(*command)
        assert (ran.code, "--yes" in ran.err) == (2, True)
        assert program(tmp_path, *command, "--dry-run").exit_code == 0
    assert faults.listing(tmp_path) == before


def program(folder: Path, *args: object) -> Result:
    """Run a command in this process; what it raises is in `exception`."""
    words = ["--archive", str(folder / "archive"), *map(str, args)]
    return CliRunner().invoke(cli.program, words, prog_name="archive")


@pytest.mark.parametrize("words", [[], ["--older-than", "soon"], ["--older-than", "2"]])
def test_redact_command__needs_a_wish(tmp_path: Path, words: list[str]) -> None:
    assert program(tmp_path, "redact", *words).exit_code == 2


def saved_examples(folder: Path) -> None:
    for name in ("short", "everything"):
        store.add(folder / "archive", saved_json.read_capture(str(EXAMPLES / f"{name}.json")))


def test_redact_command__over_the_whole_archive(tmp_path: Path) -> None:
    saved_examples(tmp_path)
    ran = program(tmp_path, "redact", "--older-than", "1h", "--yes")
    assert ran.exit_code == 0
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == ["t3_9bread1", "t3_9bread2"]
    assert find_traces(tmp_path / "archive", ["sunday_crumb", "crumb_counter", "link rot"]) == []
    assert damage(tmp_path / "archive") == []
    assert "redacted" in program(tmp_path, "quote", "9bread1", "--all").stdout


def test_redact_command__goes_on_past_a_damaged_thread(tmp_path: Path) -> None:
    saved_examples(tmp_path)
    path = next((tmp_path / "archive/threads/t3_9bread1").glob("*.json"))
    path.chmod(0o644)
    path.write_bytes(b"rot")
    ran = program(tmp_path, "redact", "--older-than", "1h", "--yes")
    assert isinstance(ran.exception, errors.DamageFoundError)
    assert path.name in ran.stderr
    assert "redacted" in program(tmp_path, "quote", "9bread2", "--all").stdout


def test_forget_command__what_comes_back_is_said(run: Run, tmp_path: Path) -> None:
    page, bags = EXAMPLES / "short.json", tmp_path / "bags"
    run(page)
    run("export", "bag", bags)
    message = "t3_9bread1 was forgotten on "
    for again in ((page,), ("import", page), ("import", bags)):
        run("forget", "9bread1", "--yes")
        assert run(*again, "-q").err.startswith(message)
        assert message not in run(*again, "-q").err


def test_forget_command(tmp_path: Path) -> None:
    saved_examples(tmp_path)
    assert program(tmp_path, "forget", "9bread1", "--yes").exit_code == 0
    assert find_traces(tmp_path / "archive", ["link rot", "old this is plain"]) == []
    again = program(tmp_path, "forget", "9bread1", "--yes")
    assert isinstance(again.exception, errors.NotArchivedError)
    assert datetime.fromisoformat(forgotten_log.read(tmp_path / "archive")["9bread1"]).tzinfo == UTC


def test_forget_command__of_a_thread_that_is_all_damaged(tmp_path: Path) -> None:
    saved_examples(tmp_path)
    path = next((tmp_path / "archive/threads/t3_9bread1").glob("*.json"))
    path.chmod(0o644)
    path.write_bytes(b"rot")
    assert program(tmp_path, "forget", "9bread1", "--yes").exit_code == 0
    assert not path.parent.exists()


# What the eye passes over

JOURNALS = (".t3_abc123-reddit.part", "t3_abc123-more.part", ".t3_other-reddit.part")


def leave_drafts(root: Path) -> None:
    """As fetches leave them that were cut off, and a writer that is gone."""
    for name in (*JOURNALS, ".4194305-abcdef.part"):
        (root / "tmp" / name).write_text(f"{{'answer': '{SECRETS}'}}\n")


def test_redact__leaves_nothing_of_cut_off_fetches(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    leave_drafts(tmp_path)
    redact.redact(tmp_path, "abc123", ALICE)
    assert find_traces(tmp_path) == []


def test_forget__leaves_nothing_of_cut_off_fetches(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    leave_drafts(tmp_path)
    redact.forget_thread(tmp_path, "abc123")
    leave_drafts(tmp_path)
    with pytest.raises(errors.NotArchivedError):
        redact.forget_thread(tmp_path, "abc123")
    assert find_traces(tmp_path) == []


@pytest.mark.parametrize("more", [["--dry-run"], ["--yes"]])
def test_redact_command__looks_into_drafts_where_no_snapshot_has_it(
    tmp_path: Path, run: Run, more: list[str]
) -> None:
    store_captures(
        tmp_path / "archive",
        [build_capture(0, build_post("baker", selftext="Bread", url="", title="Bread"))],
    )
    leave_drafts(tmp_path / "archive")
    assert run("redact", "--author", "mellow-fox", *more).code == 0
    assert bool(list((tmp_path / "archive/tmp").iterdir())) == (more == ["--dry-run"])


def test_redact__in_two_archives_that_are_merged(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    store_captures(here, build_history())
    shutil.copytree(here, there)
    redact.redact(here, "abc123", ALICE)
    redact.redact(there, "abc123", RedactionCriteria(authors=frozenset({"baker"})))
    shutil.copytree(there, here, dirs_exist_ok=True)
    assert sum("in two archives" in what for what in damage(here)) == 3
    redact.redact(here, "abc123", RedactionCriteria())
    assert (find_traces(here, (*SECRETS, "Bread is good")), damage(here)) == ([], [])
    assert [snapshot.capture.captured_at for snapshot in load_snapshots(here)] == TIMES


def test_redact__names_in_fields_that_are_not_said(tmp_path: Path) -> None:
    named = {
        "approved_by": "Mellow-Fox",
        "banned_by": "MELLOW-FOX",
        "mod_reason_by": "mellow-fox",
        "awarders": ["mellow-fox"],
        "mod_reports": [["spam", "mellow-fox"]],
        "link_author": "mellow-fox",
        "removed_by": "mellow-fox",
        "domain": "self.Mellow-Fox",
        "subreddit": "u_mellow-fox",
        "subreddit_name_prefixed": "u/Mellow-Fox",
        "url": "https://www.reddit.com/user/mellow-fox/comments/abc123/glockenspiel_for_sale/",
        "link_permalink": "https://www.reddit.com/r/b/comments/abc123/glockenspiel_for_sale/",
        "media_metadata": {"x": {"o": "https://www.reddit.com/u/mellow-fox"}},
    }
    page = {"kind": "t5", "data": {"name": "t5_x", "title": "mellow-fox", "description": "zither."}}
    store_captures(
        tmp_path,
        [
            build_capture(
                0,
                build_post(),
                ONE,
                build_comment("t1_c2", "baker", "Bread", "t1_c1", **named),
                page,
            )
        ],
    )
    redact.redact(tmp_path, "abc123", ALICE)
    assert (find_traces(tmp_path), damage(tmp_path)) == ([], [])


@pytest.mark.parametrize("is_inside", [False, True], ids=["itself", "passed on"])
def test_redact__no_field_of_a_post_keeps_a_word(tmp_path: Path, is_inside: bool) -> None:
    """Every text of a real post, in whatever field, is a word that must go."""
    words: list[str] = []

    def poisoned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: poisoned(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [poisoned(inner) for inner in value]
        words.append(f"Xylophone{len(words)}")
        return words[-1] if value is None or isinstance(value, str) else value

    for name in ("everything", "poll", "crosspost"):
        data = json.loads((EXAMPLES / f"{name}.json").read_text())[0]["data"]["children"][0]["data"]
        own = {key: data[key] for key in ("created", "created_utc", "subreddit", "subreddit_id")}
        full = {"mod_note": None, "approved_by": None, "removal_reason": None} | poisoned(data)
        full |= own | {"subreddit_name_prefixed": "r/bread", "author": "mellow-fox"}
        thing = {"kind": "t3", "data": full | {"id": "abc123", "name": "t3_abc123"}}
        if is_inside:
            inner = {**thing["data"], "id": "inner1", "name": "t3_inner1"}
            thing = build_post("baker", selftext="", title="Bread", url="", preview=None)
            thing["data"] |= {"permalink": "", "link_title": "", "crosspost_parent_list": [inner]}
        store_captures(tmp_path / name, [build_capture(0, thing)])
        redact.redact(tmp_path / name, "abc123", ALICE)
        assert find_traces(tmp_path / name, ["Xylophone", "mellow-fox"]) == []
