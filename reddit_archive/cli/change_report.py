"""Format a change of a thread: as a row of the log, as JSON, or as a diff of the text."""

import sys
from typing import Any

from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.cli import terminal
from reddit_archive.history import Event, ThreadHistory, text_diff, timeline
from reddit_archive.history.text_diff import DiffPart
from reddit_archive.model.capture import Capture, get_data_str
from reddit_archive.model.source_info import PAGE_KIND_KEY, SAVED_PAGE, SOURCES

MINUTE = "%Y-%m-%d %H:%M"
MAX_CHARACTERS = 60
KIND_NAMES = {timeline.APPEARED: "new"}
STYLES = {"=": "", "-": "red strike", "+": "green"}


def describe_kind(kind: str) -> str:
    """Return the word that the user sees for a kind of change."""
    return KIND_NAMES.get(kind, kind)


def describe_source(capture: Capture) -> str:
    """Return the name of a capture's source; for a web page, in words with the kind of page."""
    if capture.source != SAVED_PAGE:
        return capture.source
    return build_source_label(capture)


def describe_source_name(name: str) -> str:
    """Return the name of a check's source; for a web page, in words."""
    return SOURCES[name].label if name == SAVED_PAGE else name


def build_source_label(capture: Capture) -> str:
    """Return the label of a capture's source, like "Reddit" or "a saved web page (shreddit)"."""
    info = SOURCES.get(capture.source)
    label = info.label if info else capture.source
    kinds = ", ".join(list_page_kinds(capture))
    return f"{label} ({kinds})" if kinds else label


def list_page_kinds(capture: Capture) -> list[str]:
    """Return the kinds of web pages that a capture contains, like "old" or "shreddit"."""
    return sorted(
        {kind for thing in capture.things if (kind := get_data_str(thing, PAGE_KIND_KEY))}
    )


def build_row(event: Event, history: ThreadHistory) -> tuple[str, ...]:
    """Return a row of the log: time after, time before, kind, author, id, first words."""
    return (
        f"{event.window_start:{MINUTE}}" if event.window_start else "",
        f"{event.window_end:{MINUTE}}",
        describe_kind(event.kind),
        _get_author(event, history),
        event.fullname,
        _shorten(event.previous_text or event.new_text),
    )


def build_json(event: Event, history: ThreadHistory) -> dict[str, Any]:
    """Describe a change as `--json` prints it."""
    return {
        "change": event.kind,
        "of": event.fullname,
        "author": history.timelines[event.fullname].author,
        "after": format_time(event.window_start) if event.window_start else None,
        "before": format_time(event.window_end),
        "former": event.previous_text,
        "text": event.new_text,
    }


def print_change(event: Event, history: ThreadHistory) -> None:
    """Print a change: a colored word diff on a terminal with colors, otherwise a line diff."""
    after = f"{event.window_start:{MINUTE}}" if event.window_start else "?"
    title = f"{event.fullname} by {_get_author(event, history)}: {describe_kind(event.kind)}"
    title = terminal.make_printable(f"{title}, {after} to {event.window_end:{MINUTE}}")
    if is_terminal() and _print_word_diff(title, compare_words(event)):
        return
    parts = (
        text_diff.compare_lines(event.previous_text, event.new_text) if _changes_text(event) else []
    )
    signs = {"=": " ", "-": "-", "+": "+"}
    lines = [f"{signs[sign]} {terminal.make_printable(line)}".rstrip() for sign, line in parts]
    terminal.print_result("\n".join((title, *lines, "", "")))


def compare_words(event: Event) -> list[DiffPart]:
    """Return the word diff of a change; [] if it did not change the text."""
    return (
        text_diff.compare_words(event.previous_text, event.new_text) if _changes_text(event) else []
    )


def _changes_text(event: Event) -> bool:
    return event.kind not in (timeline.ACCOUNT_DELETED, timeline.RESTORED)


def is_terminal() -> bool:
    return sys.stdout.isatty()


def _print_word_diff(title: str, parts: list[DiffPart]) -> bool:
    """Print a word diff in colors; return False, and print nothing, without colors.

    Without colors (NO_COLOR, TERM=dumb) old and new words could not be told apart.
    """
    from rich.console import Console  # 20 ms
    from rich.text import Text  # 10 ms

    console = Console(highlight=False)
    if console.no_color or console.color_system is None:
        return False
    output = Text(f"{title}\n", style="bold")
    for sign, text in parts:
        output.append(terminal.make_printable(text), style=f"not bold {STYLES[sign]}".strip())
    console.print(output, end="\n\n")
    return True


def _get_author(event: Event, history: ThreadHistory) -> str:
    return history.timelines[event.fullname].author or "[unknown]"


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else f"{line[: MAX_CHARACTERS - 2]} …"
