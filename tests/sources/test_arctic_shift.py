"""Arctic Shift: whole threads in two requests, honest dates, and failures in one sentence."""

import base64
import json
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors, history, quote
from reddit_archive.archive import store
from reddit_archive.markup import snudown
from reddit_archive.model import capture, completeness
from reddit_archive.model.reference import Reference
from reddit_archive.network import session
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.arctic_shift import ArcticShiftSource, client, records
from reddit_archive.sources.base import FetchRequest, Progress
from tests.conftest import example
from tests.support import arctic_server
from tests.support import reddit_server as rs

JSON = {"Content-Type": "application/json"}
HASTE = RetryPolicy(tries=5, first_wait_seconds=0.0)
WHOLE = FetchRequest()


@pytest.fixture(autouse=True)
def no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask as fast as possible; what keeps the pace has a test of its own."""
    monkeypatch.setattr(client, "WINDOW_SECONDS", 0.0)


@pytest.fixture
def thread() -> rs.Thread:
    return rs.generate(60, depth=8, seed=3)


@pytest.fixture
def server(thread: rs.Thread) -> Iterator[arctic_server.Server]:
    with arctic_server.Server(thread) as running:
        yield running


def source(server: arctic_server.Server, **more: Any) -> ArcticShiftSource:
    return ArcticShiftSource(
        server.settings(), **{"retry_policy": HASTE, "on_status": lambda _: None} | more
    )


def fetched(
    server: arctic_server.Server, thread: rs.Thread, wish: FetchRequest = WHOLE
) -> capture.Capture:
    return source(server).fetch(Reference(post_id=thread.id), wish)


def names(taken: capture.Capture, kind: str = "t1") -> set[str | None]:
    return {capture.get_fullname(thing) for thing in taken.things if thing["kind"] == kind}


def all_of(thread: rs.Thread) -> set[str | None]:
    return {f"t1_{comment}" for comment in thread.comments}


# What is fetched, and in how many requests


@pytest.mark.parametrize("comments", [0, 1, 60, 3000])
def test_fetch__whole_thread_in_two_requests(comments: int) -> None:
    thread = rs.generate(comments, seed=5)
    with arctic_server.Server(thread) as server:
        taken = fetched(server, thread)
        assert server.count() == 2
    assert names(taken) == all_of(thread)
    assert names(taken, "t3") == {thread.name}
    assert completeness.is_capture_complete(taken)


def test_fetch__answers_stay_as_they_came(server: arctic_server.Server, thread: rs.Thread) -> None:
    taken = fetched(server, thread)
    kept = server.kept[thread.id]
    assert kept.post == taken.things[0]["data"]
    for thing in taken.things[1:]:
        assert thing["data"] == kept.comments[thing["data"]["id"]]
        assert not {"body_html", "replies"} & thing["data"].keys()
        assert {"retrieved_on", "_meta"} <= thing["data"].keys()


def test_fetch__replies_stand_below_what_they_answer(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    merged = history.merge(thread.id, [fetched(server, thread)])
    depths = thread.depths()
    assert {i: merged.depth(i) - 1 for i in merged.comments} == depths


def test_fetch__stubs_of_leaves_are_followed_by_ids(thread: rs.Thread) -> None:
    flat = rs.generate(1400, depth=1, seed=6)
    with arctic_server.Server(flat, most_in_tree=200) as server:
        taken = fetched(server, flat)
        assert server.count() == 2 + 3  # 1,200 ids, 500 a request
    assert names(taken) == all_of(flat)
    assert completeness.is_capture_complete(taken)


def test_fetch__stubs_that_hide_more_are_paged() -> None:
    deep = rs.generate(700, depth=12, seed=7)
    with arctic_server.Server(deep, most_in_tree=100, page=200) as server:
        taken = fetched(server, deep)
        assert server.count() <= 2 + 5
    assert names(taken) == all_of(deep)
    assert completeness.is_capture_complete(taken)


def test_fetch__comments_of_one_second_are_all_paged() -> None:
    burst = rs.generate(300, depth=6, seed=8)
    for number, comment in enumerate(burst.comments.values()):
        comment["created_utc"] = 1_760_000_000.0 + number // 40
    with arctic_server.Server(burst, most_in_tree=50, page=100) as server:
        assert names(fetched(server, burst)) == all_of(burst)


@pytest.mark.parametrize("path", ["comments/ids", "comments/search"])
def test_fetch__what_a_stub_hides_and_cannot_be_had_is_a_gap(path: str) -> None:
    thread = rs.generate(200, depth=1 if path == "comments/ids" else 5, seed=9)
    told: list[str] = []
    with arctic_server.Server(thread, most_in_tree=50) as server:
        server.refuse(path, "Bad request", status=400)
        taken = source(server, on_status=told.append).fetch(Reference(post_id=thread.id), WHOLE)
    assert len(names(taken)) == 50
    assert sum(gap.count for gap in taken.missing_comments) == 150
    assert "Some comments could not be fetched" in told[-1]


def test_fetch__tree_that_times_out_leaves_the_post_and_a_gap(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    server.refuse("comments/tree", "Query timed out", status=422)
    taken = fetched(server, thread)
    assert names(taken, "t3") == {thread.name}
    assert [(gap.parent, gap.count) for gap in taken.missing_comments] == [(thread.name, 60)]
    assert server.count() == 1 + 5


def test_fetch__comments_without_their_post(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    server.kept[thread.id].post = None
    taken = fetched(server, thread)
    assert (taken.thread_id, len(names(taken))) == (thread.id, 60)


def test_fetch__deep_thread() -> None:
    chain = rs.generate(1500, depth=1500, seed=11)
    with arctic_server.Server(chain) as server:
        assert names(fetched(server, chain)) == all_of(chain)


def test_fetch__progress(server: arctic_server.Server, thread: rs.Thread) -> None:
    seen: list[Progress] = []
    source(server, report_progress=seen.append).fetch(Reference(post_id=thread.id), WHOLE)
    assert seen[-1] == Progress(comment_count=60, total_comments=60, request_count=2)


def test_fetch__chosen_comments_of_a_small_thread_take_two(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    wish = FetchRequest(comment_ids=tuple(thread.comments)[5:9], is_whole=False)
    assert names(fetched(server, thread, wish)) == all_of(thread)
    assert server.count() == 2


def test_fetch__chosen_comments_of_a_large_thread_come_with_those_above() -> None:
    large = rs.generate(800, depth=9, seed=12)
    chosen = tuple(large.comments)[6:30]
    wanted = {f"t1_{above}" for comment in chosen for above in large.path(comment)}
    with arctic_server.Server(large) as server:
        taken = fetched(server, large, FetchRequest(comment_ids=chosen, is_whole=False))
        levels = max(len(large.path(comment)) for comment in chosen)
        assert server.count() <= 1 + levels
        assert "/api/comments/tree" not in {request.path for request in server.requests()}
    assert names(taken) == wanted


def test_fetch__chosen_comments_with_replies_take_the_tree() -> None:
    large = rs.generate(800, depth=9, seed=12)
    wish = FetchRequest(comment_ids=(next(iter(large.comments)),), is_whole=False, reply_depth=2)
    with arctic_server.Server(large) as server:
        assert names(fetched(server, large, wish)) == all_of(large)
        assert server.count() == 2


def test_fetch__a_chosen_comment_of_another_thread_is_left_out() -> None:
    large, other = rs.generate(800, seed=12), rs.generate(5, seed=13)
    foreign = next(iter(other.comments))
    with arctic_server.Server(large, other) as server:
        wish = FetchRequest(comment_ids=(foreign,), is_whole=False)
        assert names(fetched(server, large, wish)) == set()


# When it was seen


def test_fetch__dated_by_when_the_archive_saw_the_last_text(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    taken = fetched(server, thread)
    kept = [thread.post, *thread.comments.values()]
    last = max(int(data["created_utc"]) for data in kept) + 20
    assert taken.captured_at == datetime.fromtimestamp(last, UTC)
    assert (taken.is_live, taken.source) == (False, "arctic-shift")


@pytest.mark.parametrize(
    ("times", "dated"),
    [
        ({"retrieved_on": 1_700_000_000}, 1_700_000_000),
        ({"retrieved_utc": 1_500_000_000, "created_utc": 1_400_000_000}, 1_500_000_000),
        ({"created_utc": 1_400_000_000}, 1_400_000_000),
        ({"retrieved_on": 9_000_000_000, "created_utc": 1_400_000_000}, 1_400_000_000),
        ({"retrieved_on": "soon", "created_utc": 1_400_000_000.0}, 1_400_000_000),
    ],
    ids=str,
)
def test_fetch__dates_of_odd_records(
    times: dict[str, Any], dated: int, server: arctic_server.Server
) -> None:
    post = {"id": "odd1", "name": "t3_odd1", "title": "Odd", **times}
    server.kept["odd1"] = arctic_server.server.Kept(post)
    taken = source(server).fetch(Reference(post_id="odd1"), WHOLE)
    assert taken.captured_at == datetime.fromtimestamp(dated, UTC)


def test_fetch__catches_a_capture_that_is_dated_by_when_we_asked(
    server: arctic_server.Server, thread: rs.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "get_captured_at", lambda _: capture.utc_now())
    with pytest.raises(AssertionError):
        test_fetch__dated_by_when_the_archive_saw_the_last_text(server, thread)


def test_fetch__stored_before_and_after_reddit_keeps_the_first_text(
    server: arctic_server.Server, thread: rs.Thread, tmp_path: Path
) -> None:
    lost = next(iter(thread.comments))
    said = thread.comments[lost]["body"]
    thread.delete(lost)
    live = capture.Capture(
        thread.id, capture.utc_now(), "reddit", {}, capture.flatten(rs.page(thread, limit=500))
    )
    store.add(tmp_path, live)
    store.add(tmp_path, fetched(server, thread))
    shots = store.load_snapshots(tmp_path, thread.id)
    assert [shot.capture.source for shot in shots] == ["arctic-shift", "reddit"]
    comment = history.merge(thread.id, [shot.capture for shot in shots]).comments[lost]
    assert (comment.body, comment.deletion_status) == (said, "deleted")


def test_fetch__again_is_nothing_new(
    server: arctic_server.Server, thread: rs.Thread, tmp_path: Path
) -> None:
    assert store.add(tmp_path, fetched(server, thread)).is_new
    assert not store.add(tmp_path, fetched(server, thread)).is_new


# What Reddit has lost


def test_recover__gives_what_has_a_text(server: arctic_server.Server, thread: rs.Thread) -> None:
    first, second, *_ = thread.comments
    server.kept[thread.id].comments[second] |= {"body": "[removed]", "author": "[deleted]"}
    asked = [thread.name, f"t1_{first}", f"t1_{second}", "t1_zzzzzz"]
    taken = source(server).recover(thread.id, asked)
    assert taken is not None
    assert {capture.get_fullname(thing) for thing in taken.things} == {thread.name, f"t1_{first}"}
    assert (taken.is_live, taken.source, server.count()) == (False, "arctic-shift", 2)


def test_recover__nothing_there_is_none(server: arctic_server.Server, thread: rs.Thread) -> None:
    assert source(server).recover(thread.id, ["t1_zzzzzz"]) is None


def test_recover__asks_500_at_a_time() -> None:
    large = rs.generate(1200, seed=14)
    with arctic_server.Server(large) as server:
        taken = source(server).recover(large.id, [f"t1_{i}" for i in large.comments])
        assert server.count() == 3
    assert taken is not None
    assert names(taken) == all_of(large)


# What people point at


def test_resolve__share_link_of_a_comment(server: arctic_server.Server, thread: rs.Thread) -> None:
    comment = next(iter(thread.comments))
    path = server.share(thread, comment)
    found = source(server).resolve(Reference(share_path=path))
    assert found == Reference(post_id=thread.id, comment_id=comment)
    assert [request.path for request in server.requests()] == ["/api/short_links"]


def test_resolve__share_link_over_another(server: arctic_server.Server, thread: rs.Thread) -> None:
    server.lead("/r/x/s/first00001", server.share(thread))
    found = source(server).resolve(Reference(share_path="/r/x/s/first00001"))
    assert found.post_id == thread.id


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/r/x/comments/abc123/",
        "//evil.example/r/x/comments/abc123/",
        "/r/pics/",
        "/login/?dest=x",
        "/etc/passwd.json",
        "-",
        "",
    ],
)
def test_resolve__share_link_to_anything_else(target: str, server: arctic_server.Server) -> None:
    server.lead("/r/x/s/odd0000001", target)
    with pytest.raises(errors.FetchError, match="does not know where the share link leads"):
        source(server).resolve(Reference(share_path="/r/x/s/odd0000001"))
    assert server.count() == 1


def test_resolve__share_link_in_circles(server: arctic_server.Server) -> None:
    server.lead("/r/x/s/round00001", "/r/x/s/round00001")
    with pytest.raises(errors.FetchError, match="in a loop"):
        source(server).resolve(Reference(share_path="/r/x/s/round00001"))


def test_resolve__comment_alone(server: arctic_server.Server, thread: rs.Thread) -> None:
    comment = next(iter(thread.comments))
    found = source(server).resolve(Reference(comment_id=comment))
    assert found == Reference(post_id=thread.id, comment_id=comment)


def test_resolve__unknown_comment(server: arctic_server.Server) -> None:
    with pytest.raises(errors.ThreadUnavailableError) as caught:
        source(server).resolve(Reference(comment_id="zzzzzz"))
    assert (caught.value.reason, "has no comment zzzzzz" in caught.value.message) == (
        "not-found",
        True,
    )


# What goes wrong


def told(error: str, status: int = 200) -> rs.Fault:
    return rs.Fault(status, JSON, json.dumps({"data": None, "error": error}))


FAILURES: list[tuple[rs.Fault, type[errors.ArchiveError], str, int]] = [
    (told("Query timed out", 422), errors.ServerUnreachableError, "too busy", 5),
    (told("Timeout. Maybe slow down a bit", 422), errors.ServerUnreachableError, "too busy", 5),
    (told("Query timed out"), errors.ServerUnreachableError, "too busy", 5),
    (told("Unknown\x1b[31m thing", 400), errors.FetchError, "400): Unknown [31m thing", 1),
    (told("Something else"), errors.FetchError, "refused the request", 1),
    (rs.TOO_MANY(), errors.RateLimitError, "rate limit is used up", 5),
    (rs.TOO_MANY(0.01), errors.RateLimitError, "rate limit is used up", 5),
    (rs.TOO_MANY("Thu, 01 Jan 1970 00:00:00 GMT"), errors.RateLimitError, "rate limit", 5),
    (rs.TOO_MANY(3600), errors.FetchError, "asks to wait 60 minutes", 1),
    *(
        (rs.SERVER_ERROR(status), errors.ServerUnreachableError, "failed to process the request", 5)
        for status in (500, 502, 503, 504, 520, 522, 524)
    ),
    (rs.CUT_BODY, errors.ServerUnreachableError, "was cut off", 5),
    (rs.CUT_JSON, errors.InvalidResponseError, "cut off", 5),
    (rs.CLOSED, errors.ServerUnreachableError, "can't be reached", 5),
    (rs.HTML_200, errors.BlockedError, "web page (status 200)", 1),
    (rs.HTML_403, errors.BlockedError, "web page (status 403)", 1),
    (rs.Fault(404, JSON, "{}"), errors.FetchError, "status 404", 1),
    (rs.Fault(302, {"Location": "/login/"}, ""), errors.RedirectedError, "is not followed", 1),
    (rs.Fault(200, JSON, "[{]"), errors.InvalidResponseError, "not JSON", 5),
    (rs.Fault(200, JSON, ""), errors.InvalidResponseError, "cut off", 5),
    (rs.Fault(200, JSON, "[]"), errors.InvalidResponseError, "contains no data", 5),
    (rs.Fault(200, JSON, '{"data": 7}'), errors.InvalidResponseError, "contains no data", 5),
]


@pytest.mark.parametrize(("fault", "kind", "says", "tries"), FAILURES, ids=str)
def test_fetch__failure(
    fault: rs.Fault,
    kind: type[errors.ArchiveError],
    says: str,
    tries: int,
    server: arctic_server.Server,
    thread: rs.Thread,
) -> None:
    server.fail("/api/", fault, times=None)
    with pytest.raises(errors.FetchError) as caught:
        fetched(server, thread)
    assert type(caught.value) is kind
    assert says in caught.value.message
    assert caught.value.hint
    assert server.count() == tries


@pytest.mark.parametrize("fault", [each for each, *_, tries in FAILURES if tries == 5], ids=str)
def test_fetch__passing_failure_is_tried_again_and_said(
    fault: rs.Fault, server: arctic_server.Server, thread: rs.Thread
) -> None:
    said: list[str] = []
    server.fail("/api/comments", fault, times=2)
    taken = source(server, on_status=said.append).fetch(Reference(post_id=thread.id), WHOLE)
    assert names(taken) == all_of(thread)
    assert [line.rpartition("then ")[2] for line in said] == ["try 2 of 5", "try 3 of 5"]


def test_fetch__server_that_is_not_there(thread: rs.Thread) -> None:
    with arctic_server.Server(thread) as server:
        settings = server.settings()
    closed = ArcticShiftSource(settings, retry_policy=HASTE, on_status=lambda _: None)
    with pytest.raises(errors.ServerUnreachableError, match="can't be reached"):
        closed.fetch(Reference(post_id=thread.id), WHOLE)


def test_fetch__unknown_thread_is_gone_with_a_hint(server: arctic_server.Server) -> None:
    with pytest.raises(errors.ThreadUnavailableError) as caught:
        source(server).fetch(Reference(post_id="zzzzz"), WHOLE)
    assert caught.value.reason == "not-found"
    assert "quarantined" in caught.value.hint
    assert server.count() == 2


@pytest.mark.parametrize(
    "data", [[], [7], [{"kind": "t1"}], [{"kind": "t1", "data": {}}], [None, "x", [[]]], {}]
)
def test_fetch__odd_trees_are_kept_and_no_crash(
    data: Any, server: arctic_server.Server, thread: rs.Thread
) -> None:
    body = json.dumps({"data": data})
    server.fail("comments/", rs.Fault(200, JSON, body), times=None)
    assert names(fetched(server, thread), "t3") == {thread.name}


def test_source__address_that_is_none() -> None:
    with pytest.raises(errors.ConfigError, match="is not the URL of a server"):
        ArcticShiftSource(
            {"url": "file:///etc/passwd"}, retry_policy=HASTE, on_status=lambda _: None
        )


# What is quoted


def unequal_quotes(thread: rs.Thread) -> tuple[list[str], int]:
    """The comments of which the quote is another than through Reddit's API; and of how many."""
    with arctic_server.Server(thread) as server:
        archived = history.merge(thread.id, [fetched(server, thread)])
    things = [{"kind": "t3", "data": thread.post}]
    things += [{"kind": "t1", "data": data} for data in thread.comments.values()]
    live = capture.Capture(thread.id, capture.utc_now(), "reddit", {}, tuple(things))
    reddit = history.merge(thread.id, [live])
    pieces = {comment: (comment,) for comment in reddit.comments} | {"post": ()}
    chosen = {name: quote.Selection(comments=ids, has_post=not ids) for name, ids in pieces.items()}
    found = (
        name
        for name, each in chosen.items()
        if quote.render(archived, each) != quote.render(reddit, each)
    )
    return list(found), len(pieces)


@pytest.mark.parametrize(
    ("name", "but"), [("short", []), ("everything", ["zfenced"]), ("poll", []), ("crosspost", [])]
)
def test_quote__of_an_example_is_that_of_the_api(name: str, but: list[str]) -> None:
    """But for code between fences, of which the API makes one line, and Reddit's pages a block."""
    assert unequal_quotes(example(name))[0] == but


def test_quote__of_a_large_thread_is_that_of_the_api() -> None:
    assert unequal_quotes(rs.generate(500, seed=31)) == ([], 501)


def test_quote__needs_reddits_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snudown, "render", lambda markdown, media: f"<p>{escape(markdown)}</p>")
    assert unequal_quotes(rs.generate(100, seed=31))[0]


@pytest.mark.parametrize("part", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_quote__of_recorded_threads_is_that_of_the_api(recordings: Path, part: int) -> None:
    found = [unequal_quotes(thread) for thread in recorded(recordings)[::part]]
    unequal, pieces = sum(len(names) for names, _ in found), sum(of for _, of in found)
    print(f"{pieces - unequal} of {pieces} quotes are equal")
    assert unequal <= 0.002 * pieces


def recorded(folder: Path) -> list[rs.Thread]:
    pages = sorted((folder / "pages").glob("*.json"))
    threads = [rs.load(json.loads(page.read_text("utf-8"))) for page in pages]
    return threads + [rs.load_session(each) for each in sorted((folder / "sessions").iterdir())]


@pytest.mark.parametrize(
    ("bodies", "shown"),
    [
        (("a &amp;lt; b", "c &lt; d"), ("a &lt; b", "c < d")),
        (("a &amp; b", "c < d"), ("a &amp; b", "c < d")),
    ],
    ids=["escaped", "typed"],
)
def test_fetch__tells_escaped_texts_from_those_with_typed_references(
    bodies: tuple[str, str], shown: tuple[str, str]
) -> None:
    """Without HTML beside it, a text is escaped where no text of the thread has a bare mark."""
    thread = rs.generate(2, seed=33)
    thread.post |= {"title": "t", "selftext": "s", "url": "/"}
    for comment, body in zip(thread.comments.values(), bodies, strict=True):
        comment["body"] = body
    with arctic_server.Server(thread) as server:
        merged = history.merge(thread.id, [fetched(server, thread)])
    assert tuple(merged.comments[i].body for i in thread.comments) == shown


# What is sent


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A login for the host in ~/.netrc, as a header would hold it."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password geheim\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    return base64.b64encode(b"somebody:geheim").decode()


@pytest.mark.usefixtures("netrc")
def test_fetch__sends_no_key_and_no_cookie(server: arctic_server.Server, thread: rs.Thread) -> None:
    server.fail("posts", rs.Fault(headers={"Set-Cookie": "a=b; Path=/"}))
    fetched(server, thread)
    headers = {name for request in server.requests() for name in request.headers}
    assert headers <= {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_fetch__key_that_is_sent_is_caught(
    server: arctic_server.Server, thread: rs.Thread, netrc: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_skip_netrc_login", None)
    fetched(server, thread)
    assert netrc in str(server.requests()[0].headers)
    assert server.errors
    server.errors.clear()


def test_fetch__never_leaves_its_host(thread: rs.Thread) -> None:
    with arctic_server.Server(thread) as server, arctic_server.Server(thread) as other:
        location = {"Location": f"{other.url}/api/posts/ids?ids={thread.id}"}
        server.fail("posts", rs.Fault(302, location, ""), times=None)
        with pytest.raises(errors.FetchError):
            fetched(server, thread)
        assert (server.count(), other.count()) == (1, 0)


class Watch:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked_at: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_ask__no_more_than_two_in_any_second(
    server: arctic_server.Server, thread: rs.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WINDOW_SECONDS", 1.0)
    watch = Watch()
    asking = client.ArcticShiftClient(
        server.settings(),
        retry_policy=HASTE,
        on_status=lambda _: None,
        clock=lambda: watch.now,
        sleep=watch.sleep,
    )
    for _ in range(7):
        asking.get("posts/ids", ids=thread.id)
        watch.asked_at.append(watch.now)
    assert watch.asked_at == [100, 100, 101, 101, 102, 102, 103]


def test_ask__limit_that_is_used_up_is_waited_for_and_said(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    watch, said = Watch(), list[str]()
    asking = client.ArcticShiftClient(
        server.settings(),
        retry_policy=HASTE,
        on_status=said.append,
        clock=lambda: watch.now,
        sleep=watch.sleep,
    )
    kept = json.dumps({"data": []})
    headers = {**JSON, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "41"}
    server.fail("posts", rs.Fault(200, headers, kept))
    asking.get("posts/ids", ids=thread.id)
    asking.get("posts/ids", ids=thread.id)
    assert (watch.now, said) == (141.0, ["Waiting 41 s for Arctic Shift's rate limit."])


# How large


@pytest.mark.parametrize(
    ("comments", "most_seconds"), [(5_000, 5), pytest.param(25_000, 15, marks=pytest.mark.slow)]
)
def test_fetch__large_tree_is_fast(comments: int, most_seconds: float) -> None:
    thread = rs.generate(comments, depth=40, seed=21)
    with arctic_server.Server(thread) as server:
        asked = source(server)
        began = time.perf_counter()
        taken = asked.fetch(Reference(post_id=thread.id), WHOLE)
        seconds = time.perf_counter() - began
        assert (len(names(taken)), server.count()) == (comments, 2)
    assert seconds < most_seconds


@pytest.mark.slow
def test_fetch__takes_memory_by_the_size_of_the_tree() -> None:
    thread = rs.generate(5_000, depth=40, seed=21)
    with arctic_server.Server(thread) as server:
        asked = source(server)
        tracemalloc.start()
        taken = asked.fetch(Reference(post_id=thread.id), WHOLE)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 12 * sum(len(json.dumps(thing)) for thing in taken.things)
