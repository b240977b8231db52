"""`login`: ask for a key for Reddit's API, test it, and write it to credentials.yaml."""

import os
import re
import secrets
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from reddit_archive import config, errors
from reddit_archive.cli import configured_secrets, options, terminal
from reddit_archive.cli.command_settings import get_config_option, get_user_folder, is_own_config
from reddit_archive.config import credentials, key_settings
from reddit_archive.files import durable_files
from reddit_archive.sources.reddit_api.auth import Credentials
from reddit_archive.sources.reddit_api.oauth_callback import CallbackServer
from reddit_archive.sources.reddit_api.requestor import CHECK_CREDENTIALS_HINT

REDIRECT_URI = "http://127.0.0.1:65010/"
CONSENT_MINUTES = 5
APPS_TEXT = (
    "Your apps are listed on https://www.reddit.com/prefs/apps. The ID is below the app's name,\n"
    'the secret is next to the word "secret".\n'
    "Since November 2025 Reddit gives new keys only on application. You don't need one:\n"
    "without a key, `archive THREAD` asks Arctic Shift, or reads a page saved from your browser.\n"
)
APP_TYPES_TEXT = (
    "What type is your app?\n"
    "  1  script or web app: it has an ID and a secret\n"
    "  2  installed app: it has only an ID\n"
    "  3  either type, and I log in through the browser, to save threads of private\n"
    "     subreddits that I may read"
)
NOT_WRITTEN = "Nothing was written."
ASCII = re.compile(r"[!-~]+")
VARIABLES = {
    name: f"REDDIT_ARCHIVE_{name.upper()}"
    for name in ("client_id", "client_secret", "refresh_token")
}
NEW_CONFIG = b"# Settings of reddit-archive. config.example.yaml shows every setting.\n"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user entered. An app without a secret is an installed app."""

    client_id: str
    client_secret: str | None = field(repr=False)
    has_browser: bool


@dataclass(frozen=True, slots=True)
class Target:
    """The credentials file to write, and the config file that it belongs to.

    `config_settings` and `stored` are the settings for Reddit in the config file and in the
    credentials file.
    """

    path: Path
    config_file: Path
    config_settings: Mapping[str, Any] = field(repr=False)
    stored: Mapping[str, Any] = field(repr=False)

    @property
    def settings(self) -> dict[str, Any]:
        return credentials.merge(self.config_settings, self.stored)

    def get_source(self, name: str) -> Path:
        """Return the file that sets a setting."""
        return self.path if name in self.stored else self.config_file


@click.command(
    "login",
    epilog=options.format_examples(
        "archive login --dry-run",
        "archive login --refresh --dry-run",
    ),
)
@click.option("--client-id", metavar="ID", help="The app's ID.")
@click.option(
    "--kind",
    type=click.Choice(["script", "installed"]),
    help="A script (or web app) has a secret, an installed app has none.",
)
@click.option("--refresh", is_flag=True, help="Log in through the browser, to act as yourself.")
@click.option(
    "--redirect-uri", metavar="URL", help=f"The app's redirect URI (default: {REDIRECT_URI})."
)
@click.option(
    "--no-browser",
    is_flag=True,
    help="With --refresh: print the address instead of opening a browser.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be written; write nothing.")
@options.global_options
def login_command(
    client_id: str | None,
    kind: str | None,
    refresh: bool,
    redirect_uri: str | None,
    no_browser: bool,
    dry_run: bool,
) -> None:
    """Write your key for Reddit's API to credentials.yaml, which only you can read.

    The command prompts for what you don't pass. It writes the key only if Reddit accepts it. There
    is no option for the secret, because other users and the shell history could see it: the command
    prompts for it, or reads it from REDDIT_ARCHIVE_CLIENT_SECRET or from stdin.

    With --config FILE, the key is written beside FILE, and only commands with the same FILE use it.
    With --config config.yaml, it is written to your settings folder, as without --config.
    """
    target = _load_target()
    _check_hosts(target)
    redirect_uri = redirect_uri or target.settings.get("redirect_uri") or REDIRECT_URI
    terminal.status(APPS_TEXT)
    if dry_run:
        _print_plan(target.path, redirect_uri if refresh else None)
        return
    answers = _prompt(client_id, kind, refresh)
    key = _test_key(answers, target.settings, redirect_uri, opens_browser=not no_browser)
    _write(target, key)


def _load_target() -> Target:
    """Read the config file that the user named, or the user's own, and its credentials file."""
    name = get_config_option() or os.environ.get("REDDIT_ARCHIVE_CONFIG")
    config_file = Path(name).expanduser() if name else get_user_folder() / "config.yaml"
    path = credentials.get_path(config_file, user_folder=get_user_folder())
    text = config.read(config_file) if os.path.lexists(config_file) else ""
    config_settings = config.parse(text, str(config_file)).reddit
    return Target(path, config_file, config_settings, credentials.read(path))


def _check_hosts(target: Target) -> None:
    """Warn about servers that replace Reddit's. Raise ConfigError if the user did not set them."""
    foreign = key_settings.find_foreign_origins(target.settings)
    hosts = " and ".join(sorted({str(origin) for origin in foreign.values()}))
    files = " and ".join(dict.fromkeys(str(target.get_source(name)) for name in foreign))
    if not all(is_own_config(target.get_source(name)) for name in foreign):
        raise errors.ConfigError(
            f"the key would go to {hosts} instead of Reddit, because {files} says so",
            f"Remove {' and '.join(foreign)} from that file first.",
        )
    if not all(origin.is_loopback for origin in foreign.values()):
        terminal.warn(f"The key goes to {hosts} instead of Reddit, because {files} says so.")


def _print_plan(path: Path, redirect_uri: str | None) -> None:
    terminal.print_result(
        f"Would write client_id and client_secret to {path}, which only you can read.\n"
    )
    if redirect_uri:
        terminal.print_result(
            "Would log in through the browser, and write a refresh_token as well. "
            f"The app's redirect URI must be {redirect_uri}\n"
        )


def _prompt(client_id: str | None, kind: str | None, refresh: bool) -> Answers:
    """Prompt for what the options don't say. Raises UsageError if there is no terminal."""
    has_terminal = sys.stdin.isatty()
    client_id = client_id or os.environ.get(VARIABLES["client_id"])
    if not client_id and not has_terminal:
        raise click.UsageError(
            "can't prompt for the app's ID without a terminal; pass --client-id ID"
        )
    if kind is None and not refresh and has_terminal:
        terminal.warn(APP_TYPES_TEXT)
        choice = click.Choice(["1", "2", "3"])
        number = click.prompt("Number", default="1", type=choice, show_choices=False, err=True)
        kind = {"1": "script", "2": "installed", "3": None}[number]
        refresh = number == "3"
    elif kind is None and not refresh:
        kind = "script"
    client_id = _parse_key(client_id or click.prompt("ID", err=True, value_proc=_parse_key))
    secret = None if kind == "installed" else _read_secret(has_terminal, is_optional=kind is None)
    return Answers(client_id, secret, refresh)


def _read_secret(has_terminal: bool, *, is_optional: bool) -> str | None:
    """Read the secret from the environment, from a hidden prompt, or from stdin."""
    if value := os.environ.get(VARIABLES["client_secret"]):
        terminal.status(f"The secret is read from {VARIABLES['client_secret']}.")
        return _parse_key(value)
    if not has_terminal:
        value = sys.stdin.readline().strip()
    elif is_optional:
        value = click.prompt(
            "Secret (none for an installed app)",
            default="",
            hide_input=True,
            show_default=False,
            err=True,
        ).strip()
    else:
        value = click.prompt("Secret", hide_input=True, err=True, value_proc=_parse_key)
    if not value and not is_optional:
        raise click.UsageError(
            f"there is no secret on stdin or in {VARIABLES['client_secret']}; "
            "for an app without a secret, pass --kind installed"
        )
    return _parse_key(value) if value else None


def _parse_key(text: str) -> str:
    """Refuse what can't be an ID or a secret, without repeating it."""
    if not ASCII.fullmatch(text.strip()):
        raise click.UsageError(
            "this is not an ID or a secret from Reddit: "
            "they are ASCII letters, digits and signs without spaces"
        )
    return text.strip()


def _test_key(
    answers: Answers, settings: Mapping[str, Any], redirect_uri: str, *, opens_browser: bool
) -> dict[str, str | None]:
    """Return the key if Reddit accepts it. Raises LoginError, FetchError, ConfigError."""
    new: dict[str, str | None] = {
        "client_id": answers.client_id,
        "client_secret": answers.client_secret,
        "refresh_token": None,
    }
    settings = {**settings, **new, "redirect_uri": redirect_uri}
    configured_secrets.protect(settings)
    if answers.has_browser and answers.client_secret and settings.get("password"):
        raise errors.ConfigError(
            "a password is set under reddit:, and Reddit would get it instead of the refresh token",
            f"Remove the password first. {NOT_WRITTEN}",
        )
    try:
        if answers.has_browser:
            token = _get_refresh_token(
                Credentials(settings), redirect_uri, opens_browser=opens_browser
            )
            return {**new, "refresh_token": token, "redirect_uri": redirect_uri}
        with terminal.progress("Asking Reddit …"):
            Credentials(settings).request_token()
    except errors.ArchiveError as error:
        is_refused = error.hint == CHECK_CREDENTIALS_HINT and not answers.has_browser
        advice = "Check the ID, the secret and the type of the app." if is_refused else error.hint
        error.hint = f"{advice} {NOT_WRITTEN}"
        raise
    return new


def _get_refresh_token(credentials: Credentials, redirect_uri: str, *, opens_browser: bool) -> str:
    """Let the user allow the app in the browser, and return the refresh token."""
    state = secrets.token_urlsafe(32)
    url = credentials.build_consent_url(state)
    with CallbackServer(redirect_uri, state=state, on_status=terminal.warn) as server:
        terminal.warn(f"\nThe app's redirect URI on Reddit must be exactly {redirect_uri}")
        terminal.warn(
            f"Allow the app within {CONSENT_MINUTES} minutes, in a browser on this machine:\n"
            f"  {url}"
        )
        if opens_browser:
            webbrowser.open(url)
        with terminal.progress("Waiting for your answer in the browser …"):
            answer = server.wait(CONSENT_MINUTES * 60)
    if answer is None:
        raise errors.LoginError(
            f"the browser sent no answer within {CONSENT_MINUTES} minutes",
            f"If Reddit showed an error, set the app's redirect URI to {redirect_uri} there.",
        )
    if answer.get("error") == "access_denied":
        raise errors.LoginError(
            "you did not allow the app on Reddit", "Run the command again if you meant to."
        )
    if "code" not in answer:
        reason = answer.get("error", "no reason given")
        raise errors.LoginError(f"Reddit refuses the login ({reason})", "Check the app's settings.")
    with terminal.progress("Asking Reddit …"):
        return credentials.exchange_code(answer["code"])


def _write(target: Target, key: Mapping[str, str | None]) -> None:
    """Write the credentials file, and report what could be used instead of it."""
    foreign = key_settings.find_foreign_origins(target.settings)
    values = {**target.stored, **key, **{name: target.settings[name] for name in foreign}}
    has_modes = os.name != "nt"
    was_readable = has_modes and target.path.exists() and bool(target.path.stat().st_mode & 0o077)
    is_own = is_own_config(target.path)
    try:
        if not is_own and not os.path.lexists(target.config_file):
            _write_file(target.config_file, NEW_CONFIG)  # --config FILE must name a file
        _write_file(target.path, credentials.serialize(values), mode=credentials.FILE_MODE)
    except errors.StoreError as error:
        raise errors.ConfigError(
            error.message, "Make it writable, or name another file with --config FILE."
        ) from error
    only_you = ", which only you can read" if has_modes else ""
    terminal.status(f"Reddit accepts the key. It is in {target.path}{only_you}.")
    if was_readable:
        terminal.status("Until now, others on this machine could read that file.")
    if not is_own:
        terminal.status(f"Only commands with `--config {target.config_file}` use this key.")
    _report_other_keys(target)


def _write_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    with durable_files.translate_os_errors(path):
        durable_files.make_folder(path.absolute().parent)
        durable_files.remove_orphaned_temps_beside([path])
    durable_files.replace(content, path, mode=mode)


def _report_other_keys(target: Target) -> None:
    """Warn about an older key in config.yaml, and about variables that override the file."""
    old_names = [name for name in credentials.APP_SETTINGS if target.config_settings.get(name)]
    if old_names:
        terminal.warn(
            f"{target.config_file} still holds {', '.join(old_names)}, which commands no longer "
            "use. Remove them from that file."
        )
    for name in VARIABLES.values():
        if os.environ.get(name):
            terminal.warn(f"{name} is set in the environment, and overrides the file.")
