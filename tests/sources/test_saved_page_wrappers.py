"""Take pages out of the files in which browsers and archiving tools save them."""

import base64
import hashlib
import io
import plistlib
import quopri
import random
import re
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from reddit_archive import errors
from reddit_archive.model import capture
from reddit_archive.sources import decompress
from reddit_archive.sources.saved_page.page import JsonFile, PageFile
from reddit_archive.sources.saved_page.wrappers import (
    http_body,
    is_wacz,
    is_web_page,
    iter_wacz_pages,
    iter_warc_pages,
    page_builder,
    read_pages,
    wayback,
)
from tests.support import web_archives
from tests.support.web_archives import ADDRESS, PAGE, Record

FILE_TIME = datetime(2026, 11, 1, 8, 0, 0, tzinfo=UTC)
CAPTURED_AT = datetime(2023, 6, 14, 21, 22, 41, tzinfo=UTC)
WAYBACK_ADDRESS = f"https://web.archive.org/web/20230614212241/{ADDRESS}"
SENTINEL = "SENTINEL-cookie"


def read_one(data: bytes | str, path: Path | None = None) -> PageFile:
    data = data.encode() if isinstance(data, str) else data
    (page,) = read_pages(data, "page.html", FILE_TIME, path=path)
    assert isinstance(page, PageFile)
    return page


def read_warc(*records: Record, is_compressed: bool = False) -> list[PageFile | JsonFile]:
    data = web_archives.make_warc(records, is_compressed=is_compressed)
    return list(iter_warc_pages(io.BytesIO(data), "x.warc", FILE_TIME))


def read_until_error(data: bytes) -> tuple[list[PageFile | JsonFile], errors.ArchiveError | None]:
    pages: list[PageFile | JsonFile] = []
    try:
        pages.extend(iter_warc_pages(io.BytesIO(data), "x.warc", FILE_TIME))
    except errors.ArchiveError as error:
        return pages, error
    return pages, None


# --- Pages that a browser saves


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace("<html", f"<!-- saved from url=({len(ADDRESS):04}){ADDRESS} -->\n<html"),
        f"\ufeff<!-- saved from url=({len(ADDRESS):04}){ADDRESS} -->\n{PAGE}",
        PAGE.replace("<html", f"<!--x--><!-- saved from url=(0001){ADDRESS} --><html", 1).replace(
            "(0001)", f"({len(ADDRESS)})"
        ),
    ],
    ids=["after the doctype", "before it", "after another comment"],
)
def test_ctrl_s__address_from_the_comment_and_time_from_the_file(page: str) -> None:
    saved = read_one(page)
    assert (saved.url, saved.saved_by) == (ADDRESS, "a browser")
    assert (saved.saved_at, saved.is_file_time) == (FILE_TIME, True)


def test_ctrl_s__address_ends_where_its_length_says() -> None:
    comment = f"<!-- saved from url=({len(ADDRESS):04}){ADDRESS}more -->"
    assert read_one(comment + PAGE).url == ADDRESS


def test_firefox__page_without_comment_has_no_address() -> None:
    saved = read_one(PAGE)
    assert (saved.url, saved.is_file_time, saved.html) == ("", True, PAGE)
    assert saved.sha256 == hashlib.sha256(PAGE.encode()).hexdigest()


def test_page__names_its_own_address() -> None:
    link = f"<link href='{ADDRESS}?token=x' data-a=1 rel='canonical'/>"
    other = '<link rel="canonical" href="https://example.com/">'
    assert read_one(PAGE.replace("<head>", f"<head>{other}{link}")).url == ADDRESS
    assert read_one(PAGE.replace("<body>", f"<body>{link}")).url == ""


def test_page__after_much_white_space() -> None:
    assert read_one(" \r\n" * 5_000 + PAGE).html.strip() == PAGE


def test_comments__in_the_body_say_nothing() -> None:
    comment = f"<!-- Page saved with SingleFile\n url: {ADDRESS}\n-->"
    page = read_one(PAGE.replace("<body>", f"<body>{comment}"))
    assert (page.url, page.saved_by) == ("", "a browser")


# --- Tools that save pages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sat Jan 01 2022 12:00:00 GMT+0100 (Central European Standard Time)", "2022-01-01T11:00"),
        ("Sat Jan 01 2022 12:00:00 GMT+0100 (Mitteleuropäische Normalzeit)", "2022-01-01T11:00"),
        ("Wed Jan 01 2020 10:00:00 GMT+0800 (台北標準時間)", "2020-01-01T02:00"),
        ("Thu Mar 14 2024 01:03:00 GMT-0330", "2024-03-14T04:33"),
        ("Sun Dec 31 2023 23:30:00 GMT-1200 (x)", "2024-01-01T11:30"),
        ("Sat, 01 Jan 2022 11:00:00 GMT", "2022-01-01T11:00"),
        ("2022-01-01T12:00:00.123+01:00", "2022-01-01T11:00"),
    ],
)
def test_single_file__time_in_any_zone(text: str, expected: str) -> None:
    saved = read_one(web_archives.make_single_file(text))
    assert saved.saved_at == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert (saved.url, saved.saved_by, saved.is_file_time) == (ADDRESS, "SingleFile", False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Sat Foo 41 2022 12:00:00 GMT+0100",
        "Thu Jan 01 1970 00:00:00 GMT+0000",
        "Sat Jan 01 2022 12:00:00 GMT+9999",
        "Mon Jan 01 0001 00:00:00 GMT+1400",
        "9" * 5000,
    ],
)
def test_single_file__impossible_time_is_the_files(text: str) -> None:
    saved = read_one(web_archives.make_single_file(text))
    assert (saved.saved_at, saved.is_file_time, saved.url) == (FILE_TIME, True, ADDRESS)


def test_times__are_never_in_the_future() -> None:
    saved = read_one(web_archives.make_single_file("Sat Jan 01 2222 12:00:00 GMT+0100"))
    assert saved.saved_at <= capture.utc_now()
    tomorrow = capture.utc_now() + timedelta(days=1)
    (page,) = read_pages(PAGE.encode(), "x", tomorrow, path=None)
    assert page.saved_at <= capture.utc_now()


@pytest.mark.parametrize(
    ("page", "tool"),
    [
        (
            web_archives.add_comment(PAGE, "\r\n Page saved with SingleFile \r\n url: {}\r\n"),
            "SingleFile",
        ),
        (
            web_archives.add_comment(PAGE, "\n Archive processed by SingleFile \n url: {} \n"),
            "SingleFile",
        ),
        (
            "<!-- Saved from {} at 2023-06-14T21:22:41Z using monolith v2.8.1 -->\n" + PAGE,
            "monolith",
        ),
        (
            PAGE.replace(
                "<html",
                '<html data-scrapbook-source="{}" data-scrapbook-create="20230614212241123"',
            ),
            "WebScrapBook",
        ),
        (
            PAGE.replace(
                "<head>",
                '<head><meta name="savepage-url" content="{}"><meta name="savepage-date" '
                'content="Wed Jun 14 2023 23:22:41 GMT+0200 (CEST)">',
            ),
            "Save Page WE",
        ),
    ],
)
def test_tools__address_and_time(page: str, tool: str) -> None:
    saved = read_one(page.replace("{}", ADDRESS))
    assert (saved.url, saved.saved_by) == (ADDRESS, tool)
    assert saved.is_file_time if tool == "SingleFile" else saved.saved_at == CAPTURED_AT


def test_httrack__address_and_time() -> None:
    comment = (
        f"<!-- Mirrored from {ADDRESS.removeprefix('https://')} by HTTrack Website Copier/3.x "
        "[XR&CO'2014], Wed, 14 Jun 2023 21:22:41 GMT -->"
    )
    saved = read_one(PAGE.replace("<head>", f"{comment}<head>"))
    assert (saved.url, saved.saved_by, saved.saved_at) == (ADDRESS, "HTTrack", CAPTURED_AT)


def test_single_file__self_extracting_file_is_refused() -> None:
    page = PAGE.replace("<html", "<html data-sfz").encode() + b"<!--PK\x03\x04 PK\x05\x06-->"
    with pytest.raises(errors.NotAThreadError, match="self-extracting file of SingleFile"):
        read_one(page)
    assert read_one(PAGE.replace("<html", "<html data-sfz")).html  # saved again by a browser


def test_archive_today__is_refused() -> None:
    page = PAGE.replace("<head>", '<head><link rel="canonical" href="https://archive.ph/Ab1c2">')
    with pytest.raises(errors.NotAThreadError, match=r"copy by archive\.today"):
        read_one(page)
    with pytest.raises(errors.NotAThreadError, match=r"copy by archive\.today"):
        read_one(web_archives.make_single_file("", address="https://archive.is/Ab1c2"))


@pytest.mark.parametrize("kind", ['class="md"', 'id="t1_a-post-rtjson-content"'])
def test_cut_off__half_a_text_is_left_out(kind: str) -> None:
    start = f"<html><body><div {kind}><p>whole</p></div><p>other</p>"
    cut = f"{start}<div {kind}><div><p>one</p></div><p>tw"
    assert read_one(cut).html == start
    assert read_one(start).html == start
    assert read_one(f"{cut}</p></body>").html.endswith("tw</p></body>")  # damaged, but all there


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://out.reddit.com/t1_a?url=https%3A%2F%2Fa.example%2F%3Fb%3D1%26c&amp;token=", None),
        ("//out.reddit.com/t1_a?token=", "https://out.reddit.com/t1_a"),
        ("https://out.reddit.com/t1_a?url=javascript:x&amp;token=", "https://out.reddit.com/t1_a"),
    ],
)
def test_outbound_links__lead_to_their_destination(address: str, expected: str | None) -> None:
    page = read_one(PAGE.replace("<body>", f'<body><a class="x" href="{address}{SENTINEL}">y</a>'))
    assert f'href="{expected or "https://a.example/?b=1&amp;c"}"' in page.html
    assert SENTINEL not in page.html


def test_safari__address_and_page() -> None:
    resource = {
        "WebResourceData": PAGE.encode("utf-16-le"),
        "WebResourceURL": ADDRESS,
        "WebResourceTextEncodingName": "UTF-16LE",
    }
    data = plistlib.dumps({"WebMainResource": resource}, fmt=plistlib.FMT_BINARY)
    saved = read_one(data)
    assert (saved.url, saved.html, saved.saved_by) == (ADDRESS, PAGE, "Safari")
    with pytest.raises(errors.NotAThreadError, match="contains no web page"):
        read_one(data[:-40])


# --- Addresses


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://old.reddit.com:80/r/a/comments/b1/", "https://old.reddit.com/r/a/comments/b1/"),
        ("https://me:pass@www.reddit.com/r/a/?token=x", "https://www.reddit.com/r/a/"),
        (
            f"{ADDRESS}?limit=500&sort=new&access_token=x&share_id=y#z",
            f"{ADDRESS}?limit=500&sort=new",
        ),
        ("https://redd.it/b1", "https://redd.it/b1"),
        ("https://reddit.com.evil.example/r/a/", ""),
        ("https://evilreddit.com/r/a/", ""),
        ("file:///home/me/reddit.com/x.html", ""),
        ("javascript:alert('reddit.com')", ""),
        ("https://www.reddit.com\\@evil.example/", ""),
        ("https://[www.reddit.com/", ""),
        ("https://www.reddit.com/" + "a" * 5000, ""),
    ],
)
def test_address__only_reddits_and_nothing_private(address: str, expected: str) -> None:
    assert read_one(web_archives.make_single_file("", address=address)).url == expected


# --- Encodings


@pytest.mark.parametrize(
    "data",
    [
        PAGE.encode(),
        b"\xef\xbb\xbf" + PAGE.encode(),
        PAGE.encode("utf-16"),
        b"\xfe\xff" + PAGE.encode("utf-16-be"),
        PAGE.replace("\n", "\r\n").encode(),
        PAGE.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "mark", "utf-16", "big endian", "windows", "old mac"],
)
def test_encoding__any_form_of_unicode(data: bytes) -> None:
    assert read_one(data).html == PAGE


@pytest.mark.parametrize(
    "charset", ["windows-1252", "iso-8859-1", "ISO-8859-15", "x-unknown", "zlib"]
)
def test_encoding__of_the_page(charset: str) -> None:
    text = f'<html><head><meta charset="{charset}"></head><body>Grüße</body></html>'
    is_known = charset not in ("x-unknown", "zlib")
    expected = "Grüße" if is_known else "Gr\ufffd\ufffde"
    assert expected in read_one(text.encode("latin-1")).html
    assert "Grüße" in read_one(text).html  # valid UTF-8 is read as that


def test_encoding__wrong_bytes_are_replaced() -> None:
    page = read_one(PAGE.encode().replace(b"shady", b"sh\xff\xc3dy") + b"\xe2\x98")
    assert "sh\ufffd\ufffddy" in page.html
    assert page.html.encode()


# --- MHTML


@pytest.mark.parametrize(
    ("encode", "transfer_encoding"),
    [
        (quopri.encodestring, "quoted-printable"),
        (base64.encodebytes, "base64"),
        (bytes, "binary"),
        (bytes, "8bit"),
    ],
)
@pytest.mark.parametrize("charset", ["", "; charset=utf-8"])
def test_mhtml__transfer_encodings(
    encode: Callable[[bytes], bytes], transfer_encoding: str, charset: str
) -> None:
    headers = f"Content-Type: text/html{charset}\r\nContent-Transfer-Encoding: {transfer_encoding}"
    saved = read_one(web_archives.make_mhtml(encode(PAGE.encode()), part_headers=headers))
    assert (saved.html.strip(), saved.url, saved.saved_at) == (PAGE, ADDRESS, CAPTURED_AT)
    assert saved.saved_by == "a browser (MHTML)"


def test_mhtml__the_page_is_not_a_frame() -> None:
    frame = web_archives.make_mhtml_part(
        "Content-Type: text/html\r\nContent-Location: cid:frame-1@mhtml.blink", "<html>ad</html>"
    )
    assert "shady moss" in read_one(web_archives.make_mhtml(before=frame, after=frame)).html


def test_mhtml__by_old_browsers() -> None:
    data = (
        b'From: "Saved by Windows Internet Explorer 8"\nSubject: x\n'
        b"Date: Wed, 14 Jun 2023 23:22:41 +0200\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related;\n\ttype="text/html";\n\tboundary="b"\n\n'
        b"This is a multi-part message in MIME format.\n\n--b\n"
        b'Content-Type: text/html;\n\tcharset="windows-1252"\n'
        b"Content-Location: " + ADDRESS.encode() + b"\n\n<html>Gr\xfc\xdfe</html>\n"
    )
    saved = read_one(data)  # cut off before its last boundary
    assert (saved.html.strip(), saved.url) == ("<html>Grüße</html>", ADDRESS)
    assert saved.saved_at == CAPTURED_AT


def test_mhtml__only_a_picture_is_refused() -> None:
    data = web_archives.make_mhtml(b"GIF", part_headers="Content-Type: image/gif")
    with pytest.raises(errors.NotAThreadError, match="contains no web page"):
        read_one(data)


def test_mhtml__deeply_nested_parts_are_refused() -> None:
    nested = "".join(
        f'Content-Type: multipart/related; boundary="b{level}"\r\n\r\n--b{level}\r\n'
        for level in range(1_000)
    )
    with pytest.raises(errors.NotAThreadError, match="contains no web page"):
        read_one(f"MIME-Version: 1.0\r\n{nested}Content-Type: text/html\r\n\r\n{PAGE}")


# --- The Wayback Machine


@pytest.mark.parametrize(
    "data",
    [
        web_archives.make_wayback().encode(),
        web_archives.make_single_file(
            "Sat Jan 01 2022 12:00:00 GMT+0100",
            address=WAYBACK_ADDRESS,
            page=web_archives.make_wayback(has_toolbar=False),
        ),
        web_archives.make_mhtml(
            web_archives.make_wayback(has_toolbar=False).encode(), address=WAYBACK_ADDRESS
        ),
        web_archives.make_wayback()
        .replace("<html", f"<!-- saved from url=(9999){WAYBACK_ADDRESS} --><html")
        .encode(),
    ],
    ids=["toolbar", "SingleFile", "MHTML", "Ctrl+S"],
)
def test_wayback__links_are_the_pages_own(data: bytes) -> None:
    page = read_one(data)
    assert f'href="{ADDRESS}c1/"' in page.html
    assert 'srcset="https://i.redd.it/a.png 1x, https://i.redd.it/b.png 2x"' in page.html
    assert (page.saved_at, page.saved_by) == (CAPTURED_AT, "the Wayback Machine")
    assert "wm-ipp" not in page.html


def test_wayback__users_links_and_texts_stay() -> None:
    page = read_one(web_archives.make_wayback())
    assert 'href="https://web.archive.org/web/20200101000000/https://example.com/"' in page.html
    assert (
        '&lt;a href="https://web.archive.org/web/20230614212241/https://example.org/' in page.html
    )
    quoted = PAGE.replace("shady", f'<a href="{WAYBACK_ADDRESS}">FILE ARCHIVED ON</a>')
    saved = read_one(quoted)
    assert (saved.html, saved.saved_by) == (quoted, "a browser")


@pytest.mark.parametrize(
    "name",
    [
        f"web/20230614212241id_/{ADDRESS}",
        f"web/20230614212241id_/{ADDRESS.replace('//', '/')}index.html",
        "20230614212241/www.reddit.com/r/gardens/comments/9wrap1/which_moss/index.html",
        "www.reddit.com/20230614212241/r/gardens/comments/9wrap1/which_moss/index.html",
    ],
)
def test_wayback__time_and_address_from_the_name(name: str) -> None:
    link = '<a href="https://web.archive.org/web/20230614212241/https://example.com/">'
    page = read_one(PAGE + link, Path("downloads") / name)
    assert (page.url.rstrip("/") + "/", page.saved_at) == (ADDRESS, CAPTURED_AT)
    assert page.html == PAGE + link  # it is as it was captured
    page = read_one(PAGE, Path("my-20230614212241id_-copy.html"))
    assert (page.url, page.saved_at, page.is_file_time) == ("", CAPTURED_AT, False)


def test_wayback__compressed_on_disk() -> None:
    assert read_one(web_archives.make_gzip(PAGE.encode())).html == PAGE


def test_wayback__links_that_are_not_restored_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_builder.wayback, "restore", lambda page, address: None)
    with pytest.raises(AssertionError):
        test_wayback__links_are_the_pages_own(web_archives.make_wayback().encode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN", re.compile(r"<!--.*?-->|(?P<element>x^)|<[^>]*>|[^<]+", re.DOTALL)),
        ("RESOURCE_KINDS", frozenset({None})),
    ],
    ids=["text taken for tags", "any time taken for the page's"],
)
def test_wayback__too_many_restored_links_are_noticed(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wayback, name, value)
    with pytest.raises(AssertionError):
        test_wayback__users_links_and_texts_stay()


# --- ArchiveBox


def make_archivebox(
    folder: Path, index: str, names: tuple[str, ...], index_name: str = "index.json"
) -> list[PageFile]:
    folder.mkdir(parents=True)
    (folder / index_name).write_text(index)
    pages = []
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = web_archives.make_single_file("Wed Jun 14 2023 21:23:00 GMT+0000")
        pages.append(read_one(data if "single" in name else PAGE, path))
    return pages


def test_archivebox__all_forms_of_a_snapshot_are_one_look(tmp_path: Path) -> None:
    index = f'{{"url": "{ADDRESS}", "timestamp": "1686777761.5", "history": null}}'
    names = (
        "singlefile.html",
        "output.html",
        "www.reddit.com/r/gardens/comments/9wrap1/x/index.html",
    )
    pages = make_archivebox(tmp_path / "archive" / "1686777761.5", index, names)
    assert {(page.url, page.saved_at) for page in pages} == {(ADDRESS, CAPTURED_AT)}
    assert [page.saved_by for page in pages] == ["SingleFile", "ArchiveBox", "ArchiveBox"]


RESULTS = (
    '{"status": "succeeded", "start_ts": "2023-06-14T21:22:41.5+00:00"}, '
    '{"status": "failed", "start_ts": "2019-01-01T00:00:00"}, 7'
)


@pytest.mark.parametrize(
    ("name", "results"),
    [
        ("index.json", f'"history": {{"dom": [{RESULTS}], "x": 8}}}}'),
        ("index.json", f'"archive_results": [{RESULTS}]}}'),
        (
            "index.jsonl",
            '"type": "Snapshot"}\n' + RESULTS.replace(", {", "\n{").replace(", 7", "\n7"),
        ),
    ],
)
def test_archivebox__time_of_the_first_result_wins_over_the_bookmarks(
    name: str, results: str, tmp_path: Path
) -> None:
    index = f'{{"url": "{ADDRESS}", "timestamp": "1500000000", {results}'
    (page,) = make_archivebox(tmp_path / "1500000000", index, ("dom/output.html",), name)
    assert (page.url, page.saved_at, page.is_file_time) == (ADDRESS, CAPTURED_AT, False)


@pytest.mark.parametrize(
    "index",
    [
        "",
        "[1]",
        '{"url": 5, "timestamp": []}',
        '{"url": "https://example.com/", "timestamp": "1"}',
        "[" * 90_000,
    ],
)
def test_archivebox__other_index_is_ignored(index: str, tmp_path: Path) -> None:
    (page,) = make_archivebox(tmp_path / "1500000000", index, ("output.html",))
    assert (page.url, page.is_file_time) == ("", True)


# --- WARC and WACZ


@pytest.mark.parametrize("is_compressed", [False, True])
def test_warc__pages_with_address_and_time(is_compressed: bool) -> None:
    second = Record(date="2024-01-01T00:00:00.5Z")
    data = web_archives.make_warc([Record(), second], is_compressed=is_compressed)
    pages = list(read_pages(data, "x.warc", FILE_TIME, path=None))
    assert [page.url for page in pages] == [ADDRESS, ADDRESS]
    assert [page.saved_at for page in pages] == [CAPTURED_AT, datetime(2024, 1, 1, tzinfo=UTC)]
    assert pages[0].display_name == "x.warc, record 2"


@pytest.mark.parametrize(
    "record",
    [
        Record(b"", status=""),
        Record(status="404 Not Found"),
        Record(status="301 Moved"),
        Record(address="https://example.com/r/a/comments/b1/"),
        Record(content_type="image/png"),
        Record(kind="metadata"),
        Record(
            address="https://www.reddit.com/message/inbox.json", content_type="application/json"
        ),
        Record(address="https://www.reddit.com/api/me.json", content_type="application/json"),
        Record(kind="revisit", body=b""),
    ],
    ids=lambda record: f"{record.kind} {record.status} {record.content_type}",
)
def test_warc__other_records_are_skipped(record: Record) -> None:
    assert len(read_warc(record, Record())) == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (web_archives.make_gzip(PAGE.encode()), {"Content-Encoding": "gzip"}),
        (brotli.compress(PAGE.encode()), {"Content-Encoding": "br"}),
        (PAGE.encode(), {"Content-Encoding": "br"}),
        (PAGE.encode(), {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
        (
            b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE.encode()), PAGE.encode()),
            {"Transfer-Encoding": "chunked"},
        ),
    ],
    ids=["gzip", "brotli", "named brotli only", "chunked in name only", "chunked"],
)
def test_warc__encodings_of_the_body(body: bytes, headers: dict[str, str]) -> None:
    (page,) = read_warc(Record(body=body, headers=tuple(headers.items())))
    assert isinstance(page, PageFile)
    assert page.html == PAGE


def test_warc__charset_of_the_header() -> None:
    record = Record(
        body="<html>Grüße".encode("cp1252"), content_type="text/html; charset=windows-1252"
    )
    (page,) = read_warc(record)
    assert isinstance(page, PageFile)
    assert page.html == "<html>Grüße"


def test_warc__resources_and_parts_of_pages() -> None:
    partial = "text/vnd.reddit.partial+html; charset=utf-8"
    address = "https://www.reddit.com/svc/shreddit/comments/r/gardens/t3_9wrap1?cursor=secret"
    pages = read_warc(
        Record(kind="resource", content_type="text/html"),
        Record(address=address, content_type=partial),
    )
    assert [page.url for page in pages] == [ADDRESS, address.partition("?")[0]]


def test_warc__json_of_threads() -> None:
    address = f"{ADDRESS}.json?raw_json=1&limit=500"
    (page,) = read_warc(Record(b"[1]", address, content_type="application/json; charset=UTF-8"))
    assert isinstance(page, JsonFile)
    assert (page.data, page.url, page.saved_at) == (
        b"[1]",
        f"{ADDRESS}.json?limit=500",
        CAPTURED_AT,
    )


def test_warc__revisit_is_another_look_at_an_earlier_page() -> None:
    revisit = Record(b"", kind="revisit", digest="sha1:AA", date="2024-01-01T00:00:00Z")
    first, second = read_warc(Record(digest="sha1:AA"), revisit)
    assert (first.saved_at.year, second.saved_at.year) == (2023, 2024)
    assert first.sha256 == second.sha256


def test_warc__of_the_wayback_machine() -> None:
    (page,) = read_warc(Record(web_archives.make_wayback().encode(), WAYBACK_ADDRESS))
    assert isinstance(page, PageFile)
    assert (page.url, f'href="{ADDRESS}c1/"' in page.html) == (ADDRESS, True)


def test_warc__no_header_is_kept(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    headers = (("Set-Cookie", f"token={SENTINEL}"), ("Authorization", SENTINEL))
    secret = Record(address=f"{ADDRESS}?token={SENTINEL} x", headers=headers)
    data = web_archives.make_warc([secret, Record(headers=headers)])
    damaged = data.replace(b"Content-Length: ", b"Content-Length: 1", 3)
    printed = repr([read_until_error(data), read_until_error(damaged), caplog.text])
    out, err = capfd.readouterr()
    assert SENTINEL not in printed + out + err
    assert ADDRESS in printed


def test_warc__truncated_compressed_file_gives_what_precedes_the_end(tmp_path: Path) -> None:
    data = web_archives.make_warc([Record(), Record(), Record()], is_compressed=True)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data[: len(data) - 200])
    pages: list[PageFile | JsonFile] = []
    with (
        decompress.open_stream(path) as stream,
        pytest.raises(errors.NotAThreadError, match="is cut off or damaged"),
    ):
        pages.extend(iter_warc_pages(stream, "x.warc.gz", FILE_TIME))
    assert len(pages) in (2, 3)


def test_warc__cut_off_page_is_yielded_and_reported() -> None:
    data = web_archives.make_warc([Record()])
    pages, error = read_until_error(data[: data.index(b"shady")])
    assert (len(pages), error is not None) == (1, True)


def test_warc__random_damage_never_ends_in_a_traceback() -> None:
    data = web_archives.make_warc([Record(), Record(headers=(("Content-Encoding", "br"),))])
    for seed in range(300):
        chance = random.Random(seed)
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 5, 50))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        read_until_error(bytes(damaged[: chance.randrange(len(damaged))] if seed % 2 else damaged))


class EndlessFile:
    """A WARC file whose record never ends, up to `size` bytes."""

    def __init__(self, start: bytes, size: int) -> None:
        self.start, self.remaining = start, size

    def read(self, size: int) -> bytes:
        chunk, self.start = self.start, b""
        if not chunk and self.remaining > 0:
            self.remaining -= size
            chunk = b"x" * size
        return chunk


@pytest.mark.parametrize(
    "start",
    [
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: %b\r\n"
        b"Content-Length: 999999999999\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" % ADDRESS.encode(),
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: ",
    ],
    ids=["body", "line"],
)
def test_warc__endless_record_needs_little_memory(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_body, "MAX_BODY_BYTES", 2**20)
    tracemalloc.start()
    try:
        with suppress(errors.NotAThreadError):
            assert list(iter_warc_pages(EndlessFile(start, 2**25), "x", FILE_TIME)) == []
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


def test_warc__bomb_in_the_body_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_body, "MAX_BODY_BYTES", 2**16)
    bombs = {"br": brotli.compress, "gzip": web_archives.make_gzip}
    for name, compress in bombs.items():
        bomb = Record(compress(b"<html>" + b"x" * 2**20), headers=(("Content-Encoding", name),))
        assert read_warc(bomb) == []


def test_warc__missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "warcio.archiveiterator", None)
    with pytest.raises(errors.ArchiveError, match="needs another package") as caught:
        list(iter_warc_pages(io.BytesIO(b"WARC/1.0"), "x.warc", FILE_TIME))
    assert caught.value.hint == "Run: pip install 'reddit-archive[warc]'"


def test_wacz__pages_of_all_its_files(tmp_path: Path) -> None:
    members = {
        "archive/a.warc.gz": web_archives.make_warc([Record()], is_compressed=True),
        "archive/b.warc": web_archives.make_warc([Record(date="2024-01-01T00:00:00Z")]),
        "pages/pages.jsonl": b"{}",
    }
    path = tmp_path / "x.wacz"
    web_archives.make_wacz(path, members)
    assert is_wacz(path)
    pages = list(iter_wacz_pages(path, "x.wacz", FILE_TIME))
    assert [page.saved_at.year for page in pages] == [2023, 2024]
    assert pages[0].display_name == "x.wacz: archive/a.warc.gz, record 2"
    assert list(read_pages(path.read_bytes(), "x.wacz", FILE_TIME, path=path)) == pages


@pytest.mark.parametrize("is_deflated", [False, True])
def test_wacz__bomb_is_refused(is_deflated: bool, tmp_path: Path) -> None:
    body = b"WARC/1.0\r\n" + b"\0" * (80 * 2**20)
    members = (
        {"archive/a.warc": body}
        if is_deflated
        else {"archive/a.warc.gz": web_archives.make_gzip(body)}
    )
    web_archives.make_wacz(tmp_path / "x.wacz", members, is_deflated=is_deflated)
    with pytest.raises(errors.NotAThreadError):
        list(iter_wacz_pages(tmp_path / "x.wacz", "x.wacz", FILE_TIME))


def test_wacz__damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    web_archives.make_wacz(path, {"archive/b.warc": web_archives.make_warc([Record()])})
    path.write_bytes(path.read_bytes()[:-30])
    assert is_wacz(path)
    with pytest.raises(errors.NotAThreadError, match=r"x\.wacz can't be read"):
        list(iter_wacz_pages(path, "x.wacz", FILE_TIME))


# --- What is a page


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"<!DOCTYPE html>", True),
        (b"\xef\xbb\xbf\r\n <html>", True),
        ("<html>".encode("utf-16"), True),
        (b'<?xml version="1.0"?>', True),
        (b"<a:", True),
        (b"From: <Saved by Blink>\r\n", True),
        (b"MIME-Version: 1.0", True),
        (b"WARC/1.0", True),
        (b"bplist00", True),
        (b"From: someone@example.com", False),
        (b'{"kind": ', False),
        (b"[", False),
        (b"<3 you", False),
        (b"\x89PNG", False),
        (b"", False),
    ],
)
def test_is_web_page__by_the_first_bytes(start: bytes, expected: bool) -> None:
    assert is_web_page(start) is expected


def test_read_pages__other_files_are_refused() -> None:
    for data in (b"", b"{}", b"PK\x03\x04", b"\x89PNG", b"\0" * 100):
        with pytest.raises(errors.NotAThreadError, match="is not a web page"):
            read_one(data)


@pytest.mark.parametrize("size", [2_000_000, pytest.param(50_000_000, marks=pytest.mark.slow)])
def test_read_pages__one_huge_comment(size: int) -> None:
    assert read_one(b"<html><!--" + b"x" * size + b"--><p>end").html.endswith("<p>end")
    assert read_one(b"<html><!--" + b"x" * size).url == ""


def test_read_pages__truncated_at_any_byte() -> None:
    whole = web_archives.make_mhtml(web_archives.make_wayback().encode(), address=WAYBACK_ADDRESS)
    for data in (whole, web_archives.make_wayback().encode()):
        for length in range(20, len(data), 7):
            with suppress(errors.NotAThreadError):
                read_one(data[:length])
