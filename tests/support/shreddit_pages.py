"""Pages of shreddit, written from an invented thread, and what a reader must find in them.

The two forms are those that a browser saves (replies are slotted into their parent) and those that
the server sends (replies stand in a <details>).
"""

import base64
import contextlib
import html
import random
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SENTINEL = "SENTINELviewer"
THREAD = "p0st1"
PERMALINK = f"/r/cats/comments/{THREAD}/a_title/"
WORDS = ["cats", "sleep", "where", "they", "like", "naïve", "<b>", "&amp;", "2 & 2", "日本"]


@dataclass(slots=True)
class Comment:
    """A comment of an invented thread.

    `state` is "shown", "deleted" (with its id) or "nameless" (deleted, without its id).
    """

    id: str
    state: str = "shown"
    author: str = "alice"
    score: int | None = 1
    created: int = 1_776_220_000
    edited: int | None = None
    text: str = "a text"
    flair: str = ""
    names_parent: bool = True
    missing: tuple[str, ...] = ()
    replies: "list[Comment]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Thread:
    """An invented thread. `missing` are the ids of comments at the top that the page only names."""

    comments: tuple[Comment, ...]
    missing: tuple[str, ...] = ()


def make_thread(seed: int, *, size: int = 25) -> Thread:
    """Invent a thread with deleted comments, edits, hidden scores and gaps."""
    rng = random.Random(seed)
    comments: list[Comment] = []
    by_parent: list[list[Comment]] = [comments]
    for number in range(size):
        comment = Comment(
            id=_to_base36(36**5 + number * 977 + seed),
            state=rng.choice(["shown"] * 6 + ["deleted", "nameless"]),
            author=rng.choice(["alice", "bob-1", "op_", "[deleted]"]),
            score=rng.choice([None, -3, 0, 1, 1234]),
            created=1_776_220_000 + number * 60,
            edited=rng.choice([None, None, 1_776_300_000 + number]),
            text=" ".join(rng.choices(WORDS, k=rng.randint(1, 9))),
            flair=rng.choice(["", "", "Cat :cat: person"]),
            names_parent=rng.random() < 0.7,
            missing=_invent_ids(rng) if rng.random() < 0.15 else (),
        )
        rng.choice([comments, *by_parent[-6:]]).append(comment)
        by_parent.append(comment.replies)
    return Thread(tuple(comments), _invent_ids(rng) if rng.random() < 0.5 else ())


def _invent_ids(rng: random.Random) -> tuple[str, ...]:
    return tuple(f"m{_to_base36(rng.randrange(36**5, 36**6))}" for _ in range(rng.randint(1, 5)))


def write_deep_page(depth: int, *, is_saved: bool) -> str:
    """Write a page in which each comment has one reply, without recursion."""
    opened, closed = [], []
    for level in range(depth):
        ids = [_to_base36(36**3 + number) for number in (level, level - 1)]
        slot = f' slot="children-t1_{ids[1]}-0"' if level and is_saved else ""
        parent_id = ids[1] if level else ""
        comment = Comment(ids[0], text=f"level {level}")
        html = write_comment(comment, "\0", level, parent_id, slot, is_saved=is_saved)
        before, _, after = html.partition("\0")
        opened.append(before)
        closed.append(after)
    return write_post(depth) + "".join((*opened, *reversed(closed)))


def _to_base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def write_page(thread: Thread, *, is_saved: bool) -> str:
    """Write the page of a thread: as a browser saves it, or as the server sends it."""
    count = 1000
    comments = "".join(_iter_written(thread.comments, None, 0, is_saved=is_saved))
    more = _write_partial(thread.missing, "&amp;top-level=1") if thread.missing else ""
    return (
        "<!DOCTYPE html><html><head><title>A title</title></head><body>"
        f'<shreddit-app loid="{SENTINEL}">'
        f"<header><a href='/user/{SENTINEL}/'>me</a></header>{AD}{write_post(count)}{FEED}"
        f'<div><shreddit-comment-tree post-id="t3_{THREAD}" totalComments="{count}"><section>'
        f"{comments}{more}</section></shreddit-comment-tree></div></shreddit-app></body></html>"
    )


AD = "<shreddit-comments-page-ad id='t3_ad1' author-id='t2_ad'>buy</shreddit-comments-page-ad>"
OTHER_POST = "<shreddit-post id='t3_0ther' post-title='Other'></shreddit-post>"
FEED = f"<shreddit-feed>{OTHER_POST}</shreddit-feed>"
BODY = '<div id="t3_p0st1-post-rtjson-content" class="md"><p>\n    The post.\n  </p></div>'


def write_post(count: int = 3, body: str = BODY, media: str = "", **attributes: str) -> str:
    """Write the element of the post. A value "-" drops an attribute; `_` stands for a hyphen."""
    values = {
        "id": f"t3_{THREAD}",
        "permalink": PERMALINK,
        "content-href": f"https://www.reddit.com{PERMALINK}",
        "view-context": "CommentsPage",
        "comment-count": str(count),
        "vote-type": SENTINEL,
        "user-id": f"t2_{SENTINEL}",
        "is-subscribed": "",
        "created-timestamp": "2026-04-15T02:16:32.790000+0000",
        "domain": "self.cats",
        "post-title": "A  title &amp; more",
        "post-type": "text",
        "score": "357",
        "author": "op_",
        "author-id": "t2_op",
        "subreddit-name": "cats",
        "subreddit-prefixed-name": "r/cats",
        **{name.replace("_", "-"): value for name, value in attributes.items()},
    }
    written = " ".join(f'{name}="{value}"' for name, value in values.items() if value != "-")
    text = f'<div slot="text-body">{body}</div>' if body else ""
    return (
        f'<shreddit-post {written}><h1 slot="title">A title</h1>'
        f'<div slot="credit-bar"><time datetime="2026-04-15T02:16:32.790Z">2d</time></div>{media}'
        f"{text}</shreddit-post>"
    )


def _iter_written(
    comments: Iterable[Comment], parent: Comment | None, depth: int, *, is_saved: bool
) -> Iterator[str]:
    for number, comment in enumerate(comments):
        replies = "".join(_iter_written(comment.replies, comment, depth + 1, is_saved=is_saved))
        if comment.missing:
            slot = f'slot="children-t1_{comment.id}-9"' if comment.state != "nameless" else ""
            replies += _write_partial(comment.missing, "", slot)
        slot = f' slot="children-t1_{parent.id}-{number}"' if parent and is_saved else ""
        if parent is not None and parent.state == "nameless" and slot:
            slot = f' slot="children-t1_deleted-{number}"'
        yield write_comment(
            comment, replies, depth, parent.id if parent else "", slot, is_saved=is_saved
        )


def write_comment(
    comment: Comment,
    replies: str = "",
    depth: int = 0,
    parent_id: str = "",
    extra: str = "",
    *,
    is_saved: bool = True,
) -> str:
    """Write the element of a comment. The server's form has attribute names in mixed case."""
    is_nameless = comment.state == "nameless"
    created = "2025-07-30T00:00:00.000000+0000" if is_nameless else _write_time(comment.created)
    name = "thingid" if is_saved else "thingId"
    attributes = f'{name}="t1_{"deleted" if is_nameless else comment.id}" depth="{depth}"{extra}'
    attributes += f' created="{created}" postId="t3_{THREAD}" content-type="text"'
    if parent_id and comment.names_parent and not is_nameless:
        attributes += f' parentId="t1_{parent_id}"'
    if comment.state == "shown":
        attributes += f' author="{comment.author}"'
        attributes += f' permalink="/r/cats/comments/{THREAD}/comment/{comment.id}/"'
        attributes += f' score="{comment.score}"' if comment.score is not None else ""
        attributes += ' is-author-deleted="true"' * (comment.author == "[deleted]")
    else:
        attributes += ' author="[deleted]" is-comment-deleted="true" is-author-deleted="true"'
    meta = _write_meta(comment)
    body = _write_body(comment)
    if is_saved:
        parts = SHADOW + meta + body + ACTIONS + replies
        return f"<shreddit-comment {attributes}>{parts}</shreddit-comment>"
    return (
        f"<shreddit-comment {attributes}><details open><summary>{meta}</summary>{body}{ACTIONS}"
        f'<div id="comment-children">{replies}</div></details></shreddit-comment>'
    )


SHADOW = "<template shadowrootmode='open'><slot name='commentMeta'></slot><p>shadow</p></template>"
ACTIONS = (
    f"<div slot='actionRow'><ac-render-template><template><shreddit-comment-action-row score='99'"
    f" vote-state='{SENTINEL}' user-id='t2_{SENTINEL}'></shreddit-comment-action-row></template>"
    f"</ac-render-template><shreddit-overflow-menu current-user-id='t2_{SENTINEL}'>"
    "</shreddit-overflow-menu></div>"
)


def _write_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.500000+0000")


def _write_meta(comment: Comment) -> str:
    moment = _write_time(comment.created).replace("500000+0000", "500Z")
    times = f'<a href="#"><time datetime="{moment}">2 T.</time></a>'
    if comment.edited:
        edited = _write_time(comment.edited).replace("500000+0000", "500Z")
        times += (
            f'<span>•</span><span>Bearbeitet <faceplate-timeago ts="{edited}">'
            f'<time datetime="{edited}">1 T.</time></faceplate-timeago></span>'
        )
    card = (
        "<div slot='content'><faceplate-partial src='/svc/shreddit/user-hover-card/alice'>"
        "<time datetime='2027-01-01T00:00:00Z'>joined</time></faceplate-partial></div>"
    )
    flair = comment.flair.replace(":cat:", '<faceplate-img alt="emoji:cat:"></faceplate-img>')
    return (
        f'<div slot="commentMeta"><rpl-hovercard>{comment.author}{card}</rpl-hovercard>{times}'
        f'<author-flair-event-handler userid="t2_{comment.id}"><span> {flair}</span>'
        "</author-flair-event-handler></div>"
    )


def _write_body(comment: Comment) -> str:
    if comment.state != "shown":
        words = '<div class="inline-block"><p>Comment deleted by user</p></div>'
        return f'<div slot="comment">{words}</div>'
    return (
        f'<div id="t1_{comment.id}-comment-rtjson-content" slot="comment"><div'
        f' id="t1_{comment.id}-post-rtjson-content" dir="auto">\n  <p>\n  '
        f" {html.escape(comment.text)}\n  </p></div></div>"
    )


def write_cursor(ids: Iterable[str], prefix: str = "commenttree:c1:") -> str:
    """Write the cursor that names some comments."""
    return base64.b64encode((prefix + ",".join(f"t1_{i}" for i in ids)).encode()).decode()


def _write_partial(ids: tuple[str, ...], parameters: str, slot: str = "") -> str:
    return (
        f'<faceplate-partial {slot} loading="action" method="post" src="/svc/shreddit/'
        f'more-comments/cats/t3_{THREAD}?sort=top{parameters}"><input type="hidden" name="cursor"'
        f' value="{write_cursor(ids)}"><button>{len(ids) + 2} weitere Antworten</button>'
        "</faceplate-partial>"
    )


def list_comments(thread: Thread) -> dict[str, dict[str, Any]]:
    """Return what a reader must find of each comment, by its id."""
    return {comment.id: fields for comment, fields in _iter_expected(thread.comments, None)}


def _iter_expected(
    comments: Iterable[Comment], parent: Comment | None
) -> Iterator[tuple[Comment, dict[str, Any]]]:
    for comment in comments:
        if comment.state != "nameless":
            is_known = not parent or parent.state != "nameless" or comment.names_parent
            parent_name = f"t1_{parent.id}" if parent else f"t3_{THREAD}"
            is_shown = comment.state == "shown"
            yield (
                comment,
                {
                    "parent_id": parent_name if is_known else None,
                    "author": comment.author if is_shown else "[deleted]",
                    "created_utc": comment.created + 0.5,
                    "edited": comment.edited + 0.5 if comment.edited else False,
                    "score": comment.score if is_shown else None,
                    "body": None if is_shown else "[deleted]",
                    "text": comment.text if is_shown else "[deleted]",
                },
            )
        yield from _iter_expected(comment.replies, comment)


def list_parents(thread: Thread) -> Iterator[tuple[str, str]]:
    """Yield the id of each comment and of its parent; "" for the post."""
    todo = [(comment, "") for comment in thread.comments]
    while todo:
        comment, parent = todo.pop()
        yield comment.id, parent
        todo += [(reply, comment.id) for reply in comment.replies]


def list_times(thread: Thread) -> set[float]:
    """Return the times at which comments were written and edited."""
    comments = [*_iter_all(thread.comments)]
    return {time + 0.5 for c in comments for time in (c.created, c.edited) if time}


def list_stubs(thread: Thread) -> set[tuple[str, tuple[str, ...], int]]:
    """Return the parent, the ids and the count of each stub. A parent without id is the post."""
    stubs = {(f"t1_{c.id}", c.missing, len(c.missing) + 2) for c in _iter_all(thread.comments)}
    nameless = {c.id for c in _iter_all(thread.comments) if c.state == "nameless"}
    stubs = {
        (f"t3_{THREAD}" if parent[3:] in nameless else parent, ids, count)
        for parent, ids, count in stubs
        if ids
    }
    top = (f"t3_{THREAD}", thread.missing, len(thread.missing) + 2)
    return stubs | ({top} if thread.missing else set())


def count_nameless(thread: Thread) -> int:
    """Return the number of deleted comments whose id no reply names."""
    return sum(
        comment.state == "nameless"
        and not any(r.names_parent and r.state != "nameless" for r in comment.replies)
        for comment in _iter_all(thread.comments)
    )


def _iter_all(comments: Iterable[Comment]) -> Iterator[Comment]:
    for comment in comments:
        yield comment
        yield from _iter_all(comment.replies)


def decode_cursors(page: str) -> str:
    """Return the texts of all cursors in a page, which name missing comments."""
    texts = []
    for word in re.findall(r"[A-Za-z0-9+/_-]{16,}={0,2}", urllib.parse.unquote(page)):
        with contextlib.suppress(ValueError):
            padded = word.rstrip("=").replace("-", "+").replace("_", "/")
            data = base64.b64decode(padded + "=" * (-len(padded) % 4))
            texts.append(data.decode("ascii", "ignore").lower())
    return " ".join(texts)
