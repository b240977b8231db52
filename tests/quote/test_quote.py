"""A renderer shows which comments are in a quote, and at which depth."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser, LexborNode

from reddit_archive import errors, history, quote
from reddit_archive.markup import snudown, targets
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection, nesting
from tests.conftest import EXAMPLES
from tests.support.quoted_threads import EVERYTHING, load


@pytest.fixture(scope="module")
def short() -> Thread:
    return load(EXAMPLES / "short.json")


@pytest.fixture(scope="module")
def everything() -> Thread:
    return load(EXAMPLES / "everything.json")


def outline(markdown: str) -> list[tuple[int, str]]:
    """Render a quote, and return (depth, author) of its items in order."""
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    found = []
    for node in LexborHTMLParser(html).css("blockquote"):
        first = node.child
        while first is not None and first.tag != "p":
            first = first.next
        if first is not None and (speaker := _speaker(first)):
            found.append((_depth(node), speaker))
    return found


def _speaker(paragraph: LexborNode) -> str:
    text = paragraph.text().strip()
    link = paragraph.css_first("a")
    href = str(link.attributes.get("href")) if link else ""
    if text.removeprefix("Posted by ") == "[deleted]":
        return "[deleted]"
    name = unquote(href.removeprefix("https://www.reddit.com/user/").rstrip("/"))
    is_author_line = text.removeprefix("Posted by ").removeprefix("u/") == name
    return name if is_author_line and name != href else ""


def _depth(node: LexborNode | None) -> int:
    depth = 0
    while node is not None:
        depth += node.tag == "blockquote"
        node = node.parent
    return depth


def as_nested(answer: Any) -> list[tuple[int, str]]:
    """Return (depth, author) by the nesting of `replies`. The post has depth 1."""
    found: list[tuple[int, str]] = []

    def walk(node: Any, depth: int) -> None:
        data = node.get("data") if isinstance(node, dict) else None
        if not isinstance(data, dict) or node["kind"] == "more":
            return
        if node["kind"] in ("t1", "t3"):
            found.append((depth, data["author"] or "[deleted]"))
        below = data["children"] if node["kind"] == "Listing" else [data.get("replies")]
        for child in below:
            walk(child, depth + (node["kind"] == "t1"))

    post, comments = answer
    walk(post, 1)
    walk(comments, 2)
    return found


@pytest.mark.parametrize("name", ["short", "everything", "poll", "crosspost"])
def test_render__whole_example_at_its_depths(name: str) -> None:
    answer = json.loads((EXAMPLES / f"{name}.json").read_text())
    assert outline(quote.render(load(EXAMPLES / f"{name}.json"), EVERYTHING)) == as_nested(answer)


def test_render__every_recorded_page_at_its_depths(recordings: Path) -> None:
    pages = sorted((recordings / "pages").glob("*.json"))
    assert pages
    for page in pages:
        expected = as_nested(json.loads(page.read_text()))
        assert outline(quote.render(load(page), EVERYTHING)) == expected, page.name


def test_render__only_the_post_by_default(short: Thread) -> None:
    assert outline(quote.render(short, Selection())) == [(1, "sunday_crumb")]


def test_render__same_bytes_each_time(everything: Thread) -> None:
    assert quote.render(everything, EVERYTHING) == quote.render(everything, EVERYTHING)


def test_render__default_style(short: Thread) -> None:
    selection = Selection(comments=("zkeep03",), context=1)
    lines = quote.render(short, selection).splitlines()
    assert lines[0].startswith(r"### r/breadlog: [\[Question\] Half the threads")
    assert lines[1] == ""
    assert lines[2] == "> Posted by [u/sunday_crumb](https://www.reddit.com/user/sunday_crumb/)"
    assert lines[3] == ">"
    assert "> > [sunday_crumb](https://www.reddit.com/user/sunday_crumb/)" in lines
    assert "> > > [crumb_counter](https://www.reddit.com/user/crumb_counter/)" in lines


def test_render__deleted_parent_keeps_its_replies_in_place(everything: Thread) -> None:
    selection = Selection(comments=("zdelete",), replies=None, has_post=False)
    assert outline(quote.render(everything, selection)) == [
        (1, "[deleted]"),
        (2, "slow_ferment"),
        (3, "sunday_crumb"),
    ]


def test_render__left_out_comments_are_marked(short: Thread) -> None:
    text = quote.render(short, Selection(comments=("zkeep01", "zkeep03")))
    lines = text.splitlines()
    assert outline(text) == [(1, "sunday_crumb"), (2, "crumb_counter"), (3, "crumb_counter")]
    assert lines.count("> > […]") == 1


def test_render__no_mark_if_nothing_is_left_out(short: Thread) -> None:
    assert "[…]" not in quote.render(short, EVERYTHING)
    alone = Selection(comments=("zkeep03",), has_post=False)
    assert "[…]" not in quote.render(short, alone)


def test_render__without_the_post_comments_start_at_the_first_level(short: Thread) -> None:
    text = quote.render(short, replace(EVERYTHING, has_post=False))
    assert min(depth for depth, _ in outline(text)) == 1


def test_render__without_heading(short: Thread) -> None:
    assert quote.render(short, Selection(has_heading=False)).startswith("> Posted by ")


def test_render__siblings_stay_separate_quotes(short: Thread) -> None:
    text = quote.render(short, replace(EVERYTHING, has_post=False, depth=1, has_heading=False))
    html = cmarkgfm.github_flavored_markdown_to_html(text)
    assert html.count("<blockquote>") == 3


def test_render__orphan_is_marked() -> None:
    data = {"id": "a", "parent_id": "t1_gone", "author": "x", "body": "text", "link_id": "t3_p1"}
    post = {"kind": "t3", "data": {"id": "p1", "author": "op", "selftext": "", "title": "T"}}
    things = (post, {"kind": "t1", "data": data})
    seen = history.merge("p1", [Capture("p1", capture.utc_now(), "saved", {}, things)])
    assert "> […]\n>\n> > [x](" in quote.render(seen, EVERYTHING)


def test_select__comments_are_in_the_order_of_the_thread(short: Thread) -> None:
    chosen = quote.select(short, Selection(comments=("zkeep06", "zkeep01")))
    assert list(chosen) == ["zkeep01", "zkeep06"]


def test_select__context_and_replies(everything: Thread) -> None:
    selection = Selection(comments=("zdeep03",), context=2, replies=1)
    chosen = quote.select(everything, selection)
    assert list(chosen) == ["zdeep01", "zdeep02", "zdeep03", "zdeep04"]


def test_select__top_is_by_score_without_announcements(everything: Thread) -> None:
    scores = {i: everything.comments[i].score or 0 for i in everything.replies(None)}
    chosen = quote.select(everything, Selection(top=3))
    assert len(chosen) == 3
    assert "zsticky" not in chosen
    rest = [scores[i] for i in scores if i not in chosen and i != "zsticky"]
    assert min(scores[i] for i in chosen) >= max(rest)


def test_select__top_with_replies(short: Thread) -> None:
    chosen = quote.select(short, Selection(top=1, replies=None))
    assert list(chosen) == ["zkeep01", "zkeep02", "zkeep03"]


def test_select__depth_keeps_named_comments(short: Thread) -> None:
    assert len(quote.select(short, replace(EVERYTHING, depth=1))) == 3
    named = Selection(comments=("zkeep03",), depth=1)
    assert list(quote.select(short, named)) == ["zkeep03"]


def test_select__comment_of_another_thread_is_an_error(short: Thread) -> None:
    with pytest.raises(errors.CommentNotFoundError, match="no comment zzz"):
        quote.select(short, Selection(comments=("zzz",)))


def chain(length: int) -> Thread:
    """Return a thread where every comment replies to the one before it."""
    things = [{"kind": "t3", "data": {"id": "p1", "author": "op", "title": "T"}}]
    parent = "t3_p1"
    for number in range(length):
        data = {"id": f"c{number}", "parent_id": parent, "author": f"x{number}", "body": "text"}
        things.append({"kind": "t1", "data": data})
        parent = f"t1_c{number}"
    return history.merge("p1", [Capture("p1", capture.utc_now(), "saved", {}, tuple(things))])


def test_render__continues_flat_below_the_maximum_depth() -> None:
    text = quote.render(chain(5), EVERYTHING, max_depth=3)
    depths = [line.count("> ") for line in text.splitlines() if "/user/" in line]
    assert depths == [1, 2, 3, 3, 3, 3]
    link = "https://www.reddit.com/comments/p1/_/c2/"
    assert f"> > > [x3](https://www.reddit.com/user/x3/) in reply to [x2]({link})" in text


@pytest.mark.parametrize("target", targets.NAMES)
def test_render__respects_the_maximum_depth_of_the_target(target: str) -> None:
    text = quote.render(chain(120), EVERYTHING, target=target)
    limit = targets.get_target(target).max_depth
    flat = 0 if limit is None else 121 - limit
    assert text.count(" in reply to ") == flat


def test_render__every_comment_of_a_deep_thread_shows_in_commonmark() -> None:
    html = MarkdownIt("commonmark").render(quote.render(chain(120), EVERYTHING))
    assert all(f">x{number}</a>" in html for number in range(120))


def nested_lists(count: int, text: str) -> str:
    """Return the HTML of lists in lists, with a text in the innermost."""
    return "<ul><li>a" * count + f"<ul><li>{text}</li></ul>" + "</li></ul>" * count


def chain_with_lists(length: int, list_count: int) -> Thread:
    """Return a chain whose comments each end in nested lists with a word of their own."""
    shallow = chain(length)
    comments = [
        replace(
            each,
            raw={
                **each.raw,
                "body": "",
                "body_html": nested_lists(list_count - 1, f"end{number}."),
            },
        )
        for number, each in enumerate(shallow.comments.values())
    ]
    return Thread(shallow.id, shallow.post, comments, shallow.missing_comments)


@pytest.mark.parametrize("preset", ["commonmark", "gfm-like", "js-default"])
@pytest.mark.parametrize("list_count", [1, 2, 3, 5])
def test_render__lists_in_a_deep_thread_show(preset: str, list_count: int) -> None:
    thread = chain_with_lists(14, list_count)
    renderer = MarkdownIt(preset, {"linkify": False})
    html = renderer.render(quote.render(thread, EVERYTHING))
    assert [n for n in range(14) if f"end{n}." not in html] == []


def test_render__lists_in_a_deep_thread_show_on_reddit() -> None:
    thread = chain_with_lists(14, 3)
    html = snudown.render(quote.render(thread, EVERYTHING, target="reddit"))
    assert [n for n in range(14) if f"end{n}." not in html] == []


def test_render__lists_elsewhere_do_not_flatten_a_quote() -> None:
    shallow, deep = chain_with_lists(3, 3), chain(14)
    comments = {**deep.comments, **shallow.comments}
    thread = Thread(deep.id, deep.post, comments.values(), deep.missing_comments)
    assert " in reply to " not in quote.render(thread, EVERYTHING)


def test_control__lists_that_are_not_counted_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nesting, "measure_nesting", lambda html, levels: 0)
    html = MarkdownIt("commonmark").render(quote.render(chain_with_lists(14, 3), EVERYTHING))
    assert any(f"end{n}." not in html for n in range(14))


def test_render__thread_of_3_000_levels() -> None:
    assert quote.render(chain(3_000), EVERYTHING).count("/user/x") == 3_000
