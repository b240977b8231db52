"""The public interface: the examples of docs/api.md run, and it gives what the commands give."""

import hashlib
import logging
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import reddit_archive
from reddit_archive import Archive, QuoteKeywords, errors, load_settings
from reddit_archive.quote import Selection
from reddit_archive.quote.blocks.options import QuoteOptions
from tests.conftest import EXAMPLES, ROOT, Run

PAGE = ROOT / "docs" / "api.md"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "archive")
    archive.save(EXAMPLES / "short.json")
    return archive


def test_page__examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    shutil.copy(ROOT / "config.example.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 10
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    out = capsys.readouterr().out
    assert "9bread1 [Question] Half the threads" in out
    assert "has no comment zzzzz" in out


def test_page__names_every_option() -> None:
    text = PAGE.read_text()
    assert [name for name in QuoteKeywords.__annotations__ if f"`{name}`" not in text] == []


def test_keywords__are_the_quote_options() -> None:
    names = [item.name for cls in (Selection, QuoteOptions) for item in fields(cls)]
    names.remove("selection")
    assert [*QuoteKeywords.__annotations__] == names


def test_package__loads_the_interface_lazily() -> None:
    code = (
        "import sys, reddit_archive\n"
        "assert 'reddit_archive.workflows' not in sys.modules\n"
        "assert reddit_archive.Archive.__module__ == 'reddit_archive.workflows.api'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_package__has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Arkive'"):
        _ = reddit_archive.Arkive


def test_quote__is_that_of_the_command(archive: Archive, run: Run) -> None:
    quoted = run("quote", "9bread1", "-c", "zkeep03", "--context", "1", "--to", "html", "--no-post")
    assert quoted.out == archive.quote(
        "9bread1", comments=["zkeep03"], context=1, target="html", has_post=False
    )


def test_save__gives_the_thread(archive: Archive) -> None:
    again = archive.save([EXAMPLES / "short.json"])
    assert (again.id, again.is_new, len(again.thread.comments)) == ("9bread1", False, 6)
    assert again.quote(everything=True) == archive.quote("9bread1", everything=True)


def test_quote__an_address_selects_its_comment(archive: Archive) -> None:
    url = "https://www.reddit.com/r/breadlog/comments/9bread1/x/zkeep06/"
    assert archive.quote(url) == archive.quote("9bread1", comments=["zkeep06"])


def test_quote__unknown_names_are_errors(archive: Archive) -> None:
    with pytest.raises(errors.InvalidOptionsError, match="unknown quote option 'all'"):
        archive.quote("9bread1", all=True)  # type: ignore[call-arg]
    with pytest.raises(errors.InvalidOptionsError, match="unknown target 'word'"):
        archive.quote("9bread1", target="word")
    with pytest.raises(errors.InvalidOptionsError, match="as of another time"):
        archive.load("9bread1").quote(as_of="2026-01-01")


def test_load__thread_is_not_stored(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(errors.NotArchivedError):
        archive.load("nothere")
    with pytest.raises(errors.NotArchivedError):
        archive.load("9bread1", as_of="2001-01-01")
    with pytest.raises(errors.NotArchivedError):
        next(Archive(tmp_path / "none").threads())


def test_verify__names_a_damaged_file(archive: Archive) -> None:
    assert archive.verify().is_intact
    file = next(archive.folder.rglob("t3_*/*.json"))
    file.chmod(0o644)
    file.write_text("{}")
    result = archive.verify()
    assert (result.file_count, result.is_intact) == (1, False)
    assert result.findings[0][0] == file


def test_verify__counts_files_as_the_command_does(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    file = next((tmp_path / "archive").rglob("t3_*/*.json"))
    data = file.read_bytes().replace(b"reddit-archive 1", b"reddit-archive 9", 1)
    name = f"{file.name[:17]}{hashlib.sha256(data).hexdigest()}.json"
    file.with_name(name).write_bytes(data)
    result = Archive(tmp_path / "archive").verify()
    assert (result.file_count, result.is_intact) == (2, True)
    assert "1 of 2 files" in run("verify").err


def test_settings__come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("quote: {target: jekyll}\n")
    settings = load_settings(tmp_path / "config.yaml")
    archive = Archive(tmp_path / "archive", settings=settings)
    archive.save(EXAMPLES / "short.json")
    assert archive.quote("9bread1") == archive.quote("9bread1", target="jekyll")


def test_messages__go_to_the_log(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    archive.import_files(EXAMPLES / "short.json")
    file = next(archive.folder.rglob("t3_*/*.json"))
    (file.parent / file.name.replace(file.name[17:25], "00000000")).write_bytes(b"{}")
    with caplog.at_level(logging.WARNING, logger="reddit_archive"):
        archive.load("9bread1")
    assert "Left out: " in caplog.text


def test_load_settings__reads_the_users_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config" / "reddit-archive"
    folder.mkdir(parents=True)
    (folder / "credentials.yaml").write_text("reddit: {client_id: of-the-user}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    assert load_settings().reddit["client_id"] == "of-the-user"


@pytest.mark.parametrize(
    "options",
    [
        {"min_score": "x"},
        {"min_score": 1.5},
        {"min_score": float("nan")},
        {"top": -1},
        {"top": "x"},
        {"target": 5},
    ],
)
def test_quote__checks_values_as_the_command_does(archive: Archive, options: Any) -> None:
    with pytest.raises(errors.InvalidOptionsError):
        archive.quote("9bread1", **options)


def test_quote__one_comment_may_be_a_text(archive: Archive) -> None:
    one = archive.quote("9bread1", comments="zkeep05")
    assert one == archive.quote("9bread1", comments=["zkeep05"])


def test_save__without_a_reference_is_an_error(archive: Archive) -> None:
    with pytest.raises(errors.InvalidReferenceError, match="no thread is named"):
        archive.save([])
