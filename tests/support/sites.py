"""Archives for site tests: threads with a history, with pictures, very deep ones, hostile ones."""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from reddit_archive.archive import store
from reddit_archive.export import site
from reddit_archive.files import durable_files
from reddit_archive.model.capture import Capture, StoredMedia, Thing
from reddit_archive.sources import saved_json

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
WRITTEN = MONDAY.timestamp() - 86_400
Said = dict[str, Any]


def post(thread_id: str, **more: Any) -> Said:
    return {
        "name": f"t3_{thread_id}",
        "id": thread_id,
        "author": "baker",
        "score": 120,
        "title": f"Thread {thread_id}",
        "subreddit": "breadlog",
        "is_self": True,
        "subreddit_name_prefixed": "r/breadlog",
        "permalink": f"/r/breadlog/comments/{thread_id}/x/",
        **texts("selftext", "What do you keep?"),
        "created_utc": WRITTEN,
        **more,
    }


def comment(name: str, parent: str, text: str, **more: Any) -> Said:
    return {
        "name": f"t1_{name}",
        "id": name,
        "parent_id": parent,
        "author": "crumb",
        "score": 7,
        **texts("body", text),
        "created_utc": WRITTEN + 3600,
        **more,
    }


def texts(key: str, text: str) -> Said:
    return {key: text, f"{key}_html": f"<div class='md'><p>{escape(text)}</p></div>"}


GONE: Said = {"author": "[deleted]", **texts("body", "[deleted]")}


def save(
    root: Path,
    thread_id: str,
    items: Iterable[Said],
    *,
    day: int = 0,
    media: tuple[StoredMedia, ...] = (),
) -> None:
    """Store a capture of a thread, some days after a Monday."""
    things: tuple[Thing, ...] = tuple({"kind": x["name"][:2], "data": dict(x)} for x in items)
    at = MONDAY + timedelta(days=day)
    request = {"path": f"/comments/{thread_id}", "whole": True}
    store.add(root, Capture(thread_id, at, "reddit", request, things, media=media))


def with_a_past(root: Path, thread_id: str = "past") -> None:
    """Store four snapshots: a comment is edited, its reply deleted, one added and removed."""
    start = post(thread_id, title="Four looks at one thread", num_comments=3)
    name = f"t3_{thread_id}"
    edited = comment("edited", name, "Three things I never leave out.", author="edith")
    reply = comment("reply", "t1_edited", "I keep the *why* as well.", author="rupert")
    other = comment("other", name, "Nothing changes here.", is_submitter=True, author="baker")
    late = comment("late", "t1_other", "I came later.", created_utc=WRITTEN + 2 * 86_400)
    again = edited | texts("body", "Four things I never leave out.") | {"edited": WRITTEN + 90_000}
    save(root, thread_id, [start, edited, reply, other], day=0)
    save(root, thread_id, [start, again, reply, other | {"score": 21}, late], day=2)
    save(root, thread_id, [start, again, reply | GONE, other | {"score": 21}, late], day=4)
    start = start | {"num_comments": 3}
    save(root, thread_id, [start, again, reply | GONE, other | {"score": 30}], day=6)


def with_pictures(root: Path, thread_id: str = "pics") -> None:
    """Store a gallery with a missing picture, a video, and a picture in a comment."""
    urls = [f"https://i.redd.it/{name}.png" for name in ("one", "two", "none")]
    seen = post(
        thread_id,
        title="A gallery and a video",
        gallery_data={"items": [{"media_id": x, "caption": f"Loaf {x}"} for x in "abc"]},
        media_metadata={x: {"s": {"u": url}} for x, url in zip("abc", urls, strict=True)},
    )
    html = '<p>See <a href="https://i.redd.it/mine.png">mine</a></p>'
    mine = comment("mine", f"t3_{thread_id}", "x", body_html=html, body="See mine")
    files = [
        (urls[0], png((180, 120, 60)), "png", f"t3_{thread_id}"),
        (urls[1], png((90, 60, 30)), "png", f"t3_{thread_id}"),
        ("https://v.redd.it/film", b"\0\0\0\x18ftypisom" + bytes(60), "mp4", f"t3_{thread_id}"),
        ("https://i.redd.it/mine.png", png((60, 90, 120)), "png", "t1_mine"),
    ]
    media = tuple(keep(root, thread_id, *file) for file in files)
    save(root, thread_id, [seen, mine], media=media)


def keep(root: Path, thread_id: str, url: str, data: bytes, extension: str, of: str) -> StoredMedia:
    name = f"{hashlib.sha256(data).hexdigest()}.{extension}"
    folder = store.thread_folder(root, thread_id) / store.MEDIA_FOLDER
    durable_files.write_once(data, folder / name, tmp=root / "tmp")
    return StoredMedia(url, name, len(data), of=of)


def png(colour: tuple[int, int, int], width: int = 320, height: int = 200) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def example(root: Path, path: Path) -> None:
    """One of our saved pages."""
    store.add(root, saved_json.read_capture(str(path)))


def wide(root: Path, thread_id: str = "wide", count: int = 300) -> None:
    """Store a thread in which every second comment is a reply to the one before."""
    said = [post(thread_id, title="A wide thread", num_comments=count)]
    for number in range(count):
        above = f"t1_kq{number - 1:05d}" if number % 2 else f"t3_{thread_id}"
        text = f"The word of this comment is crumb{number:05d}. " + "Bread needs time. " * 8
        said.append(comment(f"kq{number:05d}", above, text, author=f"some_baker_{number % 40}"))
    save(root, thread_id, said)


def deep(root: Path, thread_id: str = "deep", levels: int = 300) -> None:
    """Store a chain of replies."""
    things = [post(thread_id, title="A very deep thread")]
    for number in range(levels):
        above = f"t1_d{number - 1}" if number else f"t3_{thread_id}"
        things.append(
            comment(f"d{number}", above, f"Level {number + 1}.", author=f"voice_{number % 5}")
        )
    save(root, thread_id, things)


def hostile(root: Path, thread_id: str, payloads: Mapping[str, str]) -> None:
    """Store every payload in every field that a user writes. A second snapshot changes them."""
    first = next(iter(payloads.values()))
    seen = post(
        thread_id,
        title=" ".join(payloads.values()),
        link_flair_text=first,
        author_flair_text=first,
        gallery_data={"items": [{"media_id": "a", "caption": first}]},
        media_metadata={"a": {"s": {"u": "javascript:window.planted=1"}}},
        poll_data={"options": [{"text": x, "vote_count": 1} for x in payloads.values()]},
        crosspost_parent_list=[post("other", title=first, author=first, subreddit=first)],
        **texts("selftext", "\n".join(payloads.values())),
    )
    comments = []
    for number, payload in enumerate(payloads.values()):
        data = comment(f"h{number}", f"t3_{thread_id}", payload, author=payload)
        data |= {"author_flair_text": payload, "permalink": f"/{payload}", "distinguished": payload}
        comments.append(data | {"body_html": f"<p>{payload}</p>{data['body_html']}"})
    save(root, thread_id, [seen, *comments])
    changed = [x | {"body": f"{x['body']} {first}", "author": "[deleted]"} for x in comments]
    changed = [x | {"body_html": f"{x['body_html']}<p>{first}</p>"} for x in changed]
    save(root, thread_id, [seen, *changed], day=1)


def build(
    root: Path, folder: Path, *, key: bytes | None = None, executor: Executor | None = None
) -> site.BuildResult:
    threads = store.iter_thread_ids(root)
    return site.build(
        root, folder, threads, quote_format=site.QuoteFormat(), pseudonym_key=key, executor=executor
    )


WAYS = (
    "",
    "--comment c1{0} --no-post",
    "--all --style dated",
    "--comment c2{0} --as-of 2026-01-05",
    "--all --pseudonyms",
    "--comment nowhere",
    "--top 2 --as-of 2020-01-01",
)


def quoting(folder: Path, threads: list[str]) -> Path:
    """Write pages with many blocks, some of them faulty, and the archive that they quote."""
    root, pages = folder / "archive", folder / "pages"
    for number, name in enumerate(threads):
        above = f"t3_{name}"
        things = [comment(f"c{each}{name}", above, f"*Rye* {each}.") for each in range(3)]
        save(root, name, [post(name), *things])
        if number % 3 == 0:
            save(root, name, [post(name), things[0] | GONE, *things[1:]], day=1)
    with_pictures(root)
    pages.mkdir()
    for number in range(12):
        names = threads[number::12] + threads[:2]
        blocks = [
            f"<!-- reddit: t3_{name} {WAYS[(number + count) % len(WAYS)].format(name)} -->\n"
            "> [a](https://www.reddit.com/user/a/)\n>\n> Old words.\n<!-- /reddit -->\n"
            for count, name in enumerate(names)
        ]
        blocks.append("<!-- reddit: t3_pics --images local -->\n<!-- /reddit -->\n")
        blocks.append("<!-- reddit: t3_nowhere -->\n<!-- /reddit -->\n<!-- reddit: -->\n")
        top = "---\nreddit:\n  to: html\n---\n" if number % 4 == 0 else ""
        (pages / f"{number:02}.md").write_text(top + "\nBetween.\n".join(blocks))
    return pages
