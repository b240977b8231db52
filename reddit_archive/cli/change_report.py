"""A change as a person reads it: a line in the log, or what was said before and after."""

import sys
from typing import Any

from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.cli import terminal
from reddit_archive.history import Event, ThreadHistory, text_diff, timeline
from reddit_archive.history.text_diff import DiffPart

MINUTE = "%Y-%m-%d %H:%M"
MOST_CHARACTERS = 60
SHOWN_AS = {timeline.APPEARED: "new"}
COLOURS = {"=": "", "-": "red strike", "+": "green"}


def shown(kind: str) -> str:
    return SHOWN_AS.get(kind, kind)


def row(event: Event, past: ThreadHistory) -> tuple[str, ...]:
    """After, before, what, who, id, first words."""
    return (
        f"{event.window_start:{MINUTE}}" if event.window_start else "",
        f"{event.window_end:{MINUTE}}",
        shown(event.kind),
        _author(event, past),
        event.fullname,
        _first_words(event.previous_text or event.new_text),
    )


def told(event: Event, past: ThreadHistory) -> dict[str, Any]:
    return {
        "change": event.kind,
        "of": event.fullname,
        "author": past.timelines[event.fullname].author,
        "after": format_time(event.window_start) if event.window_start else None,
        "before": format_time(event.window_end),
        "former": event.previous_text,
        "text": event.new_text,
    }


def draw(event: Event, past: ThreadHistory) -> None:
    """Print a change: words in colours if there are any, else lines with + and - before them."""
    after = f"{event.window_start:{MINUTE}}" if event.window_start else "?"
    title = f"{event.fullname} by {_author(event, past)}: {shown(event.kind)}"
    title = terminal.printable(f"{title}, {after} to {event.window_end:{MINUTE}}")
    if is_terminal() and _draw_words(title, words_of(event)):
        return
    parts = (
        text_diff.compare_lines(event.previous_text, event.new_text) if _is_of_text(event) else []
    )
    signs = {"=": " ", "-": "-", "+": "+"}
    lines = [f"{signs[sign]} {terminal.printable(line)}".rstrip() for sign, line in parts]
    terminal.result("\n".join((title, *lines, "", "")))


def words_of(event: Event) -> list[DiffPart]:
    """The word diff of a change; [] where it is not one of the text."""
    return (
        text_diff.compare_words(event.previous_text, event.new_text) if _is_of_text(event) else []
    )


def _is_of_text(event: Event) -> bool:
    return event.kind not in (timeline.ACCOUNT_DELETED, timeline.RESTORED)


def is_terminal() -> bool:
    return sys.stdout.isatty()


def _draw_words(title: str, parts: list[DiffPart]) -> bool:
    """Print what was said before and after in one; False where the terminal has no colours.

    Without them (NO_COLOR, TERM=dumb) old and new words would run into each other.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if console.no_color or console.color_system is None:
        return False
    drawn = Text(f"{title}\n", style="bold")
    for sign, text in parts:
        drawn.append(terminal.printable(text), style=f"not bold {COLOURS[sign]}".strip())
    console.print(drawn, end="\n\n")
    return True


def _author(event: Event, past: ThreadHistory) -> str:
    return past.timelines[event.fullname].author or "[unknown]"


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 2]} …"
