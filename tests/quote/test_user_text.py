"""R20: refresh replaces only what this program wrote, even if markers have mistakes."""

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from reddit_archive import history, quote
from reddit_archive.markup import targets
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection, Style, shape
from reddit_archive.quote.blocks import pages as blocks
from reddit_archive.quote.blocks.find import QuoteBlock
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.quote.style import BUILT_IN_STYLES
from reddit_archive.sources import saved_json
from tests.conftest import EXAMPLES, Run

STYLES = {
    **BUILT_IN_STYLES,
    "bare": Style(author_link="none", comment_prefix="By", separator="|", nobody="(gone)"),
    "near": Style(heading_subreddit=False, separator="", score=True, name_prefix="all"),
    "wordy": Style(author_link="permalink", heading_level=1, post_prefix="*Post* of", left_out="…"),
}
NEW = "> [someone](https://www.reddit.com/user/someone/)\n>\n> A new text.\n"
Slips = list[Callable[[str], str]]
Foreign = Callable[[QuoteBlock, str, object], str]


@cache
def quotes() -> tuple[str, ...]:
    """Return quotes of the examples for every target, in every style."""
    return tuple(_quotes())


def _quotes() -> Iterator[str]:
    dice = random.Random(20)
    for name in ("short", "everything", "poll", "crosspost"):
        captured = saved_json.read_capture(str(EXAMPLES / f"{name}.json"))
        thread = history.merge(captured.thread_id, [captured])
        for target in targets.NAMES:
            for style in STYLES.values():
                chosen = _selection(dice, thread)
                yield quote.render(
                    thread, chosen, target=target, style=style, captured_at=captured.captured_at
                )


def _selection(dice: random.Random, thread: Thread) -> Selection:
    ids = list(thread.comments)
    if not ids or dice.random() < 0.3:
        return Selection(everything=True)
    comments = tuple(dice.sample(ids, min(2, len(ids))))
    return Selection(comments, dice.choice([0, 2]), has_post=dice.random() < 0.5)


def test_shape__every_quote_is_recognized() -> None:
    lines = [text.strip("\n").split("\n") for text in quotes()]
    assert len(lines) > 150
    assert [
        found for found in lines if shape.find_foreign_line(found, STYLES.values()) is not None
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "My own words.",
        "> My own quotation of a poem.",
        "> [a](https://www.reddit.com/user/a/)\n>\n> b\n\n> My own quotation.\n>\n> It goes on.",
        "> [a](https://www.reddit.com/user/a/)\n>\n> b\n\n## Notes\n",
        "> [a](https://www.reddit.com/user/a/)\n>\n> b\nand a line without a mark",
        "- [a](https://www.reddit.com/user/a/)",
        "<blockquote>\n<p>My own quotation.</p>\n</blockquote>",
        "<blockquote>\n<p>[deleted]</p>\n</blockquote>\nMy own words.",
        "<blockquote>\n<p>[deleted]</p>\n</blockquote>\n</blockquote>",
        "<blockquote>\n<p>[deleted]</p>",
        "# [My page](https://example.com/)",
        "```\n> [a](https://www.reddit.com/user/a/)\n```",
    ],
)
def test_shape__text_of_the_user_is_not_recognized(text: str) -> None:
    assert shape.find_foreign_line(text.strip("\n").split("\n")) is not None


def test_shape__name_without_link_needs_a_style_that_writes_it() -> None:
    lines = ["> By crumb_counter", ">", "> Words."]
    assert shape.find_foreign_line(lines) == 0
    assert shape.find_foreign_line(lines, [STYLES["bare"]]) is None


# Pages with mistakes in markers

START_SLIPS: Slips = [
    lambda line: line.replace("reddit:", "reddit"),
    lambda line: line.replace("reddit:", "Reddit:"),
    lambda line: line.replace("reddit:", "REDDIT"),
    lambda line: line.replace("reddit:", "redit:"),
    lambda line: line.replace("reddit:", "reddit :"),
    lambda line: line.replace("reddit:", "reddit;"),
    lambda line: line.replace("<!--", "<!—").replace("-->", "—>"),
    lambda line: line.replace("<!--", "<!–").replace("-->", "–>"),  # noqa: RUF001
    lambda line: line.replace("<!--", "<--"),
    lambda line: line.replace("<!-- ", "<! -- "),
    lambda line: line.replace("<!-- ", "<!-"),
    lambda line: line.replace("<!-- ", "<!--").replace(" -->", "-->"),
    lambda line: line.replace(" -->", ""),
    lambda line: line.replace(" -->", " ->"),
    lambda line: line.replace(" -->", " -context 2 -->"),
    lambda line: line.replace(" -->", " -c\n-->"),
    lambda line: f"{line} and more",
    lambda line: f"See {line}",
    lambda line: f"- {line}",
    lambda line: f"    {line}",
    lambda line: f"> {line}",
    lambda line: f"{line}\n{line}",
    lambda line: "",
]
END_SLIPS: Slips = [
    lambda line: line.replace("/reddit", "reddit"),
    lambda line: line.replace("/reddit", "\\reddit"),
    lambda line: line.replace("/reddit", "/Reddit"),
    lambda line: line.replace("/reddit", "/redit"),
    lambda line: line.replace("/reddit", "/ reddit"),
    lambda line: line.replace("/reddit", "/reddit:"),
    lambda line: line.replace("<!--", "<!—").replace("-->", "—>"),
    lambda line: line.replace("<!-- ", "<!--").replace(" -->", "-->"),
    lambda line: line.replace(" -->", ""),
    lambda line: line.replace(" -->", " ->"),
    lambda line: f"{line} and more",
    lambda line: f"See {line}",
    lambda line: f"    {line}",
    lambda line: re.sub("[0-9a-f]{16}", "0" * 16, line),
    lambda line: re.sub("sha256:[0-9a-f]+", "sha256:", line),
    lambda line: f"{line}\n{line}",
    lambda line: "",
]
LOST: Slips = [
    lambda line: "",
    lambda line: line.replace("reddit", "redit"),
    lambda line: f"See {line}",
    lambda line: f"> {line}",
    lambda line: f"`{line}`",
    lambda line: line.replace("<!--", "").replace("-->", ""),
]
"""Mistakes after which a line is not a marker."""
OWN_TEXTS = (
    "Own words {0}, and a second line.\nIt goes on.",
    "# A heading {0}",
    "## See [my page {0}](https://example.com/)",
    "- a list {0}\n- and more",
    "> My own quotation {0}.",
    "> My own quotation {0}.\n>\n> Its second paragraph.",
    "> > Nested {0}\n>\n> and not.",
    "<p>Some HTML {0}</p>",
    "<blockquote>\n<p>My own {0}</p>\n</blockquote>",
    "```\n<!-- reddit: t3_code{0} -->\n<!-- /reddit -->\n```",
    "<!-- a note on reddit {0} -->",
    "| a {0} | b |\n|---|---|\n| c | d |",
    "<pre>\n<!-- /reddit -->\n{0}\n</pre>",
)


def make(seed: int) -> tuple[str, list[str]]:
    """Return a page with mistakes in its markers, and the user's texts in order."""
    dice = random.Random(seed)
    parts: list[str] = []
    own: list[str] = []
    for number in range(dice.randrange(2, 9)):
        text = dice.choice(OWN_TEXTS).format(f"{seed}-{number}")
        kind = dice.choice(["text", "block", "between"])
        if kind != "block":
            own.append(text)
        if kind == "between":  # an end marker is missing, and then a start marker
            parts.append(_block(dice, "9bread1", end_slips=LOST))
        parts.append(_block(dice, "9bread1") if kind == "block" else text)
        if kind == "between":
            parts.append(_block(dice, "9bread1", start_slips=LOST))
    page_text = dice.choice(["\n\n", "\n\n", "\n"]).join(parts) + "\n"
    newline = dice.choice(["\n", "\n", "\r\n"])
    return page_text.replace("\n", newline), [text.replace("\n", newline) for text in own]


def _block(
    dice: random.Random,
    thread_id: str,
    *,
    start_slips: Slips | None = None,
    end_slips: Slips | None = None,
) -> str:
    start, *body, end = blocks.write_block(thread_id, QuoteOptions(), dice.choice(quotes()))[
        :-1
    ].split("\n")
    if dice.random() < 0.5:
        end = "<!-- /reddit -->"  # as version 1.0 wrote it
    if dice.random() < 0.2:
        body = []
    if start_slips or dice.random() < 0.2:
        start = dice.choice(start_slips or START_SLIPS)(start)
    if end_slips or dice.random() < 0.2:
        end = dice.choice(end_slips or END_SLIPS)(end)
    return "\n".join([start, *body, end])


def refreshed(text: str, foreign: Foreign) -> str:
    whole = [found for found in blocks.find_blocks(text) if not found.problem]
    own = [found for found in whole if not foreign(found, NEW, STYLES.values())]
    return blocks.replace_quotes(text, dict.fromkeys(own, NEW))


def is_kept(text: str, own: list[str]) -> bool:
    at = 0
    for each in own:
        at = text.find(each, at)
        if at < 0:
            return False
        at += len(each)
    return True


def losses(numbers: range, foreign: Foreign = blocks.explain_foreign_text) -> list[int]:
    """Return the numbers of the pages where text of the user was lost."""
    lost = []
    for number in numbers:
        text, own = make(number)
        assert is_kept(text, own)
        once = refreshed(text, foreign)
        if not is_kept(once, own):
            lost.append(number)
        elif foreign is blocks.explain_foreign_text and number % 4 == 0:
            assert refreshed(once, foreign) == once, number
    return lost


def test_refresh__keeps_the_users_text() -> None:
    assert losses(range(100)) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_refresh__keeps_the_users_text_in_10_000_pages(part: int) -> None:
    assert losses(range(2_000 * part, 2_000 * part + 2_000)) == []


def test_control__replacing_everything_between_markers_loses_text() -> None:
    assert len(losses(range(40), lambda block, new, styles: "")) > 10


def test_control__without_the_shape_text_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "find_foreign_line", lambda lines, styles=(): None)
    assert len(losses(range(40))) > 5


def test_control__without_the_digest_text_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reddit_archive.quote.blocks.digest.matches", lambda body, digest: True)
    assert len(losses(range(40))) > 5


def test_refresh__updates_most_blocks_of_these_pages() -> None:
    """A refresh that replaces nothing would keep the promise trivially."""
    pages = [make(number)[0] for number in range(50)]
    renewed = sum(
        refreshed(text, blocks.explain_foreign_text).count("A new text.") for text in pages
    )
    assert renewed > 35


def test_refresh__command_keeps_the_users_text(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    run(EXAMPLES / "short.json")
    made = [make(number) for number in range(10)]
    for number, (text, _) in enumerate(made):
        (folder / f"{number}.md").write_bytes(text.encode())
    ran = run("refresh", "pages", "--offline", "--json")
    kinds = {json.loads(line)["kind"] for line in ran.out.splitlines()}
    assert (ran.code, kinds >= {"broken", "kept"}) == (3, True)
    for number, (_, own) in enumerate(made):
        assert is_kept((folder / f"{number}.md").read_bytes().decode(), own)
