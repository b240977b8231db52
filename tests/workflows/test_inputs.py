"""Lists of threads: lines, YAML, pages, tables, JSON; what is no thread, and what is hostile."""

import gzip
import html
import json
import os
import re
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reddit_archive import errors
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.quote import Selection
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.workflows.inputs import (
    ListEntry,
    ListProblem,
    ThreadRequest,
    detect,
    links_in_text,
    merge_entries,
)

slow = pytest.mark.slow

URL = "https://www.reddit.com/r/x/comments"
Found = tuple[str | None, str | None]


def read(text: str | bytes, name: str = "list.txt") -> list[ListEntry | ListProblem]:
    return detect.read(text.encode() if isinstance(text, str) else text, name)


def items(text: str | bytes, name: str = "list.txt") -> list[ListEntry]:
    """Return what a list without mistakes names."""
    found = read(text, name)
    assert [each for each in found if isinstance(each, ListProblem)] == []
    return [each for each in found if isinstance(each, ListEntry)]


def named(text: str | bytes, name: str = "list.txt") -> list[Found]:
    return [(each.reference.post_id, each.reference.comment_id) for each in items(text, name)]


def problem(text: str | bytes, name: str = "list.txt") -> ListProblem:
    """Return the only problem of a list."""
    (found,) = (each for each in read(text, name) if isinstance(each, ListProblem))
    return found


# Lines of text


def test_lines__one_reference_per_line() -> None:
    assert named(f"{URL}/aa1/t/\n\n  t3_aa2\naa3\nr/x/comments/aa4\n\r\nhttps://redd.it/aa5") == [
        (f"aa{number}", None) for number in range(1, 6)
    ]


def test_lines__have_their_positions() -> None:
    assert [each.origin for each in items(f"# why\n\n{URL}/aa1\n{URL}/aa2")] == [
        "list.txt:3",
        "list.txt:4",
    ]


@pytest.mark.parametrize(
    "line",
    ["# {}", "   # {}", "#{}", "\t#"],
)
def test_lines__comments_are_skipped(line: str) -> None:
    assert named(f"{URL}/aa1\n{line.format(URL + '/aa2')}\n") == [("aa1", None)]


def test_lines__fragment_is_no_comment() -> None:
    assert items(f"{URL}/aa1/t/#x --top 2 # the best")[0].options.selection.top == 2


def test_lines__hash_between_quotation_marks_is_no_comment() -> None:
    (found,) = items(f"""{URL}/aa1 --excerpt "it's # 5" # don't""")
    assert found.options.excerpt == "it's # 5"


@pytest.mark.parametrize("line", [f"{URL}/aa1 --replies 3", f"--replies 3 {URL}/aa1"])
def test_lines__options_stand_after_or_before(line: str) -> None:
    assert items(line)[0].options.selection.replies == 3


def test_lines__address_of_a_comment_selects_it() -> None:
    (found,) = items(f"{URL}/aa1/t/cc1/?context=3 -c cc2")
    assert found.reference == Reference("aa1", "cc1")
    assert found.options.selection.comments == ("cc2", "cc1")


def test_lines__bullets_and_markdown_links() -> None:
    text = f"- {URL}/aa1 --top 1\n2. {URL}/aa2\n[a title]({URL}/aa3/) --top 3\n"
    assert [each.options.selection.top for each in items(text)] == [1, 0, 3]


def test_lines__bad_line_does_not_affect_others() -> None:
    found = read(f"{URL}/aa1\nhttps://example.com/x\n{URL}/aa2 --replys 1\n{URL}/aa3\n")
    assert [type(each) for each in found] == [ListEntry, ListProblem, ListProblem, ListEntry]
    assert [each.origin for each in found[1:3]] == ["list.txt:2", "list.txt:3"]


def test_lines__errors_have_hints() -> None:
    assert problem(f"{URL}/aa1 --replys 1").hint == "Did you mean '--replies'?"


@pytest.mark.parametrize("line", ["thread.json", "./saved/thread.json", "-"])
def test_lines__a_file_is_a_problem(line: str) -> None:
    assert isinstance(read(f"{URL}/aa1\n{line}\n")[-1], ListProblem)


def test_lines__prose_is_read_like_a_page() -> None:
    prose = f"I liked this thread a lot, see {URL}/aa1/t/.\nAnd https://redd.it/aa2, too.\nBye.\n"
    assert named(prose, "notes.txt") == [("aa1", None), ("aa2", None)]


# YAML


def test_yaml__strings_and_mappings() -> None:
    text = f"""
- {URL}/aa1 --top 2
- thread: {URL}/aa2
  comment: [cc1, 1e5]
  replies: all
  no_post: true
  style:
- url: aa3
  comment: cc3
"""
    one, two, three = items(text, "list.yaml")
    assert one.options.selection.top == 2
    assert two.options == QuoteOptions(Selection(("cc1", "1e5"), replies=None, has_post=False))
    assert three.options.selection.comments == ("cc3",)
    assert [each.origin for each in (one, two, three)] == [f"list.yaml:{n}" for n in (2, 3, 8)]


@pytest.mark.parametrize("name", ["list.yaml", "list.yml", "-"])
def test_yaml__list_under_threads(name: str) -> None:
    text = f"title: mine\nother: {{a: [b]}}\nthreads:\n  - {URL}/aa1\n  - thread: aa2\n"
    assert named(text, name) == [("aa1", None), ("aa2", None)]


OPTIONS = {
    "comment": "cc1",
    "context": 2,
    "replies": 3,
    "all": True,
    "top": 4,
    "depth": 5,
    "min-score": -6,
    "no-post": True,
    "no-heading": True,
    "to": "obsidian",
    "style": "full",
    "as-of": "2024-01-02",
    "excerpt": "from: here … to #there",
    "images": "embed",
    "pseudonyms": True,
}


@pytest.mark.parametrize("name", ["list.yaml", "list.json"])
def test_mappings__every_option_by_its_name(name: str) -> None:
    write: Callable[[object], str] = yaml.safe_dump if name.endswith("yaml") else json.dumps
    (found,) = items(write([{"thread": f"{URL}/aa1", **OPTIONS}]), name)
    assert found.options == QuoteOptions(
        Selection(("cc1",), 2, 3, True, 4, 5, -6, False, False),
        target="obsidian",
        style="full",
        as_of="2024-01-02",
        excerpt="from: here … to #there",
        images="embed",
        pseudonyms=True,
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{thread: aa1, commment: cc1}", "unknown option '--commment'"),
        ("{name: aa1}", "no thread is named"),
        ("{thread: aa1, all: perhaps}", "'all' must be true or false"),
        ("{thread: aa1, replies: many}", "'many' must be a number"),
        ("{thread: aa1, style: [a, {b: c}]}", "'style' has a nested value"),
        ("{thread: https://example.com}", "not an address on Reddit"),
        ("[aa1]", "a list within the list"),
        ("[[[[[[aa1]]]]]]", "nested too deeply"),
    ],
)
def test_yaml__bad_entry(entry: str, message: str) -> None:
    assert message in problem(f"- aa0\n- {entry}\n", "list.yaml").message


def test_yaml__not_valid() -> None:
    assert "line 3" in problem("- aa1\n- 'aa2\n", "list.yaml").message


def test_yaml__without_a_list_is_read_like_a_page() -> None:
    text = f"site: &a\n  source: {URL}/aa1\ncopy: *a\n"
    assert named(text, "mkdocs.yml") == [("aa1", None)]


def bomb(levels: int) -> str:
    """Return YAML in which each level repeats the previous one nine times."""
    lines = [f"a0: &a0 [{URL}/aa1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join([*lines, f"threads: [*a{levels - 1}]\n"])


def test_yaml__bomb_of_aliases_is_refused() -> None:
    assert "an alias" in problem(bomb(30), "list.yaml").message


def test_yaml__catches_a_bomb_that_is_expanded() -> None:
    built = str(yaml.safe_load(bomb(5))["threads"])
    assert built.count("aa1") == 9**4


# Pages

FORMS = (
    *("[text]({0})", '[text]({0} "title")', "[text](<{0}>)", "![alt]({0})", "<{0}>", "({0})"),
    *("{0}", "see {0}.", "see {0}, and", "**{0}**", "*{0}*", "_{0}_", "~~{0}~~", "`{0}`", "“{0}”"),
    *("[1]: {0}", '[1]: <{0}> "title"', "> {0}", "- {0}", "| {0} |", "```\n{0}\n```", "    {0}"),
    *('<a href="{0}">x</a>', "<a href='{0}'>x</a>", "<a href={0}>x</a>", "<!-- {0} -->"),
    *("&quot;{0}&quot;", "{0}\u3002", "[{0}]", "[{0}]({0})", "source: {0}", "# {0}", "({0}){0}"),
)
ADDRESSES = (
    *("https://www.reddit.com/r/x/comments/{0}/some_title/", "https://redd.it/{0}"),
    *("http://old.reddit.com/r/x/comments/{0}", "https://np.reddit.com/comments/{0}/"),
    *("www.reddit.com/r/x/comments/{0}/", "reddit.com/r/x/comments/{0}", "redd.it/{0}"),
    *("/r/x/comments/{0}/t/", "/comments/{0}"),
    *("//m.reddit.com/r/x/comments/{0}/t", "HTTPS://WWW.REDDIT.COM/r/x/comments/{0}"),
    "https://www.reddit.com/r/x/comments/{0}/t_(1)/?utm_source=share&amp;utm_medium=web2x",
    "https://www.reddit.com/r/x/comments/{0}/%E6%97%A5%E6%9C%AC/?context=3&x=y#fragment",
    *("https://www.reddit.com/gallery/{0}", "https://www.reddit.com/user/me/comments/{0}/t/"),
    *(
        "https://www.reddit.com/r/a\\_b/comments/{0}/t/",
        "https://sh.reddit.com/de/r/x/comments/{0}",
    ),
    "https://web.archive.org/web/2020/https://www.reddit.com/r/x/comments/{0}/t/",
    "https://google.com/url?q=https%3A%2F%2Fwww.reddit.com%2Fr%2Fx%2Fcomments%2F{0}%2Ft%2F&sa=D",
    *("https:&#x2F;&#x2F;www.reddit.com&#x2F;comments&#x2F;{0}", "https:\\/\\/redd.it\\/{0}"),
    "https://www.reddit.com/submit?url=https://www.reddit.com/r/x/comments/{0}/t/",
    "https://out.reddit.com/?url=https%3A%2F%2Fredd.it%2F{0}&token=x",
    "https://www.reddit.com/over18?dest=https%3A%2F%2Fwww.reddit.com%2Fr%2Fx%2Fcomments%2F{0}%2F",
    "https://www.reddit.com/login/?dest=https%3A%2F%2Fwww.reddit.com%2Fr%2Fx%2Fcomments%2F{0}%2F",
    "https://www.reddit.com/login?dest=%2Fr%2Fx%2Fcomments%2F{0}%2F",
    *("https://www.reddit.com/r/reddit.com/comments/{0}/t/", "/r/reddit.com/comments/{0}/t/"),
    *("//r/x/comments/{0}/t/", "https://www.reddit.com//r/x/comments/{0}/"),
    *("https://www.reddit.com/info/{0}/comments/", "https://www.reddit.com/t3_{0}"),
    *("https://www.reddit.com/link/{0}/video/xyz789/player", "https://www.reddit.com/{0}"),
    *("https:/www.reddit.com/r/x/comments/{0}/t/", "hxxps://www.reddit.com/r/x/comments/{0}/"),
    "apollo://www.reddit.com/r/x/comments/{0}/t/",
    "https://www.google.com/amp/s/amp.reddit.com/comments/{0}",
    "https://web.archive.org/web/2012/http://www.reddit.com:80/r/x/comments/{0}/t/",
    "https://archive.ph/2020/https://www.reddit.com/r/x/comments/{0}/t/",
)
ELSEWHERE = (
    *("https://www.reddit.com/r/x/", "https://www.reddit.com/user/me/", "u/me", "r/x"),
    *("https://i.redd.it/abc123.png", "https://v.redd.it/abc123", "https://preview.redd.it/a.png"),
    *("https://www.reddit.com/r/x/wiki/index", "https://www.reddit.com/r/x/comments/"),
    *("https://www.reddit.com/settings", "me@reddit.com/r/x/comments/zz3"),
    *("https://www.reddit.com.example.com/comments/zz4", "reddit.com", "https://redd.it/"),
    *("/gallery/summer2020", "/comments/12345/", "https://example.com/user/me/comments/12345/"),
    *("prose (in brackets), *stress*;", "[text](https://example.com)", "", "---", "<b>bold</b>"),
)


@pytest.mark.parametrize("form", FORMS)
def test_page__address_in_any_form(form: str) -> None:
    for address in ADDRESSES:
        written = form.format(address.format("abc123"))
        assert named(written, "page.md") == [("abc123", None)], written


@pytest.mark.parametrize("other", ELSEWHERE)
def test_page__other_links_are_skipped(other: str) -> None:
    assert read(f"a {other} b\n<{other}>\n[c]({other})\n", "page.md") == []


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(FORMS), st.sampled_from(ADDRESSES), st.sampled_from(ELSEWHERE)),
        max_size=12,
    ),
    st.sampled_from(["\n", "\r\n", "\n\n", " ", "\r"]),
)
def test_page__every_address_once_in_its_order(
    written: list[tuple[str, str, str]], between: str
) -> None:
    parts = [
        between.join((form.format(address.format(f"id{number:04}")), other))
        for number, (form, address, other) in enumerate(written)
    ]
    text = between.join([*parts, *parts])
    expected = [(f"id{number:04}", None) for number in range(len(written))]
    assert named(text, "page.md") == expected


def _rules() -> None:
    for other in ELSEWHERE:
        test_page__other_links_are_skipped(other)
    for form in FORMS:
        test_page__address_in_any_form(form)


@pytest.mark.parametrize("part", ["REVERSED_PREFIX_PATTERN", "THREAD_PATH_PATTERN", "PATH_PATTERN"])
def test_page__each_rule_is_needed(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(
        links_in_text, part, re.compile(r"\S{0,2000}" if part == "PATH_PATTERN" else "")
    )
    with pytest.raises(AssertionError):
        _rules()


def test_page__comments_of_one_thread_are_each_selected() -> None:
    text = f"[a]({URL}/aa1/t/cc1/) [b]({URL}/aa1/t/cc2/) [c]({URL}/aa1/)"
    (found,) = merge_entries(items(text, "page.md"))
    assert found.reference == Reference("aa1")
    assert found.options.selection.comments == ("cc1", "cc2")


def linked(page: str) -> set[Reference]:
    """Return the threads that HTML links to, without our scanner."""
    found = set()
    for address in re.findall(r'href="([^"]*)"', page):
        with suppress(errors.InvalidReferenceError):
            if re.match(r"https?://|/(?!comments/[a-z]+\b)", address):
                found.add(reference.parse(html.unescape(address)))
    return {each for each in found if each.file is None}


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_page__finds_every_link_of_reddit(recordings: Path, every: int) -> None:
    with gzip.open(recordings / "pairs.jsonl.gz", "rt") as file:
        pairs = [json.loads(line) for line in islice(file, 0, None, every)]
    number = 0
    for pair in pairs:
        expected = linked(pair["html"] or "")
        number += len(expected)
        for text, name in ((pair["body"] or "", "page.md"), (pair["html"] or "", "page.html")):
            entries = [each for each in read(text, name) if isinstance(each, ListEntry)]
            assert expected <= {each.reference for each in entries}, text
    assert number > 800 / every


@pytest.mark.parametrize("form", [form for form in FORMS if not form.startswith("<!--")])
@pytest.mark.parametrize("start", ["reddit://reddit/", "reddit://", "reddit:///"])
def test_page__address_of_an_app(form: str, start: str) -> None:
    """In an HTML comment, `reddit:` starts the marker of a quote block."""
    address = form.format(f"{start}r/x/comments/abc123/t/")
    assert named(address, "page.md") == [("abc123", None)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "address",
    [
        "https://redlib.example.org/r/x/comments/abc123/t/",
        "http://teddit.example.org:8080/r/x/comments/abc123",
        "https://www.reveddit.com/v/x/comments/abc123/t/?context=3",
        "redlib.example.org/r/x/comments/abc123/t/",
        "https://www.reddit.com/r/x/comments/äbc/t/",
    ],
)
def test_page__address_that_is_not_taken_is_reported_once(form: str, address: str) -> None:
    (problem,) = read(form.format(address), "page.md")
    assert isinstance(problem, ListProblem)
    assert problem.origin.startswith("page.md:")


def test_page__share_link() -> None:
    (found,) = items("see https://www.reddit.com/r/x/s/AbC123xyz0.", "page.md")
    assert found.reference == Reference(share_path="/r/x/s/AbC123xyz0")


def test_page__app_link_can_not_be_followed() -> None:
    assert "browser" in problem("[x](https://reddit.app.link/AbC123)", "page.md").hint


BLOCK = f"""
See [it]({URL}/aa2/).

<!-- reddit: {URL}/aa1/ --comment cc1 --no-post --style full -->

> [someone](https://www.reddit.com/user/someone/) · [when]({URL}/aa1/t/cc9/) [x]({URL}/aa8/)

<!-- /reddit -->

And https://redd.it/aa3.
"""


def test_page__block_keeps_its_options() -> None:
    found = items(BLOCK, "page.md")
    assert [each.reference.post_id for each in found] == ["aa2", "aa1", "aa3"]
    assert found[1].options == QuoteOptions(Selection(("cc1",), has_post=False), style="full")
    assert found[1].origin == "page.md:4"


def test_page__faulty_block_is_reported_and_its_thread_saved() -> None:
    found = read(BLOCK.replace("--style", "--stile"), "page.md")
    assert [each.message for each in found if isinstance(each, ListProblem)] == [
        "unknown option '--stile'. Did you mean '--style'?"
    ]
    assert ("aa1", None) in {
        (each.reference.post_id, each.reference.comment_id)
        for each in found
        if isinstance(each, ListEntry)
    }


def test_html__relative_links_and_no_scripts() -> None:
    text = f"""<!doctype html><title>saved</title><script>let a = "{URL}/aa9/"</script>
<a href="/r/x/comments/aa1/t/">a</a> <a href='/r/x/comments/aa2/t/cc2/?context=3&amp;a=b'>b</a>
<a href=/user/me/>c</a> <shreddit-post permalink="/r/x/comments/aa3/t/"></shreddit-post>"""
    expected = [("aa1", None), ("aa2", "cc2"), ("aa3", None)]
    assert named(text, "saved.html") == expected
    assert named(text, "-") == expected


def test_html__saved_thread_is_that_thread() -> None:
    text = f'<html><link rel="canonical" href="{URL}/aa1/t/"><a href="{URL}/aa1/t/cc1/">x</a>'
    assert named(text, "thread.html") == [("aa1", None)]


# Tables


def test_csv__saved_posts_of_reddits_export() -> None:
    text = f"id,permalink\naa1,{URL}/aa1/t/\naa2,{URL}/aa2/t/\n"
    assert named(text, "saved_posts.csv") == [("aa1", None), ("aa2", None)]


@pytest.mark.parametrize("name", ["saved_comments.csv", "comment_votes_2.csv", "x/comments.csv"])
def test_csv__comments_of_reddits_export(name: str) -> None:
    text = f"id,permalink\ncc1,{URL}/aa1/t/cc1/\ncc2,{URL}/aa2/t/\ncc3,\n"
    assert named(text, name) == [("aa1", "cc1"), ("aa2", "cc2"), (None, "cc3")]


def test_csv__comments_without_permalink_have_their_posts() -> None:
    head = "id,permalink,date,ip,subreddit,gildings,link,parent,body,media"
    assert named(f'{head}\ncc1,,,,x,0,{URL}/aa1/t/,t1_cc0,"a\n\n""b""",\n', "-") == [("aa1", "cc1")]


def test_csv__post_that_links_to_another_thread() -> None:
    head = "id,permalink,date,ip,subreddit,gildings,title,url,body"
    assert named(f"{head}\naa1,,,,x,0,t,{URL}/aa9/,\n", "posts.csv") == [("aa1", None)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv__delimiters_and_codes(delimiter: str, code: str) -> None:
    rows = [["Title", "Permalink"], ["a, b; c", f"{URL}/aa1/"], ["é", "/r/x/comments/aa2/t/"]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert named(text.encode(code), "table.csv") == [("aa1", None), ("aa2", None)]


def test_csv__without_suffix_is_detected_by_its_header() -> None:
    assert named(f"title,url\nx,{URL}/aa1/\n", "-") == [("aa1", None)]


def test_csv__without_header_is_read_like_a_page() -> None:
    assert named(f"x,{URL}/aa1/\ny,{URL}/aa2/\n", "table.csv") == [("aa1", None), ("aa2", None)]


def test_csv__bookmarks_of_other_sites_are_skipped() -> None:
    text = f"id,title,url\n12345,a,https://example.com\n12346,b,{URL}/aa1/\n"
    assert named(text, "bookmarks.csv") == [("aa1", None)]


def test_csv__rows_without_a_thread_have_their_numbers() -> None:
    found = read(f'id,permalink\n"aa1\n",{URL}/aa1/\n!,\n,\naa3,nonsense/\n', "saved_posts.csv")
    origins = [each.origin for each in found]
    assert origins == [f"saved_posts.csv: row {number}" for number in (2, 3, 5)]
    assert [type(each) for each in found] == [ListEntry, ListProblem, ListEntry]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("messages_2.csv", "id,permalink\n2bq9x1,https://www.reddit.com/message/messages/2bq9x1\n"),
        ("multireddits.csv", "id,display_name\n/user/me/m/mine,mine\n"),
        ("drafts.csv", "id,title\nabc123,mine\n"),
        ("scheduled_posts.csv", "scheduled_post_id,title,url\nabc123,mine,\n"),
        ("subscribed_subreddits.csv", "subreddit\nPython\n"),
        ("statistics.csv", "statistic,value\naccount name,me\n"),
    ],
)
def test_csv__other_files_of_the_export_have_no_threads(name: str, text: str) -> None:
    assert read(text, f"export/{name}") == []


@pytest.mark.parametrize("header", ["title,url\nx,", "url,note\n", "id,permalink,url\n,,"])
def test_csv__address_that_is_not_taken_is_reported(header: str) -> None:
    text = f"{header}https://redlib.example.org/r/x/comments/abc123/t/,\n"
    (problem,) = read(text, "list.csv")
    assert isinstance(problem, ListProblem)
    assert "https://www.reddit.com/r/x/comments/abc123/" in problem.hint


def test_csv__unclosed_field_is_a_problem() -> None:
    text = f'id,permalink\naa1,{URL}/aa1/\naa2,"' + "x" * 200_000
    assert problem(text, "saved_posts.csv").origin == "saved_posts.csv: row 3"


# JSON


def listing(*things: dict[str, object]) -> dict[str, object]:
    return {"kind": "Listing", "data": {"children": list(things)}}


def post(name: str, **more: object) -> dict[str, object]:
    return {"kind": "t3", "data": {"id": name, "permalink": f"/r/x/comments/{name}/t/", **more}}


def comment(name: str, thread: str) -> dict[str, object]:
    permalink = f"/r/x/comments/{thread}/t/{name}/"
    data = {"id": name, "link_id": f"t3_{thread}", "permalink": permalink, "replies": ""}
    return {"kind": "t1", "data": data}


def test_json__listing_of_what_a_user_saved() -> None:
    text = json.dumps(listing(post("aa1"), comment("cc2", "aa2")))
    assert named(text, "saved.json") == [("aa1", None), ("aa2", "cc2")]


def test_json__page_of_a_thread_is_that_thread() -> None:
    text = json.dumps([listing(post("aa1")), listing(comment("cc1", "aa1"), comment("cc2", "aa1"))])
    assert named(text, "thread.json") == [("aa1", None)]


def test_json__saved_items_of_one_thread_are_not_its_page() -> None:
    text = json.dumps([post("aa1"), comment("cc1", "aa1")])
    assert named(text, "saved.json") == [("aa1", None), ("aa1", "cc1")]


def test_json__crosspost_is_not_its_original() -> None:
    text = json.dumps({"saved": [post("aa1", crosspost_parent_list=[post("aa9")["data"]])]})
    assert named(text, "export.json") == [("aa1", None)]


def test_json__strings_with_options() -> None:
    one, two = items(json.dumps([f"{URL}/aa1 --top 2", "t3_aa2"]), "list.json")
    assert (one.options.selection.top, two.reference.post_id) == (2, "aa2")
    assert [one.origin, two.origin] == ["list.json: item 1", "list.json: item 2"]


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        ({"full_link": f"{URL}/aa1/"}, ("aa1", None)),
        ({"a": {"b": [{"url": f"{URL}/aa1/t/cc1/"}]}}, ("aa1", "cc1")),
        ({"a": [1, None, f"{URL}/aa1/"]}, ("aa1", None)),
        ({"id": "cc1", "link_id": "t3_aa1", "body": "x"}, ("aa1", "cc1")),
        ({"name": "t1_cc1"}, (None, "cc1")),
        ({"id": "aa1", "subreddit": "x", "title": "t", "url": f"{URL}/aa9/"}, ("aa1", None)),
        ({"name": "some", "uri": f"{URL}/aa1/"}, ("aa1", None)),
    ],
)
def test_json__other_tools_exports(thing: object, expected: Found) -> None:
    assert named(json.dumps({"list": [thing]}), "export.json") == [expected]


def test_json__address_inside_a_text_is_ignored() -> None:
    assert read(json.dumps({"a": f"I saw {URL}/aa1/", "b": "aa1"}), "other.json") == []


def test_json__address_that_is_not_taken_is_reported() -> None:
    text = '[{"title": "a", "url": "https://redlib.example.org/r/x/comments/abc123/t/"}]'
    (problem,) = read(text, "list.json")
    assert isinstance(problem, ListProblem)
    assert "https://www.reddit.com/r/x/comments/abc123/" in problem.hint


def test_json__lines() -> None:
    text = f'{{"permalink": "/r/x/comments/aa1/t/"}}\nnonsense\n"{URL}/aa2"\n'
    found = read(text, "-")
    assert [each.origin for each in found] == ["-:1", "-:2", "-:3"]
    assert [type(each) for each in found] == [ListEntry, ListProblem, ListEntry]


def test_json__snapshot_names_its_thread() -> None:
    things = [comment("cc1", "aa1"), post("aa1")]
    text = json.dumps({"format": "reddit-archive 1", "things": things})
    assert named(text, "snapshot.json") == [("aa1", None)]


def test_json__page_of_a_thread_ten_thousand_replies_deep() -> None:
    one = (
        '{"kind": "Listing", "data": {"children": [{"kind": "t1", "data": {"id": "cc", "replies": '
    )
    deep = one * 10_000 + '""' + "}}]}}" * 10_000
    assert named(f"[{json.dumps(listing(post('aa1')))}, {deep}]", "deep.json") == [("aa1", None)]


# Files


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04rest", "is compressed"),
        (b"\x1f\x8brest", "is compressed"),
        (b"\x00\x01\x02", "not text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text"),
    ],
)
def test_file__is_not_text(data: bytes, message: str) -> None:
    found = problem(data, "export.zip")
    assert message in found.message
    assert found.hint


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv", "a.yaml", "-"])
def test_file__is_empty(name: str) -> None:
    assert read(b"", name) == read(b"\n \n", name) == []


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_file__codes(code: str) -> None:
    text = f"{URL}/aa1 # café\n"
    data = b"\xff\xfe" + text.encode(code) if code == "utf-16-le" else text.encode(code)
    assert named(data) == [("aa1", None)]


def test_file__too_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "MAX_THREADS", 3)
    found = read("aa1\naa2\naa3\naa4\naa5\n")
    assert [type(each) for each in found] == [ListEntry, ListEntry, ListEntry, ListProblem]


SIZE = 200_000
HOSTILE = {
    "hosts.md": "reddit.com/",
    "short.md": "redd.it/ab",
    "open.md": "redd.it/ab(",
    "escaped.md": "redd.it/a&amp",
    "links.md": "](/r/x/comments/",
    "labels.md": "a.",
    "href.md": "href = ",
    "blocks.md": "<!-- reddit: https://redd.it/abc -->\n",
    "markers.md": "<!-- reddit: - - - - - - - - ",
    "items.md": "- ",
    "script.html": "<script",
    "link.html": "<link rel=canonical ",
    "long.txt": f"{URL}/aa1 ",
    "quotes.txt": '"\n',
    "brackets.txt": "[a](",
    "deep.json": "[",
    "objects.json": '{"a":',
    "lines.ndjson": "[[[[\n",
    "deep.yaml": "[",
    "keys.yaml": "- ? ",
    "quotes.csv": '"a\n',
    "columns.csv": "id,",
}


@slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile__takes_linear_time(name: str) -> None:
    head = {"items.md": "<!-- reddit: x -->\n", "quotes.csv": "id,permalink\n"}.get(name, "")
    text = head + HOSTILE[name] * (SIZE // len(HOSTILE[name]))
    begun = time.process_time()
    read(text, name)
    assert time.process_time() - begun < 5


@slow
def test_hostile__catches_a_missing_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "<!-- reddit: x -->\n" + "- " * SIZE
    times = []
    for longest in (links_in_text.MAX_LINE_LENGTH, 10 * SIZE):
        monkeypatch.setattr(links_in_text, "MAX_LINE_LENGTH", longest)
        begun = time.process_time()
        read(text, "items.md")
        times.append(time.process_time() - begun)
    assert times[1] > 3 * times[0]


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from([*FORMS, *ADDRESSES, *ELSEWHERE, *HOSTILE.values(), "\ufeff", "\0", "\x1b"])
        | st.text(max_size=8),
        max_size=20,
    ),
    st.sampled_from([*HOSTILE, "-", "notes", "saved_comments.csv"]),
)
def test_hostile__nothing_raises(parts: list[str], name: str) -> None:
    for found in detect.read("".join(parts).encode("utf-8", "surrogatepass"), name):
        assert found.origin.startswith(name)
        assert isinstance(found, ListEntry) or found.message


LARGE = {
    "list.txt": "https://www.reddit.com/r/x/comments/{0:x}/t/cc{1}/ --replies 1 # {0}",
    "list.yaml": "- thread: https://redd.it/{0:x}\n  comment: [cc{1}]\n  replies: 1",
    "page.md": "[x](https://www.reddit.com/r/x/comments/{0:x}/t/cc{1}/)",
    "saved_comments.csv": "cc{1},https://www.reddit.com/r/x/comments/{0:x}/t/cc{1}/",
    "saved.ndjson": '{{"permalink": "/r/x/comments/{0:x}/t/cc{1}/"}}',
}


def large(name: str) -> bytes:
    lines = [LARGE[name].format(n + 10**6, n % 97 + 10) for n in range(10_000)]
    head = ["id,permalink"] if name.endswith("csv") else []
    return "\n".join([*head, *lines]).encode()


@slow
@pytest.mark.parametrize("name", LARGE)
def test_large__ten_thousand_threads_in_two_seconds(name: str) -> None:
    data = large(name)
    begun = time.process_time()
    assert len(merge_entries(items(data, name))) == 10_000
    # Beside other tests the same work takes more of the processor's time.
    assert time.process_time() - begun < (4 if "PYTEST_XDIST_WORKER" in os.environ else 2)


@slow
@pytest.mark.parametrize("name", LARGE)
def test_large__ten_thousand_threads_in_little_memory(name: str) -> None:
    data = large(name)
    tracemalloc.start()
    try:
        united = merge_entries(items(data, name))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(united) == 10_000
    assert peak_bytes < 100_000_000  # the program itself takes less than as much again


# United


def merge_lines(*text: str) -> list[ThreadRequest]:
    return merge_entries(items("\n".join(text)))


def test_merge_entries__one_entry_per_thread_in_order() -> None:
    found = merge_lines("aa2", "aa1 --top 1", f"{URL}/aa2/t/cc1/", "aa2 -c cc2 -c cc1")
    assert [each.reference for each in found] == [Reference("aa2"), Reference("aa1")]
    assert found[0].options.selection.comments == ("cc1", "cc2")
    assert found[0].origins == ("list.txt:1", "list.txt:3", "list.txt:4")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("--context 1", "--context 3", Selection(context=3)),
        ("--replies 1", "--replies all", Selection(replies=None)),
        ("--replies 1", "--replies 2", Selection(replies=2)),
        ("--all", "--top 2", Selection(everything=True, top=2)),
        ("--top 5 --depth 2", "--top 2 --depth 3", Selection(top=5, depth=3)),
        ("--top 5 --depth 2", "--top 2", Selection(top=5)),
        ("--all --depth 2", "", Selection(everything=True, depth=2)),
        ("--no-post", "", Selection(has_post=False)),
    ],
)
def test_merge_entries__combines_selections(one: str, other: str, both: Selection) -> None:
    assert merge_lines(f"aa1 {one}", f"aa1 {other}")[0].options.selection == both
    assert merge_lines(f"aa1 {other}", f"aa1 {one}")[0].options.selection == both


def test_merge_entries__first_value_of_an_option_wins() -> None:
    (found,) = merge_lines("aa1", "aa1 --style full", "aa1 --style dated --to html --pseudonyms")
    assert found.options == QuoteOptions(style="full", target="html", pseudonyms=True)


def test_merge_entries__unresolved_links_stay_separate() -> None:
    share = "https://www.reddit.com/r/x/s/AbC123xyz0"
    found = merge_lines(share, "t1_cc1", f"{share} --top 1", "aa1", "t1_cc1")
    assert [each.reference for each in found] == [
        Reference(share_path="/r/x/s/AbC123xyz0"),
        Reference(comment_id="cc1"),
        Reference("aa1"),
    ]
    assert found[0].options.selection.top == 1
