"""A video of v.redd.it as one file, made by yt-dlp where that is installed.

yt-dlp reads the manifest and joins picture and sound (with ffmpeg); it asks no host by itself:
each of its requests goes through the same checks and limits as those for pictures.
"""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reddit_archive.files import drafts, durable_files
from reddit_archive.media import download
from reddit_archive.media.download import Limits
from reddit_archive.media.host_policy import Allowed, Refused

OPTIONS: dict[str, Any] = {
    "format": "bv*+ba/b/bv*",
    "merge_output_format": "mp4",
    "force_generic_extractor": True,
    "hls_prefer_native": True,
    "cachedir": False,
    "noprogress": True,
    "quiet": True,
    "retries": 0,
    "fragment_retries": 0,
    "extractor_retries": 0,
    "skip_unavailable_fragments": False,
    "updatetime": False,
}


def fetch(manifest: str, *, allowed: Allowed, limits: Limits, tmp: Path) -> bytes:
    """Fetch the video that a DASH manifest describes, with drafts in `tmp`.

    Raises Refused, StoreError.
    """
    try:
        yt_dlp = import_module("yt_dlp")
        networking = import_module("yt_dlp.networking.common")
        failures = import_module("yt_dlp.networking.exceptions")
    except ImportError:
        raise Refused("videos need yt-dlp (pip install 'reddit-archive[video]')") from None
    asked = _Asked(allowed, limits)

    def urlopen(request: Any) -> Any:
        url = request if isinstance(request, str) else request.url
        try:
            body = asked.get(url)
        except Refused as refused:
            raise failures.RequestError(str(refused)) from refused
        kind = "application/dash+xml" if urlsplit(url).path.endswith(".mpd") else "video/mp4"
        headers = {"Content-Type": kind, "Content-Length": str(len(body))}
        return networking.Response(io.BytesIO(body), url, headers)

    durable_files.make_folder(tmp)
    with durable_files.explained(tmp), drafts.draft_folder(tmp) as folder:
        _run(yt_dlp, manifest, urlopen, folder, asked)
        return _only_file(folder, limits.file_bytes)


class _Asked:
    """What yt-dlp asks for on behalf of one video: all of it together is held to the limits."""

    def __init__(self, allowed: Allowed, limits: Limits) -> None:
        self._allowed, self._limits = allowed, limits
        self._ends_at = time.monotonic() + limits.file_seconds
        self._bytes_left = limits.file_bytes
        self.refused = ""

    def get(self, url: str) -> bytes:
        limits = replace(
            self._limits,
            file_bytes=self._bytes_left,
            file_seconds=max(0.0, self._ends_at - time.monotonic()),
        )
        try:
            body = download.get(url, allowed=self._allowed, limits=limits)
        except Refused as refused:
            self.refused = str(refused)
            raise
        self._bytes_left -= len(body)
        return body


class _Silence:
    """A logger for yt-dlp, which prints otherwise."""

    def debug(self, message: str) -> None:
        pass

    warning = error = debug


def _run(
    yt_dlp: Any, manifest: str, urlopen: Callable[[Any], Any], folder: Path, asked: _Asked
) -> None:
    options = {
        **OPTIONS,
        "logger": _Silence(),
        "outtmpl": {"default": str(folder / "video.%(ext)s")},
        "paths": {},
    }
    with yt_dlp.YoutubeDL(options) as downloader:
        downloader.urlopen = urlopen
        try:
            downloader.extract_info(manifest, download=True)
        except Exception as error:  # of a foreign program, with whatever it may run into
            if "ffmpeg" in str(error):
                raise Refused("its sound and picture can't be joined without ffmpeg") from error
            what = asked.refused or f"yt-dlp can't read it ({type(error).__name__})"
            raise Refused(what) from error


def _only_file(folder: Path, most: int) -> bytes:
    files = [path for path in folder.iterdir() if path.is_file()]
    if len(files) != 1:
        raise Refused("yt-dlp made no single file of it")
    if files[0].stat().st_size > most:
        raise Refused(download.too_large(most))
    return files[0].read_bytes()
