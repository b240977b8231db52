"""A new target is one `Dialect` object. Commands, settings, blocks and checks derive from it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reddit_archive import config, errors, markup, quote
from reddit_archive.markup import targets
from reddit_archive.quote import Selection, check, shape
from reddit_archive.quote.blocks import pages as blocks
from reddit_archive.quote.blocks.options import QuoteOptions
from tests.conftest import EXAMPLES, ROOT, Run
from tests.support.quoted_threads import EVERYTHING, load
from tests.support.wiki_dialect import WikiDialect


@pytest.fixture(autouse=True)
def wiki_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the new target. This is the only step."""
    monkeypatch.setitem(targets.TARGETS, "wiki", WikiDialect())


def test_markup__writes_the_new_target() -> None:
    assert markup.convert("<p>ask @me or a@b</p>", target="wiki") == r"ask \@me or a\@b"
    assert markup.escape_text("@me", target="wiki") == r"\@me"
    assert markup.convert("<p>@me</p>") == "@me"


def test_quote__has_the_facts_of_the_new_target() -> None:
    thread = load(EXAMPLES / "everything.json")
    items = quote.build_items(thread, EVERYTHING, target="wiki")
    assert max(item.depth for item in items) == 2
    assert "<table>" in quote.render(thread, EVERYTHING, target="wiki")


def test_check__covers_the_new_target() -> None:
    assert "wiki" in check.get_checked_targets()
    thread = load(EXAMPLES / "short.json")
    assert list(check.find_differences(thread, EVERYTHING, target="wiki")) == []


def test_blocks__accept_the_new_target() -> None:
    page = blocks.write_block("abc123", QuoteOptions(target="wiki"), "")
    assert blocks.find_blocks(page)[0].options == QuoteOptions(Selection(), target="wiki")
    (block,) = blocks.find_blocks(page.replace("wiki", "word"))
    assert "choose from markdown" in block.problem
    assert ", wiki" in block.problem


def test_blocks__recognize_quotes_for_the_new_target() -> None:
    assert markup.escape_text("By @", target="wiki") in shape._escape_for_all_targets("By @")


def test_config__accepts_the_new_target() -> None:
    assert config.parse("quote: {target: wiki}", "config.yaml").quote.target == "wiki"
    with pytest.raises(errors.ConfigError, match="or wiki"):
        config.parse("quote: {target: word}", "config.yaml")


def run_with_wiki_target(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a new process, which registers the target first."""
    code = f"""if True:
        import sys
        sys.path.append({str(ROOT)!r})
        from reddit_archive.markup import targets
        from tests.support.wiki_dialect import WikiDialect
        targets.TARGETS["wiki"] = WikiDialect()
        sys.argv[0] = "archive"
        from reddit_archive.cli import main
        main()
    """
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder)},
    )


def test_commands__accept_the_new_target(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    quoted = run_with_wiki_target(tmp_path, "quote", "9bread1", "--all", "--to", "wiki", "--check")
    assert quoted.returncode == 0, quoted.stderr


def test_help__names_the_new_target(tmp_path: Path) -> None:
    shown = run_with_wiki_target(tmp_path, "quote", "--help")
    assert "reddit, html, text, wiki." in " ".join(shown.stdout.split()), shown.stderr


@pytest.mark.parametrize("page", ["README.md", "docs/reference.md", "config.example.yaml"])
def test_docs__name_every_target(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    words = set(re.findall(r"\w+", Path(ROOT / page).read_text()))
    assert words >= targets.NAMES
