"""What a thread shows, what of it is fetched and stored, and what a snapshot says of it."""

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
from reddit_archive.media import MediaItem, MediaLimits, file_types, video
from reddit_archive.media.host_policy import DownloadRefusedError
from reddit_archive.model import capture
from reddit_archive.model.capture import MissingMedia, StoredMedia
from tests.conftest import EXAMPLES
from tests.support import media_server
from tests.support.faults import take
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


# What is wanted --------------------------------------------------------------------------------


def test_wanted__of_an_example_in_reading_order() -> None:
    things = capture.flatten(json.loads((EXAMPLES / "everything.json").read_text()))
    found = media.find_media(things)
    assert [
        (item.owner, item.url.split("?")[0].rsplit("/", 1)[1], item.caption) for item in found
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
    assert found[6].url == SIGNED + "ed1dd5eafbd60ea342e0d56ce3653a63703582b7"


def test_wanted__a_post_that_is_a_picture() -> None:
    preview = {"images": [{"source": {"url": "https://preview.redd.it/a.png?s=1"}}]}
    assert urls(post(url="https://i.redd.it/a.png", preview=preview)) == ["https://i.redd.it/a.png"]


def test_wanted__the_preview_of_a_link_with_its_exact_query() -> None:
    signed = "https://external-preview.redd.it/x-Y_.jpg?auto=webp&s=%2Fab"
    preview = {"images": [{"source": {"url": signed.replace("&", "&amp;")}}]}
    for is_self, expected in ((False, [signed]), (True, [])):
        link = post(url="https://example.com/a.jpg", preview=preview, is_self=is_self)
        assert urls(link) == expected


def test_wanted__what_a_crosspost_passes_on() -> None:
    parent = {"name": "t3_other", "url": "https://i.redd.it/a.png"}
    found = media.find_media([post(url="/r/x/comments/other/", crosspost_parent_list=[parent])])
    assert found == (MediaItem("https://i.redd.it/a.png", "t3_abc123"),)


def test_wanted__a_picture_typed_as_an_address() -> None:
    text = (
        "See https://i.redd.it/a.png, (https://preview.redd.it/b.jpg?x=1&s=2). http://i.redd.it/c"
    )
    expected = ["https://i.redd.it/a.png", "https://preview.redd.it/b.jpg?x=1&s=2"]
    assert urls(comment(body=text)) == expected


def test_wanted__an_upload_once_although_it_is_typed_as_well() -> None:
    entry = {"b0": picture(SIGNED)}
    text = "![img](b0) https://preview.redd.it/my-loaf-v0-b0.jpg?width=640&s=1"
    assert urls(comment(body=text, media_metadata=entry)) == [SIGNED]


@pytest.mark.parametrize("kind", ["giphy", "emoji"])
def test_wanted__giphy_only_where_reddit_names_it(kind: str) -> None:
    entry = {"giphy|abc": {"t": kind, "s": {"gif": GIPHY}}}
    things = [post(url=GIPHY), comment(body=GIPHY, media_metadata=entry)]
    assert urls(*things) == ([GIPHY] if kind == "giphy" else [])


def test_wanted__the_same_emote_of_two_comments_is_one_address_of_both() -> None:
    entry = {"emote|x|joy": picture("https://www.redditstatic.com/joy.gif", t="sticker")}
    both = [comment(name=name, media_metadata=entry) for name in ("t1_a", "t1_b")]
    assert [item.owner for item in media.find_media(both)] == ["t1_a", "t1_b"]


def test_wanted__a_video_with_its_signed_manifest() -> None:
    manifest = "https://v.redd.it/vid1/DASHPlaylist.mpd?a=1,abc"
    secure = {"reddit_video": {"dash_url": manifest}}
    found = media.find_media([post(url="https://v.redd.it/vid1", secure_media=secure)])
    assert found == (MediaItem("https://v.redd.it/vid1", "t3_abc123", manifest_url=manifest),)


@pytest.mark.parametrize("dash_url", ["https://evil.example/x.mpd", None, 5])
def test_wanted__a_video_without_a_manifest_of_reddits(dash_url: object) -> None:
    secure = {
        "reddit_video": {"dash_url": dash_url, "fallback_url": "https://v.redd.it/vid1/x.mp4"}
    }
    (found,) = media.find_media([post(secure_media=secure)])
    assert found.manifest_url == "https://v.redd.it/vid1/DASHPlaylist.mpd"


@pytest.mark.parametrize(
    "url",
    [
        *("http://i.redd.it/a.png", "https://i.redd.it.evil.example/a.png", "file:///etc/passwd"),
        *("https://example.com/a.png", "https://127.0.0.1/a.png", "https://[i.redd.it/", "", "//"),
        *("https://evilredditmedia.com/a.png", "https://i.redd.it@evil.example/a.png"),
    ],
)
def test_wanted__nothing_of_other_hosts(url: str) -> None:
    entry = {"a": picture(url)}
    preview = {"images": [{"source": {"url": url}}]}
    things = [post(url=url, preview=preview, media_metadata=entry), comment(body=url)]
    assert urls(*things) == []


@pytest.mark.parametrize("odd", [None, 5, [], {}, "text", [None], {"a": None}, {"items": [5]}])
@pytest.mark.parametrize(
    "key", ["url", "media_metadata", "gallery_data", "preview", "crosspost_parent_list", "media"]
)
def test_wanted__of_odd_values(key: str, odd: Any) -> None:
    assert urls(post(**{key: odd}), comment(**{key: odd})) == []


# Saving ----------------------------------------------------------------------------------------


def wanted(server: Server, *paths: str, of: str = "t1_c0") -> list[MediaItem]:
    return [MediaItem(server.url(path), of) for path in paths]


def save(root: Path, server: Server, *paths: str, **limits: Any) -> media.SavedMedia:
    return media.save(
        root,
        "abc123",
        wanted(server, *paths),
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
    (found,) = save(tmp_path, server, "/a.exe").media
    name = f"{hashlib.sha256(body).hexdigest()}.{extension}"
    assert found == StoredMedia(server.url("/a.exe"), name, len(body), "t1_c0", "")
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
def test_extension__of_what_is_no_picture(body: bytes) -> None:
    assert file_types.detect_extension(body) is None


def test_save__what_is_no_picture_is_a_gap_and_costs_no_other(
    tmp_path: Path, server: Server
) -> None:
    server.answers = {"/page": whole(b"<html>"), "/a": whole(PNG)}
    saved = save(tmp_path, server, "/page", "/gone", "/a")
    assert [item.url for item in saved.media] == [server.url("/a")]
    assert saved.missing == (
        MissingMedia(
            server.url("/page"), "what came is no picture or video of a known kind", "t1_c0"
        ),
        MissingMedia(server.url("/gone"), "its host answers with status 404", "t1_c0"),
    )


def test_save__says_what_could_not_be_had(tmp_path: Path, server: Server) -> None:
    said: list[str] = []
    items = wanted(server, "/a", "/b")
    media.save(tmp_path, "abc123", items, on_status=said.append, policy=only(server))
    assert said == [f"Not saved: {server.url('/a')} and 1 more: its host answers with status 404."]


def test_save__asks_each_address_once(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    items = [*wanted(server, "/a", "/gone"), *wanted(server, "/a", "/gone", of="t1_c1")]
    saved = media.save(tmp_path, "abc123", items, on_status=lambda _: None, policy=only(server))
    assert server.paths == ["/a", "/gone"]
    assert (
        [item.of for item in saved.media]
        == [item.of for item in saved.missing]
        == ["t1_c0", "t1_c1"]
    )


def test_save__does_not_ask_for_what_a_snapshot_has(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    first = save(tmp_path, server, "/a").media
    store.add(tmp_path, replace(take("one"), media=first))
    store.add(tmp_path, take("two", seconds=1))
    assert save(tmp_path, server, "/a").media == first
    assert server.paths == ["/a"]


def test_save__asks_again_for_a_file_that_is_missing(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    first = save(tmp_path, server, "/a").media
    shot = store.add(tmp_path, replace(take("one"), media=first)).snapshot
    store.media_path(shot.path, first[0]).unlink()
    assert save(tmp_path, server, "/a").media == first
    assert server.paths == ["/a", "/a"]


def test_save__over_a_damaged_file_is_a_gap(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    spoil(tmp_path, save(tmp_path, server, "/a").media[0])
    (gap,) = save(tmp_path, server, "/a").missing
    assert gap.why.endswith("is damaged")


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
    names = {line.split(":")[0] for line in server.asked[1].split("\r\n")[1:] if line}
    assert names == {"Host", "Accept", "Accept-Encoding", "Connection", "User-Agent"}
    assert f"Host: 127.0.0.1:{server.port}\r\n" in server.asked[0]
    assert f"User-Agent: {sys.platform}:reddit-archive:" in server.asked[0]


@pytest.mark.parametrize(("hops", "is_had"), [(5, True), (6, False)])
def test_save__follows_five_redirects(
    tmp_path: Path, server: Server, hops: int, is_had: bool
) -> None:
    for hop in range(hops):
        server.answers[f"/{hop}"] = redirect(f"/{hop + 1}", code=(301, 302, 303, 307, 308)[hop % 5])
    server.answers[f"/{hops}"] = whole(PNG)
    saved = save(tmp_path, server, "/0")
    assert bool(saved.media) is is_had
    assert [gap.why for gap in saved.missing] == ["it is behind more than 5 redirects"][is_had:]
    assert len(server.asked) == 6


@pytest.mark.parametrize("location", ["", "http://[", "https://x:y/", "\x00", "mailto:x"])
def test_save__a_redirect_to_nowhere_is_a_gap(
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
    assert (len(saved.media), len(saved.missing), len(server.asked)) == (2, 2, 2)
    store.add(tmp_path, replace(take("one"), media=saved.media))
    assert len(save(tmp_path, server, *paths, thread_bytes=3 * size).media) == 3


def test_save__in_an_archive_that_is_read_only(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    (tmp_path / "tmp").write_text("a file where a folder should be")
    (gap,) = save(tmp_path, server, "/a").missing
    assert gap.why.startswith("can't write")


def test_save__of_no_thread(tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidReferenceError):
        media.save(tmp_path, "../x", [], on_status=lambda _: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failure", [OSError("odd"), ValueError("odd")])
def test_save__a_connection_that_fails_is_a_gap(
    tmp_path: Path, server: Server, failure: Exception
) -> None:
    def fail(host: str, port: int) -> list[str]:
        raise failure

    allowed = replace(only(server), resolve_host=fail)
    saved = media.save(
        tmp_path, "abc123", wanted(server, "/a"), on_status=lambda _: None, policy=allowed
    )
    assert len(saved.missing) == 1


def test_save__does_not_try_a_host_again_that_is_down(tmp_path: Path, server: Server) -> None:
    tried: list[str] = []

    def fail(host: str, port: int) -> list[str]:
        tried.append(host)
        raise TimeoutError

    items = wanted(server, "/a", "/b", "/c")
    allowed = replace(only(server), resolve_host=fail)
    saved = media.save(tmp_path, "abc123", items, on_status=lambda _: None, policy=allowed)
    assert [gap.why for gap in saved.missing] == ["its host does not answer in time"] * 3
    assert tried == ["127.0.0.1"]


# Snapshots and the store -----------------------------------------------------------------------


def stored(root: Path, body: bytes = PNG, *, of: str = "t1_c0") -> StoredMedia:
    """Put a picture where `save` would."""
    name = f"{hashlib.sha256(body).hexdigest()}.png"
    path = root / "threads" / "t3_abc123" / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(body)
    return StoredMedia(f"https://i.redd.it/{name}", name, len(body), of, "")


def spoil(root: Path, found: StoredMedia) -> Path:
    path = root / "threads" / "t3_abc123" / "media" / found.name
    path.chmod(0o644)
    path.write_bytes(b"\0" + path.read_bytes()[1:])
    return path


def test_snapshot__gives_back_its_media(tmp_path: Path) -> None:
    odd = replace(stored(tmp_path), caption="\ud83d <3 &\n", url="https://i.redd.it/\u2028")
    taken = replace(take("one"), media=(odd,), missing_media=(MissingMedia("u", "why", "t1_c0"),))
    path = Path("threads/t3_abc123/file.json")
    again = snapshot_format.decode(snapshot_format.encode(taken, parent=None), path).capture
    assert (again.media, again.missing_media) == (taken.media, taken.missing_media)
    assert again.is_identical_to(taken)
    assert not again.is_identical_to(replace(taken, media=()))


def test_snapshot__without_media_keys_reads_as_before() -> None:
    raw = json.loads(snapshot_format.encode(take("one"), parent=None))
    del raw["media"], raw["media_gaps"]
    path = Path("threads/t3_abc123/file.json")
    assert snapshot_format.decode(
        json.dumps(raw, separators=(",", ":")).encode(), path
    ).capture.is_identical_to(take("one"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", name) for name in ("../../x.png", "/etc/passwd", "x.png", "a" * 64, "", None)),
        *(("name", "0" * 64 + end) for end in ("", ".", ".png\n", ".p/g", ".PNG", "./../x")),
        *(("size_bytes", size) for size in (None, "5", 1e400, [])),
    ],
)
def test_snapshot__refuses_media_that_are_not_ours(key: str, value: object) -> None:
    entry = {"url": "u", "name": "0" * 64 + ".png", "size_bytes": 1, "of": "t1_a", "caption": ""}
    raw = json.loads(snapshot_format.encode(take("one"), parent=None)) | {
        "media": [{**entry, key: value}]
    }
    with pytest.raises(errors.DamageFoundError, match="is not a snapshot"):
        snapshot_format.decode(json.dumps(raw).encode(), Path("threads/t3_abc123/file.json"))


def test_add__new_media_are_a_snapshot_and_fewer_are_not(tmp_path: Path) -> None:
    one, two = stored(tmp_path), stored(tmp_path, GIF)
    gap = MissingMedia("https://i.redd.it/x", "its host is not found", "t1_c0")
    shown = [(), (one,), (one, two), (one,), (), (two,)]
    added = [
        store.add(tmp_path, replace(take("x", seconds=n), media=some, missing_media=(gap,))).is_new
        for n, some in enumerate(shown)
    ]
    assert added == [True, True, True, False, False, False]


def test_add__refuses_media_that_are_not_stored(tmp_path: Path) -> None:
    found = stored(tmp_path)
    (tmp_path / "threads" / "t3_abc123" / "media" / found.name).unlink()
    with pytest.raises(errors.StoreError, match="is not in the archive"):
        store.add(tmp_path, replace(take("one"), media=(found,)))


def verified(root: Path) -> list[tuple[str, str]]:
    return [
        (found.path.name, found.description)
        for found in verify.verify(root)
        if isinstance(found, store.DamagedFile)
    ]


def test_verify__of_whole_media(tmp_path: Path) -> None:
    shot = store.add(tmp_path, replace(take("one"), media=(stored(tmp_path),))).snapshot
    path = store.media_path(shot.path, shot.capture.media[0])
    assert list(verify.verify(tmp_path)) == [shot.path, path]
    assert store.load_snapshots(tmp_path, "abc123") == (shot,)


def test_verify__names_damaged_missing_and_foreign_media(tmp_path: Path) -> None:
    bad, gone = stored(tmp_path), stored(tmp_path, GIF)
    shot = store.add(tmp_path, replace(take("one"), media=(bad, gone))).snapshot
    spoil(tmp_path, bad)
    folder = shot.path.parent / "media"
    (folder / gone.name).unlink()
    (folder / "notes.png").write_bytes(b"")
    assert verified(tmp_path) == [
        (bad.name, "its bytes do not match the SHA-256 in its name"),
        ("notes.png", "its name is not one that this program gives"),
        (gone.name, f"is missing, and {shot.path.name} names it"),
    ]


def test_find__gives_the_files_that_are_there(tmp_path: Path) -> None:
    here, gone = stored(tmp_path), stored(tmp_path, GIF)
    shot = store.add(tmp_path, replace(take("one"), media=(here, gone))).snapshot
    store.media_path(shot.path, gone).unlink()
    assert media.find_files([shot]) == {here.url: store.media_path(shot.path, here)}


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
    """A yt-dlp that asks for the manifest and for one file beside it."""

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
        found = video.fetch(url, policy=only(server), limits=MediaLimits(**limits), tmp=tmp)
        assert list(tmp.iterdir()) == []
    return found


def add_video(server: Server, body: bytes = MP4) -> None:
    server.answers["/v/DASHPlaylist.mpd"] = whole(MANIFEST.encode())
    server.answers["/v/DASH_480.mp4"] = whole(body)


def test_video__without_yt_dlp_is_a_gap(tmp_path: Path, no_yt_dlp: None) -> None:
    item = MediaItem("https://v.redd.it/a", "t3_abc123", manifest_url="https://v.redd.it/a/x.mpd")
    (gap,) = media.save(tmp_path, "abc123", [item], on_status=lambda _: None).missing
    assert gap.url == "https://v.redd.it/a"
    assert gap.why == "videos need yt-dlp (pip install 'reddit-archive[video]')"


def test_video__goes_through_our_own_checks(yt_dlp: None, server: Server) -> None:
    add_video(server)
    assert fetch_video(server) == MP4
    assert server.paths == ["/v/DASHPlaylist.mpd", "/v/DASH_480.mp4"]


def test_video__is_stored_as_a_picture_is(tmp_path: Path, yt_dlp: None, server: Server) -> None:
    add_video(server)
    item = MediaItem(server.url("/v"), "t3_abc123", manifest_url=server.url("/v/DASHPlaylist.mpd"))
    (found,) = media.save(
        tmp_path, "abc123", [item], on_status=lambda _: None, policy=only(server)
    ).media
    assert (found.url, found.name[64:]) == (server.url("/v"), ".mp4")


def test_video__that_is_too_large_is_refused(yt_dlp: None, server: Server) -> None:
    add_video(server, MP4 + bytes(2_000_000))
    with pytest.raises(DownloadRefusedError, match="it is larger than 0"):
        fetch_video(server, file_bytes=1_000_000)


def test_video__that_is_not_there_is_refused(yt_dlp: None, server: Server) -> None:
    with pytest.raises(DownloadRefusedError, match="status 404"):
        fetch_video(server)


def test_video__by_the_real_yt_dlp(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("yt_dlp")
    add_video(server)
    assert fetch_video(server) == MP4
    assert {path.split("/")[1] for path in server.paths} == {"v"}
    assert capfd.readouterr() == ("", "")


def test_gap__of_a_status_names_it(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = status(503)
    assert save(tmp_path, server, "/a").missing[0].why == "its host answers with status 503"
