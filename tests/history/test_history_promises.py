"""R11: the history of a thread is complete and correct.

A simulated thread changes at random and is captured after each change. At the end its history is
compared with what happened. What each capture can show is read from the response by the test.
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

THREADS, MANY_THREADS = 18, 1000
PARTS = 5
"""The slow test runs in this many parts, for several processes."""
NEVER = datetime(2025, 1, 1, tzinfo=UTC)
DELETED_STATES = ("deleted", "removed", "removed by Reddit", "removed for legal reasons")
OVERWRITES = (
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
    """The true state of an item, and since when. `text` is the last text by the author."""

    text: str
    state: str | None = None
    is_author_deleted: bool = False
    state_at: datetime = NEVER
    text_at: datetime = NEVER
    author_deleted_at: datetime = NEVER
    created_at: datetime = NEVER
    first_text: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a stored capture shows, and which comments it should show and does not."""

    at: datetime
    shown: dict[str, Truth]
    absent: dict[str, Truth]
    is_thread_page: bool
    would_show: Callable[[str], bool]
    is_first_text: bool = False


@dataclass(slots=True)
class Simulation:
    """A thread on a simulated Reddit with a clock, its archive, and its true states."""

    seed: int
    root: Path
    random: Random = field(init=False)
    server: reddit_server.Thread = field(init=False)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    truths: dict[str, Truth] = field(default_factory=dict)
    removed_data: dict[str, dict[str, Any]] = field(default_factory=dict)
    expectations: list[Expectation] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)
    text_count: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        size = self.random.randint(4, 24)
        self.server = reddit_server.generate(comments=size, depth=5, seed=self.seed + 1)
        self.server.edit_post(self.write_text())
        self.server.post["created_utc"] = self.now.timestamp()
        self.truths[self.server.name] = self.create_truth(self.server.post["selftext"])
        for comment in self.server.comments.values():
            text = self.write_text()
            comment |= {"body": text, "body_html": to_html(text)}
            comment["created_utc"] = self.now.timestamp()
            self.truths[comment["name"]] = self.create_truth(text)

    def write_text(self) -> str:
        self.text_count += 1
        return f"This is the text of number {self.text_count} and nothing else."

    def create_truth(self, text: str) -> Truth:
        return Truth(text, created_at=self.now, first_text=text)

    def advance_clock(self) -> None:
        self.now += timedelta(hours=self.random.randint(1, 60))

    # What happens to the thread

    def change(self) -> None:
        changes: list[Callable[[], None]] = [
            *[self.edit, self.delete, self.remove, self.restore, self.reply, self.overwrite] * 3,
            *(self.delete_account, self.edit_post, self.delete_post),
        ]
        self.advance_clock()
        self.random.choice(changes)()

    def pick(self, *states: str | None) -> str | None:
        """Return a comment in one of these states, or None."""
        names = sorted(n for n, t in self.truths.items() if t.state in states and n[:2] == "t1")
        return self.random.choice(names) if names else None

    def set_state(self, name: str, state: str | None) -> None:
        self.truths[name].state, self.truths[name].state_at = state, self.now

    def edit(self) -> None:
        if name := self.pick(None):
            self.truths[name].text, self.truths[name].text_at = self.write_text(), self.now
            self.server.edit(name[3:], self.truths[name].text)

    def edit_post(self) -> None:
        truth = self.truths[self.server.name]
        if truth.state is None:
            truth.text, truth.text_at = self.write_text(), self.now
            self.server.edit_post(truth.text)

    def delete(self) -> None:
        if name := self.pick(None, "overwritten"):
            self.server.delete(name[3:])
            self.set_state(name, "deleted")

    def remove(self) -> None:
        if name := self.pick(None):
            self.removed_data[name] = dict(self.server.comments[name[3:]])
            is_admin, is_legal = self.random.random() < 0.5, self.random.random() < 0.3
            self.server.remove(name[3:], admin=is_admin)
            if is_admin and is_legal:
                text = "[ Removed by Reddit in response to a copyright notice. ]"
                self.server.comments[name[3:]] |= {"body": text, "body_html": to_html(text)}
            by_admin = "removed for legal reasons" if is_legal else "removed by Reddit"
            self.set_state(name, by_admin if is_admin else "removed")

    def restore(self) -> None:
        if name := self.pick(*DELETED_STATES[1:]):
            author = self.truths[name].is_author_deleted
            self.server.removed.discard(name[3:])
            self.server.comments[name[3:]] |= self.removed_data.pop(name)
            if author:
                self.server.comments[name[3:]] |= {"author": "[deleted]"}
            self.set_state(name, None)

    def reply(self) -> None:
        name = self.random.choice([self.server.name, self.pick(None) or self.server.name])
        text = self.write_text()
        comment = self.server.comments[
            self.server.reply(name, text, author=f"guest{self.random.randint(1, 3)}")
        ]
        comment["created_utc"] = self.now.timestamp()
        self.truths[comment["name"]] = self.create_truth(text)

    def overwrite(self) -> None:
        if name := self.pick(None):
            self.server.edit(name[3:], self.random.choice(OVERWRITES))
            self.set_state(name, "overwritten")

    def delete_account(self) -> None:
        name = self.pick(None)
        if name and (author := self.server.comments[name[3:]]["author"]) != "[deleted]":
            for item_name, truth in self.truths.items():
                data = self.removed_data.get(item_name) or self.data(item_name)
                if data["author"] == author:
                    truth.is_author_deleted, truth.author_deleted_at = True, self.now
            self.server.delete_account(author)

    def delete_post(self) -> None:
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
            self.set_state(self.server.name, state)

    def data(self, name: str) -> dict[str, Any]:
        return self.server.post if name[:2] == "t3" else self.server.comments[name[3:]]

    # How it is captured

    def capture_thread(self) -> None:
        """Fetch the thread in a random way, and store the capture."""
        self.advance_clock()
        for comment in self.server.comments.values():
            if self.random.random() < 0.3:
                comment["score"] += 1
        if self.server.refusal:
            check_log.add(
                store.thread_folder(self.root, self.server.id), self.now, "reddit", "not-found"
            )
            return
        fetchers = [
            *[self.fetch_page] * 6,
            *[self.fetch_short_page] * 3,
            self.fetch_permalink,
            self.fetch_info,
            self.fetch_first_texts,
        ]
        captured, is_thread_page = self.random.choice(fetchers)()
        added = store.add(self.root, captured)
        if added.is_new:
            self.expectations.append(self.expect(captured, is_thread_page))
            path = added.snapshot.path
            self.files[path] = hashlib.sha256(path.read_bytes()).hexdigest()

    def build_capture(self, response: Any, **more: Any) -> Capture:
        settings = {"source": "reddit", "request": {"path": f"comments/{self.server.id}/"}}
        things = capture.flatten(response)
        return Capture(self.server.id, self.now, things=things, **{**settings, **more})

    def fetch_page(self) -> tuple[Capture, bool]:
        response = reddit_server.page(self.server, limit=500)
        if self.random.random() < 0.3:
            saved = reddit_server.escape(response)
            return self.build_capture(saved, source="saved", request={"file": "thread.json"}), False
        return self.build_capture(response), True

    def fetch_short_page(self) -> tuple[Capture, bool]:
        limit = self.random.randint(1, 12)
        depth = self.random.choice((None, 2))
        return self.build_capture(reddit_server.page(self.server, limit=limit, depth=depth)), True

    def fetch_permalink(self) -> tuple[Capture, bool]:
        comment = self.random.choice(sorted(self.server.visible()) or [None])
        context = self.random.choice((0, 8))
        response = reddit_server.page(self.server, comment=comment, context=context)
        return self.build_capture(response, source="saved", request={"file": "one.json"}), False

    def fetch_info(self) -> tuple[Capture, bool]:
        names = self.random.sample(sorted(self.truths), min(6, len(self.truths)))
        response = reddit_server.info([self.server], [self.server.name, *names])
        return self.build_capture(response, source="saved", request={"file": "info.json"}), False

    def fetch_first_texts(self) -> tuple[Capture, bool]:
        """Return a capture of an archive that stores each text one minute after it is written."""
        things: list[Thing] = []
        for name, truth in self.truths.items():
            keys = ("id", "name", "parent_id", "link_id", "title", "subreddit")
            data = {key: value for key, value in self.data(name).items() if key in keys}
            original = self.removed_data.get(name) or self.data(name)
            author = "a_writer" if original["author"] == "[deleted]" else original["author"]
            field_name = "selftext" if name[:2] == "t3" else "body"
            at = truth.created_at.timestamp()
            data |= {field_name: truth.first_text, "author": author, "created_utc": at}
            things.append({"kind": name[:2], "data": {**data, "retrieved_on": at + 60}})
        request = {"path": "comments/tree"}
        return replace(
            self.build_capture([], source="arctic-shift", request=request), things=tuple(things)
        ), False

    def expect(self, captured: Capture, is_thread_page: bool) -> Expectation:
        """Return what a capture shows, found without the code under test."""
        shown_names = {
            thing["data"]["name"] for thing in captured.things if thing["kind"] in ("t1", "t3")
        }
        stubs = [thing["data"] for thing in captured.things if thing["kind"] == "more"]
        named = {f"t1_{child}" for stub in stubs for child in stub["children"]}
        incomplete_parents = {stub["parent_id"] for stub in stubs if not stub["children"]}
        roots = [t for t in captured.things if t["data"].get("parent_id") == self.server.name]
        is_tree = all("depth" in t["data"] for t in captured.things if t["kind"] == "t1")
        # A saved page with two replies to the post is known to be the thread's own page.
        known_count = sum(name[:2] == "t1" for name in shown_names) + sum(
            stub["count"] for stub in stubs
        )
        is_whole = len(roots) > 1 or known_count >= self.server.post["num_comments"]
        is_thread_page = is_thread_page or (captured.source == "saved" and is_tree and is_whole)

        def would_show(name: str) -> bool:
            parent = self.data(name)["parent_id"]
            return name not in named and (
                parent not in incomplete_parents
                if parent in shown_names
                else parent[:2] == "t1" and would_show(parent)
            )

        missing = (
            [name for name in self.truths if name not in shown_names] if is_thread_page else []
        )
        return Expectation(
            self.now,
            {name: replace(self.truths[name]) for name in sorted(shown_names)},
            {name: replace(self.truths[name]) for name in missing if would_show(name)},
            is_thread_page,
            would_show,
            is_first_text=captured.source == "arctic-shift",
        )


Change = tuple[str, str, int, datetime]
"""Kind, fullname, index of the capture that shows it, and the true time of the change."""


def simulate(seed: int, root: Path, steps: int = 14) -> Simulation:
    simulation = Simulation(seed, root)
    simulation.capture_thread()
    for _ in range(steps):
        simulation.change()
        if simulation.random.random() < 0.12:
            refusal = simulation.random.choice(("gone", "private", None, None))
            simulation.server.refuse(refusal)
        simulation.capture_thread()
    return simulation


def list_changes(expectations: list[Expectation]) -> list[Change]:
    """Return every change that the captures can show, with its true time."""
    changes: list[Change] = []
    for name in dict.fromkeys(
        name for expectation in expectations for name in (*expectation.shown, *expectation.absent)
    ):
        changes += _iter_changes(name, expectations)
    return changes


def _iter_changes(name: str, expectations: list[Expectation]) -> Iterator[Change]:
    state, text, is_author_gone, is_known = None, None, True, False
    numbered = sorted(enumerate(expectations), key=lambda pair: not pair[1].is_first_text)
    for number, expectation in numbered:
        if name in expectation.absent and is_known and state in (None, "overwritten"):
            state = "vanished"
            yield state, name, number, expectation.absent[name].state_at
        if name not in expectation.shown:
            continue
        truth = expectation.shown[name]
        if expectation.is_first_text:
            truth = Truth(truth.first_text, created_at=truth.created_at)
        if truth.state == "overwritten" and not text:  # can't be recognized without a previous text
            truth = replace(truth, state=None, text="")
        if not is_known and truth.state is None and _is_new(name, truth, number, expectations):
            was_hidden = truth.state_at > truth.created_at
            yield "appeared", name, number, truth.state_at if was_hidden else truth.created_at
        if is_known and truth.state is None and state is not None:
            yield "restored", name, number, truth.state_at
        elif is_known and truth.state is not None and truth.state != state and text is not None:
            yield truth.state, name, number, truth.state_at
        if truth.state in (None, "overwritten"):
            if truth.is_author_deleted and not is_author_gone:
                yield "account deleted", name, number, truth.author_deleted_at
            is_author_gone = truth.is_author_deleted
        if truth.state is None:
            if text is not None and truth.text != text:
                yield "edited", name, number, truth.text_at
            text = truth.text
        state, is_known = truth.state, True


def _is_new(name: str, truth: Truth, number: int, expectations: list[Expectation]) -> bool:
    """Return whether an item was written since a capture that would have shown it."""
    if number == 0 or truth.created_at > expectations[number - 1].at:
        return number > 0
    listing = next(
        (
            expectation
            for expectation in reversed(expectations[:number])
            if expectation.is_thread_page
        ),
        None,
    )
    return (
        listing is not None and not expectations[number].is_first_text and listing.would_show(name)
    )


def check(simulation: Simulation) -> None:
    """Check that the archive's history equals what happened."""
    captures = tuple(
        snapshot.capture for snapshot in store.load_snapshots(simulation.root, simulation.server.id)
    )
    traced = history.trace(simulation.server.id, captures)
    events = {(event.kind, event.fullname, event.capture_index): event for event in traced.events}
    true_times = {
        (kind, name, number): at for kind, name, number, at in list_changes(simulation.expectations)
    }
    assert len(events) == len(traced.events)
    assert events.keys() == true_times.keys()
    for key, at in true_times.items():
        after = events[key].window_start
        assert after is None or after <= at, key
        assert at <= events[key].window_end, key
    check_texts(simulation, traced, history.merge(simulation.server.id, captures))
    for path, digest in simulation.files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def check_texts(simulation: Simulation, traced: history.ThreadHistory, merged: Thread) -> None:
    """Check that each observed text is preserved, and that the last one is quoted."""
    pages = quote.render(merged, quote.Selection(everything=True))
    for name, texts in get_observed_texts(simulation.expectations).items():
        assert {version.body for version in traced.timelines[name].versions} >= set(texts)
        item = merged.post if name[:2] == "t3" else merged.comments[name[3:]]
        assert item is not None
        assert item.body == texts[-1]
        assert texts[-1] in pages


def get_observed_texts(expectations: Iterable[Expectation]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for expectation in sorted(expectations, key=lambda expectation: not expectation.is_first_text):
        for name, truth in expectation.shown.items():
            if expectation.is_first_text:
                texts.setdefault(name, []).append(truth.first_text)
            elif truth.state is None:
                texts.setdefault(name, []).append(truth.text)
    return texts


def test_r11__random_threads(tmp_path: Path) -> None:
    kinds = set()
    for seed in range(THREADS):
        simulation = simulate(seed, tmp_path / str(seed))
        check(simulation)
        kinds |= {kind for kind, *_ in list_changes(simulation.expectations)}
    assert kinds == set(history.timeline.EVENT_KINDS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_r11__a_thousand_random_threads(part: int, tmp_path: Path) -> None:
    for seed in range(part, MANY_THREADS, PARTS):
        check(simulate(seed, tmp_path / str(seed), steps=7 if seed % 5 else 14))


# Faults that the simulations must catch


def newest_text(thread_id: str, captures: Iterable[Capture]) -> Thread:
    """Merge as if the newest capture of each item were right."""
    last = {
        thing["data"]["name"]: thing
        for captured in captures
        for thing in html_entities.unescape_things(captured.things)
        if thing["kind"] != "more"
    }
    request = {"path": f"comments/{thread_id}/"}
    captured = Capture(thread_id, capture.utc_now(), "reddit", request, tuple(last.values()))
    return REAL_MERGE(thread_id, [captured])


REAL_MERGE = history.merge
REAL_ITER_OBSERVATIONS = observation.iter_observations


class CompleteObservation(observation.Observation):
    """An observation in which every missing comment is absent."""

    def with_complete_parents(self) -> observation.Observation:
        return replace(self, stub_names=frozenset(), complete_parents=frozenset(self.things))


def iter_complete_observations(captures: tuple[Capture, ...]) -> Iterator[observation.Observation]:
    for item in REAL_ITER_OBSERVATIONS(captures):
        yield CompleteObservation(*(getattr(item, field.name) for field in fields(item)))


def iter_observations_as_new(captures: tuple[Capture, ...]) -> Iterator[observation.Observation]:
    """Yield observations in which a first-seen archive is as new as Reddit."""
    return REAL_ITER_OBSERVATIONS(
        tuple(replace(captured, source="reddit") for captured in captures)
    )


def never_overwritten(text: str, previous: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("modules", "name", "fault"),
    [
        ([history], "merge", newest_text),
        ([observation, traces], "iter_observations", iter_complete_observations),
        ([observation, traces], "iter_observations", iter_observations_as_new),
        ([overwrites], "is_overwritten", never_overwritten),
    ],
    ids=["newest-text-wins", "no-gaps", "first-texts-are-new", "no-overwrites"],
)
def test_r11__faults_are_caught(
    modules: list[object], name: str, fault: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in modules:
        monkeypatch.setattr(module, name, fault)
    caught = 0
    for seed in range(8):
        simulation = simulate(seed, tmp_path / str(seed))
        try:
            check(simulation)
        except AssertionError:
            caught += 1
        if caught == 3:
            return
    pytest.fail(f"only {caught} of 8 threads show the fault")


def test_r11__fault_changed_snapshot(tmp_path: Path) -> None:
    simulation = simulate(1, tmp_path)
    path = next(iter(simulation.files))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"score":', b'"score" :', 1))
    with pytest.raises(Exception, match=r"damaged|assert"):
        check(simulation)
