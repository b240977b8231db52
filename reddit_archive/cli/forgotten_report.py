"""Messages about forgotten threads that are in the archive again."""

from collections.abc import Mapping

from reddit_archive.cli import terminal


def report_saved_again(thread_id: str, forgotten_at: str) -> None:
    """Warn of a thread that was forgotten and is stored again: a list may still name it."""
    if forgotten_at:
        terminal.warn(f"t3_{thread_id} was forgotten on {forgotten_at[:10]}, and is stored again.")


def report_returned(forgotten_times: Mapping[str, str]) -> None:
    """Name the forgotten threads that were copied back into the archive."""
    for thread_id, forgotten_at in forgotten_times.items():
        terminal.warn(f"t3_{thread_id} was forgotten on {forgotten_at[:10]}, and is here again.")
