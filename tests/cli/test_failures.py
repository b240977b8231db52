"""Every failure: one sentence, a hint, the right exit code, nothing lost, no traceback."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reddit_archive.files import deep_json
from tests.conftest import EXAMPLES, PROGRAM, Ran, Run, write_config
from tests.support import reddit_server as rs

URL = "https://www.reddit.com/r/breadlog/comments/9bread1/slug/"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Case:
    """A failure of the server, and what the program must do."""

    name: str
    arrange: Callable[[rs.Server], object]
    says: str
    code: int = 1
    requests: int = 1


def refuse(why: rs.thread.Refusal) -> Callable[[rs.Server], object]:
    return lambda server: server.threads["9bread1"].refuse(why)


def fail(fault: rs.Fault, part: str = "comments/") -> Callable[[rs.Server], object]:
    return lambda server: server.fail(part, fault, times=None)


CASES = [
    Case("unknown id", lambda server: server.threads.clear(), "Reddit has no such thread"),
    Case("deleted", refuse("gone"), "Reddit has no such thread"),
    Case("private", refuse("private"), "is in a private subreddit"),
    Case("quarantined", refuse("quarantined"), "is in a quarantined subreddit"),
    Case("gated", refuse("gated"), "is in a gated subreddit"),
    Case("banned", refuse("banned"), "is in a banned subreddit"),
    Case("legal", refuse("legal"), "for legal reasons"),
    Case("403 page", fail(rs.HTML_403), "a block page (status 403)"),
    Case("200 page", fail(rs.HTML_200), "a web page instead of the thread"),
    Case("413", fail(rs.Fault(413, {}, "")), "refused the request (status 413)"),
    Case("cut JSON", fail(rs.CUT_JSON), "response is cut off", requests=5),
    Case("cut body", fail(rs.CUT_BODY), "was cut off", requests=5),
    Case("closed", fail(rs.CLOSED), "can't be reached", requests=5),
    Case("429", fail(rs.TOO_MANY()), "rate limit is used up", requests=5),
    Case("429 with a wait", fail(rs.TOO_MANY(0.01)), "rate limit is used up", requests=5),
    Case("429 for an hour", fail(rs.TOO_MANY(3600)), "asks to wait 60 minutes"),
    *(
        Case(
            f"{status}", fail(rs.SERVER_ERROR(status)), "failed to process the request", requests=5
        )
        for status in (500, 502, 503, 504, 520, 522, 524)
    ),
    Case("not JSON", fail(rs.Fault(200, JSON, "[{]")), "is not JSON"),
    Case(
        "login page",
        fail(rs.Fault(302, {"Location": "/login/"}, "")),
        "is not followed",
    ),
    Case(
        "401",
        fail(rs.Fault(401, {**JSON, "www-authenticate": "Bearer"}, "{}")),
        "does not accept the key",
        code=5,
    ),
    Case(
        "401 without a reason",
        fail(rs.Fault(401, JSON, "{}")),
        "does not accept the key",
        code=5,
    ),
    Case(
        "login refused",
        fail(rs.Fault(401, JSON, '{"error": 401}'), "access_token"),
        "does not accept the key",
        code=5,
        requests=0,
    ),
    Case(
        "login error",
        fail(rs.Fault(200, JSON, '{"error": "invalid_grant"}'), "access_token"),
        "refuses the login (invalid_grant)",
        code=5,
        requests=0,
    ),
]


def well_told(result: Ran) -> bool:
    """One sentence that starts with the program's name, then an indented hint; no traceback."""
    lines = result.err.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith("archive: ")]
    return (
        len(starts) == 1
        and len(lines) == starts[0] + 2
        and lines[-1].startswith("  ")
        and "Traceback" not in result.err
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_save__failure(case: Case, run: Run, reddit: rs.Server, tmp_path: Path) -> None:
    case.arrange(reddit)
    result = run(URL, "-v")
    assert result.code == case.code
    assert case.says in result.err
    assert well_told(result)
    assert result.out == ""
    assert not list(tmp_path.rglob("*.json"))
    assert reddit.count() == case.requests


@pytest.mark.parametrize("tries", [1, 7])
def test_save__catches_another_retry_policy(
    tries: int, run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    write_config(tmp_path, reddit, tries=tries)
    case = next(case for case in CASES if case.name == "503")
    with pytest.raises(AssertionError):
        test_save__failure(case, run, reddit, tmp_path)


@pytest.mark.parametrize("case", CASES[10:15], ids=lambda case: case.name)
def test_save__transient_failure_loses_nothing(case: Case, run: Run, reddit: rs.Server) -> None:
    saved = run(URL)
    case.arrange(reddit)
    failed = run(URL)
    assert failed.code == case.code
    assert run("quote", URL).out == saved.out


@pytest.mark.parametrize(
    "fault",
    [rs.TOO_MANY(), rs.TOO_MANY(0.01), rs.SERVER_ERROR(503), rs.CUT_BODY, rs.CUT_JSON, rs.CLOSED],
    ids=str,
)
def test_save__retries_a_temporary_failure_and_reports_it(
    fault: rs.Fault, run: Run, reddit: rs.Server
) -> None:
    reddit.fail("comments/", fault, times=2)
    result = run(URL)
    assert result.code == 0
    assert "then try 2 of 5" in result.err
    assert "then try 3 of 5" in result.err
    assert reddit.count() == 3


def test_save__token_endpoint_has_trouble_once(run: Run, reddit: rs.Server) -> None:
    reddit.fail("access_token", rs.SERVER_ERROR(503))
    assert run(URL).code == 0


def test_save__a_byte_that_is_no_utf_8_costs_no_text(run: Run, reddit: rs.Server) -> None:
    post = {"id": "9bread1", "name": "t3_9bread1", "selftext": "A caf! for two.", "title": "Where?"}
    listing = {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": post}]}}
    body = json.dumps([listing, {"kind": "Listing", "data": {"children": []}}]).encode()
    utf_8 = {"Content-Type": "application/json; charset=UTF-8"}
    reddit.fail("comments/", rs.Fault(200, utf_8, body.replace(b"!", b"\xe9")), times=None)
    result = run(URL)
    assert result.code == 0
    assert "A caf\ufffd for two." in result.out


ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32")


@pytest.mark.parametrize(
    ("encoding", "stated"),
    [
        *((encoding, encoding) for encoding in ENCODINGS[:1]),
        *(pytest.param(each, each, marks=pytest.mark.slow) for each in ENCODINGS[1:]),
        ("utf-8", "utf-16"),
    ],
)
def test_save__json_in_another_encoding(
    encoding: str, stated: str, run: Run, reddit: rs.Server
) -> None:
    post = {"id": "9bread1", "name": "t3_9bread1", "selftext": "A café.", "title": "Where?"}
    listing = {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": post}]}}
    text = json.dumps([listing, {"kind": "Listing", "data": {"children": []}}], ensure_ascii=False)
    headers = {"Content-Type": f"application/json; charset={stated.removesuffix('-sig')}"}
    reddit.fail("comments/", rs.Fault(200, headers, text.encode(encoding)), times=None)
    result = run(URL)
    assert (result.code, "A café." in result.out) == (0, True)


def test_in_utf8__catches_the_bytes_as_they_are() -> None:
    body = "[]".encode("utf-16")
    assert (deep_json.convert_to_utf8(body), body[-1:] == b"]") == (b"[]", False)


def test_save__odd_rate_limit_headers(run: Run, reddit: rs.Server) -> None:
    reddit.fail("comments/", rs.ODD_RATELIMIT, times=None)
    assert run(URL).code == 0


def test_save__timeout(run: Run, tmp_path: Path) -> None:
    with rs.Server(rs.generate(comments=5, seed=1)) as server:
        reddit = {**{k: v for k, v in server.settings().items() if k != "check_for_updates"}}
        write_config(tmp_path, server, tries=2, reddit={**reddit, "timeout": 1})
        server.fail("comments/", rs.SLOW(3.0), times=None)
        result = run(next(iter(server.threads)))
    assert result.code == 1
    assert "did not answer in time" in result.err
    assert well_told(Ran(1, "", "\n".join(result.err.splitlines()[-2:])))


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("https://example.com/r/x/comments/abc123/",), 2, "is not an address on Reddit"),
        (("hello world",), 2, "is not the address of a Reddit thread"),
        (("9bread1", "--source", "reddit"), 5, "has no key for Reddit's API"),
        (("9bread1",), 1, "Arctic Shift can't be reached"),
        (("a.json", "b.json", "9bread1"), 2, "save takes one thread or several saved files of one"),
        (("none.json",), 1, "no such file"),
        (("notes.json",), 1, "is not a saved thread"),
        (("quote", "9bread1"), 1, "there is no archive at"),
        (("quote", "t1_zkeep01"), 1, "there is no archive at"),
        (("quote", "https://www.reddit.com/r/x/s/AbCdEfGhIj"), 2, "without network"),
        (("log", "9bread1"), 1, "there is no archive at"),
        ((EXAMPLES / "short.json", "-c", "zzzzz"), 1, "has no comment zzzzz"),
        ((EXAMPLES / "short.json", "-c", "?"), 2, "is not a comment"),
        ((EXAMPLES / "short.json", "--top", "0"), 2, "must be a number, 1 or higher"),
        ((EXAMPLES / "short.json", "--replies", "few"), 2, "0 or higher, or 'all'"),
        ((EXAMPLES / "short.json", "--nonsense"), 2, "No such option"),
        ((EXAMPLES / "short.json", "--config", "none.yaml"), 5, "can't read the configuration"),
        ((EXAMPLES / "short.json", "--config", "bad.yaml"), 5, "unknown setting 'colour'"),
        ((EXAMPLES / "short.json", "--config", "broken.yaml"), 5, "is not valid YAML"),
        ((EXAMPLES / "short.json", "-o", "none/quote.md"), 1, "can't write"),
        ((EXAMPLES / "short.json", "--archive", "notes.json"), 1, "can't write"),
        (("list", "--archive", "newer"), 1, "which this version does not know"),
    ],
    ids=str,
)
def test_bad_input(
    args: tuple[object, ...], code: int, says: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "notes.json").write_text('{"notes": []}')
    (tmp_path / "bad.yaml").write_text("colour: red")
    (tmp_path / "broken.yaml").write_text("reddit: {")
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / "ARCHIVE").write_text("reddit-archive 2\n")
    result = run(*args, "-v")
    assert (result.code, result.out) == (code, "")
    assert says in result.err
    assert "Traceback" not in result.err
    assert result.err.splitlines()[-1].startswith("  ")


@pytest.mark.skipif(os.name == "nt", reason="permissions work differently there")
def test_save__read_only_archive(run: Run, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    (tmp_path / "archive").mkdir(mode=0o555)
    result = run(EXAMPLES / "short.json")
    assert result.code == 1
    assert "--archive DIR" in result.err


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no such device here")
def test_save__stdout_on_a_full_disk(run: Run, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [PROGRAM, EXAMPLES / "short.json"]
        done = subprocess.run(
            command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    ran = Ran(done.returncode, "", done.stderr.decode())
    assert (ran.code, well_told(ran)) == (1, True)
    assert "can't print the result: no space left on device" in ran.err
    assert "9bread1" in run("list").out


def test_save__comment_not_found_still_saves_the_thread(run: Run) -> None:
    assert run(EXAMPLES / "short.json", "-c", "zzzzz").code == 1
    assert run("quote", "9bread1").code == 0
