"""`--check` finds differences between a quote and Reddit's HTML."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import cli, markup
from reddit_archive.quote import check
from tests.conftest import EXAMPLES, Run
from tests.support.quoted_threads import EVERYTHING, load


@pytest.mark.parametrize("target", check.get_checked_targets())
@pytest.mark.parametrize("name", ["short", "everything", "poll", "crosspost"])
def test_find_differences__none_in_an_example(name: str, target: str) -> None:
    assert (
        list(check.find_differences(load(EXAMPLES / f"{name}.json"), EVERYTHING, target=target))
        == []
    )


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_find_differences__none_in_any_recorded_page(step: int, recordings: Path) -> None:
    for page in sorted((recordings / "pages").glob("*.json"))[::step]:
        assert list(check.find_differences(load(page), EVERYTHING, target="markdown")) == [], (
            page.name
        )


def spoiled(fault: Callable[[str], str]) -> Callable[..., str]:
    """Return the converter with a fault in its Markdown."""
    convert = markup.convert

    def faulty(html: str, **options: Any) -> str:
        text = convert(html, **options)
        return text if options["target"] == "html" else fault(text)

    return faulty


FAULTS: list[Callable[[str], str]] = [
    lambda text: text.replace("\\", ""),
    lambda text: text.replace("*", ""),
    lambda text: text.replace("1. ", "- "),
    lambda text: text.replace("> ", ""),
    lambda text: text[:-1],
]


@pytest.mark.parametrize("fault", FAULTS)
def test_control__faulty_converter_is_found(
    fault: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, "convert", spoiled(fault))
    thread = load(EXAMPLES / "everything.json")
    assert list(check.find_differences(thread, EVERYTHING, target="markdown"))


def test_quote_check__reports_success(run: Run) -> None:
    run(EXAMPLES / "everything.json")
    checked = run("quote", "9bread2", "--all", "--check")
    assert checked.code == 0
    assert "it shows what Reddit showed" in checked.err


def test_quote_check__names_the_comment_that_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    archive("save", EXAMPLES / "short.json", monkeypatch)
    monkeypatch.setattr(markup, "convert", spoiled(lambda text: text.replace("1. ", "- ")))
    assert archive("quote", "9bread1", monkeypatch, "--all", "--check") == 1
    errors = capsys.readouterr().err
    assert "t1_zkeep01: Reddit showed: ol > li who said it" in errors
    assert "t1_zkeep01: the quote is: ul > li who said it" in errors


def archive(command: str, thread: object, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    """Run the program in this process, and return its exit code."""
    monkeypatch.setattr("sys.argv", ["archive", command, str(thread), *options])
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_quote_check__unsupported_target(run: Run) -> None:
    run(EXAMPLES / "short.json")
    checked = run("quote", "9bread1", "--check", "--to", "text")
    assert checked.code == 2
    assert "--check does not support" in checked.err
