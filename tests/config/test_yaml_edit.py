"""A key is written into a config.yaml as its owner wrote it: nothing else of it moves."""

from typing import Any

import pytest
import yaml

from reddit_archive import config, errors
from reddit_archive.config import credentials, yaml_edit
from tests.conftest import ROOT

KEY = {"client_id": "an-id", "client_secret": 'odd "\\ secret', "refresh_token": None}
EXAMPLE = (ROOT / "config.example.yaml").read_text()
TEXTS = [
    "",
    "# nothing but a comment",
    "# first\ntries: 2  # two\n\n# last\n",
    "tries: 2\nreddit:\n",
    "tries: 2\nreddit:",
    "reddit:   # my key\n  # client_id: old\nmedia:\n  save: true\n",
    "reddit: ~\ntries: 2\n",
    "reddit: {}\n",
    "tries: 2\nreddit: {username: me, timeout: 3}  # short\n",
    "reddit:\n    # deep\n    username: me   # it is I\n\n    timeout: 3\ntries: 2\n",
    "reddit:\n  client_id: 'old'  # of 2019\n  refresh_token: old\n  client_secret:\n",
    "reddit:\n  client_secret:\n    old\n  username: me\n",
    "---\ntries: 2\n",
    "tries: 2\r\nreddit:\r\n  username: me\r\n",
    EXAMPLE,
]


@pytest.mark.parametrize("text", TEXTS)
def test_with_key__sets_the_key_and_keeps_every_other_setting(text: str) -> None:
    changed = credentials.set_key(text, "config.yaml", KEY)
    before, after = (config.parse(each, "config.yaml") for each in (text, changed))
    mine = {"client_id", "client_secret", "refresh_token"}
    assert {x: after.reddit.get(x) for x in mine} == KEY
    assert {k: v for k, v in after.reddit.items() if k not in mine} == {
        k: v for k, v in before.reddit.items() if k not in mine
    }
    assert (after.tries, after.media) == (before.tries, before.media)


@pytest.mark.parametrize("text", TEXTS)
def test_with_key__keeps_every_line_that_sets_no_key(text: str) -> None:
    changed = credentials.set_key(text, "config.yaml", KEY).splitlines(keepends=True)
    names = ("reddit: ", "client_id", "client_secret", "refresh_token", "old")
    kept = [x for x in text.splitlines(keepends=True) if not x.strip().startswith(names)]
    rest = iter(changed)
    assert all(any(line.rstrip() == each.rstrip() for each in rest) for line in kept)


def test_with_key__keeps_comments_on_the_lines_it_changes() -> None:
    changed = credentials.set_key(TEXTS[10], "config.yaml", KEY)
    assert changed.startswith('reddit:\n  client_id: "an-id"  # of 2019\n  refresh_token: null\n')
    changed = credentials.set_key(TEXTS[8], "config.yaml", KEY)
    assert changed.endswith("username: me, timeout: 3}  # short\n")


def test_with_key__again_changes_nothing() -> None:
    once = credentials.set_key(EXAMPLE, "config.yaml", KEY)
    assert credentials.set_key(once, "config.yaml", KEY) == once


def test_with_key__keeps_line_ends() -> None:
    changed = credentials.set_key(TEXTS[13], "config.yaml", KEY)
    assert changed.count("\r\n") == changed.count("\n") == 5


@pytest.mark.parametrize(
    "text",
    [
        "{tries: 2}",
        "tries: 2\n...\n",
        "  tries: 2\n",
        "reddit:\n  ? client_id\n  : old\n",
        "reddit:\n  client_id: &x old\n  client_secret: *x\n",
    ],
)
def test_with_key__says_so_where_it_would_do_harm(text: str) -> None:
    with pytest.raises(errors.ConfigError, match="without harm") as caught:
        credentials.set_key(text, "config.yaml", KEY)
    assert "client_id: …" in caught.value.hint
    assert KEY["client_id"] not in caught.value.hint


def test_with_key__control_a_careless_amendment_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(text: str, root: Any, section: str, values: Any) -> str:
        return str(yaml.safe_dump({section: dict(values)}))

    monkeypatch.setattr(yaml_edit, "set_values", careless)
    with pytest.raises(errors.ConfigError, match="without harm"):
        credentials.set_key("tries: 2\n", "config.yaml", KEY)
