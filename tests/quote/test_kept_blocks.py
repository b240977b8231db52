"""`refresh` keeps blocks that were edited by hand, written by the user, or have a broken marker."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.quote.blocks import digest, options
from reddit_archive.quote.blocks import pages as blocks
from tests.conftest import EXAMPLES, Run

START = "<!-- reddit: 9bread1 --comment zkeep03 --no-post --no-heading -->\n"
BLOCK = f"{START}<!-- /reddit -->\n"
QUOTE = "> [a](https://www.reddit.com/user/a/)\n>\n> Words.\n"


@pytest.fixture
def file(run_short: Run, tmp_path: Path) -> Path:
    """Return a page with one updated block."""
    path = tmp_path / "page.md"
    path.write_text(f"# Notes\n\n{BLOCK}\nMy own text.\n")
    assert run_short("refresh", path, "--offline").code == 0
    return path


def edit(path: Path, change: Callable[[bytes], bytes]) -> bytes:
    changed = change(path.read_bytes())
    assert changed != path.read_bytes()
    path.write_bytes(changed)
    return changed


def findings(out: str) -> list[tuple[int, str]]:
    lines = map(json.loads, out.splitlines())
    return [(each["line"], each["kind"]) for each in lines]


# Digests


def test_refresh__writes_a_digest_once(run: Run, file: Path) -> None:
    (found,) = blocks.find_blocks(file.read_text())
    assert digest.matches(found.content, found.digest)
    first = (file.read_bytes(), file.stat().st_mtime_ns)
    assert run("refresh", file, "--offline").err == ""
    assert (file.read_bytes(), file.stat().st_mtime_ns) == first


def test_refresh__reports_lines_of_the_updated_page(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    path = tmp_path / "page.md"
    path.write_text(f"{BLOCK}\n{START}My own text.\n<!-- /reddit -->\n\n{START}")
    ran = run("refresh", path, "--offline", "--json")
    lines = path.read_text().splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("<!-- reddit:")]
    assert findings(ran.out) == [(starts[1], "kept"), (starts[2], "broken")]
    assert f"line {lines.index('My own text.') + 1} is not part of a quote" in ran.out


def test_refresh__keeps_an_edited_quote(run: Run, file: Path) -> None:
    changed = edit(file, lambda data: data.replace(b"[crumb", b"[Crumb", 1))
    ran = run("refresh", file, "--offline", "--json")
    assert (ran.code, findings(ran.out)) == (3, [(3, "kept")])
    assert "changed by hand" in ran.out
    assert file.read_bytes() == changed
    ran = run("refresh", file, "--offline", "--check", "--json")
    assert (ran.code, findings(ran.out)) == (1, [(3, "stale")])
    assert "changed by hand" in ran.out
    assert "--force" in ran.out


def test_refresh__replaces_an_edited_quote_with_force(run: Run, file: Path) -> None:
    before = file.read_bytes()
    edit(file, lambda data: data.replace(b"[crumb", b"[Crumb", 1))
    assert run("refresh", file, "--offline", "--force").code == 0
    assert file.read_bytes() == before


def test_refresh__force_and_check_are_exclusive(run: Run, file: Path) -> None:
    ran = run("refresh", file, "--offline", "--force", "--check")
    assert (ran.code, "--force" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n>\n", b"\n> \n"),
        lambda data: data.replace(b".\n", b".  \n"),
        lambda data: data.replace(b"\n\n> [", b"\n> ["),
        lambda data: data.replace(b"\n>", b"\n  >"),
    ],
    ids=["CRLF", "space after the mark", "space at the end", "no blank line", "indented"],
)
def test_refresh__white_space_is_not_an_edit(
    change: Callable[[bytes], bytes], run: Run, file: Path
) -> None:
    edit(file, change)
    assert run("refresh", file, "--offline").code == 0
    assert run("refresh", file, "--offline", "--check").code == 0


def test_refresh__replaces_a_quote_that_a_later_version_writes_differently(
    run: Run, file: Path
) -> None:
    before = file.read_bytes()
    older = blocks.write_block(
        "9bread1", options.parse("x -c zkeep03 --no-post --no-heading")[1], "Other *words*.\n"
    )
    file.write_text(f"# Notes\n\n{older}\nMy own text.\n")
    assert run("refresh", file, "--offline").code == 0
    assert file.read_bytes().split(b"-->\n", 1)[1] == before.split(b"-->\n", 1)[1]


def test_refresh__current_quote_with_another_digest(run: Run, file: Path) -> None:
    """A merge of two branches may leave the digest of the other branch."""
    before = file.read_bytes()
    edit(file, lambda data: data.replace(b"sha256:", b"sha256:0"))
    assert run("refresh", file, "--offline").code == 0
    assert file.read_bytes() == before


def test_refresh__printed_block_is_current(run: Run, file: Path) -> None:
    for command in ("quote", "save"):
        options = () if command == "quote" else ("--no-media",)
        thread = "9bread1" if command == "quote" else EXAMPLES / "short.json"
        ran = run(command, thread, "-c", "zkeep03", "--no-post", "--block", *options)
        file.write_text(ran.out)
        assert "<!-- /reddit sha256:" in ran.out
        assert run("refresh", file, "--offline", "--check").code == 0
        assert (run("refresh", file, "--offline").code, file.read_text()) == (0, ran.out)


# Without a digest, as version 1.0 wrote it


def test_refresh__adds_a_digest_to_a_quote_of_version_1_0(run: Run, file: Path) -> None:
    signed = file.read_text()
    file.write_text(digestless := signed.partition(" sha256:")[0] + " -->\n\nMy own text.\n")
    assert run("refresh", file, "--offline", "--check").code == 0
    assert file.read_text() == digestless
    assert run("refresh", file, "--offline").code == 0
    assert file.read_text() == signed


def test_refresh__replaces_an_older_quote_and_keeps_own_text(run: Run, file: Path) -> None:
    signed = file.read_text()
    file.write_text(f"# Notes\n\n{START}{QUOTE}<!-- /reddit -->\n\nMy own text.\n")
    assert run("refresh", file, "--offline").code == 0
    assert file.read_text() == signed
    file.write_text(text := f"{START}{QUOTE}\nMy own text.\n\n{QUOTE}<!-- /reddit -->\n")
    ran = run("refresh", file, "--offline")
    assert (ran.code, file.read_text()) == (3, text)
    assert ":1: kept: line 6 is not part of a quote" in ran.out


# Markers with a mistake


@pytest.mark.parametrize(
    "line",
    [
        "<!-- reddit 9bread1 -->",
        "<!-- reddit 9bread1 --no-post -->",
        "<!-- Reddit: 9bread1 -->",
        "<!-- REDDIT: abcdefg -->",
        "<!-- reddit : 9bread1 -->",
        "<!-- reddit; 9bread1 -->",
        "<!-- reddit https://redd.it/9bread1 -->",
        "<!– reddit: 9bread1 –>",  # noqa: RUF001
        "<!— reddit: 9bread1 —>",
        "<!- reddit: 9bread1 ->",
        "<-- reddit: 9bread1 -->",
        "<! -- reddit: 9bread1 -->",
        "<!-- reddit: 9bread1",
        "<!-- reddit: 9bread1 ->",
        "<!-- reddit: 9bread1 --> text",
        "<!-- reddit: 9bread1 --><!-- /reddit -->",
        "<!-- / reddit -->",
        "<!-- /Reddit -->",
        "<!-- \\reddit -->",
        "<!-- /reddit: -->",
        "<!-- /reddit sha256:12 -->",
        "<!-- /reddit",
        "<!— /reddit —>",
    ],
)
def test_marker__mistake_is_reported(line: str) -> None:
    found = blocks.find_blocks(f"Text\n\n{line}\n\nText\n")
    assert [each.line for each in found] == [3]
    assert "on one line" in found[0].problem


@pytest.mark.parametrize(
    "line",
    [
        "<!-- reddit and its users -->",
        "<!-- Reddit: our own notes -->",
        "<!-- reddit -->",
        "<!-- redditors: 5 -->",
        "<!-- see reddit: 9bread1 -->",
        "<!-- /reddit-old -->",
        '<Reddit url="https://redd.it/9bread1" />',
        "<reddit: 9bread1>",
        "</reddit>",
        "Text <!-- Reddit: 9bread1 -->",
    ],
)
def test_marker__comment_about_reddit_is_ignored(line: str) -> None:
    assert blocks.find_blocks(f"Text\n\n{line}\n\nText\n") == []


@pytest.mark.parametrize("end", ["<!--/reddit-->", "<!--/reddit -->", "<!-- /reddit-->"])
def test_marker__needs_no_spaces(end: str) -> None:
    text = f"<!--reddit: 9bread1-->\n{end}\n"
    (found,) = blocks.find_blocks(text)
    assert (found.problem, found.reference) == ("", "9bread1")
    written = blocks.replace_quotes(text, {found: QUOTE})
    assert written.endswith(
        end.replace("/reddit", f"/reddit sha256:{digest.compute(QUOTE)}") + "\n"
    )
    assert blocks.replace_quotes(written, {blocks.find_blocks(written)[0]: QUOTE}) == written


def test_marker__mistake_inside_a_block_keeps_it(run: Run, file: Path) -> None:
    slip = f"<!-- Reddit: 9bread1 -->\n{QUOTE}<!-- /reddit -->\n"
    file.write_text(text := f"{START}{QUOTE}\nMy own text.\n\n{slip}\n{BLOCK}")
    ran = run("refresh", file, "--offline", "--json")
    assert (ran.code, findings(ran.out)) == (3, [(1, "kept"), (8, "broken")])
    assert "line 8 inside it" in ran.out
    assert file.read_text().startswith(text.removesuffix("<!-- /reddit -->\n"))
    ran = run("refresh", file, "--offline", "--check", "--json")
    assert (ran.code, findings(ran.out)) == (1, [(1, "stale"), (8, "broken")])
    assert run("refresh", file, "--offline", "--force").code == 0
    assert "My own text" not in file.read_text()


def test_marker__unclosed_one_keeps_everything_below() -> None:
    text = f"<!-- reddit: 9bread1\n```\n-->\n{BLOCK}```\n"
    assert [bool(each.problem) for each in blocks.find_blocks(text)] == [True, True]


@pytest.mark.parametrize("option", ["-context 2", "-comment k1", "-cabc", "-top 2", "-all"])
def test_options__single_dash_is_unknown(option: str) -> None:
    with pytest.raises(errors.InvalidOptionsError, match="unknown option"):
        options.parse(f"9bread1 {option}")


def test_options__short_comment() -> None:
    for typed in ("-c k1", "-c=k1", "--comment k1"):
        assert options.parse(f"9bread1 {typed}")[1].selection.comments == ("k1",)
