"""The program as a user runs it: quotes, snapshots, and what is said."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from reddit_archive.archive import store
from tests.conftest import EXAMPLES, Run, write_config
from tests.support import faults, reddit_server, story

URL = "https://www.reddit.com/r/breadlog/comments/9bread1/slug/"
FILE = EXAMPLES / "short.json"


def snapshots(folder: Path) -> list[Path]:
    return sorted((folder / "archive" / "threads").glob("t3_*/*.json"))


def test_save__file_and_url_give_the_same_bytes(run: Run, reddit: reddit_server.Server) -> None:
    for name, comment in (("9bread1", "zkeep03"), ("9bread2", "zdelre2")):
        file = EXAMPLES / ("short.json" if name == "9bread1" else "everything.json")
        selection = ("--comment", comment, "--context", 2, "--replies", "all")
        from_file = run(file, *selection, "--archive", "other")
        from_url = run(f"https://www.reddit.com/comments/{name}/", *selection)
        assert (from_file.code, from_url.code) == (0, 0)
        assert from_file.out == from_url.out != ""


def test_save__second_run_prints_the_same_and_adds_nothing(
    run: Run, reddit: reddit_server.Server, tmp_path: Path
) -> None:
    first = run(URL, "--all")
    files = snapshots(tmp_path)
    second = run(URL, "--all")
    assert first.out == second.out
    assert snapshots(tmp_path) == files
    assert "Nothing new" in second.err


def test_save__whole_thread_is_one_request(run: Run, reddit: reddit_server.Server) -> None:
    assert run(URL).code == 0
    assert reddit.count() == 1


def test_save__deleted_thread_is_quoted_from_the_archive(
    run: Run, reddit: reddit_server.Server
) -> None:
    before = run(URL, "--all")
    reddit.threads["9bread1"].refuse("gone")
    after = run(URL, "--all")
    assert (after.code, after.out) == (0, before.out)
    assert "Gone from Reddit: Reddit has no such thread" in after.err
    assert "not-found" in run("log", "9bread1").out


def test_save__deleted_post_and_comment_keep_their_text(
    run: Run, reddit: reddit_server.Server, tmp_path: Path
) -> None:
    before = run(URL, "--all")
    reddit.threads["9bread1"].delete_post()
    reddit.threads["9bread1"].delete("zkeep01")
    reddit.threads["9bread1"].remove("zkeep05")
    after = run(URL, "--all")
    assert (after.code, after.out) == (0, before.out)
    assert "The post was deleted; the quote is its last stored text." in after.err
    assert len(snapshots(tmp_path)) == 2


def test_quote__works_without_the_server(run: Run, tmp_path: Path) -> None:
    with reddit_server.Server() as server:
        from tests.conftest import example

        server.add(example("short"))
        write_config(tmp_path, server)
        saved = run(URL, "--top", 2)
    quoted = run("quote", URL, "--top", 2)
    assert (quoted.code, quoted.out) == (0, saved.out)
    assert quoted.err == ""


def test_save__share_link(run: Run, reddit: reddit_server.Server) -> None:
    link = reddit.share(reddit.threads["9bread1"], "zkeep02", hops=2)
    shared = run(link)
    assert shared.code == 0
    assert shared.out == run("quote", URL, "-c", "zkeep02").out


@pytest.mark.parametrize("text", ["t1_zkeep02", f"{URL}zkeep02/?context=3", "redd.it/9bread1"])
def test_save__other_forms_of_a_reference(
    text: str, run: Run, reddit: reddit_server.Server
) -> None:
    assert run(text).code == 0


def test_save__permalink_selects_its_comment(run: Run) -> None:
    run(FILE)
    by_link = run("quote", f"{URL}zkeep03/")
    assert by_link.out == run("quote", "9bread1", "-c", "zkeep03").out


def test_save__stdin(run: Run) -> None:
    assert run("-", "--all", stdin=FILE.read_bytes()).out == run(FILE, "--all").out


def test_save__comment_beyond_the_first_page(run: Run, reddit: reddit_server.Server) -> None:
    big = reddit.add(reddit_server.generate(comments=900, seed=3))
    shown = {c["data"]["id"] for c in _things(reddit_server.page(big, limit=500))}
    hidden = next(i for i, level in big.walk() if i not in shown and level == 2)
    result = run(big.id, "-c", hidden, "--first-page")
    assert result.code == 0
    assert reddit.count() == 1
    assert "Of 900 comments, only the requested ones are here" in result.err
    assert run("quote", big.id, "-c", hidden).out == result.out


def _things(answer: object) -> list[dict[str, dict[str, str]]]:
    from reddit_archive.model import capture

    return [thing for thing in capture.flatten(answer) if thing["kind"] == "t1"]


def test_save__recorded_sessions_by_url(
    run: Run, reddit: reddit_server.Server, recordings: Path
) -> None:
    for folder in sorted((recordings / "sessions").iterdir()):
        thread = reddit.add(reddit_server.load_session(folder))
        result = run(thread.id, "--all", "--json")
        report = json.loads(result.out)
        assert result.code == 0
        assert report["comments"] + report["missing"] >= 400


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_save__every_recorded_page(step: int, run: Run, recordings: Path) -> None:
    for page in sorted((recordings / "pages").glob("*.json"))[::step]:
        ran = run(page, "--all", "-q")
        assert ran.code == 0, page.name
        assert ran.out.startswith("### ")


def test_save__says_how_to_quote_more(run: Run) -> None:
    errors = run(FILE).err
    assert "Saved t3_9bread1 with 6 comments." in errors
    assert "--all, --top N or --comment ID" in errors


def test_save__quiet_prints_nothing(run: Run) -> None:
    assert run(FILE, "-q").err == ""


def test_save__reports_an_incomplete_thread_and_exits_3_on_demand(run: Run) -> None:
    file = EXAMPLES / "everything.json"
    plain = run(file)
    assert plain.code == 0
    assert "5 comments and the replies below 1 deep comment are not fetched" in plain.err
    strict = run(file, "--require-complete")
    assert (strict.code, strict.out) == (3, plain.out)


def test_save__output_file_and_json(run: Run, tmp_path: Path) -> None:
    printed = run(FILE, "--all").out
    saved = run(FILE, "--all", "-o", "quote.md", "--json")
    assert (tmp_path / "quote.md").read_text() == printed == json.loads(saved.out)["quote"]
    assert json.loads(saved.out)["thread"] == "t3_9bread1"
    assert run(FILE, "--all", "-o", "again.md").out == ""


@pytest.mark.parametrize("name", ["--comment", "--context", "--top", "--to", "--style", "--as-of"])
def test_quote_options__require_their_value(name: str, run: Run) -> None:
    run(FILE, "-q")
    ran = run("quote", "9bread1", name)
    assert (ran.code, ran.out) == (2, "")
    assert f"Option '{name}' requires an argument." in ran.err


def test_usage_errors__are_one_line(run: Run) -> None:
    ran = run("completion")
    assert "Missing argument 'bash|zsh|fish'. Choose from: bash, zsh, fish" in ran.err


def test_search__message_names_words_or_options(run: Run) -> None:
    run(FILE, "-q")
    assert "contains all of these words.\n" in run("search", "zzz").err
    assert "and matches the options.\n" in run("search", "kitchen", "--author", "nobody").err


def test_common_options__before_or_after_the_command(run: Run, tmp_path: Path) -> None:
    run("--archive", "there", FILE)
    assert run("list", "--archive", "there").out == run("--archive", "there", "list").out != ""
    assert run("list", env={"REDDIT_ARCHIVE_DIR": "there"}).out.startswith("t3_9bread1\t")
    assert not (tmp_path / "archive").exists()


def test_list_and_log__print_stored_threads(run: Run, tmp_path: Path) -> None:
    run(FILE)
    assert run("list").out.split("\t")[:2] == ["t3_9bread1", "r/breadlog"]
    assert snapshots(tmp_path)[0].name in run("log", URL).out


def test_save__reports_changes_since_the_previous_save(run: Run, tmp_path: Path) -> None:
    monday, friday = story.write(tmp_path)
    message = "Since 2026-01-05 08:00 UTC: 1 edited, 1 deleted. `archive diff 9bread1` shows it."
    has_message = [message in run(file).err for file in (monday, friday, friday)]
    assert has_message == [False, True, False]


@pytest.mark.parametrize("has_key", [True, False])
def test_save__names_the_file_that_overrides_the_key(
    has_key: bool, run: Run, tmp_path: Path
) -> None:
    own = tmp_path / "reddit-archive" / "config.yaml"
    own.parent.mkdir()
    own.write_text("reddit: {client_id: abc}\n" if has_key else "source: auto\n")
    message = run("9bread1", "--dry-run").err
    hidden = f"Your key is in {own}, but config.yaml is read instead"
    assert (hidden in message, "There is no key" in message) == (has_key, not has_key)


def test_quote__output_folder_is_missing(run: Run) -> None:
    run(EXAMPLES / "short.json")
    ran = run("quote", "9bread1", "-o", "notes/x.md")
    assert (ran.code, "Create its folder first" in ran.err) == (1, True)


FORMS = ("json", "ndjson", "csl", "bibtex")
OVER_ALL = (
    *(("list",), ("list", "--lost"), ("reindex",), ("redact", "--deleted", "--dry-run")),
    *(("export", form) for form in FORMS),
    *(("export", "sqlite", "x"), ("export", "parquet", "x"), ("export", "bag", "x")),
    *(("export", "html", "x"), ("export", "html", "x", "--pseudonyms")),
)
OF_ONE = (
    *(("quote", "9bread1"), ("quote", "t1_zkeep01"), ("quote", EXAMPLES / "short.json")),
    *(("open", "9bread1"), ("log", "9bread1"), ("diff", "9bread1"), ("export", "json", "9bread1")),
    *(("forget", "9bread1", "--yes"), ("redact", "9bread1", "--deleted", "--yes")),
)
"""Commands that read an archive: all of it, or a thread."""


@pytest.mark.parametrize("is_folder", [False, True], ids=["nothing", "a folder"])
@pytest.mark.parametrize("command", [*OVER_ALL, *OF_ONE, ("verify",), ("search", "bread")])
def test_no_archive__is_reported_and_not_created(
    command: tuple[str, ...], is_folder: bool, run: Run, tmp_path: Path
) -> None:
    if is_folder:
        (tmp_path / "archive").mkdir()
    before = faults.listing(tmp_path)
    ran = run(*command, "--quiet")
    assert ran.err.splitlines() == [
        f"archive: there is no archive at {tmp_path}/archive.",
        "  Name its folder with --archive DIR, or `archive` in config.yaml. `archive save THREAD` "
        "creates one.",
    ]
    assert (ran.code, ran.out, faults.listing(tmp_path)) == (1, "", before)


@pytest.mark.parametrize("command", OVER_ALL)
def test_empty_archive__says_where_it_is(
    command: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    store.initialize(tmp_path / "archive")
    ran = run(*command)
    assert f"{tmp_path}/archive has no threads yet; `archive save THREAD` adds one." in ran.err
    assert (ran.code, "Nothing that is stored" in ran.err) == (0, False)
    assert not (tmp_path / "archive" / "pseudonyms.key").exists()


@pytest.mark.parametrize("command", [*OF_ONE, ("search", "bread")])
def test_empty_archive__holds_nothing_of_a_thread(
    command: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    store.initialize(tmp_path / "archive")
    ran = run(*command)
    assert ran.code == 1
    assert re.search(rf"{tmp_path}/archive (?:has|holds) no ", ran.err)


def test_verify__of_an_empty_archive_is_not_called_whole(run: Run, tmp_path: Path) -> None:
    store.initialize(tmp_path / "archive")
    ran = run("verify", "--quiet")
    assert ran.err == f"There is nothing to check: {tmp_path}/archive contains no snapshots.\n"


@pytest.mark.parametrize("command", [("list",), ("reindex",)])
def test_archive__of_damaged_threads_alone_is_not_called_empty(
    command: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    run(FILE)
    file = snapshots(tmp_path)[0]
    file.chmod(0o644)
    file.write_bytes(b"rot")
    (tmp_path / "archive" / "index.sqlite3").unlink()
    ran = run(*command)
    assert ("damaged" in ran.err, "has no thread" in ran.err) == (True, False)


def test_export__in_a_wrong_folder_leaves_the_pages_that_are_there(
    run: Run, tmp_path: Path
) -> None:
    run(FILE)
    run("export", "html", "site")
    before = faults.listing(tmp_path / "site")
    assert run("export", "html", "site", "--archive", "archvie").code == 1
    assert faults.listing(tmp_path / "site") == before


def test_verify__names_the_damaged_file(run: Run, tmp_path: Path) -> None:
    run(FILE)
    assert run("verify").code == 0
    file = snapshots(tmp_path)[0]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"bread", b"BREAD", 1))
    damaged = run("verify")
    assert damaged.code == 4
    assert str(file.relative_to(tmp_path)) in damaged.out
    assert "1 of 1 files are damaged" in damaged.err


@pytest.mark.parametrize("command", ["quote", "log", "diff"])
def test_read__a_thread_of_which_no_whole_snapshot_is_left(
    command: str, run: Run, tmp_path: Path
) -> None:
    run(FILE)
    file = snapshots(tmp_path)[0]
    file.chmod(0o644)
    file.write_bytes(b"rot")
    ran = run(command, "9bread1")
    assert (ran.code, ran.out) == (4, "")
    assert "all snapshots of the thread 9bread1 are damaged" in ran.err
    assert file.name in ran.err


def test_quote__damaged_snapshot_is_left_out_with_a_warning(
    run: Run, reddit: reddit_server.Server, tmp_path: Path
) -> None:
    run(URL)
    reddit.threads["9bread1"].edit("zkeep01", "changed")
    run(URL)
    file = snapshots(tmp_path)[0]
    file.chmod(0o644)
    file.write_bytes(b"")
    result = run("quote", "9bread1", "--all")
    assert result.code == 0
    assert file.name in result.err


def test_layout__sha256_of_a_snapshot_is_its_name(run: Run, tmp_path: Path) -> None:
    run(FILE)
    (file,) = snapshots(tmp_path)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem.split("-")[1]
    assert file.stat().st_mode & 0o777 == 0o444


def test_program__is_also_reddit_archive(run: Run) -> None:
    assert run("--version").out == "reddit-archive, version 1.1.0\n"
    assert run("--help").out.startswith("Usage: archive ")


def test_program__misspelled_command(run: Run) -> None:
    slip = run("verfy")
    assert slip.code == 2
    assert "did you mean 'verify'?" in slip.err
