"""Pages of new Reddit with their state: exact times and scores, and nothing about the reader."""

import json
import random
from collections.abc import Iterable
from typing import Any

import pytest

from reddit_archive import errors, history
from reddit_archive.files import fast_json
from reddit_archive.model import capture, deletion
from reddit_archive.model.capture import Capture
from reddit_archive.model.content import Post
from reddit_archive.quote import Selection, check
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.new_reddit import state_models, state_reader
from reddit_archive.sources.saved_page.page import ThreadPage
from tests.conftest import RECORDINGS
from tests.support import dom as rendered
from tests.support import new_reddit_pages as pages
from tests.support import rich_texts
from tests.support.new_reddit_pages import PAGE_KEY, PATH, POST, SENTINEL, Item, par, rich

REAL_PAGES = RECORDINGS.parent / "saved-pages"
needs_real_pages = pytest.mark.skipif(
    not REAL_PAGES.is_dir(), reason="there are no saved pages here"
)
ITEM = Item("aa1")


def read(state: Any, *, shown: str = "<html><body></body></html>") -> ThreadPage:
    html = pages.build_state_page(state, shown=shown)
    return state_reader.read(dom.parse(html), html)


def get_things(page: ThreadPage, kind: str) -> list[dict[str, Any]]:
    return [thing["data"] for thing in page.things if thing["kind"] == kind]


def read_comment(**fields: Any) -> dict[str, Any]:
    """Read a page with one comment, whose model has these fields."""
    page = read(pages.build_state([pages.build_comment_model(ITEM, **fields)]))
    return get_things(page, "t1")[0]


def read_post(**fields: Any) -> dict[str, Any]:
    return get_things(read(pages.build_state(post=pages.build_post_model(**fields))), "t3")[0]


@pytest.mark.parametrize("seed", range(10))
def test_read__random_trees_in_the_order_of_the_page(seed: int) -> None:
    items = pages.grow_tree(seed)
    page = read(pages.build_state(map(pages.build_comment_model, items)))
    assert (page.kind, page.thread_id) == ("new-with-state", POST[3:])
    assert [(data["id"], data["parent_id"]) for data in get_things(page, "t1")] == [
        (item.id, item.parent) for item in items
    ]


def test_read__fields_of_a_comment() -> None:
    assert read_comment(author="ada-l", isOp=True, goldCount=2, distinguishType="moderator") == {
        "id": "aa1",
        "name": "t1_aa1",
        "link_id": POST,
        "parent_id": POST,
        "author": "ada-l",
        "author_fullname": "t2_abc1",
        "author_flair_text": "Zone 7b",
        "created_utc": 1_500_000_123.0,
        "score": 7,
        "score_hidden": False,
        "edited": False,
        "gilded": 2,
        "distinguished": "moderator",
        "subreddit": "gardening",
        "subreddit_name_prefixed": "r/gardening",
        "permalink": f"{PATH}aa1/",
        "body_html": '<div class="md"><p>Words of aa1.</p>\n</div>',
        "stickied": False,
        "locked": False,
        "is_submitter": True,
        "_page": "new-with-state",
    }


def test_read__fields_of_a_post() -> None:
    flair = [{"type": "nsfw", "text": "nsfw"}, {"type": "text", "text": "Tools"}]
    assert read_post(flair=flair, isNSFW=True) == {
        "id": "p0st01",
        "name": POST,
        "title": "Which shovel?",
        "author": "ada-l",
        "author_fullname": "t2_abc2",
        "author_flair_text": "Zone 7b",
        "created_utc": 1_500_000_000.0,
        "score": 124,
        "subreddit": "gardening",
        "subreddit_name_prefixed": "r/gardening",
        "permalink": PATH,
        "url": f"https://www.reddit.com{PATH}",
        "domain": "self.gardening",
        "is_self": True,
        "selftext_html": '<div class="md"><p>Mine broke.</p>\n</div>',
        "num_comments": 30,
        "upvote_ratio": 0.96,
        "over_18": True,
        "link_flair_text": "Tools",
        "_page": "new-with-state",
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"isScoreHidden": True}, {"score": None, "score_hidden": True}),
        ({"score": "39", "isScoreHidden": None}, {"score": None, "score_hidden": None}),
        ({"editedAt": 1_500_000_500}, {"edited": 1_500_000_500.0}),
        ({"editedAt": True}, {"edited": True}),
        ({"editedAt": "x"}, {"edited": None}),
        ({"created": 1_500_000_123_000}, {"created_utc": 1_500_000_123.0}),
        ({"created": -5}, {"created_utc": None}),
        ({"created": True}, {"created_utc": None}),
        ({"parentId": "t1_zz9"}, {"parent_id": "t1_zz9"}),
        ({"parentId": POST}, {"parent_id": POST}),
        ({"parentId": "t1_aa1"}, {"parent_id": None}),
        ({"parentId": "t1_../x"}, {"parent_id": None}),
        ({"parentId": 7}, {"parent_id": None}),
        ({"isMod": True}, {"distinguished": "moderator"}),
        ({"isAdmin": True}, {"distinguished": "admin"}),
        ({"isStickied": True, "isLocked": True}, {"stickied": True, "locked": True}),
        ({"authorId": f"{SENTINEL}"}, {"author_fullname": None}),
        ({"permalink": "https://evil.example/r/a/comments/b/c/"}, {"permalink": None}),
        ({"author": "[deleted]"}, {"author": "[deleted]", "body": None}),
    ],
)
def test_read__a_field_that_the_page_does_not_tell_is_absent(
    fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    data = read_comment(**fields)
    assert {key: data.get(key) for key in expected} == expected
    assert None not in data.values()


def test_read__missing_parent_is_not_guessed() -> None:
    model = pages.build_comment_model(ITEM)
    del model["parentId"]
    assert "parent_id" not in get_things(read(pages.build_state([model])), "t1")[0]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"isDeleted": True, "deletedBy": "user", "media": rich(par("[deleted]"))}, "deleted"),
        ({"isDeleted": True, "deletedBy": "moderator", "media": rich(par("[removed]"))}, "removed"),
        ({"isDeleted": True, "deletedBy": "user", "media": None}, "deleted"),
        ({"isDeleted": True, "deletedBy": "reddit", "media": None}, "removed"),
        ({"isDeleted": True, "deletedBy": None, "media": None}, "missing"),
        ({"media": rich(par("[ Removed by Reddit ]"))}, "removed by Reddit"),
        ({"media": rich(par("Dig."))}, None),
    ],
)
def test_read__deleted_comments(fields: dict[str, Any], reason: str | None) -> None:
    data = read_comment(author="[deleted]", authorId=None, **fields)
    assert deletion.get_deletion_reason("t1", data) == reason


def test_read__taken_down_by_reddit_with_its_author() -> None:
    data = read_comment(media=rich(par("[ Removed by Reddit ]")))
    assert deletion.get_deletion_reason("t1", data) == "removed by Reddit"


def test_read__hidden_by_a_block_is_no_text() -> None:
    data = read_comment(author="[unavailable]", media=rich(par("[unavailable]")))
    assert not {"body", "body_html"} & {*data}


def test_read__placeholder_that_somebody_typed_is_a_text() -> None:
    data = read_comment(media=rich(par("[deleted]")))
    assert deletion.get_deletion_reason("t1", data) is None
    assert "[deleted]" in data["body_html"]


@pytest.mark.parametrize("category", ["moderator", "MODERATOR", " CONTENT_TAKEDOWN", "author"])
def test_read__removed_post(category: str) -> None:
    data = read_post(removedByCategory=category, media=rich(par("[removed]")), author="[deleted]")
    assert data["selftext"] == "[removed]"
    assert data["removed_by_category"] == category.strip().lower()


@pytest.mark.parametrize(
    ("media", "words"),
    [
        ({"content": '<!-- SC_OFF --><div class="md"><p>a <b>b</b></p></div>'}, "a b"),
        ({"content": "&lt;p&gt;escaped &amp;amp; so&lt;/p&gt;"}, "escaped & so"),
        ({"markdownContent": "<p>a</p><script>alert(1)</script>"}, "a"),
        ({"markdownContent": "a **b** <i>"}, "a b <i>"),
        ({"content": "https://preview.redd.it/x.jpg", "markdownContent": "below"}, "below"),
        ({"content": None, "markdownContent": 7, "richtextContent": []}, ""),
    ],
)
def test_read__texts_in_html_or_markdown(media: dict[str, Any], words: str) -> None:
    data = read_comment(media=media)
    assert rendered.text(data.get("body_html", "")) == words
    assert "script" not in data.get("body_html", "")
    assert "body" not in data


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"domain": "e.example", "source": {"url": "https://e.example/a"}, "media": None},
            {"url": "https://e.example/a", "domain": "e.example", "is_self": False},
        ),
        (
            {
                "domain": "i.redd.it",
                "media": {
                    "type": "image",
                    "content": "https://preview.redd.it/abcd1234.jpg?auto=webp&s=1",
                },
            },
            {"url": "https://i.redd.it/abcd1234.jpg", "is_self": False},
        ),
        (
            {
                "domain": "v.redd.it",
                "media": {"type": "video", "hlsUrl": "https://v.redd.it/abc123/HLS.m3u8?a=1"},
            },
            {"url": "https://v.redd.it/abc123", "is_self": False},
        ),
        (
            {
                "domain": "youtube.com",
                "source": {"url": "https://youtu.be/x"},
                "media": {"type": "embed", "content": "https://cdn.embedly.example/x"},
            },
            {"url": "https://youtu.be/x", "is_self": False},
        ),
        ({"source": {"url": "javascript:alert(1)"}, "domain": "x"}, {"url": None}),
    ],
)
def test_read__links(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    data = read_post(**fields)
    assert {key: data.get(key) for key in expected} == expected


def test_read__gallery() -> None:
    media = {
        "type": "gallery",
        "gallery": {"items": [{"mediaId": "pic1", "caption": "Shed"}, {"mediaId": "../x"}, 7]},
        "mediaMetadata": {
            "pic1": {
                "e": "Image",
                "m": "image/jpg",
                "s": {"u": "https://preview.redd.it/pic1.jpg?s=1", "x": 640, "y": 480},
                "p": SENTINEL,
            },
            "pic2": {"e": "Image", "s": {"u": "javascript:x"}},
        },
    }
    data = read_post(media=media, domain="reddit.com")
    assert data["url"] == "https://www.reddit.com/gallery/p0st01"
    assert [(image.url, image.caption) for image in Post(data).gallery_images] == [
        ("https://preview.redd.it/pic1.jpg?s=1", "Shed")
    ]
    assert list(data["media_metadata"]) == ["pic1"]


def test_read__poll_without_the_readers_vote() -> None:
    options = [{"id": "1", "text": "Spade", "voteCount": 12}, {"id": "2", "text": "Spoon"}]
    poll = {"options": options, "totalVoteCount": 30, "userSelection": SENTINEL}
    data = read_post(pollData=poll)
    assert [(option.text, option.votes) for option in Post(data).poll] == [
        ("Spade", 12),
        ("Spoon", None),
    ]
    assert SENTINEL not in json.dumps(data)


def test_read__crosspost() -> None:
    original = pages.build_post_model(title="The original", permalink="/r/diy/comments/0rig/x/")
    post = pages.build_post_model(crosspostRootId="t3_0rig", domain="self.diy", media=None)
    posts = {"models": {POST: post, "t3_0rig": original}}
    data = get_things(read(pages.build_state(posts=posts)), "t3")[0]
    parent = Post(data).crosspost_parent
    assert (data["crosspost_parent"], data["is_self"]) == ("t3_0rig", False)
    assert parent is not None
    assert (parent.title, parent.subreddit) == ("The original", "r/diy")


def test_read__post_on_a_profile() -> None:
    data = read_post(permalink="/user/ada-l/comments/p0st01/x/", belongsTo={"type": "profile"})
    assert (data["subreddit"], data["subreddit_name_prefixed"]) == ("u_ada-l", "u/ada-l")


def test_read__flair_with_emojis() -> None:
    parts = [{"e": "emoji", "a": ":leaf:", "u": "x"}, {"e": "text", "t": " Zone 3"}]
    flairs = {"models": {"t5_gard1": {"rosalind": {"type": "richtext", "richtext": parts}}}}
    page = read(pages.build_state([pages.build_comment_model(ITEM)], authorFlair=flairs))
    assert get_things(page, "t1")[0]["author_flair_text"] == ":leaf: Zone 3"


def test_read__stubs() -> None:
    more = {
        "moreComments-t1_dd1": {"postId": POST, "parentId": "t1_aa1", "numComments": 43},
        "moreComments-t1_dd2": {"postId": POST, "parentId": None, "numComments": 5},
        "moreComments-t1_dd3": {"postId": POST, "parentId": "t1_deleted", "numComments": 5},
        "moreComments-t1_dd4": {"postId": "t3_other", "parentId": None, "numComments": 5},
        "moreComments-x": {"postId": POST, "parentId": "t1_aa1", "numComments": 2},
        "moreComments-y": 7,
    }
    after = {"continueThread-t1_aa1": {"postId": POST, "parentId": "t1_aa1"}}
    state = pages.build_state(
        [pages.build_comment_model(ITEM)],
        moreComments={"models": more},
        continueThreads={"models": after},
    )
    assert get_things(read(state), "more") == [
        {"parent_id": "t1_aa1", "children": ["dd1"], "count": 43},
        {"parent_id": POST, "children": ["dd2"], "count": 5},
        {"parent_id": "t1_aa1", "children": [], "count": 2},
        {"parent_id": "t1_aa1", "children": [], "count": 0},
    ]


def test_read__comments_without_a_place_in_the_order_come_last() -> None:
    state = pages.build_state([pages.build_comment_model(ITEM)])
    state["comments"]["models"]["t1_zz1"] = pages.build_comment_model(Item("zz1"))
    links = state["commentsPage"]["keyToCommentThreadLinkSets"][PAGE_KEY]
    links["t1_aa1"]["next"] = {"type": "comment", "id": "t1_aa1"}  # a circle
    assert [data["id"] for data in get_things(read(state), "t1")] == ["aa1", "zz1"]


def test_read__comments_of_other_threads_are_left_out() -> None:
    models = [pages.build_comment_model(ITEM), pages.build_comment_model(Item("bb1"))]
    models[1]["postId"] = "t3_other"
    page = read(pages.build_state(models))
    assert [data["id"] for data in get_things(page, "t1")] == ["aa1"]
    assert [data["name"] for data in get_things(page, "t3")] == [POST]


def test_read__thread_on_which_the_page_is_among_several() -> None:
    state = pages.build_state([pages.build_comment_model(ITEM)])
    state["commentsPage"]["keyToPostId"] = {"first": "t3_other", PAGE_KEY: POST}
    state["platform"] = {"currentPage": {"urlParams": {"partialPostId": POST[3:]}}}
    assert read(state).thread_id == POST[3:]


def test_read__state_of_the_last_years() -> None:
    """From about 2022 on, parts of the state stand below `features` and `pages`."""
    state = pages.build_state([pages.build_comment_model(ITEM)])
    state["pages"] = {"comments": state.pop("commentsPage")}
    state["features"] = {"comments": state.pop("comments")}
    assert [data["id"] for data in get_things(read(state), "t1")] == ["aa1"]


def test_read__comments_that_only_the_page_shows() -> None:
    """Clicks on "more replies" change the page, and not the state in its script."""
    row = pages.draw_more("dd9", ("bb1",), "6 more replies")
    shown = pages.build_page([ITEM, Item("bb1", ("aa1",))], rows=row)
    state = pages.build_state(
        [pages.build_comment_model(ITEM)],
        moreComments={"models": {"moreComments-t1_bb1": {"parentId": "t1_aa1", "numComments": 7}}},
    )
    page = read(state, shown=shown)
    assert [(data["id"], data["_page"]) for data in get_things(page, "t1")] == [
        ("aa1", "new-with-state"),
        ("bb1", "new"),
    ]
    missing = capture.find_missing_comments(page.things)
    assert [(group.parent, group.ids) for group in missing] == [("t1_bb1", ("dd9",))]


def test_read__page_that_shows_another_thread_than_its_state() -> None:
    state = pages.build_state([pages.build_comment_model(ITEM)])
    shown = pages.build_page([Item("bb1")]).replace("p0st01", "0ther1")
    page = read(state, shown=shown)
    assert (page.kind, page.thread_id) == ("new", "0ther1")
    assert [data["id"] for data in get_things(page, "t1")] == ["bb1"]


@pytest.mark.parametrize(
    "script",
    [
        "window.___r = {",
        "window.___r = {}",
        'window.___r = {"posts": 7}',
        "window.___r = " + '{"a":' * 100_000,
        "window.___r = " + '{"a": ' + "9" * 5000 + "}",
    ],
)
def test_read__damaged_state_leaves_what_the_page_shows(script: str) -> None:
    html = pages.build_page([ITEM]).replace("</body>", f"<script>{script}</script></body>")
    page = state_reader.read(dom.parse(html), html)
    assert (page.kind, len(page.things)) == ("new", 2)


def test_read__state_in_a_text_is_a_text() -> None:
    forged = "window.___r = " + json.dumps(pages.build_state([pages.build_comment_model(ITEM)]))
    html = pages.build_page([Item("bb1", html=f"<p>{forged}</p>")])
    page = state_reader.read(dom.parse(html), html)
    assert (page.kind, [data["id"] for data in get_things(page, "t1")]) == ("new", ["bb1"])


def test_read__listing_is_refused() -> None:
    state = pages.build_state(commentsPage={"keyToPostId": {}})
    with pytest.raises(errors.OtherPageError):
        read(state)


def test_read__nothing_about_the_reader() -> None:
    state = pages.build_state(map(pages.build_comment_model, pages.grow_tree(1)))
    assert SENTINEL in json.dumps(state)
    assert SENTINEL not in json.dumps(read(state).things)


def test_read__a_field_of_the_reader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeded fault: the model is taken as it is."""
    build = state_models._build_common_fields
    monkeypatch.setattr(
        state_models,
        "_build_common_fields",
        lambda item, models, subreddit: {**item, **build(item, models, subreddit)},
    )
    page = read(pages.build_state([pages.build_comment_model(ITEM)]))
    assert SENTINEL in json.dumps(page.things)


def scramble(value: Any, rng: random.Random, chance: float) -> Any:
    """Exchange parts of a state for JSON of another shape, or leave them out."""
    if rng.random() < chance:
        return rich_texts.grow_json(rng)
    if isinstance(value, dict):
        return {
            key: scramble(item, rng, chance)
            for key, item in value.items()
            if rng.random() > chance / 2
        }
    return [scramble(item, rng, chance) for item in value] if isinstance(value, list) else value


def check_scrambled_states(seeds: Iterable[int]) -> None:
    items = pages.grow_tree(2, 12)
    truth = {item.id: item.parent for item in items}
    models = list(map(pages.build_comment_model, items))
    for seed in seeds:
        rng = random.Random(seed)
        state = scramble(pages.build_state(models), rng, rng.choice((0.005, 0.03, 0.1)))
        try:
            page = read(state)
        except errors.OtherPageError:
            continue
        for data in get_things(page, "t1"):
            assert data["id"] in truth, seed
            assert data.get("parent_id", truth[data["id"]]) in (truth[data["id"]], POST), seed
        assert fast_json.dumps(page.things)  # as it is stored


def test_read__states_of_odd_shapes() -> None:
    check_scrambled_states(range(100))


@pytest.mark.slow
def test_read__ten_thousand_states_of_odd_shapes() -> None:
    check_scrambled_states(range(100, 10_000))


def find_differences(page: ThreadPage) -> list[check.Difference]:
    seen = Capture(page.thread_id, capture.utc_now(), "saved-page", {}, page.things)
    thread = history.merge(page.thread_id, [seen])
    return list(check.find_differences(thread, Selection(everything=True), target="markdown"))


def test_read__quotes_render_like_the_text() -> None:
    documents = [rich_texts.grow_document(random.Random(seed)) for seed in range(12)]
    models = [
        pages.build_comment_model(Item(f"q{number}"), media=rich(*document))
        for number, document in enumerate(documents)
    ]
    assert find_differences(read(pages.build_state(models))) == []


@needs_real_pages
def test_read__real_page() -> None:
    html = (REAL_PAGES / "new-2020-with-state.html").read_text()
    expected = json.loads((REAL_PAGES / "expected.json").read_text())["new-2020-with-state"]
    page = state_reader.read(dom.parse(html), html)
    post, comments = get_things(page, "t3")[0], get_things(page, "t1")
    assert {key: post.get(key) for key in expected["post"]} == expected["post"]
    assert len(comments) == expected["comments"]
    assert len(get_things(page, "more")) == expected["stubs"]
    assert sum(bool(data["edited"]) for data in comments) == expected["edited"]
    by_id = {data["id"]: data for data in comments}
    for sample in expected["sample"]:
        assert {key: by_id[sample["id"]].get(key) for key in sample} == sample
    assert "SENTINEL" not in json.dumps(page.things)
    assert find_differences(page) == []


@needs_real_pages
def test_read__real_texts_show_what_the_page_shows() -> None:
    html = (REAL_PAGES / "new-2020-with-state.html").read_text()
    document = dom.parse(html)
    by_name = {data["name"]: data for data in get_things(state_reader.read(document), "t1")}
    for row in document.css('div[id^="t1_"][tabindex]'):
        body = row.css_first('[data-test-id="comment"]')
        assert body is not None
        text = by_name[dom.get(row, "id")]["body_html"]
        assert rendered.extract_lines(text) == rendered.extract_lines(str(body.html))
