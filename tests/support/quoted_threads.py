"""Threads to quote in tests."""

import json
from pathlib import Path

from reddit_archive import history
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection

EVERYTHING = Selection(everything=True)


def load(path: Path) -> Thread:
    """Return the thread in a saved JSON file."""
    things = capture.flatten(json.loads(path.read_text()))
    thread_id = capture.find_thread_id(things)
    saved = Capture(thread_id, capture.utc_now(), "saved", {}, things, is_live=False)
    return history.merge(thread_id, [saved])
