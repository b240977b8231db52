"""Parse references to a Reddit thread or comment: addresses, ids, Markdown links, file names. Pure.

Only Reddit's own hosts are accepted. Of a share link only the validated path is kept, so no host
that a user pastes is ever requested.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote, urlsplit

from reddit_archive import errors

ID_PATTERN = re.compile(r"[0-9a-z]{2,13}", re.IGNORECASE)
SUBREDDIT_OR_USER_PATH = r"/(?:r|u|user)/[\w-]{1,50}"
SHARE_PATH = re.compile(rf"({SUBREDDIT_OR_USER_PATH}/s/[0-9A-Za-z]{{4,32}})/*", re.ASCII)
LANGUAGE_PREFIX = re.compile(r"/[a-z]{2}(?:-[a-z]{2})?(?=/(?:r|u|user)/)", re.IGNORECASE)
OPTIONAL_PREFIX = rf"(?:{SUBREDDIT_OR_USER_PATH})?"
EXTENSION = r"(?:\.[a-z]{1,10})*"
"""Reddit serves every page in other formats too: `.json`, `.rss`, `.xml`, `.compact`, `.mobile`."""
COMMENT_ID_SUFFIX = r"(?:[^\w/-][^/]*)?"
"""Text that may follow a comment's id in a path: an extension, or a query without `?`."""
THREAD_PATH = re.compile(
    rf"{OPTIONAL_PREFIX}/(?:comments|duplicates)/(?:t3_)?([0-9a-z]+){EXTENSION}"
    rf"(?:/(?:[^/]*)(?:/+(?:(?:t1_)?([0-9a-z]+){COMMENT_ID_SUFFIX})?)?)?(?:/.*)?",
    re.IGNORECASE,
)
OTHER_THREAD_PATH = re.compile(
    rf"{OPTIONAL_PREFIX}/(?:tb|poll|gallery|by_id)/(?:t3_)?([0-9a-z]+){EXTENSION}/*", re.IGNORECASE
)
LINK_TEXT = re.compile(r"!?\[[^\n]*\]\(")
LINK_TARGET = re.compile(r"\s*<?([^\s<>]+)>?(?:\s+[\"'(].*)?", re.DOTALL)
TEXT_AFTER_LINK = re.compile(r"[^\w/]*")
FILE_SUFFIX = re.compile(
    r"\.(?:jsonl?|ndjson|x?html?|mhtml?|mht|webarchive|warc|arc|wacz|txt)(?:\.(?:gz|bz2|xz|zst))?$",
    re.IGNORECASE,
)
MAX_LENGTH = 4000
TRAILING_PUNCTUATION = ").,;:!?'\"*_>]`"
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
    stripped = _unwrap(text)
    if text.strip() == "-" or _is_file(text.strip()):
        return Reference(file=text.strip())
    if reference := _parse_id(stripped):
        return reference
    return _parse_url(stripped)


def parse_comment_id(text: str) -> str:
    """Return the id of a comment, given its id, fullname (`t1_…`) or permalink.

    Raises:
        InvalidReferenceError: The text is none of these.
    """
    _check_length(text)
    stripped = _unwrap(text)
    if match := re.fullmatch(r"(?:t1_)?([0-9a-z]{2,13})", stripped, re.IGNORECASE):
        return match[1].lower()
    try:
        comment_id = _parse_url(stripped).comment_id
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


def _unwrap(text: str) -> str:
    """Return the address in a Markdown link, in angle brackets, or before punctuation."""
    stripped = text.strip()
    stripped = _extract_link_target(stripped) or stripped
    return stripped.strip("<").rstrip(TRAILING_PUNCTUATION).strip()


def _extract_link_target(text: str) -> str | None:
    """Return the address in a Markdown link, or None. Only punctuation may follow the link.

    Each step scans the text once, so long runs of brackets take linear time.
    """
    punctuation = TEXT_AFTER_LINK.match(text[::-1])
    end = text.find(")", len(text) - punctuation.end()) if punctuation else -1
    opening = LINK_TEXT.match(text, 0, end) if end >= 0 else None
    target = LINK_TARGET.fullmatch(text, opening.end(), end) if opening else None
    return target[1] if target else None


def _is_file(text: str) -> bool:
    """Return whether a text looks like a path: by its start or its extension."""
    if re.match(r"(?:[a-z][a-z0-9+.-]+:)?//", text, re.IGNORECASE) or _is_address(text):
        return False
    is_path = re.match(r"(?:\.{1,2}|~)?/|[A-Za-z]:\\", text)
    return bool(is_path or FILE_SUFFIX.search(text))


def _is_address(text: str) -> bool:
    if re.match(
        r"/?(?:r|u|user)/[\w-]+/(?:comments|s|duplicates|gallery|poll)/", text, re.IGNORECASE
    ):
        return True
    if re.match(r"/?(?:comments|tb|by_id|gallery|poll|duplicates)/[\w]+", text):
        return True
    host = text.split("/", 1)[0].lower()
    return "/" in text and (_is_reddit_host(host) or host == "web.archive.org")


def _parse_id(text: str) -> Reference | None:
    match = re.fullmatch(r"(t[13]_)?([0-9a-z]{2,13})", text, re.IGNORECASE)
    if match is None:
        return None
    item_id = match[2].lower()
    if (match[1] or "t3_").lower() == "t1_":
        return Reference(comment_id=item_id)
    return Reference(post_id=item_id)


def _parse_url(text: str) -> Reference:
    try:
        parts = urlsplit(_add_scheme(text))
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise errors.InvalidReferenceError(
            f"{_shorten(text)} is not an address", EXAMPLE_HINT
        ) from None
    path = LANGUAGE_PREFIX.sub("", unquote(parts.path), count=1)
    if host == "web.archive.org" and (inner := re.search(r"https?:/+[^/]*reddit\.com/.*", path)):
        return _parse_url(re.sub(r":/+", "://", inner[0], count=1))
    is_plain = parts.scheme in ("http", "https") and not {"\\", "@"} & set(parts.netloc)
    if not is_plain or not _is_reddit_host(host):
        raise errors.InvalidReferenceError(
            f"{_shorten(text)} is not an address on Reddit", _choose_hint(host, path)
        )
    if path.rstrip("/") == "/over18" and (dest := parse_qs(parts.query).get("dest")):
        return _parse_url(dest[0])
    reference = _parse_short_link(host, path) or _parse_path(path)
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


def _add_scheme(text: str) -> str:
    if "://" in text.split("?", 1)[0].split("/web/", 1)[0]:
        return text
    if text.startswith("//"):
        return f"https:{text}"
    return f"https://{text}" if _has_host(text) else f"https://www.reddit.com/{text.lstrip('/')}"


def _has_host(text: str) -> bool:
    host = text.split("/", 1)[0].split(":", 1)[0]
    return "." in host


def _is_reddit_host(host: str) -> bool:
    host = host.lower().rstrip(".")
    return host in ("reddit.com", "redd.it") or host.endswith((".reddit.com", ".redd.it"))


def _parse_short_link(host: str, path: str) -> Reference | None:
    """Parse `redd.it/ID`. It contains the post's id, so no request is needed."""
    if host.lower() not in ("redd.it", "www.redd.it"):
        return None
    match = re.fullmatch(rf"/+([0-9a-z]{{2,13}}){EXTENSION}/*", path, re.IGNORECASE)
    return Reference(post_id=match[1].lower()) if match else None


def _parse_path(path: str) -> Reference | None:
    if match := SHARE_PATH.fullmatch(path):
        return Reference(share_path=match[1])
    match = THREAD_PATH.fullmatch(path) or OTHER_THREAD_PATH.fullmatch(path)
    if match is None or not ID_PATTERN.fullmatch(match[1]):
        return None
    comment_id = match[2] if match.re is THREAD_PATH else None
    if comment_id is not None and not ID_PATTERN.fullmatch(comment_id):
        comment_id = None
    return Reference(
        post_id=match[1].lower(), comment_id=comment_id.lower() if comment_id else None
    )


def _choose_hint(host: str, path: str) -> str:
    if host.endswith("app.link"):
        return "Open it in a browser and use the address that the browser then shows."
    if not _is_reddit_host(host):
        if _parse_path(path):
            return "If this is a mirror of Reddit, replace its host with www.reddit.com."
        return EXAMPLE_HINT
    if host.endswith("redd.it"):
        return "That is a picture or a video. Use the address of the thread that shows it."
    if re.match(r"/(?:r|u|user)/[^/]+/*$", path):
        return "That is a whole subreddit or user. Use the address of a single thread."
    return EXAMPLE_HINT


def _shorten(text: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in text.strip()[:81])
    return f"'{printable[:80]}…'" if len(printable) > 80 else f"'{printable}'"
