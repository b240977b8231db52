"""S6, S8: a Reddit key goes to Reddit, or to a host that its own source names."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from reddit_archive import config, errors
from reddit_archive.config import Settings, key_settings
from reddit_archive.config.settings import ENVIRONMENT
from reddit_archive.network import origins
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.reddit_api import RedditSource
from tests.conftest import OFFLINE, Run, run_program
from tests.support import reddit_server as rs
from tests.support.media_server import Server
from tests.support.network_servers import token_giver

ID, SECRET, TOKEN = (
    f"REDDIT_ARCHIVE_{name}" for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
)
IN_ENVIRONMENT = {ID: rs.CLIENT_ID, SECRET: rs.CLIENT_SECRET, TOKEN: rs.REFRESH_TOKEN}
KEY = {"client_id": rs.CLIENT_ID, "client_secret": rs.CLIENT_SECRET, "user_agent": rs.USER_AGENT}
COMMANDS = (
    ("9bread1",),
    ("save", "--first-page", "9bread1"),
    ("batch", "list.txt"),
    ("refresh", "page.md"),
    ("doctor",),
)
URLS = ("reddit_url", "oauth_url")


@pytest.fixture
def stranger() -> Iterator[Server]:
    """A host that is not Reddit's."""
    with token_giver() as server:
        yield server


def write(folder: Path, reddit: Mapping[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "list.txt").write_text("9bread1\n")
    (folder / "page.md").write_text("<!-- reddit: 9bread1 -->\n<!-- /reddit -->\n")
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump({**OFFLINE, "reddit": dict(reddit)}))
    return file


def run_in_project(folder: Path, *args: str, env: Mapping[str, str], **reddit: object) -> Any:
    """Run a command in a folder with this config.yaml, and a home elsewhere."""
    write(folder / "checkout", reddit)
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return run_program(folder / "checkout", *args, env={**home, **env})


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    "names",
    [URLS, *[pytest.param([name], marks=pytest.mark.slow) for name in URLS]],
    ids="+".join,
)
def test_project__does_not_get_the_key_of_the_environment(
    command: tuple[str, ...], names: tuple[str, ...], stranger: Server, tmp_path: Path
) -> None:
    urls = dict.fromkeys(names, stranger.url(""))
    ran = run_in_project(tmp_path, *command, env=IN_ENVIRONMENT, **urls)
    assert (ran.code, stranger.requests) == (5, [])
    output = ran.out + ran.err
    assert f"the Reddit key is not sent to 127.0.0.1:{stranger.port}: config.yaml names" in output
    assert "Traceback" not in output
    assert rs.CLIENT_SECRET not in output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_project__does_not_get_the_key_of_the_user(
    command: tuple[str, ...], stranger: Server, tmp_path: Path
) -> None:
    own = tmp_path / "reddit-archive" / "credentials.yaml"
    own.parent.mkdir()
    own.write_text(yaml.safe_dump({"reddit": KEY}))
    ran = run_in_project(tmp_path, *command, env={}, **dict.fromkeys(URLS, stranger.url("")))
    assert (ran.code, stranger.requests) == (5, [])
    assert f"not sent to 127.0.0.1:{stranger.port}: config.yaml names" in ran.out + ran.err
    assert rs.CLIENT_SECRET not in ran.out + ran.err


@pytest.mark.parametrize("name", [ID, SECRET, TOKEN])
def test_project__does_not_get_a_part_of_the_key(
    name: str, stranger: Server, tmp_path: Path
) -> None:
    urls = dict.fromkeys(URLS, stranger.url(""))
    ran = run_in_project(tmp_path, "9bread1", env={name: "theirs"}, **{**KEY, **urls})
    assert (ran.code, stranger.requests) == (5, [])
    assert f"but the environment holds {name.removeprefix('REDDIT_ARCHIVE_').lower()}" in ran.err


def test_project__control_key_is_sent_without_the_check(stranger: Server, tmp_path: Path) -> None:
    file = write(tmp_path, dict.fromkeys(URLS, stranger.url("")))
    settings = config.load(file, user_folder=tmp_path, environment=IN_ENVIRONMENT)
    source = RedditSource(settings.reddit, retry_policy=RetryPolicy(1, 0), on_status=lambda _: None)
    with suppress(errors.FetchError):  # the stranger's answers are not Reddit's
        source.look_up(["t3_9bread1"])
    assert len(stranger.requests) > 0


def test_users_file__does_not_get_the_key_of_the_environment(
    stranger: Server, tmp_path: Path
) -> None:
    write(tmp_path / "reddit-archive", dict.fromkeys(URLS, stranger.url("")))
    ran = run_program(tmp_path, "9bread1", env=IN_ENVIRONMENT)
    assert (ran.code, stranger.requests) == (5, [])


def test_file__own_key_goes_to_own_host(run: Run, reddit: rs.Server, tmp_path: Path) -> None:
    assert run("9bread1", env={"REDDIT_ARCHIVE_USER_AGENT": rs.USER_AGENT}).code == 0
    assert f"It is sent to {reddit.url[7:-1]}, not to" in " ".join(run("doctor").out.split())


def test_archive__is_readable_with_any_settings(
    run: Run, reddit: rs.Server, stranger: Server, tmp_path: Path
) -> None:
    run("9bread1")
    write(tmp_path, dict.fromkeys(URLS, stranger.url("")))
    for command in (("quote", "9bread1"), ("list",), ("verify",)):
        assert run(*command, env=IN_ENVIRONMENT).code == 0


@pytest.mark.parametrize("command", ["9bread1", "doctor"])
@pytest.mark.parametrize("name", URLS)
def test_file__sends_no_key_without_encryption(name: str, command: str, tmp_path: Path) -> None:
    ran = run_in_project(tmp_path, command, env={}, **KEY, **{name: "http://reddit.example"})
    assert ran.code == 5
    assert "not sent to reddit.example without encryption" in ran.out + ran.err


@pytest.mark.parametrize(
    ("url", "state"), [("https://reddit.example:8443/", "warn"), ("http://127.0.0.1:9/", "ok")]
)
def test_doctor__names_a_foreign_host(url: str, state: str, tmp_path: Path) -> None:
    urls = dict.fromkeys(URLS, url)
    ran = run_in_project(tmp_path, "doctor", "--offline", "--json", env={}, **KEY, **urls)
    check = next(each for each in json.loads(ran.out)["checks"] if each["check"] == "key")
    host = url.split("/")[2]
    assert (ran.code, check["state"]) == (0, state)
    assert check["found"] == "script or web app, from config.yaml"
    assert check["todo"] == (
        f"It is sent to {host}, not to Reddit: config.yaml sets reddit_url and oauth_url."
    )


def test_doctor__says_offline_that_the_key_is_not_sent(tmp_path: Path) -> None:
    urls = dict.fromkeys(URLS, "https://reddit.example/")
    ran = run_in_project(tmp_path, "doctor", "--offline", env=IN_ENVIRONMENT, **urls)
    assert ran.code == 5
    assert "the Reddit key is not sent to reddit.example" in " ".join(ran.out.split())
    assert "can read your key" not in ran.out  # it is not in that file


LOGIN = ("login", "--kind", "script", "--client-id", rs.CLIENT_ID)


@pytest.mark.parametrize("env", [{}, {SECRET: rs.CLIENT_SECRET}], ids=["typed", "environment"])
def test_login__sends_no_secret_to_a_host_of_the_project(
    env: dict[str, str], stranger: Server, tmp_path: Path
) -> None:
    file = write(tmp_path / "checkout", dict.fromkeys(URLS, stranger.url("")))
    before = file.read_bytes()
    ran = run_program(tmp_path, *LOGIN, "--config", file, stdin=rs.CLIENT_SECRET.encode(), env=env)
    assert (ran.code, stranger.requests, file.read_bytes()) == (5, [], before)
    assert f"the key would go to 127.0.0.1:{stranger.port}" in ran.err


def test_login__names_the_host_of_the_users_own_file(tmp_path: Path) -> None:
    own = write(tmp_path / "reddit-archive", dict.fromkeys(URLS, "https://reddit.example"))
    ran = run_program(tmp_path, *LOGIN, "--dry-run")
    assert ran.code == 0
    assert f"The key goes to reddit.example instead of Reddit, because {own} says so." in ran.err


# URLs


@pytest.mark.parametrize(
    "url",
    [
        "https://www.reddit.com",
        "https://www.reddit.com/",
        "HTTPS://WWW.Reddit.COM:443",
        "https://oauth.reddit.com",
        "https://old.reddit.com/",
    ],
)
def test_origin__reddit(url: str) -> None:
    assert origins.parse_for_key(url, "x").is_reddit


@pytest.mark.parametrize(
    "url",
    [
        "https://www.reddit.com.evil.example",
        "https://www.reddit.com.",
        "https://reddit.com-evil.example/reddit.com",
        "https://evilreddit.com",
        "https://anything.reddit.com",
        "https://www.reddit.com:8443",
        "https://xn--reddt-q4a.com",
        "https://127.0.0.1",
        "https://[::1]:8000",
    ],
)
def test_origin__other_hosts_are_not_reddit(url: str) -> None:
    assert not origins.parse_for_key(url, "x").is_reddit


@pytest.mark.parametrize(
    "url",
    [
        "https://reddit.com@evil.example/",
        "https://www.reddit.com\\@evil.example/",
        "https://www.reddit.com/?x=1",
        "https://www.reddit.com#@evil.example",
        "https://www.redd\u0456t.com",
        "https://www.reddit.com\n.evil.example",
        "https:///www.reddit.com",
        "//www.reddit.com",
        "www.reddit.com",
        "file:///etc/passwd",
        "https://evil.example%2f.reddit.com",
        "",
    ],
)
def test_origin__invalid_url(url: str) -> None:
    with pytest.raises(errors.ConfigError, match="'x' is not the address of a server"):
        origins.parse_for_key(url, "x")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "[::1]", "localhost", "LOCALHOST"])
def test_origin__unencrypted_only_on_this_machine(host: str) -> None:
    assert origins.parse_for_key(f"http://{host}:8000/", "x").is_loopback


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "2130706433", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"],
)
def test_origin__unencrypted_nowhere_else(host: str) -> None:
    with pytest.raises(errors.ConfigError, match="without encryption"):
        origins.parse_for_key(f"http://{host}/", "x")


@pytest.mark.parametrize("one", [ENVIRONMENT, "a.yaml"])
@pytest.mark.parametrize("other", [ENVIRONMENT, "a.yaml"])
@pytest.mark.parametrize("key", key_settings.KEY_NAMES)
@pytest.mark.parametrize("url", URLS)
def test_check__key_and_host_have_the_same_source(one: str, other: str, key: str, url: str) -> None:
    reddit = {key: "secret", url: "https://evil.example"}
    settings = Settings(reddit=reddit, reddit_sources={key: one, url: other})
    if one == other:
        assert key_settings.check(settings) == reddit
    else:
        with pytest.raises(errors.ConfigError, match="the Reddit key is not sent to"):
            key_settings.check(settings)
