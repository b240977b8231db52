"""Detect the type of a picture or video from its first bytes. The server's claim is ignored."""

_SIGNATURES = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}
_VIDEO_BRANDS = frozenset(
    (
        *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9"),
        *(b"mp41", b"mp42", b"avc1", b"dash", b"msdh", b"cmfc", b"M4V ", b"MSNV"),
    )
)


def detect_extension(data: bytes) -> str | None:
    """Return jpg, png, gif, webp or mp4; None for other types."""
    for signature, file_extension in _SIGNATURES.items():
        if data.startswith(signature):
            return file_extension
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and data[8:12] in _VIDEO_BRANDS:
        return "mp4"
    return None
