"""Decode the bytes of a web page. Nothing fails: wrong bytes are replaced."""

import codecs
import re

META_BYTES = 4_096
META_CHARSET = re.compile(
    rb"<(?:meta\b[^>]{0,500}?\bcharset|\?xml\b[^>]{0,200}?\bencoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})",
    re.IGNORECASE,
)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
PAGE_ENCODING = re.compile(
    r"utf-?8|us-?ascii|latin-?1|iso-?8859-?\d{1,2}|(?:windows-?|cp)(?:125\d|874|932|936|949|950)"
    r"|koi8-?[rut]|gb2312|gbk|gb18030|big5(?:-hkscs)?|euc-?(?:jp|kr)|shift[_-]?jis|macintosh"
)
"""Encodings that browsers know. Browsers refuse the others that Python has."""
UTF_16_OR_32 = re.compile(r"utf-?(?:16|32)(?:-?[lb]e)?")


def decode(data: bytes, declared: str = "") -> str:
    """Return the text of a page with "\\n" at the end of each line.

    Text that is valid UTF-8 is read as UTF-8, whatever the page says: Reddit sends UTF-8 only.

    Args:
        data: The page.
        declared: The encoding that the container of the page names.
    """
    text = _decode(data, declared.strip().lower())
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decode(data: bytes, declared: str) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if UTF_16_OR_32.fullmatch(declared) and b"\0" in data[:META_BYTES]:
        return data.decode(declared, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        encoding = declared or _find_declared_encoding(data)
        return data.decode(_choose_codec(encoding), "replace")


def _find_declared_encoding(data: bytes) -> str:
    match = META_CHARSET.search(data[:META_BYTES])
    return match[1].decode("ascii", "ignore").lower() if match else ""


def _choose_codec(encoding: str) -> str:
    """Return the codec that browsers use for an encoding: for Latin 1, they use Windows'."""
    if not PAGE_ENCODING.fullmatch(encoding):
        return "utf-8"
    if re.fullmatch(r"us-?ascii|latin-?1|iso-?8859-?1", encoding):
        return "cp1252"
    try:
        return codecs.lookup(encoding.replace("windows-", "cp")).name
    except LookupError:
        return "utf-8"
