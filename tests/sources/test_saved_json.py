"""Read single files as browsers save them."""

import html
import json
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.files import deep_json
from reddit_archive.sources import saved_json
from tests.conftest import EXAMPLES

SHORT = (EXAMPLES / "short.json").read_text()


def test_read__has_the_time_of_the_file() -> None:
    result = saved_json.read_capture(str(EXAMPLES / "short.json"))
    assert result.captured_at.timestamp() == int((EXAMPLES / "short.json").stat().st_mtime)
    assert (result.thread_id, result.source, result.is_live) == ("9bread1", "saved", False)
    assert dict(result.request) == {"file": "short.json"}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + SHORT,
        f"<html><body><pre style='x'>{html.escape(SHORT)}</pre></body></html>",
        json.dumps([json.loads(SHORT), json.loads(SHORT)]),
        json.dumps(json.loads(SHORT)[1]),
    ],
    ids=["byte order mark", "page around it", "several listings", "comments alone"],
)
def test_read__in_any_wrapping(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    assert saved_json.read_capture(str(tmp_path / "x.json")).thread_id == "9bread1"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (b"\xff words", "it is not text in UTF-8"),
        (b"\xff\xfe\x00", "is cut off or damaged"),
        (b"<html><body>Log in</body></html>", "it is a web page"),
        (SHORT[:5000].encode(), "its JSON is cut off"),
        (b"dear diary", "it is not JSON"),
        (b'{"a": 1}', "it contains no Reddit thread"),
        (b'[{"kind":"t3","data":{"id":"aa"}},{"kind":"t3","data":{"id":"bb"}}]', "2 threads"),
    ],
)
def test_read__not_a_thread_is_explained(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(errors.NotAThreadError, match=message) as caught:
        saved_json.read_capture(str(tmp_path / "x.json"))
    assert "save the page" in caught.value.hint or "again" in caught.value.hint


def test_read__nests_too_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep_json, "RECURSION_LIMIT", 20_000)
    (tmp_path / "x.json").write_bytes(b"[" * 20_000)
    with pytest.raises(errors.NotAThreadError, match="it nests too deep"):
        saved_json.read_capture(str(tmp_path / "x.json"))


def test_read__missing_file(tmp_path: Path) -> None:
    with pytest.raises(errors.NotAThreadError, match="no such file"):
        saved_json.read_capture(str(tmp_path / "none.json"))


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_read__deeply_nested_replies(count: int, tmp_path: Path) -> None:
    opened = []
    for number in range(count):
        parent = f"t1_c{number - 1}" if number else "t3_deep1"
        data = f'"id":"c{number}","link_id":"t3_deep1","parent_id":"{parent}","replies":'
        opened.append(f'{{"kind":"Listing","data":{{"children":[{{"kind":"t1","data":{{{data}')
    tree = "".join([*opened, '""', "}}]}}" * len(opened)])
    (tmp_path / "deep.json").write_text(tree)
    assert len(saved_json.read_capture(str(tmp_path / "deep.json")).things) == count
