"""S9: a snapshot replaces another only if it contains nothing new. An import changes nothing.

Forged snapshots come in bags or as copied files. They have the digests of our snapshots, and claim
to replace, redact, precede or follow them.
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
from tests.conftest import ROOT, Run, example
from tests.support import reddit_server
from tests.support.faults import NEW_YEAR
from tests.support.fuzzed_responses import build_fuzzed_response

slow = pytest.mark.slow
RELEASED_ARCHIVES = sorted((ROOT / "tests" / "data" / "archives").glob("*"))
FORGED = "Forged words"
Raw = dict[str, Any]


def comment(name: str, author: str, body: str, **more: Any) -> Any:
    data: Raw = {"name": f"t1_{name}", "id": name, "parent_id": "t3_abc123"}
    data |= {"author": author, "author_fullname": f"t2_{author}", "body": body, "score": 7}
    data |= {"created_utc": NEW_YEAR.timestamp() - 60, "stickied": False, "edited": False}
    data |= {"permalink": f"/r/bread/comments/abc123/a_title/{name}/", "link_id": "t3_abc123"}
    data |= {"link_permalink": f"https://www.reddit.com/user/{author}/x/", **more}
    return {"kind": "t1", "data": data}


def build_capture(seconds: int, *comments: Any) -> Capture:
    post = {"name": "t3_abc123", "id": "abc123", "title": "A title", "author": "op"}
    post |= {"selftext": "The post", "permalink": "/r/bread/comments/abc123/a_title/"}
    things = ({"kind": "t3", "data": post}, *comments)
    at = NEW_YEAR + timedelta(seconds=seconds)
    return Capture("abc123", at, "reddit", {"url": "https://www.reddit.com"}, things)


def create_archive(root: Path) -> Path:
    """Create an archive with a thread by alice, bob and carol, and two snapshots."""
    first = [comment("c1", "alice", "Ours by alice"), comment("c2", "bob", "Ours by bob")]
    store.add(root, build_capture(0, *first))
    store.add(root, build_capture(10, *first, comment("c3", "carol", "Ours by carol")))
    return root


def read_raw(root: Path, number: int) -> Raw:
    result: Raw = json.loads(store.read_headers(root, "abc123")[number].path.read_bytes())
    return result


def write_snapshot(raw: Raw, root: Path) -> Path:
    """Write a snapshot into an archive's folder under its correct name, like a copied file."""
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


def add_claim(raw: Raw, old: str) -> Raw:
    return {**raw, "replaces": [old]}


def render_quote(root: Path) -> str:
    snapshots = store.load_snapshots(root, "abc123", on_damage=lambda _: None)
    thread = history.merge("abc123", (snapshot.capture for snapshot in snapshots))
    return quote.render(thread, Selection(everything=True), style=BUILT_IN_STYLES["dated"])


# Forgeries. Each changes the JSON of one of our snapshots.


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


def forge(root: Path, number: int) -> tuple[Raw, str]:
    """Return a forged snapshot that claims to replace one of ours, and our snapshot's digest."""
    rng = random.Random(number)
    which = rng.randrange(2)
    old = store.read_headers(root, "abc123")[which].digest
    raw = read_raw(root, which)
    FORGERIES[number % len(FORGERIES)](raw, rng)
    return add_claim(raw, old), old


# Copied files


def check_copied_forgery(tmp_path: Path, number: int) -> None:
    root = create_archive(tmp_path / str(number))
    before, quote_text = store.read_headers(root, "abc123"), render_quote(root)
    raw, old = forge(root, number)
    path = write_snapshot(raw, root)
    assert store.read_headers(root, "abc123") == before
    assert render_quote(root) == quote_text
    (result,) = (item for item in verify.verify(root) if isinstance(item, store.DamagedFile))
    assert (result.path, old in result.description) == (path, True)
    redact.redact(root, "abc123", RedactionCriteria())
    redact.redact(root, "abc123", RedactionCriteria(), accept_pending=True)
    archive_add.add(root, build_capture(20, comment("c1", "alice", "Ours by alice, edited")))
    assert all(header.path.exists() for header in before)
    assert "Ours by alice, edited" in render_quote(root)
    assert "Ours by bob" in render_quote(root)
    shutil.rmtree(root)


@pytest.mark.parametrize("number", range(len(FORGERIES)))
def test_copied__false_claim_replaces_nothing(tmp_path: Path, number: int) -> None:
    check_copied_forgery(tmp_path, number)


@slow
def test_copied__100_false_claims_replace_nothing(tmp_path: Path) -> None:
    for number in range(100):
        check_copied_forgery(tmp_path, number)


def test_copied__fault_reader_believes_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacement, "is_valid_replacement", lambda old, new: True)
    replacement_claims._is_redaction.cache_clear()
    caught = 0
    for number in range(10):
        try:
            check_copied_forgery(tmp_path, number)
        except AssertionError:
            caught += 1
    replacement_claims._is_redaction.cache_clear()
    assert caught == 10


def test_verify__false_claim_exits_with_4(run: Run, tmp_path: Path) -> None:
    root = create_archive(tmp_path / "archive")
    path = write_snapshot(forge(root, 0)[0], root)
    result = run("verify")
    assert (result.code, f"{path.name}: falsely claims to replace" in result.out) == (4, True)
    assert FORGED not in run("quote", "abc123", "--all").out


def test_verify__two_replacements_of_one_snapshot_differ(tmp_path: Path) -> None:
    root = create_archive(tmp_path / "archive")
    raw, _ = forge(root, 0)
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    path = write_snapshot({**raw, "captured_at": read_raw(root, 0)["captured_at"]}, root)
    rest = {header.path for header in store.read_headers(root, "abc123")} - {path}
    damaged = [item for item in verify.verify(root) if isinstance(item, store.DamagedFile)]
    assert (len(damaged), "the same snapshot" in damaged[0].description) == (1, True)
    redact.redact(root, "abc123", RedactionCriteria())
    assert all("Ours by" in path.read_text() for path in rest)


# Real redactions


def test_copied__redacted_text_stays_hidden(tmp_path: Path) -> None:
    root, copy = create_archive(tmp_path / "archive"), tmp_path / "copy"
    shutil.copytree(root, copy)
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"bob"})))
    redacted = render_quote(root)
    shutil.copytree(copy, root, dirs_exist_ok=True)
    assert (render_quote(root), "bob" in redacted) == (redacted, False)
    redact.redact(root, "abc123", RedactionCriteria())
    assert len(list(root.glob("threads/*/*.json"))) == 2


@pytest.mark.parametrize("level", [redaction.AUTHOR, redaction.ALL])
def test_is_valid_replacement__redacted_snapshot(tmp_path: Path, level: str) -> None:
    root = create_archive(tmp_path / "archive")
    before = [read_raw(root, number) for number in range(2)]
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"}), level=level))
    after = [read_raw(root, number) for number in range(2)]
    assert [*map(replacement.is_valid_replacement, before, after)] == [True, True]
    assert [*map(replacement.is_valid_replacement, after, before)] == [False, False]


# Bags


def create_bag(raw: Raw, folder: Path) -> Path:
    """Create a valid bag with one foreign snapshot, whose marks do not count in its archive."""
    write_snapshot(raw, folder / "theirs")
    (folder / "theirs/redactions").mkdir()
    return bags.write_bag(folder / "theirs", "abc123", folder / "bags")


def import_bag(root: Path, path: Path) -> bags.RestoreResult:
    (result,) = bags.find_bags(path)
    return bags.restore_bag(root, result)


def read_files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.glob("threads/*/*.json")}


def check_forged_bag(tmp_path: Path, number: int) -> None:
    folder = tmp_path / f"bag{number}"
    root = create_archive(folder / "mine")
    before = read_files(root)
    path = create_bag(forge(root, number)[0], folder)
    with pytest.raises(errors.DamageFoundError, match="falsely claims"):
        import_bag(root, path)
    assert read_files(root) == before
    shutil.rmtree(folder)


@pytest.mark.parametrize("number", [0, 1])
def test_bag__false_claim_is_refused(tmp_path: Path, number: int) -> None:
    check_forged_bag(tmp_path, number)


@slow
def test_bag__50_false_claims_are_refused(tmp_path: Path) -> None:
    for number in range(50):
        check_forged_bag(tmp_path, number)


def check_foreign_bag(folder: Path, number: int) -> None:
    """Check that a foreign snapshot without false claims changes none of our texts."""
    rng = random.Random(number)
    root = create_archive(folder / "mine")
    before, headers = read_files(root), store.read_headers(root, "abc123")
    raw = read_raw(root, rng.randrange(2))
    raw["captured_at"] = rng.choice(("2019-01-01T00:00:00Z", "2076-01-01T00:00:00Z"))
    raw["parent"] = rng.choice((None, headers[-1].digest, headers[0].digest))
    raw["replaces"] = rng.choice((["1" * 64], ["1" * 64, "2" * 64]))
    with_one_more(raw, rng)
    for thing in raw["things"][1:-1]:  # as if all of our texts were redacted
        thing["data"] |= {redaction.MARK_KEY: redaction.ALL, "body": "[redacted]", "author": "x"}
    assert import_bag(root, create_bag(raw, folder)).new_count == 1
    added = archive_add.add(root, build_capture(20, comment("c4", "dave", "Ours by dave"))).snapshot
    assert added.parent == headers[-1].digest
    redact.redact(root, "abc123", RedactionCriteria())
    quote_text = render_quote(root)
    assert read_files(root).items() >= before.items()
    assert {header.path for header in store.read_headers(root, "abc123")} >= before.keys()
    assert all(f"Ours by {name}" in quote_text for name in ("alice", "bob", "carol", "dave"))
    (line,) = (line for line in quote_text.splitlines() if "mallory" in line)
    assert "· imported" in line
    assert quote_text.count("imported") == 1
    named = [item for item in verify.verify(root) if isinstance(item, verify.ImportedSnapshot)]
    assert bool(named) == (raw["parent"] is not None)


@pytest.mark.parametrize("number", range(4))
def test_bag__foreign_snapshot_hides_nothing(tmp_path: Path, number: int) -> None:
    check_foreign_bag(tmp_path, number)


@slow
def test_bag__50_foreign_snapshots_hide_nothing(tmp_path: Path) -> None:
    for number in range(50):
        check_foreign_bag(tmp_path / str(number), number)
        shutil.rmtree(tmp_path / str(number))


def test_bag__snapshot_from_the_future_is_dated_by_its_import(tmp_path: Path) -> None:
    root = create_archive(tmp_path / "mine")
    raw = read_raw(root, 1) | {"captured_at": "2076-01-01T00:00:00Z"}
    raw["things"][1]["data"]["body"] = FORGED
    import_bag(root, create_bag(raw, tmp_path))
    assert FORGED in render_quote(root)
    later = replace(
        build_capture(0, comment("c1", "alice", "Ours later")), captured_at=capture.utc_now()
    )
    later = replace(later, captured_at=later.captured_at + timedelta(seconds=5))
    archive_add.add(root, later)
    assert ("Ours later" in render_quote(root), FORGED in render_quote(root)) == (True, False)


def test_bag__fault_import_is_not_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bags.restorer.import_log, "add", lambda *words: None)
    with pytest.raises(AssertionError):
        check_foreign_bag(tmp_path, 0)


def test_bag__redaction_is_offered(run: Run, tmp_path: Path) -> None:
    root, theirs = create_archive(tmp_path / "archive"), tmp_path / "theirs"
    shutil.copytree(root, theirs)
    redact.redact(theirs, "abc123", RedactionCriteria(authors=frozenset({"bob"})))
    path = bags.write_bag(theirs, "abc123", tmp_path / "bags")
    before, quote_text = read_files(root), render_quote(root)
    result = run("import", path)
    assert (result.code, "`archive redact abc123 --finish`" in result.err) == (0, True)
    assert run("redact", "--author", "nobody", "--yes").code == 0
    assert (read_files(root).items() >= before.items(), render_quote(root)) == (True, quote_text)
    assert run("verify").code == 0
    assert "redacts a snapshot that is not redacted here" in run("verify").err
    result = run("redact", "--finish", "--dry-run")
    assert result.out == "t3_abc123\t1 text\tin 2 snapshots\n"
    assert "t3_abc123: an imported bag or a copied file redacts texts in 2 snapshots." in result.err
    assert render_quote(root) == quote_text
    assert run("redact", "abc123", "--finish", "--yes").code == 0
    assert "Ours by bob" not in "".join(map(str, read_files(root).values()))
    assert run("verify").code == 0


def test_log__labels_imported_snapshots(run: Run, tmp_path: Path) -> None:
    theirs = create_archive(tmp_path / "theirs")
    run("import", bags.write_bag(theirs, "abc123", tmp_path / "bags"))
    assert run("log", "abc123").out.count("reddit, imported") == 2
    log = json.loads(run("log", "abc123", "--json").out)
    assert [snapshot["imported"] for snapshot in log["snapshots"]] == [True, True]
    assert "imported" in run("quote", "abc123", "--style", "dated").out
    assert "imported" not in run("quote", "abc123").out


def test_import__mark_in_a_file_redacts_nothing(tmp_path: Path) -> None:
    root = create_archive(tmp_path / "archive")
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"carol"})))
    marked = comment("c1", "[deleted]", "[redacted]", **{redaction.MARK_KEY: redaction.ALL})
    archive_add.add(root, build_capture(20, marked))
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"op"})))
    archive_add.add(root, build_capture(30, comment("c2", "bob", "Ours by bob")))
    assert "Ours by alice" in render_quote(root)
    assert capture.get_fullname(read_raw(root, 0)["things"][1]) == "t1_c1"


def test_is_valid_replacement__pictures_may_only_be_removed(tmp_path: Path) -> None:
    root = create_archive(tmp_path / "archive")
    raw = read_raw(root, 0)
    media = [{"url": "u", "name": name, "size_bytes": 1, "of": "t1_c1"} for name in ("a", "b")]
    two, one = {**raw, "media": media}, {**raw, "media": media[1:]}
    assert replacement.is_valid_replacement(two, one)
    assert not replacement.is_valid_replacement(one, two)


# Redactions by released versions, and of hostile responses


STORED_VIEWER = ("0.1.0", "1.0.0")
"""Versions that stored fields about the viewer."""


@pytest.mark.parametrize("released", RELEASED_ARCHIVES, ids=lambda folder: folder.name)
def test_copied__original_of_a_released_redaction_stays_hidden(
    released: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    shutil.copytree(released / "stored", root)
    (header,) = store.read_headers(root, "9bread4")
    raw = json.loads(header.path.read_bytes())
    (original,) = raw.pop("replaces")
    things = capture.flatten(reddit_server.page(example("crosspost"), limit=500))
    if released.name not in STORED_VIEWER:
        things = viewer_fields.drop_from_things(things)
    data = b"".join(
        snapshot_encoder.iter_encoded({k: v for k, v in raw.items() if k != "things"}, things)
    )
    assert hashlib.sha256(data).hexdigest() == original
    path = header.path.with_name(f"{header.path.name[:17]}{original}.json")
    path.write_bytes(data)
    assert store.read_headers(root, "9bread4") == [header]
    assert [
        item.path for item in verify.verify(root) if isinstance(item, verify.UnredactedCopy)
    ] == [path]


@pytest.mark.parametrize("number", [20, pytest.param(600, marks=slow)])
def test_is_valid_replacement__redacted_hostile_responses(number: int) -> None:
    rng = random.Random(17)
    front: Raw = {"request": {"url": "/r/x/comments/9bread1/title/", "file": "a.json"}}
    for _ in range(number):
        things = capture.flatten(build_fuzzed_response(rng))
        names = [name for name, _, _ in redaction.iter_items(things) if name]
        some = rng.sample(names, min(len(names), 3))
        levels = {name: rng.choice((redaction.AUTHOR, redaction.ALL)) for name in some}
        old = {**front, "things": list(things)}
        new = scan.redact_raw(old, redaction.build_plan(things, levels))
        assert replacement.is_valid_replacement(old, new)
        assert new == old or not replacement.is_valid_replacement(new, old)


def test_redact_deleted__ignores_deletions_in_imports(tmp_path: Path) -> None:
    root = create_archive(tmp_path / "mine")
    before = read_files(root)
    raw = read_raw(root, 1) | {"captured_at": "2076-01-01T00:00:00Z"}
    for thing in raw["things"][1:]:
        thing["data"] |= {"author": "[deleted]", "body": "[deleted]"}
    assert import_bag(root, create_bag(raw, tmp_path)).new_count == 1
    assert redact.redact(root, "abc123", RedactionCriteria(is_deleted=True)).levels == {}
    redact.apply_policy(root, "abc123", "purge")
    assert read_files(root).items() >= before.items()
    there = tmp_path / "theirs"
    assert len(redact.redact(there, "abc123", RedactionCriteria(is_deleted=True)).levels) == 3


# Files whose header differs from the rest, so that readers could disagree


def mark_all(root: Path) -> tuple[Raw, str]:
    """Return our last snapshot with every text marked as redacted, and the real one's digest."""
    raw = read_raw(root, 1)
    for thing in raw["things"]:
        thing["data"] |= {redaction.MARK_KEY: redaction.ALL, "author": "[deleted]"}
    return raw, store.read_headers(root, "abc123")[1].digest


def build_ambiguous_snapshot(root: Path, number: int) -> bytes:
    raw, old = mark_all(root)
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
def test_header__differs_from_the_rest(tmp_path: Path, number: int) -> None:
    root = create_archive(tmp_path / "mine")
    before, quote_text = read_files(root), render_quote(root)
    data = build_ambiguous_snapshot(root, number)
    name = f"20260101T000010Z-{hashlib.sha256(data).hexdigest()}.json"
    theirs = tmp_path / "theirs/threads/t3_abc123" / name
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(data)
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        snapshot_format.load(theirs)
    path = theirs.rename(root / "threads/t3_abc123" / name)
    assert render_quote(root) == quote_text
    with suppress(errors.DamageFoundError):  # where it may hold what is redacted here
        archive_add.add(root, build_capture(20, comment("c4", "dave", "Ours by dave")))
    assert "Ours by alice" in render_quote(root)
    assert read_files(root).items() >= before.items()
    assert [item.path for item in verify.verify(root) if isinstance(item, store.DamagedFile)] == [
        path
    ]


def test_bag__header_that_differs_is_refused(tmp_path: Path, run: Run) -> None:
    root = create_archive(tmp_path / "archive")
    before = read_files(root)
    data = build_ambiguous_snapshot(root, 1)
    path = bags.write_bag(create_archive(tmp_path / "theirs"), "abc123", tmp_path / "bags")
    name = f"data/threads/t3_abc123/20260101T000010Z-{hashlib.sha256(data).hexdigest()}.json"
    (path / name).write_bytes(data)
    with (path / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    (path / "tagmanifest-sha256.txt").unlink(missing_ok=True)
    result = run("import", path)
    assert (result.code, read_files(root) == before) == (4, True)


def test_copied__same_bytes_with_another_time(tmp_path: Path) -> None:
    root = create_archive(tmp_path / "archive")
    before, old = read_files(root), store.read_headers(root, "abc123")[1].path
    shutil.copy(old, old.with_name("20010101" + old.name[8:]))
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    assert read_files(root).items() >= before.items()
    assert "Ours by alice" in render_quote(root)


@pytest.mark.parametrize("length", range(1830, 1894, 8))
def test_header__of_any_length(tmp_path: Path, length: int) -> None:
    """The list of replaced digests may cross the end of the first block that is read."""
    new_capture = replace(
        build_capture(0, comment("c1", "alice", "Ours")), request={"url": "x" * length}
    )
    store.add(tmp_path, new_capture)
    old = store.read_headers(tmp_path, "abc123")[0].digest
    redact.redact(tmp_path, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    assert [header.replaces for header in store.read_headers(tmp_path, "abc123")] == [(old,)]


# Copied files that somebody else made


def test_save__hides_and_removes_nothing_because_of_copied_marks(tmp_path: Path) -> None:
    root = create_archive(tmp_path / "archive")
    before, quote_text = read_files(root), render_quote(root)
    raw, old = mark_all(root)
    false_claim, absent = (write_snapshot(add_claim(raw, name), root) for name in (old, "1" * 64))
    assert all(f"Ours by {name}" in render_quote(root) for name in ("alice", "bob", "carol"))
    archive_add.add(root, build_capture(20, comment("c4", "dave", "Ours by dave")))
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"nobody"})))
    assert all(
        f"Ours by {name}" in render_quote(root) for name in ("alice", "bob", "carol", "dave")
    )
    assert read_files(root).items() >= before.items()
    findings = [item for item in verify.verify(root) if not isinstance(item, Path)]
    assert {item.path for item in findings} == {false_claim, absent}
    assert not any(isinstance(item, verify.UnredactedCopy) for item in findings)
    false_claim.unlink()
    absent.unlink()
    assert render_quote(root).startswith(quote_text[:200])


def test_redact__refuses_thread_with_a_false_claim(tmp_path: Path) -> None:
    """It would remove the proof that the claim is false, and keep the forged texts."""
    root = create_archive(tmp_path / "archive")
    before, quote_text = read_files(root), render_quote(root)
    raw, _ = forge(root, 0)
    path = write_snapshot(raw, root)
    for dry_run in (True, False):
        with pytest.raises(errors.DamageFoundError, match="falsely claims"):
            redact.redact(
                root, "abc123", RedactionCriteria(authors=frozenset({"alice"})), dry_run=dry_run
            )
    assert (read_files(root).items() >= before.items(), render_quote(root)) == (True, quote_text)
    path.unlink()
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"alice"})))
    assert "Ours by alice" not in "".join(map(str, read_files(root).values()))


@pytest.mark.parametrize("is_damaged", [True, False])
def test_bag__is_refused_if_the_thread_cannot_be_redacted(tmp_path: Path, is_damaged: bool) -> None:
    root, theirs = create_archive(tmp_path / "mine"), create_archive(tmp_path / "theirs")
    store.add(theirs, build_capture(40, comment("c2", "bob", "Ours by bob later")))
    path = bags.write_bag(theirs, "abc123", tmp_path / "bags")
    redact.redact(root, "abc123", RedactionCriteria(authors=frozenset({"bob"})))
    if is_damaged:
        damaged = store.read_headers(root, "abc123")[0].path
        damaged.chmod(0o644)
        damaged.write_bytes(b"rot")
    else:
        write_snapshot(forge(root, 0)[0], root)
    before = read_files(root)
    with pytest.raises(errors.DamageFoundError):
        import_bag(root, path)
    assert read_files(root) == before
