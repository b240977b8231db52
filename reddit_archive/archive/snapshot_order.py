"""Order a thread's snapshots by their parents' digests, and correct their times.

A computer's clock may have been wrong. A snapshot follows its parent, so its time is at least its
parent's. All readers use the times that `topological_order` returns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from heapq import heapify, heappop, heappush

from reddit_archive.archive.snapshot_format import SnapshotHeader


def topological_order(
    headers: list[SnapshotHeader], replacements: Mapping[str, str], *, now: datetime | None = None
) -> list[SnapshotHeader]:
    """Sort snapshots by time without those that were replaced, and correct impossible times.

    `replacements` maps each replaced digest to its replacement. A time before the parent's becomes
    the parent's. A time later than `now` becomes the time of the first later snapshot that is not
    later than `now`, if there is one.
    """
    headers = [header for header in headers if header.digest not in replacements]
    existing_digests = {header.digest for header in headers}
    parents = {
        header.digest: resolve_replacement(header.parent, replacements) for header in headers
    }
    headers = headers if now is None else _correct_future_times(headers, parents, now)
    children_by_parent: dict[str | None, list[SnapshotHeader]] = {}
    for header in headers:
        parent = parents[header.digest]
        children_by_parent.setdefault(parent if parent in existing_digests else None, []).append(
            header
        )
    ready = [
        (header.sort_key, header.path.name, header) for header in children_by_parent.get(None, [])
    ]
    heapify(ready)
    ordered = []
    while ready:
        header = heappop(ready)[-1]
        ordered.append(header)
        for child in children_by_parent.pop(header.digest, []):
            corrected_child = child
            if child.captured_at < header.captured_at:
                corrected_child = replace(child, captured_at=header.captured_at)
            heappush(ready, (corrected_child.sort_key, corrected_child.path.name, corrected_child))
    ordered_digests = (
        {header.digest for header in ordered} if len(ordered) < len(headers) else existing_digests
    )
    orphans = [header for header in headers if header.digest not in ordered_digests]
    return ordered + sorted(orphans, key=lambda header: header.sort_key)


def _correct_future_times(
    headers: list[SnapshotHeader], parents: Mapping[str, str | None], now: datetime
) -> list[SnapshotHeader]:
    """Give each snapshot from the future the time of the first later one that is not."""
    future_digests = {header.digest for header in headers if header.captured_at > now}
    corrected_times: dict[str, datetime] = {}
    for header in headers if future_digests else ():
        if header.digest in future_digests:
            continue
        parent = parents[header.digest]
        while parent in future_digests and corrected_times.get(parent, now) >= header.captured_at:
            if corrected_times.get(parent) == header.captured_at:
                break
            corrected_times[parent] = header.captured_at
            parent = parents[parent]
    return [
        replace(header, captured_at=corrected_times[header.digest])
        if header.digest in corrected_times
        else header
        for header in headers
    ]


def map_replacements(headers: Iterable[SnapshotHeader]) -> dict[str, str]:
    """Return the snapshot that claims to replace each digest. Claims may be false."""
    return {
        replaced_digest: header.digest
        for header in headers
        for replaced_digest in header.replaces
        if replaced_digest != header.digest
    }


def resolve_replacement(digest: str | None, replacements: Mapping[str, str]) -> str | None:
    """Follow replacements from a digest to the newest one."""
    visited: set[str] = set()
    while digest is not None and digest in replacements and digest not in visited:
        visited.add(digest)
        digest = replacements[digest]
    return digest
