"""Commands read, write, print and store file names that are not UTF-8."""

import json
import os
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest

from reddit_archive.files import file_names
from reddit_archive.workflows import local_images
from tests.conftest import EXAMPLES, Run
from tests.support import reddit_server as rs

NAME = os.fsdecode(b"caf\xe9")
MARKERS = "<!-- reddit: 9bread1 --no-post -c zkeep03 -->\n<!-- /reddit -->\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    try:
        (tmp_path / f"{NAME}.json").write_bytes((EXAMPLES / "short.json").read_bytes())
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    return tmp_path


def test_make_readable__shows_the_byte() -> None:
    assert file_names.make_readable(NAME) == "caf\\xe9"
    assert file_names.make_readable("café 🍞 \ud83d") == "café 🍞 \ufffd"


@pytest.mark.parametrize(
    "text", [NAME, "é 🍞", "\\udce9", "\\\\udce9\ud83d", f"\\{NAME}\udcff", "a"]
)
def test_make_json_readable__every_parser_reads_it(text: str) -> None:
    written = file_names.make_json_readable(json.dumps([text]))
    assert orjson.loads(written) == json.loads(written) == [file_names.make_readable(text)]


def test_save_and_quote__read_and_write_it(run: Run, folder: Path) -> None:
    for command in (
        ("save", f"{NAME}.json"),
        ("save", f"{NAME}.json", "-o", f"save-{NAME}.md", "--images", "local"),
        ("quote", "9bread1", "-o", f"quote-{NAME}.md"),
        ("import", f"{NAME}.json"),
    ):
        ran = run(*command)
        assert (ran.code, "should not have happened" in ran.err) == (0, False), command
    assert (folder / f"quote-{NAME}.md").stat().st_size > 100
    (snapshot,) = folder.glob("archive/threads/*/*.json")
    assert orjson.loads(snapshot.read_bytes())["request"]["file"] == "caf\\xe9.json"


def test_refresh__a_page_and_a_folder(run: Run, folder: Path) -> None:
    run(EXAMPLES / "short.json")
    (folder / NAME).mkdir()
    pages = [folder / f"{NAME}.md", folder / NAME / f"{NAME}.md"]
    for path in pages:
        path.write_text(MARKERS)
    ran = run("refresh", f"{NAME}.md", NAME, "--offline")
    assert (ran.code, ran.err.count("Renewed caf\\xe9")) == (0, 2)
    assert all("crumb_counter" in path.read_text() for path in pages)
    assert run("refresh", NAME, "--offline", "--check").code == 0


def test_refresh__findings_show_the_name(run: Run, folder: Path) -> None:
    (folder / f"{NAME}.md").write_text(MARKERS)
    ran = run("refresh", f"{NAME}.md", "--offline")
    assert (ran.code, ran.out[:13]) == (3, "caf\\xe9.md:1:")
    ran = run("refresh", f"{NAME}.md", "--offline", "--json")
    assert orjson.loads(ran.out)["page"] == "caf\\xe9.md"


def test_batch__reads_a_list_and_writes_quotes(run: Run, folder: Path, reddit: rs.Server) -> None:
    (folder / f"{NAME}.txt").write_text("9bread1\nnonsense here\n")
    ran = run("batch", f"{NAME}.txt", "--json", "-o", NAME, "--images", "local")
    lines = [orjson.loads(line) for line in ran.out.splitlines()]
    assert {origin for line in lines for origin in line["origins"]} >= {"caf\\xe9.txt:1"}
    assert [path.name[:7] for path in (folder / NAME).rglob("*.md")] == ["9bread1"]


def test_export_and_import__paths_are_printed(run: Run, folder: Path) -> None:
    run(EXAMPLES / "short.json")
    for kind in ("json", "ndjson", "csl", "bibtex"):
        assert run("export", kind, "-o", f"{NAME}.{kind}").code == 0
    for kind in ("sqlite", "parquet"):
        assert run("export", kind, f"{NAME}.{kind}").code == 0
    for kind in ("bag", "html"):
        ran = run("export", kind, f"{NAME}-{kind}")
        assert (ran.code, ran.out[:9]) == (0, f"caf\\xe9-{kind[0]}")
    assert run("import", f"{NAME}-bag").code == 0


def test_import__subreddit_that_is_not_utf_8(run: Run, folder: Path) -> None:
    done = run("import", EXAMPLES / "dump.ndjson", "--subreddit", NAME)
    assert "should not have happened" not in done.err
    assert not (folder / "archive/threads").exists()


def test_archive_and_config__in_such_a_folder(run: Run, folder: Path) -> None:
    (folder / f"{NAME}.yaml").write_text((folder / "config.yaml").read_text())
    own = ("--archive", NAME, "--config", f"{NAME}.yaml")
    for command in (
        ("save", f"{NAME}.json"),
        *(("list",), ("verify",), ("reindex",), ("log", "9bread1", "--json")),
        *(("search", "starter"), ("export", "html", "site"), ("quote", "9bread1")),
    ):
        assert run(*command, *own).code == 0, command
    (snapshot,) = folder.glob(f"{NAME}/threads/*/*.json")
    snapshot.chmod(0o644)
    snapshot.write_text("rot")
    ran = run("verify", *own)
    assert (ran.code, ran.out[:16]) == (4, "caf\\xe9/threads/")


def test_images__url_of_their_folder() -> None:
    assert local_images._folder_url(Path(f"{NAME}-media")) == "caf%E9-media"
    assert local_images._folder_url(Path("a b-media")) == "a%20b-media"


def test_images__control_name_as_text_has_no_url() -> None:
    with pytest.raises(UnicodeEncodeError):
        quote(NAME)
