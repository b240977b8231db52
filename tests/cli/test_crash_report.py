"""An unexpected error prints one line without secrets, and a report without text of a thread."""

import re
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures.process import _ExceptionWithTraceback
from pathlib import Path
from urllib.parse import quote

import pytest

from reddit_archive import cli
from reddit_archive.cli import configured_secrets, crash_report, secret_scrubber
from reddit_archive.cli.commands import doctor
from reddit_archive.cli.commands import verify as verify_module
from reddit_archive.config import Settings
from reddit_archive.parallel import ordered_map
from reddit_archive.workflows import source_checks

SECRET = "S3NT1NEL-do-not-leak/+&="
LINE = re.compile(r"archive: this should not have happened \(([^\n]+)\)\n")
Crash = Callable[..., tuple[str, str]]


@pytest.fixture
def crash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Crash:
    """Run `archive verify` with an error inside; return what stderr and the report say."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    configured_secrets.SECRETS.clear()
    (tmp_path / "config.yaml").write_text(f"reddit:\n  client_secret: {SECRET}\n")

    def run(error: Exception, *options: str) -> tuple[str, str]:
        def fail(_: Path) -> None:
            raise error

        monkeypatch.setattr(verify_module, "require_archive", fail)
        named = ["archive", "verify", "--config", str(tmp_path / "config.yaml"), *options]
        monkeypatch.setattr("sys.argv", named)
        with pytest.raises(SystemExit):
            cli.main()
        reports = [path.read_text() for path in (tmp_path / "state").rglob("crash-*.txt")]
        return capsys.readouterr().err, "".join(reports)

    return run


def test_crash__shows_type_and_message_on_one_line(crash: Crash) -> None:
    err, _ = crash(ValueError("no\x1b[31m such\n\u2028 thing"))
    found = LINE.match(err)
    assert found is not None
    assert found[1] == "ValueError: no\\x1b[31m such thing"


def test_crash__shortens_long_messages(crash: Crash) -> None:
    assert len(crash(ValueError("word " * 1_000))[0].splitlines()[0]) < 300
    assert "(the message is too long)" in crash(ValueError("x" * 10**6))[0]


def test_crash__writes_a_report_and_prints_its_path(crash: Crash, tmp_path: Path) -> None:
    err, report = crash(KeyError("what somebody wrote"))
    path = Path(err.split("the file ")[1].strip())
    assert path.is_relative_to(tmp_path / "state" / "reddit-archive")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert report.startswith("builtins.KeyError\n  cli/__init__.py:")
    assert re.search(r"^  cli/commands/verify\.py:\d+ in verify_command$", report, re.MULTILINE)
    assert re.search(r"^Python 3\.\d", report, re.MULTILINE)
    assert "what somebody wrote" not in report


def test_crash__writes_one_file_per_error(crash: Crash, tmp_path: Path) -> None:
    for text in ("one", "two"):
        crash(ValueError(text))
    assert len(list((tmp_path / "state").rglob("*.txt"))) == 1


def test_crash__without_a_state_folder_names_no_path(crash: Crash, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    err, report = crash(ValueError("x"))
    assert (report, "with -vv" in err) == ("", True)


def _messages() -> list[str]:
    token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IlNIQTI1NiJ9"
    encoded = b64encode(f":{SECRET}".encode()).decode()
    return [
        f"key {SECRET} is odd",
        f"client_secret={quote(SECRET, safe='')}",
        f"headers {{'Authorization': 'Basic {encoded}'}}",
        "{'Authorization': 'Bearer short-token'}",
        'Authorization: Bearer short-token, "Cookie": "session=short-token"',
        f"got {token} from Reddit",
        "https://someone:short-token@reddit.com/r/x",
        "proxy http://short-token@127.0.0.1:8080",
        "https://example.com/a?code=short-token#short-token",
        "Max retries exceeded with url: /api/v1/authorize?state=short-token (Caused by x)",
        "password: 'short token, short-token'",
    ]


@pytest.mark.parametrize("message", _messages())
@pytest.mark.parametrize("is_cause", [False, True])
def test_crash__prints_no_secret(crash: Crash, message: str, is_cause: bool) -> None:
    error = ValueError("x") if is_cause else ValueError(message)
    error.__cause__ = ValueError(message)
    output = "".join(crash(error, "-vv"))
    assert "Traceback" in output
    for secret in (SECRET, quote(SECRET, safe=""), "short-token", "eyJhbG", _encoded()):
        assert secret not in output


def _encoded() -> str:
    return b64encode(f":{SECRET}".encode()).decode().rstrip("=")


def test_crash__control_prints_the_secret_without_scrubbing(
    crash: Crash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_scrubber, "scrub", str)
    assert SECRET in crash(ValueError(SECRET))[0]


@pytest.mark.parametrize(
    "text",
    [
        "'NoneType' object has no attribute 'get'",
        "list index out of range",
        "/home/me/archive/threads/t3_abc/20261128.json: invalid",
        "can't decode byte 0xff in position 12 of an_ordinary_name_of_a_function",
    ],
)
def test_scrub__keeps_plain_messages(text: str) -> None:
    assert secret_scrubber.scrub(text) == text


def test_scrub__takes_linear_time() -> None:
    for part in ("token", "a=", "://@", "/?", "secret: '", "x" * 19 + " "):
        secret_scrubber.scrub(part * (20_000 // len(part)))  # quadratic time would take seconds


def test_report__lists_the_frames_of_a_worker() -> None:
    try:
        ordered_map._map_chunk(int, ["what somebody wrote"])
    except ValueError as error:
        rebuild, args = _ExceptionWithTraceback(error, error.__traceback__).__reduce__()
        received = rebuild(*args)
    report = crash_report.build_report(received)
    assert re.search(
        r"^  parallel/ordered_map\.py:\d+ in _map_chunk \(worker\)$", report, re.MULTILINE
    )
    assert "what somebody wrote" not in report


def test_doctor__reports_an_unexpected_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def fail(_: Settings) -> None:
        raise ValueError("odd, Bearer short-token")

    (found,) = source_checks.run_checks({"Reddit": fail}, Settings(), doctor.report_crash)  # type: ignore[dict-item]
    assert "(ValueError: odd, Bearer [hidden])" in found.message
    (path,) = tmp_path.rglob("crash-*.txt")
    assert str(path) in found.hint
