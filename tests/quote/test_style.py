"""Styles decide what the attribution shows, and nothing in it is live."""

import random
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reddit_archive import config, errors, history, markup, quote
from reddit_archive.config import page_settings
from reddit_archive.markup.targets import NAMES
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection, Style
from reddit_archive.quote.style import BUILT_IN_STYLES, PLAIN_STYLE, STYLE_CHOICES
from tests.conftest import Run
from tests.support import story
from tests.support.inertness import PAYLOADS, find_live_html, find_live_text, iter_rendered

ALL = Selection(everything=True)
POSTED, ANSWERED = 1_767_600_000, 1_767_610_800
NOW = datetime(2026, 2, 11, tzinfo=UTC)
POST = {"id": "p1", "author": "op", "title": "T", "subreddit": "x", "created_utc": POSTED}
ANSWER = {"id": "a", "parent_id": "t3_p1", "author": "x", "body": "text", "created_utc": ANSWERED}
BARE = Style(author_link="none", name_prefix="none", post_prefix="", separator="")


def thread(post: dict[str, Any] | None = None, **answer: Any) -> Thread:
    things = ({"kind": "t3", "data": POST | (post or {})}, {"kind": "t1", "data": ANSWER | answer})
    return history.merge("p1", [Capture("p1", capture.utc_now(), "saved", {}, things)])


def line(style: Style, *, post: dict[str, Any] | None = None, **answer: Any) -> str:
    """Return the author line of the comment."""
    text = quote.render(thread(post, **answer), ALL, style=style, captured_at=NOW)
    return next(line[4:] for line in text.split("\n") if line.startswith("> > "))


PROFILE = "[x](https://www.reddit.com/user/x/)"


@pytest.mark.parametrize(
    ("style", "answer", "expected"),
    [
        (PLAIN_STYLE, {"score": 7, "edited": ANSWERED, "author_flair_text": "f"}, PROFILE),
        (Style(comment_prefix="Said"), {}, f"Said {PROFILE}"),
        (Style(name_prefix="all"), {}, "[u/x](https://www.reddit.com/user/x/)"),
        (Style(author_link="permalink"), {}, "[x](https://www.reddit.com/comments/p1/_/a/)"),
        (Style(author_link="none"), {}, "x"),
        (Style(author_link="none"), {"author": "1."}, r"1\."),
        (Style(nobody="nobody"), {"author": None}, "nobody"),
        (Style(date="absolute"), {}, f"{PROFILE} · 2026-01-05"),
        (
            Style(date="absolute", date_format="%-d %B %Y, %H:%M"),
            {},
            f"{PROFILE} · 5 January 2026, 11:00",
        ),
        (Style(date="absolute"), {"created_utc": None}, PROFILE),
        (Style(date="relative"), {}, f"{PROFILE} · 1 month before it was saved"),
        (Style(date="relative", relative_to="post"), {}, f"{PROFILE} · 3 hours after the post"),
        (Style(permalink=True), {}, f"{PROFILE} · [link](https://www.reddit.com/comments/p1/_/a/)"),
        (
            Style(permalink=True, date="absolute"),
            {"permalink": "/r/x/a"},
            f"{PROFILE} · [2026-01-05](https://www.reddit.com/r/x/a)",
        ),
        (Style(score=True), {"score": -1200}, f"{PROFILE} · -1,200 points"),
        (Style(score=True), {"score": 1}, f"{PROFILE} · 1 point"),
        (Style(score=True), {"score": 7, "score_hidden": True}, PROFILE),
        (Style(author_flair=True), {"author_flair_text": "*a*"}, rf"{PROFILE} · \*a\*"),
        (Style(marks=True), {"is_submitter": True, "stickied": True}, f"{PROFILE} · OP · stickied"),
        (Style(marks=True), {"distinguished": "admin"}, f"{PROFILE} · admin"),
        (Style(edited=True), {"edited": ANSWERED + 86_400}, f"{PROFILE} · edited 2026-01-06"),
        (Style(edited=True), {"edited": True}, f"{PROFILE} · edited"),
        (Style(edited=True), {"edited": False}, PROFILE),
        (Style(score=True, separator="|"), {"score": 2}, rf"{PROFILE} \| 2 points"),
        (Style(score=True, separator=""), {"score": 2}, f"{PROFILE} 2 points"),
    ],
)
def test_author_line__of_a_comment(style: Style, answer: dict[str, Any], expected: str) -> None:
    assert line(style, **answer) == expected


def test_author_line__of_a_post_with_its_flair() -> None:
    shown = thread({"link_flair_text": "Q & A", "score": 3})
    style = Style(post_flair=True, score=True, post_prefix="By", name_prefix="none")
    text = quote.render(shown, Selection(), style=style)
    assert "> By [op](https://www.reddit.com/user/op/) · Q & A · 3 points\n" in text


@pytest.mark.parametrize(
    ("style", "first"),
    [
        (PLAIN_STYLE, "### r/x: [T](https://www.reddit.com/comments/p1/)"),
        (
            Style(heading_level=2, heading_subreddit=False),
            "## [T](https://www.reddit.com/comments/p1/)",
        ),
        (Style(heading=False), "> Posted by [u/op](https://www.reddit.com/user/op/)"),
    ],
)
def test_heading__follows_the_style(style: Style, first: str) -> None:
    assert quote.render(thread(), Selection(), style=style).split("\n")[0] == first


def test_removed_text__replaces_a_text_that_was_never_captured() -> None:
    deleted = {"author": "[deleted]", "body": "[deleted]", "body_html": "<p>[deleted]</p>"}
    text = quote.render(thread(**deleted), ALL, style=Style(removed_text="(gone, *sorry*)"))
    assert text.endswith("> > [deleted]\n> >\n> > (gone, \\*sorry*)\n")


def test_lost__shows_the_deletion_of_a_preserved_text() -> None:
    deleted = {"author": "[deleted]", "body": "[deleted]"}
    captures = [
        Capture("p1", datetime(2026, 1, day, tzinfo=UTC), "saved", {}, things)
        for day, things in (
            (5, ({"kind": "t3", "data": POST}, {"kind": "t1", "data": ANSWER})),
            (9, ({"kind": "t3", "data": POST}, {"kind": "t1", "data": ANSWER | deleted})),
        )
    ]
    shown, seen = history.merge("p1", captures), {"t1_a": datetime(2026, 1, 5, tzinfo=UTC)}
    text = quote.render(shown, ALL, style=Style(lost=True), last_seen=seen)
    assert f"> > {PROFILE} · deleted since; text of 2026-01-05\n" in text
    assert "deleted" not in quote.render(shown, ALL, last_seen=seen)


@pytest.mark.parametrize("mark", ["(…)", "# x", "- ", ""])
def test_left_out__follows_the_style(mark: str) -> None:
    text = quote.render(thread(parent_id="t1_gone"), ALL, style=Style(left_out=mark))
    shown = live_text(text)
    assert mark.strip() in shown
    assert "[…]" not in shown


def live_text(text: str) -> str:
    from tests.support import dom, renderers

    return dom.text(renderers.gfm(text))


@pytest.mark.parametrize("target", NAMES)
@pytest.mark.parametrize("name", BUILT_IN_STYLES)
def test_built_in_styles__same_bytes_for_every_target(name: str, target: str) -> None:
    shown = thread(score=3, edited=ANSWERED)
    one, other = (
        quote.render(shown, ALL, target=target, style=BUILT_IN_STYLES[name], captured_at=NOW)
        for _ in range(2)
    )
    assert one == other
    assert ("2026-01-05" in one) == (name != "plain")


def test_style_choices__are_fields_with_a_valid_default() -> None:
    for name, choices in STYLE_CHOICES.items():
        assert getattr(PLAIN_STYLE, name) in (*choices, None)
    assert all(name in {each.name for each in fields(Style)} for name in STYLE_CHOICES)


# Inertness

ODD = Style(
    **dict.fromkeys(("nobody", "separator"), "[x](javascript:y) <b onclick=z> {{ x }}"),
    removed_text=PAYLOADS["image"],
    left_out="![x](https://evil.example/)",
    comment_prefix="!",
    author_link="none",
    marks=True,
    author_flair=True,
    date="absolute",
    date_format="%Y [x](javascript:y) <img src=x>",
)
TELLING = replace(
    BUILT_IN_STYLES["full"], heading_subreddit=False, separator="", author_link="none", date="none"
)
STYLES = {
    **BUILT_IN_STYLES,
    "odd": ODD,
    "telling": TELLING,
    "bare": replace(BARE, author_flair=True),
}


def hostile(*payloads: str) -> Thread:
    """Return a thread where everything except the texts is hostile."""
    dice = random.Random(repr(payloads))

    def choose_fields() -> dict[str, Any]:
        fields = ("author", "author_flair_text", "link_flair_text", "distinguished", "permalink")
        return {field: dice.choice(payloads) for field in fields}

    post = choose_fields() | {
        "title": payloads[0],
        "subreddit_name_prefixed": payloads[0],
        "stickied": True,
    }
    post["permalink"] = f"/{post['permalink']}"
    last = choose_fields() | {"parent_id": "t1_b", "edited": True, "score": 1}
    things = [
        {"kind": "t3", "data": POST | post},
        {"kind": "t1", "data": ANSWER | choose_fields() | {"is_submitter": True}},
        {
            "kind": "t1",
            "data": ANSWER | choose_fields() | {"id": "b", "body": "[deleted]", "author": None},
        },
        {"kind": "t1", "data": ANSWER | last | {"id": "c"}},
        {"kind": "t1", "data": ANSWER | last | {"id": "d", "parent_id": "t1_gone"}},
    ]
    return history.merge("p1", [Capture("p1", NOW, "saved", {}, tuple(things))])


def offences(shown: Thread, target: str, style: Style) -> list[str]:
    text = quote.render(shown, ALL, target=target, style=style, captured_at=NOW, max_depth=2)
    return find_live_text(text, target) + [
        x for page in iter_rendered(text, target) for x in find_live_html(page)
    ]


PLACES = [(style, target) for style in STYLES for target in NAMES]
ENDS = ["!", "[x", "](javascript:y)", "`", "*a", "b*", "$x", "y$", "{{", "}}", "%%", "==a", "a=="]


@pytest.mark.parametrize("every", [16, pytest.param(2, marks=pytest.mark.slow)])
def test_render__hostile_names_flairs_and_titles_are_inert(every: int) -> None:
    for number, (style, target) in enumerate(PLACES):
        for payload in [*PAYLOADS.values()][number % every :: every]:
            found = offences(hostile(payload), target, STYLES[style])
            assert found == [], (style, target, payload)


@pytest.mark.parametrize("count", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_render__hostile_parts_of_one_line_are_inert(count: int) -> None:
    dice = random.Random(6)
    for style, target in PLACES * count:
        ends = dice.sample(ENDS, 4)
        assert offences(hostile(*ends), target, STYLES[style]) == [], (style, target, ends)


def test_render__two_parts_make_no_math() -> None:
    shown = hostile("$\\href{javascript:y}{x}", "z$")
    text = quote.render(shown, ALL, target="obsidian", style=STYLES["telling"])
    assert text.count("$") == text.count("\\$") > 4


@pytest.mark.parametrize("target", [name for name in NAMES if name != "text"])
def test_control__unescaped_flair_is_found(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "escape_text", lambda plain, **_: plain)
    assert offences(
        hostile(PAYLOADS["javascript"], PAYLOADS["image"]), target, BUILT_IN_STYLES["full"]
    )


# Settings


def parse(text: str) -> config.Settings:
    return config.parse(text, "config.yaml")


def test_config__style_extends_another() -> None:
    text = "styles: {a: {extends: b, score: true}, b: {extends: dated, separator: '-'}}"
    expected = replace(BUILT_IN_STYLES["dated"], score=True, separator="-")
    assert parse(text).styles == {
        **BUILT_IN_STYLES,
        "a": expected,
        "b": replace(expected, score=False),
    }


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("quote: {style: datd}", "unknown style 'datd', did you mean 'dated'?", ""),
        ("styles: {a: {scor: true}}", "unknown setting 'styles: a: scor'", "'score'"),
        ("styles: {a: {score: much}}", "'styles: a: score' must be true or false", ""),
        ("styles: {a: {date: today}}", "'styles: a: date' must be none or absolute", ""),
        ("styles: {a: {heading_level: 7}}", "must be at most 6", ""),
        ("styles: {a: {extends: fll}}", "did you mean 'full'?", ""),
        ("styles: {a: {extends: b}, b: {extends: a}}", "leads back to the same style", ""),
        ("styles: {a: {extends: a}}", "leads back to the same style", ""),
        ("styles: {plain: {score: true}}", "'styles: plain' is a built-in style", "another name"),
        ("styles: {1: {score: true}}", "must be text (add quotes)", ""),
        ("styles: {a: {date_format: ''}}", "'styles: a: date_format' is not a date format", "%Y"),
        ("styles: {a: 3}", "'styles: a' must contain settings", ""),
        ("styles: 3", "'styles' must be a section", ""),
        ("pages: {'*.md': {to: word}}", "'pages: *.md: target' must be markdown or", ""),
        ("pages: {'*.md': {style: datd}}", "'pages: *.md: style': unknown style 'datd'", ""),
    ],
)
def test_config__wrong_style_is_one_sentence(text: str, message: str, hint: str) -> None:
    with pytest.raises(errors.ConfigError) as caught:
        parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


PAGES = "pages: {'notes/*.md': {to: jekyll, style: dated}, '*.html': {to: html}}"


@pytest.mark.parametrize(
    ("path", "front_matter", "target", "style"),
    [
        ("README.md", "", "markdown", "plain"),
        ("/home/x/notes/a.md", "title: x", "jekyll", "dated"),
        ("notes/a.md", "reddit: {to: obsidian}", "obsidian", "dated"),
        ("x.html", "reddit: https://www.reddit.com/u/me", "html", "plain"),
        ("x.md", "a: [", "markdown", "plain"),
        ("x.md", "- a", "markdown", "plain"),
    ],
)
def test_page_settings__front_matter_overrides_path(
    path: str, front_matter: str, target: str, style: str
) -> None:
    found = page_settings.apply_page_settings(parse(PAGES), path, front_matter).quote
    assert (found.target, found.style) == (target, style)


@pytest.mark.parametrize(
    ("front_matter", "message"),
    [
        ("reddit: {style: datd}", "x.md: 'reddit: style': unknown style 'datd', did you mean"),
        ("reddit: {to: word}", "x.md: 'reddit: target' must be markdown or"),
        ("reddit: {stile: x}", "x.md: unknown setting 'reddit: stile'"),
        ("a: [\nreddit: {to: html}", "x.md: its front matter is not valid YAML"),
    ],
)
def test_page_settings__wrong_style_is_one_sentence(front_matter: str, message: str) -> None:
    with pytest.raises(errors.ConfigError) as caught:
        page_settings.apply_page_settings(parse(PAGES), "x.md", front_matter)
    assert caught.value.message.startswith(message)


# The program


def test_quote__option_overrides_config(run: Run, tmp_path: Any) -> None:
    run(story.EXAMPLES / "short.json")
    (tmp_path / "config.yaml").write_text("quote: {style: mine}\nstyles: {mine: {score: true}}\n")
    assert "points" in run("quote", "9bread1").out
    assert "points" not in run("quote", "9bread1", "--style", "plain").out


def test_quote__shows_changes_of_a_thread(run: Run, tmp_path: Any) -> None:
    for file in story.write(tmp_path):
        run(file)
    output = run("quote", "9bread1", "--all", "--style", "dated").out
    assert "edited 2026-01-08" in output
    assert "deleted since; text of 2026-01-05" in output


def test_quote__unknown_style_is_one_sentence(run: Run) -> None:
    run(story.EXAMPLES / "short.json")
    refused = run("quote", "9bread1", "--style", "datd")
    assert (refused.code, refused.out) == (2, "")
    assert "unknown style 'datd', did you mean 'dated'?" in refused.err


def test_quote__printed_block_is_found_in_a_page(run: Run) -> None:
    from reddit_archive.quote.blocks import pages as blocks

    run(story.EXAMPLES / "short.json")
    options = ("-c", "zkeep03", "--context", "1", "--style", "dated")
    (found,) = blocks.find_blocks(run("quote", "9bread1", *options, "--block").out)
    assert found.options.selection == Selection(comments=("zkeep03",), context=1)
    assert found.content.strip("\n") == run("quote", "9bread1", *options).out.strip("\n")
