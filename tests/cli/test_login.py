"""`archive login`: a key is written once Reddit takes it, for its owner's eyes alone."""

import http.client
import os
import select
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import yaml

from reddit_archive import errors
from reddit_archive.cli.commands import login
from reddit_archive.model.reference import Reference
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.reddit_api import RedditSource, oauth_callback
from reddit_archive.sources.reddit_api.auth import Credentials, describe_credentials
from reddit_archive.sources.reddit_api.oauth_callback import CallbackServer
from tests.cli.test_promises import SENTINEL, leaks
from tests.conftest import PROGRAM, Ran, Run, run_program
from tests.support import reddit_server as rs

SCRIPT = ("login", "--kind", "script", "--client-id", rs.CLIENT_ID)
BROWSER = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"User-Agent": "test:browser:1"})
open("page.txt", "wb").write(urllib.request.urlopen(request).read())
"""


@pytest.fixture
def own(tmp_path: Path, reddit: rs.Server) -> Path:
    """The user's own config.yaml, without a key; there is none in the working folder."""
    (tmp_path / "config.yaml").unlink()
    file = tmp_path / "reddit-archive" / "config.yaml"
    file.parent.mkdir()
    file.write_text(
        "# my own\ntries: 1\nmedia: {save: false}\nreddit:\n"
        f'  user_agent: "{rs.USER_AGENT}"  # a name\n'
        f"  oauth_url: {reddit.url}\n  reddit_url: {reddit.url}\n"
    )
    file.chmod(0o644)
    return file


@pytest.fixture
def in_folder(tmp_path: Path) -> Run:
    return partial(run_program, tmp_path)


def key_in(file: Path) -> dict[str, str]:
    return {k: v for k, v in yaml.safe_load(file.read_text())["reddit"].items() if v is not None}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def logged_in_by_browser(run: Run, reddit: rs.Server, folder: Path, *more: str) -> Ran:
    """Run the login with a browser that follows where it is sent."""
    uri = f"http://127.0.0.1:{free_port()}/back"
    reddit.tokens.redirect_uris[rs.CLIENT_ID] = uri
    (folder / "browser.py").write_text(BROWSER)
    env = {"BROWSER": f"{sys.executable} {folder / 'browser.py'} %s"}
    options = ("--refresh", "--redirect-uri", uri, *more)
    return run(*SCRIPT, *options, stdin=rs.CLIENT_SECRET.encode(), env=env)


# What is written


def test_login__writes_the_key_and_keeps_the_rest(in_folder: Run, own: Path) -> None:
    before = own.read_text()
    done = in_folder(*SCRIPT, stdin=f"{rs.CLIENT_SECRET}\n".encode())
    assert (done.code, done.out) == (0, "")
    assert key_in(own)["client_secret"] == rs.CLIENT_SECRET
    kept = [line for line in own.read_text().splitlines() if "client_" not in line]
    assert kept == before.splitlines()
    assert in_folder("9bread1").code == 0


@pytest.mark.skipif(os.name == "nt", reason="it has no modes")
def test_login__file_is_its_owners_alone(in_folder: Run, own: Path) -> None:
    done = in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    assert own.stat().st_mode & 0o777 == 0o600
    assert "Until now others on this machine could read that file" in done.err
    again = in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    assert "Until now" not in again.err
    assert os.listdir(own.parent) == ["config.yaml"]


def test_login__installed_app_takes_an_old_secret_out(in_folder: Run, own: Path) -> None:
    in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    done = in_folder("login", "--kind", "installed", "--client-id", rs.INSTALLED_ID)
    assert done.code == 0
    assert key_in(own)["client_id"] == rs.INSTALLED_ID
    assert "client_secret" not in key_in(own)


def test_login__dry_run_names_the_file_and_makes_none(in_folder: Run, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "own.yaml"
    done = in_folder("login", "--dry-run", env={"REDDIT_ARCHIVE_CONFIG": str(file)})
    assert done.code == 0
    assert str(file) in done.out
    assert not file.parent.exists()


def test_write__new_file_in_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "own.yaml"
    with click.Context(login.login_command):
        login._write(file, {"client_id": "x", "client_secret": None})
    assert file.read_text() == 'reddit:\n  client_id: "x"\n'
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600


def test_write__place_that_takes_no_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        click.Context(login.login_command),
        pytest.raises(errors.ConfigError, match="can't write") as caught,
    ):
        login._write(tmp_path / "file" / "own.yaml", {"client_id": "x"})
    assert "--config FILE" in caught.value.hint


def test_login__refused_key_is_not_written(in_folder: Run, own: Path) -> None:
    before = own.read_bytes()
    done = in_folder(*SCRIPT, stdin=b"wrong")
    assert done.code == 5
    assert "does not accept the key (status 401)" in done.err
    assert "Check the id, the secret and the kind of app. Nothing was written." in done.err
    assert own.read_bytes() == before


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (rs.SERVER_ERROR(503), 1, "trouble of its own (status 503)"),
        (rs.HTML_403, 5, "refuses the login (status 403)"),
        (rs.Fault(200, {}, '{"error": "invalid_grant"}'), 5, "(invalid_grant)"),
        (rs.CLOSED, 1, "can't be reached"),
    ],
    ids=str,
)
def test_login__trouble_is_said_and_asked_about_once(
    fault: rs.Fault, code: int, said: str, in_folder: Run, own: Path, reddit: rs.Server
) -> None:
    reddit.fail("access_token", fault, times=None)
    before = own.read_bytes()
    done = in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    assert done.code == code
    assert said in done.err
    assert "Nothing was written" in done.err
    assert own.read_bytes() == before
    assert reddit.count("token") == 1


@pytest.mark.parametrize(
    ("given", "stdin", "said"),
    [
        ((), b"", "give --client-id ID"),
        (("--client-id", "an id"), b"x", "in one piece"),
        (("--client-id", "id"), b"", "there is no secret on stdin"),
    ],
)
def test_login__without_a_terminal_says_what_is_missing(
    given: tuple[str, ...], stdin: bytes, said: str, in_folder: Run, own: Path
) -> None:
    done = in_folder("login", *given, stdin=stdin)
    assert done.code == 2
    assert said in done.err


def test_login__file_that_it_would_spoil_is_left(in_folder: Run, tmp_path: Path) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text("{tries: 2}")
    done = in_folder(*SCRIPT, "--config", odd, stdin=rs.CLIENT_SECRET.encode())
    assert done.code == 5
    assert "without harm" in done.err
    assert "client_secret: …" in done.err
    assert odd.read_text() == "{tries: 2}"


# What is said of other places


def test_login__says_what_would_win_over_it(in_folder: Run, own: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("tries: 2\n")
    env = {"REDDIT_ARCHIVE_CLIENT_SECRET": rs.CLIENT_SECRET}
    done = in_folder(*SCRIPT, env=env)
    assert done.code == 0
    assert "config.yaml is read in its place" in done.err
    assert "REDDIT_ARCHIVE_CLIENT_SECRET is set in the environment, and wins" in done.err
    assert key_in(own)["client_secret"] == rs.CLIENT_SECRET


# On a terminal


def on_terminal(folder: Path, *args: str, dialog: list[tuple[str, str]]) -> tuple[int, str]:
    """Run the program on a terminal of its own: answer each text once it stands there."""
    mine, its = os.openpty()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REDDIT_", "praw_"))}
    opened = 'exec "$0" "$@" <TTY >TTY 2>&1'.replace("TTY", os.ttyname(its))
    process = subprocess.Popen(
        ["sh", "-c", opened, str(PROGRAM), *args],
        cwd=folder,
        env={**clean, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "TERM": "dumb"},
        start_new_session=True,  # so that the terminal becomes its own, where getpass asks
        pass_fds=(its,),  # a terminal that nobody holds is gone before it is opened
    )
    os.close(its)
    shown, waiting = "", list(dialog)
    while select.select([mine], [], [], 20)[0]:
        try:
            shown += os.read(mine, 4096).decode()
        except OSError:  # Linux says so when the other end is closed
            break
        if waiting and waiting[0][0] in shown[-80:]:
            os.write(mine, f"{waiting.pop(0)[1]}\n".encode())
    os.close(mine)
    return process.wait(20), shown


@pytest.mark.skipif(sys.platform != "linux", reason="terminals are opened otherwise elsewhere")
def test_login__asks_on_a_terminal_and_shows_no_secret(own: Path, tmp_path: Path) -> None:
    dialog = [
        ("Number [1]: ", "7"),
        ("Number [1]: ", ""),
        ("Id: ", rs.CLIENT_ID),
        ("Secret: ", rs.CLIENT_SECRET),
    ]
    code, shown = on_terminal(tmp_path, "login", dialog=dialog)
    assert code == 0, shown
    assert "https://www.reddit.com/prefs/apps" in shown
    assert "on application only" in shown
    assert rs.CLIENT_ID in shown
    assert rs.CLIENT_SECRET not in shown
    assert key_in(own)["client_secret"] == rs.CLIENT_SECRET


@pytest.mark.skipif(sys.platform != "linux", reason="terminals are opened otherwise elsewhere")
def test_login__installed_app_is_not_asked_for_a_secret(own: Path, tmp_path: Path) -> None:
    dialog = [("Number [1]: ", "2"), ("Id: ", rs.INSTALLED_ID)]
    code, shown = on_terminal(tmp_path, "login", dialog=dialog)
    assert code == 0, shown
    assert key_in(own)["client_id"] == rs.INSTALLED_ID


# Secrets


@pytest.mark.parametrize("fault", [None, rs.SERVER_ERROR(503), rs.HTML_403, rs.Fault(401)], ids=str)
def test_s5__login_shows_no_secret(
    fault: rs.Fault | None, in_folder: Run, own: Path, reddit: rs.Server, tmp_path: Path
) -> None:
    if fault:
        reddit.fail("access_token", fault, times=None)
    runs = [
        in_folder(*SCRIPT, "-vv", stdin=SENTINEL.encode()),
        in_folder(*SCRIPT, "-vv", stdin=rs.CLIENT_SECRET.encode()),
        in_folder(*SCRIPT, "-vv", env={"REDDIT_ARCHIVE_CLIENT_SECRET": SENTINEL}),
        in_folder(*SCRIPT, "-vv", "--config", "config.yaml", stdin=f"{SENTINEL} ü".encode()),
        logged_in_by_browser(in_folder, reddit, tmp_path, "-vv"),
    ]
    tokens = [key_in(own).get("refresh_token", SENTINEL)]
    codes = [each.form["code"] for each in reddit.requests("token") if "code" in each.form]
    assert len(codes) == 1
    text = "".join(ran.out + ran.err for ran in runs).encode()
    others = [x.read_bytes() for x in tmp_path.rglob("*") if x.is_file() and x != own]
    assert leaks([SENTINEL, rs.CLIENT_SECRET, *tokens, *codes], [text, *others]) == []


# Through the browser


def test_login__refresh_token_through_the_browser(
    in_folder: Run, own: Path, reddit: rs.Server, tmp_path: Path
) -> None:
    done = logged_in_by_browser(in_folder, reddit, tmp_path)
    assert done.code == 0, done.err
    assert key_in(own)["refresh_token"] in reddit.tokens.refresh_tokens
    assert "Go back to the terminal" in (tmp_path / "page.txt").read_text()
    assert "must be exactly http://127.0.0.1:" in done.err
    assert in_folder("9bread1").code == 0
    assert reddit.requests("token")[-1].form["grant_type"] == "refresh_token"


def test_login__consent_that_is_denied(
    in_folder: Run, own: Path, reddit: rs.Server, tmp_path: Path
) -> None:
    reddit.tokens.allows = False
    before = own.read_bytes()
    done = logged_in_by_browser(in_folder, reddit, tmp_path)
    assert done.code == 5
    assert "you did not allow it on Reddit" in done.err
    assert own.read_bytes() == before


def test_login__password_that_would_win_over_the_token(
    in_folder: Run, own: Path, reddit: rs.Server, tmp_path: Path
) -> None:
    with own.open("a") as file:
        file.write("  username: me\n  password: mine\n")
    done = logged_in_by_browser(in_folder, reddit, tmp_path)
    assert done.code == 5
    assert "Remove it there first" in done.err
    assert reddit.requests("authorize") == []


# The door


def knock(at: str) -> tuple[int, str]:
    url = urlsplit(at)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=5)
    try:
        connection.request("GET", f"{url.path}?{url.query}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def through(
    query: str, *, path: str = "/"
) -> tuple[int, str, oauth_callback.CallbackParams | None]:
    """Knock once; give what was answered, and what came through the door."""
    uri = f"http://127.0.0.1:{free_port()}/"
    with CallbackServer(uri, state="right", on_status=lambda _: None) as opened:
        status, page = knock(f"{uri.rstrip('/')}{path}?{query}")
        return status, page, opened.wait(0.05)


def test_door__right_state_comes_through() -> None:
    status, page, answer = through("state=right&code=abc")
    assert status == 200
    assert answer == {"state": "right", "code": "abc"}
    assert "abc" not in page


@pytest.mark.parametrize("state", ["", "wrong", "righ", "right%C3%A9", "Right"])
def test_door__other_states_do_not(state: str) -> None:
    status, page, answer = through(f"state={state}&code=abc")
    assert (status, answer) == (400, None)
    assert "abc" not in page


def test_door__control_without_the_comparison_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth_callback.hmac, "compare_digest", lambda one, other: True)
    assert through("state=wrong&code=abc")[2] is not None


def test_door__other_paths_do_not_count() -> None:
    assert through("state=right&code=abc", path="/favicon.ico")[::2] == (404, None)


def test_door__opens_once_and_waits_through_strangers() -> None:
    uri, said = f"http://127.0.0.1:{free_port()}/", list[str]()
    with CallbackServer(uri, state="right", on_status=said.append) as opened:
        assert knock(f"{uri}?state=wrong&code=evil")[0] == 400
        assert knock(f"{uri}?state=right&code=mine")[0] == 200
        assert knock(f"{uri}?state=right&code=late")[0] == 410
        answer = opened.wait(5)
    assert answer == {"state": "right", "code": "mine"}
    assert said == [oauth_callback.STATE_MISMATCH]


def test_door__is_on_this_machine_alone_and_closes() -> None:
    port = free_port()
    with CallbackServer(
        f"http://localhost:{port}/", state="right", on_status=lambda _: None
    ) as opened:
        assert opened._server.server_address == ("127.0.0.1", port)
    with pytest.raises(ConnectionRefusedError):
        knock(f"http://127.0.0.1:{port}/")


def test_door__port_in_use_is_one_sentence() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        uri = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(errors.ConfigError, match="can't listen on port") as caught:
            CallbackServer(uri, state="right", on_status=lambda _: None)
    assert "--redirect-uri" in caught.value.hint


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1:65010/",
        "http://192.168.0.1:65010/",
        "http://evil.example/",
        "http://127.0.0.1:x/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:65010/?x",
        "http://me@127.0.0.1/",
        "http://[",
        "",
    ],
)
def test_door__addresses_elsewhere_are_refused(uri: str) -> None:
    with pytest.raises(errors.ConfigError, match="not a URL on this machine"):
        oauth_callback.parse_redirect_uri(uri)


# Which grant


@pytest.mark.parametrize("flow", ["script", "installed", "refresh", "password"])
def test_key__asks_for_the_token_that_saving_asks_for(flow: str, reddit: rs.Server) -> None:
    settings = {k: v for k, v in reddit.settings(flow).items() if k != "check_for_updates"}
    Credentials(settings).request_token()
    source = RedditSource(settings, retry_policy=RetryPolicy(1, 0), on_status=lambda _: None)
    source.resolve(Reference(comment_id="zkeep01"))
    ours, theirs = reddit.requests("token")
    assert ours.form == theirs.form
    assert ours.headers["authorization"] == theirs.headers["authorization"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ""),
        ({"client_id": "x"}, "installed app"),
        ({"client_id": "x", "client_secret": "y"}, "script or web app"),
        ({"client_id": "x", "refresh_token": "y"}, "installed app, with a refresh token"),
    ],
)
def test_describe__names_the_kind_and_no_value(settings: dict[str, str], said: str) -> None:
    assert describe_credentials(settings) == said
