"""S7: no text of a thread can control the terminal that shows it."""

from pathlib import Path

import pytest

from tests.conftest import run_program
from tests.support import story
from tests.support.hostile_terminal import (
    BIDI,
    COLOURS,
    CONTROLS,
    SEQUENCES,
    find_control_characters,
    run_on_terminal,
    store_hostile_thread,
)

slow = pytest.mark.slow
COMMANDS = [
    *(["list"], ["list", "--lost"], ["log", "abc123"], ["diff", "abc123"]),
    *(["quote", "abc123", "--all", "--to", target] for target in ("markdown", "text", "html")),
    *(["quote", "abc123", "--all", "--to", target] for target in ("jekyll", "obsidian", "reddit")),
    ["export", "ndjson"],
    ["export", "csv"],
]


CASES = [
    *((command, 60) for command in (COMMANDS[0], COMMANDS[2], COMMANDS[5])),
    *(pytest.param(command, 1_000, marks=slow) for command in COMMANDS),
]


@pytest.mark.parametrize(("command", "count"), CASES)
def test_s7__no_control_of_a_text_reaches_the_terminal(
    tmp_path: Path, command: list[str], count: int
) -> None:
    store_hostile_thread(tmp_path / "archive", count)
    code, written = run_on_terminal(tmp_path, *command, term="dumb")
    assert (code in (0, 1), len(written) > (80 if command[0] == "list" else 1_000)) == (True, True)
    if command == ["export", "csv"]:  # which ends rows with these two, and keeps typed tabs
        written = written.replace(b"\r\n", b"\n").replace(b"\t", b" ")
    assert find_control_characters(written) == set()


def test_s7__colours_are_the_only_sequences(tmp_path: Path) -> None:
    store_hostile_thread(tmp_path / "archive", 60)
    for command in COMMANDS[:4:3]:
        _, written = run_on_terminal(tmp_path, *command, term="xterm-256color")
        assert find_control_characters(COLOURS.sub(b"", written)) == set()
        assert b"\x1b[8m" not in written


def test_s7__catches_unfiltered_text(tmp_path: Path) -> None:
    found = find_control_characters("".join((*CONTROLS, *BIDI, *SEQUENCES)).encode())
    assert found == {*CONTROLS, *BIDI}


@pytest.mark.parametrize(("term", "signs"), [("dumb", True), ("xterm-256color", False)])
def test_diff__marks_old_and_new_without_colours(term: str, signs: bool, tmp_path: Path) -> None:
    for file in story.write(tmp_path):
        run_program(tmp_path, file, "--no-media")
    _, shown = run_on_terminal(tmp_path, "diff", "9bread1", term=term)
    assert (b"\n- Plain text." in shown and b"\n+ Plain text." in shown) is signs
