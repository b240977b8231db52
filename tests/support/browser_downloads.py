"""Files like those of the userscript, made without a browser."""

import json
import os
from pathlib import Path
from typing import Any

from reddit_archive.model import capture
from reddit_archive.sources.reddit_api.api_calls import ApiRequest
from reddit_archive.sources.reddit_api.thread_plan import ThreadPlan
from tests.support import reddit_server as rs

TIME = "2026-03-01T12:00:00.250Z"


def build_download(thread: rs.Thread, /, *, max_requests: int = 1000, **head: Any) -> list[Any]:
    """Fetch a thread as the userscript does; `head` replaces fields of the first object."""
    plan = ThreadPlan(thread.name)
    requests = plan.iter_requests()
    request, answers = next(requests), list[Any]()
    try:
        while len(answers) < max_requests:
            answers.append(answer(thread, request))
            request = requests.send(capture.flatten(answers[-1]))
    except StopIteration:
        max_requests = 1000
    fields = {
        "kind": "reddit-archive-page",
        "version": 1,
        "thread": thread.name,
        "captured_at": TIME,
        "is_complete": max_requests == 1000,
        "withheld_ids": sorted(plan.thread.unavailable_ids),
        "unfetched_replies": plan.thread.unfetched_replies,
    }
    return [fields | head, *answers]


def answer(thread: rs.Thread, request: ApiRequest) -> Any:
    """Return the raw response of the test server."""
    ids = [name[3:] for name in request.fullnames]
    match request.kind:
        case "children":
            return rs.more_children(thread, ids, sort=request.sort)
        case "info":
            return rs.info([thread], list(request.fullnames))
    return rs.page(thread, limit=500, sort=request.sort, comment=ids[0] if ids else None)


def write(path: Path, value: Any, *, at: int = 1_700_000_000) -> str:
    """Write a file with this modification time, and return its path.

    JavaScript writes whole numbers without a fraction: 1760000000, not 1760000000.0.
    """
    numbers = json.loads(json.dumps(value), parse_float=_parse_number)
    path.write_text(json.dumps(numbers, separators=(",", ":")))
    os.utime(path, (at, at))
    return str(path)


def _parse_number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number
