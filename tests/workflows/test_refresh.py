"""Blocks in pages are updated in place or checked. Everything else stays unchanged."""

import json
import re
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from click.testing import CliRunner

from reddit_archive.archive import store
from reddit_archive.cli import program
from reddit_archive.workflows import block_quotes
from tests.conftest import EXAMPLES, Ran, Run
from tests.support import reddit_server as rs
from tests.support import sites

BLOCK = "<!-- reddit: https://redd.it/9bread1 --comment zkeep03 --no-post -->\n<!-- /reddit -->\n"
PAGE = f"# Notes\n\nBefore\n\n{BLOCK}\nAfter, without a final newline"


@pytest.fixture
def page(tmp_path: Path, reddit: rs.Server) -> Path:
    path = tmp_path / "page.md"
    path.write_bytes(PAGE.encode())
    return path


MANY = [f"a{number:02}" for number in range(48)]
"""More threads than one process handles alone."""


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def kinds(out: str) -> list[str]:
    return [line.split(": ")[1] for line in out.splitlines()]


def test_refresh__fills_the_block_and_leaves_the_rest(run: Run, page: Path) -> None:
    result = run("refresh", page)
    before, after = PAGE.split("<!-- /reddit -->")
    text = page.read_text()
    assert (result.code, result.out) == (0, "")
    assert text.startswith(before)
    assert re.search(r"\n<!-- /reddit sha256:[0-9a-f]{16} -->\Z", text.removesuffix(after))
    assert run("quote", "9bread1", "-c", "zkeep03", "--no-post").out.strip() in text


def test_refresh__twice_changes_no_byte(run: Run, page: Path) -> None:
    run("refresh", page)
    first = (page.read_bytes(), page.stat().st_mtime_ns)
    run("refresh", page)
    assert (page.read_bytes(), page.stat().st_mtime_ns) == first
    assert run("refresh", page, "--check").code == 0


def test_refresh__a_share_link_and_a_comment_alone(run: Run, page: Path, reddit: rs.Server) -> None:
    link = reddit.share(reddit.threads["9bread1"], "zkeep03")
    page.write_text(BLOCK.replace("https://redd.it/9bread1 --comment zkeep03", link))
    assert run("refresh", page).code == 0
    assert "crumb_counter" in page.read_text()
    page.write_text(BLOCK.replace("https://redd.it/9bread1 --comment zkeep03", "t1_zkeep03"))
    assert run("refresh", page).code == 0
    assert run("refresh", page, "--check", "--offline").code == 0


def test_refresh__leaves_failed_blocks_unchanged(run: Run, page: Path, reddit: rs.Server) -> None:
    page.write_text(PAGE + "\n\n" + BLOCK.replace("zkeep03", "zzzzzz") + BLOCK)
    result = run("refresh", page)
    assert result.code == 3
    assert kinds(result.out) == ["failed"]
    assert page.read_text().count("crumb_counter") > page.read_text().count("zzzzzz") == 1


def test_refresh__offline_sends_no_request(run: Run, page: Path, reddit: rs.Server) -> None:
    result = run("refresh", page, "--offline")
    assert (result.code, reddit.count(), page.read_bytes()) == (3, 0, PAGE.encode())


def test_refresh__folder_and_front_matter(run: Run, page: Path, tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    other = tmp_path / "posts" / "one.markdown"
    other.write_text(f"---\nreddit:\n  style: dated\n---\n{BLOCK}")
    (tmp_path / "posts" / "two.txt").write_text(BLOCK)
    assert run("refresh", "posts").code == 0
    assert "2024-04-14" in other.read_text()
    assert (tmp_path / "posts" / "two.txt").read_text() == BLOCK


def test_refresh__an_unreadable_page_is_one_sentence(run: Run, tmp_path: Path) -> None:
    result = run("refresh", "nowhere.md")
    assert (result.code, "can't read the page nowhere.md" in result.err) == (2, True)


def test_refresh__keeps_edits_made_during_a_request(
    page: Path, reddit: rs.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor saves the page after the program has read it and before it writes it."""
    monkeypatch.chdir(page.parent)
    real = block_quotes.write_quote

    def slowly(*args: Any, **kwargs: Any) -> str:
        if "a new line" not in page.read_text():
            page.write_text(f"a new line\n\n{page.read_text()}")
        return real(*args, **kwargs)

    monkeypatch.setattr(block_quotes, "write_quote", slowly)
    assert CliRunner().invoke(program, ["refresh", str(page)]).exit_code == 0
    assert page.read_text().startswith("a new line\n\n# Notes")
    assert "crumb_counter" in page.read_text()
    assert [path.name for path in page.parent.glob("*.part")] == []


def test_refresh__leaves_a_read_only_page(run: Run, page: Path) -> None:
    page.chmod(0o444)
    result = run("refresh", page)
    assert (result.code, page.read_bytes()) == (1, PAGE.encode())
    assert "page.md: it is read-only" in result.err


def test_refresh__skips_links_and_folders_named_like_pages(
    run: Run, page: Path, tmp_path: Path
) -> None:
    (tmp_path / ".#page.md").symlink_to("somebody@host.4711")  # the lock of an editor
    (tmp_path / "folder.md").mkdir()
    assert run("refresh", ".").code == 0
    assert "crumb_counter" in page.read_text()


@pytest.mark.slow
def test_batch__unchanged_links_of_a_page_take_few_requests(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    held = [reddit.add(rs.generate(4, depth=2, seed=seed)) for seed in range(100, 300)]
    (tmp_path / "links.md").write_text(
        "".join(f"* [{t.id}](https://www.reddit.com{t.post['permalink']})\n" for t in held)
    )
    run("batch", "links.md")
    reddit.reset_log()
    began = perf_counter()
    assert "200 unchanged." in run("batch", "links.md").err
    assert perf_counter() - began < 15  # 2 s on a machine with nothing else to do
    assert reddit.count() <= 1 + 200 * 5 // 100


# Checks


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_refresh__reports_a_page_without_blocks(
    check: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "slip.md").write_text(
        BLOCK.replace("reddit:", "redit:").replace("/reddit", "/redit")
    )
    ran = run("refresh", "slip.md", "--offline", *check)
    assert (ran.code, ran.out) == (0, "")
    assert "There is no quote block" in ran.err


def test_check__writes_nothing(run: Run, page: Path, tmp_path: Path) -> None:
    run("9bread1")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = run("refresh", page, "--check")
    assert (result.code, kinds(result.out)) == (1, ["missing"])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_check__thread_is_not_archived(run: Run, page: Path) -> None:
    result = run("refresh", page, "--check")
    assert (result.code, kinds(result.out)) == (1, ["missing"])
    assert result.out.startswith("page.md:5: missing: ") or ":5: missing: " in result.out


def test_check__block_edited_by_hand(run: Run, page: Path) -> None:
    run("refresh", page)
    page.write_text(page.read_text().replace("Starter", "Sourdough"))
    result = run("refresh", page, "--check")
    assert (result.code, kinds(result.out)) == (1, ["stale"])


def test_check__an_edited_comment(run: Run, page: Path, reddit: rs.Server) -> None:
    run("refresh", page)
    reddit.threads["9bread1"].edit("zkeep03", "something else")
    result = run("refresh", page, "--check")
    assert (result.code, kinds(result.out)) == (1, ["edited"])
    assert run("refresh", page, "--check", "--offline").code == 0
    run("refresh", page)
    assert "something else" in page.read_text()
    assert run("refresh", page, "--check").code == 0


def test_check__a_deleted_comment(run: Run, page: Path, reddit: rs.Server) -> None:
    run("refresh", page)
    reddit.threads["9bread1"].delete("zkeep03")
    result = run("refresh", page, "--check")
    assert (result.code, kinds(result.out)) == (1, ["deleted"])
    before = page.read_bytes()
    run("refresh", page)
    assert page.read_bytes() == before
    assert kinds(run("refresh", page, "--check", "--offline").out) == ["deleted"]
    assert run("refresh", page, "--check", "--lost-ok").code == 0


def test_check__catches_a_check_without_requests(run: Run, page: Path, reddit: rs.Server) -> None:
    def offline(*args: object) -> Ran:
        return run(*args, *(["--offline"] if "--check" in args else []))

    for test in (test_check__an_edited_comment, test_check__a_deleted_comment):
        page.write_bytes(PAGE.encode())
        with pytest.raises(AssertionError):
            test(offline, page, reddit)


def test_check__catches_a_check_that_compares_nothing(
    run: Run, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("refresh", page)
    page.write_text(page.read_text().replace("Starter", "Sourdough"))
    monkeypatch.chdir(page.parent)
    words = ["refresh", str(page), "--check"]
    assert CliRunner().invoke(program, words).stdout.count("stale") == 1
    monkeypatch.setattr(
        "reddit_archive.quote.blocks.pages.replace_quotes", lambda text, quotes: text
    )
    assert CliRunner().invoke(program, words).stdout.count("stale") == 0


def test_check__an_unknown_id_and_a_broken_block(run: Run, page: Path) -> None:
    run("9bread1")
    page.write_text(BLOCK.replace("zkeep03", "zzzzzz") + "<!-- reddit: 9bread1 --colour red -->\n")
    result = run("refresh", page, "--check", "--json")
    found = [json.loads(line) for line in result.out.splitlines()]
    assert [(each["line"], each["kind"]) for each in found] == [(1, "failed"), (3, "broken")]


def test_check__comments_that_are_not_quoted_do_not_matter(
    run: Run, page: Path, reddit: rs.Server
) -> None:
    run("refresh", page)
    reddit.threads["9bread1"].edit("zkeep02", "elsewhere")
    assert run("refresh", page, "--check").code == 0
    assert reddit.requests("info")[-1].query["id"] == "t1_zkeep03"


def test_example__is_up_to_date(run: Run) -> None:
    run(EXAMPLES / "short.json")
    assert run("refresh", EXAMPLES / "notes.md", "--check", "--offline").code == 0


# Many blocks, by one process and by several


def test_refresh__two_processes_write_the_same_pages(run: Run, tmp_path: Path) -> None:
    pages = sites.quoting(tmp_path, MANY)
    path = store.read_headers(tmp_path / "archive", MANY[0])[0].path
    path.chmod(0o644)
    path.write_bytes(b"rot")
    before, ran, written = files(pages), [], []
    for number in (1, 2):
        for name, data in before.items():
            (pages / name).write_bytes(data)
        done = run("refresh", pages, "--offline", "--workers", number)
        checked = run("refresh", pages, "--offline", "--check", "--json", "--workers", number)
        ran.append((done, checked))
        written.append(files(pages))
    assert ran[0] == ran[1]
    assert written[0] == written[1] != before
    assert [done.code for done in ran[0]] == [3, 1]
    assert ran[0][0].err.count("Left out") == 1  # once for all of the blocks
    found = {json.loads(line)["kind"] for line in ran[0][1].out.splitlines()}
    assert found == {"broken", "missing", "failed", "deleted"}
    assert len(list((pages / "00-media").iterdir())) == 2


@pytest.mark.slow
def test_check__two_processes_find_an_edit(run: Run, reddit: rs.Server, tmp_path: Path) -> None:
    """Texts are compared by hashes that differ between processes."""
    held = [reddit.add(rs.generate(2, depth=2, seed=seed)) for seed in range(100, 142)]
    (tmp_path / "page.md").write_text(
        "".join(f"<!-- reddit: {each.id} --all -->\n<!-- /reddit -->\n" for each in held)
    )
    assert run("refresh", "page.md", "--workers", 2).code == 0
    assert run("refresh", "page.md", "--check", "--workers", 2).out == ""
    for each in held[::20]:
        each.edit(next(iter(each.comments)), "something else")
    ran = [run("refresh", "page.md", "--check", "--workers", number) for number in (1, 2)]
    assert ran[0] == ran[1]
    assert kinds(ran[0].out) == ["edited"] * 3
