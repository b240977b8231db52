"""The format of a snapshot: what goes in comes out, and a file is what its name says."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.archive import snapshot_format
from reddit_archive.model import capture
from tests.support.captures import is_identical
from tests.support.faults import NEW_YEAR, capture_text, essence, file_name

FILE = Path("threads/t3_abc123/file.json")

ODD: dict[str, Any] = {
    "NaN": float("nan"),
    "infinity": [float("inf"), -float("inf")],
    "lone surrogate": "\ud83d and \udc00",
    "surrogate key": {"\udfff": 1},
    "large": 2**70,
    "small": -(2**70),
    "float": 0.1 + 0.2,
    "controls": "\x00\x1b\u2028\x7f",
    "nothing": [None, {}, [], "", False, 0],
    "deep": json.loads("[" * 300 + "]" * 300),
    "emoji": "😀 Ω",
}


def stored(new_capture: capture.Capture, *, parent: str | None = None) -> snapshot_format.Snapshot:
    return snapshot_format.decode(snapshot_format.encode(new_capture, parent=parent), FILE)


@pytest.mark.parametrize("value", ODD.values(), ids=ODD.keys())
def test_decode__gives_back_what_was_encoded(value: Any) -> None:
    unknown = {"kind": "unknown", "data": value}
    post = {"kind": "t3", "data": {"name": "t3_abc123", "selftext": value}}
    new_capture = replace(capture_text("text"), things=(unknown, post), request={"value": value})
    again = stored(new_capture).capture
    assert is_identical(again, new_capture)
    assert essence(again) == essence(new_capture)
    assert (again.thread_id, again.source) == (new_capture.thread_id, new_capture.source)
    assert again.captured_at == new_capture.captured_at


def test_encode__is_stable() -> None:
    data = snapshot_format.encode(capture_text("text"), parent="0" * 64)
    assert snapshot_format.encode(stored(capture_text("text")).capture, parent="0" * 64) == data


def test_encode__is_one_line_of_ascii_in_a_fixed_order() -> None:
    data = snapshot_format.encode(capture_text("Ω\n"), parent=None)
    assert data.isascii()
    assert data.count(b"\n") == 1
    assert list(json.loads(data)) == [
        *("format", "captured_at", "tool", "source", "request"),
        *("parent", "complete", "gaps", "media", "media_gaps", "things"),
    ]


def test_encode__writes_gaps() -> None:
    more = {"kind": "more", "data": {"parent_id": "t1_c0", "children": ["d1"], "count": 3}}
    new_capture = replace(capture_text("text"), things=(*capture_text("text").things, more))
    raw = json.loads(snapshot_format.encode(new_capture, parent=None))
    assert raw["complete"] is False
    gaps = [[gap[key] for key in ("parent", "ids", "count")] for gap in raw["gaps"]]
    assert gaps == [["t1_c0", ["d1"], 3]]


@pytest.mark.parametrize("parent", [["t1_x"], {"a": 1}, None, 5, "\ud800"])
@pytest.mark.parametrize("children", [[], 5, None, "abc", {"a": 1}, [{}, None, 5]])
@pytest.mark.parametrize("count", [None, -1, 2**70, float("nan"), "many", True])
def test_encode__takes_any_stub(parent: Any, children: Any, count: Any) -> None:
    stub = {"kind": "more", "data": {"parent_id": parent, "children": children, "count": count}}
    new_capture = replace(capture_text("text"), things=capture.flatten(stub))
    assert is_identical(stored(new_capture).capture, new_capture)
    assert essence(stored(new_capture).capture) == essence(new_capture)


def test_name__is_the_time_and_the_digest_of_the_bytes() -> None:
    digest = hashlib.sha256(b"bytes").hexdigest()
    assert file_name(b"bytes") == f"20260101T000000Z-{digest}.json"
    assert snapshot_format.SNAPSHOT_NAME.fullmatch(file_name(b"", datetime(9999, 1, 1, tzinfo=UTC)))


def test_decode__refuses_a_newer_format() -> None:
    data = snapshot_format.encode(capture_text("text"), parent=None).replace(
        b"archive 1", b"archive 2", 1
    )
    with pytest.raises(errors.StoreError, match="'reddit-archive 2', which is newer") as caught:
        snapshot_format.decode(data, FILE)
    assert caught.value.hint == "Install a newer reddit-archive."


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"{}", b"null", b"{", b"[" * 100_000, b'{"format": 5}'[:-1]]
)
def test_decode__of_noise(data: bytes) -> None:
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        snapshot_format.decode(data, FILE)


@pytest.mark.parametrize("key", ["captured_at", "source", "request", "parent", "things"])
def test_decode__of_an_object_without_a_key(key: str) -> None:
    raw = json.loads(snapshot_format.encode(capture_text("text"), parent=None))
    del raw[key]
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        snapshot_format.decode(json.dumps(raw).encode(), FILE)


@pytest.mark.parametrize("parent", [None, "ab" * 32])
def test_head__is_read_without_the_things(tmp_path: Path, parent: str | None) -> None:
    data = snapshot_format.encode(capture_text('"source":"x","parent":null' * 9000), parent=parent)
    path = tmp_path / file_name(data)
    path.write_bytes(data)
    head = snapshot_format.read_header(path)
    assert (head.digest, head.parent) == (hashlib.sha256(data).hexdigest(), parent)
    assert (head.captured_at, head.source) == (NEW_YEAR, "reddit")


def test_head__of_a_damaged_file_is_what_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / file_name(b"what it was")
    path.write_bytes(b"\xff\x00")
    head = snapshot_format.read_header(path)
    assert (head.captured_at, head.digest) == (NEW_YEAR, path.stem[-64:])
    assert (head.parent, head.source) == (None, "")


def test_mismatch__of_a_name_that_is_not_ours() -> None:
    assert (
        snapshot_format.integrity_error(Path("x.json"), b"")
        == "its name is not one that this program gives"
    )


def test_load__of_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError, match="can't read"):
        snapshot_format.load(tmp_path / file_name(b""))


@pytest.mark.parametrize("parent", [None, "ab" * 32])
def test_head__behind_a_long_request(tmp_path: Path, parent: str | None) -> None:
    long_request = {"comments": [f"c{number}" for number in range(40_000)], "parent": "0" * 64}
    new_capture = replace(capture_text("text"), request=long_request)
    data = snapshot_format.encode(new_capture, parent=parent)
    (tmp_path / file_name(data)).write_bytes(data)
    head = snapshot_format.read_header(tmp_path / file_name(data))
    assert data.find(b'"complete"') > 4 * snapshot_format.HEADER_BLOCK_BYTES
    assert (head.parent, head.source) == (parent, "reddit")


@pytest.mark.parametrize("time", ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+02:00"])
def test_decode__of_a_time_that_we_do_not_write(time: str) -> None:
    raw = json.loads(snapshot_format.encode(capture_text("text"), parent=None)) | {
        "captured_at": time
    }
    with pytest.raises(errors.DamageFoundError):
        snapshot_format.decode(json.dumps(raw).encode(), FILE)
