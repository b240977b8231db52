"""A thread that changes at random, as different sources capture it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from reddit_archive.model import capture
from reddit_archive.model.capture import Capture, Thing
from tests.support import reddit_server
from tests.support.histories import START

OVERWRITES = ("[deleted by user]", "This comment was deleted with a tool", ".")
PAGE_KEYS = ("id", "name", "parent_id", "author", "created_utc", "title", "selftext_html")


@dataclass(slots=True)
class RandomThread:
    """A simulated thread with a clock. `has_pages` adds saved web pages to the sources."""

    seed: int
    has_pages: bool = False
    now: datetime = START
    random: Random = field(init=False)
    server: reddit_server.Thread = field(init=False)
    visible_data: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        size = self.random.randint(3, 14)
        self.server = reddit_server.generate(comments=size, depth=4, seed=self.seed + 1)

    @property
    def id(self) -> str:
        return self.server.id

    def change(self) -> None:
        """Let something happen to the thread, and some votes arrive."""
        server, random = self.server, self.random
        self.now += timedelta(hours=random.randint(1, 60))
        for comment in server.comments.values():
            if random.random() < 0.3:
                comment["score"] += 1
        comment_id = random.choice(sorted(server.comments))
        text = f"Text of {self.now:%B %d, %H:%M}."
        changes: list[Callable[[], object]] = [
            *[lambda: server.edit(comment_id, text)] * 3,
            *[lambda: server.reply(random.choice((server.name, f"t1_{comment_id}")), text)] * 2,
            lambda: server.edit(comment_id, random.choice(OVERWRITES)),
            lambda: server.edit_post(text),
            lambda: self.hide(comment_id, server.delete),
            lambda: self.hide(comment_id, server.remove),
            self.restore,
            lambda: server.delete_account(server.comments[comment_id]["author"]),
        ]
        random.choice(changes)()

    def hide(self, comment_id: str, do: Callable[[str], None]) -> None:
        self.visible_data.setdefault(comment_id, dict(self.server.comments[comment_id]))
        do(comment_id)

    def restore(self) -> None:
        for comment_id in sorted(self.visible_data)[:1]:
            self.server.comments[comment_id] |= self.visible_data.pop(comment_id)
            self.server.deleted.discard(comment_id)
            self.server.removed.discard(comment_id)

    def capture(self) -> Capture:
        """Capture the thread as one of the sources does it."""
        self.now += timedelta(hours=self.random.randint(1, 60))
        ways = [*[self.fetch] * 6, *[self.fetch_part] * 2, self.save_one, self.see_first_texts]
        if self.has_pages:
            ways += [self.save_page] * 2
        captured = self.random.choice(ways)()
        if self.random.random() < 0.08:  # an older file
            early = captured.captured_at - timedelta(days=self.random.randint(1, 20))
            return replace(captured, captured_at=early, is_live=False)
        return captured

    def build(self, response: object, source: str, **request: object) -> Capture:
        return Capture(self.id, self.now, source, request, capture.flatten(response))

    def fetch(self) -> Capture:
        response = reddit_server.page(self.server, limit=500)
        if self.random.random() < 0.3:
            return self.build(reddit_server.escape(response), "saved", files=["thread.json"])
        return self.build(response, "reddit", path=f"comments/{self.id}/")

    def fetch_part(self) -> Capture:
        response = reddit_server.page(self.server, limit=self.random.randint(1, 9), depth=3)
        return self.build(response, "reddit", path=f"comments/{self.id}/")

    def save_one(self) -> Capture:
        comment = self.random.choice(sorted(self.server.visible()) or [None])
        response = reddit_server.page(self.server, comment=comment, context=8)
        return self.build(response, "saved", files=["one.json"])

    def see_first_texts(self) -> Capture:
        """Capture as Arctic Shift does: each text as it was first seen, here now."""
        fetched = self.build(reddit_server.page(self.server, limit=500), "arctic-shift")
        things = [thing for thing in fetched.things if thing["kind"] in ("t1", "t3")]
        for thing in things:
            thing["data"] = {
                **thing["data"],
                "retrieved_on": thing["data"]["created_utc"] + 60,
                "_escaped": False,
            }
            for key in ("body_html", "selftext_html", "depth"):
                thing["data"].pop(key, None)
        return replace(fetched, things=tuple(things), request={"path": "comments/tree"})

    def save_page(self) -> Capture:
        """Capture as a browser does, which keeps some of the comments."""
        fetched = self.build(
            reddit_server.page(self.server, limit=500), "saved-page", file="x.html"
        )
        shown = (thing for thing in fetched.things if thing["kind"] in ("t1", "t3"))
        things = [
            _show_on_page(thing)
            for thing in shown
            if thing["kind"] == "t3" or self.random.random() < 0.8
        ]
        return replace(fetched, things=tuple(things))


def _show_on_page(thing: Thing) -> Thing:
    data = {key: thing["data"][key] for key in PAGE_KEYS if key in thing["data"]}
    if "body_html" in thing["data"]:
        data["body_html"] = thing["data"]["body_html"]
    return {"kind": thing["kind"], "data": {**data, "_page": "old"}}
