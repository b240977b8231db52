"""S9: a snapshot replaces another only if it contains nothing new; an import changes nothing.

Forged snapshots name our digests, come in bags or as copied files, and claim to replace, redact,
precede or follow ours.
"""

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors, history, quote
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import (
    bags,
    redact,
    replacement_claims,
    snapshot_encoder,
    snapshot_format,
    store,
    verify,
)
from reddit_archive.archive.redact import RedactionCriteria, scan
from reddit_archive.model import capture, redaction, replacement, viewer_fields
from reddit_archive.model.capture import Capture
from reddit_archive.quote import Selection
from reddit_archive.quote.style import BUILT_IN_STYLES
from tests.cli.test_promises import fuzzed
from tests.conftest import ROOT, Run, example
from tests.support import reddit_server
from tests.support.faults import NEW_YEAR

slow = pytest.mark.slow
KEPT = sorted((ROOT / "tests" / "data" / "archives").glob("*"))
FORGED = "Forged words"
Raw = dict[str, Any]


def comment(name: str, author: str, body: str, **more: Any) -> Any:
    data: Raw = {"name": f"t1_{name}", "id": name, "parent_id": "t3_abc123"}
    data |= {"author": author, "author_fullname": f"t2_{author}", "body": body, "score": 7}
    data |= {"created_utc": NEW_YEAR.timestamp() - 60, "stickied": False, "edited": False}
    data |= {"permalink": f"/r/bread/comments/abc123/a_title/{name}/", "link_id": "t3_abc123"}
    data |= {"link_permalink": f"https://www.reddit.com/user/{author}/x/", **more}
    return {"kind": "t1", "data": data}


def take(seconds: int, *comments: Any) -> Capture:
    post = {"name": "t3_abc123", "id": "abc123", "title": "A title", "author": "op"}
    post |= {"selftext": "The post", "permalink": "/r/bread/comments/abc123/a_title/"}
    things = ({"kind": "t3", "data": post}, *comments)
    at = NEW_YEAR + timedelta(seconds=seconds)
    return Capture("abc123", at, "reddit", {"url": "https://www.reddit.com"}, things)


def ours(root: Path) -> Path:
    """An archive of a thread of two snapshots, which alice, bob and carol wrote."""
    first = [comment("c1", "alice", "Ours by alice"), comment("c2", "bob", "Ours by bob")]
    store.add(root, take(0, *first))
    store.add(root, take(10, *first, comment("c3", "carol", "Ours by carol")))
    return root


def raw_of(root: Path, number: int) -> Raw:
    found: Raw = json.loads(store.read_headers(root, "abc123")[number].path.read_bytes())
    return found


def put(raw: Raw, root: Path) -> Path:
    """Write a snapshot's JSON under its right name into an archive's folder, as a copy does."""
    front = {key: value for key, value in raw.items() if key not in ("things", "replaces")}
    linked: Raw = {}
    for key, value in front.items():
        linked[key] = value
        if key == "parent" and raw.get("replaces"):
            linked["replaces"] = raw["replaces"]
    data = b"".join(snapshot_encoder.iter_encoded(linked, raw["things"]))
    at = str(raw["captured_at"]).replace("-", "").replace(":", "")
    path = root / "threads/t3_abc123" / f"{at}-{hashlib.sha256(data).hexdigest()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def claiming(raw: Raw, old: str) -> Raw:
    return {**raw, "replaces": [old]}


def merged(root: Path) -> str:
    shots = store.load_snapshots(root, "abc123", on_damage=lambda _: None)
    thread = history.merge("abc123", (shot.capture for shot in shots))
    return quote.render(thread, Selection(everything=True), style=BUILT_IN_STYLES["dated"])


# Forgeries; each gets the JSON of one of our snapshots and a number from 0 to 1


def with_words(raw: Raw, _: random.Random) -> None:
    for thing in raw["things"]:
        thing["data"]["body" if thing["kind"] == "t1" else "selftext"] = FORGED


def with_words_and_a_mark(raw: Raw, rng: random.Random) -> None:
    with_words(raw, rng)
    raw["things"][1]["data"] |= {redaction.MARK_KEY: redaction.AUTHOR, "author": "[deleted]"}


def with_words_redacted(raw: Raw, rng: random.Random) -> None:
    data = rng.choice(raw["things"][1:])["data"]
    data |= {redaction.MARK_KEY: redaction.ALL, "author": "[deleted]", "body": FORGED}


def with_author(raw: Raw, rng: random.Random) -> None:
    rng.choice(raw["things"][1:])["data"]["author"] = "mallory"


def with_name_in_address(raw: Raw, rng: random.Random) -> None:
    rng.choice(raw["things"][1:])["data"]["link_permalink"] = "https://www.reddit.com/user/mal/x/"


def with_one_more(raw: Raw, _: random.Random) -> None:
    raw["things"].append(comment("c9", "mallory", FORGED))


def with_one_less(raw: Raw, _: random.Random) -> None:
    raw["things"].pop()


def reordered(raw: Raw, _: random.Random) -> None:
    raw["things"][1:] = raw["things"][:0:-1]


def with_another_value(raw: Raw, rng: random.Random) -> None:
    key, value = rng.choice(
        [("score", 8), ("created_utc", 5.0), ("stickied", 0), ("edited", 1.0), ("score", None)]
    )
    raw["things"][1]["data"][key] = value


def without_text(raw: Raw, rng: random.Random) -> None:
    data = rng.choice(raw["things"][1:])["data"]
    data["body"] = rng.choice((None, "", "[redacted]"))


def with_another_place(raw: Raw, _: random.Random) -> None:
    raw["things"][2]["data"] |= {"parent_id": "t1_c1", redaction.MARK_KEY: redaction.ALL}


def with_a_field(raw: Raw, _: random.Random) -> None:
    raw["things"][1]["data"]["body_html"] = f"<p>{FORGED}</p>"


def with_request(raw: Raw, _: random.Random) -> None:
    raw["request"] = {"url": FORGED}


def with_source(raw: Raw, _: random.Random) -> None:
    raw["source"] = "arctic-shift"


def with_picture(raw: Raw, _: random.Random) -> None:
    raw["media_gaps"] = [{"url": "https://i.redd.it/x.png", "why": FORGED, "of": "t1_c1"}]


def without_parent(raw: Raw, _: random.Random) -> None:
    raw["parent"] = "0" * 64 if raw["parent"] is None else None


FORGERIES: list[Callable[[Raw, random.Random], None]] = [
    *(with_words, with_words_and_a_mark, with_words_redacted, with_author, with_name_in_address),
    *(with_one_more, with_one_less, reordered, with_another_value, without_text),
    *(with_another_place, with_a_field, with_request, with_source, with_picture, without_parent),
]


def forged(root: Path, number: int) -> tuple[Raw, str]:
    """A forged snapshot that claims to replace one of ours, and the digest of that one."""
    rng = random.Random(number)
    which = rng.randrange(2)
    old = store.read_headers(root, "abc123")[which].digest
    raw = raw_of(root, which)
    FORGERIES[number % len(FORGERIES)](raw, rng)
    return claiming(raw, old), old


# Copied files


def check_copied(tmp_path: Path, number: int) -> None:
    root = ours(tmp_path / str(number))
    before, quoted = store.read_headers(root, "abc123"), merged(root)
    raw, old = forged(root, number)
    path = put(raw, root)
    assert store.read_headers(root, "abc123") == before
    assert merged(root) == quoted
    (found,) = (item for item in verify.verify(root) if isinstance(item, store.DamagedFile))
    assert (found.path, old in found.description) == (path, True)
    redact.redact(root, "abc123", RedactionCriteria())
    redact.redact(root, "abc123", RedactionCriteria(), accept_pending=True)
    archive_add.add(root, take(20, comment("c1", "alice", "Ours by alice, edited")))
    assert all(head.path.exists() for head in before)
    assert "Ours by alice, edited" in merged(root)
    assert "Ours by bob" in merged(root)
    shutil.rmtree(root)


@pytest.mark.parametrize("number", range(len(FORGERIES)))
def test_copied__a_false_claim_replaces_nothing(tmp_path: Path, number: int) -> None:
    check_copied(tmp_path, number)


@slow
def test_copied__100_false_claims_replace_nothing(tmp_path: Path) -> None:
    for number in range(100):
        check_copied(tmp_path, number)


def test_copied__catches_a_reader_that_believes_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacement, "is_valid_replacement", lambda old, new: True)
    replacement_claims._is_redaction.cache_clear()
    caught = 0
    for number in range(10):
        try:
            check_copied(tmp_path, number)
        except AssertionError:
            caught += 1
    replacement_claims._is_redaction.cache_clear()
    assert caught == 10


def test_verify__a_false_claim_is_exit_4(run: Run, tmp_path: Path) -> None:
    root = ours(tmp_path / "archive")
    path = put(forged(root, 0)[0], root)
    ran = run("verify")
    assert (ran.code, f"{path.name}: falsely claims to replace" in ran.out) == (4, True)
    assert FORGED not in run("quote", "abc123", "--all").out


def test_verify__two_that_claim_one_origin_and_differ(tmp_path: Path) -> None:
    root = ours(tmp_path / "archive")
    raw, _ = forged(root, 0)
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    path = put({**raw, "captured_at": raw_of(root, 0)["captured_at"]}, root)
    rest = {head.path for head in store.read_headers(root, "abc123")} - {path}
    damages = [item for item in verify.verify(root) if isinstance(item, store.DamagedFile)]
    assert (len(damages), "the same snapshot" in damages[0].description) == (1, True)
    redact.redact(root, "abc123", RedactionCriteria())
    assert all("Ours by" in each.read_text() for each in rest)


# Real redactions


def test_copied__what_was_redacted_here_stays_hidden(tmp_path: Path) -> None:
    root, copy = ours(tmp_path / "archive"), tmp_path / "copy"
    shutil.copytree(root, copy)
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"bob"})))
    redacted = merged(root)
    shutil.copytree(copy, root, dirs_exist_ok=True)
    assert (merged(root), "bob" in redacted) == (redacted, False)
    redact.redact(root, "abc123", RedactionCriteria())
    assert len(list(root.glob("threads/*/*.json"))) == 2


@pytest.mark.parametrize("level", [redaction.AUTHOR, redaction.ALL])
def test_holds_nothing_new__what_redact_makes(tmp_path: Path, level: str) -> None:
    root = ours(tmp_path / "archive")
    before = [raw_of(root, number) for number in range(2)]
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"}), level=level))
    after = [raw_of(root, number) for number in range(2)]
    assert [*map(replacement.is_valid_replacement, before, after)] == [True, True]
    assert [*map(replacement.is_valid_replacement, after, before)] == [False, False]


# Bags


def bagged(raw: Raw, folder: Path) -> Path:
    """Return a valid bag with one snapshot, as a stranger could make it."""
    put(raw, folder / "theirs")
    return bags.write_bag(folder / "theirs", "abc123", folder / "bags")


def bring(root: Path, path: Path) -> bags.RestoreResult:
    (found,) = bags.find_bags(path)
    return bags.restore_bag(root, found)


def files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.glob("threads/*/*.json")}


def check_bag(tmp_path: Path, number: int) -> None:
    folder = tmp_path / f"bag{number}"
    root = ours(folder / "mine")
    before = files(root)
    path = bagged(forged(root, number)[0], folder)
    with pytest.raises(errors.DamageFoundError, match="falsely claims"):
        bring(root, path)
    assert files(root) == before
    shutil.rmtree(folder)


@pytest.mark.parametrize("number", [0, 1])
def test_bag__of_a_false_claim_is_refused(tmp_path: Path, number: int) -> None:
    check_bag(tmp_path, number)


@slow
def test_bag__50_false_claims_are_refused(tmp_path: Path) -> None:
    for number in range(50):
        check_bag(tmp_path, number)


def check_stranger(folder: Path, number: int) -> None:
    """A stranger's snapshot without false claims changes none of our texts."""
    rng = random.Random(number)
    root = ours(folder / "mine")
    before, heads = files(root), store.read_headers(root, "abc123")
    raw = raw_of(root, rng.randrange(2))
    raw["captured_at"] = rng.choice(("2019-01-01T00:00:00Z", "2076-01-01T00:00:00Z"))
    raw["parent"] = rng.choice((None, heads[-1].digest, heads[0].digest))
    raw["replaces"] = rng.choice((["1" * 64], ["1" * 64, "2" * 64]))
    with_one_more(raw, rng)
    for thing in raw["things"][1:-1]:  # as if all of ours had been redacted
        thing["data"] |= {redaction.MARK_KEY: redaction.ALL, "body": "[redacted]", "author": "x"}
    assert bring(root, bagged(raw, folder)).new_count == 1
    added = archive_add.add(root, take(20, comment("c4", "dave", "Ours by dave"))).snapshot
    assert added.parent == heads[-1].digest
    redact.redact(root, "abc123", RedactionCriteria())
    shown = merged(root)
    assert files(root).items() >= before.items()
    assert {head.path for head in store.read_headers(root, "abc123")} >= before.keys()
    assert all(f"Ours by {name}" in shown for name in ("alice", "bob", "carol", "dave"))
    (line,) = (line for line in shown.splitlines() if "mallory" in line)
    assert "· imported" in line
    assert shown.count("imported") == 1
    named = [item for item in verify.verify(root) if isinstance(item, verify.ImportedSnapshot)]
    assert bool(named) == (raw["parent"] is not None)


@pytest.mark.parametrize("number", range(4))
def test_bag__a_strangers_snapshot_hides_nothing(tmp_path: Path, number: int) -> None:
    check_stranger(tmp_path, number)


@slow
def test_bag__50_strangers_snapshots_hide_nothing(tmp_path: Path) -> None:
    for number in range(50):
        check_stranger(tmp_path / str(number), number)
        shutil.rmtree(tmp_path / str(number))


def test_bag__a_snapshot_from_the_future_is_no_later_than_its_import(tmp_path: Path) -> None:
    root = ours(tmp_path / "mine")
    raw = raw_of(root, 1) | {"captured_at": "2076-01-01T00:00:00Z"}
    raw["things"][1]["data"]["body"] = FORGED
    bring(root, bagged(raw, tmp_path))
    assert FORGED in merged(root)
    later = replace(take(0, comment("c1", "alice", "Ours later")), captured_at=capture.utc_now())
    later = replace(later, captured_at=later.captured_at + timedelta(seconds=5))
    archive_add.add(root, later)
    assert ("Ours later" in merged(root), FORGED in merged(root)) == (True, False)


def test_bag__catches_an_import_without_a_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bags.restorer.import_log, "add", lambda *words: None)
    with pytest.raises(AssertionError):
        check_stranger(tmp_path, 0)


def test_bag__a_redaction_is_offered(run: Run, tmp_path: Path) -> None:
    root, theirs = ours(tmp_path / "archive"), tmp_path / "theirs"
    shutil.copytree(root, theirs)
    redact.redact(theirs, "abc123", RedactionCriteria(authors=frozenset({"bob"})))
    path = bags.write_bag(theirs, "abc123", tmp_path / "bags")
    before, quoted = files(root), merged(root)
    ran = run("import", path)
    assert (ran.code, "`archive redact abc123 --finish`" in ran.err) == (0, True)
    assert run("redact", "--author", "nobody", "--yes").code == 0
    assert (files(root).items() >= before.items(), merged(root)) == (True, quoted)
    assert run("verify").code == 0
    assert "redacts a snapshot that is not redacted here" in run("verify").err
    ran = run("redact", "--finish", "--dry-run")
    assert ran.out == "t3_abc123\t1 text\tin 2 snapshots\n"
    assert "t3_abc123: an imported bag or a copied file redacts texts in 2 snapshots." in ran.err
    assert merged(root) == quoted
    assert run("redact", "abc123", "--finish", "--yes").code == 0
    assert "Ours by bob" not in "".join(map(str, files(root).values()))
    assert run("verify").code == 0


def test_log__names_what_was_imported(run: Run, tmp_path: Path) -> None:
    theirs = ours(tmp_path / "theirs")
    run("import", bags.write_bag(theirs, "abc123", tmp_path / "bags"))
    assert run("log", "abc123").out.count("reddit, imported") == 2
    log = json.loads(run("log", "abc123", "--json").out)
    assert [each["imported"] for each in log["snapshots"]] == [True, True]
    assert "imported" in run("quote", "abc123", "--style", "dated").out
    assert "imported" not in run("quote", "abc123").out


def test_import__a_mark_in_a_file_redacts_nothing(tmp_path: Path) -> None:
    root = ours(tmp_path / "archive")
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"carol"})))
    marked = comment("c1", "[deleted]", "[redacted]", **{redaction.MARK_KEY: redaction.ALL})
    archive_add.add(root, take(20, marked))
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"op"})))
    archive_add.add(root, take(30, comment("c2", "bob", "Ours by bob")))
    assert "Ours by alice" in merged(root)
    assert capture.get_fullname(raw_of(root, 0)["things"][1]) == "t1_c1"


def test_holds_nothing_new__a_picture_may_go_and_none_may_come(tmp_path: Path) -> None:
    root = ours(tmp_path / "archive")
    raw = raw_of(root, 0)
    media = [{"url": "u", "name": name, "size_bytes": 1, "of": "t1_c1"} for name in ("a", "b")]
    two, one = {**raw, "media": media}, {**raw, "media": media[1:]}
    assert replacement.is_valid_replacement(two, one)
    assert not replacement.is_valid_replacement(one, two)


# Redactions by released versions, and of hostile answers


STORED_VIEWER = ("0.1.0", "1.0.0")
"""Versions that stored fields about the viewer."""


@pytest.mark.parametrize("kept", KEPT, ids=lambda folder: folder.name)
def test_copied__the_original_of_a_released_redaction_stays_hidden(
    kept: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    shutil.copytree(kept / "stored", root)
    (head,) = store.read_headers(root, "9bread4")
    raw = json.loads(head.path.read_bytes())
    (original,) = raw.pop("replaces")
    things = capture.flatten(reddit_server.page(example("crosspost"), limit=500))
    if kept.name not in STORED_VIEWER:
        things = viewer_fields.drop_from_things(things)
    data = b"".join(
        snapshot_encoder.iter_encoded({k: v for k, v in raw.items() if k != "things"}, things)
    )
    assert hashlib.sha256(data).hexdigest() == original
    path = head.path.with_name(f"{head.path.name[:17]}{original}.json")
    path.write_bytes(data)
    assert store.read_headers(root, "9bread4") == [head]
    assert [
        item.path for item in verify.verify(root) if isinstance(item, verify.UnredactedCopy)
    ] == [path]


@pytest.mark.parametrize("number", [60, pytest.param(600, marks=slow)])
def test_holds_nothing_new__redactions_of_hostile_answers(number: int) -> None:
    rng = random.Random(17)
    front: Raw = {"request": {"url": "/r/x/comments/9bread1/title/", "file": "a.json"}}
    for _ in range(number):
        things = capture.flatten(fuzzed(rng))
        names = [name for name, _, _ in redaction.iter_items(things) if name]
        some = rng.sample(names, min(len(names), 3))
        levels = {name: rng.choice((redaction.AUTHOR, redaction.ALL)) for name in some}
        old = {**front, "things": list(things)}
        new = scan.redact_raw(old, redaction.build_plan(things, levels))
        assert replacement.is_valid_replacement(old, new)
        assert new == old or not replacement.is_valid_replacement(new, old)


def test_redact_deleted__an_import_does_not_decide_what_is_deleted(tmp_path: Path) -> None:
    root = ours(tmp_path / "mine")
    before = files(root)
    raw = raw_of(root, 1) | {"captured_at": "2076-01-01T00:00:00Z"}
    for thing in raw["things"][1:]:
        thing["data"] |= {"author": "[deleted]", "body": "[deleted]"}
    assert bring(root, bagged(raw, tmp_path)).new_count == 1
    assert redact.redact(root, "abc123", RedactionCriteria(is_deleted=True)).levels == {}
    redact.apply_policy(root, "abc123", "purge")
    assert files(root).items() >= before.items()
    there = tmp_path / "theirs"
    assert len(redact.redact(there, "abc123", RedactionCriteria(is_deleted=True)).levels) == 3


# Files whose head differs from the rest, so that some readers believe what others don't see


def all_marked(root: Path) -> tuple[Raw, str]:
    """Our last snapshot with every text marked as redacted, and the digest of the real one."""
    raw = raw_of(root, 1)
    for thing in raw["things"]:
        thing["data"] |= {redaction.MARK_KEY: redaction.ALL, "author": "[deleted]"}
    return raw, store.read_headers(root, "abc123")[1].digest


def two_faced(root: Path, number: int) -> bytes:
    raw, old = all_marked(root)
    things = raw.pop("things")
    parent = raw.pop("parent")
    start = {key: raw.pop(key) for key in ("format", "captured_at", "tool", "source", "request")}
    front: Raw = [
        {**start, "parent": parent, **raw, "replaces": [old]},
        {**start, "replaces": ["x"], "parent": parent, **raw},
        {**start, "replaces": old, "parent": parent, **raw},
        {**start, "replaces": [old.upper()], "parent": parent, **raw},
        {**raw, **start, "parent": parent, "replaces": [old]},
        {**start, "parent": parent, "replaces": [old], **raw},
        {**start, "parent": parent, "replaces": [old], **raw},
    ][number]
    data = b"".join(snapshot_encoder.iter_encoded(front, things))
    if number == 5:
        return data[:-2] + b',"replaces":["%b"]}\n' % (b"1" * 64)
    return json.dumps(json.loads(data), indent=1).encode() if number == 6 else data


@pytest.mark.parametrize("number", range(7))
def test_head__differs_from_the_rest(tmp_path: Path, number: int) -> None:
    root = ours(tmp_path / "mine")
    before, quoted = files(root), merged(root)
    data = two_faced(root, number)
    name = f"20260101T000010Z-{hashlib.sha256(data).hexdigest()}.json"
    theirs = tmp_path / "theirs/threads/t3_abc123" / name
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(data)
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        snapshot_format.load(theirs)
    path = theirs.rename(root / "threads/t3_abc123" / name)
    assert merged(root) == quoted
    with suppress(errors.DamageFoundError):  # where it may hold what is redacted here
        archive_add.add(root, take(20, comment("c4", "dave", "Ours by dave")))
    assert "Ours by alice" in merged(root)
    assert files(root).items() >= before.items()
    assert [item.path for item in verify.verify(root) if isinstance(item, store.DamagedFile)] == [
        path
    ]


def test_bag__with_a_head_that_differs_is_refused(tmp_path: Path, run: Run) -> None:
    root = ours(tmp_path / "archive")
    before = files(root)
    data = two_faced(root, 1)
    path = bags.write_bag(ours(tmp_path / "theirs"), "abc123", tmp_path / "bags")
    name = f"data/threads/t3_abc123/20260101T000010Z-{hashlib.sha256(data).hexdigest()}.json"
    (path / name).write_bytes(data)
    with (path / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    (path / "tagmanifest-sha256.txt").unlink(missing_ok=True)
    ran = run("import", path)
    assert (ran.code, files(root) == before) == (4, True)


def test_copied__the_same_bytes_under_another_time(tmp_path: Path) -> None:
    root = ours(tmp_path / "archive")
    before, old = files(root), store.read_headers(root, "abc123")[1].path
    shutil.copy(old, old.with_name("20010101" + old.name[8:]))
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    assert files(root).items() >= before.items()
    assert "Ours by alice" in merged(root)


@pytest.mark.parametrize("length", range(1830, 1894, 8))
def test_head__of_any_length(tmp_path: Path, length: int) -> None:
    """What a snapshot replaces may stand where the first part that is read of a file ends."""
    taken = replace(take(0, comment("c1", "alice", "Ours")), request={"url": "x" * length})
    store.add(tmp_path, taken)
    old = store.read_headers(tmp_path, "abc123")[0].digest
    redact.redact(tmp_path, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    assert [head.replaces for head in store.read_headers(tmp_path, "abc123")] == [(old,)]


# What a command does with a copied file that was made by somebody else


def test_save__hides_and_removes_nothing_because_of_copied_marks(tmp_path: Path) -> None:
    root = ours(tmp_path / "archive")
    before, quoted = files(root), merged(root)
    raw, old = all_marked(root)
    false_claim, absent = (put(claiming(raw, name), root) for name in (old, "1" * 64))
    assert all(f"Ours by {name}" in merged(root) for name in ("alice", "bob", "carol"))
    archive_add.add(root, take(20, comment("c4", "dave", "Ours by dave")))
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"nobody"})))
    assert all(f"Ours by {name}" in merged(root) for name in ("alice", "bob", "carol", "dave"))
    assert files(root).items() >= before.items()
    findings = [item for item in verify.verify(root) if not isinstance(item, Path)]
    assert {item.path for item in findings} == {false_claim, absent}
    assert not any(isinstance(item, verify.UnredactedCopy) for item in findings)
    false_claim.unlink()
    absent.unlink()
    assert merged(root).startswith(quoted[:200])


def test_redact__refuses_a_thread_with_a_false_claim(tmp_path: Path) -> None:
    """It would remove what shows the claim to be false, and leave what the claimant holds."""
    root = ours(tmp_path / "archive")
    before, quoted = files(root), merged(root)
    raw, _ = forged(root, 0)
    path = put(raw, root)
    for is_trial in (True, False):
        with pytest.raises(errors.DamageFoundError, match="falsely claims"):
            redact.redact(
                root, "abc123", RedactionCriteria(authors=frozenset({"alice"})), dry_run=is_trial
            )
    assert (files(root).items() >= before.items(), merged(root)) == (True, quoted)
    path.unlink()
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    assert "Ours by alice" not in "".join(map(str, files(root).values()))


@pytest.mark.parametrize("is_rot", [True, False])
def test_bag__is_refused_where_nothing_can_be_redacted(tmp_path: Path, is_rot: bool) -> None:
    root, theirs = ours(tmp_path / "mine"), ours(tmp_path / "theirs")
    store.add(theirs, take(40, comment("c2", "bob", "Ours by bob later")))
    path = bags.write_bag(theirs, "abc123", tmp_path / "bags")
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"bob"})))
    if is_rot:
        rotten = store.read_headers(root, "abc123")[0].path
        rotten.chmod(0o644)
        rotten.write_bytes(b"rot")
    else:
        put(forged(root, 0)[0], root)
    before = files(root)
    with pytest.raises(errors.DamageFoundError):
        bring(root, path)
    assert files(root) == before
