"""A thread seen by pages, by the API and by Arctic Shift, in any order, has one true history.

A simulated thread changes at random. Looks of four sources see it, and are stored in a random
order. At the end, each event must be true, each text right, and nothing that was seen may be lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from reddit_archive import history, markup
from reddit_archive.archive import store
from reddit_archive.history import Observations, observation
from reddit_archive.markup import shown_text, snudown
from reddit_archive.model.capture import Capture, Thing
from tests.support import page_looks as looks
from tests.support.page_looks import THREAD_ID

THREADS, STORED_THREADS, MANY_THREADS = 60, 5, 2000
STEPS = 8
TEXTS = (
    "Word {} with *emphasis* and /r/sub.",
    "* item {}\n* another",
    "> quoted {}\n\nAn answer  \non two lines.",
    "    code {}\n      more",
    "See https://example.org/a_b?x={} and [this](https://example.org/).",
    "&#x200B;\n\nHidden >!spoiler {}!< and x^2",
    "# Title {}\n\na|b\n:-|-:\n1|2",
)


@dataclass(slots=True)
class Truth:
    """A comment: its texts with the times of their edits, and when it was deleted."""

    texts: list[tuple[datetime, str]]
    deleted_at: datetime | None = None

    def text_at(self, time: datetime) -> str:
        return [text for edited_at, text in self.texts if edited_at <= time][-1]

    def is_deleted_at(self, time: datetime) -> bool:
        return self.deleted_at is not None and self.deleted_at <= time


@dataclass(slots=True)
class Simulation:
    seed: int
    random: Random = field(init=False)
    day: float = 0
    truths: dict[str, Truth] = field(default_factory=dict)
    captures: list[Capture] = field(default_factory=list)
    text_count: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        for _ in range(self.random.randint(2, 6)):
            self.reply()

    def write_text(self) -> str:
        self.text_count += 1
        return self.random.choice(TEXTS).format(self.text_count)

    def reply(self) -> None:
        self.truths[f"c{len(self.truths)}"] = Truth([(looks.at_day(self.day), self.write_text())])

    def change(self) -> None:
        self.day += self.random.randint(1, 5) / 4
        truth = self.random.choice([*self.truths.values()])
        match self.random.randint(0, 3):
            case 0:
                self.reply()
            case 1:
                truth.deleted_at = truth.deleted_at or looks.at_day(self.day)
            case _ if truth.deleted_at is None:
                truth.texts.append((looks.at_day(self.day), self.write_text()))

    def look(self) -> None:
        self.day += self.random.randint(1, 5) / 4
        see = self.random.choice((self.see_api, self.see_arctic, self.see_page, self.see_old_page))
        self.captures.append(replace(see(), is_live=False))

    def see_api(self) -> Capture:
        things = [
            looks.api_comment(name, "[deleted]", author="[deleted]", created_utc=self.time_of(name))
            if self.is_deleted(name)
            else looks.api_comment(name, self.text(name), created_utc=self.time_of(name))
            for name in self.truths
            if not self.is_deleted(name) or self.random.random() < 0.5
        ]
        return looks.api_capture(looks.api_post(num_comments=self.count()), *things, day=self.day)

    def see_arctic(self) -> Capture:
        things = [
            looks.arctic_comment(name, truth.texts[0][1], created_utc=self.time_of(name))
            for name, truth in self.truths.items()
        ]
        for thing in things:
            thing["data"]["retrieved_on"] = thing["data"]["created_utc"] + 1
        return looks.arctic_capture(*things, day=self.day)

    def see_page(self) -> Capture:
        """Show some comments; deleted ones without their ids, others are scrolled away."""
        make = self.random.choice((looks.page_comment, looks.poor_comment))
        things = [make(name, self.text(name)) for name in self.pick() if not self.is_deleted(name)]
        for thing in things:
            if "created_utc" in thing["data"]:
                thing["data"]["created_utc"] = self.time_of(thing["data"]["id"])
        deleted = sum(map(self.is_deleted, self.truths))
        post = looks.page_post(num_comments=self.count())
        return looks.page_capture(post, *things, day=self.day, comments_without_id=deleted)

    def see_old_page(self) -> Capture:
        things = [
            looks.deleted_comment(name, created_utc=self.time_of(name))
            if self.is_deleted(name)
            else looks.old_page_comment(name, self.text(name), created_utc=self.time_of(name))
            for name in self.pick()
        ]
        post = looks.page_post(num_comments=self.count())
        return looks.page_capture(post, *things, day=self.day)

    def pick(self) -> list[str]:
        share = self.random.choice((0.5, 1))
        return [name for name in self.truths if self.random.random() <= share]

    def is_deleted(self, name: str) -> bool:
        return self.truths[name].deleted_at is not None

    def text(self, name: str) -> str:
        return self.truths[name].texts[-1][1]

    def time_of(self, name: str) -> float:
        return self.truths[name].texts[0][0].timestamp()

    def count(self) -> int:
        return len(self.truths)


def simulate(seed: int) -> Simulation:
    """Return a thread that was seen several times. Its captures are in a random order."""
    simulation = Simulation(seed)
    simulation.look()
    for _ in range(STEPS):
        for _ in range(simulation.random.randint(0, 2)):
            simulation.change()
        simulation.look()
    simulation.random.shuffle(simulation.captures)
    return simulation


def sort_captures(simulation: Simulation) -> tuple[Capture, ...]:
    """Return the captures in the order in which an archive loads them."""
    return tuple(sorted(simulation.captures, key=lambda captured: captured.captured_at))


def store_captures(simulation: Simulation, root: Path) -> tuple[Capture, ...]:
    """Store the captures, and return those that the archive has. It leaves out repeated ones."""
    for captured in simulation.captures:
        store.add(root, captured)
    return tuple(snapshot.capture for snapshot in store.load_snapshots(root, THREAD_ID))


def list_true_events(simulation: Simulation, captures: tuple[Capture, ...]) -> Iterator[str]:
    """Yield the edits and deletions that the captures can show."""
    numbered = sorted(enumerate(captures), key=lambda pair: pair[1].source != "arctic-shift")
    for name, truth in simulation.truths.items():
        text: str | None = None
        is_deleted = False
        for number, captured in numbered:
            thing = find_thing(captured, name)
            if thing is None:
                is_absent = captured.source == "reddit" and truth.is_deleted_at(
                    captured.captured_at
                )
                if is_absent and text is not None and not is_deleted:
                    is_deleted = True
                    yield f"vanished {name} {number}"
                continue
            is_first_text = captured.source == "arctic-shift"
            if thing["data"].get("body") == "[deleted]":
                if text is not None and not is_deleted:
                    yield f"deleted {name} {number}"
                is_deleted = True
                continue
            new_text = truth.texts[0][1] if is_first_text else truth.text_at(captured.captured_at)
            if text is not None and new_text != text:
                yield f"edited {name} {number}"
            text = new_text


def find_thing(captured: Capture, name: str) -> Thing | None:
    return next((t for t in captured.things if t["data"].get("name") == f"t1_{name}"), None)


def check(simulation: Simulation, captures: tuple[Capture, ...]) -> None:
    traced = history.trace(THREAD_ID, captures)
    kinds = {"edited", "deleted", "vanished", "restored", "account deleted", "overwritten"}
    events = [event for event in traced.events if event.kind in kinds]
    reported = [f"{event.kind} {event.fullname[3:]} {event.capture_index}" for event in events]
    true_events = [*list_true_events(simulation, captures)]
    assert {e for e in reported if e[0] in "er"} == {e for e in true_events if e[0] == "e"}
    for event in events:
        check_event(event, simulation.truths[event.fullname[3:]])
    deletions = {tuple(e.split()[:2]) for e in true_events if e[0] != "e"}
    assert {n for _, n in deletions} == {e.fullname[3:] for e in events if e.kind[0] in "dv"}
    check_merged(simulation, captures)


def check_event(event: history.Event, truth: Truth) -> None:
    """Check that something like the event happened in its window, with these texts."""
    start, end = event.window_start, event.window_end
    if event.kind != "edited":
        assert truth.deleted_at is not None
        assert start is None or start <= truth.deleted_at
        assert truth.deleted_at <= end
        return
    assert any((start is None or start <= at) and at <= end for at, _ in truth.texts[1:])
    true_text = truth.text_at(end)
    plain_text = markup.convert(snudown.render(true_text), target="text").replace("/r/", "r/")
    assert event.new_text in (true_text, plain_text)


def check_merged(simulation: Simulation, captures: tuple[Capture, ...]) -> None:
    """Check that each comment has its last seen text once, and each field that a look told."""
    thread = history.merge(THREAD_ID, captures)
    seen = {name for name in simulation.truths if any(find_thing(c, name) for c in captures)}
    assert set(thread.comments) == seen
    in_order = sorted(captures, key=lambda captured: captured.source != "arctic-shift")
    for name in seen:
        things = [(c, thing) for c in in_order if (thing := find_thing(c, name))]
        intact = [(c, t) for c, t in things if t["data"].get("body") != "[deleted]"]
        comment, truth = thread.comments[name], simulation.truths[name]
        assert comment.deletion_status in ((None, "deleted") if truth.deleted_at else (None,))
        assert (comment.created_at is not None) == any(
            "created_utc" in t["data"] for _, t in things
        )
        if not intact:
            continue
        last, _ = intact[-1]
        is_first_text = last.source == "arctic-shift"
        text = truth.texts[0][1] if is_first_text else truth.text_at(last.captured_at)
        true_html = looks.api_comment(body=text)["data"]["body_html"]
        assert shown_text.shows_same_text(comment.html, true_html)
        has_markdown = any(t["data"].get("body") == text for _, t in intact)
        assert not has_markdown or comment.body == text or is_reverted(truth)
    missing = len(simulation.truths) - len(seen)
    assert not thread.is_complete or missing <= count_unseen_deleted(simulation, seen)


def is_reverted(truth: Truth) -> bool:
    return len({text for _, text in truth.texts}) < len(truth.texts)


def count_unseen_deleted(simulation: Simulation, seen: set[str]) -> int:
    return sum(simulation.is_deleted(name) for name in simulation.truths if name not in seen)


def test_looks_of_all_sources__have_one_true_history() -> None:
    for seed in range(THREADS):
        simulation = simulate(seed)
        check(simulation, sort_captures(simulation))


def test_looks_of_all_sources__are_stored_in_any_order(tmp_path: Path) -> None:
    for seed in range(STORED_THREADS):
        simulation = simulate(seed)
        check(simulation, store_captures(simulation, tmp_path / str(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_looks_of_all_sources__many_threads(part: int, tmp_path: Path) -> None:
    for seed in range(part, MANY_THREADS, 4):
        simulation = simulate(seed)
        check(simulation, store_captures(simulation, tmp_path / str(seed)))


# Faults that the simulations must catch


def take_absence_as_proof(item: observation.Observation) -> observation.Observation:
    return replace(item, complete_parents=frozenset(item.things))


def complete_nothing(observations: list[observation.Observation]) -> Observations:
    return Observations(observations)


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (shown_text, "shows_same_text", str.__eq__),
        (observation.Observation, "with_complete_parents", take_absence_as_proof),
        (observation, "_complete_pages", complete_nothing),
    ],
    ids=["compares-html", "absence-is-deletion", "completes-nothing"],
)
def test_faults__are_caught(
    module: object, name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught = 0
    for seed in range(8):
        simulation = simulate(seed)
        with monkeypatch.context() as patched:
            patched.setattr(module, name, fault)
            try:
                check(simulation, sort_captures(simulation))
            except AssertionError:
                caught += 1
    assert caught >= 3
