"""S10: fields about the viewer, and login data, are never stored."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reddit_archive.archive import bags, redact, store
from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.model import capture, viewer_fields
from reddit_archive.model.capture import Capture
from reddit_archive.sources.resume_journal import ResumeJournal
from tests.conftest import EXAMPLES, Run
from tests.support import faults
from tests.support.faults import NEW_YEAR

slow = pytest.mark.slow
PLANTED = "planted7"
NAMES = (
    *("likes", "saved", "clicked", "visited", "hidden", "user_reports", "mod_reports"),
    *("mod_note", "mod_reason_by", "mod_reason_title", "author_is_blocked", "modhash"),
    *("user_is_subscriber", "user_is_banned", "user_flair_text", "can_mod_post", "num_reports"),
    *("report_reasons", "approved_by", "banned_by", "ban_note", "access_token", "Set-Cookie"),
    *("steward_reports", "is_friend", "loid", "X-Reddit-Session", "accessToken", "modNote"),
)
KEPT = ("score", "edited", "saved_at_home", "canonical", "is_submitter", "removed_by_category")


def answer(name: str = "short") -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in an answer, at any depth."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from objects(item)


def planted(value: Any, rng: random.Random, count: int = 8) -> Any:
    """Add viewer's fields with a unique word to some objects of an answer."""
    for found in rng.choices(list(objects(value)), k=count):
        hidden = rng.choice((PLANTED, [[PLANTED, 1]], {"who": PLANTED}))
        found[rng.choice(NAMES)] = hidden
    return value


def hits(root: Path) -> list[Path]:
    return [x for x in root.rglob("*") if x.is_file() and PLANTED.encode() in x.read_bytes()]


def add(root: Path, value: Any, *, second: int = 0, drops: bool = True) -> store.AddResult:
    """Store an answer, with the viewer's fields unless `drops`, as versions before 1.1 did."""
    things = capture.flatten(value)
    at = NEW_YEAR.replace(second=second)
    taken = Capture(capture.find_thread_id(things), at, "reddit", {"path": "x"}, things)
    if drops:
        return store.add(root, taken)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer_fields, "drop_from_things", lambda found: found)
        return store.add(root, taken)


def logged_in(value: Any) -> Any:
    post = value[0]["data"]["children"][0]["data"]
    post |= {"likes": True, "mod_note": PLANTED, "saved": True}
    return value


def test_drop__what_is_of_the_viewer_and_nothing_else() -> None:
    raw = {"id": "a", **dict.fromkeys(NAMES, True), **dict.fromkeys(KEPT, True)}
    assert viewer_fields.drop(raw) == {"id": "a", **dict.fromkeys(KEPT, True)}
    nested = {"crosspost_parent_list": [{"id": "b", "saved": True}], "list": [1, {"x": 2}]}
    assert viewer_fields.drop(nested) == {
        "crosspost_parent_list": [{"id": "b"}],
        "list": [1, {"x": 2}],
    }
    same = {"id": "a", "list": [{"b": []}]}
    assert viewer_fields.drop(same) is same


@pytest.mark.parametrize("number", [10, pytest.param(100, marks=slow)])
def test_add__stores_nothing_about_the_viewer(tmp_path: Path, number: int) -> None:
    rng = random.Random(5)
    for count in range(number):
        root = tmp_path / str(count)
        name = rng.choice(("short", "crosspost", "poll"))
        thing = {"kind": "t5", "data": {"user_is_moderator": PLANTED}}
        add(root, [*planted(answer(name), rng), thing])
        assert hits(root) == []
        shutil.rmtree(root)


def test_add__catches_a_store_that_keeps_all(tmp_path: Path) -> None:
    add(tmp_path, logged_in(answer()), drops=False)
    assert len(hits(tmp_path)) == 1


@pytest.mark.parametrize("command", ["save", "import"])
def test_files__of_somebody_logged_in(run: Run, tmp_path: Path, command: str) -> None:
    value = planted(answer(), random.Random(1), 40)
    headers = [{"name": "Cookie", "value": PLANTED}, {"name": "Accept", "value": "*/*"}]
    value.append({"headers": headers, "cookies": {"a": PLANTED}, "raw": f"Cookie: a={PLANTED}"})
    (tmp_path / "page.json").write_text(json.dumps(value))
    assert run(command, "page.json").code == 0
    assert hits(tmp_path / "archive") == []
    assert run("export", "json", "-o", "out.json").code == 0
    assert PLANTED not in (tmp_path / "out.json").read_text()


def test_import__a_dump(run: Run, tmp_path: Path) -> None:
    post, comments = answer()
    lines = [each["data"] for half in (post, comments) for each in half["data"]["children"][:1]]
    text = "".join(json.dumps(line | {"mod_note": PLANTED, "replies": ""}) + "\n" for line in lines)
    (tmp_path / "dump.ndjson").write_text(text)
    assert run("import", "dump.ndjson").code == 0
    assert hits(tmp_path / "archive") == []


def test_journal__holds_nothing_about_the_viewer(tmp_path: Path) -> None:
    journal = ResumeJournal(tmp_path / "journal")
    journal.record("page", json.dumps(logged_in(answer())).encode())
    journal.write_pending()
    assert hits(tmp_path) == []
    found = ResumeJournal(tmp_path / "journal").pop("page")
    assert found == viewer_fields.drop(answer())


def test_add__the_same_content_with_them_and_without(tmp_path: Path) -> None:
    """An archive of an earlier version gets no new snapshot only because they are left out now."""
    first = add(tmp_path, logged_in(answer("crosspost")), drops=False)
    again = add(tmp_path, answer("crosspost"), second=5)
    assert (again.is_new, again.snapshot.digest) == (False, first.snapshot.digest)


def old_archive(root: Path) -> Path:
    """Two snapshots that an earlier version stored for somebody logged in."""
    add(root, logged_in(answer()), drops=False)
    value = answer()
    value[1]["data"]["children"][0]["data"]["body"] = "Edited words"
    add(root, value, second=10, drops=False)
    assert len(hits(root)) == 1
    return root


def test_redact_viewer(run: Run, tmp_path: Path) -> None:
    root = old_archive(tmp_path / "archive")
    quoted = run("quote", "9bread1", "--all").out
    before = faults.listing(root)
    assert run("redact", "--viewer", "--dry-run").out == "t3_9bread1\t0 texts\tin 1 snapshot\n"
    asked = run("redact", "--viewer")
    assert (asked.code, "Remove the viewer's data from 1 thread?" in asked.err) == (2, True)
    assert faults.listing(root) == before
    assert run("redact", "--viewer", "--yes").code == 0
    assert (hits(root), run("verify").code) == ([], 0)
    assert run("quote", "9bread1", "--all").out == quoted
    assert "nothing to redact" in run("redact", "--viewer", "--yes").err


def test_redact_viewer__of_what_a_copy_brings_back(tmp_path: Path) -> None:
    root = old_archive(tmp_path / "archive")
    shutil.copytree(root, tmp_path / "copy")
    redact.redact(root, "9bread1", RedactionCriteria(has_viewer=True))
    shutil.copytree(tmp_path / "copy", root, dirs_exist_ok=True)
    assert len(store.read_headers(root, "9bread1")) == 2
    redact.redact(root, "9bread1", RedactionCriteria())
    assert hits(root) == []


def test_bag__leaves_them_out(tmp_path: Path) -> None:
    root = old_archive(tmp_path / "archive")
    before = faults.listing(root)
    path = bags.write_bag(root, "9bread1", tmp_path / "bags")
    assert (hits(path), faults.listing(root)) == ([], before)
    (found,) = bags.find_bags(path)
    assert bags.restore_bag(tmp_path / "there", found) == bags.RestoreResult(("9bread1",), 2, 0)
    assert bags.restore_bag(tmp_path / "there", found) == bags.RestoreResult(("9bread1",), 0, 2)
    assert bags.restore_bag(root, found).new_count == 0
    redact.redact(root, "9bread1", RedactionCriteria(has_viewer=True))
    assert store.list_digests(root, "9bread1") == store.list_digests(tmp_path / "there", "9bread1")


def test_bag__that_an_earlier_version_made_loses_them_on_the_way_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = old_archive(tmp_path / "archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer_fields, "may_have_values", lambda data: False)
        path = bags.write_bag(root, "9bread1", tmp_path / "bags")
    assert len(hits(path)) == 1
    (found,) = bags.find_bags(path)
    for new in (2, 0):
        assert bags.restore_bag(tmp_path / "there", found).new_count == new
    assert hits(tmp_path / "there") == []
    assert bags.restore_bag(root, found).new_count == 0
