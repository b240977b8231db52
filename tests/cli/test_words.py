"""A word that is no command is a slip, not the id of a thread, unless `save` says so."""

import pytest

from tests.conftest import Run
from tests.support import reddit_server


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *[("help", "--help"), ("show", "quote"), ("delete", "forget"), ("ls", "list")],
        *[("serch", "search"), ("exprot", "export"), ("Quote", "quote"), ("version", "--version")],
    ],
)
def test_word__did_you_mean(run: Run, reddit: reddit_server.Server, word: str, meant: str) -> None:
    ran = run(word)
    assert ran.code == 2
    assert f"did you mean '{meant}'?" in ran.err
    assert f"archive save {word}" in ran.err
    assert reddit.count() == 0


def test_word__without_a_guess(run: Run, reddit: reddit_server.Server) -> None:
    ran = run("downloads", "--top", "2")
    assert ran.code == 2
    assert "did you mean" not in ran.err
    assert "archive ./downloads" in ran.err
    assert reddit.count() == 0


@pytest.mark.parametrize("before", [["-q"], ["--archive", "other"], ["--config=config.yaml"]])
def test_word__after_options(run: Run, before: list[str]) -> None:
    assert run(*before, "show").code == 2


def test_save__letters_alone_are_an_id(run: Run, reddit: reddit_server.Server) -> None:
    ran = run("save", "abcdef")
    assert (ran.code, "no such thread" in ran.err) == (1, True)
    assert reddit.count() > 0


def test_help__short_option(run: Run) -> None:
    assert run("-h").out == run("--help").out
    assert run("quote", "-h").out == run("quote", "--help").out
