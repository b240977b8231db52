"""The test server follows Reddit's rules, and returns recorded threads unchanged."""

import http.client
import json
import socket
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import praw
import prawcore
import pytest

from tests.conftest import RECORDINGS
from tests.support.reddit_client import get, log_in
from tests.support.reddit_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    CLOSED,
    CUT_BODY,
    CUT_JSON,
    HTML_403,
    INSTALLED_ID,
    ODD_RATELIMIT,
    REFRESH_TOKEN,
    SERVER_ERROR,
    SLOW,
    TOO_MANY,
    USER_AGENT,
    Fault,
    Server,
    Thread,
    escape,
    generate,
    info,
    load,
    load_session,
    more_children,
    page,
    unescape,
)
from tests.support.reddit_server.access import INSTALLED_GRANT, Tokens, Window

recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here")


def things_of(answer: Any) -> list[dict[str, Any]]:
    """Return all things of a page or a morechildren response, with flattened replies."""
    things = []
    stack = answer[1]["data"]["children"] if isinstance(answer, list) else None
    stack = list(stack if stack is not None else answer["json"]["data"]["things"])
    while stack:
        thing = stack.pop(0)
        things.append(thing)
        replies = thing["data"].get("replies")
        stack.extend(replies["data"]["children"] if replies else [])
    return things


def ids_of(answer: Any) -> list[str]:
    return [thing["data"]["id"] for thing in things_of(answer) if thing["kind"] == "t1"]


def stubs_of(answer: Any) -> list[dict[str, Any]]:
    return [thing["data"] for thing in things_of(answer) if thing["kind"] == "more"]


def collect(thread: Thread, **options: Any) -> Counter[str]:
    """Walk a page and all its stubs, one at a time; count how often each comment was returned."""
    answer: Any = page(thread, **options)
    seen, stubs = Counter(ids_of(answer)), stubs_of(answer)
    while stubs:
        stub = stubs.pop()
        if stub["count"]:
            answer = more_children(thread, stub["children"], deep=True)
            seen.update(ids_of(answer))
        else:
            parent = stub["parent_id"][3:]
            answer = page(thread, comment=parent, **options)
            seen.update(each for each in ids_of(answer) if each != parent)
        stubs.extend(stubs_of(answer))
    return seen


def chain(length: int) -> Thread:
    return generate(length, depth=length)


# Threads


def test_generate__distinct_reproducible_and_of_the_requested_depth() -> None:
    thread = generate(500, depth=14, seed=3)
    assert len(thread.comments) == len({data["body"] for data in thread.comments.values()}) == 500
    assert max(thread.depths().values()) == 13
    assert generate(500, depth=14, seed=3).comments == thread.comments
    assert not generate(500, seed=4).comments.keys() & thread.comments.keys()


def test_load__escaped_and_raw_pages_are_the_same() -> None:
    thread = generate(60)
    raw = page(thread, limit=500)
    assert load(escape(raw)).comments == load(raw).comments
    assert load(escape(raw)).post == load(raw).post == thread.post


def test_load__joins_page_and_morechildren() -> None:
    thread = generate(300, depth=9)
    answers: list[Any] = [page(thread, limit=50)]
    for answer in answers:
        answers.extend(more_children(thread, stub["children"]) for stub in stubs_of(answer))
    assert load(*answers).comments == thread.comments


def test_unescape__only_three_entities_and_once() -> None:
    assert unescape(["&lt;p&gt;a &amp;amp; b&amp;lt; &quot;", 1, None]) == [
        "<p>a &amp; b&lt; &quot;",
        1,
        None,
    ]


# Pages


@pytest.mark.parametrize("limit", [1, 7, 100, 500])
def test_page__stubs_lead_to_every_comment_exactly_once(limit: int) -> None:
    thread = generate(700, depth=23)
    seen = collect(thread, limit=limit)
    assert seen.keys() == thread.visible()
    assert set(seen.values()) == {1}


def test_page__limit_counts_comments_and_ends_at_500() -> None:
    thread = generate(900)
    sizes = [len(ids_of(page(thread, limit=limit))) for limit in (None, 1, 30, 500, 2048)]
    assert sizes == [200, 1, 30, 500, 500]


def test_page__counts_of_stubs_complete_the_page() -> None:
    thread = generate(900, depth=9)
    answer = page(thread, limit=300)
    assert sum(stub["count"] for stub in stubs_of(answer)) == 600
    assert all(stub["id"] == stub["children"][0] for stub in stubs_of(answer))


def test_page__parent_is_present_and_one_stub_ends_its_replies() -> None:
    thread = generate(900)
    answer = page(thread, limit=300)
    present = set(ids_of(answer))
    for thing in things_of(answer):
        parent = thing["data"]["parent_id"]
        assert parent == thread.name or parent[3:] in present
        replies = thing["data"].get("replies")
        kinds = [each["kind"] for each in replies["data"]["children"]] if replies else []
        assert "more" not in kinds[:-1]


def test_page__contains_all_depths_and_not_in_pre_order() -> None:
    answer = page(generate(900), limit=200)
    assert {thing["data"]["depth"] for thing in things_of(answer)} > {0, 1, 2, 3}
    assert {stub["depth"] for stub in stubs_of(answer)} > {0, 1, 2}


def test_page__ten_levels_then_continue_stub() -> None:
    answer = page(chain(25))
    assert [thing["data"]["depth"] for thing in things_of(answer)] == list(range(11))
    (stub,) = stubs_of(answer)
    tenth = ids_of(answer)[-1]
    assert (stub["count"], stub["id"], stub["name"]) == (0, "_", "t1__")
    assert (stub["children"], stub["parent_id"]) == ([], f"t1_{tenth}")


def test_page__smaller_depth_gives_stubs_with_children() -> None:
    thread = chain(25)
    (stub,) = stubs_of(page(thread, depth=3))
    assert (stub["depth"], stub["count"], len(stub["children"])) == (3, 22, 1)
    assert len(ids_of(page(thread, depth=50))) == 10


def test_page__sorts_differ_and_siblings_keep_stored_order_by_default() -> None:
    thread = generate(100, depth=3)
    tops = {
        sort: [
            thing["data"]["id"]
            for thing in page(thread, sort=sort, limit=500)[1]["data"]["children"]
        ]
        for sort in ("confidence", "new", "old", "random")
    }
    assert tops["confidence"] == thread.replies[thread.name]
    assert tops["new"] == tops["old"][::-1] == sorted(tops["old"], reverse=True)
    assert tops["random"] not in (tops["confidence"], tops["old"])


def test_page__suggested_sort_when_none_is_sent() -> None:
    thread = generate(100, depth=3)
    thread.post["suggested_sort"] = "new"
    assert ids_of(page(thread)) == ids_of(page(thread, sort="new"))
    assert ids_of(page(thread)) != ids_of(page(thread, sort="confidence"))


def test_page__permalink_has_only_ancestors_and_replies() -> None:
    thread = chain(25)
    path = list(thread.comments)
    answer = page(thread, comment=path[12], context=3)
    assert ids_of(answer) == path[9:19]
    assert things_of(answer)[0]["data"]["depth"] == 0
    assert ids_of(page(thread, comment=path[12], context=99))[0] == path[4]


def test_page__context_leaves_siblings_of_ancestors_out() -> None:
    thread = generate(300, depth=6)
    deep = next(each for each, depth in thread.walk() if depth == 3)
    answer = page(thread, comment=deep, context=8, limit=500)
    assert ids_of(answer)[:4] == thread.path(deep)
    assert all(deep in thread.path(each) for each in ids_of(answer)[4:])


def test_page__unknown_comment_defocuses_to_the_whole_thread() -> None:
    thread = generate(50, depth=5)
    assert ids_of(page(thread, comment="zzzzzz")) == ids_of(page(thread))


# Deletion


def leaf_of(thread: Thread) -> str:
    return next(each for each, size in thread.sizes().items() if size == 0)


def test_delete__leaf_leaves_the_tree_but_not_info() -> None:
    thread = generate(50, depth=5)
    leaf = leaf_of(thread)
    thread.delete(leaf)
    assert leaf not in ids_of(page(thread))
    assert ids_of(page(thread, comment=leaf)) == []
    (thing,) = info([thread], [f"t1_{leaf}"])["data"]["children"]
    assert thing["data"]["body"] == "[deleted]"


def test_delete__inner_comment_stays_without_author() -> None:
    thread = generate(50, depth=5)
    inner = next(each for each, size in thread.sizes().items() if size)
    thread.delete(inner)
    data = next(t["data"] for t in things_of(page(thread)) if t["data"]["id"] == inner)
    assert (data["author"], data["body"]) == ("[deleted]", "[deleted]")
    assert data["body_html"] == '<div class="md"><p>[deleted]</p>\n</div>'
    assert data["collapsed_reason_code"] == "DELETED"
    assert "author_fullname" not in data


def test_remove__leaf_defocuses_and_body_says_removed() -> None:
    thread = generate(50, depth=5)
    leaf = leaf_of(thread)
    thread.remove(leaf)
    assert thread.comments[leaf]["body"] == "[removed]"
    assert set(ids_of(page(thread, comment=leaf))) == thread.visible()


def test_vanished__still_counted_by_stubs_and_never_returned() -> None:
    thread = generate(400, depth=9)
    for each in [each for each, size in thread.sizes().items() if size == 0][::3]:
        thread.delete(each)
    answer = page(thread, limit=100)
    assert len(ids_of(answer)) + sum(stub["count"] for stub in stubs_of(answer)) < 400
    assert collect(thread, limit=100).keys() == thread.visible()


def test_delete_account__text_stays() -> None:
    thread = generate(50, depth=5)
    data = thread.comments[leaf_of(thread)]
    body = data["body"]
    thread.delete_account(data["author"])
    assert (data["author"], data["body"]) == ("[deleted]", body)
    assert "author_fullname" not in data


@pytest.mark.parametrize(("by", "text"), [("author", "[deleted]"), ("moderator", "[removed]")])
def test_post__deleted_or_removed_keeps_title_and_comments(by: str, text: str) -> None:
    thread = generate(5)
    if by == "author":
        thread.delete_post()
    else:
        thread.remove_post()
    assert thread.post["selftext"] == text
    assert thread.post["removed_by_category"] in ("deleted", "moderator")
    assert thread.post["is_robot_indexable"] is False
    assert "never was" in thread.post["title"]
    assert len(ids_of(page(thread))) == 5


def test_edit_and_reply__visible_at_once() -> None:
    thread = generate(5)
    leaf = leaf_of(thread)
    thread.edit(leaf, "It's new & <good>")
    new = thread.reply(f"t1_{leaf}", "A late word")
    by_id = {thing["data"]["id"]: thing["data"] for thing in things_of(page(thread))}
    assert by_id[leaf]["edited"] > 0
    assert "<p>It&#39;s new &amp; &lt;good&gt;</p>" in by_id[leaf]["body_html"]
    assert by_id[new]["parent_id"] == f"t1_{leaf}"


# morechildren and info


def test_more_children__flat_at_most_100_and_the_rest_in_stubs() -> None:
    thread = generate(600, depth=9)
    (stub,) = [
        each for each in stubs_of(page(thread, limit=20)) if each["parent_id"] == thread.name
    ]
    answer = more_children(thread, stub["children"])
    got = ids_of(answer)
    assert len(got) == 100
    assert sum(each["count"] for each in stubs_of(answer)) == stub["count"] - 100
    things = answer["json"]["data"]["things"]
    assert {thing["data"]["replies"] for thing in things if thing["kind"] == "t1"} == {""}


def test_more_children__parents_come_before_children() -> None:
    thread = generate(600, depth=9)
    (stub,) = [
        each for each in stubs_of(page(thread, limit=20)) if each["parent_id"] == thread.name
    ]
    seen = {thread.name}
    for thing in more_children(thread, stub["children"])["json"]["data"]["things"]:
        assert thing["data"]["parent_id"] in seen
        seen.add(thing["data"]["name"])


def test_more_children__only_the_least_depth_is_honored() -> None:
    thread = generate(300, depth=5)
    shallow = [each for each, depth in thread.walk() if depth == 1][:2]
    deep = [
        each
        for each, depth in thread.walk()
        if depth == 3 and not set(thread.path(each)) & set(shallow)
    ]
    answer = more_children(thread, [*deep[:3], *shallow, "zzzzzz"])
    assert {each for each in ids_of(answer) if each in deep} == set()
    assert set(shallow) <= set(ids_of(answer))


def test_more_children__nothing_at_depth_ten_unless_deep() -> None:
    thread = chain(25)
    twelfth = list(thread.comments)[12]
    assert things_of(more_children(thread, [twelfth])) == []
    answer = more_children(thread, [twelfth], deep=True)
    assert len(ids_of(answer)) == 10
    assert stubs_of(answer)[0]["count"] == 0


def test_more_children__limit_children_returns_no_descendants() -> None:
    thread = generate(300, depth=5)
    requested = thread.replies[thread.name][:5]
    answer = more_children(thread, requested, limit_children=True)
    assert sorted(ids_of(answer)) == sorted(requested)


def test_info__mixed_kinds_without_depth() -> None:
    thread = generate(5)
    names = [thread.name, thread.post["subreddit_id"], *(f"t1_{each}" for each in thread.comments)]
    children = info([thread], [*names, "t1_zzzzzz"])["data"]["children"]
    assert {each["data"]["name"] for each in children} == set(names)
    comments = [each["data"] for each in children if each["kind"] == "t1"]
    assert all("depth" not in data and data["replies"] == "" for data in comments)


def test_info__more_than_100_or_capitals_return_nothing() -> None:
    thread = generate(101)
    names = [f"t1_{each}" for each in thread.comments]
    assert len(info([thread], names[:100])["data"]["children"]) == 100
    assert info([thread], names)["data"]["children"] == []
    assert info([thread], [names[0].upper()])["data"]["children"] == []


def test_info__omits_threads_that_cannot_be_seen() -> None:
    thread = generate(1)
    thread.refuse("private")
    assert info([thread], [thread.name])["data"]["children"] == []


# HTTP


@pytest.mark.parametrize(
    "form", ["/comments/{}/", "/comments/{}", "/comments/{}.json", "/comments/{}/.json"]
)
def test_paths__with_and_without_slash_and_json(form: str) -> None:
    thread = generate(5)
    with Server(thread) as server:
        reply = get(server, form.format(thread.id), raw_json=1)
        assert reply.json == page(thread)
        assert reply.headers["Content-Type"].startswith("application/json")
        assert server.count("page") == server.count() == 1


def test_paths__permalinks_and_wrong_subreddit() -> None:
    thread = generate(5)
    leaf = leaf_of(thread)
    with Server(thread) as server:
        long = get(server, thread.comments[leaf]["permalink"], raw_json=1)
        short = get(server, f"/comments/{thread.id}/_/{leaf}", raw_json=1)
        assert long.json == short.json == page(thread, comment=leaf)
        assert get(server, f"/r/elsewhere/comments/{thread.id}/").status == 404


def test_unknown__404_json() -> None:
    with Server() as server:
        reply = get(server, "/comments/zzzzzz/")
        assert (reply.status, reply.json) == (404, {"message": "Not Found", "error": 404})


def test_escaping__unless_raw_json() -> None:
    thread = generate(20, depth=5)
    with Server(thread) as server:
        plain = get(server, f"/comments/{thread.id}/").json
        assert plain[1]["data"]["children"][0]["data"]["body_html"].startswith("&lt;div")
        assert plain[0]["data"]["children"][0]["data"]["title"].endswith(
            "&lt;really&gt; &amp; its replies"
        )
        assert plain == escape(page(thread))


def test_ratelimit__headers_on_every_answer_and_429_at_the_end() -> None:
    with Server(budget=2) as server:
        first, _, third = [get(server, "/api/info/") for _ in range(3)]
    assert (first.headers["x-ratelimit-used"], first.headers["x-ratelimit-remaining"]) == (
        "1",
        "1.0",
    )
    assert 0 < int(first.headers["x-ratelimit-reset"]) <= 600
    assert third.status == third.json["error"] == 429
    assert third.headers["x-ratelimit-remaining"] == "0.0"


def test_window__restarts_after_600_seconds() -> None:
    now = [0.0]
    window = Window(1, age_seconds=100, clock=lambda: now[0])
    assert [window.take()[0], window.take()[0]] == [True, False]
    now[0] = 501
    granted, headers = window.take()
    assert granted
    assert headers["x-ratelimit-reset"] == "599"


@pytest.mark.parametrize("agent", ["", "python-requests/2.34.2", "Python/3.11 aiohttp/3"])
def test_user_agent__default_one_is_throttled(agent: str) -> None:
    with Server() as server:
        headers = {"User-Agent": agent, "Authorization": f"bearer {server.tokens.issue()}"}
        assert get(server, "/api/info/", headers=headers).status == 429


def test_anonymous__403_block_page() -> None:
    with Server(generate(1)) as server:
        reply = get(server, "/api/info/", headers={"User-Agent": USER_AGENT})
        assert reply.status == 403
        assert reply.headers["Content-Type"].startswith("text/html")


def test_token__unknown_or_expired_is_401() -> None:
    with Server() as server:
        headers = {"User-Agent": USER_AGENT, "Authorization": f"bearer {server.tokens.issue()}"}
        assert get(server, "/api/info/", headers=headers).status == 200
        server.tokens.revoke()
        reply = get(server, "/api/info/", headers=headers)
        assert reply.status == 401
        assert 'error="invalid_token"' in reply.headers["www-authenticate"]


def test_tokens__expire_after_an_hour() -> None:
    now = [0.0]
    tokens = Tokens(clock=lambda: now[0])
    bearer = f"bearer {tokens.issue()}"
    assert tokens.accepts(bearer)
    now[0] = 3600
    assert not tokens.accepts(bearer)


def test_log_in__grants_and_refusals() -> None:
    with Server() as server:
        good = log_in(server, CLIENT_ID, CLIENT_SECRET, grant_type="client_credentials")
        assert set(good.json) == {"access_token", "token_type", "expires_in", "scope"}
        wrong = log_in(server, CLIENT_ID, "wrong", grant_type="client_credentials")
        assert (wrong.status, wrong.json) == (401, {"message": "Unauthorized", "error": 401})
        device = {"grant_type": INSTALLED_GRANT, "device_id": "DO_NOT_TRACK_THIS_DEVICE"}
        assert log_in(server, INSTALLED_ID, "", **device).status == 200
        refresh = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
        assert log_in(server, CLIENT_ID, CLIENT_SECRET, **refresh).status == 200
        refresh["refresh_token"] = "unknown"
        assert log_in(server, CLIENT_ID, CLIENT_SECRET, **refresh).status == 400
        assert server.count() == 0
        assert server.count("token") == 5


@pytest.mark.parametrize(
    ("why", "status", "reason"),
    [
        ("gone", 404, None),
        ("banned", 404, "banned"),
        ("private", 403, "private"),
        ("quarantined", 403, "quarantined"),
        ("gated", 403, "gated"),
    ],
)
def test_refuse__status_and_reason(why: Any, status: int, reason: str | None) -> None:
    thread = generate(1)
    thread.refuse(why)
    with Server(thread) as server:
        reply = get(server, f"/comments/{thread.id}/")
        assert (reply.status, reply.json.get("reason")) == (status, reason)
        more = get(server, "/api/morechildren/", link_id=thread.name, children="a", api_type="json")
        assert more.status == status


def test_refuse__legal_is_451_without_json() -> None:
    thread = generate(1)
    thread.refuse("legal")
    with Server(thread) as server:
        reply = get(server, f"/comments/{thread.id}/")
        assert (reply.status, reply.body) == (451, b"")


@pytest.mark.parametrize("hops", [1, 2])
def test_share__redirects_to_www_in_as_many_hops(hops: int) -> None:
    thread = generate(5)
    leaf = leaf_of(thread)
    with Server(thread) as server:
        url = server.share(thread, leaf, hops=hops)
        for _ in range(hops):
            reply = get(server, urlsplit(url).path)
            assert reply.status == 301
            url = reply.headers["Location"]
        assert url.startswith(
            f"https://www.reddit.com{thread.comments[leaf]['permalink']}?context=3&"
        )
        assert get(server, "/r/testing_ground/s/unknown").status == 404
        assert server.count("share") == hops + 1


def test_morechildren__too_many_ids_413_and_other_links_403() -> None:
    thread = generate(5)
    with Server(thread) as server:
        parameters: dict[str, Any] = {"api_type": "json", "link_id": thread.name}
        assert (
            get(server, "/api/morechildren/", **parameters, children=",".join("a" * 1001)).status
            == 413
        )
        other: dict[str, Any] = {"api_type": "json", "link_id": "t3_zzzzzz", "children": "a"}
        assert get(server, "/api/morechildren/", **other).status == 403


def test_morechildren__one_at_a_time() -> None:
    thread = generate(5)
    parameters: dict[str, Any] = {
        "api_type": "json",
        "link_id": thread.name,
        "children": leaf_of(thread),
    }
    with Server(thread) as server:
        server.fail("morechildren", SLOW(5))
        slow = threading.Thread(target=lambda: outlive(server, "/api/morechildren/", parameters))
        slow.start()
        while not server.one_at_a_time.locked():
            pass
        reply = get(server, "/api/morechildren/", **parameters)
        assert reply.status == 429
        assert "Retry-After" not in reply.headers
        assert float(reply.headers["x-ratelimit-remaining"]) > 0
    slow.join()


def outlive(server: Server, path: str, query: dict[str, Any]) -> None:
    """Send a request that the server does not answer before it ends."""
    with pytest.raises(http.client.RemoteDisconnected):
        get(server, path, **query)


# Faults


def test_fail__in_order_then_normal() -> None:
    thread = generate(5)
    with Server(thread) as server:
        server.fail("comments/", [SERVER_ERROR(503), TOO_MANY(7), HTML_403, Fault(418)])
        replies = [get(server, f"/comments/{thread.id}/") for _ in range(5)]
        assert [reply.status for reply in replies] == [503, 429, 403, 418, 200]
        assert replies[1].headers["Retry-After"] == "7"
        assert [request.status for request in server.log] == [503, 429, 403, 418, 200]


def test_fail__for_ever_until_healed() -> None:
    with Server() as server:
        server.fail("info", [SERVER_ERROR(500), SERVER_ERROR(502)], times=None)
        assert [get(server, "/api/info/").status for _ in range(4)] == [500, 502, 500, 502]
        server.heal()
        assert get(server, "/api/info/").status == 200


def test_cut_body__shorter_than_its_length() -> None:
    with Server(generate(20, depth=5)) as server:
        server.fail("info", CUT_BODY)
        with pytest.raises(http.client.IncompleteRead):
            get(server, "/api/info/")


def test_cut_json__complete_by_length_but_invalid() -> None:
    with Server() as server:
        server.fail("info", CUT_JSON)
        with pytest.raises(json.JSONDecodeError):
            _ = get(server, "/api/info/").json


def test_closed__no_response() -> None:
    with Server() as server:
        server.fail("info", CLOSED)
        with pytest.raises(http.client.RemoteDisconnected):
            get(server, "/api/info/")
        assert server.log[0].status == 0


def test_odd_ratelimit__only_some_headers() -> None:
    with Server() as server:
        server.fail("info", ODD_RATELIMIT)
        reply = get(server, "/api/info/")
        assert "x-ratelimit-used" not in reply.headers
        assert reply.headers["x-ratelimit-reset"] == "299.5"


def test_answer__any_json_with_ratelimit_headers() -> None:
    with Server() as server:
        server.answer("comments/abc", [{"kind": "\ud800"}])
        reply = get(server, "/comments/abc/")
        assert reply.json == [{"kind": "\ud800"}]
        assert reply.headers["x-ratelimit-used"] == "1"


def test_closing__ends_a_held_request() -> None:
    before = threading.active_count()
    with Server() as server:
        host, _, port = urlsplit(server.url).netloc.partition(":")
        lines = ["GET /api/info/ HTTP/1.1", "Host: x", f"User-Agent: {USER_AGENT}"]
        lines += [f"Authorization: bearer {server.tokens.issue()}", "", ""]
        with socket.create_connection((host, int(port))) as client:
            client.sendall("\r\n".join(lines).encode())
            assert client.recv(12) == b"HTTP/1.1 200"
            server.fail("info", SLOW(60))
            client.sendall("\r\n".join(lines).encode())
            server.__exit__(None, None, None)
    assert threading.active_count() == before


# PRAW


@pytest.mark.parametrize("flow", ["script", "installed", "refresh", "password"])
def test_praw__logs_in_and_reads(flow: Any) -> None:
    thread = generate(20, depth=5)
    with Server(thread) as server, praw.Reddit(**server.settings(flow)) as reddit:
        submission = reddit.submission(thread.id)
        assert submission.title == thread.post["title"]
        assert {each.name for each in submission.comments.list()} == {
            f"t1_{each}" for each in thread.comments
        }
        assert (server.count("token"), server.count()) == (1, 1)


@pytest.mark.parametrize(
    ("depth", "limit", "deep"), [(9, 50, False), (23, 500, False), (23, 50, True)]
)
def test_praw__replace_more_finds_every_comment(depth: int, limit: int, deep: bool) -> None:
    thread = generate(300, depth=depth)
    with (
        Server(thread, budget=100_000, deep_children=deep) as server,
        praw.Reddit(**server.settings()) as reddit,
    ):
        submission = reddit.submission(thread.id)
        submission.comment_limit = limit
        submission.comments.replace_more(limit=None)
        got = sorted(each.name for each in submission.comments.list())
        assert got == sorted(f"t1_{each}" for each in thread.comments)
        assert bool(server.count("morechildren")) == (limit == 50)


def test_praw__exceptions_carry_the_reason() -> None:
    thread = generate(1)
    thread.refuse("private")
    with Server(thread) as server, praw.Reddit(**server.settings()) as reddit:
        with pytest.raises(prawcore.Forbidden) as caught:
            _ = reddit.submission(thread.id).title
        assert caught.value.response.json()["reason"] == "private"


def test_praw__needs_no_second_try_after_the_token(caplog: pytest.LogCaptureFixture) -> None:
    thread = generate(1)
    with Server(thread) as server:
        for _ in range(20):
            with praw.Reddit(**server.settings()) as reddit:
                assert list(reddit.info(fullnames=[thread.name]))
    assert "Retrying" not in caplog.text


def test_praw__does_not_wait_in_a_new_window(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeps: list[float] = []
    monkeypatch.setattr("prawcore.rate_limit.time.sleep", sleeps.append)
    thread = generate(5)
    with Server(thread) as server, praw.Reddit(**server.settings()) as reddit:
        for _ in range(100):
            assert list(reddit.info(fullnames=[thread.name]))
    assert sleeps == []


# Recordings


@recorded
@pytest.mark.parametrize(("name", "comments"), [("t3_3hahrw", 541), ("t3_7gylz9", 510)])
def test_load_session__round_trip(name: str, comments: int) -> None:
    thread = load_session(RECORDINGS / "sessions" / name)
    assert thread.name == name
    assert len(thread.comments) == len(thread.depths()) == comments
    assert collect(thread, limit=500) == Counter(dict.fromkeys(thread.comments, 1))


@recorded
def test_load_session__first_page_has_the_recorded_stub() -> None:
    folder = RECORDINGS / "sessions" / "t3_7gylz9"
    was = stubs_of(json.loads((folder / "00-comments_page.json").read_text(encoding="utf-8")))
    now = stubs_of(page(load_session(folder)))
    assert [(stub["count"], len(stub["children"]), stub["depth"]) for stub in was] == [
        (310, 200, 0)
    ]
    assert sum(stub["count"] for stub in now) == 310


@recorded
def test_load__every_recorded_page() -> None:
    for path in sorted((RECORDINGS / "pages").glob("*.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))
        thread = load(answer)
        assert sorted(ids_of(answer)) == sorted(thread.comments)
        assert "&lt;div" not in str(thread.post.get("selftext_html"))[:30]
        assert set(ids_of(page(thread, limit=500))) <= set(thread.comments)


@recorded
def test_generate__has_the_fields_of_a_recorded_thread() -> None:
    answer = json.loads((RECORDINGS / "pages" / "t3_kvzaot.json").read_text(encoding="utf-8"))
    real, made = load(answer), generate(5)
    rare = {"removed_by", "author_flair_template_id", "author_cakeday", "post_hint", "preview"}
    rare |= {"link_flair_template_id", "url_overridden_by_dest"}
    assert real.post.keys() - made.post.keys() <= rare
    data = next(data for data in real.comments.values() if "author_fullname" in data)
    assert data.keys() - next(iter(made.comments.values())).keys() <= rare
