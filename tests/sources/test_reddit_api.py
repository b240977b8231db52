"""Fetching from Reddit over HTTP, with and without failures."""

import gc
import json
from pathlib import Path

import pytest
import requests

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.model import completeness
from reddit_archive.model.reference import Reference
from reddit_archive.network import session
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.base import FetchInterrupted, FetchRequest, Progress
from reddit_archive.sources.reddit_api import RedditSource
from reddit_archive.sources.resume_journal import ResumeJournal
from tests.conftest import OFFLINE, Run, write_config
from tests.support import arctic_server
from tests.support import reddit_server as rs

COMMENTS = 600


@pytest.fixture
def big(reddit: rs.Server) -> rs.Thread:
    return reddit.add(rs.generate(COMMENTS))


def source(server: rs.Server, journal: Path | None = None, **more: object) -> RedditSource:
    settings = {k: v for k, v in server.settings().items() if k != "check_for_updates"}
    options = {"retry_policy": RetryPolicy(5, 0.001), "on_status": lambda _: None, **more}
    return RedditSource(
        settings, open_journal=(lambda _: ResumeJournal(journal)) if journal else None, **options
    )  # type: ignore[arg-type]


def load_saved(folder: Path, thread: rs.Thread) -> dict[str, object]:
    """Load the last snapshot of a thread."""
    last = store.load_snapshots(folder / "archive", thread.id)[-1]
    return dict(json.loads(last.path.read_bytes()))


def get_comment_ids(snapshot: dict[str, object]) -> set[str]:
    things = snapshot["things"]
    assert isinstance(things, list)
    return {thing["data"]["id"] for thing in things if thing["kind"] == "t1"}


def test_save__whole_thread(run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path) -> None:
    result = run(big.id)
    assert (result.code, get_comment_ids(load_saved(tmp_path, big))) == (0, big.visible())
    assert f"Saved t3_{big.id} with {COMMENTS} comments." in result.err
    assert load_saved(tmp_path, big)["complete"] is True
    assert reddit.count() <= 20


LOGIN = "default login somebody password geheim\n"
"""A login in ~/.netrc for any host."""


def test_save__sends_no_login_of_netrc(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text(LOGIN)
    result = run(big.id, env={"NETRC": str(tmp_path / "netrc")})
    assert (result.code, get_comment_ids(load_saved(tmp_path, big))) == (0, big.visible())
    assert {request.headers["authorization"][:6] for request in reddit.requests()} == {"bearer"}


def test_save__catches_a_netrc_login_that_is_sent(
    reddit: rs.Server, big: rs.Thread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(LOGIN)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(session, "_skip_netrc_login", None)
    with pytest.raises(errors.LoginError):
        source(reddit).fetch(Reference(post_id=big.id), FetchRequest())


def test_save__again_finds_nothing_new(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    run(big.id)
    for comment in big.comments.values():
        comment["score"] = comment["score"] * 3 % 17  # other comments are on the first page now
    assert "Nothing new" in run(big.id).err
    assert len(store.load_snapshots(tmp_path / "archive", big.id)) == 1


@pytest.mark.parametrize("count", [COMMENTS, pytest.param(4_000, marks=pytest.mark.slow)])
def test_save__temporary_faults(count: int, run: Run, reddit: rs.Server, tmp_path: Path) -> None:
    big = reddit.add(rs.generate(count))
    reddit.window.budget = 10**6
    settings = reddit.settings()
    key = {k: v for k, v in settings.items() if k != "check_for_updates"}
    write_config(tmp_path, reddit, reddit={**key, "timeout": 1})
    reddit.fail("morechildren", [rs.TOO_MANY(), rs.SERVER_ERROR(503)])
    reddit.fail("sort=new", [rs.CUT_BODY, rs.CUT_JSON])
    reddit.fail("/_/", [rs.SLOW(5), rs.CLOSED])
    result = run(big.id)
    assert (result.code, get_comment_ids(load_saved(tmp_path, big))) == (0, big.visible())


def test_save__a_failed_request_leaves_comments_missing(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    reddit.fail("morechildren", rs.Fault(413, rated=True), times=None)
    result = run(big.id)
    snapshot = load_saved(tmp_path, big)
    assert result.code == 0
    assert "Not complete: " in result.err
    assert (
        "Some comments could not be fetched: Reddit refused the request (status 413)" in result.err
    )
    assert (snapshot["complete"], bool(snapshot["gaps"])) == (False, True)
    assert run(big.id, "--require-complete").code == 3


def test_save__one_bad_id_does_not_affect_other_comments(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    run(big.id)
    bad = reddit.requests("morechildren")[0].form["children"].split(",")[0]
    reddit.fail(f"/_/{bad}", rs.Fault(403, rated=True), times=None)
    again = Path(tmp_path / "again")
    again.mkdir()
    write_config(tmp_path, reddit, archive=str(again / "archive"))
    assert run(big.id).code == 0
    assert get_comment_ids(load_saved(again, big)) == big.visible()


def test_save__keeps_responses_before_a_network_failure(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    big = reddit.add(rs.generate(800))
    reddit.fail("sort=old", rs.SERVER_ERROR(500), times=None)
    result = run(big.id)
    assert result.code == 0
    assert len(get_comment_ids(load_saved(tmp_path, big))) > 500
    assert "failed to process the request (status 500)" in result.err
    reddit.heal()
    before = reddit.count()
    assert "Resuming the fetch that began at" in run(big.id).err
    assert get_comment_ids(load_saved(tmp_path, big)) == big.visible()
    assert reddit.requests()[before].query["sort"] == "old"


def test_fetch__resumes_after_a_kill(reddit: rs.Server, big: rs.Thread, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.request_count == 5:
            raise Killed

    journal = tmp_path / ".t3_x.part"
    reference = Reference(post_id=big.id)
    with pytest.raises(Killed):
        source(reddit, journal, report_progress=kill).fetch(reference, FetchRequest())
    before = reddit.count()
    result = source(reddit, journal).fetch(reference, FetchRequest())
    total = reddit.count()
    assert completeness.is_capture_complete(result)
    assert before == 5
    reddit.reset_log()
    source(reddit).fetch(reference, FetchRequest())
    assert reddit.count() == total
    assert not journal.exists()


def test_fetch__an_interrupt_returns_what_was_fetched(reddit: rs.Server, big: rs.Thread) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.request_count == 3:
            raise KeyboardInterrupt

    with pytest.raises(FetchInterrupted) as cut:
        source(reddit, report_progress=interrupt).fetch(Reference(post_id=big.id), FetchRequest())
    assert not completeness.is_capture_complete(cut.value.capture)
    assert len(cut.value.capture.things) > 500


@pytest.mark.parametrize(
    "left",
    [
        b"",
        b"\xff\n{",
        b'{"began_at": "2001-01-01T00:00:00+00:00"}\n{"asked": "x", "answer": 1}\n',
        b'{"began_at": "2999-01-01T00:00:00+00:00"}\n{"asked": "x", "answer": 1}\n',
        b'{"began_at": 7}\n[]\n{"asked": "x"}\n',
    ],
)
def test_journal__old_or_damaged_entries_are_ignored(left: bytes, tmp_path: Path) -> None:
    path = tmp_path / "journal.part"
    path.write_bytes(left)
    journal = ResumeJournal(path)
    assert (journal.began_at, journal.pop("x"), path.exists()) == (None, None, False)


def test_journal__returns_each_recorded_response_once(tmp_path: Path) -> None:
    path = tmp_path / "tmp" / "journal.part"
    journal = ResumeJournal(path)
    journal.record("a", b'{"b":\r\n"\\ud800"}')
    assert not path.exists()
    journal.write_pending()
    with path.open("ab") as file:
        file.write(b'{"asked": "c", "ans')
    again = ResumeJournal(path)
    assert (again.pop("a"), again.pop("a"), again.pop("c")) == ({"b": "\ud800"}, None, None)


def test_fetch__frees_each_response_without_gc(reddit: rs.Server, big: rs.Thread) -> None:
    """Cyclic garbage collection is disabled while a command fetches."""
    reddit_source = source(reddit)
    gc.collect()
    with gc_paused():
        reddit_source.fetch(Reference(post_id=big.id), FetchRequest())
        answers = sum(type(each) is requests.Response for each in gc.get_objects())
    assert reddit.count() > 5
    assert answers <= 1


def test_fetch__reports_progress(reddit: rs.Server, big: rs.Thread) -> None:
    seen: list[Progress] = []
    source(reddit, report_progress=seen.append).fetch(Reference(post_id=big.id), FetchRequest())
    assert [progress.request_count for progress in seen] == list(range(1, len(seen) + 1))
    assert seen[-1] == Progress(COMMENTS, COMMENTS, len(seen), remaining_requests=0)


def test_fetch__reports_a_wait_for_the_rate_limit(
    big: rs.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages: list[str] = []
    sleeps: list[float] = []
    monkeypatch.setattr("prawcore.rate_limit.time.sleep", sleeps.append)
    with rs.Server(big, budget=4, window_age_seconds=400) as server:
        source(server, on_status=messages.append).fetch(Reference(post_id=big.id), FetchRequest())
    waits = [sentence for sentence in messages if sentence.endswith(" s for Reddit's rate limit.")]
    assert waits[0].startswith("Waiting ")
    assert 150 < max(sleeps) <= 200


# Chosen comments


def test_first_page__chosen_comments_with_replies(
    run: Run, reddit: rs.Server, big: rs.Thread
) -> None:
    name = max(big.comments, key=lambda each: len(big.replies.get(f"t1_{each}", [])))
    few = run(big.id, "--first-page", "-c", name, "--replies", "all")
    assert reddit.count() <= 3
    run(big.id)
    whole = run("quote", big.id, "-c", name, "--replies", "all")
    assert sorted(whole.out.splitlines()) == sorted(few.out.splitlines())


def test_first_page__is_not_complete(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    one = next(iter(big.comments))
    assert run(big.id, "--first-page", "-c", one, "--require-complete").code == 3
    assert run(big.id, "--require-complete").code == 0
    assert run(big.id, "--first-page", "-c", one, "--require-complete").code == 0
    assert load_saved(tmp_path, big)["complete"] is False
    result = run("log", big.id)
    assert "vanished" not in result.out
    assert "deleted" not in result.out


def test_first_page__a_comment_of_another_thread_is_refused(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    result = run(big.id, "--first-page", "-c", "zkeep01", "-c", next(iter(big.comments)))
    assert result.code == 1
    assert "zkeep01" in result.err
    assert "zkeep01" not in get_comment_ids(load_saved(tmp_path, big))


# What it would take


def test_dry_run__prints_requests_and_time_and_saves_nothing(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    result = run(big.id, "--dry-run")
    assert result.out.startswith("About 2 to 18 requests for 600 comments, about 1 to 11 s;")
    assert reddit.count() == 1
    assert not (tmp_path / "archive").exists()


def test_dry_run__chosen_and_files(run: Run, reddit: rs.Server, big: rs.Thread) -> None:
    one = next(iter(big.comments))
    assert run(big.id, "--dry-run", "--first-page").out.startswith("1 request for 600")
    output = run(big.id, "--dry-run", "--first-page", "-c", one).out
    assert output.startswith("About 1 to 4 requests for 600")


# Deleted, withheld, not fetched


def test_report__deleted_leaves_are_not_missing(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    leaves = [name for name in big.comments if not big.replies.get(f"t1_{name}")]
    for name in leaves[:7]:
        big.delete(name)
    result = run(big.id, "--require-complete")
    assert result.code == 0
    assert "counts 7 comments more" in result.err or "Saved" in result.err


def test_save__looks_up_a_comment_that_vanished(
    run: Run, reddit: rs.Server, big: rs.Thread, tmp_path: Path
) -> None:
    run(big.id)
    one, two = [name for name in big.comments if not big.replies.get(f"t1_{name}")][:2]
    big.delete(one)
    big.remove(two)
    reddit.reset_log()
    run(big.id)
    log = run("log", big.id).out
    assert ("deleted" in log, "removed" in log, "vanished" in log) == (True, True, False)
    requested = reddit.requests("info")[-1].query["id"].split(",")
    assert sorted(requested) == sorted([f"t1_{one}", f"t1_{two}"])
    reddit.reset_log()
    run(big.id)
    assert f"t1_{one}" not in reddit.requests("info")[-1].query["id"]


# Without a key, and what Reddit has lost


def test_save__without_a_key_uses_arctic_shift(run: Run, tmp_path: Path) -> None:
    thread = rs.generate(300)
    with arctic_server.Server(thread) as arctic:
        settings = {**OFFLINE, "arctic_shift": {"url": arctic.url}}
        (tmp_path / "config.yaml").write_text(json.dumps(settings))
        result = run(thread.id, "--all")
    assert result.code == 0
    assert "There is no key for Reddit's API" in result.err
    assert "as Arctic Shift saw it on" in result.err
    assert load_saved(tmp_path, thread)["source"] == "arctic-shift"


def test_save__from_arctic_shift_gives_the_same_quote(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    thread = reddit.add(rs.generate(300))
    by_reddit = run(thread.id, "--all")
    with arctic_server.Server(thread) as arctic:
        write_config(
            tmp_path,
            reddit,
            archive=str(tmp_path / "other"),
            arctic_shift={"url": arctic.url},
        )
        by_arctic = run(thread.id, "--all", "--source", "arctic-shift")
    assert sorted(by_arctic.out.splitlines()) == sorted(by_reddit.out.splitlines())


def test_recover__adds_texts_deleted_before_the_first_save(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    thread = reddit.add(rs.generate(60, depth=3))
    name = next(each for each in thread.comments if thread.replies.get(f"t1_{each}"))
    text = thread.comments[name]["body"].split("\n")[0].replace("&", "&amp;").rstrip(":")
    with arctic_server.Server(thread) as arctic:
        thread.delete(name)
        write_config(tmp_path, reddit, arctic_shift={"url": arctic.url})
        before = run(thread.id, "-c", name, "--no-post")
        after = run(thread.id, "-c", name, "--no-post", "--recover")
    assert "[deleted]" in before.out
    assert text[:12] in after.out
    assert "Recovered from Arctic Shift: 1 of 1 deleted text." in after.err
    sources = [
        snapshot.capture.source
        for snapshot in store.load_snapshots(tmp_path / "archive", thread.id)
    ]
    assert sorted(sources) == ["arctic-shift", "reddit"]
