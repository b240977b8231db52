"""Order a thread's snapshots by their parents' digests, and correct their times.

A computer's clock may have been wrong. A snapshot follows its parent, so its time is at least its
parent's. All readers use the times that `in_order` returns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from heapq import heapify, heappop, heappush

from reddit_archive.archive.snapshot_format import Head


def in_order(
    found: list[Head], known: Mapping[str, str], *, now: datetime | None = None
) -> list[Head]:
    """Sort snapshots by time without those that were replaced, and correct impossible times.

    `known` maps each replaced digest to its replacement. A time before the parent's becomes the
    parent's. A time later than `now` becomes the time of the first later snapshot that is not
    later than `now`, if there is one.
    """
    found = [head for head in found if head.digest not in known]
    present = {head.digest for head in found}
    parents = {head.digest: newest(head.parent, known) for head in found}
    found = found if now is None else _without_future(found, parents, now)
    below: dict[str | None, list[Head]] = {}
    for head in found:
        parent = parents[head.digest]
        below.setdefault(parent if parent in present else None, []).append(head)
    ready = [(head.order, head.path.name, head) for head in below.get(None, [])]
    heapify(ready)
    ordered = []
    while ready:
        head = heappop(ready)[-1]
        ordered.append(head)
        for child in below.pop(head.digest, []):
            later = child
            if child.captured_at < head.captured_at:
                later = replace(child, captured_at=head.captured_at)
            heappush(ready, (later.order, later.path.name, later))
    placed = {head.digest for head in ordered} if len(ordered) < len(found) else present
    astray = [head for head in found if head.digest not in placed]
    return ordered + sorted(astray, key=lambda head: head.order)


def _without_future(
    found: list[Head], parents: Mapping[str, str | None], now: datetime
) -> list[Head]:
    """Give each snapshot from the future the time of the first later one that is not."""
    future = {head.digest for head in found if head.captured_at > now}
    latest: dict[str, datetime] = {}
    for head in found if future else ():
        if head.digest in future:
            continue
        parent = parents[head.digest]
        while parent in future and latest.get(parent, now) >= head.captured_at:
            if latest.get(parent) == head.captured_at:
                break
            latest[parent] = head.captured_at
            parent = parents[parent]
    return [
        replace(head, captured_at=latest[head.digest]) if head.digest in latest else head
        for head in found
    ]


def successors(found: Iterable[Head]) -> dict[str, str]:
    """Return the snapshot that claims to replace each digest. Claims may be false."""
    return {old: head.digest for head in found for old in head.replaces if old != head.digest}


def newest(digest: str | None, known: Mapping[str, str]) -> str | None:
    """Follow replacements from a digest to the newest one."""
    passed: set[str] = set()
    while digest is not None and digest in known and digest not in passed:
        passed.add(digest)
        digest = known[digest]
    return digest
