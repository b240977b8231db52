"""A redaction leaves no name or text in number fields, keys, notes and nested values."""

import json
from functools import reduce
from typing import Any

import pytest

from reddit_archive.model import redaction, replacement
from reddit_archive.model.redaction import ALL, AUTHOR, removal

BASE = {"author": "Alice_B", "author_fullname": "t2_alice", "body": "words", "link_id": "t3_abc12"}
BASE |= {"parent_id": "t3_abc12"}


def comment(name: str, **fields: Any) -> Any:
    return {"kind": "t1", "data": {**BASE, "id": name, "name": f"t1_{name}", **fields}}


def nest(value: Any, levels: int) -> Any:
    return reduce(
        lambda inner, number: {"a": inner} if number % 2 else [inner], range(levels), value
    )


def redact_comment(level: str, **fields: Any) -> tuple[list[Any], list[Any]]:
    """Redact a comment by Alice. Return the things before and after."""
    other = comment("c2", author="bob", author_fullname="t2_bob", **fields)
    things = [comment("c1", **fields), other]
    return things, [*redaction.apply(things, redaction.build_plan(things, {"t1_c1": level}))]


FIELDS_WITH_NAME = {
    "key": {"votes": {"Alice_B": 1, "bob": 2}},
    "note": {"mod_note": "warned alice_b, twice"},
    "list": {"reports": [["spam: ALICE_B!", 1]]},
    "deep": {"field": nest("Alice_B", 61)},
    "deeper": {"field": nest("/u/alice_b", 200)},
    "deep key": {"field": nest({"t2_alice": 1}, 80)},
}


@pytest.mark.parametrize("fields", FIELDS_WITH_NAME.values(), ids=FIELDS_WITH_NAME)
@pytest.mark.parametrize("level", [AUTHOR, ALL])
def test_apply__removes_the_name_everywhere(level: str, fields: dict[str, Any]) -> None:
    before, after = redact_comment(level, **fields)
    assert "alice" in json.dumps(before).lower()
    assert "alice" not in json.dumps(after).lower()
    old, new = ({"things": things, "request": {}} for things in (before, after))
    assert replacement.is_valid_replacement(old, new)


@pytest.mark.parametrize("key", ["created", "created_utc", "depth", "num_comments"])
def test_apply__removes_text_in_a_number_field(key: str) -> None:
    _, after = redact_comment(ALL, **{key: "secret words"})
    assert key not in after[0]["data"]
    _, after = redact_comment(ALL, **{key: "1700000000"})
    assert after[0]["data"][key] == "1700000000"


def test_apply__keeps_texts_by_others_and_addresses() -> None:
    fields = {
        "gallery_data": {"items": [{"caption": "alice_b won"}]},
        "url": "https://a.b/alice_b.png",
    }
    before, after = redact_comment(AUTHOR, **fields, title="thanks, alice_b", score_note="bobby")
    assert after[1]["data"] == before[1]["data"]


def test_is_valid_replacement__keeps_keys_of_other_authors() -> None:
    before, after = redact_comment(AUTHOR, votes={"Alice_B": 1, "bob": 2})
    del after[1]["data"]["votes"]["bob"]
    old, new = ({"things": things, "request": {}} for things in (before, after))
    assert not replacement.is_valid_replacement(old, new)


def test_apply__faults_leave_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "remove_keys", lambda data, _: dict(data))
    monkeypatch.setattr(removal, "FREE_TEXT_FIELDS", {"mod_note"})
    for name in ("key", "note", "deep key"):
        _, after = redact_comment(AUTHOR, **FIELDS_WITH_NAME[name])
        assert "alice" in json.dumps(after).lower()
