"""What a redaction must not leave: text in fields of numbers, names as keys, in notes, and deep."""

import json
from functools import reduce
from typing import Any

import pytest

from reddit_archive.model import redaction, replacement
from reddit_archive.model.redaction import ALL, AUTHOR, removal

BASE = {"author": "Alice_B", "author_fullname": "t2_alice", "body": "words", "link_id": "t3_abc12"}
BASE |= {"parent_id": "t3_abc12"}


def comment(name: str, **more: Any) -> Any:
    return {"kind": "t1", "data": {**BASE, "id": name, "name": f"t1_{name}", **more}}


def deep(value: Any, levels: int) -> Any:
    return reduce(
        lambda inner, number: {"a": inner} if number % 2 else [inner], range(levels), value
    )


def redacted(level: str, **more: Any) -> tuple[list[Any], list[Any]]:
    """Redact one comment of Alice; give the things before and after."""
    other = comment("c2", author="bob", author_fullname="t2_bob", **more)
    things = [comment("c1", **more), other]
    return things, [*redaction.apply(things, redaction.build_plan(things, {"t1_c1": level}))]


LEFT = {
    "key": {"votes": {"Alice_B": 1, "bob": 2}},
    "note": {"mod_note": "warned alice_b, twice"},
    "list": {"reports": [["spam: ALICE_B!", 1]]},
    "deep": {"field": deep("Alice_B", 61)},
    "deeper": {"field": deep("/u/alice_b", 200)},
    "deep key": {"field": deep({"t2_alice": 1}, 80)},
}


@pytest.mark.parametrize("more", LEFT.values(), ids=LEFT)
@pytest.mark.parametrize("level", [AUTHOR, ALL])
def test_redacted__name_is_nowhere(level: str, more: dict[str, Any]) -> None:
    before, after = redacted(level, **more)
    assert "alice" in json.dumps(before).lower()
    assert "alice" not in json.dumps(after).lower()
    old, new = ({"things": things, "request": {}} for things in (before, after))
    assert replacement.is_valid_replacement(old, new)


@pytest.mark.parametrize("key", ["created", "created_utc", "depth", "num_comments"])
def test_redacted__text_in_a_field_of_a_number_goes(key: str) -> None:
    _, after = redacted(ALL, **{key: "secret words"})
    assert key not in after[0]["data"]
    _, after = redacted(ALL, **{key: "1700000000"})
    assert after[0]["data"][key] == "1700000000"


def test_redacted__what_others_said_and_addresses_stay() -> None:
    said = {
        "gallery_data": {"items": [{"caption": "alice_b won"}]},
        "url": "https://a.b/alice_b.png",
    }
    before, after = redacted(AUTHOR, **said, title="thanks, alice_b", score_note="bobby")
    assert after[1]["data"] == before[1]["data"]


def test_replacement__a_key_of_somebody_who_stays_must_stay() -> None:
    before, after = redacted(AUTHOR, votes={"Alice_B": 1, "bob": 2})
    del after[1]["data"]["votes"]["bob"]
    old, new = ({"things": things, "request": {}} for things in (before, after))
    assert not replacement.is_valid_replacement(old, new)


def test_redacted__control_without_the_safeguards_the_names_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "remove_keys", lambda data, _: dict(data))
    monkeypatch.setattr(removal, "FREE_TEXT_FIELDS", {"mod_note"})
    for name in ("key", "note", "deep key"):
        _, after = redacted(AUTHOR, **LEFT[name])
        assert "alice" in json.dumps(after).lower()
