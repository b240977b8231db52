"""Download a video from v.redd.it as one file with yt-dlp, if that is installed.

yt-dlp parses the manifest and merges picture and sound (with ffmpeg). It sends no requests itself:
each one passes the same checks and limits as a request for a picture.
"""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reddit_archive.files import durable_files, temp_files
from reddit_archive.media import download
from reddit_archive.media.download import MediaLimits
from reddit_archive.media.host_policy import DownloadRefusedError, HostPolicy

YT_DLP_OPTIONS: dict[str, Any] = {
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


def fetch(manifest_url: str, *, policy: HostPolicy, limits: MediaLimits, tmp: Path) -> bytes:
    """Download the video that a DASH manifest describes, with temp files in `tmp`.

    Raises DownloadRefusedError, StoreError.
    """
    try:
        yt_dlp = import_module("yt_dlp")
        networking = import_module("yt_dlp.networking.common")
        yt_dlp_exceptions = import_module("yt_dlp.networking.exceptions")
    except ImportError:
        raise DownloadRefusedError(
            "videos need yt-dlp (pip install 'reddit-archive[video]')"
        ) from None
    fetcher = _BudgetedFetcher(policy, limits)

    def urlopen(request: Any) -> Any:
        url = request if isinstance(request, str) else request.url
        try:
            body = fetcher.fetch(url)
        except DownloadRefusedError as refused:
            raise yt_dlp_exceptions.RequestError(str(refused)) from refused
        content_type = (
            "application/dash+xml" if urlsplit(url).path.endswith(".mpd") else "video/mp4"
        )
        headers = {"Content-Type": content_type, "Content-Length": str(len(body))}
        return networking.Response(io.BytesIO(body), url, headers)

    durable_files.make_folder(tmp)
    with durable_files.translate_os_errors(tmp), temp_files.create_temp_folder(tmp) as folder:
        _run_yt_dlp(yt_dlp, manifest_url, urlopen, folder, fetcher)
        return _read_single_file(folder, limits.file_bytes)


class _BudgetedFetcher:
    """Sends yt-dlp's requests for one video, with the limits for all of them together."""

    def __init__(self, policy: HostPolicy, limits: MediaLimits) -> None:
        self._policy, self._limits = policy, limits
        self._deadline = time.monotonic() + limits.file_seconds
        self._bytes_left = limits.file_bytes
        self.refusal = ""

    def fetch(self, url: str) -> bytes:
        limits = replace(
            self._limits,
            file_bytes=self._bytes_left,
            file_seconds=max(0.0, self._deadline - time.monotonic()),
        )
        try:
            body = download.fetch(url, policy=self._policy, limits=limits)
        except DownloadRefusedError as refused:
            self.refusal = str(refused)
            raise
        self._bytes_left -= len(body)
        return body


class _SilentLogger:
    """A logger for yt-dlp, which would print without one."""

    def debug(self, message: str) -> None:
        pass

    warning = error = debug


def _run_yt_dlp(
    yt_dlp: Any,
    manifest_url: str,
    urlopen: Callable[[Any], Any],
    folder: Path,
    fetcher: _BudgetedFetcher,
) -> None:
    options = {
        **YT_DLP_OPTIONS,
        "logger": _SilentLogger(),
        "outtmpl": {"default": str(folder / "video.%(ext)s")},
        "paths": {},
    }
    with yt_dlp.YoutubeDL(options) as downloader:
        downloader.urlopen = urlopen
        try:
            downloader.extract_info(manifest_url, download=True)
        except Exception as error:  # yt-dlp may raise any exception for an unexpected file
            if "ffmpeg" in str(error):
                raise DownloadRefusedError(
                    "its sound and picture can't be merged without ffmpeg"
                ) from error
            reason = fetcher.refusal or f"yt-dlp can't read it ({type(error).__name__})"
            raise DownloadRefusedError(reason) from error


def _read_single_file(folder: Path, max_bytes: int) -> bytes:
    files = [path for path in folder.iterdir() if path.is_file()]
    if len(files) != 1:
        raise DownloadRefusedError("yt-dlp did not create a single file")
    if files[0].stat().st_size > max_bytes:
        raise DownloadRefusedError(download.format_too_large(max_bytes))
    return files[0].read_bytes()
