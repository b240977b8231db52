"""Files as browsers and archiving tools save them, made around a page of invented words."""

import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ADDRESS = "https://www.reddit.com/r/gardens/comments/9wrap1/which_moss/"
PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><title>Which moss?</title></head><body>'
    '<a class="bylink" href="https://www.reddit.com/r/gardens/comments/9wrap1/which_moss/c1/">'
    "permalink</a><p>Grüße, a shady moss ☘</p></body></html>"
)


@dataclass(frozen=True)
class Record:
    """A record of a WARC file. `headers` are those of HTTP."""

    body: bytes = PAGE.encode()
    address: str = ADDRESS
    date: str = "2023-06-14T21:22:41Z"
    kind: str = "response"
    status: str = "200 OK"
    content_type: str = "text/html; charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()
    digest: str = ""


def make_warc(records: Sequence[Record], *, is_compressed: bool = False) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=is_compressed)
    writer.write_record(writer.create_warcinfo_record("test.warc", {"software": "test"}))
    for record in records:
        http_headers = StatusAndHeaders(
            record.status,
            [("Content-Type", record.content_type), *record.headers],
            protocol="HTTP/1.1",
        )
        warc_headers = {"WARC-Date": record.date}
        if record.digest:
            warc_headers["WARC-Payload-Digest"] = record.digest
        has_http = record.kind in ("response", "revisit")
        writer.write_record(
            writer.create_warc_record(
                record.address,
                record.kind,
                payload=io.BytesIO(record.body),
                length=len(record.body),
                http_headers=http_headers if has_http else None,
                warc_headers_dict=warc_headers,
                warc_content_type="" if has_http else record.content_type,
            )
        )
    return buffer.getvalue()


def make_wacz(path: Path, members: dict[str, bytes], *, is_deflated: bool = False) -> None:
    method = zipfile.ZIP_DEFLATED if is_deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", method) as zip_file:
        zip_file.writestr("datapackage.json", "{}")
        for name, data in members.items():
            zip_file.writestr(name, data)


def add_comment(page: str, comment: str) -> str:
    """Insert a comment as the first node of <html>."""
    tag = '<html lang="en">'
    return page.replace(tag, f"{tag}<!--{comment}-->", 1)


def make_single_file(saved_date: str, *, address: str = ADDRESS, page: str = PAGE) -> bytes:
    date_line = f" saved date: {saved_date}\n" if saved_date else ""
    comment = f"\n Page saved with SingleFile \n url: {address} \n{date_line}"
    return add_comment(page, comment).encode()


def make_mhtml(
    body: bytes = PAGE.encode(),
    *,
    address: str = ADDRESS,
    date: str = "Wed, 14 Jun 2023 21:22:41 -0000",
    part_headers: str = "Content-Type: text/html\r\nContent-Transfer-Encoding: binary",
    before: str = "",
    after: str = "",
) -> bytes:
    """Return a file as Chromium writes it. `before` and `after` are other parts."""
    boundary = "----MultipartBoundary--Q7----"
    head = (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {address}\r\n"
        f"Subject: =?utf-8?Q?Which=20moss?=\r\nDate: {date}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n'
        f'\tboundary="{boundary}"\r\n\r\n\r\n'
        f"{before}--{boundary}\r\n{part_headers}\r\nContent-Location: {address}\r\n\r\n"
    )
    tail = f"\r\n{after}--{boundary}--\r\n"
    return head.encode() + body + tail.encode()


def make_mhtml_part(headers: str, body: str = "") -> str:
    return f"------MultipartBoundary--Q7----\r\n{headers}\r\n\r\n{body}\r\n"


def make_wayback(digits: str = "20230614212241", *, has_toolbar: bool = True) -> str:
    """Return the page as the Wayback Machine replays it."""
    prefix = f"https://web.archive.org/web/{digits}/"
    page = PAGE.replace('href="https', f'href="{prefix}https').replace(
        "<body>",
        '<body><img srcset="/web/20230614212241im_/https:/i.redd.it/a.png 1x, '
        f'//web.archive.org/web/{digits}im_/https://i.redd.it/b.png 2x">'
        '<a href="https://web.archive.org/web/20200101000000/https://example.com/">old</a>'
        f'<code>&lt;a href="{prefix}https://example.org/"&gt;</code>',
    )
    toolbar = (
        "<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id='wm-ipp'>toolbar</div>"
        "<!-- END WAYBACK TOOLBAR INSERT -->"
    )
    closing = (
        "<!--\n     FILE ARCHIVED ON 21:22:41 Jun 14, 2023 AND RETRIEVED FROM THE\n"
        "     INTERNET ARCHIVE ON 12:00:00 Nov 30, 2026.\n-->"
    )
    return page.replace("<body>", f"<body>{toolbar}") + closing if has_toolbar else page


def make_gzip(data: bytes) -> bytes:
    return gzip.compress(data)
