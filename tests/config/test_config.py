"""Settings are loaded from config.yaml, and unknown ones are refused by name."""

from pathlib import Path

import pytest

from reddit_archive import config, errors
from reddit_archive.cli.command_settings import get_user_folder
from reddit_archive.config import schema
from reddit_archive.quote.style import PLAIN_STYLE
from tests.conftest import ROOT


def load(text: str, tmp_path: Path, **environment: str) -> config.Settings:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return config.load(file, user_folder=tmp_path / "none", environment=environment)


def test_load__example_file_has_the_defaults(tmp_path: Path) -> None:
    settings = load((ROOT / "config.example.yaml").read_text(), tmp_path)
    defaults = {"timeout": 16, "oauth_url": "https://oauth.reddit.com"}
    assert settings.reddit == {**defaults, "reddit_url": "https://www.reddit.com"}
    assert (settings.archive, settings.tries) == (Path("archive"), 5)


def test_load__example_shows_every_setting() -> None:
    text = (ROOT / "config.example.yaml").read_text()
    for section in (*schema.SECTIONS, schema.STYLE):
        indent = {"": 0, "style": 4}.get(section, 2)
        for name in schema.get_types(section):
            assert f"\n{' ' * indent}{name}:" in text


def test_load__example_shows_each_field_of_a_style_with_its_default(tmp_path: Path) -> None:
    settings = load((ROOT / "config.example.yaml").read_text(), tmp_path)
    assert settings.styles["mine"] == PLAIN_STYLE
    assert settings.quote.style == "plain"


def test_load__without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.load(None, user_folder=tmp_path, environment={}) == config.Settings()


def test_load__environment_wins(tmp_path: Path) -> None:
    settings = load(
        "archive: here\nreddit: {client_id: filed}",
        tmp_path,
        REDDIT_ARCHIVE_DIR="there",
        REDDIT_ARCHIVE_CLIENT_ID="from outside",
    )
    assert settings.archive == Path("there")
    assert settings.reddit["client_id"] == "from outside"


def test_load__environment_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("tries: 2")
    environment = {"REDDIT_ARCHIVE_CONFIG": str(tmp_path / "other.yaml")}
    assert config.load(None, user_folder=tmp_path, environment=environment).tries == 2


def test_settings__never_show_the_key(tmp_path: Path) -> None:
    assert "geheim" not in repr(load("reddit: {client_secret: geheim}", tmp_path))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("archiv: x", "unknown setting 'archiv'", "Did you mean 'archive'?"),
        ("reddit: {client_ident: x}", "unknown setting 'reddit: client_ident'", "client_id"),
        ("reddit: yes", "'reddit' must be a section", "config.example.yaml"),
        ("tries: often", "'tries' must be a whole number", ""),
        ("tries: 0", "'tries' must be at least 1", ""),
        ("source: pigeon", "'source' must be auto or reddit", ""),
        ("reddit: {client_id: 12}", "must be text (add quotes)", ""),
        ("quote: {target: word}", "'quote: target' must be markdown or", ""),
        ("quote: {deepest: 0}", "'quote: deepest' must be at least 1", ""),
        ("- a\n- b", "the file must contain settings", ""),
        ("a: [", "line 1 is not valid YAML", ""),
        ("x: &a [*a]\narchive: 3", "unknown setting 'x'", ""),
    ],
)
def test_load__refused_in_one_sentence(text: str, message: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigError) as caught:
        load(text, tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [("deleted: keep\ntries: 2\ndeleted: purge\n", 3), ("media: {save: no, save: yes}", 1)],
)
def test_load__setting_that_is_set_twice(text: str, line: int, tmp_path: Path) -> None:
    """YAML would use the last value, and for `deleted` that may be one that removes texts."""
    with pytest.raises(errors.ConfigError, match=f"line {line}: this setting is set twice"):
        load(text, tmp_path)


def test_load__missing_file(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigError, match="no such file"):
        config.load(tmp_path / "none.yaml", user_folder=tmp_path, environment={})


def test_user_folder__is_the_same_for_commands_and_for_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (None, str(tmp_path)):
        if value is None:
            monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        else:
            monkeypatch.setenv("XDG_CONFIG_HOME", value)
        assert config.get_user_folder() == get_user_folder()
