"""Write pages of old Reddit with invented words, in the shapes that Reddit's server sends."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

POST_ID = "aa11bb"
PATH = f"/r/breadlog/comments/{POST_ID}/a_title/"
CREATED = 1_500_000_000


@dataclass(slots=True)
class PageComment:
    """A comment, or a stub with `kind` "more" or "deep", and what it should be read as."""

    id: str
    parent: str
    kind: str = "comment"
    author: str = "ann_example"
    body: str = "<p>Some words.</p>\n"
    created: int = CREATED
    score: int | None = 1
    edited: float | bool = False
    deleted: str = ""
    classes: str = ""
    missing_ids: tuple[str, ...] = ()
    count: int = 0
    replies: list["PageComment"] = field(default_factory=list)

    def get_thing(self) -> dict[str, Any]:
        """The thing that a reader should return, without the fields that all have alike."""
        if self.kind != "comment":
            ids, count = list(self.missing_ids), self.count if self.kind == "more" else 0
            data = {"parent_id": self.parent, "children": ids, "count": count}
            return {"kind": "more", "data": data}
        data = {"id": self.id, "parent_id": self.parent, "created_utc": float(self.created)}
        if self.deleted:
            data |= {"author": "[deleted]", "body": self.deleted, "edited": False}
            data["body_html"] = f'<div class="md"><p>{self.deleted}</p>\n</div>'
            return {"kind": "t1", "data": data}
        data |= {"author": self.author, "edited": self.edited}
        data["body_html"] = f'<div class="md">{self.body}</div>'
        data |= {"score_hidden": True} if self.score is None else {"score": self.score}
        return {"kind": "t1", "data": data}


def make_page(
    comments: Iterable[PageComment] = (),
    *,
    is_modern: bool = True,
    post: str = "",
    notice: str = "",
    heading: str = "all 7 comments",
) -> str:
    """The page of a thread.

    Args:
        comments: The comments on its top level.
        is_modern: As since 2017, with more attributes and exact scores.
        post: The post, instead of a text post.
        notice: What stands above the comments.
        heading: The heading of the comments.
    """
    return (
        '<!doctype html><html lang="xx"><head><title>A title : breadlog</title></head>'
        '<body class="single-page comments-page"><div class="side"><div class="usertext-body">'
        '<div class="md"><p>Rules of the subreddit</p></div></div></div>'
        '<div class="content" role="main"><div id="siteTable" class="sitetable linklisting">'
        f'{post or make_post(is_modern=is_modern)}<div class="clearleft"></div></div>'
        f'<div class="commentarea"><div class="panestack-title"><span class="title">{heading}'
        f"</span></div>{notice}{make_reply_form()}"
        f'<div id="siteTable_t3_{POST_ID}" class="sitetable nestedlisting">'
        f"{''.join(iter_comments(comments, is_modern=is_modern))}</div></div></div></body></html>"
    )


def make_post(
    *,
    is_modern: bool = True,
    attributes: str = "",
    classes: str = "self",
    text: str = "<p>The post.</p>\n",
    expando: str = "",
) -> str:
    """The post of the page. `expando` stands in place of its text."""
    modern = (
        f'data-permalink="{PATH}" data-comments-count="7" data-score="42" data-nsfw="false" '
        'data-spoiler="false" data-subreddit-prefixed="r/breadlog" data-promoted="false" '
    )
    usertext = (
        f'<form class="usertext"><div class="usertext-body"><div class="md">{text}</div></div>'
        '<div class="usertext-edit"><div class="md"><textarea>draft</textarea></div></div></form>'
    )
    title = ' title="42"' if is_modern else ""
    return (
        f'<div class=" thing id-t3_{POST_ID} odd&#32; link {classes}" id="thing_t3_{POST_ID}" '
        f'data-fullname="t3_{POST_ID}" data-type="link" data-author="op_example" '
        'data-author-fullname="t2_op" data-subreddit="breadlog" data-domain="self.breadlog" '
        f'data-timestamp="{CREATED}000" data-url="{PATH}" {modern if is_modern else ""}'
        f'{attributes}><p class="parent"></p><div class="midcol likes">'
        '<div class="score dislikes">41</div>'
        f'<div class="score unvoted"{title}>42</div><div class="score likes">43</div></div>'
        '<div class="entry likes"><div class="top-matter"><p class="title">'
        f'<a class="title may-blank" href="{PATH}">A\n   title</a></p>'
        f'<p class="tagline">{make_time(CREATED)} by '
        '<a class="author may-blank id-t2_op" href="/user/op_example">op_example</a></p></div>'
        f'<div class="expando">{expando or usertext}</div><ul class="flat-list buttons">'
        f'<li><a class="bylink comments" data-event-action="comments" href="{PATH}">7 x</a></li>'
        f'</ul><div class="reportform report-t3_{POST_ID}"></div></div>'
        '<div class="child"></div></div>'
    )


def make_reply_form() -> str:
    """The form in which a viewer who is logged in writes a comment."""
    return (
        '<form class="usertext cloneable"><input type="hidden" name="uh" value="SENTINEL-modhash">'
        f'<input type="hidden" name="thing_id" value="t3_{POST_ID}"><div class="usertext-edit">'
        '<div class="md"><textarea name="text">SENTINEL-draft</textarea></div></div></form>'
    )


def make_time(seconds: float, classes: str = "live-timestamp") -> str:
    """A time as Reddit prints it."""
    moment = datetime.fromtimestamp(seconds, UTC).isoformat()
    return f'<time title="x" datetime="{moment}" class="{classes}">pred 3 hodiny</time>'


def iter_comments(comments: Iterable[PageComment], *, is_modern: bool) -> Iterator[str]:
    """The comments' HTML in parts, without recursion."""
    todo: list[PageComment | str] = list(comments)[::-1]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif item.kind != "comment":
            yield make_stub(item)
        else:
            yield make_comment_start(item, is_modern=is_modern)
            todo.append("</div><div class='clearleft'></div></div><div class='clearleft'></div>")
            if item.replies:
                yield f'<div id="siteTable_t1_{item.id}" class="sitetable listing">'
                todo += ["</div>", *item.replies[::-1]]


def make_comment_start(comment: PageComment, *, is_modern: bool) -> str:
    """A comment up to the element with its replies."""
    if comment.deleted:
        return (
            f'<div class=" thing collapsed &#32; deleted comment {comment.classes}" '
            f'onclick="click_thing(this)"><p class="parent"></p>{make_midcol()}'
            '<div class="entry unvoted"><p class="tagline"><a class="expand">[+]</a>'
            f"<em>[vymazané]</em>&#32;{make_time(comment.created)}</p>"
            '<div class="usertext grayed"><input type="hidden" name="thing_id" value=""/>'
            f'<div class="usertext-body"><div class="md"><p>{comment.deleted}</p>\n</div></div>'
            f'</div><ul class="flat-list buttons"></ul><div class="reportform '
            f'report-t1_{comment.id}"></div></div><div class="child">'
        )
    hidden = "" if comment.score is not None else "score-hidden"
    modern = f'data-permalink="{PATH}{comment.id}/" data-gildings="0"' if is_modern else ""
    parent_link = (
        f'<li><a class="bylink" data-event-action="parent" href="#{comment.parent[3:]}">up</a></li>'
        if comment.parent.startswith("t1_")
        else ""
    )
    return (
        f'<div class=" thing id-t1_{comment.id} noncollapsed &#32; comment {hidden} '
        f'{comment.classes}" id="thing_t1_{comment.id}" data-fullname="t1_{comment.id}" '
        f'data-type="comment" data-author="{comment.author}" data-subreddit="breadlog" {modern}>'
        f'<p class="parent"><a name="{comment.id}"></a></p>{make_midcol()}'
        '<div class="entry unvoted"><p class="tagline"><a class="expand">[-]</a>'
        f'<a class="author may-blank" href="/user/{comment.author}">{comment.author}</a>'
        f'<span class="userattrs"></span>{make_score(comment.score, is_modern=is_modern)}'
        f"{make_time(comment.created)}{make_edited(comment.edited)}"
        '<a class="numchildren">(1 dieťa)</a></p><form class="usertext"><input type="hidden" '
        f'name="thing_id" value="t1_{comment.id}"/><div class="usertext-body may-blank-within">'
        f'<div class="md">{comment.body}</div>\n</div></form><ul class="flat-list buttons"><li>'
        f'<a class="bylink" data-event-action="permalink" href="{PATH}{comment.id}">x</a></li>'
        f'{parent_link}</ul><div class="reportform report-t1_{comment.id}"></div></div>'
        '<div class="child">'
    )


def make_midcol() -> str:
    """The arrows to vote."""
    return '<div class="midcol dislikes"><div class="arrow up"></div></div>'


def make_score(score: int | None, *, is_modern: bool) -> str:
    """The three scores of a comment: if the viewer votes down, does not vote, votes up."""
    if score is None:
        return '<span class="score-hidden" title="x">[skóre skryté]</span>'
    return "".join(
        f'<span class="score {name}"{f" title={number}" if is_modern else ""}>{number} bodov</span>'
        for name, number in (("dislikes", score - 1), ("unvoted", score), ("likes", score + 1))
    )


def make_edited(edited: float | bool) -> str:
    """The mark of an edited comment. The oldest ones have no time."""
    if edited is True:
        return "<em>*</em>"
    return make_time(edited, "edited-timestamp") if edited else ""


def make_stub(stub: PageComment) -> str:
    """A link to load more comments, or to continue the thread on a page of its own."""
    if stub.kind == "deep":
        name, fullname = "morerecursion", "t1__"
        link = f'<span class="deepthread"><a href="{PATH}{stub.parent[3:]}">ďalej</a></span>'
    else:
        name, fullname = "morechildren", f"t1_{(stub.missing_ids or ('x',))[0]}"
        link = (
            '<span class="morecomments"><a class="button" href="javascript:void(0)" '
            f"onclick=\"return morechildren(this, 't3_{POST_ID}', 'confidence', "
            f"'{','.join(stub.missing_ids)}', 1, 'False')\">viac<span class=\"gray\">&nbsp;("
            f"{stub.count} odpovedí)</span></a></span>"
        )
    return (
        f'<div class=" thing id-{fullname} noncollapsed &#32; {name} " id="thing_{fullname}" '
        f'data-fullname="{fullname}" data-type="{name}"><p class="parent"></p>'
        f'<div class="entry unvoted"><p class="tagline"></p>{link}<ul class="flat-list buttons">'
        f'</ul><div class="reportform report-{fullname}"></div></div><div class="child"></div>'
        "</div>"
    )


def make_random_thread(random: Random, count: int = 30) -> list[PageComment]:
    """The top level of a thread with deleted comments, hidden scores, and stubs."""
    roots: list[PageComment] = []
    comments: list[PageComment] = []
    for number in range(count):
        above = random.choice([None, *comments[-5:]])
        parent = f"t1_{above.id}" if above else f"t3_{POST_ID}"
        comment = make_random_comment(random, number, parent)
        (above.replies if above else roots).append(comment)
        if comment.kind == "comment":
            comments.append(comment)
    return roots


def make_random_comment(random: Random, number: int, parent: str) -> PageComment:
    """A comment or stub."""
    kind = random.choices(["comment", "more", "deep"], [10, 2, 1 if parent[:2] == "t1" else 0])[0]
    missing_ids = tuple(f"m{number}x{i}" for i in range(random.randrange(1, 4)))
    created = CREATED + number
    return PageComment(
        f"c{number}",
        parent,
        kind,
        author=random.choice(["ann_example", "op_example", "Ben-1"]),
        body=random.choice(["<p>Words &amp; signs</p>\n", "<ul>\n<li>one</li>\n</ul>\n"]),
        created=created,
        score=random.choice([None, 0, -3, 1234]),
        edited=random.choice([False, True, created + 60.0]),
        deleted=random.choice(["", "", "", "", "[deleted]", "[removed]"]),
        missing_ids=missing_ids if kind == "more" else (),
        count=len(missing_ids) + random.randrange(3),
    )


def list_things(comments: Iterable[PageComment]) -> list[dict[str, Any]]:
    """What a reader should return for the comments, in the order of the page."""
    things = []
    todo = list(comments)[::-1]
    while todo:
        comment = todo.pop()
        things.append(comment.get_thing())
        todo += comment.replies[::-1]
    return things


def make_chain(depth: int) -> list[PageComment]:
    """A thread in which each comment replies to the one before."""
    comments = [PageComment("c0", f"t3_{POST_ID}")]
    for number in range(1, depth):
        comments.append(PageComment(f"c{number}", f"t1_c{number - 1}"))
        comments[-2].replies.append(comments[-1])
    return comments[:1]
