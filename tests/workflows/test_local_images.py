"""Pictures in a quote: links, shown from Reddit, or from copies beside the quote."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from reddit_archive import markup, media
from reddit_archive.archive import store
from reddit_archive.media import file_types
from reddit_archive.model.capture import Capture, StoredMedia, utc_now
from reddit_archive.sources import saved_json
from tests.conftest import EXAMPLES, Run
from tests.support import reddit_server as rs
from tests.support.media_server import PNG

POSTED = "https://preview.redd.it/zloaf0first1.jpg"


@pytest.fixture
def pictured(tmp_path: Path) -> Path:
    """Return an archive with all pictures of everything.json, each the same PNG."""
    root = tmp_path / "archive"
    page_capture = saved_json.read_capture(str(EXAMPLES / "everything.json"))
    kept = [keep(root, item) for item in media.find_media(page_capture.things)]
    store.add(root, replace(page_capture, media=tuple(kept)))
    return root


def keep(root: Path, item: media.MediaItem) -> StoredMedia:
    import hashlib

    from reddit_archive.files import durable_files

    name = f"{hashlib.sha256(PNG).hexdigest()}.{file_types.detect_extension(PNG)}"
    durable_files.write_once(
        PNG, root / "threads" / "t3_9bread2" / "media" / name, tmp=root / "tmp"
    )
    return StoredMedia(item.url, name, len(PNG), item.owner, item.caption)


def render(markdown: str) -> str:
    return cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)


def test_images__links_by_default(run: Run, pictured: Path) -> None:
    html = render(run("quote", "9bread2", "--all").out)
    assert "<img" not in html
    assert f'href="{POSTED}' in html


def test_images__embed_shows_what_reddit_showed(run: Run, pictured: Path) -> None:
    html = render(run("quote", "9bread2", "--all", "--images", "embed").out)
    assert f'<img src="{POSTED}' in html
    assert 'alt="October: flat, but honest"' in html
    assert html.count("<img") >= 6


def test_images__local_copies_stand_beside_the_quote(
    run: Run, pictured: Path, tmp_path: Path
) -> None:
    ran = run("quote", "9bread2", "--images", "local", "-o", "notes/loaf.md")
    assert ran.code == 1  # there is no folder of that name
    ran = run("quote", "9bread2", "--images", "local", "-o", "loaf.md")
    assert ran.code == 0
    text = (tmp_path / "loaf.md").read_text()
    (copy,) = (tmp_path / "loaf-media").iterdir()
    assert copy.read_bytes() == PNG
    assert f"](loaf-media/{copy.name})" in text
    assert f'<img src="loaf-media/{copy.name}"' in render(text)


@pytest.mark.parametrize("name", ["my loaf (1)", "#1 = 100%25 [rye]", "<b>`é`"])
def test_images__local_in_a_folder_whose_name_a_url_has_to_escape(
    run: Run, pictured: Path, tmp_path: Path, name: str
) -> None:
    for _ in range(2):
        run("quote", "9bread2", "--all", "--images", "local", "-o", f"{name}.md")
        html = render((tmp_path / f"{name}.md").read_text())
        shown = re.findall('<img src="([^"]*)"', html)
        assert len(shown) == 8
        assert all((tmp_path / unquote(unescape(each))).is_file() for each in shown)


def test_images__local_are_copied_beside_pages_and_batches(
    run: Run, pictured: Path, tmp_path: Path, reddit: rs.Server
) -> None:
    block = "<!-- reddit: t3_9bread2 --images local -->\n"
    for name in ("my page.md", "list.md"):
        (tmp_path / name).write_text(f"{block}<!-- /reddit -->\n")
    run("refresh", "--offline", "my page.md")
    (copy,) = (tmp_path / "my page-media").iterdir()
    assert f"(my%20page-media/{copy.name})" in (tmp_path / "my page.md").read_text()
    run("batch", "list.md", "--output", "quotes")
    assert [path.name for path in (tmp_path / "quotes").rglob("*-media/*")] == [copy.name]


def test_images__embed_has_gifs_and_emotes_of_every_source(run: Run, tmp_path: Path) -> None:
    gif, emote = (
        "https://external-preview.redd.it/ab1.gif?s=2",
        "https://emoji.redditmedia.com/e.png",
    )
    metadata = {
        "giphy|Ab1": {"t": "giphy", "s": {"gif": gif}},
        "emote|t5_x|2028": {"t": "sticker", "s": {"u": emote}},
    }
    shown = f'<p>:2028: <a href="https://giphy.com/gifs/Ab1"><img src="{gif}"></a></p>'
    typed = "![img](emote|t5_x|2028) ![gif](giphy|Ab1)"
    comments = [
        {"id": name, "parent_id": "t3_abc1", "body": typed, "media_metadata": metadata} | html
        for name, html in (("c1", {"body_html": shown}), ("c2", {}))
    ]
    things = [("t3", {"id": "abc1", "title": "T"}), *(("t1", each) for each in comments)]
    listed = [{"kind": kind, "data": data} for kind, data in things]
    store.add(tmp_path / "archive", Capture("abc1", utc_now(), "saved", {}, tuple(listed)))
    html = render(run("quote", "abc1", "--all", "--images", "embed").out)
    assert html.count(f'<img src="{gif}" alt="gif"') == 2
    assert html.count(f'<img src="{emote}" alt=":2028:"') == 2


def test_images__local_needs_a_file(run: Run, pictured: Path) -> None:
    ran = run("quote", "9bread2", "--images", "local")
    assert ran.code == 2
    assert "Add -o FILE" in ran.err


@pytest.mark.parametrize("target", ["markdown", "jekyll", "obsidian", "html"])
def test_convert__only_named_addresses_become_pictures(target: str) -> None:
    html = '<p><a href="https://i.redd.it/a.png">one</a> <a href="https://evil.example/">b</a></p>'
    named = {"https://i.redd.it/a.png": "media/a.png"}
    written = markup.convert(html, target=target, image_sources=named)
    shown = written if target == "html" else render(written)
    assert shown.count("<img") == 1
    assert '<img src="media/a.png" alt="one"' in shown
    assert 'href="https://evil.example/"' in shown


@pytest.mark.parametrize("target", ["reddit", "text"])
def test_convert__links_alone_where_there_are_no_pictures(target: str) -> None:
    html = '<p><a href="https://i.redd.it/a.png">one</a></p>'
    named = {"https://i.redd.it/a.png": "media/a.png"}
    assert "media/" not in markup.convert(html, target=target, image_sources=named)
