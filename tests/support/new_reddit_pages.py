"""Hand-made pages of new Reddit (2018 to 2024): as their DOM was saved, and with their state."""

import itertools
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

POST = "t3_p0st01"
PATH = "/r/gardening/comments/p0st01/which_shovel/"
PAGE_KEY = f"commentsPage--[post:'{POST}']"
SENTINEL = "SENTINEL-of-the-reader"


@dataclass(frozen=True, slots=True)
class Item:
    """A comment in a hand-made page.

    `state` is "shown", "collapsed", "deleted" or "removed". `ancestors` are ids, from the top.
    """

    id: str
    ancestors: tuple[str, ...] = ()
    author: str = "rosalind"
    html: str = "<p>Dig with a spoon.</p>"
    state: str = "shown"
    header: str = ""

    @property
    def parent(self) -> str:
        return f"t1_{self.ancestors[-1]}" if self.ancestors else POST


def grow_tree(seed: int, size: int = 30, *, is_wide: bool = False) -> list[Item]:
    """A tree of comments in reading order, with deleted and collapsed ones among them."""
    rng = random.Random(seed)
    paths: list[tuple[str, ...]] = [()]
    for number in range(size):
        parent = rng.choice([(), *paths[-6:]] if is_wide else paths[-6:])
        paths.append((*parent, f"c{number:03x}"))
    states = ("shown", "shown", "shown", "collapsed", "deleted", "removed")
    return [
        Item(
            path[-1],
            path[:-1],
            rng.choice(("rosalind", "ada-l", "grace_h", "[deleted]")),
            f"<p>Words of {path[-1]}.</p>",
            rng.choice(states),
        )
        for path in sorted(paths[1:])
    ]


def draw_lines(names: Iterable[str]) -> str:
    return "".join(f'<div class="_36A {name}"><i class="threadline"></i></div>' for name in names)


def draw_row(item: Item, *, year: int = 2022) -> str:
    """A row as it was saved; `year` is 2020 or 2022."""
    names = [f"t1_{i}" for i in item.ancestors]
    if item.state == "shown":
        names.append(f"t1_{item.id}")
    depth = len(item.ancestors)
    header = _draw_header(item, year)
    test_id = "data-testid" if year > 2020 else "data-test-id"
    body = (
        f'<div {test_id}="comment" class="_3cj"><div class="_292 RichTextJSON-root">{item.html}'
        f'</div></div><div id="vote-arrows-t1_{item.id}"><button>up</button><div>11.0k</div></div>'
    )
    return (
        f'<div><div id="t1_{item.id}" tabindex="-1" class="_3sf" '
        f'style="padding-left: {16 + 21 * depth}px;"><div class="_1Do">{draw_lines(names)}</div>'
        f'<div class="Comment t1_{item.id} P8S"><button><i class="icon"></i></button>'
        f'<div class="_3tw"><span class="_1RI">level {depth + 1}</span>{header}'
        f"{body if item.state == 'shown' else ''}</div></div></div></div>"
    )


def _draw_header(item: Item, year: int) -> str:
    href = f"https://www.reddit.com/r/gardening/comments/p0st01/comment/{item.id}/?utm_source=x"
    time = (
        f'<a data-testid="comment_timestamp" href="{href}" '
        f'id="CommentTopMeta--Created--t1_{item.id}">4 yr. ago</a>'
    )
    words = {"deleted": "Comment deleted by user", "removed": "Comment removed by moderator"}
    if item.state in words:
        name = "post-comment-header-deleted"
        line = f"<span><span>{words[item.state]}</span><span> · </span>{time}</span>"
    else:
        name = "post-comment-header"
        author = (
            '<div to="/user/[deleted]/"></div><span>[deleted]</span>'
            if item.author == "[deleted]"
            else f'<div id="UserInfoTooltip--t1_{item.id}"><a href="/user/{item.author}/">'
            f"{item.author}</a></div>"
        )
        line = f"<span><div>{author}</div><span> · </span>{time}{item.header}</span>"
    if year > 2020:
        return f'<div class="-Xc" data-testid="{name}">{line}</div>'
    return f'<div class="_1S4">{line.removeprefix("<span>").removesuffix("</span>")}</div>'


def draw_more(item_id: str, ancestors: tuple[str, ...], text: str) -> str:
    """A row "43 more replies"."""
    lines = draw_lines(f"t1_{i}" for i in ancestors)
    indent = f"padding-left: {21 * len(ancestors)}px;"
    return (
        f'<div><div id="moreComments-t1_{item_id}" tabindex="-1" style="{indent}">'
        f"<div>{lines}</div><div><p>{text}</p></div></div></div>"
    )


def draw_continue(item_id: str, ancestors: tuple[str, ...]) -> str:
    """A row "Continue this thread"."""
    lines = draw_lines(f"t1_{i}" for i in (*ancestors, item_id))
    return (
        f'<div><div id="continueThread-t1_{item_id}" tabindex="-1"><div>{lines}</div><div><a '
        f'href="/r/gardening/comments/p0st01/comment/{item_id}/">Continue</a></div></div></div>'
    )


def draw_post(*, content: str = "", author: str = "ada-l", count: str = "219 comments") -> str:
    """The post above the comments; `content` stands below its title."""
    who = f'<a data-testid="post_author_link" href="/user/{author}/">u/{author}</a>' * bool(author)
    return (
        f'<div class="_1oQ Post {POST}" data-testid="post-container" id="{POST}">'
        f'<div data-test-id="post-content"><div><span>Posted by</span>{who}'
        '<span data-testid="post_timestamp">4 years ago</span></div>'
        f'<div class="{POST}"><h1>Which\n   shovel?</h1></div>{content}'
        f'<div><a data-click-id="comments" href="{PATH}"><span>{count}</span></a></div></div></div>'
    )


def build_page(
    items: Iterable[Item] = (),
    *,
    year: int = 2022,
    post: str | None = None,
    rows: str = "",
    head: str = f'<link rel="canonical" href="https://www.reddit.com{PATH}">',
) -> str:
    """A whole page, with a header in which the reader's name and votes stand."""
    drawn = "".join(draw_row(item, year=year) for item in items)
    reader = f'<header><a href="/user/{SENTINEL}/">{SENTINEL}</a></header>'
    form = f'<form>Comment as <a href="/user/{SENTINEL}/">{SENTINEL}</a></form>'
    shown = draw_post(content=text_content("<p>Mine broke.</p>")) if post is None else post
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body>{reader}{shown}{form}"
        f"<div>{drawn}{rows}</div></body></html>"
    )


def text_content(html: str) -> str:
    return f'<div data-click-id="text"><div class="RichTextJSON-root">{html}</div></div>'


def par(*texts: str) -> dict[str, Any]:
    """A paragraph in rich-text JSON."""
    return {"e": "par", "c": [{"e": "text", "t": text} for text in texts]}


def rich(*nodes: Any, **fields: Any) -> dict[str, Any]:
    """The `media` of a model with a text."""
    return {"type": "rtjson", "richtextContent": {"document": list(nodes)}, **fields}


def build_comment_model(item: Item, **fields: Any) -> dict[str, Any]:
    """A comment in the state, with the reader's own vote and mark."""
    deleted_by = {"deleted": "user", "removed": "moderator"}.get(item.state)
    placeholder = {"deleted": "[deleted]", "removed": "[removed]"}.get(item.state)
    return {
        "id": f"t1_{item.id}",
        "postId": POST,
        "parentId": None if item.parent == POST else item.parent,
        "author": "[deleted]" if deleted_by else item.author,
        "authorId": None if deleted_by or item.author == "[deleted]" else "t2_abc1",
        "created": 1_500_000_123,
        "editedAt": None,
        "score": 7,
        "isScoreHidden": False,
        "isDeleted": bool(deleted_by),
        "deletedBy": deleted_by,
        "isStickied": False,
        "isLocked": False,
        "isOp": False,
        "distinguishType": None,
        "permalink": f"{PATH}{item.id}/",
        "subredditId": "t5_gard1",
        "media": rich(par(placeholder or f"Words of {item.id}.")),
        "voteState": SENTINEL,
        "isSaved": SENTINEL,
        **fields,
    }


def build_post_model(**fields: Any) -> dict[str, Any]:
    return {
        "id": POST,
        "title": "Which shovel?",
        "author": "ada-l",
        "authorId": "t2_abc2",
        "created": 1_500_000_000_000,
        "score": 124,
        "upvoteRatio": 0.96,
        "numComments": 30,
        "domain": "self.gardening",
        "source": None,
        "permalink": f"https://www.reddit.com{PATH}",
        "belongsTo": {"type": "subreddit", "id": "t5_gard1"},
        "isNSFW": False,
        "flair": [],
        "media": rich(par("Mine broke.")),
        "voteState": SENTINEL,
        "liveCommentsWebsocket": SENTINEL,
        **fields,
    }


def build_state(
    comments: Iterable[Mapping[str, Any]] = (), post: Mapping[str, Any] | None = None, **parts: Any
) -> dict[str, Any]:
    """A state with comments in reading order, but with models in another order, as on Reddit."""
    models = {comment["id"]: comment for comment in comments}
    names = [*models, None]
    links = {
        name: {"depth": 0, "next": {"type": "comment", "id": following} if following else None}
        for name, following in itertools.pairwise(names)
    }
    return {
        "user": {"session": {"accessToken": SENTINEL}, "account": {"id": SENTINEL}},
        "posts": {"models": {POST: post or build_post_model(), "t3_other": build_post_model()}},
        "comments": {"models": dict(sorted(models.items(), reverse=True))},
        "commentsPage": {
            "keyToPostId": {PAGE_KEY: POST},
            "keyToHeadCommentId": {PAGE_KEY: names[0]},
            "keyToCommentThreadLinkSets": {PAGE_KEY: links},
        },
        "moreComments": {"models": {}},
        "continueThreads": {"models": {}},
        "authorFlair": {"models": {"t5_gard1": {"ada-l": {"type": "text", "text": "Zone 7b"}}}},
        "subreddits": {"models": {"t5_gard1": {"name": "gardening"}}},
        **parts,
    }


def build_state_page(state: Any, *, shown: str = "<html><body></body></html>") -> str:
    """A page with a state in a script, and what it shows."""
    text = json.dumps(state).replace("&", "\\u0026").replace("<", "\\u003C")
    return shown.replace(
        "</body>", f'<script id="data">window.___r = {text};</script><p>x</p></body>'
    )
