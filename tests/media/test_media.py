"""Media of a thread are found, downloaded, stored, and named by a snapshot."""

import hashlib
import json
import stat
import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from reddit_archive import errors, media
from reddit_archive.archive import snapshot_format, store, verify
from reddit_archive.media import MediaItem, file_types, thread_media, video
from reddit_archive.media.download import MediaLimits
from reddit_archive.media.host_policy import DownloadRefusedError
from reddit_archive.model import capture
from reddit_archive.model.capture import MissingMedia, StoredMedia
from tests.conftest import EXAMPLES
from tests.support import media_server
from tests.support.captures import is_identical
from tests.support.faults import capture_text
from tests.support.media_server import (
    GIF,
    JPG,
    MP4,
    PNG,
    WEBP,
    Server,
    only,
    redirect,
    status,
    whole,
)

SIGNED = "https://preview.redd.it/zmyloaf0img01.jpg?width=1080&format=pjpg&auto=webp&s="
GIPHY = "https://i.giphy.com/abc.gif"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def post(**fields: Any) -> capture.Thing:
    return {"kind": "t3", "data": {"name": "t3_abc123", "selftext_html": None, **fields}}


def comment(**fields: Any) -> capture.Thing:
    return {"kind": "t1", "data": {"name": "t1_c0", "body_html": "<div>", **fields}}


def urls(*things: capture.Thing) -> list[str]:
    return [item.url for item in media.find_media(things)]


def picture(url: str, **fields: Any) -> dict[str, Any]:
    return {"status": "valid", "e": "Image", "s": {"u": url, "x": 1, "y": 1}, **fields}


# Finding media --------------------------------------------------------------------------------


def test_find_media__example_in_reading_order() -> None:
    things = capture.flatten(json.loads((EXAMPLES / "everything.json").read_text()))
    media_items = media.find_media(things)
    assert [
        (item.owner, item.url.split("?")[0].rsplit("/", 1)[1], item.caption) for item in media_items
    ] == [
        ("t3_9bread2", "zloaf0first1.jpg", "October: flat, but honest"),
        ("t3_9bread2", "zrising0gif01.gif", "Rye & honey, the starter rising <3"),
        ("t3_9bread2", "zloaf0secnd1.png", ""),
        ("t3_9bread2", "zloaf0third1.jpg", "November, after reading the comments below"),
        ("t3_9bread2", "zcrumbshot0a1.jpg", ""),
        ("t1_zgiphy0", "1fd884ab1d04976c5b6f6026e9a5bb.gif", ""),
        ("t1_zimage0", "zmyloaf0img01.jpg", ""),
        ("t1_zemote0", "joy.gif", ""),
    ]
    assert media_items[6].url == SIGNED + "ed1dd5eafbd60ea342e0d56ce3653a63703582b7"


def test_find_media__post_that_is_a_picture() -> None:
    preview = {"images": [{"source": {"url": "https://preview.redd.it/a.png?s=1"}}]}
    assert urls(post(url="https://i.redd.it/a.png", preview=preview)) == ["https://i.redd.it/a.png"]


def test_find_media__preview_of_a_link_with_its_exact_query() -> None:
    signed = "https://external-preview.redd.it/x-Y_.jpg?auto=webp&s=%2Fab"
    preview = {"images": [{"source": {"url": signed.replace("&", "&amp;")}}]}
    for is_self, expected in ((False, [signed]), (True, [])):
        link = post(url="https://example.com/a.jpg", preview=preview, is_self=is_self)
        assert urls(link) == expected


def test_find_media__parent_of_a_crosspost() -> None:
    parent = {"name": "t3_other", "url": "https://i.redd.it/a.png"}
    media_items = media.find_media(
        [post(url="/r/x/comments/other/", crosspost_parent_list=[parent])]
    )
    assert media_items == (MediaItem("https://i.redd.it/a.png", "t3_abc123"),)


def test_find_media__picture_typed_as_url() -> None:
    text = (
        "See https://i.redd.it/a.png, (https://preview.redd.it/b.jpg?x=1&s=2). http://i.redd.it/c"
    )
    expected = ["https://i.redd.it/a.png", "https://preview.redd.it/b.jpg?x=1&s=2"]
    assert urls(comment(body=text)) == expected


def test_find_media__picture_in_a_text_that_has_only_html() -> None:
    url = "https://preview.redd.it/a-title-v0-abc.jpeg?width=1&s=2"
    escaped = url.replace("&", "&amp;")
    html = f'<div class="md"><p><a href="{escaped}">{escaped}</a></p>\n</div>'
    assert urls(comment(body_html=html), post(selftext_html=html)) == [url, url]


def test_find_media__upload_that_is_also_typed_is_listed_once() -> None:
    entry = {"b0": picture(SIGNED)}
    text = "![img](b0) https://preview.redd.it/my-loaf-v0-b0.jpg?width=640&s=1"
    assert urls(comment(body=text, media_metadata=entry)) == [SIGNED]


@pytest.mark.parametrize("kind", ["giphy", "emoji"])
def test_find_media__giphy_only_if_reddit_names_it(kind: str) -> None:
    entry = {"giphy|abc": {"t": kind, "s": {"gif": GIPHY}}}
    things = [post(url=GIPHY), comment(body=GIPHY, media_metadata=entry)]
    assert urls(*things) == ([GIPHY] if kind == "giphy" else [])


def test_find_media__same_emote_in_two_comments() -> None:
    entry = {"emote|x|joy": picture("https://www.redditstatic.com/joy.gif", t="sticker")}
    both = [comment(name=name, media_metadata=entry) for name in ("t1_a", "t1_b")]
    assert [item.owner for item in media.find_media(both)] == ["t1_a", "t1_b"]


def test_find_media__video_with_its_signed_manifest() -> None:
    manifest = "https://v.redd.it/vid1/DASHPlaylist.mpd?a=1,abc"
    secure = {"reddit_video": {"dash_url": manifest}}
    media_items = media.find_media([post(url="https://v.redd.it/vid1", secure_media=secure)])
    assert media_items == (MediaItem("https://v.redd.it/vid1", "t3_abc123", manifest_url=manifest),)


@pytest.mark.parametrize("dash_url", ["https://evil.example/x.mpd", None, 5])
def test_find_media__video_without_a_manifest_from_reddit(dash_url: object) -> None:
    secure = {
        "reddit_video": {"dash_url": dash_url, "fallback_url": "https://v.redd.it/vid1/x.mp4"}
    }
    (media_items,) = media.find_media([post(secure_media=secure)])
    assert media_items.manifest_url == "https://v.redd.it/vid1/DASHPlaylist.mpd"


@pytest.mark.parametrize(
    "url",
    [
        *("http://i.redd.it/a.png", "https://i.redd.it.evil.example/a.png", "file:///etc/passwd"),
        *("https://example.com/a.png", "https://127.0.0.1/a.png", "https://[i.redd.it/", "", "//"),
        *("https://evilredditmedia.com/a.png", "https://i.redd.it@evil.example/a.png"),
    ],
)
def test_find_media__nothing_from_other_hosts(url: str) -> None:
    entry = {"a": picture(url)}
    preview = {"images": [{"source": {"url": url}}]}
    things = [post(url=url, preview=preview, media_metadata=entry), comment(body=url)]
    assert urls(*things) == []


@pytest.mark.parametrize("odd", [None, 5, [], {}, "text", [None], {"a": None}, {"items": [5]}])
@pytest.mark.parametrize(
    "key", ["url", "media_metadata", "gallery_data", "preview", "crosspost_parent_list", "media"]
)
def test_find_media__unexpected_values(key: str, odd: Any) -> None:
    assert urls(post(**{key: odd}), comment(**{key: odd})) == []


# Saving ----------------------------------------------------------------------------------------


def build_items(server: Server, *paths: str, of: str = "t1_c0") -> list[MediaItem]:
    return [MediaItem(server.url(path), of) for path in paths]


def save(root: Path, server: Server, *paths: str, **limits: Any) -> thread_media.SavedMedia:
    return thread_media.save(
        root,
        "abc123",
        build_items(server, *paths),
        on_status=lambda sentence: None,
        limits=MediaLimits(**limits),
        policy=only(server),
    )


@pytest.mark.parametrize(
    ("body", "extension"),
    [(PNG, "png"), (GIF, "gif"), (JPG, "jpg"), (WEBP, "webp"), (MP4, "mp4")],
)
def test_save__names_a_file_by_its_bytes(
    tmp_path: Path, server: Server, body: bytes, extension: str
) -> None:
    server.answers["/a.exe"] = whole(body, "Content-Type: text/html")
    (media_items,) = save(tmp_path, server, "/a.exe").media
    name = f"{hashlib.sha256(body).hexdigest()}.{extension}"
    assert media_items == StoredMedia(server.url("/a.exe"), name, len(body), "t1_c0", "")
    path = tmp_path / "threads" / "t3_abc123" / "media" / name
    assert path.read_bytes() == body
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>", b"<svg xmlns=''/>", b"%PDF-1.4", b"\x89PN", b"RIFF\0\0\0\0WAVE", b"GIF"),
        *(b"\0\0\0\x20ftypheic", b"MZ", b"#!/bin/sh"),
    ],
)
def test_extension__unknown_type(body: bytes) -> None:
    assert file_types.detect_extension(body) is None


def test_save__failed_files_do_not_affect_others(tmp_path: Path, server: Server) -> None:
    server.answers = {"/page": whole(b"<html>"), "/a": whole(PNG)}
    saved = save(tmp_path, server, "/page", "/gone", "/a")
    assert [item.url for item in saved.media] == [server.url("/a")]
    assert saved.missing == (
        MissingMedia(
            server.url("/page"), "the file is not a picture or video of a known type", "t1_c0"
        ),
        MissingMedia(server.url("/gone"), "its host answers with status 404", "t1_c0"),
    )


def test_save__reports_failures(tmp_path: Path, server: Server) -> None:
    messages: list[str] = []
    items = build_items(server, "/a", "/b")
    thread_media.save(tmp_path, "abc123", items, on_status=messages.append, policy=only(server))
    assert messages == [
        f"Not saved: {server.url('/a')} and 1 more: its host answers with status 404."
    ]


def test_save__requests_each_url_once(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    items = [*build_items(server, "/a", "/gone"), *build_items(server, "/a", "/gone", of="t1_c1")]
    saved = thread_media.save(
        tmp_path, "abc123", items, on_status=lambda _: None, policy=only(server)
    )
    assert server.paths == ["/a", "/gone"]
    assert (
        [item.of for item in saved.media]
        == [item.of for item in saved.missing]
        == ["t1_c0", "t1_c1"]
    )


def test_save__does_not_request_stored_media(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    first = save(tmp_path, server, "/a").media
    store.add(tmp_path, replace(capture_text("one"), media=first))
    store.add(tmp_path, capture_text("two", seconds=1))
    assert save(tmp_path, server, "/a").media == first
    assert server.paths == ["/a"]


def test_save__requests_a_missing_file_again(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    first = save(tmp_path, server, "/a").media
    snapshot = store.add(tmp_path, replace(capture_text("one"), media=first)).snapshot
    store.media_path(snapshot.path, first[0]).unlink()
    assert save(tmp_path, server, "/a").media == first
    assert server.paths == ["/a", "/a"]


def test_save__damaged_file_is_a_failure(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    damage(tmp_path, save(tmp_path, server, "/a").media[0])
    (missing,) = save(tmp_path, server, "/a").missing
    assert missing.why.endswith("is damaged")


def test_save__sends_the_exact_query_and_nothing_of_the_user(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.answers["/b"] = whole(PNG)
    server.answers["/a"] = lambda send: send(
        media_server.head("Location: /b", "Set-Cookie: id=1; Path=/", "Content-Length: 0", code=302)
    )
    assert save(tmp_path, server, "/a?x=%2F+1&s=ab%20").media
    assert server.paths == ["/a?x=%2F+1&s=ab%20", "/b"]
    names = {line.split(":")[0] for line in server.requests[1].split("\r\n")[1:] if line}
    assert names == {"Host", "Accept", "Accept-Encoding", "Connection", "User-Agent"}
    assert f"Host: 127.0.0.1:{server.port}\r\n" in server.requests[0]
    assert f"User-Agent: {sys.platform}:reddit-archive:" in server.requests[0]


@pytest.mark.parametrize(("hops", "is_had"), [(5, True), (6, False)])
def test_save__follows_five_redirects(
    tmp_path: Path, server: Server, hops: int, is_had: bool
) -> None:
    for hop in range(hops):
        server.answers[f"/{hop}"] = redirect(f"/{hop + 1}", code=(301, 302, 303, 307, 308)[hop % 5])
    server.answers[f"/{hops}"] = whole(PNG)
    saved = save(tmp_path, server, "/0")
    assert bool(saved.media) is is_had
    assert [missing.why for missing in saved.missing] == ["it is behind more than 5 redirects"][
        is_had:
    ]
    assert len(server.requests) == 6


@pytest.mark.parametrize("location", ["", "http://[", "https://x:y/", "\x00", "mailto:x"])
def test_save__redirect_without_target_is_a_failure(
    tmp_path: Path, server: Server, location: str
) -> None:
    server.answers["/a"] = redirect(location)
    assert len(save(tmp_path, server, "/a").missing) == 1


def test_save__stops_at_the_threads_limit(tmp_path: Path, server: Server) -> None:
    for number in range(4):
        server.answers[f"/{number}"] = whole(PNG + bytes([number]))
    paths = [f"/{number}" for number in range(4)]
    size = len(PNG) + 1
    saved = save(tmp_path, server, *paths, thread_bytes=2 * size)
    assert (len(saved.media), len(saved.missing), len(server.requests)) == (2, 2, 2)
    store.add(tmp_path, replace(capture_text("one"), media=saved.media))
    assert len(save(tmp_path, server, *paths, thread_bytes=3 * size).media) == 3


def test_save__read_only_archive(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    (tmp_path / "tmp").write_text("a file where a folder should be")
    (missing,) = save(tmp_path, server, "/a").missing
    assert missing.why.startswith("can't write")


def test_save__invalid_thread_id(tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidReferenceError):
        thread_media.save(tmp_path, "../x", [], on_status=lambda _: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failure", [OSError("odd"), ValueError("odd")])
def test_save__failed_connection_is_a_failure(
    tmp_path: Path, server: Server, failure: Exception
) -> None:
    def fail(host: str, port: int) -> list[str]:
        raise failure

    policy = replace(only(server), resolve_host=fail)
    saved = thread_media.save(
        tmp_path, "abc123", build_items(server, "/a"), on_status=lambda _: None, policy=policy
    )
    assert len(saved.missing) == 1


def test_save__tries_an_unreachable_host_once(tmp_path: Path, server: Server) -> None:
    tried: list[str] = []

    def fail(host: str, port: int) -> list[str]:
        tried.append(host)
        raise TimeoutError

    items = build_items(server, "/a", "/b", "/c")
    policy = replace(only(server), resolve_host=fail)
    saved = thread_media.save(tmp_path, "abc123", items, on_status=lambda _: None, policy=policy)
    assert [missing.why for missing in saved.missing] == ["its host does not answer in time"] * 3
    assert tried == ["127.0.0.1"]


# Snapshots and the store -----------------------------------------------------------------------


def store_picture(root: Path, body: bytes = PNG, *, of: str = "t1_c0") -> StoredMedia:
    """Store a picture as `save` does."""
    name = f"{hashlib.sha256(body).hexdigest()}.png"
    path = root / "threads" / "t3_abc123" / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(body)
    return StoredMedia(f"https://i.redd.it/{name}", name, len(body), of, "")


def damage(root: Path, media_items: StoredMedia) -> Path:
    path = root / "threads" / "t3_abc123" / "media" / media_items.name
    path.chmod(0o644)
    path.write_bytes(b"\0" + path.read_bytes()[1:])
    return path


def test_snapshot__round_trip_keeps_media(tmp_path: Path) -> None:
    odd = replace(store_picture(tmp_path), caption="\ud83d <3 &\n", url="https://i.redd.it/\u2028")
    new_capture = replace(
        capture_text("one"), media=(odd,), missing_media=(MissingMedia("u", "why", "t1_c0"),)
    )
    path = Path("threads/t3_abc123/file.json")
    again = snapshot_format.decode(snapshot_format.encode(new_capture, parent=None), path).capture
    assert (again.media, again.missing_media) == (new_capture.media, new_capture.missing_media)
    assert is_identical(again, new_capture)
    assert not is_identical(again, replace(new_capture, media=()))


def test_snapshot__without_media_keys() -> None:
    raw = json.loads(snapshot_format.encode(capture_text("one"), parent=None))
    del raw["media"], raw["media_gaps"]
    path = Path("threads/t3_abc123/file.json")
    again = snapshot_format.decode(json.dumps(raw, separators=(",", ":")).encode(), path).capture
    assert is_identical(again, capture_text("one"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", name) for name in ("../../x.png", "/etc/passwd", "x.png", "a" * 64, "", None)),
        *(("name", "0" * 64 + end) for end in ("", ".", ".png\n", ".p/g", ".PNG", "./../x")),
        *(("size_bytes", size) for size in (None, "5", 1e400, [])),
    ],
)
def test_snapshot__refuses_invalid_media(key: str, value: object) -> None:
    entry = {"url": "u", "name": "0" * 64 + ".png", "size_bytes": 1, "of": "t1_a", "caption": ""}
    raw = json.loads(snapshot_format.encode(capture_text("one"), parent=None)) | {
        "media": [{**entry, key: value}]
    }
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        snapshot_format.decode(json.dumps(raw).encode(), Path("threads/t3_abc123/file.json"))


def test_add__only_new_media_make_a_snapshot(tmp_path: Path) -> None:
    one, two = store_picture(tmp_path), store_picture(tmp_path, GIF)
    missing = MissingMedia("https://i.redd.it/x", "its host was not found", "t1_c0")
    shown = [(), (one,), (one, two), (one,), (), (two,)]
    added = [
        store.add(
            tmp_path, replace(capture_text("x", seconds=n), media=some, missing_media=(missing,))
        ).is_new
        for n, some in enumerate(shown)
    ]
    assert added == [True, True, True, False, False, False]


def test_add__refuses_media_that_are_not_stored(tmp_path: Path) -> None:
    media_items = store_picture(tmp_path)
    (tmp_path / "threads" / "t3_abc123" / "media" / media_items.name).unlink()
    with pytest.raises(errors.StoreError, match="is not in the archive"):
        store.add(tmp_path, replace(capture_text("one"), media=(media_items,)))


def run_verify(root: Path) -> list[tuple[str, str]]:
    return [
        (media_items.path.name, media_items.description)
        for media_items in verify.verify(root)
        if isinstance(media_items, store.DamagedFile)
    ]


def test_verify__intact_media(tmp_path: Path) -> None:
    snapshot = store.add(
        tmp_path, replace(capture_text("one"), media=(store_picture(tmp_path),))
    ).snapshot
    path = store.media_path(snapshot.path, snapshot.capture.media[0])
    assert list(verify.verify(tmp_path)) == [snapshot.path, path]
    assert store.load_snapshots(tmp_path, "abc123") == (snapshot,)


def test_verify__names_damaged_missing_and_foreign_media(tmp_path: Path) -> None:
    bad, missing = store_picture(tmp_path), store_picture(tmp_path, GIF)
    snapshot = store.add(tmp_path, replace(capture_text("one"), media=(bad, missing))).snapshot
    damage(tmp_path, bad)
    folder = snapshot.path.parent / "media"
    (folder / missing.name).unlink()
    (folder / "notes.png").write_bytes(b"")
    assert run_verify(tmp_path) == [
        (bad.name, "its bytes do not match the SHA-256 in its name"),
        ("notes.png", "its name is not one that this program gives"),
        (missing.name, f"is missing, and {snapshot.path.name} names it"),
    ]


def test_find_files__leaves_out_missing_files(tmp_path: Path) -> None:
    here, missing = store_picture(tmp_path), store_picture(tmp_path, GIF)
    snapshot = store.add(tmp_path, replace(capture_text("one"), media=(here, missing))).snapshot
    store.media_path(snapshot.path, missing).unlink()
    assert media.find_files([snapshot]) == {here.url: store.media_path(snapshot.path, here)}


# Videos ----------------------------------------------------------------------------------------

MANIFEST = """<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S">
<Period duration="PT2S"><AdaptationSet contentType="video" mimeType="video/mp4">
<Representation id="1" bandwidth="500000" codecs="avc1.4d401f" height="480" width="480">
<BaseURL>DASH_480.mp4</BaseURL><SegmentBase indexRange="0-9"/>
</Representation></AdaptationSet></Period></MPD>"""


@pytest.fixture
def no_yt_dlp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yt_dlp", None)


@pytest.fixture
def yt_dlp(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake yt-dlp that requests the manifest and one file beside it."""

    class YoutubeDL:
        def __init__(self, options: dict[str, Any]) -> None:
            self.file = Path(options["outtmpl"]["default"].replace("%(ext)s", "mp4"))

        def __enter__(self) -> "YoutubeDL":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def urlopen(self, request: Any) -> Any:
            raise AssertionError("its own way to the network")

        def extract_info(self, url: str, *, download: bool) -> None:
            name = "evil" if b"evil" in self.urlopen(url).read() else "DASH_480.mp4"
            self.file.write_bytes(self.urlopen(url.rsplit("/", 1)[0] + f"/{name}").read())

    names = {
        "yt_dlp": {"YoutubeDL": YoutubeDL},
        "yt_dlp.networking.common": {"Response": lambda file, url, headers: file},
        "yt_dlp.networking.exceptions": {"RequestError": type("RequestError", (Exception,), {})},
    }
    for name, things in names.items():
        module = types.ModuleType(name)
        vars(module).update(things)
        monkeypatch.setitem(sys.modules, name, module)


def fetch_video(server: Server, **limits: Any) -> bytes:
    url = server.url("/v/DASHPlaylist.mpd")
    with TemporaryDirectory() as folder:
        tmp = Path(folder) / "tmp"
        media_items = video.fetch(url, policy=only(server), limits=MediaLimits(**limits), tmp=tmp)
        assert list(tmp.iterdir()) == []
    return media_items


def add_video(server: Server, body: bytes = MP4) -> None:
    server.answers["/v/DASHPlaylist.mpd"] = whole(MANIFEST.encode())
    server.answers["/v/DASH_480.mp4"] = whole(body)


def test_video__without_yt_dlp_is_a_failure(tmp_path: Path, no_yt_dlp: None) -> None:
    item = MediaItem("https://v.redd.it/a", "t3_abc123", manifest_url="https://v.redd.it/a/x.mpd")
    (missing,) = thread_media.save(tmp_path, "abc123", [item], on_status=lambda _: None).missing
    assert missing.url == "https://v.redd.it/a"
    assert missing.why == "videos need yt-dlp (pip install 'reddit-archive[video]')"


def test_video__our_own_checks_apply(yt_dlp: None, server: Server) -> None:
    add_video(server)
    assert fetch_video(server) == MP4
    assert server.paths == ["/v/DASHPlaylist.mpd", "/v/DASH_480.mp4"]


def test_video__is_stored_like_a_picture(tmp_path: Path, yt_dlp: None, server: Server) -> None:
    add_video(server)
    item = MediaItem(server.url("/v"), "t3_abc123", manifest_url=server.url("/v/DASHPlaylist.mpd"))
    (media_items,) = thread_media.save(
        tmp_path, "abc123", [item], on_status=lambda _: None, policy=only(server)
    ).media
    assert (media_items.url, media_items.name[64:]) == (server.url("/v"), ".mp4")


def test_video__too_large(yt_dlp: None, server: Server) -> None:
    add_video(server, MP4 + bytes(2_000_000))
    with pytest.raises(DownloadRefusedError, match="it is larger than 0"):
        fetch_video(server, file_bytes=1_000_000)


def test_video__not_found(yt_dlp: None, server: Server) -> None:
    with pytest.raises(DownloadRefusedError, match="status 404"):
        fetch_video(server)


def test_video__real_yt_dlp(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("yt_dlp")
    add_video(server)
    assert fetch_video(server) == MP4
    assert {path.split("/")[1] for path in server.paths} == {"v"}
    assert capfd.readouterr() == ("", "")


def test_save__failure_names_the_status(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = status(503)
    assert save(tmp_path, server, "/a").missing[0].why == "its host answers with status 503"
