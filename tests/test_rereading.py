"""Snapshots that are read one after the other read as each would alone."""

import json
from random import Random
from typing import Any

from reddit_archive.rereading import Reader


def written(*things: Any, **more: Any) -> bytes:
    raw = {"format": "x", **more, "things": list(things)}
    return json.dumps(raw, separators=(",", ":")).encode() + b"\n"


def comment(**data: Any) -> Any:
    return {"kind": "t1", "data": {"id": "a", "score": 1, "body": "text", "ups": 1, **data}}


def test_parse__as_json_does() -> None:
    reader, random = Reader(), Random(1)
    texts = ['"score":5', ',{"kind":"t1"', '"}},{"kind":"', '\\"score\\":5', "}]}\n", '"things":[']
    for _ in range(500):
        things = []
        for _ in range(random.randint(0, 4)):
            data = {
                random.choice(("score", "ups", "body", "id")): random.choice((1, -2, "x", None))
                for _ in range(3)
            }
            data["text"] = random.choice(texts)
            data["below"] = random.choice(([], {"score": 7}, [{"kind": "t1", "data": {}}]))
            things.append({"kind": random.choice(("t1", "t3", "more", "x")), "data": data})
        data = written(*things, request={"file": random.choice(texts)})
        assert reader.parse(data) == json.loads(data)


def test_parse__what_did_not_change_is_the_same_object() -> None:
    reader = Reader()
    first = reader.parse(written(comment(), comment(id="b")))["things"]
    second = reader.parse(written(comment(id="b"), comment()))["things"]
    assert second[0] is first[1]
    assert second[1] is first[0]


def test_parse__other_votes_share_the_rest_and_leave_the_first_alone() -> None:
    reader = Reader()
    first = reader.parse(written(comment()))["things"][0]
    second = reader.parse(written(comment(score=9, ups=12)))["things"][0]
    assert second["data"]["body"] is first["data"]["body"]
    assert (first["data"]["score"], second["data"]["score"], second["data"]["ups"]) == (1, 9, 12)


def test_parse__order_of_keys_stays() -> None:
    reader = Reader()
    reader.parse(written(comment()))
    data = written(comment(score=3))
    assert json.dumps(reader.parse(data), separators=(",", ":")).encode() + b"\n" == data


def test_parse__odd_things_of_kind_t1() -> None:
    reader = Reader()
    for data in (
        None,
        [],
        '"score":1',
        {"x": {"score": 1}},
        {"x": {"score": 2}},
        {"score": 10**30},
    ):
        raw = written({"kind": "t1", "data": data})
        assert reader.parse(raw) == json.loads(raw)
