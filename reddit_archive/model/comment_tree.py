"""Merge the things of several responses into one list, with each comment once, below its parent.

Reddit returns a large thread in responses that overlap and name each other's comments in stubs.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from reddit_archive.model.capture import Thing, get_data_str, get_fullname, get_more_ids

Stubs = dict[str, list[Thing]]
"""`more` things by the fullname of their parent."""


@dataclass(slots=True)
class _ThingsByKind:
    """The things of all responses by kind. If two responses contain a thing, the first wins."""

    posts: dict[str, Thing] = field(default_factory=dict)
    comments: dict[str, Thing] = field(default_factory=dict)
    stubs: Stubs = field(default_factory=dict)
    others: list[Thing] = field(default_factory=list)


def merge_listings(
    first_things: Iterable[Thing],
    other_things: Iterable[Thing] = (),
    *,
    withheld_ids: Container[str] = (),
) -> tuple[Thing, ...]:
    """Return the things of one thread in reading order: the post, its comments, everything else.

    Siblings keep their order in the first listing; siblings from other listings follow by score,
    highest first. The stubs of a parent become one stub with the ids that are still missing, and
    one with the withheld ids.

    Args:
        first_things: The things of the first listing.
        other_things: The things of all other listings.
        withheld_ids: Comment ids that were requested and that Reddit did not return.
    """
    first_things = tuple(first_things)
    by_kind = _group_by_kind(first_things, other_things)
    positions = {name: position for position, name in enumerate(map(get_fullname, first_things))}
    replies: dict[str, list[str]] = {}
    for name, thing in by_kind.comments.items():
        replies.setdefault(get_data_str(thing, "parent_id").lower(), []).append(name)
    for siblings in replies.values():
        siblings.sort(key=lambda name: _sort_key(name, by_kind.comments[name], positions))
    stubs = {
        parent: list(
            _build_remaining_stubs(parent, parent_stubs, by_kind.comments, replies, withheld_ids)
        )
        for parent, parent_stubs in _remove_duplicate_ids(by_kind.stubs).items()
    }
    ordered = list(_iter_in_reading_order(by_kind, replies, stubs))
    return (*by_kind.posts.values(), *ordered, *by_kind.others)


def _group_by_kind(first_things: Iterable[Thing], other_things: Iterable[Thing]) -> _ThingsByKind:
    by_kind = _ThingsByKind()
    for is_first_listing, thing in chain(
        ((True, t) for t in first_things), ((False, t) for t in other_things)
    ):
        name = get_fullname(thing) if thing["kind"] in ("t1", "t3") else None
        existing = by_kind.posts if thing["kind"] == "t3" else by_kind.comments
        if name and name not in existing:
            existing[name] = thing
        elif thing["kind"] == "more" and isinstance(thing["data"], dict):
            by_kind.stubs.setdefault(get_data_str(thing, "parent_id").lower(), []).append(thing)
        elif is_first_listing or not name:  # responses overlap, but none should repeat a thing
            by_kind.others.append(thing)
    return by_kind


def _sort_key(name: str, comment: Thing, positions: Mapping[str | None, int]) -> tuple[bool, int]:
    """Return the key that sorts a comment among its siblings."""
    if name in positions:
        return False, positions[name]
    score = comment["data"].get("score")
    return True, -score if isinstance(score, int) else 0


def _remove_duplicate_ids(stubs: Stubs) -> Stubs:
    """Remove ids from the post's stubs if a comment's stub names them, too.

    /api/morechildren names the post as parent of all comments that did not fit in its response.
    """
    reply_ids = {
        i
        for parent, parent_stubs in stubs.items()
        if not parent.startswith("t3_")
        for stub in parent_stubs
        for i in get_more_ids(stub["data"])
    }
    shortened = dict(stubs)
    for parent in filter(lambda name: name.startswith("t3_"), stubs):
        shortened[parent] = [*filter(None, (_remove_ids(s, reply_ids) for s in stubs[parent]))]
    return shortened


def _remove_ids(stub: Thing, removed_ids: Container[str]) -> Thing | None:
    """Return a stub without these ids, or None if no id is left."""
    ids = get_more_ids(stub["data"])
    remaining_ids = [i for i in ids if i not in removed_ids]
    if len(remaining_ids) == len(ids):
        return stub
    if not remaining_ids:
        return None
    count = round(_estimate_comments_per_id(stub) * len(remaining_ids))
    return _build_stub(stub, get_data_str(stub, "parent_id"), remaining_ids, count)


def _build_remaining_stubs(
    parent: str,
    stubs: list[Thing],
    comments: Container[str],
    replies: Container[str],
    withheld_ids: Container[str],
) -> Iterator[Thing]:
    """Yield stubs for the comments that the stubs of one parent name and that are missing."""
    missing: dict[str, Thing] = {}
    for stub in stubs:
        missing |= {i: stub for i in get_more_ids(stub["data"]) if f"t1_{i}" not in comments}
    ids = [i for i in missing if i not in withheld_ids]
    if ids and len(stubs) == 1 and len(ids) == len(get_more_ids(stubs[0]["data"])):
        yield stubs[0]
    elif ids:
        count = sum(max(1, _estimate_comments_per_id(missing[i])) for i in ids)
        yield _build_stub(missing[ids[0]], parent, ids, round(count))
    if withheld := [i for i in missing if i in withheld_ids]:
        template = missing[withheld[0]]
        yield _build_stub(template, parent, withheld, len(withheld), is_withheld=True)
    stubs_without_ids = [stub for stub in stubs if not get_more_ids(stub["data"])]
    if stubs_without_ids and not ids and parent not in replies:
        yield stubs_without_ids[0]


def _build_stub(
    template: Thing, parent: str, ids: list[str], count: int, *, is_withheld: bool = False
) -> Thing:
    flags = {"_withheld": True} if is_withheld else {}
    data = {"count": count, "id": ids[0], "name": f"t1_{ids[0]}", "parent_id": parent}
    return {"kind": "more", "data": {**template["data"], **data, "children": ids, **flags}}


def build_stub_without_ids(parent: str, count: int) -> Thing:
    """Return a stub for comments below `parent` whose ids are unknown."""
    data = {"count": count, "id": "_", "name": "t1__", "parent_id": parent, "children": []}
    return {"kind": "more", "data": data}


def build_withheld_stubs(parents: Mapping[str, str]) -> tuple[Thing, ...]:
    """Return stubs for comments that were requested by id and not returned.

    Args:
        parents: The parent of each comment, both by fullname.
    """
    ids_by_parent: dict[str, list[str]] = {}
    for name, parent in parents.items():
        ids_by_parent.setdefault(parent, []).append(name.removeprefix("t1_"))
    template: Thing = {"kind": "more", "data": {}}
    return tuple(
        _build_stub(template, parent, ids, len(ids), is_withheld=True)
        for parent, ids in ids_by_parent.items()
    )


def _estimate_comments_per_id(stub: Thing) -> float:
    """Return the average number of comments per id of a stub: the comment and its replies."""
    count, ids = stub["data"].get("count"), get_more_ids(stub["data"])
    return count / len(ids) if isinstance(count, int) and ids else 1


def _iter_in_reading_order(
    by_kind: _ThingsByKind, replies: dict[str, list[str]], stubs: Stubs
) -> Iterator[Thing]:
    """Yield the comments from the top down, each followed by its replies and their stub."""
    parents = {*replies, *stubs}
    missing_parents = [parent for parent in parents if parent not in by_kind.comments]
    roots = sorted(missing_parents, key=lambda parent: (not parent.startswith("t3_"), parent))
    visited: set[str] = set()
    for start in (*roots, *by_kind.comments):
        todo: list[str | Thing] = [start]
        while todo:
            current = todo.pop()
            if isinstance(current, dict):
                yield current
                continue
            if current in visited:
                continue
            visited.add(current)
            if current in by_kind.comments:
                yield by_kind.comments[current]
            todo.extend(reversed(stubs.get(current, [])))
            todo.extend(reversed(replies.get(current, [])))
