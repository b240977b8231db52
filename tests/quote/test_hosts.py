"""Titles, names and flairs of a quote are as inert for its host as its texts."""

import json
import random
from pathlib import Path

import pytest

from reddit_archive import quote
from reddit_archive.quote.style import BUILT_IN_STYLES, Style
from tests.conftest import EXAMPLES
from tests.support import dataview_rules, host_rules, katex_rules
from tests.support.quoted_threads import EVERYTHING, load

FIND_LIVE = {
    "github": host_rules.find_live,
    "markdown": katex_rules.find_math,
    "obsidian": dataview_rules.find_fields,
}
FIELDS = ("title", "author", "subreddit", "author_flair_text", "link_flair_text", "distinguished")
WORDS = "@org/team #12 GH-3 !4 &5 $6 7$ $x$ ~bug %v1 :tada: 1f2e3d4c5b a:: (b::c) [d:: e] /close"
STYLES = [*BUILT_IN_STYLES.values(), Style(author_link="none", separator="$", left_out="#1 a::b")]


def write_hostile_thread(path: Path, number: int) -> Path:
    """Write a thread whose titles, names and flairs are full of what hosts read."""
    dice = random.Random(number)

    def replace_fields(fields: dict[str, object]) -> dict[str, object]:
        words = {name: " ".join(dice.choices(WORDS.split(), k=3)) for name in FIELDS}
        return fields | {name: words[name] for name in FIELDS if name in fields}

    text = (EXAMPLES / "short.json").read_text()
    path.write_text(json.dumps(json.loads(text, object_hook=replace_fields)))
    return path


@pytest.mark.parametrize("target", FIND_LIVE)
@pytest.mark.parametrize("number", range(5))
def test_render__attribution_is_inert(target: str, number: int, tmp_path: Path) -> None:
    thread = load(write_hostile_thread(tmp_path / "x.json", number))
    for style in STYLES:
        assert FIND_LIVE[target](quote.render(thread, EVERYTHING, target=target, style=style)) == []


@pytest.mark.parametrize("target", FIND_LIVE)
def test_control__attribution_is_live_for_another_target(target: str, tmp_path: Path) -> None:
    threads = [load(write_hostile_thread(tmp_path / "x.json", number)) for number in range(5)]
    texts = [quote.render(thread, EVERYTHING, target="commonmark") for thread in threads]
    assert any(map(FIND_LIVE[target], texts))


@pytest.mark.parametrize("target", FIND_LIVE)
@pytest.mark.parametrize("name", ["everything.json", "poll.json", "crosspost.json"])
def test_render__example_is_inert(target: str, name: str) -> None:
    text = quote.render(load(EXAMPLES / name), EVERYTHING, target=target)
    assert FIND_LIVE[target](text) == []
