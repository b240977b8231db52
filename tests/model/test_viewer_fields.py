"""S10: fields about the viewer and login data are never stored."""

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
OTHER_NAMES = (
    "score",
    "edited",
    "saved_at_home",
    "canonical",
    "is_submitter",
    "removed_by_category",
)


def example_response(name: str = "short") -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def iter_objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects of a JSON value, at any depth."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from iter_objects(item)


def plant_fields(value: Any, rng: random.Random, count: int = 8) -> Any:
    """Add viewer fields with a unique word to some objects of a response."""
    for target in rng.choices(list(iter_objects(value)), k=count):
        hidden = rng.choice((PLANTED, [[PLANTED, 1]], {"who": PLANTED}))
        target[rng.choice(NAMES)] = hidden
    return value


def find_planted(root: Path) -> list[Path]:
    return [x for x in root.rglob("*") if x.is_file() and PLANTED.encode() in x.read_bytes()]


def add_response(
    root: Path, value: Any, *, second: int = 0, drop_fields: bool = True
) -> store.AddResult:
    """Store a response; without `drop_fields` as versions before 1.1 did."""
    things = capture.flatten(value)
    at = NEW_YEAR.replace(second=second)
    new_capture = Capture(capture.find_thread_id(things), at, "reddit", {"path": "x"}, things)
    if drop_fields:
        return store.add(root, new_capture)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer_fields, "drop_from_things", lambda things: things)
        return store.add(root, new_capture)


def add_login_fields(value: Any) -> Any:
    post = value[0]["data"]["children"][0]["data"]
    post |= {"likes": True, "mod_note": PLANTED, "saved": True}
    return value


def test_drop__removes_viewer_fields_only() -> None:
    raw = {"id": "a", **dict.fromkeys(NAMES, True), **dict.fromkeys(OTHER_NAMES, True)}
    assert viewer_fields.drop(raw) == {"id": "a", **dict.fromkeys(OTHER_NAMES, True)}
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
        add_response(root, [*plant_fields(example_response(name), rng), thing])
        assert find_planted(root) == []
        shutil.rmtree(root)


def test_add__fault_keeps_viewer_fields(tmp_path: Path) -> None:
    add_response(tmp_path, add_login_fields(example_response()), drop_fields=False)
    assert len(find_planted(tmp_path)) == 1


@pytest.mark.parametrize("command", ["save", "import"])
def test_files__saved_while_logged_in(run: Run, tmp_path: Path, command: str) -> None:
    value = plant_fields(example_response(), random.Random(1), 40)
    headers = [{"name": "Cookie", "value": PLANTED}, {"name": "Accept", "value": "*/*"}]
    value.append({"headers": headers, "cookies": {"a": PLANTED}, "raw": f"Cookie: a={PLANTED}"})
    (tmp_path / "page.json").write_text(json.dumps(value))
    assert run(command, "page.json").code == 0
    assert find_planted(tmp_path / "archive") == []
    assert run("export", "json", "-o", "out.json").code == 0
    assert PLANTED not in (tmp_path / "out.json").read_text()


def test_import__dump_with_viewer_fields(run: Run, tmp_path: Path) -> None:
    post, comments = example_response()
    lines = [child["data"] for half in (post, comments) for child in half["data"]["children"][:1]]
    text = "".join(json.dumps(line | {"mod_note": PLANTED, "replies": ""}) + "\n" for line in lines)
    (tmp_path / "dump.ndjson").write_text(text)
    assert run("import", "dump.ndjson").code == 0
    assert find_planted(tmp_path / "archive") == []


def test_journal__has_nothing_about_the_viewer(tmp_path: Path) -> None:
    journal = ResumeJournal(tmp_path / "journal")
    journal.record("page", json.dumps(add_login_fields(example_response())).encode())
    journal.write_pending()
    assert find_planted(tmp_path) == []
    result = ResumeJournal(tmp_path / "journal").pop("page")
    assert result == viewer_fields.drop(example_response())


def test_add__same_content_without_viewer_fields_is_not_new(tmp_path: Path) -> None:
    """An archive of an earlier version gets no new snapshot because the fields are now missing."""
    first = add_response(
        tmp_path, add_login_fields(example_response("crosspost")), drop_fields=False
    )
    again = add_response(tmp_path, example_response("crosspost"), second=5)
    assert (again.is_new, again.snapshot.digest) == (False, first.snapshot.digest)


def create_old_archive(root: Path) -> Path:
    """Create two snapshots as an earlier version stored them for a logged-in user."""
    add_response(root, add_login_fields(example_response()), drop_fields=False)
    value = example_response()
    value[1]["data"]["children"][0]["data"]["body"] = "Edited words"
    add_response(root, value, second=10, drop_fields=False)
    assert len(find_planted(root)) == 1
    return root


def test_redact_viewer__removes_viewer_fields(run: Run, tmp_path: Path) -> None:
    root = create_old_archive(tmp_path / "archive")
    quote = run("quote", "9bread1", "--all").out
    before = faults.listing(root)
    assert run("redact", "--viewer", "--dry-run").out == "t3_9bread1\t0 texts\tin 1 snapshot\n"
    unconfirmed = run("redact", "--viewer")
    assert unconfirmed.code == 2
    assert "Remove the viewer's data from 1 thread?" in unconfirmed.err
    assert faults.listing(root) == before
    assert run("redact", "--viewer", "--yes").code == 0
    assert (find_planted(root), run("verify").code) == ([], 0)
    assert run("quote", "9bread1", "--all").out == quote
    assert "nothing to redact" in run("redact", "--viewer", "--yes").err


def test_redact_viewer__also_from_a_copied_snapshot(tmp_path: Path) -> None:
    root = create_old_archive(tmp_path / "archive")
    shutil.copytree(root, tmp_path / "copy")
    redact.redact(root, "9bread1", RedactionCriteria(has_viewer=True))
    shutil.copytree(tmp_path / "copy", root, dirs_exist_ok=True)
    assert len(store.read_headers(root, "9bread1")) == 2
    redact.redact(root, "9bread1", RedactionCriteria())
    assert find_planted(root) == []


def test_bag__has_no_viewer_fields(tmp_path: Path) -> None:
    root = create_old_archive(tmp_path / "archive")
    before = faults.listing(root)
    path = bags.write_bag(root, "9bread1", tmp_path / "bags")
    assert (find_planted(path), faults.listing(root)) == ([], before)
    (bag,) = bags.find_bags(path)
    assert bags.restore_bag(tmp_path / "there", bag) == bags.RestoreResult(("9bread1",), 2, 0)
    assert bags.restore_bag(tmp_path / "there", bag) == bags.RestoreResult(("9bread1",), 0, 2)
    assert bags.restore_bag(root, bag).new_count == 0
    redact.redact(root, "9bread1", RedactionCriteria(has_viewer=True))
    assert store.list_digests(root, "9bread1") == store.list_digests(tmp_path / "there", "9bread1")


def test_bag__import_drops_viewer_fields_of_an_earlier_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = create_old_archive(tmp_path / "archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer_fields, "may_have_values", lambda data: False)
        path = bags.write_bag(root, "9bread1", tmp_path / "bags")
    assert len(find_planted(path)) == 1
    (bag,) = bags.find_bags(path)
    for new in (2, 0):
        assert bags.restore_bag(tmp_path / "there", bag).new_count == new
    assert find_planted(tmp_path / "there") == []
    assert bags.restore_bag(root, bag).new_count == 0
