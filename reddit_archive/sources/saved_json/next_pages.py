"""List the pages to save next, for the comments that a capture lacks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reddit_archive.model import capture
from reddit_archive.model.capture import Capture, Thing, get_data_str, get_more_ids

REDDIT_URL = "https://www.reddit.com"
FULL_PAGE_QUERY = "limit=500&raw_json=1"
MAX_IDS_PER_REQUEST = 100
"""Limit of /api/info and /api/morechildren. /api/info ignores longer lists completely."""
DEFAULT_PAGE_COMMENTS = 200
"""The number of comments on Reddit's page without `limit`."""
MAX_MORECHILDREN_DEPTH = 9
"""In Reddit's published code, /api/morechildren returns nothing below this depth."""


@dataclass(slots=True)
class _MissingByEndpoint:
    """Missing comments, grouped by the endpoint that returns them.

    Attributes:
        leaf_ids: Comments without replies.
        branches_by_depth: Comments with replies, by depth, each with the approximate number of
            comments in its branch.
        counts_by_parent: Parents whose own page shows the missing replies, with their number as
            Reddit counts them.
    """

    leaf_ids: list[str] = field(default_factory=list)
    branches_by_depth: dict[int, list[tuple[str, float]]] = field(default_factory=dict)
    counts_by_parent: dict[str, int] = field(default_factory=dict)


def list_missing_page_urls(thread_capture: Capture) -> list[str]:
    """Return the URLs to open and save for the missing comments, most comments first.

    The saved pages may name more missing comments. Comments that Reddit withholds are not listed.
    """
    missing = _group_by_endpoint(thread_capture.things)
    thread_id = thread_capture.thread_id
    comment_count = sum(thing["kind"] == "t1" for thing in thread_capture.things)
    pages = [
        *_iter_info_urls(missing.leaf_ids),
        *_iter_morechildren_urls(thread_id, missing.branches_by_depth),
        *(
            (_get_page_url(thread_id, name), count)
            for name, count in missing.counts_by_parent.items()
        ),
    ]
    urls = [url for url, _ in sorted(pages, key=lambda page: -page[1])]
    if comment_count <= DEFAULT_PAGE_COMMENTS and (missing.leaf_ids or missing.branches_by_depth):
        return [get_thread_page_url(thread_id), *urls]
    return urls


def get_thread_page_url(thread_id: str) -> str:
    """Return the URL of a thread's own page, as JSON."""
    return f"{REDDIT_URL}/comments/{thread_id}.json?{FULL_PAGE_QUERY}"


def _group_by_endpoint(things: Sequence[Thing]) -> _MissingByEndpoint:
    """Group the comments in stubs by endpoint.

    If a stub counts as many comments as it names, these have no replies. The page of a comment is
    best for many comments below it, because it shows 500.
    """
    comments = [thing for thing in things if thing["kind"] == "t1"]
    existing_names = {capture.get_fullname(thing) for thing in comments}
    missing = _MissingByEndpoint()
    for stub in (thing for thing in things if thing["kind"] == "more"):
        data, parent = stub["data"], get_data_str(stub, "parent_id")
        if not isinstance(data, dict) or data.get("_withheld") is True:
            continue
        all_ids = get_more_ids(data)
        missing_ids = [i for i in all_ids if f"t1_{i}" not in existing_names]
        count, depth = (_int_or_zero(data.get(key)) for key in ("count", "depth"))
        if not all_ids:
            missing.counts_by_parent.setdefault(parent, count)
        elif missing_ids and count <= len(all_ids):
            missing.leaf_ids += missing_ids
        elif (
            missing_ids
            and parent.startswith("t1_")
            and (count > MAX_IDS_PER_REQUEST or depth > MAX_MORECHILDREN_DEPTH)
        ):
            missing.counts_by_parent[parent] = missing.counts_by_parent.get(parent, 0) + count
        elif missing_ids:
            weight = count / len(all_ids)
            missing.branches_by_depth.setdefault(depth, []).extend((i, weight) for i in missing_ids)
    return missing


def _int_or_zero(value: object) -> int:
    return value if isinstance(value, int) else 0


def _get_page_url(thread_id: str, parent: str) -> str:
    """Return the URL of a comment's page, or of the thread's if the parent is the post."""
    if parent.startswith("t1_"):
        return f"{REDDIT_URL}/comments/{thread_id}/_/{parent[3:]}.json?{FULL_PAGE_QUERY}"
    return get_thread_page_url(thread_id)


def _iter_info_urls(ids: list[str]) -> Iterator[tuple[str, int]]:
    for start in range(0, len(ids), MAX_IDS_PER_REQUEST):
        batch = ids[start : start + MAX_IDS_PER_REQUEST]
        names = ",".join(f"t1_{i}" for i in batch)
        yield f"{REDDIT_URL}/api/info.json?raw_json=1&id={names}", len(batch)


def _iter_morechildren_urls(
    thread_id: str, branches_by_depth: dict[int, list[tuple[str, float]]]
) -> Iterator[tuple[str, int]]:
    """Request ids of the same depth together: of several depths Reddit returns only the least.

    A response contains at most 100 comments, so that no more are requested.
    """
    for depth in sorted(branches_by_depth):
        batch: list[str] = []
        expected_count = 0.0
        for comment_id, weight in [*branches_by_depth[depth], ("", float("inf"))]:
            if batch and (
                expected_count + weight > MAX_IDS_PER_REQUEST or len(batch) == MAX_IDS_PER_REQUEST
            ):
                yield (
                    _get_morechildren_url(thread_id, batch),
                    round(min(expected_count, MAX_IDS_PER_REQUEST)),
                )
                batch, expected_count = [], 0.0
            if comment_id:
                batch.append(comment_id)
                expected_count += weight


def _get_morechildren_url(thread_id: str, ids: list[str]) -> str:
    query = f"link_id=t3_{thread_id}&children={','.join(ids)}"
    return f"{REDDIT_URL}/api/morechildren.json?api_type=json&raw_json=1&{query}"
