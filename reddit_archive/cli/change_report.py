"""A change as a person reads it: a line in the log, or what was said before and after."""

import sys
from typing import Any

from reddit_archive.archive.snapshot_format import write_time
from reddit_archive.cli import terminal
from reddit_archive.history import Event, History, text_diff, timeline
from reddit_archive.history.text_diff import Part

MINUTE = "%Y-%m-%d %H:%M"
MOST_CHARACTERS = 60
SHOWN_AS = {timeline.APPEARED: "new"}
COLOURS = {"=": "", "-": "red strike", "+": "green"}


def shown(kind: str) -> str:
    return SHOWN_AS.get(kind, kind)


def row(event: Event, past: History) -> tuple[str, ...]:
    """After, before, what, who, id, first words."""
    return (
        f"{event.after:{MINUTE}}" if event.after else "",
        f"{event.before:{MINUTE}}",
        shown(event.kind),
        _author(event, past),
        event.fullname,
        _first_words(event.former or event.text),
    )


def told(event: Event, past: History) -> dict[str, Any]:
    return {
        "change": event.kind,
        "of": event.fullname,
        "author": past.lives[event.fullname].author,
        "after": write_time(event.after) if event.after else None,
        "before": write_time(event.before),
        "former": event.former,
        "text": event.text,
    }


def draw(event: Event, past: History) -> None:
    """Print a change: words in colours if there are any, else lines with + and - before them."""
    after = f"{event.after:{MINUTE}}" if event.after else "?"
    title = f"{event.fullname} by {_author(event, past)}: {shown(event.kind)}"
    title = terminal.printable(f"{title}, {after} to {event.before:{MINUTE}}")
    if is_terminal() and _draw_words(title, words_of(event)):
        return
    parts = text_diff.compare_lines(event.former, event.text) if _is_of_text(event) else []
    signs = {"=": " ", "-": "-", "+": "+"}
    lines = [f"{signs[sign]} {terminal.printable(line)}".rstrip() for sign, line in parts]
    terminal.result("\n".join((title, *lines, "", "")))


def words_of(event: Event) -> list[Part]:
    """The word diff of a change; [] where it is not one of the text."""
    return text_diff.compare_words(event.former, event.text) if _is_of_text(event) else []


def _is_of_text(event: Event) -> bool:
    return event.kind not in (timeline.ACCOUNT_DELETED, timeline.RESTORED)


def is_terminal() -> bool:
    return sys.stdout.isatty()


def _draw_words(title: str, parts: list[Part]) -> bool:
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


def _author(event: Event, past: History) -> str:
    return past.lives[event.fullname].author or "[unknown]"


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 2]} …"
