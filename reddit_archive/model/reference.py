"""Parse references to a Reddit thread or comment: addresses, ids, Markdown links, file names. Pure.

Only Reddit's own hosts are accepted. Of a share link only the validated path is kept, so no host
that a user pastes is ever requested.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote

from reddit_archive import errors
from reddit_archive.model import pasted_address
from reddit_archive.model.pasted_address import is_reddit_host

ID_PATTERN = re.compile(r"[0-9a-z]{2,13}", re.IGNORECASE)
SUBREDDIT_OR_USER_PATH = r"/+(?:r|u|user)/[\w-][\w.-]{0,49}"
SHARE_PATH = re.compile(rf"({SUBREDDIT_OR_USER_PATH}/s/[0-9A-Za-z]{{4,32}})/*", re.ASCII)
LANGUAGE_PREFIX = re.compile(r"/[a-z]{2}(?:-[a-z]{2})?(?=/(?:r|u|user)/)", re.IGNORECASE)
OPTIONAL_PREFIX = rf"(?:{SUBREDDIT_OR_USER_PATH})?"
EXTENSION = r"(?:\.[a-z]{1,10})*"
"""Reddit serves every page in other formats too: `.json`, `.rss`, `.xml`, `.compact`, `.mobile`."""
COMMENT_ID_SUFFIX = r"(?:[^\w/-][^/]*)?"
"""Text that may follow a comment's id in a path: an extension, or a query without `?`."""
THREAD_PATH = re.compile(
    rf"{OPTIONAL_PREFIX}/+(?:comments|duplicates)/+(?:t3_)?([0-9a-z]+){EXTENSION}"
    rf"(?:/(?:[^/]*)(?:/+(?:(?:t1_)?([0-9a-z]+){COMMENT_ID_SUFFIX})?)?)?(?:/.*)?",
    re.IGNORECASE | re.DOTALL,
)
OLD_THREAD_PATH = re.compile(
    rf"{OPTIONAL_PREFIX}/+info/(?:t3_)?([0-9a-z]+){EXTENSION}"
    r"(?:/+(?:[a-z]+(?:/+(?:t1_)?([0-9a-z]+))?)?)?/*",
    re.IGNORECASE,
)
"""Addresses of the years 2006 to 2008: `/info/ID/comments/COMMENT`."""
OTHER_THREAD_PATH = re.compile(
    rf"{OPTIONAL_PREFIX}/+(?:(?:tb|poll|gallery|by_id)/|t3_)(?:t3_)?([0-9a-z]+){EXTENSION}/*"
    r"|/+link/([0-9a-z]+)/video/.*",
    re.IGNORECASE,
)
ID_PATH = re.compile(
    rf"/+((?=[a-z]*[0-9])[0-9a-z]{{4,10}}|[a-z]{{6,7}}){EXTENSION}/*", re.IGNORECASE
)
"""Reddit leads from `reddit.com/ID` to the thread. Letters alone may be the name of a page."""
PAGE_NAME = re.compile(
    r"account|avatar|avatars|awards|browse|buttons|careers|contact|create|deleted|designs|domain|"
    r"drafts|events|explore|favicon|filter|friends|gallery|gilded|groups|hidden|invite|"
    r"logout|message|oembed|mobile|modmail|podcast|policy|popular|premium|preview|privacy|profile|"
    r"public|random|reddit|reddits|report|reports|rising|robots|search|service|signin|"
    r"signup|sitemap|status|submit|support|tokens|topics|traffic|unread|upvoted|values|"
    r"verify|videos|welcome|widget|widgets",
    re.IGNORECASE,
)
"""First words of the paths of Reddit's own pages with as many letters as ids have today."""
GATE_PATH = re.compile(r"/+(?:account/)?(?:login|register|over18|quarantine|gate)/*", re.IGNORECASE)
"""Pages that stand before a thread, whose address is in their parameter `dest`."""
MIRROR_PATH = re.compile(
    r"/+[rv]/([\w-][\w.-]{0,49})/comments/([0-9a-z]{2,13})(?:/.*)?", re.IGNORECASE | re.DOTALL
)
THREAD_LIKE = re.compile(
    r"(?:\A|/)(?:www\.)?redd\.it/\w|\.app\.link/\w|/[rv]/[\w.-]{1,50}/comments/\w"
    r"|reddit(?:media)?\.com\S*?/(?:comments|duplicates|gallery|poll|tb|by_id|info|s)/+\w",
    re.IGNORECASE,
)
"""Part of an address that looks like that of a thread."""
FILE_SUFFIX = re.compile(
    r"\.(?:jsonl?|ndjson|x?html?|mhtml?|mht|webarchive|warc|arc|wacz|txt)(?:\.(?:gz|bz2|xz|zst))?$",
    re.IGNORECASE,
)
ARCHIVED_COPY = re.compile(
    r"(?:archive\.(?:today|is|ph|fo|li|md|vn)|perma\.cc|ghostarchive\.org/(?:archive|varchive))"
    r"/[0-9A-Za-z-]{4,14}/*"
)
MAX_LENGTH = 4000
EXAMPLE_HINT = (
    "Use the address of a thread, like https://www.reddit.com/r/Python/comments/abc123/title/"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A post, a comment with or without its post, a share link, or a saved file.

    Attributes:
        post_id: Id of the post: base 36, lower case, without `t3_`.
        comment_id: Id of the comment, without `t1_`.
        share_path: Path of a share link, like `/r/Python/s/AbC123xyz0`; the source resolves it.
        file: Path of a saved file, or "-" for stdin.
    """

    post_id: str | None = None
    comment_id: str | None = None
    share_path: str | None = None
    file: str | None = None


def parse(text: str) -> Reference:
    """Parse a URL in any form that people paste, an id, a Markdown link, a file's path or "-".

    Raises:
        InvalidReferenceError: The text is none of these.
    """
    _check_length(text)
    address = pasted_address.clean(text)
    if text.strip() == "-" or (not _is_address(address) and _is_file(text.strip())):
        return Reference(file=text.strip())
    return _parse_id(address) or _parse_address(address)


def looks_like_thread(text: str) -> bool:
    """Return whether a text looks like the address of a thread, on Reddit or on a mirror of it."""
    return THREAD_LIKE.search(text) is not None


def parse_comment_id(text: str) -> str:
    """Return the id of a comment, given its id, fullname (`t1_…`) or permalink.

    Raises:
        InvalidReferenceError: The text is none of these.
    """
    _check_length(text)
    stripped = pasted_address.clean(text)
    if match := re.fullmatch(r"(?:t1_)?([0-9a-z]{2,13})", stripped, re.IGNORECASE):
        return match[1].lower()
    try:
        comment_id = _parse_address(stripped).comment_id
    except errors.InvalidReferenceError:
        comment_id = None
    if comment_id is None:
        raise errors.InvalidReferenceError(
            f"{_shorten(text)} is not a comment's id or permalink",
            "Use a comment's id, like k3x9a2f, or its permalink ('Copy link' below the comment).",
        )
    return comment_id


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise errors.InvalidReferenceError(
            f"{_shorten(text)} is too long for an address", EXAMPLE_HINT
        )


def _is_file(text: str) -> bool:
    """Return whether a text looks like a path: by its start or its extension."""
    if re.match(r"(?:[a-z][a-z0-9+.-]+:)?//", text, re.IGNORECASE):
        return False
    is_path = re.match(r"(?:\.{1,2}|~)?/|[A-Za-z]:\\", text)
    return bool(is_path or FILE_SUFFIX.search(text))


def _is_address(text: str) -> bool:
    if re.match(
        r"/*(?:r|u|user)/[\w.-]+/(?:comments|s|duplicates|gallery|poll|info)/", text, re.IGNORECASE
    ):
        return True
    if re.match(r"/*(?:comments|tb|by_id|gallery|poll|duplicates)/[\w]+", text):
        return True
    if re.match(r"/*(?:info/\w+/comments|link/\w+/video)\b", text) or "://" in text:
        return True
    parts = pasted_address.split(f"https://{text}") if "/" in text else None
    return parts is not None and (
        is_reddit_host(text.split("/", 1)[0])
        or pasted_address.find_inner_address(parts) is not None
    )


def _parse_id(text: str) -> Reference | None:
    match = re.fullmatch(
        r"(t[13]_)?([0-9a-z]{2,13})(?:\.(?:rss|xml|compact|mobile))?", text, re.IGNORECASE
    )
    if match is None:
        return None
    item_id = match[2].lower()
    if (match[1] or "t3_").lower() == "t1_":
        return Reference(comment_id=item_id)
    return Reference(post_id=item_id)


def _parse_address(text: str) -> Reference:
    parts = pasted_address.split(_add_host(text))
    if parts is None:
        raise errors.InvalidReferenceError(f"{_shorten(text)} is not an address", EXAMPLE_HINT)
    if inner := pasted_address.find_inner_address(parts):
        return _parse_address(inner)
    host = (parts.hostname or "").rstrip(".")
    path = LANGUAGE_PREFIX.sub("", unquote(parts.path), count=1)
    is_plain = parts.scheme in ("http", "https") and not {"\\", "@"} & set(parts.netloc)
    if not is_plain or not is_reddit_host(host):
        raise errors.InvalidReferenceError(
            f"{_shorten(text)} is not an address on Reddit", _choose_hint(host, path)
        )
    if GATE_PATH.fullmatch(path) and (dest := parse_qs(parts.query).get("dest")):
        return _parse_address(pasted_address.clean(dest[0]))
    reference = _parse_short_link(host, path) or _parse_path(path) or _parse_id_path(host, path)
    if reference is None:
        raise errors.InvalidReferenceError(
            f"{_shorten(text)} is not the address of a Reddit thread", _choose_hint(host, path)
        )
    return _add_comment_id(reference, parts.query)


def _add_comment_id(reference: Reference, query: str) -> Reference:
    """Add the comment id from a query, as in `/comments/ID.json?comment=CID`."""
    if reference.post_id is None or reference.comment_id is not None:
        return reference
    comment_id = (
        parse_qs(query.replace("\\", "")).get("comment", [""])[0].lower().removeprefix("t1_")
    )
    return (
        replace(reference, comment_id=comment_id) if ID_PATTERN.fullmatch(comment_id) else reference
    )


def _add_host(text: str) -> str:
    """Write an address in full. A text without a host is a path on Reddit."""
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        return text
    path = text.lstrip("/")
    first = re.split(r"[/?#:]", path, maxsplit=1)[0]
    has_host = "." in first and not first.startswith("t3_")
    return f"https://{path}" if has_host else f"https://www.reddit.com/{path}"


def _parse_short_link(host: str, path: str) -> Reference | None:
    """Parse `redd.it/ID`. It contains the post's id, so no request is needed."""
    if host.lower() not in ("redd.it", "www.redd.it"):
        return None
    match = re.fullmatch(rf"/+([0-9a-z]{{2,13}}){EXTENSION}/*", path, re.IGNORECASE)
    return Reference(post_id=match[1].lower()) if match else None


def _parse_path(path: str) -> Reference | None:
    if match := SHARE_PATH.fullmatch(path):
        return Reference(share_path=re.sub("^/+", "/", match[1]))
    match = THREAD_PATH.fullmatch(path) or OLD_THREAD_PATH.fullmatch(path)
    if match is not None:
        return _build_reference(match[1], match[2])
    if match := OTHER_THREAD_PATH.fullmatch(path):
        return _build_reference(match[1] or match[2])
    return None


def _parse_id_path(host: str, path: str) -> Reference | None:
    """Parse `reddit.com/ID`, which leads to the thread."""
    match = ID_PATH.fullmatch(path)
    if match is None or host.endswith("redd.it") or PAGE_NAME.fullmatch(match[1]):
        return None
    return _build_reference(match[1])


def _build_reference(post_id: str, comment_id: str | None = None) -> Reference | None:
    if not ID_PATTERN.fullmatch(post_id):
        return None
    if comment_id is None or not ID_PATTERN.fullmatch(comment_id):
        return Reference(post_id=post_id.lower())
    return Reference(post_id=post_id.lower(), comment_id=comment_id.lower())


def _choose_hint(host: str, path: str) -> str:
    if host.endswith("app.link"):
        return "Open it in a browser and use the address that the browser then shows."
    if not is_reddit_host(host):
        return _choose_hint_for_other_site(host, path)
    if host.endswith("redd.it"):
        return "That is a picture or a video. Use the address of the thread that shows it."
    if re.match(r"/(?:r|u|user)/[^/]+/*$", path):
        return "That is a whole subreddit or user. Use the address of a single thread."
    return EXAMPLE_HINT


def _choose_hint_for_other_site(host: str, path: str) -> str:
    if mirror := MIRROR_PATH.fullmatch(path):
        address = f"https://www.reddit.com/r/{mirror[1]}/comments/{mirror[2]}/"
        return f"If {_shorten(host)} is a mirror of Reddit, the thread is {address}"
    if THREAD_PATH.fullmatch(path):
        return "If this is a mirror of Reddit, replace its host with www.reddit.com."
    if ARCHIVED_COPY.fullmatch(f"{host}{path}"):
        return "Open it, and use the address on Reddit that the page shows at its top."
    return EXAMPLE_HINT


def _shorten(text: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in text.strip()[:81])
    return f"'{printable[:80]}…'" if len(printable) > 80 else f"'{printable}'"
