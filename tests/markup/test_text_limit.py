"""A text that is longer than any on Reddit is replaced by a sentence."""

import pytest

from reddit_archive import markup
from reddit_archive.markup import targets


@pytest.mark.parametrize("target", targets.NAMES)
def test_convert__text_above_the_limit_is_replaced_by_a_sentence(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, "MAX_CHARACTERS", 1_000)
    html = f"<p>{'words ' * 200}</p>"
    found = markup.convert(html, target=target)
    assert "This text is not shown: it has 1,207 characters of HTML" in found
    assert "words" not in found
    assert len(markup.convert(html[:900], target=target)) > 800


def test_convert__longest_text_of_reddit_is_below_the_limit() -> None:
    html = "<p>" + "<em>a</em> " * 10_000 + "</p>"  # 40,000 characters as typed
    assert "not shown" not in markup.convert(html)


def test_control__without_a_limit_everything_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MAX_CHARACTERS", 10**12)
    assert "not shown" not in markup.convert(f"<p>{'words ' * 200}</p>")
