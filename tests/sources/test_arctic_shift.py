"""Arctic Shift: whole threads in two requests, correct times, and clear errors."""

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
NO_WAIT = RetryPolicy(tries=5, first_wait_seconds=0.0)
WHOLE = FetchRequest()


@pytest.fixture(autouse=True)
def no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the rate limit, which has its own tests."""
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
        server.settings(), **{"retry_policy": NO_WAIT, "on_status": lambda _: None} | more
    )


def fetch(
    server: arctic_server.Server, thread: rs.Thread, fetch_request: FetchRequest = WHOLE
) -> capture.Capture:
    return source(server).fetch(Reference(post_id=thread.id), fetch_request)


def names(result: capture.Capture, kind: str = "t1") -> set[str | None]:
    return {capture.get_fullname(thing) for thing in result.things if thing["kind"] == kind}


def get_names(thread: rs.Thread) -> set[str | None]:
    return {f"t1_{comment}" for comment in thread.comments}


# What is fetched, and in how many requests


@pytest.mark.parametrize("comments", [0, 1, 60, pytest.param(3000, marks=pytest.mark.slow)])
def test_fetch__whole_thread_in_two_requests(comments: int) -> None:
    thread = rs.generate(comments, seed=5)
    with arctic_server.Server(thread) as server:
        result = fetch(server, thread)
        assert server.count() == 2
    assert names(result) == get_names(thread)
    assert names(result, "t3") == {thread.name}
    assert completeness.is_capture_complete(result)


def test_fetch__stores_responses_unchanged(server: arctic_server.Server, thread: rs.Thread) -> None:
    result = fetch(server, thread)
    stored = server.kept[thread.id]
    assert stored.post == result.things[0]["data"]
    for thing in result.things[1:]:
        assert thing["data"] == stored.comments[thing["data"]["id"]]
        assert not {"body_html", "replies"} & thing["data"].keys()
        assert {"retrieved_on", "_meta"} <= thing["data"].keys()


def test_fetch__replies_are_below_their_parents(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    merged = history.merge(thread.id, [fetch(server, thread)])
    depths = thread.depths()
    assert {i: merged.depth(i) - 1 for i in merged.comments} == depths


def test_fetch__requests_leaves_of_stubs_by_id(thread: rs.Thread) -> None:
    flat = rs.generate(1400, depth=1, seed=6)
    with arctic_server.Server(flat, most_in_tree=200) as server:
        result = fetch(server, flat)
        assert server.count() == 2 + 3  # 1,200 ids, 500 a request
    assert names(result) == get_names(flat)
    assert completeness.is_capture_complete(result)


def test_fetch__requests_pages_if_stubs_hide_comments() -> None:
    deep = rs.generate(700, depth=12, seed=7)
    with arctic_server.Server(deep, most_in_tree=100, page=200) as server:
        result = fetch(server, deep)
        assert server.count() <= 2 + 5
    assert names(result) == get_names(deep)
    assert completeness.is_capture_complete(result)


def test_fetch__pages_contain_all_comments_of_one_second() -> None:
    burst = rs.generate(300, depth=6, seed=8)
    for number, comment in enumerate(burst.comments.values()):
        comment["created_utc"] = 1_760_000_000.0 + number // 40
    with arctic_server.Server(burst, most_in_tree=50, page=100) as server:
        assert names(fetch(server, burst)) == get_names(burst)


@pytest.mark.parametrize("path", ["comments/ids", "comments/search"])
def test_fetch__hidden_comments_that_fail_are_missing(path: str) -> None:
    thread = rs.generate(200, depth=1 if path == "comments/ids" else 5, seed=9)
    messages: list[str] = []
    with arctic_server.Server(thread, most_in_tree=50) as server:
        server.refuse(path, "Bad request", status=400)
        result = source(server, on_status=messages.append).fetch(
            Reference(post_id=thread.id), WHOLE
        )
    assert len(names(result)) == 50
    assert sum(gap.count for gap in result.missing_comments) == 150
    assert "Some comments could not be fetched" in messages[-1]


def test_fetch__without_a_tree_only_the_post_is_present(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    server.refuse("comments/tree", "Query timed out", status=422)
    result = fetch(server, thread)
    assert names(result, "t3") == {thread.name}
    assert [(gap.parent, gap.count) for gap in result.missing_comments] == [(thread.name, 60)]
    assert server.count() == 1 + 5


def test_fetch__comments_without_their_post(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    server.kept[thread.id].post = None
    result = fetch(server, thread)
    assert (result.thread_id, len(names(result))) == (thread.id, 60)


def test_fetch__deep_thread() -> None:
    chain = rs.generate(1500, depth=1500, seed=11)
    with arctic_server.Server(chain) as server:
        assert names(fetch(server, chain)) == get_names(chain)


def test_fetch__progress(server: arctic_server.Server, thread: rs.Thread) -> None:
    seen: list[Progress] = []
    source(server, report_progress=seen.append).fetch(Reference(post_id=thread.id), WHOLE)
    assert seen[-1] == Progress(comment_count=60, total_comments=60, request_count=2)


def test_fetch__comments_of_a_small_thread_in_two_requests(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    fetch_request = FetchRequest(comment_ids=tuple(thread.comments)[5:9], is_whole=False)
    assert names(fetch(server, thread, fetch_request)) == get_names(thread)
    assert server.count() == 2


def test_fetch__comments_of_a_large_thread_with_ancestors() -> None:
    large = rs.generate(800, depth=9, seed=12)
    chosen = tuple(large.comments)[6:30]
    expected = {f"t1_{above}" for comment in chosen for above in large.path(comment)}
    with arctic_server.Server(large) as server:
        result = fetch(server, large, FetchRequest(comment_ids=chosen, is_whole=False))
        levels = max(len(large.path(comment)) for comment in chosen)
        assert server.count() <= 1 + levels
        assert "/api/comments/tree" not in {request.path for request in server.requests()}
    assert names(result) == expected


def test_fetch__comments_with_replies_use_the_tree() -> None:
    large = rs.generate(800, depth=9, seed=12)
    fetch_request = FetchRequest(
        comment_ids=(next(iter(large.comments)),), is_whole=False, reply_depth=2
    )
    with arctic_server.Server(large) as server:
        assert names(fetch(server, large, fetch_request)) == get_names(large)
        assert server.count() == 2


def test_fetch__leaves_out_a_comment_of_another_thread() -> None:
    large, other = rs.generate(800, seed=12), rs.generate(5, seed=13)
    foreign = next(iter(other.comments))
    with arctic_server.Server(large, other) as server:
        fetch_request = FetchRequest(comment_ids=(foreign,), is_whole=False)
        assert names(fetch(server, large, fetch_request)) == set()


# When it was seen


def test_fetch__has_the_time_of_the_last_text(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
    result = fetch(server, thread)
    stored = [thread.post, *thread.comments.values()]
    last = max(int(data["created_utc"]) for data in stored) + 20
    assert result.captured_at == datetime.fromtimestamp(last, UTC)
    assert (result.is_live, result.source) == (False, "arctic-shift")


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
def test_fetch__time_of_unusual_records(
    times: dict[str, Any], dated: int, server: arctic_server.Server
) -> None:
    post = {"id": "odd1", "name": "t3_odd1", "title": "Odd", **times}
    server.kept["odd1"] = arctic_server.server.Kept(post)
    result = source(server).fetch(Reference(post_id="odd1"), WHOLE)
    assert result.captured_at == datetime.fromtimestamp(dated, UTC)


def test_fetch__catches_the_time_of_the_request(
    server: arctic_server.Server, thread: rs.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "get_captured_at", lambda _: capture.utc_now())
    with pytest.raises(AssertionError):
        test_fetch__has_the_time_of_the_last_text(server, thread)


def test_fetch__stored_after_reddit_preserves_the_first_text(
    server: arctic_server.Server, thread: rs.Thread, tmp_path: Path
) -> None:
    lost = next(iter(thread.comments))
    text = thread.comments[lost]["body"]
    thread.delete(lost)
    live = capture.Capture(
        thread.id, capture.utc_now(), "reddit", {}, capture.flatten(rs.page(thread, limit=500))
    )
    store.add(tmp_path, live)
    store.add(tmp_path, fetch(server, thread))
    snapshots = store.load_snapshots(tmp_path, thread.id)
    assert [snapshot.capture.source for snapshot in snapshots] == ["arctic-shift", "reddit"]
    comment = history.merge(thread.id, [snapshot.capture for snapshot in snapshots]).comments[lost]
    assert (comment.body, comment.deletion_status) == (text, "deleted")


def test_fetch__again_is_nothing_new(
    server: arctic_server.Server, thread: rs.Thread, tmp_path: Path
) -> None:
    assert store.add(tmp_path, fetch(server, thread)).is_new
    assert not store.add(tmp_path, fetch(server, thread)).is_new


# What Reddit has lost


def test_recover__returns_things_with_text(server: arctic_server.Server, thread: rs.Thread) -> None:
    first, second, *_ = thread.comments
    server.kept[thread.id].comments[second] |= {"body": "[removed]", "author": "[deleted]"}
    requested = [thread.name, f"t1_{first}", f"t1_{second}", "t1_zzzzzz"]
    result = source(server).recover(thread.id, requested)
    assert result is not None
    assert {capture.get_fullname(thing) for thing in result.things} == {thread.name, f"t1_{first}"}
    assert (result.is_live, result.source, server.count()) == (False, "arctic-shift", 2)


def test_recover__unknown_names_are_none(server: arctic_server.Server, thread: rs.Thread) -> None:
    assert source(server).recover(thread.id, ["t1_zzzzzz"]) is None


def test_recover__500_names_per_request() -> None:
    large = rs.generate(1200, seed=14)
    with arctic_server.Server(large) as server:
        result = source(server).recover(large.id, [f"t1_{i}" for i in large.comments])
        assert server.count() == 3
    assert result is not None
    assert names(result) == get_names(large)


# What people point at


def test_resolve__share_link_of_a_comment(server: arctic_server.Server, thread: rs.Thread) -> None:
    comment = next(iter(thread.comments))
    path = server.share(thread, comment)
    found = source(server).resolve(Reference(share_path=path))
    assert found == Reference(post_id=thread.id, comment_id=comment)
    assert [request.path for request in server.requests()] == ["/api/short_links"]


def test_resolve__share_link_to_a_share_link(
    server: arctic_server.Server, thread: rs.Thread
) -> None:
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


def test_resolve__share_link_in_a_loop(server: arctic_server.Server) -> None:
    server.lead("/r/x/s/round00001", "/r/x/s/round00001")
    with pytest.raises(errors.FetchError, match="in a loop"):
        source(server).resolve(Reference(share_path="/r/x/s/round00001"))


def test_resolve__comment_without_thread(server: arctic_server.Server, thread: rs.Thread) -> None:
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


def error_response(error: str, status: int = 200) -> rs.Fault:
    return rs.Fault(status, JSON, json.dumps({"data": None, "error": error}))


FAILURES: list[tuple[rs.Fault, type[errors.ArchiveError], str, int]] = [
    (error_response("Query timed out", 422), errors.ServerUnreachableError, "too busy", 5),
    (
        error_response("Timeout. Maybe slow down a bit", 422),
        errors.ServerUnreachableError,
        "too busy",
        5,
    ),
    (error_response("Query timed out"), errors.ServerUnreachableError, "too busy", 5),
    (
        error_response("Unknown\x1b[31m thing", 400),
        errors.FetchError,
        "400): Unknown [31m thing",
        1,
    ),
    (error_response("Something else"), errors.FetchError, "refused the request", 1),
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
        fetch(server, thread)
    assert type(caught.value) is kind
    assert says in caught.value.message
    assert caught.value.hint
    assert server.count() == tries


@pytest.mark.parametrize("fault", [each for each, *_, tries in FAILURES if tries == 5], ids=str)
def test_fetch__retries_and_reports_temporary_failures(
    fault: rs.Fault, server: arctic_server.Server, thread: rs.Thread
) -> None:
    messages: list[str] = []
    server.fail("/api/comments", fault, times=2)
    result = source(server, on_status=messages.append).fetch(Reference(post_id=thread.id), WHOLE)
    assert names(result) == get_names(thread)
    assert [line.rpartition("then ")[2] for line in messages] == ["try 2 of 5", "try 3 of 5"]


def test_fetch__unreachable_server(thread: rs.Thread) -> None:
    with arctic_server.Server(thread) as server:
        settings = server.settings()
    closed = ArcticShiftSource(settings, retry_policy=NO_WAIT, on_status=lambda _: None)
    with pytest.raises(errors.ServerUnreachableError, match="can't be reached"):
        closed.fetch(Reference(post_id=thread.id), WHOLE)


def test_fetch__unknown_thread_is_unavailable(server: arctic_server.Server) -> None:
    with pytest.raises(errors.ThreadUnavailableError) as caught:
        source(server).fetch(Reference(post_id="zzzzz"), WHOLE)
    assert caught.value.reason == "not-found"
    assert "quarantined" in caught.value.hint
    assert server.count() == 2


@pytest.mark.parametrize(
    "data", [[], [7], [{"kind": "t1"}], [{"kind": "t1", "data": {}}], [None, "x", [[]]], {}]
)
def test_fetch__unusual_trees_do_not_crash(
    data: Any, server: arctic_server.Server, thread: rs.Thread
) -> None:
    body = json.dumps({"data": data})
    server.fail("comments/", rs.Fault(200, JSON, body), times=None)
    assert names(fetch(server, thread), "t3") == {thread.name}


def test_source__invalid_url() -> None:
    with pytest.raises(errors.ConfigError, match="is not the URL of a server"):
        ArcticShiftSource(
            {"url": "file:///etc/passwd"}, retry_policy=NO_WAIT, on_status=lambda _: None
        )


# What is quoted


def find_unequal_quotes(thread: rs.Thread) -> tuple[list[str], int]:
    """Return the comments whose quotes differ from those of Reddit's API, and the total."""
    with arctic_server.Server(thread) as server:
        archived = history.merge(thread.id, [fetch(server, thread)])
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
def test_quote__of_an_example_equals_the_quote_from_the_api(name: str, but: list[str]) -> None:
    """Fenced code differs: the API renders it as one line, Reddit's pages as a block."""
    assert find_unequal_quotes(example(name))[0] == but


def test_quote__of_a_large_thread_equals_the_quote_from_the_api() -> None:
    assert find_unequal_quotes(rs.generate(500, seed=31)) == ([], 501)


def test_quote__needs_reddits_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snudown, "render", lambda markdown, media: f"<p>{escape(markdown)}</p>")
    assert find_unequal_quotes(rs.generate(100, seed=31))[0]


@pytest.mark.parametrize("part", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_quote__of_recorded_threads_equals_the_quote_from_the_api(
    recordings: Path, part: int
) -> None:
    found = [find_unequal_quotes(thread) for thread in load_recordings(recordings)[::part]]
    unequal, pieces = sum(len(names) for names, _ in found), sum(of for _, of in found)
    print(f"{pieces - unequal} of {pieces} quotes are equal")
    assert unequal <= 0.002 * pieces


def load_recordings(folder: Path) -> list[rs.Thread]:
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
def test_fetch__distinguishes_escaped_text_from_typed_entities(
    bodies: tuple[str, str], shown: tuple[str, str]
) -> None:
    """Without HTML, texts count as escaped if none in the thread has a bare character."""
    thread = rs.generate(2, seed=33)
    thread.post |= {"title": "t", "selftext": "s", "url": "/"}
    for comment, body in zip(thread.comments.values(), bodies, strict=True):
        comment["body"] = body
    with arctic_server.Server(thread) as server:
        merged = history.merge(thread.id, [fetch(server, thread)])
    assert tuple(merged.comments[i].body for i in thread.comments) == shown


# What is sent


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A login for the host in ~/.netrc, encoded as in a header."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password geheim\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    return base64.b64encode(b"somebody:geheim").decode()


@pytest.mark.usefixtures("netrc")
def test_fetch__sends_no_key_and_no_cookie(server: arctic_server.Server, thread: rs.Thread) -> None:
    server.fail("posts", rs.Fault(headers={"Set-Cookie": "a=b; Path=/"}))
    fetch(server, thread)
    headers = {name for request in server.requests() for name in request.headers}
    assert headers <= {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_fetch__catches_a_login_that_is_sent(
    server: arctic_server.Server, thread: rs.Thread, netrc: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_skip_netrc_login", None)
    fetch(server, thread)
    assert netrc in str(server.requests()[0].headers)
    assert server.errors
    server.errors.clear()


def test_fetch__never_leaves_its_host(thread: rs.Thread) -> None:
    with arctic_server.Server(thread) as server, arctic_server.Server(thread) as other:
        location = {"Location": f"{other.url}/api/posts/ids?ids={thread.id}"}
        server.fail("posts", rs.Fault(302, location, ""), times=None)
        with pytest.raises(errors.FetchError):
            fetch(server, thread)
        assert (server.count(), other.count()) == (1, 0)


class FakeClock:
    """A clock that advances only by `sleep`."""

    def __init__(self) -> None:
        self.now = 100.0
        self.requested_at: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_client__two_requests_per_second(
    server: arctic_server.Server, thread: rs.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WINDOW_SECONDS", 1.0)
    clock = FakeClock()
    api_client = client.ArcticShiftClient(
        server.settings(),
        retry_policy=NO_WAIT,
        on_status=lambda _: None,
        clock=lambda: clock.now,
        sleep=clock.sleep,
    )
    for _ in range(7):
        api_client.get("posts/ids", ids=thread.id)
        clock.requested_at.append(clock.now)
    assert clock.requested_at == [100, 100, 101, 101, 102, 102, 103]


def test_client__waits_for_the_rate_limit(server: arctic_server.Server, thread: rs.Thread) -> None:
    clock, messages = FakeClock(), list[str]()
    api_client = client.ArcticShiftClient(
        server.settings(),
        retry_policy=NO_WAIT,
        on_status=messages.append,
        clock=lambda: clock.now,
        sleep=clock.sleep,
    )
    stored = json.dumps({"data": []})
    headers = {**JSON, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "41"}
    server.fail("posts", rs.Fault(200, headers, stored))
    api_client.get("posts/ids", ids=thread.id)
    api_client.get("posts/ids", ids=thread.id)
    assert (clock.now, messages) == (141.0, ["Waiting 41 s for Arctic Shift's rate limit."])


# How large


@pytest.mark.slow
@pytest.mark.parametrize(("comments", "max_seconds"), [(5_000, 5), (25_000, 15)])
def test_fetch__large_tree_is_fast(comments: int, max_seconds: float) -> None:
    thread = rs.generate(comments, depth=40, seed=21)
    with arctic_server.Server(thread) as server:
        arctic_source = source(server)
        began = time.perf_counter()
        result = arctic_source.fetch(Reference(post_id=thread.id), WHOLE)
        seconds = time.perf_counter() - began
        assert (len(names(result)), server.count()) == (comments, 2)
    assert seconds < max_seconds


@pytest.mark.slow
def test_fetch__memory_is_proportional_to_the_tree() -> None:
    thread = rs.generate(5_000, depth=40, seed=21)
    with arctic_server.Server(thread) as server:
        arctic_source = source(server)
        tracemalloc.start()
        result = arctic_source.fetch(Reference(post_id=thread.id), WHOLE)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 12 * sum(len(json.dumps(thing)) for thing in result.things)
