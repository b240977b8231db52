"""Snapshots that are read one after the other read as each would alone."""

import json
import tracemalloc
from random import Random
from typing import Any

import pytest

from reddit_archive.archive.snapshot_reader import IncrementalReader


def written(*things: Any, **more: Any) -> bytes:
    raw = {"format": "x", **more, "things": list(things)}
    return json.dumps(raw, separators=(",", ":")).encode() + b"\n"


def comment(**data: Any) -> Any:
    return {"kind": "t1", "data": {"id": "a", "score": 1, "body": "text", "ups": 1, **data}}


def test_parse__as_json_does() -> None:
    reader, random = IncrementalReader(), Random(1)
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
    reader = IncrementalReader()
    first = reader.parse(written(comment(), comment(id="b")))["things"]
    second = reader.parse(written(comment(id="b"), comment()))["things"]
    assert second[0] is first[1]
    assert second[1] is first[0]


def test_parse__other_votes_share_the_rest_and_leave_the_first_alone() -> None:
    reader = IncrementalReader()
    first = reader.parse(written(comment()))["things"][0]
    second = reader.parse(written(comment(score=9, ups=12)))["things"][0]
    assert second["data"]["body"] is first["data"]["body"]
    assert (first["data"]["score"], second["data"]["score"], second["data"]["ups"]) == (1, 9, 12)


def test_parse__order_of_keys_stays() -> None:
    reader = IncrementalReader()
    reader.parse(written(comment()))
    data = written(comment(score=3))
    assert json.dumps(reader.parse(data), separators=(",", ":")).encode() + b"\n" == data


def test_parse__odd_things_of_kind_t1() -> None:
    reader = IncrementalReader()
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


@pytest.mark.parametrize("odd", [True, 1.0, None, "1", [], {"a": 1}, float("nan"), 2**70])
def test_parse__what_is_equal_in_python_alone_stays_what_it_is(odd: Any) -> None:
    reader = IncrementalReader(
        [{"kind": "t1", "data": {"name": "t1_abc", "likes": 1, "below": [1]}}]
    )
    for value in (1, odd, [odd], {"x": odd}, [1], [True]):
        data = written(comment(name="t1_abc", likes=value, below=value))
        assert json.dumps(reader.parse(data)) == json.dumps(json.loads(data))


def test_parse__takes_what_is_here_already() -> None:
    here = comment(name="t1_abc", body="a long text")
    found = IncrementalReader([here]).parse(written(comment(name="t1_abc", body="a long text")))[
        "things"
    ]
    moved = IncrementalReader([here]).parse(
        written(comment(name="t1_abc", body="a long text", ups=5))
    )
    assert found[0] is here
    assert moved["things"][0]["data"]["body"] is here["data"]["body"]
    assert moved["things"][0]["data"]["ups"] == 5


@pytest.mark.parametrize("has_text", [True, False])
def test_parse__many_snapshots_read_as_json_does(has_text: bool) -> None:
    """Comments come, go, move, change places and votes; some votes are no plain numbers."""
    reader, random = IncrementalReader(has_cache=has_text), Random(4)
    odd = (1, -7, 10**17, 10**30, 1.5, True, None, "5", [5], {"score": 5}, -0.0, 1e300)
    comments = [comment(name=f"t1_c{number:06}", body=f"text {number}") for number in range(300)]
    for _ in range(60):
        for each in random.sample(comments, 40):
            field = random.choice(("score", "ups", "likes", "body"))
            each["data"] |= {field: random.choice(odd if random.random() < 0.5 else (3, 4))}
        random.shuffle(comments) if random.random() < 0.2 else None
        data = written(*comments[random.randrange(20) :])
        assert json.dumps(reader.parse(data)) == json.dumps(json.loads(data))


def test_parse__keeps_no_text_of_what_is_read_once() -> None:
    """What is kept of a thread is its things, once."""
    data = written(*(comment(name=f"t1_c{n:06}", body=f"{n}" * 200) for n in range(2000)))
    reader = IncrementalReader(has_cache=False)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    raw = reader.parse(data)
    with_reader = tracemalloc.get_traced_memory()[0] - before
    del reader
    alone = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(raw["things"]) == 2000
    assert with_reader - alone < len(data) / 4
