"""One flat list of things from many answers: every comment once, below its parent.

Reddit hands out a large thread in pieces that overlap and name each other in stubs.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from reddit_archive.model.capture import Thing, fullname, stub_ids, text_of

Stubs = dict[str, list[Thing]]


@dataclass(slots=True)
class _Pieces:
    """What answers hold, sorted by kind. Of a thing that two answers hold the first is taken."""

    posts: dict[str, Thing] = field(default_factory=dict)
    comments: dict[str, Thing] = field(default_factory=dict)
    stubs: Stubs = field(default_factory=dict)
    others: list[Thing] = field(default_factory=list)


def assemble(
    page: Iterable[Thing], more: Iterable[Thing] = (), *, withheld: Container[str] = ()
) -> tuple[Thing, ...]:
    """Put the things of one thread in reading order: the post, comments, what is no comment.

    Siblings stand as `page`, the first answer, shows them; those of other answers follow with the
    highest score first. Stubs of one parent become one, of the ids that are still missing; the ids
    in `withheld`, which Reddit named and did not give, become one of their own.
    """
    page = tuple(page)
    pieces = _sorted_out(page, more)
    shown = {name: place for place, name in enumerate(map(fullname, page))}
    below: dict[str, list[str]] = {}
    for name, thing in pieces.comments.items():
        below.setdefault(text_of(thing, "parent_id").lower(), []).append(name)
    for siblings in below.values():
        siblings.sort(key=lambda name: _rank(name, pieces.comments[name], shown))
    stubs = {
        parent: list(_left(parent, met, pieces.comments, below, withheld))
        for parent, met in _placed(pieces.stubs).items()
    }
    ordered = list(_walk(pieces, below, stubs))
    return (*pieces.posts.values(), *ordered, *pieces.others)


def _sorted_out(page: Iterable[Thing], more: Iterable[Thing]) -> _Pieces:
    pieces = _Pieces()
    for is_first, thing in chain(((True, t) for t in page), ((False, t) for t in more)):
        name = fullname(thing) if thing["kind"] in ("t1", "t3") else None
        known = pieces.posts if thing["kind"] == "t3" else pieces.comments
        if name and name not in known:
            known[name] = thing
        elif thing["kind"] == "more" and isinstance(thing["data"], dict):
            pieces.stubs.setdefault(text_of(thing, "parent_id").lower(), []).append(thing)
        elif is_first or not name:  # what answers repeat is one; what one answer repeats is odd
            pieces.others.append(thing)
    return pieces


def _rank(name: str, comment: Thing, shown: Mapping[str | None, int]) -> tuple[bool, int]:
    """Where among its siblings."""
    if name in shown:
        return False, shown[name]
    score = comment["data"].get("score")
    return True, -score if isinstance(score, int) else 0


def _placed(stubs: Stubs) -> Stubs:
    """Remove ids from stubs of the post if the stub of a comment names them, too.

    morechildren names the post as parent of all comments that did not fit into its answer.
    """
    replies = {
        i
        for parent, met in stubs.items()
        if not parent.startswith("t3_")
        for stub in met
        for i in stub_ids(stub["data"])
    }
    return {
        parent: [part for stub in met if (part := _without(stub, replies))]
        if parent.startswith("t3_")
        else met
        for parent, met in stubs.items()
    }


def _without(stub: Thing, names: Container[str]) -> Thing | None:
    """Return a stub without these ids, or None if nothing is left of it."""
    ids = stub_ids(stub["data"])
    kept = [i for i in ids if i not in names]
    if len(kept) == len(ids):
        return stub
    return (
        _stub(stub, text_of(stub, "parent_id"), kept, round(_share(stub) * len(kept)))
        if kept
        else None
    )


def _left(
    parent: str,
    met: list[Thing],
    comments: Container[str],
    below: Container[str],
    withheld: Container[str],
) -> Iterator[Thing]:
    """Give what the stubs of one parent name and the comments do not hold, as stubs again."""
    missing: dict[str, Thing] = {}
    for stub in met:
        missing |= {i: stub for i in stub_ids(stub["data"]) if f"t1_{i}" not in comments}
    kept = [i for i in missing if i not in withheld]
    if kept and len(met) == 1 and len(kept) == len(stub_ids(met[0]["data"])):
        yield met[0]
    elif kept:
        count = sum(max(1, _share(missing[i])) for i in kept)
        yield _stub(missing[kept[0]], parent, kept, round(count))
    if refused := [i for i in missing if i in withheld]:
        yield _stub(missing[refused[0]], parent, refused, len(refused), is_withheld=True)
    unnamed = [stub for stub in met if not stub_ids(stub["data"])]
    if unnamed and not kept and parent not in below:
        yield unnamed[0]


def _stub(
    pattern: Thing, parent: str, ids: list[str], count: int, *, is_withheld: bool = False
) -> Thing:
    marks = {"_withheld": True} if is_withheld else {}
    data = {"count": count, "id": ids[0], "name": f"t1_{ids[0]}", "parent_id": parent}
    return {"kind": "more", "data": {**pattern["data"], **data, "children": ids, **marks}}


def unnamed(parent: str, count: int) -> Thing:
    """Return a stub for comments below `parent` whose ids are unknown."""
    data = {"count": count, "id": "_", "name": "t1__", "parent_id": parent, "children": []}
    return {"kind": "more", "data": data}


def _share(stub: Thing) -> float:
    """How many comments stand behind each id of a stub, about."""
    count, ids = stub["data"].get("count"), stub_ids(stub["data"])
    return count / len(ids) if isinstance(count, int) and ids else 1


def _walk(pieces: _Pieces, below: dict[str, list[str]], stubs: Stubs) -> Iterator[Thing]:
    """Comments from the top down, each followed by its replies and their stub."""
    parents = {*below, *stubs}
    strays = [parent for parent in parents if parent not in pieces.comments]
    roots = sorted(strays, key=lambda parent: (not parent.startswith("t3_"), parent))
    seen: set[str] = set()
    for start in (*roots, *pieces.comments):
        todo: list[str | Thing] = [start]
        while todo:
            here = todo.pop()
            if isinstance(here, dict):
                yield here
                continue
            if here in seen:
                continue
            seen.add(here)
            if here in pieces.comments:
                yield pieces.comments[here]
            todo.extend(reversed(stubs.get(here, [])))
            todo.extend(reversed(below.get(here, [])))
