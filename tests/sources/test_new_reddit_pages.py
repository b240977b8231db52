"""Pages of new Reddit without their state: what a browser or SingleFile saved."""

import json
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors, history
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.completeness.coverage import UNKNOWN_PARENT_KEY
from reddit_archive.quote import Selection, check
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.new_reddit import reader, row_reader
from reddit_archive.sources.saved_page.page import ThreadPage
from tests.conftest import RECORDINGS
from tests.support import dom as rendered
from tests.support import new_reddit_pages as pages
from tests.support.new_reddit_pages import PATH, POST, SENTINEL, Item

REAL_PAGES = RECORDINGS.parent / "saved-pages"
REAL_NAMES = ("197", "external-image", "title-only", "video")
needs_real_pages = pytest.mark.skipif(
    not REAL_PAGES.is_dir(), reason="there are no saved pages here"
)
TREE = [
    Item("aa1"),
    Item("aa2", ("aa1",), author="ada-l"),
    Item("aa3", ("aa1", "aa2"), author="[deleted]"),
    Item("bb1", state="deleted"),
    Item("bb2", ("bb1",), state="removed"),
    Item("cc1", state="collapsed"),
]


def read(html: str, url: str = "") -> ThreadPage:
    return reader.read(dom.parse(html), url)


def get_comments(things: Iterable[Thing]) -> dict[str, dict[str, Any]]:
    return {thing["data"]["id"]: thing["data"] for thing in things if thing["kind"] == "t1"}


def get_stubs(things: Iterable[Thing]) -> list[dict[str, Any]]:
    return [thing["data"] for thing in things if thing["kind"] == "more"]


def get_post(html: str) -> dict[str, Any]:
    thing = read(html).things[0]
    assert thing["kind"] == "t3"
    return dict(thing["data"])


def read_one(item: Item, *, year: int = 2022) -> dict[str, Any]:
    return get_comments(read(pages.build_page([item], year=year)).things)[item.id]


@pytest.mark.parametrize("year", [2020, 2022])
def test_read__comments_in_the_order_of_the_page_with_their_parents(year: int) -> None:
    page = read(pages.build_page(TREE, year=year))
    comments = get_comments(page.things)
    assert (page.kind, page.thread_id) == ("new", POST[3:])
    assert [(i, data["parent_id"]) for i, data in comments.items()] == [
        (item.id, item.parent) for item in TREE
    ]
    assert {data["link_id"] for data in comments.values()} == {POST}


@pytest.mark.parametrize("year", [2020, 2022])
@pytest.mark.parametrize("seed", range(10))
def test_read__random_trees(seed: int, year: int) -> None:
    items = pages.grow_tree(seed)
    comments = get_comments(read(pages.build_page(items, year=year)).things)
    assert [(i, data["parent_id"]) for i, data in comments.items()] == [
        (item.id, item.parent) for item in items
    ]
    for item in items:
        placeholder = {"deleted": "[deleted]", "removed": "[removed]"}.get(item.state)
        data = comments[item.id]
        assert data["author"] == ("[deleted]" if placeholder else item.author)
        assert data.get("body") == placeholder
        assert (f"Words of {item.id}." in data.get("body_html", "")) == (item.state == "shown")


def test_read__no_time_and_no_score_ever() -> None:
    things = read(pages.build_page(TREE)).things
    fields = {key for thing in things for key in thing["data"]}
    assert fields.isdisjoint({"created_utc", "created", "score", "ups", "score_hidden", "depth"})


def test_read__text_has_the_form_of_the_api() -> None:
    html = '<p class="_1q">one\n    two</p><blockquote class="_28"><p>three</p></blockquote>'
    assert read_one(Item("aa1", html=html))["body_html"] == (
        '<div class="md"><p>one two</p>\n\n<blockquote>\n<p>three</p>\n</blockquote>\n</div>'
    )


def test_read__fields_of_a_comment() -> None:
    assert read_one(Item("aa1", author="ada-l")) == {
        "id": "aa1",
        "name": "t1_aa1",
        "link_id": POST,
        "parent_id": POST,
        "author": "ada-l",
        "body_html": '<div class="md"><p>Dig with a spoon.</p>\n</div>',
        "is_submitter": True,
        "subreddit": "gardening",
        "subreddit_name_prefixed": "r/gardening",
        "permalink": "/r/gardening/comments/p0st01/comment/aa1/",
        "_page": "new",
    }


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("<span> · </span><span>edited 4 yr. ago</span>", ("edited", True)),
        ("<span> · </span><span>bearbeitet vor 4 J.</span>", ("edited", True)),
        ("<span> · </span><span>Stickied comment</span>", ("stickied", True)),
        ("<span> · </span><span>Angeheftet</span>", ("stickied", None)),
        ('<i class="icon icon-lock_fill _38G"></i>', ("locked", True)),
        ('<span id="CommentTopMeta--Mod--t1_aa1">Mod</span>', ("distinguished", "moderator")),
        ('<span id="CommentTopMeta--Admin--t1_aa1">Admin</span>', ("distinguished", "admin")),
        ('<span id="CommentTopMeta--OP--t1_aa1">OP</span>', ("is_submitter", True)),
        ("</span><span>Zone 7b", ("author_flair_text", "Zone 7b")),
        ('</span><span><img src="x.png"> Zone 7b', ("author_flair_text", None)),
        ("<div><span>3</span></div>", ("edited", None)),
    ],
)
def test_read__line_above_the_text(header: str, field: tuple[str, object]) -> None:
    assert read_one(Item("aa1", header=header)).get(field[0]) == field[1]


def test_read__author_of_a_page_without_hover_cards() -> None:
    """SingleFile removes the hidden cards with the names. The pictures still link there."""
    html = pages.build_page([Item("aa1")])
    card = re.compile(r'<div id="UserInfoTooltip--t1_aa1">.*?</div>')
    picture = '<a data-testid="comment_author_icon" href="/user/rosalind/"><img></a>'
    html = card.sub("", html).replace('<div class="_3tw">', f'{picture}<div class="_3tw">')
    assert get_comments(read(html).things)["aa1"]["author"] == "rosalind"


def test_read__deleted_account_with_its_text() -> None:
    data = read_one(Item("aa1", author="[deleted]"))
    assert (data["author"], "Dig" in data["body_html"], "body" in data) == (
        "[deleted]",
        True,
        False,
    )


@pytest.mark.parametrize("year", [2020, 2022])
def test_read__deleted_account_without_a_mark(year: int) -> None:
    html = pages.build_page([Item("aa1", author="[deleted]")], year=year)
    html = html.replace(' to="/user/[deleted]/"', "")
    assert get_comments(read(html).things)["aa1"]["author"] == "[deleted]"


@pytest.mark.parametrize(("author", "expected"), [("[deleted]", "[removed]"), ("ada-l", None)])
def test_read__placeholder_as_text_counts_only_without_an_author(
    author: str, expected: str | None
) -> None:
    assert read_one(Item("aa1", html="<p>[removed]</p>", author=author)).get("body") == expected


@pytest.mark.parametrize("year", [2020, 2022])
def test_read__collapsed_comment_has_no_text_and_is_not_deleted(year: int) -> None:
    page = read(pages.build_page(TREE, year=year))
    data = get_comments(page.things)["cc1"]
    assert {"body", "body_html"}.isdisjoint(data)
    assert page.warnings == ("1 comment is collapsed on the page, so its text is not in the file.",)


def test_read__deleted_comment_in_another_language_is_not_guessed() -> None:
    html = pages.build_page(TREE).replace("Comment deleted by user", "Vom Nutzer gelöscht")
    data = get_comments(read(html).things)["bb1"]
    assert (data["author"], data.get("body"), data["parent_id"]) == ("[deleted]", None, POST)


def test_read__stubs() -> None:
    rows = (
        pages.draw_more("dd1", ("aa1",), "43 more replies")
        + pages.draw_more("dd2", (), "1 more reply")
        + pages.draw_more("dd3", ("aa1", "aa2"), "1.2k weitere Antworten")
        + pages.draw_continue("aa3", ("aa1", "aa2"))
    )
    assert get_stubs(read(pages.build_page(TREE, rows=rows)).things) == [
        {"parent_id": "t1_aa1", "children": ["dd1"], "count": 43},
        {"parent_id": POST, "children": ["dd2"], "count": 1},
        {"parent_id": "t1_aa2", "children": ["dd3"], "count": 1},
        {"parent_id": "t1_aa3", "children": [], "count": 0},
    ]


def test_read__stub_without_lines_or_indent_has_an_unknown_parent() -> None:
    row = pages.draw_more("dd1", (), "3 more replies").replace("padding-left: 0px;", "")
    assert get_stubs(read(pages.build_page(TREE, rows=row)).things) == [
        {"parent_id": POST, "children": ["dd1"], "count": 3, UNKNOWN_PARENT_KEY: True}
    ]


@pytest.mark.parametrize(
    ("old", "new", "parent"),
    [
        ('"_36A t1_aa3"', '"_36A"', "t1_aa2"),
        ('"_36A t1_aa2"', '"_36A t1_DROP"', None),
        ('"_36A t1_aa2"', '"_36A t1_deleted"', None),
        ('"_36A t1_aa2"', '"_36A t1_aa2 t1_aa1"', None),
        ('"_36A t1_aa1"', '"_36A"', None),
        ('"_36A t1_aa1"', '"_36A t1_aa2"', None),
        ('t1_aa2"><i class="threadline">', 't1_aa2"><i>', None),
        ('t1_aa3"><i class="threadline">', 't1_aa3"><i>', "t1_aa2"),
        ("level 3", "Ebene 3", "t1_aa2"),
        ("level 3", "", "t1_aa2"),
        ("level 3", "level 0", None),
    ],
)
def test_read__parent_of_a_damaged_row(old: str, new: str, parent: str | None) -> None:
    html = pages.build_page(TREE)
    start = html.index('<div id="t1_aa3"')
    damaged = html[start:].replace(old, new, 1)
    assert damaged != html[start:]
    data = get_comments(read(html[:start] + damaged).things)["aa3"]
    assert data.get("parent_id") == parent


def test_read__page_of_one_comment_does_not_tell_its_parent() -> None:
    url = f"https://www.reddit.com{PATH}aa1/"
    comments = get_comments(read(pages.build_page(TREE), url).things)
    assert ("parent_id" in comments["aa1"], comments["aa2"]["parent_id"]) == (False, "t1_aa1")
    head = f'<meta property="og:url" content="{url}">'
    assert "parent_id" not in get_comments(read(pages.build_page(TREE, head=head)).things)["aa1"]


def test_read__comments_of_another_thread_are_left_out() -> None:
    html = pages.build_page(TREE).replace("p0st01/comment/bb2", "0ther1/comment/bb2")
    assert "bb2" not in get_comments(read(html).things)


def test_read__repeated_and_nested_rows_are_read_once() -> None:
    inner = pages.draw_row(Item("aa2", ("aa1",)))
    outer = pages.draw_row(Item("aa1")).replace('<div class="_3tw">', f'{inner}<div class="_3tw">')
    html = pages.build_page(rows=outer + pages.draw_row(Item("aa1", html="<p>Again.</p>")))
    comments = get_comments(read(html).things)
    assert [(i, data["parent_id"]) for i, data in comments.items()] == [
        ("aa1", POST),
        ("aa2", "t1_aa1"),
    ]
    assert "Dig" in comments["aa1"]["body_html"]


def test_read__row_inside_of_a_text_is_not_shown_as_its_text() -> None:
    forged = pages.draw_row(Item("aa2", ("aa1",), html="<p>Forged.</p>"))
    comments = get_comments(read(pages.build_page([Item("aa1", html=forged)])).things)
    assert "body_html" not in comments["aa1"]


def test_read__nothing_about_the_reader() -> None:
    rows = pages.draw_row(Item("aa1")).replace(
        "</button>", f'</button><a href="/user/{SENTINEL}/">Comment as {SENTINEL}</a>', 1
    )
    assert SENTINEL not in json.dumps(read(pages.build_page(TREE, rows=rows)).things)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            pages.text_content("<p>Mine broke.</p>"),
            {
                "selftext_html": '<div class="md"><p>Mine broke.</p>\n</div>',
                "url": f"https://www.reddit.com{PATH}",
                "is_self": True,
            },
        ),
        (pages.text_content(""), {"is_self": True, "selftext_html": None}),
        (
            '<a data-testid="outbound-link" href="https://e.example/a?b=1">e.example/a...</a>',
            {"url": "https://e.example/a?b=1", "domain": "e.example", "is_self": False},
        ),
        (
            '<a data-testid="outbound-link" href="javascript:alert(1)">x</a>',
            {"url": None, "is_self": None},
        ),
        (
            '<div data-click-id="media"><video src="blob:x"><source '
            'src="https://v.redd.it/abc123/HLSPlaylist.m3u8?a=1"></video></div>',
            {"url": "https://v.redd.it/abc123", "domain": "v.redd.it", "is_self": False},
        ),
        (
            '<div data-click-id="media"><a href="https://i.redd.it/abcd1234.jpg"><img '
            'src="https://preview.redd.it/abcd1234.jpg?width=640&s=1"></a></div>'
            '<div class="RichTextJSON-root"><p>My shed.</p></div>',
            {
                "url": "https://i.redd.it/abcd1234.jpg",
                "domain": "i.redd.it",
                "selftext_html": '<div class="md"><p>My shed.</p>\n</div>',
            },
        ),
        (
            '<div class="_3O"><a href="https://i.redd.it/abcd1234.gif"><video></video></a></div>',
            {"url": "https://i.redd.it/abcd1234.gif"},
        ),
        (
            pages.text_content('<p><a href="https://i.redd.it/abcd1234.jpg">my shed</a></p>'),
            {"url": f"https://www.reddit.com{PATH}", "is_self": True},
        ),
        (
            '<div data-click-id="image"><img alt="Post image" '
            'src="https://preview.redd.it/which-shovel-v0-abcd1234.png?s=1"></div>',
            {"url": "https://i.redd.it/abcd1234.png"},
        ),
        (
            '<a href="/r/gardening/?f=flair_name%3A%22Tools%22"><span>Tools</span></a>',
            {"link_flair_text": "Tools"},
        ),
    ],
)
def test_read__post(content: str, expected: dict[str, object]) -> None:
    post = get_post(pages.build_page(post=pages.draw_post(content=content)))
    assert {key: post.get(key) for key in expected} == expected
    assert (post["title"], post["author"], post["name"]) == ("Which shovel?", "ada-l", POST)
    assert (post["permalink"], post["subreddit"], post["num_comments"]) == (PATH, "gardening", 219)


def test_read__post_of_a_deleted_account() -> None:
    post = pages.draw_post(author="").replace("Posted by", "Posted by</span><span>u/[deleted]")
    assert get_post(pages.build_page(post=post))["author"] == "[deleted]"


def test_read__gallery() -> None:
    figures = "".join(
        f'<li><figure><a href="https://preview.redd.it/pic{n}abcd.jpg?s=1"><img></a>'
        f"<figcaption>Shed {n}</figcaption></figure></li>"
        for n in (1, 2)
    )
    post = get_post(pages.build_page(post=pages.draw_post(content=f"<ul>{figures}</ul>")))
    assert [item["caption"] for item in post["gallery_data"]["items"]] == ["Shed 1", "Shed 2"]
    assert post["media_metadata"]["pic2abcd"]["s"] == {"u": "https://i.redd.it/pic2abcd.jpg"}
    assert post["is_gallery"] is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("219 comments", 219),
        ("1 Kommentar", 1),
        ("2.8k comments", None),
        ("12 tis. komentářů", None),
        ("3 mil comentarios", None),
        ("comments", None),
    ],
)
def test_read__number_of_comments_only_if_it_is_exact(text: str, expected: int | None) -> None:
    post = get_post(pages.build_page(post=pages.draw_post(count=text)))
    assert post.get("num_comments") == expected


def test_read__number_of_comments_from_the_head_of_the_page() -> None:
    head = (
        f'<meta property="og:url" content="https://www.reddit.com{PATH}">'
        '<meta property="og:description" content="307 votes and 2,820 comments so far on Reddit">'
    )
    html = pages.build_page(post=pages.draw_post(count="2.8k comments"), head=head)
    assert get_post(html)["num_comments"] == 2820
    assert "num_comments" not in get_post(html.replace('/p0st01/which_shovel/">', '/0ther/x/">'))


def test_read__post_without_its_own_id_is_found_through_its_comments() -> None:
    html = pages.build_page(TREE, head="").replace(POST, "broken")
    assert read(html).thread_id == POST[3:]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>whoa there, pardner!</p>", "a page without a post"),
        ('<div class="Post"><a data-click-id="comments">1</a></div>' * 2, "a list of posts"),
    ],
)
def test_read__page_without_a_thread_is_refused_by_name(body: str, kind: str) -> None:
    with pytest.raises(errors.OtherPageError) as caught:
        read(f'<link rel="canonical" href="https://www.reddit.com{PATH}"><body>{body}</body>')
    assert caught.value.page_kind == kind


def find_wrong_parts(seeds: Iterable[int]) -> list[object]:
    """Damage a page, and return what a reader invents, guesses or tells about the page's reader."""
    items = [*pages.grow_tree(3, 12), Item("zz1")]
    html = pages.build_page(items, rows=pages.draw_more("dd1", ("zz1",), "4 more replies"))
    truth = {item.id: item.parent for item in items}
    wrong: list[object] = []
    for seed in seeds:
        try:
            things = read(damage(html, random.Random(seed))).things
        except errors.OtherPageError:
            continue
        for comment_id, data in get_comments(things).items():
            parent = truth.get(comment_id, "")
            if data.get("parent_id", parent) != parent or not parent:
                wrong.append((seed, comment_id, data.get("parent_id")))
            if SENTINEL in json.dumps(data):
                wrong.append((seed, comment_id, data["author"]))
        wrong += [
            (seed, stub)
            for stub in get_stubs(things)
            if stub["parent_id"] != "t1_zz1" and UNKNOWN_PARENT_KEY not in stub
        ]
    return wrong


ATTRIBUTE = re.compile(r'\s[a-z-]+="[^"]*"')
TAG = re.compile(r"</?\w[^>]*>")
NAME = re.compile(r"t[13]_\w+")
HOSTILE_NAMES = ("t1_../../x", "t1_", "t1_ABC", "t1_" + "a" * 40, "t1_deleted", "'><script>", "x")


def damage(html: str, rng: random.Random) -> str:
    """Drop attributes and tags, exchange ids, or cut the page off."""
    if rng.random() < 0.1:
        return html[: rng.randrange(len(html))]
    pattern, replacements = rng.choice(((ATTRIBUTE, ("",)), (TAG, ("",)), (NAME, HOSTILE_NAMES)))
    chance = rng.choice((0.002, 0.02, 0.2))
    return pattern.sub(
        lambda match: rng.choice(replacements) if rng.random() < chance else match[0], html
    )


def test_read__damaged_pages_invent_and_guess_nothing() -> None:
    assert find_wrong_parts(range(80)) == []


@pytest.mark.slow
def test_read__many_damaged_pages() -> None:
    assert find_wrong_parts(range(80, 2_000)) == []


def test_read__a_guessed_parent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeded fault: the list of ancestors is taken as it is."""

    def find_parent(row: row_reader.Row) -> str:
        names = [name for name in row.ancestors if name not in ("", f"t1_{row.id}")]
        return names[-1] if names else ""

    monkeypatch.setattr(row_reader, "find_parent", find_parent)
    assert find_wrong_parts(range(40))


def test_read__deep_page() -> None:
    rows = "".join(f'<div id="t1_{n:x}" tabindex="-1">' for n in range(4000))
    assert len(read(pages.build_page(TREE, rows=rows)).things) > 3900


def find_differences(page: ThreadPage) -> list[check.Difference]:
    seen = Capture(page.thread_id, capture.utc_now(), "saved-page", {}, page.things)
    thread = history.merge(page.thread_id, [seen])
    return list(check.find_differences(thread, Selection(everything=True), target="markdown"))


def test_read__quotes_render_like_the_page() -> None:
    html = "<p>a <b>b</b> *c*</p><ul><li><p>d</p></li></ul><pre><code>e\n</code></pre>"
    page = read(pages.build_page([Item("aa1", html=html), *TREE[1:]]))
    shown = rendered.extract_lines(get_comments(page.things)["aa1"]["body_html"])
    assert (shown, find_differences(page)) == (rendered.extract_lines(html), [])


@needs_real_pages
@pytest.mark.parametrize("name", REAL_NAMES)
def test_read__real_page(name: str) -> None:
    html = (REAL_PAGES / f"new-no-state-{name}.html").read_text()
    expected = json.loads((REAL_PAGES / "expected.json").read_text())[f"new-no-state-{name}"]
    page = read(html)
    comments = get_comments(page.things)
    assert (page.thread_id, len(comments)) == (expected["post"]["id"], expected["comments"])
    assert sum("body" in data for data in comments.values()) == expected["deleted_headers"]
    for sample in expected["sample"]:
        data = comments[sample["id"]]
        assert data["parent_id"] == (sample["parent_id"] or f"t3_{page.thread_id}")
        # Its script found no names in pages without hover cards. The pictures have them.
        assert data["author"] == sample["author"] or sample["author"] is None
    assert all("parent_id" in data for data in (*comments.values(), *get_stubs(page.things)))


@needs_real_pages
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) for name in REAL_NAMES[:2]] + [*REAL_NAMES[2:]],
)
def test_read__quotes_of_a_real_page_render_like_it(name: str) -> None:
    assert find_differences(read((REAL_PAGES / f"new-no-state-{name}.html").read_text())) == []


@needs_real_pages
@pytest.mark.parametrize("name", REAL_NAMES)
def test_read__real_texts_show_what_the_page_shows(name: str) -> None:
    document = dom.parse((REAL_PAGES / f"new-no-state-{name}.html").read_text())
    comments = get_comments(reader.read(document).things)
    for row in document.css('div[id^="t1_"][tabindex]'):
        body = row.css_first('[data-testid="comment"]')
        if body is not None:
            html = comments[dom.get(row, "id")[3:]]["body_html"]
            assert rendered.extract_lines(html) == rendered.extract_lines(str(body.html))


@needs_real_pages
def test_read__real_listing_is_refused() -> None:
    html = (REAL_PAGES / "new-2020-front-page.html").read_text()
    with pytest.raises(errors.OtherPageError, match="a list of posts"):
        read(html)


def test_real_pages__are_not_in_the_project() -> None:
    assert not list(Path(__file__).parent.parent.rglob("new-no-state-*"))


def test_read__another_thread_on_the_page_is_left_out() -> None:
    own = pages.build_page([Item("aa1")], rows=pages.draw_more("aa2", ("aa1",), "2 more replies"))
    other_rows = pages.draw_more("zz2", ("zz1",), "3 x") + pages.draw_more("zz3", (), "4 x")
    other = pages.build_page([Item("zz1")], rows=other_rows).replace("p0st01", "p0st02")
    assert read(own + other).things == read(own).things
