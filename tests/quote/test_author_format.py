"""Styles with a bold author, and callouts for Obsidian."""

from dataclasses import replace
from pathlib import Path

import pytest

from reddit_archive import config, errors, quote
from reddit_archive.markup.targets import NAMES
from reddit_archive.quote import Selection, Style, check, html_outline, shape
from tests.conftest import EXAMPLES, Run
from tests.support.quoted_threads import load
from tests.support.renderers import gfm

ALL = Selection(everything=True)
BOLD = Style(author_format="bold")


def first_line(style: Style, target: str) -> str:
    selection = Selection(comments=("zkeep03",), has_post=False, has_heading=False)
    return quote.render(load(EXAMPLES / "short.json"), selection, target=target, style=style).split(
        "\n"
    )[0]


@pytest.mark.parametrize("target", sorted({*NAMES} - {"html", "text"}))
def test_author_format__bold(target: str) -> None:
    plain = first_line(Style(), target)
    assert first_line(BOLD, target) == f"> **{plain.removeprefix('> ')}**"
    assert "<strong><a " in gfm(first_line(BOLD, target))


def test_author_format__html_and_text() -> None:
    assert "<strong><a " in quote.render(
        load(EXAMPLES / "short.json"), ALL, target="html", style=BOLD
    )
    assert first_line(BOLD, "text") == first_line(Style(), "text")


def test_author_format__a_name_with_asterisks_stays_as_it_is() -> None:
    thread = load(EXAMPLES / "short.json")
    style = replace(BOLD, nobody="* nobody *", author_link="none")
    text = quote.render(thread, ALL, style=style)
    assert html_outline.extract_lines(gfm(text))


def test_callout__each_quote_is_one_in_obsidian() -> None:
    text = quote.render(
        load(EXAMPLES / "short.json"), ALL, target="obsidian", style=Style(callout="quote")
    )
    assert "\n> [!quote] Posted by [" in text
    assert "\n> > [!quote] [" in text


def test_callout__folded() -> None:
    assert first_line(Style(callout="quote-"), "obsidian").startswith("> [!quote]- [")


@pytest.mark.parametrize("target", sorted({*NAMES} - {"obsidian"}))
def test_callout__other_targets_have_none(target: str) -> None:
    assert first_line(Style(callout="quote"), target) == first_line(Style(), target)


@pytest.mark.parametrize("target", check.get_checked_targets())
@pytest.mark.parametrize("name", ["short", "everything", "poll", "crosspost"])
def test_check__no_difference(name: str, target: str) -> None:
    style = Style(callout="quote-", author_format="bold")
    thread = load(EXAMPLES / f"{name}.json")
    assert list(check.find_differences(thread, ALL, target=target, style=style)) == []


@pytest.mark.parametrize("target", ["markdown", "obsidian", "html", "text"])
@pytest.mark.parametrize("author_format", ["plain", "bold", "italic"])
def test_shape__recognizes_the_quote(author_format: str, target: str) -> None:
    style = Style(callout="quote-", author_format=author_format)
    thread = load(EXAMPLES / "everything.json")
    text = quote.render(thread, ALL, target=target, style=style)
    assert shape.find_foreign_line(text.strip("\n").split("\n"), [style]) is None


@pytest.mark.parametrize("value", ["[!x]", "a b", "quote]", "<!--", "+"])
def test_config__callout_must_be_a_type(value: str) -> None:
    with pytest.raises(errors.ConfigError, match="callout' must be a type of callout") as raised:
        config.parse(f"styles: {{mine: {{callout: '{value}'}}}}", "config.yaml")
    assert "quote" in raised.value.hint


def test_refresh__a_block_in_such_a_style(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    config_file = tmp_path / "config.yaml"
    config_file.write_text("styles: {mine: {callout: quote, author_format: bold}}\n")
    block = run("quote", "9bread1", "--to", "obsidian", "--style", "mine", "--block").out
    (tmp_path / "page.md").write_text(block, "utf-8")
    assert "> [!quote] Posted by **[" in block
    assert run("refresh", "page.md", "--check", "--offline").code == 0
