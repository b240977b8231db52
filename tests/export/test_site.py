"""The site: content of its pages, copied quotes, search, and which files are written."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from reddit_archive import errors, history, quote
from reddit_archive.archive import pseudonyms, redact, store
from reddit_archive.export import site
from reddit_archive.export.site import page_templates, safe_html, thread_view
from reddit_archive.export.site.output_folder import PENDING_LIST
from reddit_archive.markup import targets
from reddit_archive.parallel import executors
from reddit_archive.quote.style import BUILT_IN_STYLES
from tests.conftest import EXAMPLES, Run
from tests.support import sites
from tests.support.inertness import PAYLOADS


def page(folder: Path, thread_id: str) -> LexborHTMLParser:
    return LexborHTMLParser((folder / "threads" / f"t3_{thread_id}.html").read_text())


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def get_copied_texts(folder: Path, thread_id: str) -> dict[str, str]:
    """Return the text that script.js copies for each post and comment of a page, by fullname."""
    tree = page(folder, thread_id)
    path = folder / "threads" / (tree.css_first("main").attributes["data-quotes"] or "")
    call = re.fullmatch(r"archiveQuotes\((.*)\);\n", path.read_text("ascii"))
    assert call is not None
    start, quotes = json.loads(f"[{call[1]}]")
    assert [x.attributes["id"] for x in tree.css("article")] == list(quotes)
    return {name: text if name[:3] == "t3_" else start + text for name, text in quotes.items()}


# What is copied


def test_copy__same_quote_as_the_command_line(run: Run, tmp_path: Path) -> None:
    run("save", EXAMPLES / "everything.json")
    assert run("export", "html", "site").code == 0
    quotes = get_copied_texts(tmp_path / "site", "9bread2")
    assert len(quotes) == 40
    for name in list(quotes)[1::13]:
        assert quotes[name] == run("quote", "9bread2", "-c", name[3:]).out
    assert quotes["t3_9bread2"] == run("quote", "9bread2").out


@pytest.mark.parametrize(
    ("target", "style"),
    [
        pytest.param(target, style, marks=() if (row + column) % 3 == 0 else pytest.mark.slow)
        for row, target in enumerate(targets.NAMES)
        for column, style in enumerate(BUILT_IN_STYLES)
    ],
)
def test_copy__in_every_target_and_style(target: str, style: str, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    sites.with_a_past(root)
    sites.deep(root, levels=4)
    for deepest in (None, 1):
        quoting = site.QuoteFormat(target, BUILT_IN_STYLES[style], deepest)
        site.build(root, tmp_path / "site", store.iter_thread_ids(root), quote_format=quoting)
        for thread_id in store.iter_thread_ids(root):
            expected = render_quotes(root, thread_id, quoting)
            assert get_copied_texts(tmp_path / "site", thread_id) == expected


def render_quotes(root: Path, thread_id: str, quoting: site.QuoteFormat) -> dict[str, str]:
    """Return all complete quotes of a thread, as `archive quote` prints them."""
    snapshots = store.load_snapshots(root, thread_id)
    captures = [snapshot.capture for snapshot in snapshots]
    thread = history.merge(thread_id, captures)
    past = history.trace(thread_id, captures)
    seen = {
        name: life.last_author_version.last_seen
        for name, life in past.timelines.items()
        if life.last_author_version
    }
    selections = {f"t3_{thread_id}": quote.Selection()}
    selections |= {f"t1_{name}": quote.Selection((name,)) for name in thread.comments}
    return {
        name: quote.render(
            thread,
            selection,
            target=quoting.target,
            style=quoting.style,
            max_depth=quoting.max_depth,
            captured_at=captures[-1].captured_at,
            last_seen=seen,
        )
        for name, selection in selections.items()
    }


# What a page shows


def test_page__has_each_comment_once_in_its_place(tmp_path: Path) -> None:
    sites.with_a_past(tmp_path / "archive")
    sites.build(tmp_path / "archive", tmp_path / "site")
    tree = page(tmp_path / "site", "past")
    assert [x.attributes["id"] for x in tree.css(".comments article")] == [
        "t1_edited",
        "t1_reply",
        "t1_other",
        "t1_late",
    ]
    assert tree.css_first("#t1_edited .replies > #t1_reply") is not None
    assert tree.css_first("#t1_reply > header .lost").text() == "deleted"
    assert tree.css_first("#t1_late > header .lost").text() == "vanished"
    assert "I keep the *why* as well." in tree.css_first("#t1_reply .text").text()


def test_page__shows_the_first_comments_of_a_very_large_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_view, "MAX_COMMENTS", 2)
    sites.with_a_past(tmp_path / "archive")
    sites.build(tmp_path / "archive", tmp_path / "site")
    tree = page(tmp_path / "site", "past")
    shown = [x.attributes["id"] for x in tree.css(".comments article")]
    assert shown == ["t1_edited", "t1_reply"]
    assert tree.css_first("#comments").text() == "4 comments"
    assert "2 more comments are in the archive." in tree.css_first(".comments > .missing").text()
    assert "4 comments" in (tmp_path / "site" / "index.html").read_text()


def test_page__shows_each_version_with_its_changes(tmp_path: Path) -> None:
    sites.with_a_past(tmp_path / "archive")
    sites.build(tmp_path / "archive", tmp_path / "site")
    tree = page(tmp_path / "site", "past")
    assert tree.css_first("#t1_edited-v1 .typed").text() == "Three things I never leave out."
    assert tree.css_first("#t1_edited-v2 del").text() == "Three"
    assert tree.css_first("#t1_edited-v2 ins").text() == "Four"


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_page__has_the_state_at_each_snapshot(count: int, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    sites.with_a_past(root)
    sites.build(root, tmp_path / "site")
    tree = page(tmp_path / "site", "past")
    then = history.merge("past", [x.capture for x in store.load_snapshots(root, "past")][:count])
    shown = {}
    for article in tree.css(".comments article"):
        if (text := get_state(article, count - 1)) is not None:
            shown[(article.attributes["id"] or "")[3:]] = text
    assert shown == {
        name: (value.body, value.deletion_status or "") for name, value in then.comments.items()
    } | ({"late": ("I came later.", "vanished")} if count == 4 else {})


def get_state(article: LexborNode, number: int) -> tuple[str, str] | None:
    """Return the text and the deletion status that script.js shows at a snapshot."""
    body = article.css_first("article > details:first-child") or article
    texts = [x.text().strip() for x in body.iter() if "text" in classes(x)]
    if (value := article.attributes.get("data-states")) is None:
        return texts[0], ""
    rows = [row.split(":") for row in value.split("|")]
    earlier = [row for row in rows if int(row[0]) <= number]
    return (texts[int(earlier[-1][1])], earlier[-1][2]) if earlier else None


def classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def test_page__very_deep_thread_respects_the_nesting_limit_of_browsers(tmp_path: Path) -> None:
    sites.deep(tmp_path / "archive", levels=600)
    sites.build(tmp_path / "archive", tmp_path / "site")
    tree = page(tmp_path / "site", "deep")
    assert len(tree.css(".comments article")) == 600
    depth, node = 0, tree.css_first("#t1_d599")
    while node is not None:
        depth, node = depth + 1, node.parent
    assert depth < 120
    assert tree.css_first("#t1_d599 .answers a").attributes["href"] == "#t1_d598"


def test_page__shows_only_copies_of_pictures(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    sites.with_pictures(root)
    sites.build(root, folder)
    tree = page(folder, "pics")
    sources = [x.attributes["src"] or "" for x in tree.css("img, video")]
    assert len(sources) == 4
    for source in sources:
        copy = (folder / "threads" / source).resolve()
        original = root / "threads" / "t3_pics" / "media" / copy.name
        assert copy.read_bytes() == original.read_bytes()
        assert copy.stat().st_ino != original.stat().st_ino
    assert "no copy is kept" in tree.css(".gallery figcaption")[2].text()


def test_page__pseudonyms_replace_all_names(run: Run, tmp_path: Path) -> None:
    sites.with_a_past(tmp_path / "archive")
    run("export", "html", "open", "past")
    run("export", "html", "closed", "past", "--pseudonyms")
    names = re.compile(rb"\b(?:edith|rupert|baker)\b")
    assert any(map(names.search, files(tmp_path / "open").values()))
    assert not any(map(names.search, files(tmp_path / "closed").values()))
    quotes = get_copied_texts(tmp_path / "closed", "past")
    printed = run("quote", "past", "-c", "reply", "--pseudonyms").out
    assert quotes["t1_reply"] == printed


MAX_BYTES, MAX_ELEMENTS = 330, 11
"""Of the markup of a comment, beside its text: 3 MB for 5,000 comments of 270 bytes."""


def measure_markup(tmp_path: Path) -> tuple[float, float]:
    """Return the bytes and the elements of a comment's markup, without those of its text."""
    sizes = []
    for name, count in (("none", 0), ("wide", 300)):
        sites.wide(tmp_path / "archive", name, count)
        sites.build(tmp_path / "archive", tmp_path / "site")
        data = (tmp_path / "site" / "threads" / f"t3_{name}.html").read_bytes()
        text = re.compile(rb"<p>The word of this comment is .*?</p>")
        rest = text.sub(b"", data, count=count)
        sizes.append((len(rest), len(re.findall(rb"<[a-z]", rest))))
    (few_bytes, few), (all_bytes, every) = sizes
    return (all_bytes - few_bytes) / 300, (every - few) / 300


def test_page__markup_of_a_comment_is_light(tmp_path: Path) -> None:
    size, elements = measure_markup(tmp_path)
    assert (size <= MAX_BYTES, elements <= MAX_ELEMENTS) == (True, True), (size, elements)


def test_page__control_a_text_that_is_there_twice_is_too_heavy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = safe_html.render_content
    monkeypatch.setattr(safe_html, "render_content", lambda *values: render(*values) * 2)
    size, elements = measure_markup(tmp_path)
    assert size > MAX_BYTES
    assert elements > 10


# Search


def read_search_rows(folder: Path) -> list[list[object]]:
    """Return all rows of the search files, parsed as JSON."""
    found = []
    for path in (folder / "search").iterdir():
        for line in path.read_text().splitlines():
            call = re.fullmatch(r"archiveTexts\((.*)\);", line)
            assert call is not None
            assert "<" not in line
            found += json.loads(f"[{call[1]}]")[3]
    return found


def test_search__has_all_versions_of_all_texts(tmp_path: Path) -> None:
    sites.with_a_past(tmp_path / "archive")
    sites.build(tmp_path / "archive", tmp_path / "site")
    rows = {(row[0], row[4]): row[3] for row in read_search_rows(tmp_path / "site")}
    assert rows == {
        ("t3_past", "What do you keep?"): 0,
        ("t1_edited", "Four things I never leave out."): 0,
        ("t1_edited", "Three things I never leave out."): 2,
        ("t1_reply", "I keep the *why* as well."): 1,
        ("t1_other", "Nothing changes here."): 0,
        ("t1_late", "I came later."): 1,
    }


# User text is never active

OWN = {"script", "link", "meta", "form", "input", "button", "details", "summary", "article"}
SCHEME = re.compile(r"(?:https?:|mailto:|(?![a-z][a-z0-9+.-]*:))", re.IGNORECASE)


def find_active_content(folder: Path) -> list[str]:
    """Return foreign scripts, handlers, styles, frames and URLs in the pages."""
    found = []
    for path in folder.rglob("*.html"):
        for node in LexborHTMLParser(path.read_text()).root.traverse():
            found += [name for name in node.attributes if name.startswith("on") or name == "style"]
            url = node.attributes.get("href") or node.attributes.get("src") or ""
            is_foreign = node.tag != "a" and "://" in url
            if node.tag in ("iframe", "style", "svg", "object", "base") or is_foreign:
                found.append(f"<{node.tag}>")
            if node.tag == "script" and url not in ("assets/script.js", "../assets/script.js"):
                found.append("<script>")
            if not SCHEME.match(re.sub(r"[\x00-\x20]", "", url)):
                found.append(url)
    return found


def test_hostile_text__is_not_active(tmp_path: Path) -> None:
    sites.hostile(tmp_path / "archive", "evil", PAYLOADS)
    sites.build(tmp_path / "archive", tmp_path / "site")
    assert find_active_content(tmp_path / "site") == []


def test_hostile_text__control_is_active_without_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = page_templates._create_environment()
    monkeypatch.setattr(
        page_templates, "_create_environment", lambda: environment.overlay(autoescape=False)
    )
    sites.hostile(tmp_path / "archive", "evil", PAYLOADS)
    sites.build(tmp_path / "archive", tmp_path / "site")
    assert len(find_active_content(tmp_path / "site")) > 50


# The folder


def test_folder__second_export_writes_nothing(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    sites.with_a_past(root)
    sites.with_pictures(root)
    sites.build(root, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.is_file()}
    again = sites.build(root, folder)
    assert (again.rendered_count, again.written_count, again.removed_count) == (0, 0, 0)
    changed = [p for p, at in before.items() if p.stat().st_mtime_ns != at]
    assert [path.name for path in changed] == ["site.json"]


def test_folder__only_changes_are_written(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    for number in range(12):
        sites.save(root, f"a{number}", [sites.post(f"a{number}")])
    sites.build(root, folder)
    before = files(folder)
    added = sites.comment("new", "t3_a3", "Something new.")
    sites.save(root, "a3", [sites.post("a3"), added], day=1)
    built = sites.build(root, folder)
    assert (built.rendered_count, built.thread_count) == (1, 12)
    after = files(folder)
    changed = {name for name in after if after[name] != before[name]}
    lists = {"index.html", "subreddits.html", "lost.html", "site.json"}
    assert {name for name in changed - lists if not name.startswith("search/")} == {
        "threads/t3_a3.html",
        "quotes/t3_a3.js",
    }
    assert len([row for row in read_search_rows(folder) if row[4] == "Something new."]) == 1
    assert len(read_search_rows(folder)) == 13


def test_folder__forgotten_threads_are_removed_and_user_files_stay(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    sites.with_pictures(tmp_path / "archive")
    sites.with_a_past(tmp_path / "archive")
    run("export", "html", "site")
    mine = {"notes.txt": b"mine", "media/mine.png": b"mine", "threads/t3_mine.html": b"mine"}
    for name, data in mine.items():
        (folder / name).write_bytes(data)
    run("forget", "pics", "--yes")
    assert run("export", "html", "site").code == 0
    left = files(folder)
    assert mine.items() <= left.items()
    assert not any(b"A gallery" in data or b"Loaf" in data for data in left.values())
    assert {name for name in left if name.startswith(("media/", "quotes/", "threads/"))} == {
        "media/mine.png",
        "quotes/t3_past.js",
        "threads/t3_mine.html",
        "threads/t3_past.html",
    }


def test_folder__other_content_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    sites.deep(tmp_path / "archive", levels=1)
    done = run("export", "html", "mine")
    assert done.code == 1
    assert "is not empty" in done.err
    assert files(tmp_path / "mine") == {"letter.txt": b"dear"}


def test_folder__manifest_with_other_names_is_ignored(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    sites.deep(root, levels=1)
    sites.build(root, folder)
    names = ["../letter.txt", "threads/../../letter.txt", "notes.txt", str(tmp_path / "letter.txt")]
    for path in (tmp_path / "letter.txt", folder / "notes.txt"):
        path.write_text("dear")
    value = json.loads((folder / "site.json").read_text())
    value["files"] |= dict.fromkeys(names, "")
    (folder / "site.json").write_text(json.dumps(value))
    (folder / PENDING_LIST).write_text("\n".join(names))
    sites.build(root, folder)
    assert (tmp_path / "letter.txt").read_text() == "dear"
    assert (folder / "notes.txt").read_text() == "dear"


def test_folder__link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    sites.deep(root, levels=1)
    sites.build(root, folder)
    (tmp_path / "letter.txt").write_text("dear")
    target = folder / "threads" / "t3_deep.html"
    target.unlink()
    target.symlink_to(tmp_path / "letter.txt")
    sites.build(root, folder)
    assert not target.is_symlink()
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_folder__files_of_an_interrupted_export_are_known(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    for number in range(6):
        sites.save(root, f"a{number}", [sites.post(f"a{number}")])

    def stop(number: int) -> None:
        if number == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.build(
            root,
            folder,
            store.iter_thread_ids(root),
            quote_format=site.QuoteFormat(),
            on_thread=stop,
        )
    written = {path.name for path in (folder / "threads").iterdir()}
    assert len(written) == 4
    removed = min(written)[3:5]
    redact.forget_thread(root, removed)
    sites.build(root, folder)
    assert f"t3_{removed}.html" not in {path.name for path in (folder / "threads").iterdir()}
    assert not (folder / PENDING_LIST).exists()


def test_folder__changed_files_are_written_again(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    sites.deep(root, levels=1)
    sites.build(root, folder)
    before = files(folder)
    (folder / "threads" / "t3_deep.html").write_text("<p>spoilt")
    sites.build(root, folder)
    assert files(folder) == before


def test_export__damaged_snapshot_is_reported(run: Run, tmp_path: Path) -> None:
    sites.with_a_past(tmp_path / "archive")
    path = store.load_snapshots(tmp_path / "archive", "past")[0].path
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"Three", b"Seven"))
    done = run("export", "html", "site")
    assert done.code == 0
    assert done.out == "site/index.html\n"
    assert "Left out" in done.err


def test_export__another_pseudonym_key_renders_all_pages(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "site"
    sites.with_a_past(root)
    assert sites.build(root, folder).rendered_count == 1
    assert sites.build(root, folder, key=pseudonyms.read_or_create_key(root)).rendered_count == 1
    quoting = site.QuoteFormat(style=replace(BUILT_IN_STYLES["plain"], heading=False))
    assert site.build(root, folder, ["past"], quote_format=quoting).rendered_count == 1


def test_export__empty_archive(run: Run, tmp_path: Path) -> None:
    store.initialize(tmp_path / "archive")
    assert run("export", "html", "site").code == 0
    assert "The archive is empty." in (tmp_path / "site" / "index.html").read_text()


def test_export__workers_render_the_same_pages(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    for number in range(45):
        sites.save(root, f"a{number}", [sites.post(f"a{number}")])
    with executors.open_pool(2) as executor:
        sites.build(root, tmp_path / "together", executor=executor)
    for count in (1, 20, 45):
        names = [f"a{number}" for number in range(count)]
        site.build(root, tmp_path / "single", names, quote_format=site.QuoteFormat())
    assert files(tmp_path / "together") == files(tmp_path / "single")


def test_folder__unknown_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site.json").write_text('{"format": "another 2"}')
    with pytest.raises(errors.StoreError):
        sites.build(tmp_path / "archive", tmp_path)
