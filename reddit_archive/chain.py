"""Snapshots in their order: each names the digest of the one before it.

A clock may have been set back; the chain of parents tells what came after what all the same.
"""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

from reddit_archive.snapshot import Head


def in_order(found: list[Head], known: Mapping[str, str]) -> list[Head]:
    """Put those that nothing replaces in order: parents before children, else by time.

    `known` names for each digest that is left out the one that stands in its place.
    """
    found = [head for head in found if head.digest not in known]
    present = {head.digest for head in found}
    below: dict[str | None, list[Head]] = {}
    for head in found:
        parent = newest(head.parent, known)
        below.setdefault(parent if parent in present else None, []).append(head)
    ready = [(head.order, head) for head in below.get(None, [])]
    heapify(ready)
    ordered = []
    while ready:
        _, head = heappop(ready)
        ordered.append(head)
        for child in below.get(head.digest, []):
            heappush(ready, (child.order, child))
    astray = [head for head in found if head not in ordered] if len(ordered) < len(found) else []
    return ordered + sorted(astray, key=lambda head: head.order)


def successors(found: Iterable[Head]) -> dict[str, str]:
    """Return which snapshot claims to replace each digest. Anybody can claim that."""
    return {old: head.digest for head in found for old in head.replaces if old != head.digest}


def newest(digest: str | None, known: Mapping[str, str]) -> str | None:
    """Follow a digest to the one that stands in its place today."""
    passed: set[str] = set()
    while digest is not None and digest in known and digest not in passed:
        passed.add(digest)
        digest = known[digest]
    return digest
