"""A praw.ini in the folder: invalid settings are reported, and others are ignored."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support import reddit_server as rs


@pytest.mark.parametrize("setting", ["timeout=abc", "ratelimit_seconds=x"])
def test_praw_ini__setting_that_is_not_a_number(
    setting: str, run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    (tmp_path / "praw.ini").write_text(f"[DEFAULT]\n{setting}\n")
    ran = run("9bread1")
    assert (ran.code, reddit.log) == (5, [])
    assert "praw.ini" in ran.err


def test_praw_ini__url_is_ignored_without_a_warning(
    run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    (tmp_path / "praw.ini").write_text("[DEFAULT]\nreddit_url=http://127.0.0.1:9\n")
    ran = run("9bread1")
    assert (ran.code, "praw.ini" in ran.err) == (0, False)
