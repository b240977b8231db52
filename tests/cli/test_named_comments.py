"""Several comments of one thread are named as a newcomer would try it."""

import pytest

from tests.conftest import EXAMPLES, Run

THREAD = "https://www.reddit.com/r/breadlog/comments/9bread1/how_do_you_keep_bread/"
BOTH = ("quote", "9bread1", "-c", "zkeep01", "-c", "zkeep03")


@pytest.fixture
def saved(run: Run) -> Run:
    """Run the program where a thread is stored."""
    assert run("save", EXAMPLES / "short.json", "-q").code == 0
    return run


@pytest.mark.parametrize(
    "names",
    [
        (f"{THREAD}zkeep01/", f"{THREAD}zkeep03/"),
        (f"{THREAD}zkeep03/", f"{THREAD}zkeep01/", f"{THREAD}zkeep03/"),
        (THREAD, f"{THREAD}zkeep01/", "t1_zkeep03"),
        ("9bread1", "-c", "zkeep01,zkeep03"),
        ("9bread1", "-c", f"{THREAD}zkeep01/, {THREAD}zkeep03/"),
        ("9bread1", "--comment=zkeep03,zkeep01,"),
    ],
)
def test_quote__comments_of_one_thread(saved: Run, names: tuple[str, ...]) -> None:
    ran = saved("quote", *names)
    assert (ran.code, ran.out) == (0, saved(*BOTH).out)


def test_save__comments_of_one_thread(saved: Run) -> None:
    ran = saved("save", f"{THREAD}zkeep01/", f"{THREAD}zkeep03/", "--dry-run")
    assert "threads are named" not in ran.err


def test_quote__second_word_after_c_gets_its_own_hint(saved: Run) -> None:
    ran = saved("quote", "9bread1", "-c", "zkeep01", "zkeep03")
    assert ran.code == 2
    assert "-c zkeep03" in ran.err


def test_quote__two_threads_are_refused(saved: Run) -> None:
    ran = saved("quote", THREAD, "https://redd.it/abc123")
    assert ran.code == 2
    assert "archive batch LIST" in ran.err


def test_quote__unknown_comment_in_a_list_is_named(saved: Run) -> None:
    ran = saved("quote", "9bread1", "-c", "zkeep01,zkeep99")
    assert ran.code == 1
    assert "no comment zkeep99" in ran.err


def test_only__is_neither_post_nor_heading(saved: Run) -> None:
    ran = saved("quote", "9bread1", "-c", "zkeep01", "--only")
    expected = saved("quote", "9bread1", "-c", "zkeep01", "--no-post", "--no-heading")
    assert (ran.code, ran.out) == (0, expected.out)


def test_only__stays_in_a_block(saved: Run) -> None:
    ran = saved("quote", "9bread1", "-c", "zkeep01,zkeep03", "--only", "--block")
    assert " --comment zkeep01 --comment zkeep03 --only -->" in ran.out.splitlines()[0]
