"""A text that is longer than any on Reddit is not converted, and a sentence says so."""

import pytest

from reddit_archive import markup
from reddit_archive.markup import targets


@pytest.mark.parametrize("target", targets.NAMES)
def test_convert__text_beyond_the_limit_is_a_sentence(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, "MAX_CHARACTERS", 1_000)
    html = f"<p>{'words ' * 200}</p>"
    found = markup.convert(html, target=target)
    assert "This text is not shown: it has 1,207 characters of HTML" in found
    assert "words" not in found
    assert len(markup.convert(html[:900], target=target)) > 800


def test_convert__reddits_longest_text_is_within_the_limit() -> None:
    html = "<p>" + "<em>a</em> " * 10_000 + "</p>"  # 40,000 characters as typed
    assert "not shown" not in markup.convert(html)


def test_convert__control_without_a_limit_all_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MAX_CHARACTERS", 10**12)
    assert "not shown" not in markup.convert(f"<p>{'words ' * 200}</p>")
