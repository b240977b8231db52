"""Real web pages, read as `archive FILE` reads them, compared with what was read off by hand."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.model.capture import Capture, Thing, get_fullname
from reddit_archive.sources import saved_files
from reddit_archive.sources.saved_page.page import PAGE_KIND_KEY
from tests.conftest import SAVED_PAGES, Run

EXPECTED: Mapping[str, Any] = (
    json.loads((SAVED_PAGES / "expected.json").read_text()) if SAVED_PAGES.is_dir() else {}
)
THREADS = sorted(name for name, page in EXPECTED.items() if "comments" in page)
OTHERS = sorted(name for name, page in EXPECTED.items() if "refused" in page)
KINDS = {"new with state": "new-with-state", "new without state": "new"}
NOT_IN_NEW = ("created_utc", "score")
"""Fields that a page of new Reddit without its state does not tell."""


def load(folder: Path, name: str) -> Capture:
    (capture,) = saved_files.load(str(folder / f"{name}.html")).captures
    return capture


def list_comments(capture: Capture) -> dict[str, Thing]:
    return {get_fullname(t) or "": t for t in capture.things if t["kind"] == "t1"}


def get_post(capture: Capture) -> Mapping[str, Any]:
    (data,) = (thing["data"] for thing in capture.things if thing["kind"] == "t3")
    return data


@pytest.mark.parametrize("name", THREADS)
def test_real_page__post_and_counts(saved_pages: Path, name: str) -> None:
    expected, capture = EXPECTED[name], load(saved_pages, name)
    stubs = [thing["data"] for thing in capture.things if thing["kind"] == "more"]
    named_ids = {i for stub in stubs for i in stub["children"]}
    post = get_post(capture)
    assert len(list_comments(capture)) == expected["comments"]
    assert capture.request["page"] == KINDS.get(expected["kind"], expected["kind"])
    if expected.get("missing_ids_named") is not None:
        assert len(named_ids) == expected["missing_ids_named"]
    for key, value in expected.get("post", {}).items():
        assert value is None or post[key] == value, key


@pytest.mark.parametrize("name", THREADS)
def test_real_page__sampled_comments(saved_pages: Path, name: str) -> None:
    capture = load(saved_pages, name)
    comments = list_comments(capture)
    for sample in EXPECTED[name].get("sample", ()):
        data = comments[f"t1_{sample['id']}"]["data"]
        for key, value in sample.items():
            if value is not None:
                assert data.get(key) == value, (sample["id"], key)
    for thing in comments.values():
        assert thing["data"][PAGE_KIND_KEY] == capture.request["page"]
        if capture.request["page"] == "new":
            assert not any(key in thing["data"] for key in NOT_IN_NEW)


@pytest.mark.parametrize("name", OTHERS)
def test_real_page__other_pages_are_refused_by_name(saved_pages: Path, name: str) -> None:
    with pytest.raises(errors.OtherPageError, match="listing"):
        load(saved_pages, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", THREADS)
def test_real_page__quotes_render_as_the_page(saved_pages: Path, run: Run, name: str) -> None:
    thread_id = load(saved_pages, name).thread_id
    saved = run("save", saved_pages / f"{name}.html", "--all")
    assert saved.code == 0, saved.err
    for target in ("markdown", "jekyll", "obsidian"):
        quoted = run("quote", thread_id, "--all", "--check", "--to", target)
        assert quoted.code == 0, quoted.err


@pytest.mark.slow
def test_real_pages__no_private_data_is_written(
    saved_pages: Path, run: Run, tmp_path: Path
) -> None:
    """The pages contain words that begin with SENTINEL in place of tokens and ids of viewers."""
    log = run("--verbose", "import", saved_pages)
    run("export", "html", "site")
    run("export", "bag", "bags")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    written = [log.out.encode(), log.err.encode(), *(path.read_bytes() for path in files)]
    assert len(files) > len(THREADS)
    assert not any(b"SENTINEL" in data for data in written)
