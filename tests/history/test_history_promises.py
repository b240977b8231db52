"""R11: a thread's whole life. Random ones are lived, stored after each step, and told at the end.

The truth is what the test did and when; what was to be seen of it is read from each answer.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reddit_archive import history, quote
from reddit_archive.archive import check_log, store
from reddit_archive.history import observation, overwrites, traces
from reddit_archive.model import capture, html_entities
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.thread import Thread
from tests.support import reddit_server
from tests.support.reddit_server.thread import to_html

LIVES, MANY_LIVES = 30, 1000
PARTS = 5
"""For as many processes."""
NEVER = datetime(2025, 1, 1, tzinfo=UTC)
LOST = ("deleted", "removed", "removed by Reddit", "removed for legal reasons")
FILLS = (
    "market school yoke pet attempt bells nine file birds plant\n\n"
    "*This post was mass deleted and anonymized with [Redact](https://redact.dev/home)*",
    "long capable subtract cautious existence forgetful divide grandiose run fear",
    "I have been Shreddited for privacy!",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    "Overwritten with Power Delete Suite.",
    "This comment has been overwritten by an open source script to protect this user's privacy.",
)


@dataclass(slots=True)
class Truth:
    """What is so of a post or comment, and since when. `text` is the last that was meant."""

    text: str
    state: str | None = None
    is_nobody: bool = False
    state_at: datetime = NEVER
    text_at: datetime = NEVER
    nobody_at: datetime = NEVER
    born_at: datetime = NEVER
    first_text: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a stored answer shows of the truth, and which comments are not there in it."""

    at: datetime
    shown: dict[str, Truth]
    absent: dict[str, Truth]
    covers: bool
    would_show: Callable[[str], bool]
    is_first_text: bool = False


@dataclass(slots=True)
class World:
    """A thread on a Reddit with a clock, an archive, and the truth about both."""

    seed: int
    root: Path
    random: Random = field(init=False)
    server: reddit_server.Thread = field(init=False)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    truths: dict[str, Truth] = field(default_factory=dict)
    taken_back: dict[str, dict[str, Any]] = field(default_factory=dict)
    looks: list[Seen] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)
    said: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        size = self.random.randint(4, 24)
        self.server = reddit_server.generate(comments=size, depth=5, seed=self.seed + 1)
        self.server.edit_post(self.words())
        self.server.post["created_utc"] = self.now.timestamp()
        self.truths[self.server.name] = self.born(self.server.post["selftext"])
        for comment in self.server.comments.values():
            text = self.words()
            comment |= {"body": text, "body_html": to_html(text)}
            comment["created_utc"] = self.now.timestamp()
            self.truths[comment["name"]] = self.born(text)

    def words(self) -> str:
        self.said += 1
        return f"This is the text of number {self.said} and nothing else."

    def born(self, text: str) -> Truth:
        return Truth(text, born_at=self.now, first_text=text)

    def wait(self) -> None:
        self.now += timedelta(hours=self.random.randint(1, 60))

    # What befalls it

    def befall(self) -> None:
        deeds: list[Callable[[], None]] = [
            *[self.edit, self.delete, self.remove, self.restore, self.reply, self.wipe] * 3,
            *(self.leave, self.edit_post, self.lose_post),
        ]
        self.wait()
        self.random.choice(deeds)()

    def pick(self, *states: str | None) -> str | None:
        """A comment in one of these states, if there is one."""
        names = sorted(n for n, t in self.truths.items() if t.state in states and n[:2] == "t1")
        return self.random.choice(names) if names else None

    def turn(self, name: str, state: str | None) -> None:
        self.truths[name].state, self.truths[name].state_at = state, self.now

    def edit(self) -> None:
        if name := self.pick(None):
            self.truths[name].text, self.truths[name].text_at = self.words(), self.now
            self.server.edit(name[3:], self.truths[name].text)

    def edit_post(self) -> None:
        truth = self.truths[self.server.name]
        if truth.state is None:
            truth.text, truth.text_at = self.words(), self.now
            self.server.edit_post(truth.text)

    def delete(self) -> None:
        if name := self.pick(None, "overwritten"):
            self.server.delete(name[3:])
            self.turn(name, "deleted")

    def remove(self) -> None:
        if name := self.pick(None):
            self.taken_back[name] = dict(self.server.comments[name[3:]])
            is_admin, is_legal = self.random.random() < 0.5, self.random.random() < 0.3
            self.server.remove(name[3:], admin=is_admin)
            if is_admin and is_legal:
                text = "[ Removed by Reddit in response to a copyright notice. ]"
                self.server.comments[name[3:]] |= {"body": text, "body_html": to_html(text)}
            by_admin = "removed for legal reasons" if is_legal else "removed by Reddit"
            self.turn(name, by_admin if is_admin else "removed")

    def restore(self) -> None:
        if name := self.pick(*LOST[1:]):
            author = self.truths[name].is_nobody
            self.server.removed.discard(name[3:])
            self.server.comments[name[3:]] |= self.taken_back.pop(name)
            if author:
                self.server.comments[name[3:]] |= {"author": "[deleted]"}
            self.turn(name, None)

    def reply(self) -> None:
        name = self.random.choice([self.server.name, self.pick(None) or self.server.name])
        text = self.words()
        comment = self.server.comments[
            self.server.reply(name, text, author=f"guest{self.random.randint(1, 3)}")
        ]
        comment["created_utc"] = self.now.timestamp()
        self.truths[comment["name"]] = self.born(text)

    def wipe(self) -> None:
        if name := self.pick(None):
            self.server.edit(name[3:], self.random.choice(FILLS))
            self.turn(name, "overwritten")

    def leave(self) -> None:
        name = self.pick(None)
        if name and (author := self.server.comments[name[3:]]["author"]) != "[deleted]":
            for each, truth in self.truths.items():
                data = self.taken_back.get(each) or self.data(each)
                if data["author"] == author:
                    truth.is_nobody, truth.nobody_at = True, self.now
            self.server.delete_account(author)

    def lose_post(self) -> None:
        truth = self.truths[self.server.name]
        if truth.state is None:
            how, state = self.random.choice(
                [
                    ("deleted", "deleted"),
                    ("moderator", "removed"),
                    ("reddit", "removed by Reddit"),
                    ("copyright_takedown", "removed for legal reasons"),
                ]
            )
            if how == "deleted":
                self.server.delete_post()
            else:
                self.server.remove_post(how)
            self.turn(self.server.name, state)

    def data(self, name: str) -> dict[str, Any]:
        return self.server.post if name[:2] == "t3" else self.server.comments[name[3:]]

    # How it is looked at

    def look(self) -> None:
        """Ask in one of the ways in which people do, and store the answer."""
        self.wait()
        for comment in self.server.comments.values():
            if self.random.random() < 0.3:
                comment["score"] += 1
        if self.server.refusal:
            check_log.add(
                store.thread_folder(self.root, self.server.id), self.now, "reddit", "not-found"
            )
            return
        ways = [*[self.page] * 6, *[self.short_page] * 3, self.permalink, self.info, self.arctic]
        taken, covers = self.random.choice(ways)()
        added = store.add(self.root, taken)
        if added.is_new:
            self.looks.append(self.see(taken, covers))
            path = added.snapshot.path
            self.files[path] = hashlib.sha256(path.read_bytes()).hexdigest()

    def taken(self, answer: Any, **more: Any) -> Capture:
        settings = {"source": "reddit", "request": {"path": f"comments/{self.server.id}/"}}
        things = capture.flatten(answer)
        return Capture(self.server.id, self.now, things=things, **{**settings, **more})

    def page(self) -> tuple[Capture, bool]:
        answer = reddit_server.page(self.server, limit=500)
        if self.random.random() < 0.3:
            saved = reddit_server.escape(answer)
            return self.taken(saved, source="saved", request={"file": "thread.json"}), False
        return self.taken(answer), True

    def short_page(self) -> tuple[Capture, bool]:
        limit = self.random.randint(1, 12)
        depth = self.random.choice((None, 2))
        return self.taken(reddit_server.page(self.server, limit=limit, depth=depth)), True

    def permalink(self) -> tuple[Capture, bool]:
        comment = self.random.choice(sorted(self.server.visible()) or [None])
        context = self.random.choice((0, 8))
        answer = reddit_server.page(self.server, comment=comment, context=context)
        return self.taken(answer, source="saved", request={"file": "one.json"}), False

    def info(self) -> tuple[Capture, bool]:
        names = self.random.sample(sorted(self.truths), min(6, len(self.truths)))
        answer = reddit_server.info([self.server], [self.server.name, *names])
        return self.taken(answer, source="saved", request={"file": "info.json"}), False

    def arctic(self) -> tuple[Capture, bool]:
        """An archive that keeps what it saw a minute after it was said."""
        things: list[Thing] = []
        for name, truth in self.truths.items():
            keys = ("id", "name", "parent_id", "link_id", "title", "subreddit")
            data = {key: value for key, value in self.data(name).items() if key in keys}
            kept = self.taken_back.get(name) or self.data(name)
            author = "a_writer" if kept["author"] == "[deleted]" else kept["author"]
            field_name = "selftext" if name[:2] == "t3" else "body"
            at = truth.born_at.timestamp()
            data |= {field_name: truth.first_text, "author": author, "created_utc": at}
            things.append({"kind": name[:2], "data": {**data, "retrieved_on": at + 60}})
        request = {"path": "comments/tree"}
        return replace(
            self.taken([], source="arctic-shift", request=request), things=tuple(things)
        ), False

    def see(self, taken: Capture, covers: bool) -> Seen:
        """What this answer tells, read without the code under test."""
        here = {thing["data"]["name"] for thing in taken.things if thing["kind"] in ("t1", "t3")}
        stubs = [thing["data"] for thing in taken.things if thing["kind"] == "more"]
        named = {f"t1_{child}" for stub in stubs for child in stub["children"]}
        closed = {stub["parent_id"] for stub in stubs if not stub["children"]}
        roots = [t for t in taken.things if t["data"].get("parent_id") == self.server.name]
        is_tree = all("depth" in t["data"] for t in taken.things if t["kind"] == "t1")
        # A saved page is known for the whole thread's when it has two answers to the post.
        held = sum(name[:2] == "t1" for name in here) + sum(stub["count"] for stub in stubs)
        is_whole = len(roots) > 1 or held >= self.server.post["num_comments"]
        covers = covers or (taken.source == "saved" and is_tree and is_whole)

        def is_open(name: str) -> bool:
            above = self.data(name)["parent_id"]
            return name not in named and (
                above not in closed if above in here else above[:2] == "t1" and is_open(above)
            )

        missing = [name for name in self.truths if name not in here] if covers else []
        return Seen(
            self.now,
            {name: replace(self.truths[name]) for name in sorted(here)},
            {name: replace(self.truths[name]) for name in missing if is_open(name)},
            covers,
            is_open,
            is_first_text=taken.source == "arctic-shift",
        )


Expected = tuple[str, str, int, datetime]
"""Kind, fullname, number of the look that shows it, and when it truly was."""


def live(seed: int, root: Path, steps: int = 14) -> World:
    world = World(seed, root)
    world.look()
    for _ in range(steps):
        world.befall()
        if world.random.random() < 0.12:
            phase = world.random.choice(("gone", "private", None, None))
            world.server.refuse(phase)
        world.look()
    return world


def expected(looks: list[Seen]) -> list[Expected]:
    """Every change that the looks can tell, with its true time."""
    found: list[Expected] = []
    for name in dict.fromkeys(name for look in looks for name in (*look.shown, *look.absent)):
        found += _expected_of(name, looks)
    return found


def _expected_of(name: str, looks: list[Seen]) -> Iterator[Expected]:
    state, text, nobody, known = None, None, True, False
    numbered = sorted(enumerate(looks), key=lambda each: not each[1].is_first_text)
    for number, look in numbered:
        if name in look.absent and known and state in (None, "overwritten"):
            state = "vanished"
            yield state, name, number, look.absent[name].state_at
        if name not in look.shown:
            continue
        truth = look.shown[name]
        if look.is_first_text:
            truth = Truth(truth.first_text, born_at=truth.born_at)
        if truth.state == "overwritten" and not text:  # nobody can know that it is
            truth = replace(truth, state=None, text="")
        if not known and truth.state is None and _is_new(name, truth, number, looks):
            was_hidden = truth.state_at > truth.born_at
            yield "appeared", name, number, truth.state_at if was_hidden else truth.born_at
        if known and truth.state is None and state is not None:
            yield "restored", name, number, truth.state_at
        elif known and truth.state is not None and truth.state != state and text is not None:
            yield truth.state, name, number, truth.state_at
        if truth.state in (None, "overwritten"):
            if truth.is_nobody and not nobody:
                yield "account deleted", name, number, truth.nobody_at
            nobody = truth.is_nobody
        if truth.state is None:
            if text is not None and truth.text != text:
                yield "edited", name, number, truth.text_at
            text = truth.text
        state, known = truth.state, True


def _is_new(name: str, truth: Truth, number: int, looks: list[Seen]) -> bool:
    """Tell whether it was written since the look before, or since one that would have held it."""
    if number == 0 or truth.born_at > looks[number - 1].at:
        return number > 0
    listing = next((look for look in reversed(looks[:number]) if look.covers), None)
    return listing is not None and not looks[number].is_first_text and listing.would_show(name)


def check(world: World) -> None:
    """Compare what the archive tells with the truth. The whole of R11 but for the quote."""
    captures = tuple(shot.capture for shot in store.load_snapshots(world.root, world.server.id))
    past = history.trace(world.server.id, captures)
    told = {(event.kind, event.fullname, event.capture_index): event for event in past.events}
    true = {(kind, name, number): at for kind, name, number, at in expected(world.looks)}
    assert len(told) == len(past.events)
    assert told.keys() == true.keys()
    for key, at in true.items():
        after = told[key].window_start
        assert after is None or after <= at, key
        assert at <= told[key].window_end, key
    check_texts(world, past, history.merge(world.server.id, captures))
    for path, digest in world.files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def check_texts(world: World, past: history.ThreadHistory, merged: Thread) -> None:
    """Each text that was ever seen is kept, and the last one is what is quoted."""
    pages = quote.render(merged, quote.Selection(everything=True))
    for name, texts in seen_texts(world.looks).items():
        assert {version.body for version in past.timelines[name].versions} >= set(texts)
        said = merged.post if name[:2] == "t3" else merged.comments[name[3:]]
        assert said is not None
        assert said.body == texts[-1]
        assert texts[-1] in pages


def seen_texts(looks: Iterable[Seen]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for look in sorted(looks, key=lambda look: not look.is_first_text):
        for name, truth in look.shown.items():
            if look.is_first_text:
                texts.setdefault(name, []).append(truth.first_text)
            elif truth.state is None:
                texts.setdefault(name, []).append(truth.text)
    return texts


def test_r11__random_lives(tmp_path: Path) -> None:
    kinds = set()
    for seed in range(LIVES):
        world = live(seed, tmp_path / str(seed))
        check(world)
        kinds |= {kind for kind, *_ in expected(world.looks)}
    assert kinds == set(history.timeline.EVENT_KINDS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_r11__a_thousand_random_lives(part: int, tmp_path: Path) -> None:
    for seed in range(part, MANY_LIVES, PARTS):
        check(live(seed, tmp_path / str(seed), steps=7 if seed % 5 else 14))


# Controls: what these lives catch


def newest_text(thread_id: str, captures: Iterable[Capture]) -> Thread:
    """A merge that believes whatever it saw last."""
    last = {
        thing["data"]["name"]: thing
        for taken in captures
        for thing in html_entities.unescape_things(taken.things)
        if thing["kind"] != "more"
    }
    request = {"path": f"comments/{thread_id}/"}
    taken = Capture(thread_id, capture.utc_now(), "reddit", request, tuple(last.values()))
    return REAL_MERGE(thread_id, [taken])


REAL_MERGE = history.merge
REAL_EACH = observation.iter_observations


class Gapless(observation.Observation):
    """A look to which whatever is not there is gone."""

    def with_complete_parents(self) -> observation.Observation:
        return replace(self, stub_names=frozenset(), complete_parents=frozenset(self.things))


def looks_without_gaps(captures: tuple[Capture, ...]) -> Iterator[observation.Observation]:
    for seen in REAL_EACH(captures):
        yield Gapless(*(getattr(seen, each.name) for each in fields(seen)))


def looks_at_present(captures: tuple[Capture, ...]) -> Iterator[observation.Observation]:
    """Looks that take an archive of first texts for news."""
    return REAL_EACH(tuple(replace(taken, source="reddit") for taken in captures))


def never(text: str, former: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("modules", "name", "fault"),
    [
        ([history], "merge", newest_text),
        ([observation, traces], "iter_observations", looks_without_gaps),
        ([observation, traces], "iter_observations", looks_at_present),
        ([overwrites], "is_overwritten", never),
    ],
    ids=["newest-text-wins", "no-gaps", "first-texts-are-new", "no-overwrites"],
)
def test_r11__lives_catch(
    modules: list[object], name: str, fault: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in modules:
        monkeypatch.setattr(module, name, fault)
    caught = 0
    for seed in range(8):
        world = live(seed, tmp_path / str(seed))
        try:
            check(world)
        except AssertionError:
            caught += 1
    assert caught >= 3


def test_r11__a_changed_snapshot_is_caught(tmp_path: Path) -> None:
    world = live(1, tmp_path)
    path = next(iter(world.files))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"score":', b'"score" :', 1))
    with pytest.raises(Exception, match=r"damaged|assert"):
        check(world)
