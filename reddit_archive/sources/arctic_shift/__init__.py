"""Arctic Shift, the archive of Reddit that needs no key: a whole thread in two requests.

It keeps a text as it was when it first saw it, seconds to minutes after it was written, and looks
at votes once more a day and a half later. It serves no HTML of Reddit's. So what comes from here is
dated by when the archive saw it, and never taken for what Reddit says today.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reddit_archive import errors
from reddit_archive.model import capture, reference
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.reference import Reference
from reddit_archive.network.retry import Patience
from reddit_archive.sources.arctic_shift import records
from reddit_archive.sources.arctic_shift.client import Api
from reddit_archive.sources.base import Estimate, Progress, Say, Show, Wish

NAME = "arctic-shift"
TREE_LIMIT = 25_000
IDS_LIMIT = 500
MOST_HOPS = 5
SMALL_TREE = 500
"""A tree of so many comments is no more to send than one answer by ids, and never needs another."""
NOT_HERE = (
    "It keeps no private or quarantined subreddits, nothing of people who asked to be left out, "
    "and nothing of the last few minutes. Check the address, or save the thread's .json page in "
    "your browser and give that file."
)
OPEN_SHARE_LINK = "Open it in a browser and give the address that it leads to."


class ArcticShift:
    """A `Source` that asks the archive at `arctic_shift: url`."""

    name = NAME

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        patience: Patience,
        say: Say,
        show: Show | None = None,
    ) -> None:
        """Take `settings` as they stand under `arctic_shift:`; no request is made yet.

        Raises ConfigError.
        """
        self._api = Api(settings, patience=patience, say=say)
        self._say = say
        self._show = show

    def resolve(self, pointed: Reference) -> Reference:
        """Find out the post of a share link or of a comment alone. Raises FetchError."""
        for _ in range(MOST_HOPS):
            if pointed.share_path is None:
                break
            pointed = self._follow(pointed.share_path)
        if pointed.share_path is not None:
            raise errors.FetchError("the share link leads in circles", OPEN_SHARE_LINK)
        if pointed.post_id is None and pointed.comment_id is not None:
            return self._find_post(pointed.comment_id)
        return pointed

    def fetch(self, pointed: Reference, wish: Wish) -> Capture:
        """Fetch the post and its comments in two requests, or chosen comments with those above.

        Chosen ones of a large thread are asked for by their ids, then level by level what they
        answer to. Raises FetchError; Gone for a thread that the archive does not have.
        """
        post_id = pointed.post_id or ""
        post = self._by_names([f"t3_{post_id}"])
        is_whole = wish.is_whole or not wish.comments or wish.replies != 0
        if not is_whole and post and records.counted(post) > SMALL_TREE:
            comments, request = self._chosen(post_id, wish.comments)
        else:
            comments, request = self._whole(post_id, post)
        things = (*post, *comments)
        if not any(thing["kind"] in ("t1", "t3") for thing in things):
            raise errors.Gone(f"Arctic Shift has no thread {post_id}", NOT_HERE, reason="not-found")
        return capture.require_thread(_captured(post_id, things, request))

    def look_up(self, names: Sequence[str]) -> dict[str, Thing]:
        """Fetch posts and comments by fullname, as they were first seen, 500 a request."""
        found = self._by_names(names)
        return {name: thing for thing in found if (name := capture.fullname(thing))}

    def estimate(self, pointed: Reference, wish: Wish) -> Estimate:
        """The post, and the tree; chosen comments take a request for each level above them."""
        return Estimate(None, 2, 2)

    def recover(self, post_id: str, names: Sequence[str]) -> Capture | None:
        """Ask for what Reddit has lost, posts and comments by fullname, 500 a request.

        Gives those of the thread of which the archive has a text; None where it has none.
        Raises FetchError.
        """
        found = self._by_names(names)
        things = tuple(
            thing for thing in found if records.has_text(thing) and records.is_of(thing, post_id)
        )
        if not things:
            return None
        return _captured(post_id, things, {"path": "api/comments/ids", "recovered": sorted(names)})

    def _whole(self, post_id: str, post: Sequence[Thing]) -> tuple[list[Thing], dict[str, Any]]:
        """The whole tree; where it is not to be had, a stub that says so below the post."""
        name = f"t3_{post_id}"
        request = {"path": "api/comments/tree", "link_id": name, "limit": TREE_LIMIT}
        try:
            tree = self._api.ask("comments/tree", link_id=name, limit=TREE_LIMIT)
        except errors.FetchError as error:
            if not post:
                raise
            self._say(f"the comments could not be fetched: {error}")
            return [records.not_fetched(post_id, records.counted(post))], request
        things = list(capture.flatten(tree))
        del tree  # it is as large as what it became
        self._tell(things, post)
        return self._unstubbed(post_id, things, post), request

    def _unstubbed(self, post_id: str, things: list[Thing], post: Sequence[Thing]) -> list[Thing]:
        """Add what stubs stand for: by ids, or page by page where stubs hide answers to answers.

        What can't be fetched stays in its stub.
        """
        stubs = [thing for thing in things if thing["kind"] == "more"]
        if not stubs:
            return things
        named = [f"t1_{i}" for stub in stubs for i in records.children(stub)]
        known = set(map(capture.fullname, things))
        has_hidden = any(map(records.hides_more, stubs))
        pages = self._in_pages(post_id) if has_hidden else self._in_parts(named)
        try:
            for page in pages:
                new = [thing for thing in page if capture.fullname(thing) not in known]
                known.update(map(capture.fullname, new))
                things += new
                self._tell(things, post)
        except errors.FetchError as error:
            self._say(f"not all comments could be fetched: {error}")
        return things

    def _chosen(self, post_id: str, ids: Sequence[str]) -> tuple[list[Thing], dict[str, Any]]:
        """These comments and all above them, a request for each level that is still missing."""
        found: dict[str, Thing] = {}
        wanted = {f"t1_{comment}" for comment in ids}
        asked: set[str] = set()
        while wanted - asked:
            asked |= wanted
            for thing in self._by_names(sorted(wanted)):
                if records.is_of(thing, post_id):
                    found[capture.fullname(thing) or ""] = thing
            parents = {records.parent(thing) for thing in found.values()}
            wanted = {name for name in parents if name.startswith("t1_")} - asked
        return list(found.values()), {"path": "api/comments/ids", "comments": list(ids)}

    def _by_names(self, names: Sequence[str]) -> list[Thing]:
        return [thing for part in self._in_parts(names) for thing in part]

    def _in_parts(self, names: Sequence[str]) -> Iterator[list[Thing]]:
        """Ask for posts and comments by fullname, and keep of each answer what was asked for."""
        for kind, path in (("t3", "posts/ids"), ("t1", "comments/ids")):
            asked = [name for name in dict.fromkeys(names) if name.startswith(kind)]
            for start in range(0, len(asked), IDS_LIMIT):
                part = asked[start : start + IDS_LIMIT]
                things = records.things(kind, self._api.ask(path, ids=",".join(part)))
                yield [thing for thing in things if capture.fullname(thing) in part]

    def _in_pages(self, post_id: str) -> Iterator[list[Thing]]:
        """Give all comments of a thread in the order of their time, up to 1,000 a request."""
        after = 0
        seen: set[str | None] = set()
        while True:
            answer = self._api.ask(
                "comments/search", link_id=f"t3_{post_id}", sort="asc", limit="auto", after=after
            )
            page = list(records.things("t1", answer))
            new = [thing for thing in page if capture.fullname(thing) not in seen]
            if not new:
                return
            yield new
            seen.update(map(capture.fullname, new))
            # Several comments may share a second, of which the page held but some.
            after = max(records.created(thing) for thing in new) - 1

    def _tell(self, things: Iterable[Thing], post: Sequence[Thing]) -> None:
        if self._show is not None:
            number = sum(thing["kind"] == "t1" for thing in things)
            self._show(Progress(number, records.counted(post) or None, self._api.requests))

    def _follow(self, share_path: str) -> Reference:
        """Ask where a share link leads; only a thread on Reddit is taken for an answer."""
        answer = self._api.ask("short_links", paths=share_path)
        for path in records.resolved(answer, share_path):
            url = f"https://www.reddit.com{path}" if path.startswith("/") else path
            try:
                found = reference.parse(url)
            except errors.BadReference:
                continue
            if found.file is None:
                return found
        raise errors.FetchError(
            "Arctic Shift does not know where the share link leads", OPEN_SHARE_LINK
        )

    def _find_post(self, comment_id: str) -> Reference:
        things = self._by_names([f"t1_{comment_id}"])
        if not things:
            raise errors.Gone(
                f"Arctic Shift has no comment {comment_id}", NOT_HERE, reason="not-found"
            )
        return Reference(post_id=capture.thread_id(things), comment_id=comment_id)


def _captured(post_id: str, things: Iterable[Thing], request: Mapping[str, Any]) -> Capture:
    things = tuple(things)
    return Capture(post_id, records.seen_at(things), NAME, request, things, live=False)
