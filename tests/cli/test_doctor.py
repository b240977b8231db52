"""`archive doctor` names each problem and its remedy, and changes nothing."""

import json
import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from reddit_archive.cli.commands import doctor
from reddit_archive.config import Settings
from reddit_archive.workflows import source_checks
from reddit_archive.workflows.diagnostics import Finding
from tests.conftest import EXAMPLES, Ran, Run, run_program, write_config
from tests.support import arctic_server
from tests.support import reddit_server as rs
from tests.support.file_fingerprints import compute_fingerprints
from tests.support.secret_leaks import SENTINEL, find_leaks

slow = pytest.mark.slow


@pytest.fixture
def arctic() -> Iterator[arctic_server.Server]:
    with arctic_server.Server() as server:
        yield server


@pytest.fixture
def working_program(reddit: rs.Server, arctic: arctic_server.Server, tmp_path: Path) -> Run:
    """The program in a working setup: a key, both sources, one thread in the archive."""
    write_config(tmp_path, reddit, arctic_shift={"url": arctic.url})
    (tmp_path / "config.yaml").chmod(0o600)
    run_program(tmp_path, EXAMPLES / "short.json")
    reddit.reset_log()
    return partial(run_program, tmp_path)


def build_key_settings(server: rs.Server, **more: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {**server.settings(), **more}
    return {k: v for k, v in settings.items() if k != "check_for_updates" and v is not None}


def parse_findings(ran: Ran) -> dict[str, list[str]]:
    """Return the printed lines by check: state, result, remedy."""
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert all(len(row) == 4 for row in rows)
    return {check: [state, what, todo] for state, check, what, todo in rows}


def test_doctor__of_a_working_setup(
    working_program: Run, reddit: rs.Server, arctic: arctic_server.Server
) -> None:
    ran = working_program("doctor")
    assert ran.code == 0, ran.out
    lines = parse_findings(ran)
    assert {line[0] for line in lines.values()} <= {"ok", "note"}
    assert lines["key"][1] == "script or web app, from config.yaml"
    assert lines["archive"][1].endswith("archive: 1 thread, 1 snapshot")
    assert lines["health"][:2] == ["ok", "1 snapshot read, all intact"]
    assert "Everything required works" in ran.err
    assert [each.kind for each in reddit.log] == ["token", "info"]
    assert arctic.count() == 1


def test_doctor__shows_the_rate_limit(working_program: Run) -> None:
    assert parse_findings(working_program("doctor"))["limit"][1].startswith(
        "999 of 1,000 requests left"
    )


def test_doctor__changes_nothing(working_program: Run, tmp_path: Path) -> None:
    before = compute_fingerprints(tmp_path)
    working_program("doctor")
    assert compute_fingerprints(tmp_path) == before


def test_doctor__offline_sends_no_request(
    working_program: Run, reddit: rs.Server, arctic: arctic_server.Server
) -> None:
    ran = working_program("doctor", "--offline")
    assert ran.code == 0
    assert parse_findings(ran)["sources"][0] == "skip"
    assert parse_findings(ran)["key"][0] == "ok"
    assert (reddit.log, arctic.count()) == ([], 0)


def test_doctor__json_contains_the_same_checks(working_program: Run) -> None:
    checks = json.loads(working_program("doctor", "--offline", "--json").out)
    lines = parse_findings(working_program("doctor", "--offline"))
    assert checks["exit"] == 0
    assert {tuple(each) for each in checks["checks"]} == {
        ("check", "state", "found", "todo", "code")
    }
    assert {each["check"]: each["state"] for each in checks["checks"]} == {
        check: line[0] for check, line in lines.items()
    }


# The key and the sources


def test_doctor__refused_key(working_program: Run, reddit: rs.Server, tmp_path: Path) -> None:
    write_config(tmp_path, reddit, reddit=build_key_settings(reddit, client_secret="wrong"))
    ran = working_program("doctor")
    assert ran.code == 5
    assert parse_findings(ran)["Reddit"][:2] == [
        "fail",
        "Reddit does not accept the key (status 401)",
    ]
    assert "Run `archive login` to set another key" in parse_findings(ran)["Reddit"][2]
    assert reddit.count() == 0


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ("access_token", rs.SERVER_ERROR(503)),
        ("api/info", rs.TOO_MANY()),
        ("api/info", rs.HTML_200),
        ("api/info", rs.CUT_JSON),
    ],
    ids=str,
)
def test_doctor__does_not_retry_after_an_error(
    part: str, fault: rs.Fault, working_program: Run, reddit: rs.Server
) -> None:
    reddit.fail(part, fault, times=None)
    ran = working_program("doctor")
    assert ran.code == 1
    assert parse_findings(ran)["Reddit"][0] == "fail"
    assert parse_findings(ran)["Reddit"][2]
    assert sum(part in each.path for each in reddit.log) == 1


def test_doctor__warns_of_a_low_rate_limit(arctic: arctic_server.Server, tmp_path: Path) -> None:
    with rs.Server(budget=20) as reddit:
        write_config(tmp_path, reddit, arctic_shift={"url": arctic.url})
        reddit.window.used = 19
        ran = run_program(tmp_path, "doctor")
    assert ran.code == 0
    assert parse_findings(ran)["limit"] == [
        "warn",
        parse_findings(ran)["limit"][1],
        "Wait until the limit resets.",
    ]
    assert parse_findings(ran)["limit"][1].startswith("0 of 20")


@pytest.mark.parametrize(("source", "code"), [("auto", 0), ("arctic-shift", 0), ("reddit", 5)])
def test_doctor__no_key(
    source: str, code: int, arctic: arctic_server.Server, tmp_path: Path
) -> None:
    text = f"source: {source}\narctic_shift: {{url: '{arctic.url}'}}\n"
    (tmp_path / "config.yaml").write_text(text)
    ran = run_program(tmp_path, "doctor")
    assert ran.code == code
    assert parse_findings(ran)["key"][0] == ("fail" if code else "note")
    assert "archive login" in parse_findings(ran)["key"][2]
    assert "Reddit" not in parse_findings(ran)


def test_doctor__arctic_shift_is_down(
    arctic: arctic_server.Server, working_program: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    arctic.fail("comments", rs.SERVER_ERROR(503), times=None)
    with_key = working_program("doctor")
    assert (with_key.code, parse_findings(with_key)["Arctic Shift"][0]) == (0, "warn")
    (tmp_path / "config.yaml").write_text(f"arctic_shift: {{url: '{arctic.url}'}}\n")
    without = working_program("doctor")
    assert (without.code, parse_findings(without)["Arctic Shift"][0]) == (1, "fail")
    assert arctic.count() == 2


def test_run_checks__does_not_wait_after_the_timeout() -> None:
    freed, ended = threading.Event(), threading.Event()

    def silent(settings: Settings) -> Iterator[Finding]:
        freed.wait(30)
        ended.set()
        yield Finding("never", "ok", "")

    def quick(settings: Settings) -> Iterator[Finding]:
        yield Finding("quick", "ok", "")

    checks = {"Arctic Shift": silent, "quick": quick}
    late, answered = source_checks.run_checks(checks, Settings(), doctor.report_crash, timeout=0.2)
    assert not ended.is_set()
    freed.set()
    assert (late.state, late.message) == ("fail", "no response within 0 s")
    assert answered.state == "ok"


def test_run_checks__reports_an_unexpected_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # the crash report goes there

    def broken(settings: Settings) -> Iterator[Finding]:
        raise KeyError(SENTINEL)

    (line,) = source_checks.run_checks({"x": broken}, Settings(), doctor.report_crash)
    assert (line.state, line.exit_code) == ("fail", 1)
    assert SENTINEL not in line.message


# The settings


def test_doctor__invalid_settings(working_program: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("archiv: x\n")
    ran = working_program("doctor")
    assert ran.code == 5
    assert "unknown setting 'archiv'" in parse_findings(ran)["settings"][1]
    assert "Did you mean 'archive'?" in parse_findings(ran)["settings"][2]


@pytest.mark.skipif(os.name == "nt", reason="it has no modes")
def test_doctor__settings_that_others_can_read(working_program: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").chmod(0o644)
    ran = working_program("doctor", "--offline")
    assert ran.code == 0
    assert parse_findings(ran)["settings"] == [
        "warn",
        "other users of this computer can read your key in config.yaml",
        "chmod 600 config.yaml",
    ]


@pytest.mark.skipif(os.name == "nt", reason="it has no modes")
def test_doctor__credentials_that_others_can_read(
    working_program: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    own = tmp_path / "reddit-archive" / "credentials.yaml"
    own.parent.mkdir()
    own.write_text(yaml.safe_dump({"reddit": build_key_settings(reddit)}))
    own.chmod(0o640)
    lines = parse_findings(working_program("doctor", "--offline"))
    assert lines["key"][1] == f"script or web app, from {own}"
    warning = f"other users of this computer can read your key in {own}"
    assert lines["settings"][:2] == ["warn", warning]
    own.chmod(0o600)
    assert parse_findings(working_program("doctor", "--offline"))["settings"][0] == "ok"


def test_doctor__unused_user_settings(working_program: Run, tmp_path: Path) -> None:
    own = tmp_path / "reddit-archive" / "config.yaml"
    own.parent.mkdir()
    own.write_text("tries: 2\n")
    assert "is not read: config.yaml is used instead" in working_program("doctor", "--offline").out


# The archive


def test_doctor__damage(working_program: Run, tmp_path: Path) -> None:
    file = next((tmp_path / "archive").rglob("t3_*/*.json"))
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"bread", b"Bread", 1))
    ran = working_program("doctor", "--offline")
    assert ran.code == 4
    assert parse_findings(ran)["health"][0] == "fail"
    assert file.name in parse_findings(ran)["health"][1]
    assert "archive verify" in parse_findings(ran)["health"][2]


def test_doctor__archive_of_a_newer_version(working_program: Run, tmp_path: Path) -> None:
    marker = tmp_path / "archive" / "ARCHIVE"
    marker.chmod(0o644)
    marker.write_text("reddit-archive 9\n")
    ran = working_program("doctor", "--offline")
    assert ran.code == 1
    assert parse_findings(ran)["archive"][2] == "Install a newer reddit-archive."


def test_doctor__stale_index(working_program: Run, tmp_path: Path) -> None:
    (tmp_path / "archive" / "index.sqlite3").unlink()
    ran = working_program("doctor", "--offline")
    assert (ran.code, parse_findings(ran)["index"][0]) == (0, "warn")
    assert working_program("reindex").code == 0
    assert parse_findings(working_program("doctor", "--offline"))["index"][0] == "ok"


def test_doctor__left_over_temp_files(working_program: Run, tmp_path: Path) -> None:
    draft = tmp_path / "archive" / "tmp" / ".99-x.part"
    draft.parent.mkdir(exist_ok=True)
    draft.write_bytes(b"half")
    os.utime(draft, (1, 1))
    line = parse_findings(working_program("doctor", "--offline"))["drafts"]
    assert line[0] == "note"
    assert line[2] == "The next save removes those older than a day."


def test_doctor__no_archive_yet(tmp_path: Path) -> None:
    ran = run_program(tmp_path, "doctor", "--offline", "--archive", "deep/down")
    assert ran.code == 0
    assert "the first save creates it" in parse_findings(ran)["archive"][1]
    assert not (tmp_path / "deep").exists()


def test_doctor__archive_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run_program(tmp_path, "doctor", "--offline", "--archive", "file/archive")
    assert ran.code == 1
    assert parse_findings(ran)["archive"][0] == "fail"


# Secrets


@pytest.mark.parametrize(
    "fault",
    [
        None,
        *(pytest.param(each, marks=slow) for each in (rs.SERVER_ERROR(503), rs.HTML_403)),
        rs.Fault(401),
    ],
    ids=str,
)
@pytest.mark.parametrize("part", ["access_token", pytest.param("api/info", marks=slow)])
def test_s5__doctor_shows_no_secret(
    part: str, fault: rs.Fault | None, working_program: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    if fault:
        reddit.fail(part, fault, times=None)
    runs = [working_program("doctor", "-vv"), working_program("doctor", "-vv", "--json")]
    wrong = build_key_settings(reddit, client_secret=SENTINEL, username="me", password=SENTINEL)
    write_config(tmp_path, reddit, reddit=wrong)
    runs.append(working_program("doctor", "-vv"))
    tokens = [x.headers["authorization"].split()[1] for x in reddit.log if x.kind == "info"]
    (tmp_path / "config.yaml").unlink()
    text = "".join(ran.out + ran.err for ran in runs).encode()
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert find_leaks([SENTINEL, rs.CLIENT_SECRET, *tokens], [text, *files]) == []
