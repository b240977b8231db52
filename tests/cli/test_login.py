"""`archive login` writes a key that Reddit accepts to a file that only the user can read."""

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
from tests.conftest import PROGRAM, Ran, Run, run_program, write_config
from tests.support import reddit_server as rs
from tests.support.secret_leaks import SENTINEL, find_leaks

SCRIPT = ("login", "--kind", "script", "--client-id", rs.CLIENT_ID)
BROWSER = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"User-Agent": "test:browser:1"})
open("page.txt", "wb").write(urllib.request.urlopen(request).read())
"""


@pytest.fixture
def own_config(tmp_path: Path, reddit: rs.Server) -> Path:
    """The user's own config.yaml, without a key; there is none in the working folder."""
    (tmp_path / "config.yaml").unlink()
    file = tmp_path / "reddit-archive" / "config.yaml"
    file.parent.mkdir()
    file.write_text(
        "# my own\ntries: 1\nmedia: {save: false}\nreddit:\n"
        f'  user_agent: "{rs.USER_AGENT}"  # a name\n'
        f"  oauth_url: {reddit.url}\n  reddit_url: {reddit.url}\n"
    )
    return file


@pytest.fixture
def own_key(own_config: Path) -> Path:
    """The user's own credentials.yaml, which does not exist yet."""
    return own_config.with_name("credentials.yaml")


@pytest.fixture
def in_folder(tmp_path: Path) -> Run:
    return partial(run_program, tmp_path)


def read_key(file: Path) -> dict[str, str]:
    return dict(yaml.safe_load(file.read_text())["reddit"])


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def logged_in_by_browser(run: Run, reddit: rs.Server, folder: Path, *more: str) -> Ran:
    """Run the login with a browser that follows redirects."""
    uri = f"http://127.0.0.1:{free_port()}/back"
    reddit.tokens.redirect_uris[rs.CLIENT_ID] = uri
    (folder / "browser.py").write_text(BROWSER)
    env = {"BROWSER": f"{sys.executable} {folder / 'browser.py'} %s"}
    options = ("--refresh", "--redirect-uri", uri, *more)
    return run(*SCRIPT, *options, stdin=rs.CLIENT_SECRET.encode(), env=env)


# What is written


def test_login__writes_the_key_and_leaves_config_yaml_alone(
    in_folder: Run, own_config: Path, own_key: Path
) -> None:
    before = own_config.read_bytes()
    ran = in_folder(*SCRIPT, stdin=f"{rs.CLIENT_SECRET}\n".encode())
    assert (ran.code, ran.out) == (0, "")
    assert f"It is in {own_key}" in ran.err
    assert read_key(own_key)["client_secret"] == rs.CLIENT_SECRET
    assert own_config.read_bytes() == before
    assert in_folder("9bread1").code == 0


def test_login__key_works_in_a_folder_with_a_config_yaml(
    in_folder: Run, own_key: Path, tmp_path: Path, reddit: rs.Server
) -> None:
    in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    write_config(tmp_path, reddit, reddit={"user_agent": rs.USER_AGENT})
    reddit.reset_log()
    assert in_folder("9bread1").code == 0
    assert reddit.count("token") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_login__only_the_user_can_read_the_file(in_folder: Run, own_key: Path) -> None:
    own_key.write_text("reddit: {username: me}\n")
    own_key.chmod(0o644)
    ran = in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    assert own_key.stat().st_mode & 0o777 == 0o600
    assert "Until now, others on this machine could read that file" in ran.err
    assert read_key(own_key)["username"] == "me"
    again = in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    assert "Until now" not in again.err
    assert sorted(os.listdir(own_key.parent)) == ["config.yaml", "credentials.yaml"]


def test_login__installed_app_removes_an_old_secret(in_folder: Run, own_key: Path) -> None:
    in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    ran = in_folder("login", "--kind", "installed", "--client-id", rs.INSTALLED_ID)
    assert ran.code == 0
    assert read_key(own_key)["client_id"] == rs.INSTALLED_ID
    assert "client_secret" not in read_key(own_key)


def test_login__key_of_1_x_in_config_yaml_is_reported_and_not_used(
    in_folder: Run, own_config: Path, own_key: Path, reddit: rs.Server
) -> None:
    with own_config.open("a") as file:
        file.write("  client_id: old\n  client_secret: old\n")
    ran = in_folder("login", "--kind", "installed", "--client-id", rs.INSTALLED_ID)
    assert f"{own_config} still holds client_id, client_secret, which commands no lo" in ran.err
    assert in_folder("9bread1").code == 0


def test_login__dry_run_names_the_file_and_creates_none(in_folder: Run, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "own.yaml"
    ran = in_folder("login", "--dry-run", env={"REDDIT_ARCHIVE_CONFIG": str(file)})
    assert ran.code == 0
    assert str(file.with_name("own.credentials.yaml")) in ran.out
    assert not file.parent.exists()


def test_login__config_file_elsewhere_gets_its_own_key(
    in_folder: Run, own_config: Path, own_key: Path, tmp_path: Path
) -> None:
    """As in 1.x, the key of one config file replaces no other key."""
    in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    before = own_key.read_bytes()
    bot = tmp_path / "bots" / "bot.yaml"
    key = login.Target(bot.with_name("bot.credentials.yaml"), bot, {}, {})
    with click.Context(login.login_command):
        login._write(key, {"client_id": "bot", "client_secret": None})
    assert read_key(key.path) == {"client_id": "bot"}
    assert os.name == "nt" or key.path.stat().st_mode & 0o777 == 0o600
    assert own_key.read_bytes() == before
    ran = in_folder("doctor", "--offline", "--config", bot, "--json")
    assert f"installed app, from {key.path}" in ran.out


def test_login__config_file_of_this_folder_uses_the_own_key(
    in_folder: Run, own_key: Path, tmp_path: Path, reddit: rs.Server
) -> None:
    """The key is then not among the files of a project."""
    write_config(tmp_path, reddit, reddit={"user_agent": rs.USER_AGENT})
    ran = in_folder("login", "--dry-run", "--config", "config.yaml")
    assert f"to {own_key}, which" in ran.out


def test_write__folder_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    config_file = tmp_path / "file" / "own.yaml"
    target = login.Target(config_file.with_name("own.credentials.yaml"), config_file, {}, {})
    with (
        click.Context(login.login_command),
        pytest.raises(errors.ConfigError, match="can't write") as caught,
    ):
        login._write(target, {"client_id": "x"})
    assert "--config FILE" in caught.value.hint


def test_login__refused_key_is_not_written(in_folder: Run, own_key: Path) -> None:
    ran = in_folder(*SCRIPT, stdin=b"wrong")
    assert ran.code == 5
    assert "does not accept the key (status 401)" in ran.err
    assert "Check the ID, the secret and the type of the app. Nothing was written." in ran.err
    assert not own_key.exists()


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (rs.SERVER_ERROR(503), 1, "(status 503)"),
        (rs.HTML_403, 5, "refuses the login (status 403)"),
        (rs.Fault(200, {}, '{"error": "invalid_grant"}'), 5, "(invalid_grant)"),
        (rs.CLOSED, 1, "can't be reached"),
    ],
    ids=str,
)
def test_login__failed_request_is_reported_and_not_repeated(
    fault: rs.Fault, code: int, message: str, in_folder: Run, own_key: Path, reddit: rs.Server
) -> None:
    reddit.fail("access_token", fault, times=None)
    ran = in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    assert ran.code == code
    assert message in ran.err
    assert "Nothing was written" in ran.err
    assert not own_key.exists()
    assert reddit.count("token") == 1


@pytest.mark.parametrize(
    ("options", "stdin", "message"),
    [
        ((), b"", "pass --client-id ID"),
        (("--client-id", "an id"), b"x", "without spaces"),
        (("--client-id", "id"), b"", "there is no secret on stdin"),
    ],
)
def test_login__without_a_terminal_says_what_is_missing(
    options: tuple[str, ...], stdin: bytes, message: str, in_folder: Run, own_config: Path
) -> None:
    ran = in_folder("login", *options, stdin=stdin)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize("text", ["tries: 2\n", "- a\n", "reddit: {client: x}\n", "a: ["])
def test_login__leaves_a_file_of_another_kind(text: str, in_folder: Run, own_key: Path) -> None:
    own_key.write_text(text)
    ran = in_folder(*SCRIPT, stdin=rs.CLIENT_SECRET.encode())
    assert ran.code == 5
    assert str(own_key) in ran.err
    assert own_key.read_text() == text


def test_login__says_what_overrides_the_file(in_folder: Run, own_key: Path) -> None:
    ran = in_folder(*SCRIPT, env={"REDDIT_ARCHIVE_CLIENT_SECRET": rs.CLIENT_SECRET})
    assert ran.code == 0
    assert "REDDIT_ARCHIVE_CLIENT_SECRET is set in the environment, and overrides" in ran.err
    assert read_key(own_key)["client_secret"] == rs.CLIENT_SECRET


# On a terminal


def on_terminal(folder: Path, *args: str, dialog: list[tuple[str, str]]) -> tuple[int, str]:
    """Run the program on a new terminal, and answer each prompt when it appears."""
    controller, terminal = os.openpty()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REDDIT_", "praw_"))}
    command = 'exec "$0" "$@" <TTY >TTY 2>&1'.replace("TTY", os.ttyname(terminal))
    process = subprocess.Popen(
        ["sh", "-c", command, str(PROGRAM), *args],
        cwd=folder,
        env={**clean, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "TERM": "dumb"},
        start_new_session=True,  # so that the terminal becomes the one that getpass uses
        pass_fds=(terminal,),  # keeps the terminal open until the program opens it
    )
    os.close(terminal)
    screen, waiting = "", list(dialog)
    while select.select([controller], [], [], 20)[0]:
        try:
            screen += os.read(controller, 4096).decode()
        except OSError:  # Linux reports this when the other end is closed
            break
        if waiting and waiting[0][0] in screen[-80:]:
            os.write(controller, f"{waiting.pop(0)[1]}\n".encode())
    os.close(controller)
    return process.wait(20), screen


@pytest.mark.skipif(sys.platform != "linux", reason="other systems open terminals differently")
def test_login__prompts_and_shows_no_secret(own_key: Path, tmp_path: Path) -> None:
    dialog = [
        ("Number [1]: ", "7"),
        ("Number [1]: ", ""),
        ("ID: ", rs.CLIENT_ID),
        ("Secret: ", rs.CLIENT_SECRET),
    ]
    code, screen = on_terminal(tmp_path, "login", dialog=dialog)
    assert code == 0, screen
    assert "https://www.reddit.com/prefs/apps" in screen
    assert "only on application" in screen
    assert rs.CLIENT_ID in screen
    assert rs.CLIENT_SECRET not in screen
    assert read_key(own_key)["client_secret"] == rs.CLIENT_SECRET


@pytest.mark.skipif(sys.platform != "linux", reason="other systems open terminals differently")
def test_login__no_prompt_for_the_secret_of_an_installed_app(own_key: Path, tmp_path: Path) -> None:
    dialog = [("Number [1]: ", "2"), ("ID: ", rs.INSTALLED_ID)]
    code, screen = on_terminal(tmp_path, "login", dialog=dialog)
    assert code == 0, screen
    assert read_key(own_key)["client_id"] == rs.INSTALLED_ID


# Secrets


@pytest.mark.parametrize(
    "fault",
    [
        None,
        *(
            pytest.param(fault, marks=pytest.mark.slow)
            for fault in (rs.SERVER_ERROR(503), rs.HTML_403)
        ),
        rs.Fault(401),
    ],
    ids=str,
)
def test_s5__login_shows_no_secret(
    fault: rs.Fault | None, in_folder: Run, own_key: Path, reddit: rs.Server, tmp_path: Path
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
    stored = read_key(own_key) if own_key.exists() else {}
    tokens = [stored.get("refresh_token", SENTINEL)]
    codes = [each.form["code"] for each in reddit.requests("token") if "code" in each.form]
    assert len(codes) == 1
    text = "".join(ran.out + ran.err for ran in runs).encode()
    others = [x.read_bytes() for x in tmp_path.rglob("*") if x.is_file() and x != own_key]
    assert find_leaks([SENTINEL, rs.CLIENT_SECRET, *tokens, *codes], [text, *others]) == []


# Through the browser


def test_login__refresh_token_through_the_browser(
    in_folder: Run, own_key: Path, reddit: rs.Server, tmp_path: Path
) -> None:
    ran = logged_in_by_browser(in_folder, reddit, tmp_path)
    assert ran.code == 0, ran.err
    assert read_key(own_key)["refresh_token"] in reddit.tokens.refresh_tokens
    assert "Go back to the terminal" in (tmp_path / "page.txt").read_text()
    assert "must be exactly http://127.0.0.1:" in ran.err
    assert in_folder("9bread1").code == 0
    assert reddit.requests("token")[-1].form["grant_type"] == "refresh_token"


def test_login__denied_consent(
    in_folder: Run, own_key: Path, reddit: rs.Server, tmp_path: Path
) -> None:
    reddit.tokens.allows = False
    ran = logged_in_by_browser(in_folder, reddit, tmp_path)
    assert ran.code == 5
    assert "you did not allow the app on Reddit" in ran.err
    assert not own_key.exists()


def test_login__password_that_would_override_the_token(
    in_folder: Run, own_config: Path, reddit: rs.Server, tmp_path: Path
) -> None:
    with own_config.open("a") as file:
        file.write("  username: me\n  password: mine\n")
    ran = logged_in_by_browser(in_folder, reddit, tmp_path)
    assert ran.code == 5
    assert "Remove the password first" in ran.err
    assert reddit.requests("authorize") == []


# The callback server


def send_request(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def send_callback(
    query: str, *, path: str = "/"
) -> tuple[int, str, oauth_callback.CallbackParams | None]:
    """Send one request; return the response, and the parameters that the server accepted."""
    uri = f"http://127.0.0.1:{free_port()}/"
    with CallbackServer(uri, state="right", on_status=lambda _: None) as server:
        status, page = send_request(f"{uri.rstrip('/')}{path}?{query}")
        return status, page, server.wait(0.05)


def test_callback__correct_state_is_accepted() -> None:
    status, page, answer = send_callback("state=right&code=abc")
    assert status == 200
    assert answer == {"state": "right", "code": "abc"}
    assert "abc" not in page


@pytest.mark.parametrize("state", ["", "wrong", "righ", "right%C3%A9", "Right"])
def test_callback__other_states_are_refused(state: str) -> None:
    status, page, answer = send_callback(f"state={state}&code=abc")
    assert (status, answer) == (400, None)
    assert "abc" not in page


def test_callback__control_without_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth_callback.hmac, "compare_digest", lambda one, other: True)
    assert send_callback("state=wrong&code=abc")[2] is not None


def test_callback__other_paths_are_ignored() -> None:
    assert send_callback("state=right&code=abc", path="/favicon.ico")[::2] == (404, None)


def test_callback__accepts_one_answer_and_waits_for_it() -> None:
    uri, messages = f"http://127.0.0.1:{free_port()}/", list[str]()
    with CallbackServer(uri, state="right", on_status=messages.append) as server:
        assert send_request(f"{uri}?state=wrong&code=evil")[0] == 400
        assert send_request(f"{uri}?state=right&code=mine")[0] == 200
        assert send_request(f"{uri}?state=right&code=late")[0] == 410
        answer = server.wait(5)
    assert answer == {"state": "right", "code": "mine"}
    assert messages == [oauth_callback.STATE_MISMATCH]


def test_callback__listens_only_on_this_machine_and_closes() -> None:
    port = free_port()
    with CallbackServer(
        f"http://localhost:{port}/", state="right", on_status=lambda _: None
    ) as server:
        assert server._server.server_address == ("127.0.0.1", port)
    with pytest.raises(ConnectionRefusedError):
        send_request(f"http://127.0.0.1:{port}/")


def test_callback__port_in_use() -> None:
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
def test_callback__other_addresses_are_refused(uri: str) -> None:
    with pytest.raises(errors.ConfigError, match="not a URL on this machine"):
        oauth_callback.parse_redirect_uri(uri)


# Types of keys


@pytest.mark.parametrize("flow", ["script", "installed", "refresh", "password"])
def test_key__same_token_request_as_a_save(flow: str, reddit: rs.Server) -> None:
    settings = {k: v for k, v in reddit.settings(flow).items() if k != "check_for_updates"}
    Credentials(settings).request_token()
    source = RedditSource(settings, retry_policy=RetryPolicy(1, 0), on_status=lambda _: None)
    source.resolve(Reference(comment_id="zkeep01"))
    login_request, save_request = reddit.requests("token")
    assert login_request.form == save_request.form
    assert login_request.headers["authorization"] == save_request.headers["authorization"]


@pytest.mark.parametrize(
    ("settings", "description"),
    [
        ({}, ""),
        ({"client_id": "x"}, "installed app"),
        ({"client_id": "x", "client_secret": "y"}, "script or web app"),
        ({"client_id": "x", "refresh_token": "y"}, "installed app, with a refresh token"),
    ],
)
def test_describe__names_the_type_and_no_value(settings: dict[str, str], description: str) -> None:
    assert describe_credentials(settings) == description
