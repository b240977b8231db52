"""Threads of which a part is stored, and runs that fill them from test servers."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from reddit_archive.archive import add as archive_add
from reddit_archive.archive import store
from reddit_archive.config import Settings
from reddit_archive.config.settings import MediaSettings
from reddit_archive.model.capture import Capture, Thing, utc_now
from reddit_archive.model.thread import Thread
from reddit_archive.workflows.fill import FillResult, FillRun
from reddit_archive.workflows.load import load_thread
from reddit_archive.workflows.log_reporter import LogReporter
from reddit_archive.workflows.sources import open_sources
from tests.support import arctic_server
from tests.support import reddit_server as rs

NOWHERE = "http://127.0.0.1:9"


def store_part(
    root: Path,
    thread: rs.Thread,
    comments: Iterable[str],
    *,
    named: Iterable[str] = (),
    without: Sequence[str] = (),
    has_post: bool = True,
) -> None:
    """Store a saved page with these comments, and with stubs that name others.

    Args:
        root: The archive.
        thread: The thread.
        comments: The comments on the page.
        named: Comments that its stubs name; none of them has replies that are not named.
        without: Fields that the page does not tell of its comments.
        has_post: Whether the page shows the post.
    """
    things: list[Thing] = []
    if has_post:
        things.append({"kind": "t3", "data": {**thread.post, "num_comments": 0}})
    for comment_id in comments:
        data = {k: v for k, v in thread.comments[comment_id].items() if k not in without}
        things.append({"kind": "t1", "data": data})
    ids_by_parent: dict[str, list[str]] = {}
    for comment_id in named:
        ids_by_parent.setdefault(thread.comments[comment_id]["parent_id"], []).append(comment_id)
    things += [build_stub(parent, ids) for parent, ids in ids_by_parent.items()]
    captured_at = utc_now() - timedelta(days=1)
    request = {"file": "page.json", "whole": False}
    capture = Capture(thread.id, captured_at, "saved", request, tuple(things), is_live=False)
    archive_add.add(root, capture)


def build_stub(parent: str, ids: Sequence[str], count: int | None = None) -> Thing:
    """Build a stub that names comments, or counts comments without naming them."""
    number = len(ids) if count is None else count
    return {"kind": "more", "data": {"parent_id": parent, "count": number, "children": [*ids]}}


def build_settings(
    root: Path, arctic: arctic_server.Server | None, reddit: rs.Server | None = None, **more: Any
) -> Settings:
    """Return settings with these servers as Arctic Shift and, with a key, as Reddit."""
    key: dict[str, Any] = {}
    if reddit is not None:
        key = {k: v for k, v in reddit.settings().items() if k != "check_for_updates"}
    arctic_settings = arctic.settings() if arctic is not None else {"url": NOWHERE, "timeout": 1}
    return Settings(
        **{
            "archive": root,
            "tries": 2,
            "first_wait_seconds": 0.0,
            "reddit": key,
            "source_settings": {"arctic-shift": arctic_settings},
            "media": MediaSettings(save=False),
            **more,
        }
    )


def fill(settings: Settings, *thread_ids: str, asks_again: bool = False) -> list[FillResult]:
    """Fill these threads, or all that are stored."""
    reporter = LogReporter()
    run = FillRun(
        partial(open_sources, settings, reporter), settings, reporter, asks_again=asks_again
    )
    return [*run.run(thread_ids or [*store.iter_thread_ids(settings.archive)])]


def load(root: Path, thread: rs.Thread) -> Thread:
    """Return a thread as the archive has it."""
    return load_thread(root, thread.id, reporter=LogReporter()).thread


def list_sources(root: Path, thread: rs.Thread) -> list[str]:
    """Return the source of each snapshot of a thread, oldest first."""
    return [header.source for header in store.read_headers(root, thread.id)]
