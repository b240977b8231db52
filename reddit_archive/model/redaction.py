"""What redacting takes out of things, and the shape that stays in its place. Pure.

A redacted post or comment keeps its ids, its place and its time, and carries a mark. What others
said stays as they said it, even where they quote what is gone.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reddit_archive.model import capture
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import NO_AUTHOR, lost_text
from reddit_archive.model.json_fields import Raw, text

MARK = "_redacted"
DISOWNED = "_redacted_elsewhere"
"""Replaces the mark of a redaction that was made in another archive and has no effect here."""
WORDS = "[redacted]"
AUTHOR, ALL = "author", "all"
"""How much goes: who said it, or that and everything that was said."""

SHAPE = (
    *("id", "name", "parent_id", "link_id", "created", "created_utc", "depth"),
    *("subreddit", "subreddit_id", "subreddit_name_prefixed"),
    *("removed_by_category", "removal_reason", "num_comments"),
)
NUMBERS = ("created", "created_utc", "depth", "num_comments")
NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
"""Older dumps write a number as text. Any other text there is not a number, and goes."""
FATE = ("removed_by_category", "removal_reason")
FATES = frozenset(
    (
        *("deleted", "author", "moderator", "automod_filtered", "reddit", "anti_evil_ops"),
        *("community_ops", "content_takedown", "copyright_takedown", "legal_operations", "legal"),
    )
)
UNTOUCHED = frozenset(
    {
        "title",
        "body",
        "body_html",
        "selftext",
        "selftext_html",
        "id",
        "name",
        "parent_id",
        "link_id",
    }
)
SAID = frozenset({"caption", "text", "link_title", "file", "files"})
"""Other people's words, and names of files: a name in them stays, as it does in a body."""
PICTURED = frozenset(
    {
        *("thumbnail", "thumbnail_height", "thumbnail_width", "preview", "post_hint", "domain"),
        *("media", "media_embed", "secure_media", "secure_media_embed"),
        *("gallery_data", "media_metadata"),
    }
)
"""Where a post that passes another one on shows what that one links to."""
PASSED_ON = re.compile(r"(?:https?://(?:\w+\.)?reddit\.com)?/(?:\w+/[\w-]+/)?comments/\w", re.I)
ABOUT_POST = frozenset({"link_title", "link_url", "link_author", "link_permalink"})

Levels = Mapping[str, str]
"""AUTHOR or ALL by fullname, for what is to be redacted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to redact: `levels`, and what stood for it elsewhere.

    `names` (lower case) are of those who say nothing else in the thread, `titles` the ids of posts
    whose title goes, and with it its words in addresses. `hidden` shows pictures that are to go.
    With `has_viewer` fields about the viewer are removed, too.
    """

    levels: Levels
    names: frozenset[str]
    titles: frozenset[str]
    hidden: frozenset[str]
    has_viewer: bool = False
    patterns: tuple[tuple[re.Pattern[str], str], ...] = field(init=False)
    words: re.Pattern[str] | None = field(init=False)
    done: dict[int, tuple[Thing, Thing]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        found = []
        names = "|".join(re.escape(name) for name in sorted(self.names))
        if self.names:
            before = r"\bu_|/u/|\bu/|user/|\bself\."
            found.append((re.compile(rf"({before})(?:{names})(?![\w-])", re.I), r"\1_"))
        if self.titles:
            ids = "|".join(re.escape(title) for title in sorted(self.titles))
            found.append(
                (re.compile(rf"(/(?:comments|gallery)/(?:{ids}))/[^/?#\s]+", re.I), r"\1/_")
            )
        word = rf"(?<![\w-])(?:{names})(?![\w-])" if self.names else ""
        object.__setattr__(self, "words", re.compile(word, re.I) if word else None)
        object.__setattr__(self, "patterns", tuple(found))


def items(things: Iterable[Thing]) -> Iterator[tuple[str, str, Raw]]:
    """Give the fullname, kind and data of every post and comment, passed-on posts included."""
    todo = [thing for thing in things if thing["kind"] in ("t1", "t3")][::-1]
    while todo:
        thing = todo.pop()
        if isinstance(thing["data"], dict):
            yield capture.fullname(thing) or "", thing["kind"], thing["data"]
            todo.extend({"kind": "t3", "data": inner} for inner in _passed_on(thing["data"]))


def is_emptied(data: Raw) -> bool:
    """Return whether a text was redacted, here or in another archive."""
    return ALL in (data.get(MARK), data.get(DISOWNED))


def disown(things: Iterable[Thing], levels: Levels) -> tuple[Thing, ...]:
    """Rename the marks of redactions by other archives, so that they have no effect here."""
    return tuple(_disowned(thing, levels) for thing in things)


def _disowned(thing: Thing, levels: Levels) -> Thing:
    data = thing["data"]
    if not isinstance(data, dict):
        return thing
    new = data
    name = capture.fullname(thing)
    if MARK in data and name and levels.get(name) != data[MARK]:
        new = {(DISOWNED if key == MARK else key): value for key, value in data.items()}
    if inner := _things(_passed_on(data)):
        owned = [each["data"] for each in disown(inner, levels)]
        if any(one["data"] is not other for one, other in zip(inner, owned, strict=True)):
            new = {**new, "crosspost_parent_list": owned}
    return thing if new is data else {**thing, "data": new}


def passed_on(things: Iterable[Thing]) -> set[str]:
    """Give the fullnames of the posts that others of these pass on."""
    held = (thing["data"] for thing in things if isinstance(thing["data"], dict))
    posts = (data for data in held if "crosspost_parent_list" in data)
    inner = (thing for data in posts for thing in _things(_passed_on(data)))
    return {name for name, _, _ in items(inner) if name}


def marked(things: Iterable[Thing]) -> dict[str, str]:
    """Tell what is redacted already."""
    found: dict[str, str] = {}
    for name, _, data in items(things):
        if name and data.get(MARK) in (AUTHOR, ALL) and found.get(name) != ALL:
            found[name] = data[MARK]
    return found


def plan(things: Iterable[Thing], levels: Levels, *, has_viewer: bool = False) -> Plan:
    """Find out, from all things of a thread, what else tells of what is to be redacted."""
    things = tuple(things)
    gone: set[str] = set()
    staying: set[str] = set()
    for name, _, data in items(things):
        if not name:  # what has no id can't be named: it goes with its author
            continue
        who = {text(data, key).lower() for key in ("author", "author_fullname")}
        (gone if name in levels else staying).update(who - {"", *NO_AUTHOR})
    titles = {name[3:] for name, level in levels.items() if level == ALL and name[:3] == "t3_"}
    hidden = _shown_by(things, levels)
    names, shown = frozenset(gone - staying), frozenset(hidden)
    return Plan(levels, names, frozenset(titles), shown, has_viewer)


def apply(things: Iterable[Thing], wanted: Plan) -> tuple[Thing, ...]:
    """Take out what is to go; things of which nothing goes are given back as they are.

    Snapshots share the things that did not change between them: each is worked on once.
    """
    found = []
    for thing in things:
        done = wanted.done.get(id(thing))
        if done is None or done[0] is not thing:
            done = wanted.done[id(thing)] = thing, _redacted(thing, wanted)
        found.append(done[1])
    return tuple(found)


def _shown_by(things: Iterable[Thing], levels: Levels) -> set[str]:
    """The fullnames of what shows pictures that are to go, be it in a post that it passes on."""
    found = {name for name, level in levels.items() if level == ALL}
    for name, _, data in items(things):
        if any(inner in found for inner, _, _ in items(_things(_passed_on(data)))):
            found.add(name)
    return found


def scrub(value: Any, wanted: Plan) -> Any:
    """Remove names and titles from addresses, notes, fields that hold a name, and keys.

    Works without recursion, since a field may nest to any depth.
    """
    root: dict[Any, Any] = {"": value}
    todo: list[tuple[Any, Any, str]] = [(root, "", "")]
    while todo:
        holder, at, key = todo.pop()
        item = holder[at]
        if isinstance(item, str):
            holder[at] = _scrubbed(item, wanted, key)
        elif isinstance(item, list):
            holder[at] = copy = [*item]
            todo += [(copy, number, key) for number in range(len(copy))]
        elif isinstance(item, dict):
            holder[at] = copied = without_keys(item, wanted.names)
            if text(item, "link_id").lower().removeprefix("t3_") in wanted.titles:
                copied |= dict.fromkeys(copied.keys() & ABOUT_POST)
            todo += [(copied, inner, inner) for inner in copied if inner not in UNTOUCHED]
    return root[""]


def without_keys(data: Raw, names: Collection[str]) -> dict[str, Any]:
    """Return the data without the keys that are a person's name."""
    return {key: value for key, value in data.items() if key.lower() not in names}


def _scrubbed(value: str, wanted: Plan, key: str) -> str | None:
    """Return a text with "_" for names in addresses; None for a name, and a note with a name."""
    if value.lower() in wanted.names:
        return None
    is_address = "/" in value and not re.search(r"\s", value)
    if wanted.words and key not in SAID and not is_address and wanted.words.search(value):
        return None
    for pattern, words in wanted.patterns:
        value = pattern.sub(words, value)
    return value


def _redacted(thing: Thing, wanted: Plan) -> Thing:
    kind, data = thing["kind"], thing["data"]
    if kind in ("unknown", "t5"):  # a community may be a person's own page
        return {"kind": kind, "data": {MARK: ALL}} if _tells(data, wanted) else thing
    if not isinstance(data, dict):
        return thing
    name = capture.fullname(thing) or ""
    level = wanted.levels.get(name) if kind != "more" else None  # a stub has nothing but ids
    if not name and text(data, "author").lower() in wanted.names:
        level = ALL
    if level == ALL:
        data = emptied(kind, data)
    elif level == AUTHOR:
        data = _anonymous(data)
    if level != ALL and _passed_on(data):
        inner = apply(_things(data["crosspost_parent_list"]), wanted)
        data = {**data, "crosspost_parent_list": [thing["data"] for thing in inner]}
        if name in wanted.hidden:
            data = _without_pictures(data)
    if wanted.patterns:
        data = scrub(data, wanted)
    return {"kind": kind, "data": data}


def emptied(kind: str, data: Raw) -> dict[str, Any]:
    """The shape alone. Words that Reddit itself put in place of a text stay: they tell its fate."""
    kept = {key: data[key] for key in SHAPE if isinstance(data.get(key), str | int | float)}
    for key in NUMBERS:
        if isinstance(kept.get(key), str) and not NUMBER.fullmatch(kept[key]):
            del kept[key]
    for key in FATE:  # where Reddit says in one word what became of it, and others in many
        if not isinstance(kept.get(key), str) or kept[key] not in FATES:
            kept.pop(key, None)
    body = "body" if kind == "t1" else "selftext"
    match lost_text(kind, data):
        case None:
            kept[body] = WORDS
        case "removed by Reddit" if text(data, body).strip():
            kept[body] = "[ Removed by Reddit ]"
        case _ if text(data, body).strip() in NO_AUTHOR:
            kept[body] = text(data, body).strip()
        case "missing":
            pass
        case _:
            kept[body] = ""
    if kind == "t3":
        kept |= {"title": WORDS, "is_self": True}
    return {**kept, "author": NO_AUTHOR[0], MARK: ALL}


def _without_pictures(data: Raw) -> dict[str, Any]:
    """A post without what it shows of one that it passes on; the address of that one stays."""
    kept = {key: value for key, value in data.items() if key not in PICTURED}
    for key in ("url", "url_overridden_by_dest"):
        if not PASSED_ON.match(text(kept, key)):
            kept.pop(key, None)
    return kept


def _anonymous(data: Raw) -> dict[str, Any]:
    if data.get(MARK) == ALL:
        return dict(data)
    kept = {key: value for key, value in data.items() if not key.startswith("author")}
    return {**kept, "author": NO_AUTHOR[0], MARK: AUTHOR}


def _tells(value: Any, wanted: Plan) -> bool:
    """Tell whether data of no known shape may hold what is to go."""
    said = json.dumps(value).lower()
    ids = (name[3:] for name in wanted.levels)
    return any(each and each in said for each in (*ids, *wanted.names))


def _passed_on(data: Raw) -> list[Any]:
    parents = data.get("crosspost_parent_list")
    return parents if isinstance(parents, list) else []


def _things(posts: Iterable[Any]) -> list[Thing]:
    return [{"kind": "t3", "data": post} for post in posts]
