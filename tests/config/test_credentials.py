"""The Reddit key comes from the environment, credentials.yaml and config.yaml, in this order."""

import os
from pathlib import Path

import pytest

from reddit_archive import config, errors
from reddit_archive.config import credentials, key_settings
from reddit_archive.config.settings import ENVIRONMENT

USER_KEY = "reddit: {client_id: user, client_secret: user-secret}\n"
EVIL = "reddit: {client_id: evil, reddit_url: 'https://evil.example'}\n"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project's folder, which is the current one, the user's folder and a third one."""
    for name in ("project", "user", "bots"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "project")


def write(tmp_path: Path, **texts: str) -> None:
    """Write files: `user_credentials` is user/credentials.yaml."""
    for name, text in texts.items():
        folder, _, stem = name.partition("_")
        (tmp_path / folder / f"{stem.replace('_', '.')}.yaml").write_text(text)


def load(tmp_path: Path, path: Path | None = None, **environment: str) -> config.Settings:
    return config.load(path, user_folder=tmp_path / "user", environment=environment)


def read_reddit(tmp_path: Path, path: Path | None = None, **environment: str) -> dict[str, str]:
    return dict(load(tmp_path, path, **environment).reddit)


@pytest.mark.parametrize("folder", ["user", "project"])
def test_load__credentials_win_over_config_yaml(folder: str, tmp_path: Path) -> None:
    write(tmp_path, user_credentials=USER_KEY)
    write(tmp_path, **{f"{folder}_config": "tries: 2\nreddit: {client_id: old, timeout: 3}\n"})
    settings = load(tmp_path)
    assert settings.reddit == {"client_id": "user", "client_secret": "user-secret", "timeout": 3}
    assert settings.tries == 2
    assert settings.reddit_sources["client_id"] == str(tmp_path / "user" / "credentials.yaml")
    assert settings.reddit_sources["timeout"].endswith("config.yaml")


def test_load__environment_wins_over_credentials(tmp_path: Path) -> None:
    write(tmp_path, user_credentials=USER_KEY)
    settings = load(tmp_path, REDDIT_ARCHIVE_CLIENT_ID="outside")
    assert settings.reddit["client_id"] == "outside"
    assert settings.reddit_sources["client_id"] == ENVIRONMENT


def test_load__credentials_alone(tmp_path: Path) -> None:
    write(tmp_path, user_credentials=USER_KEY)
    assert read_reddit(tmp_path)["client_id"] == "user"


@pytest.mark.parametrize("folder", ["user", "project"])
def test_load__key_of_1_x_in_config_yaml(folder: str, tmp_path: Path) -> None:
    write(tmp_path, **{f"{folder}_config": USER_KEY})
    assert read_reddit(tmp_path) == {"client_id": "user", "client_secret": "user-secret"}


def test_load__secret_of_another_app_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, user_config="reddit: {client_id: a, client_secret: b, refresh_token: c}\n")
    write(tmp_path, user_credentials="reddit: {client_id: installed}\n")
    assert read_reddit(tmp_path) == {"client_id": "installed"}


def test_load__secret_alone_in_credentials(tmp_path: Path) -> None:
    write(tmp_path, user_config="reddit: {client_id: a}\n")
    write(tmp_path, user_credentials="reddit: {client_secret: b}\n")
    assert read_reddit(tmp_path) == {"client_id": "a", "client_secret": "b"}


# Which credentials file is read


@pytest.mark.parametrize("config_text", ["", "tries: 2\n", EVIL])
def test_load__credentials_of_the_current_folder_are_not_read(
    config_text: str, tmp_path: Path
) -> None:
    write(tmp_path, project_credentials="reddit: {client_id: planted, username: planted}\n")
    if config_text:
        write(tmp_path, project_config=config_text)
    for path in (None, Path("config.yaml"), Path("../project/config.yaml")):
        if config_text or path is None:
            assert "planted" not in read_reddit(tmp_path, path).values()


def test_load__control_credentials_beside_any_config_file_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_path(config_file: Path | None, *, user_folder: Path) -> Path:
        return (config_file or Path("config.yaml")).with_name("credentials.yaml")

    monkeypatch.setattr(credentials, "get_path", get_path)
    with pytest.raises(AssertionError):
        test_load__credentials_of_the_current_folder_are_not_read("tries: 2\n", tmp_path)


def test_load__named_config_file_has_credentials_beside_it(tmp_path: Path) -> None:
    write(tmp_path, user_credentials=USER_KEY, bots_a="tries: 2\n", bots_b="tries: 2\n")
    write(tmp_path, bots_a_credentials="reddit: {client_id: bot}\n")
    bots = tmp_path / "bots"
    assert read_reddit(tmp_path, bots / "a.yaml") == {"client_id": "bot"}
    assert read_reddit(tmp_path, bots / "b.yaml")["client_id"] == "user"
    by_variable = read_reddit(tmp_path, REDDIT_ARCHIVE_CONFIG=str(bots / "a.yaml"))
    assert by_variable == {"client_id": "bot"}


def test_load__named_config_file_keeps_its_own_key(tmp_path: Path) -> None:
    """In 1.x a key in a named file is the one that is used."""
    write(tmp_path, user_credentials=USER_KEY, bots_a="reddit: {client_id: bot}\n")
    assert read_reddit(tmp_path, tmp_path / "bots" / "a.yaml") == {"client_id": "bot"}


# Where the key may go


@pytest.mark.parametrize("folder", ["user", "project", "bots"])
def test_check__key_of_credentials_goes_to_no_host_of_config_yaml(
    folder: str, tmp_path: Path
) -> None:
    write(tmp_path, user_credentials=USER_KEY)
    write(tmp_path, **{f"{folder}_config": "reddit: {reddit_url: 'https://evil.example'}\n"})
    settings = load(tmp_path, tmp_path / "bots" / "config.yaml" if folder == "bots" else None)
    with pytest.raises(errors.ConfigError, match="the Reddit key is not sent to evil"):
        key_settings.check(settings)


def test_check__host_of_planted_credentials_gets_no_key(tmp_path: Path) -> None:
    write(tmp_path, user_credentials=USER_KEY, bots_config="tries: 2\n")
    write(tmp_path, bots_credentials="reddit: {reddit_url: 'https://evil.example'}\n")
    with pytest.raises(errors.ConfigError, match="the Reddit key is not sent to evil"):
        key_settings.check(load(tmp_path, tmp_path / "bots" / "config.yaml"))


def test_check__credentials_may_name_a_host(tmp_path: Path) -> None:
    text = "reddit: {client_id: a, client_secret: b, reddit_url: 'https://mirror.example'}\n"
    write(tmp_path, user_credentials=text, project_config="reddit: {reddit_url: 'https://x.org'}\n")
    assert key_settings.check(load(tmp_path))["reddit_url"] == "https://mirror.example"


# The file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tries: 2", "may only hold a section 'reddit'"),
        ("- a", "may only hold a section 'reddit'"),
        ("reddit: {client: x}", "unknown setting 'reddit: client'"),
        ("reddit: {client_id: 12}", "must be text"),
        ("reddit: [", "is not valid YAML"),
        ("reddit: {client_id: a, client_id: b}", "this setting is set twice"),
    ],
)
def test_read__refused_in_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, user_credentials=text)
    with pytest.raises(errors.ConfigError, match=r"credentials\.yaml") as caught:
        load(tmp_path)
    assert message in caught.value.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_read__pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "user" / "credentials.yaml")
    with pytest.raises(errors.ConfigError, match="not a regular file"):
        load(tmp_path)


@pytest.mark.parametrize("secret", ['odd "\\ secret', "ü: #x", "no", "1_000", "x" * 500])
def test_serialize__is_read_back(secret: str, tmp_path: Path) -> None:
    values = {"client_id": "null", "client_secret": secret, "refresh_token": None}
    (tmp_path / "user" / "credentials.yaml").write_bytes(credentials.serialize(values))
    assert read_reddit(tmp_path) == {"client_id": "null", "client_secret": secret}


def test_read__does_not_print_a_secret_without_a_space_before_it(tmp_path: Path) -> None:
    write(tmp_path, user_credentials="reddit: {client_id: user, client_secret:user-secret}")
    with pytest.raises(errors.ConfigError) as caught:
        load(tmp_path)
    assert "'reddit: client_secret' needs a space after its colon" in caught.value.message
    assert "user-secret" not in f"{caught.value.message} {caught.value.hint}"
