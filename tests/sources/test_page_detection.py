"""What kind a saved web page is, and what is said of pages without a thread."""

import json

import pytest

from reddit_archive.sources.saved_page import detect, dom
from reddit_archive.sources.saved_page.detect import PageKind
from tests.conftest import RECORDINGS
from tests.support.old_reddit_pages import PageComment, make_page, make_post

REAL_PAGES = RECORDINGS.parent / "saved-pages"
STATIC = '<link rel="icon" href="https://www.redditstatic.com/icon.png">'
POST_TAG = (
    '<shreddit-post id="t3_aa11bb" view-context="CommentsPage" post-title="x"></shreddit-post>'
)
STATE = 'window.___r = {"posts": {"models": {"t3_aa11bb": {}}}, '
COMPACT = (
    '<div class="thing link id-t3_aa11bb"></div><div class="commentarea"><div class="thing comment '
    'id-t1_c1"><a class="options_link" href="#"></a></div></div>'
)


def detect_kind(html: str) -> PageKind:
    return detect.detect(dom.parse(html), html)


@pytest.mark.parametrize(
    ("html", "name"),
    [
        (make_page([PageComment("c1", "t3_aa11bb")]), "old"),
        (f'{make_post()}<div class="commentarea"></div>', "old"),
        (make_page().replace("<div class=", "<DIV CLASS="), "old"),
        (
            f'<script>{STATE}"commentsPage": {{"keyToPostId": {{"a": "t3_aa11bb"}}}}}}</script>',
            "new-with-state",
        ),
        ('<div data-testid="post-container"><div data-test-id="post-content"></div></div>', "new"),
        ('<div data-testid="post-container"></div><div id="t1_c1" tabindex="-1"></div>', "new"),
        ("<shreddit-comment-tree></shreddit-comment-tree>", "shreddit"),
        ('<shreddit-comment thingId="t1_c1"></shreddit-comment>', "shreddit"),
        (f"<shreddit-app>{POST_TAG}</shreddit-app>", "shreddit"),
        (f"{POST_TAG}<shreddit-feed><shreddit-post></shreddit-post></shreddit-feed>", "shreddit"),
        (f"{POST_TAG}<shreddit-ad-post id='t3_ad'></shreddit-ad-post>", "shreddit"),
    ],
)
def test_detect__threads(html: str, name: str) -> None:
    assert detect_kind(html) == PageKind(name, True)
    assert detect.may_be_reddit(html)


@pytest.mark.parametrize(
    ("html", "name"),
    [
        (make_post() * 3, "a listing of posts"),
        (f"<shreddit-feed>{POST_TAG}</shreddit-feed>", "a listing of posts"),
        (POST_TAG * 2, "a listing of posts"),
        (
            f'<script>{STATE}"commentsPage": {{"keyToPostId": {{}}}}}}</script>',
            "a listing of posts",
        ),
        (STATIC + '<div data-testid="post-container"></div>' * 5, "a listing of posts"),
        (f'{STATIC}<body class="search-page">{make_post()}</body>', "a search page"),
        (f'{STATIC}<body class="profile-page">{make_post()}</body>', "a user's profile"),
        ('<link rel="canonical" href="https://www.reddit.com/user/ann/">' + STATIC, "profile"),
        (f"{STATIC}<title>Blocked</title><h1>whoa there, pardner!</h1>", "blocked the request"),
        (f"{STATIC}<p>You\u2019ve been blocked by network security.</p>", "blocked the request"),
        (f"{STATIC}<h1>Prove your humanity</h1>", "you are human"),
        ('<form><input name="js_challenge" value="1">reddit</form>', "you are human"),
        (f"{STATIC}<h3>r/breadlog is a private community</h3>", "private"),
        (f"{STATIC}<h3>r/breadlog has been banned from Reddit</h3>", "banned"),
        (f"{STATIC}<h3>This community is quarantined</h3>", "quarantined"),
        (f'{STATIC}<form action="/over18?dest=x"></form>', "your age"),
        (f"{STATIC}<h1>page not found</h1>", "does not exist"),
        (f"{STATIC}<form action='/login' method=post><input type=password></form>", "login"),
        (f"{STATIC}<shreddit-app></shreddit-app>", "without its posts and comments"),
        (COMPACT, "the old mobile site (.compact)"),
        ('<div class="comment" id="c1"><details class="comment_right"></details></div>', "redlib"),
        ('<nav><a id="libreddit" href="/">x</a></nav>', "a page of libreddit"),
        ("<title>r/breadlog - teddit</title>", "a page of teddit"),
        (
            '<div id="post"><div class="comment"><details><summary><p class="author">u/a</p>'
            "</summary></details></div></div>",
            "a page of teddit",
        ),
        ('<meta property="og:site_name" content="Troddit">', "a page of troddit"),
        ("<html><body><pre>[{}]</pre></body></html>", "JSON"),
        ('[{"kind": "Listing"}]', "JSON"),
        ("<h1>page not found</h1>", "a page of another website"),
        ("<title>How to install redlib: a guide</title>", "a page of another website"),
        ("", "a page of another website"),
    ],
)
def test_detect__other_pages_are_named_with_what_to_do(html: str, name: str) -> None:
    kind = detect_kind(html)
    assert (name in kind.name, kind.is_thread) == (True, False), kind
    assert kind.hint.endswith(".")


def test_detect__words_of_comments_decide_nothing() -> None:
    words = "whoa there, pardner! Prove your humanity. page not found"
    assert detect_kind(make_page([PageComment("c1", "t3_aa11bb", body=words)])).name == "old"


@pytest.mark.parametrize(
    "mark",
    ['<html class="translated-ltr"', '<html _msttexthash="1"', '<html class="translated-rtl"'],
)
def test_detect__page_that_the_browser_translated(mark: str) -> None:
    kind = detect_kind(make_page().replace("<html", mark, 1))
    assert ("translated" in kind.name, kind.is_thread) == (True, False)


@pytest.mark.parametrize(
    "html", ["", "<p>words</p>", '<a href="https://www.reddit.com/submit?url=x">share</a>']
)
def test_may_be_reddit__other_websites(html: str) -> None:
    assert not detect.may_be_reddit(html)
    assert not detect.may_be_reddit(html.encode())


@pytest.mark.skipif(not REAL_PAGES.is_dir(), reason="there are no saved pages here")
def test_detect__real_pages() -> None:
    for name, expected in json.loads((REAL_PAGES / "expected.json").read_text()).items():
        html = (REAL_PAGES / f"{name}.html").read_text()
        kind = detect_kind(html)
        assert kind.is_thread is ("refused" not in expected), name
        names = {"new without state": "new", "new with state": "new-with-state"}
        assert "kind" not in expected or names.get(expected["kind"], expected["kind"]) == kind.name
        assert kind.is_thread or expected["refused"] in kind.name
        assert detect.may_be_reddit(html.encode())


def test_detect__comment_that_looks_like_a_state_is_text() -> None:
    text = f'<pre>{STATE}"commentsPage": {{"keyToPostId": {{"a": "t3_aa11bb"}}}}}}</pre>'
    assert detect_kind(make_page(post=make_post(text=text))).name == "old"
