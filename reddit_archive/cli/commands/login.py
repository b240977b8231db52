"""`login`: a key for Reddit's API, asked for, tried, and written where the program finds it."""

import os
import re
import secrets
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reddit_archive import config, errors
from reddit_archive.cli import options, secret_scrubber, terminal
from reddit_archive.config import credentials, key_settings
from reddit_archive.files import durable_files, regular_files

if TYPE_CHECKING:
    from reddit_archive.sources.reddit_api.auth import Credentials

REDIRECT_URI = "http://127.0.0.1:65010/"
MINUTES = 5
MODE = 0o600
UTF8_MARK = b"\xef\xbb\xbf"
WHERE = (
    "Your apps and their keys are on https://www.reddit.com/prefs/apps: the id stands below\n"
    'the app\'s name, the secret beside the word "secret".\n'
    "Since November 2025 Reddit hands out new keys on application only. You can do without:\n"
    "`archive THREAD` then asks Arctic Shift, or takes a page saved from your browser.\n"
)
KINDS = (
    "What is your app?\n"
    "  1  a script or a web app: it has an id and a secret\n"
    "  2  an installed app: it has an id alone\n"
    "  3  either of them, and I log in through the browser, to save also what I may read\n"
    "     in private subreddits"
)
NOT_WRITTEN = "Nothing was written."
ASCII = re.compile(r"[!-~]+")
ENVIRONMENT = {name: f"REDDIT_ARCHIVE_{name.upper()}" for name in config.ENVIRONMENT_SETTINGS[:3]}


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person said. An app without a secret is an installed app."""

    client_id: str
    client_secret: str | None = field(repr=False)
    has_browser: bool


@click.command(
    "login",
    short_help="Set your key for Reddit's API, once Reddit takes it.",
    epilog=options.examples(
        "archive login --dry-run",
        "archive login --refresh --dry-run",
    ),
)
@click.option("--client-id", metavar="ID", help="The app's id.")
@click.option(
    "--kind",
    type=click.Choice(["script", "installed"]),
    help="A script (or web app) has a secret, an installed app has none.",
)
@click.option("--refresh", is_flag=True, help="Log in through the browser, to act as yourself.")
@click.option(
    "--redirect-uri", metavar="URL", help=f"The app's redirect uri (default: {REDIRECT_URI})."
)
@click.option("--no-browser", is_flag=True, help="With --refresh: open none, print the address.")
@click.option(
    "--dry-run", is_flag=True, help="Say what would be asked and written, and do nothing."
)
@options.common
def login_command(
    client_id: str | None,
    kind: str | None,
    refresh: bool,
    redirect_uri: str | None,
    no_browser: bool,
    dry_run: bool,
) -> None:
    """Write your key for Reddit's API into your own config.yaml, readable by you alone.

    What is not given is asked for. Reddit is asked whether it takes the key first; if not, nothing
    is written. The secret is no option, so that it stands in no list of processes and in no
    history: it is asked for, or taken from REDDIT_ARCHIVE_CLIENT_SECRET, or read from stdin.
    """
    file = _target()
    text = config.read(file) if os.path.lexists(file) else ""
    credentials.set_key(
        text, str(file), dict.fromkeys(ENVIRONMENT, "x")
    )  # before anything is asked
    known = config.parse(text, str(file)).reddit
    _check_host(file, known)
    redirect_uri = redirect_uri or known.get("redirect_uri") or REDIRECT_URI
    terminal.say(WHERE)
    if dry_run:
        _tell_plan(file, redirect_uri if refresh else None)
        return
    answers = _ask(client_id, kind, refresh)
    key = _tried(answers, known, redirect_uri, opens=not no_browser)
    _write(file, key)


def _target() -> Path:
    """The file to write: the one that was named, else the user's own."""
    named = options.named_config() or os.environ.get("REDDIT_ARCHIVE_CONFIG")
    return Path(named).expanduser() if named else options.user_folder() / "config.yaml"


def _check_host(file: Path, reddit: Mapping[str, object]) -> None:
    """Raise ConfigError where a file that is not the user's own sends the key past Reddit."""
    foreign = key_settings.find_foreign_origins(reddit)
    hosts = " and ".join(sorted({str(origin) for origin in foreign.values()}))
    if foreign and not options.is_own_config(file):
        raise errors.ConfigError(
            f"the key would go to {hosts}, which {file} names in place of Reddit",
            f"Remove {' and '.join(foreign)} from that file first.",
        )
    if not all(origin.is_loopback for origin in foreign.values()):
        terminal.warn(f"The key goes to {hosts}, which {file} names in place of Reddit.")


def _tell_plan(file: Path, redirect_uri: str | None) -> None:
    terminal.result(f"Would write client_id and client_secret to {file}, readable by you alone.\n")
    if redirect_uri:
        terminal.result(
            f"Would log in through the browser, and write a refresh_token as well. "
            f"The app's redirect uri must be {redirect_uri}\n"
        )


def _ask(client_id: str | None, kind: str | None, refresh: bool) -> Answers:
    """Take what was given, and ask for the rest. Raises UsageError where nobody is there to ask."""
    is_asking = sys.stdin.isatty()
    client_id = client_id or os.environ.get(ENVIRONMENT["client_id"])
    if not client_id and not is_asking:
        raise click.UsageError("nobody is here to ask for the app's id: give --client-id ID")
    if kind is None and not refresh and is_asking:
        terminal.warn(KINDS)
        choice = click.Choice(["1", "2", "3"])
        number = click.prompt("Number", default="1", type=choice, show_choices=False, err=True)
        kind = {"1": "script", "2": "installed", "3": None}[number]
        refresh = number == "3"
    elif kind is None and not refresh:
        kind = "script"
    client_id = _plain(client_id or click.prompt("Id", err=True, value_proc=_plain))
    secret = None if kind == "installed" else _secret(is_asking, may_be_empty=kind is None)
    return Answers(client_id, secret, refresh)


def _secret(is_asking: bool, *, may_be_empty: bool) -> str | None:
    """Take the secret from the environment, from a prompt that does not show it, or from stdin."""
    if value := os.environ.get(ENVIRONMENT["client_secret"]):
        terminal.say(f"The secret is that of {ENVIRONMENT['client_secret']}.")
        return _plain(value)
    if not is_asking:
        value = sys.stdin.readline().strip()
    elif may_be_empty:
        value = click.prompt(
            "Secret (none for an installed app)",
            default="",
            hide_input=True,
            show_default=False,
            err=True,
        ).strip()
    else:
        value = click.prompt("Secret", hide_input=True, err=True, value_proc=_plain)
    if not value and not may_be_empty:
        raise click.UsageError(
            f"there is no secret on stdin, nor in {ENVIRONMENT['client_secret']}; "
            "an app without one is --kind installed"
        )
    return _plain(value) if value else None


def _plain(text: str) -> str:
    """Refuse what can be no id and no secret, without repeating it."""
    if not ASCII.fullmatch(text.strip()):
        raise click.UsageError(
            "that is none of Reddit's: it must be letters and signs in one piece"
        )
    return text.strip()


def _tried(
    answers: Answers, known: Mapping[str, object], redirect_uri: str, *, opens: bool
) -> dict[str, str | None]:
    """Give the key to write, once Reddit takes it. Raises LoginError, FetchError, ConfigError."""
    from reddit_archive.sources.reddit_api.auth import Credentials
    from reddit_archive.sources.reddit_api.requestor import CHECK_CREDENTIALS_HINT

    new: dict[str, str | None] = {
        "client_id": answers.client_id,
        "client_secret": answers.client_secret,
        "refresh_token": None,
    }
    settings = {**known, **new, "redirect_uri": redirect_uri}
    secret_scrubber.protect(settings)
    if answers.has_browser and answers.client_secret and known.get("password"):
        raise errors.ConfigError(
            "a password is set under reddit:, and would be used in place of the refresh token",
            f"Remove it there first. {NOT_WRITTEN}",
        )
    try:
        if answers.has_browser:
            token = _through_browser(Credentials(settings), redirect_uri, opens=opens)
            return {**new, "refresh_token": token, "redirect_uri": redirect_uri}
        with terminal.waiting("Asking Reddit …"):
            Credentials(settings).request_token()
    except errors.ArchiveError as error:
        is_refused = error.hint == CHECK_CREDENTIALS_HINT and not answers.has_browser
        advice = "Check the id, the secret and the kind of app." if is_refused else error.hint
        error.hint = f"{advice} {NOT_WRITTEN}"
        raise
    return new


def _through_browser(key: "Credentials", redirect_uri: str, *, opens: bool) -> str:
    """Let the person allow it on Reddit; give the refresh token."""
    from reddit_archive.sources.reddit_api.oauth_callback import CallbackServer

    state = secrets.token_urlsafe(32)
    url = key.build_consent_url(state)
    with CallbackServer(redirect_uri, state=state, on_status=terminal.warn) as door:
        terminal.warn(f"\nThe app's redirect uri on Reddit must be exactly {redirect_uri}")
        terminal.warn(f"Allow it within {MINUTES} minutes, in a browser on this machine:\n  {url}")
        if opens:
            webbrowser.open(url)
        with terminal.waiting("Waiting for your answer …"):
            answer = door.wait(MINUTES * 60)
    if answer is None:
        raise errors.LoginError(
            f"no answer came within {MINUTES} minutes",
            f"If Reddit showed an error: set the app's redirect uri to {redirect_uri} there.",
        )
    if answer.get("error") == "access_denied":
        raise errors.LoginError("you did not allow it on Reddit", "Run it again if you meant to.")
    if "code" not in answer:
        what = answer.get("error", "without a reason")
        raise errors.LoginError(f"Reddit refuses the login ({what})", "Check the app's settings.")
    with terminal.waiting("Asking Reddit …"):
        return key.exchange_code(answer["code"])


def _write(file: Path, key: Mapping[str, str | None]) -> None:
    """Write the key, and say what else the program would rather believe."""
    was_there, has_modes = file.exists(), os.name != "nt"
    was_open = was_there and has_modes and bool(file.stat().st_mode & 0o077)
    before = regular_files.read_bytes(file) if was_there else b""
    mark = UTF8_MARK if before.startswith(UTF8_MARK) else b""
    text = credentials.set_key(before.decode("utf-8-sig"), str(file), key)
    try:
        with durable_files.translate_os_errors(file):
            durable_files.make_folder(file.absolute().parent)
            durable_files.remove_orphaned_temps_beside([file])
        durable_files.replace(mark + text.encode(), file, mode=MODE)
    except errors.StoreError as error:
        raise errors.ConfigError(
            error.message, "Make it writable, or give another file with --config FILE."
        ) from error
    only_you = ", which only you can read" if has_modes else ""
    terminal.say(f"Reddit takes the key. It is in {file}{only_you}.")
    if was_open:
        terminal.say("Until now others on this machine could read that file.")
    found = config.find(
        options.named_config(), user_folder=options.user_folder(), environment=os.environ
    )
    if found is not None and found.absolute() != file.absolute():
        terminal.warn(
            f"In this folder {found} is read in its place. To have the key there as well: "
            f"archive login --config {found}"
        )
    for name in ENVIRONMENT.values():
        if os.environ.get(name):
            terminal.warn(f"{name} is set in the environment, and wins over the file.")
