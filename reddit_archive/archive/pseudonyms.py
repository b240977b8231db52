"""Replace names with pseudonyms, which are the same for the same person in a whole archive.

With the archive's key anybody can test whether a pseudonym belongs to a name. Without the key a
pseudonym shows only which texts are by the same person. A name in a text without `u/` before it
stays.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import layout, snapshot_format
from reddit_archive.files import durable_files, regular_files
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS
from reddit_archive.model.json_fields import MAX_JSON_DEPTH
from reddit_archive.model.thread import Thread

KEY_FILE = "pseudonyms.key"
PSEUDONYM_FLAG = "_pseudonym"
DIGITS = 16
NAME_FIELDS = frozenset({"author", "link_author", "approved_by", "banned_by", "removed_by"})
USER_LINK = re.compile(
    r'<a href="(?:https?://(?:\w+\.)?reddit\.com)?/u(?:ser)?/[\w-]+/?"[^>]*>(.*?)</a>',
    re.IGNORECASE | re.DOTALL,
)
MENTION = re.compile(
    r"((?:(?<![\w./-])/?|reddit\.com/|(?<![\w.])/)(?:u|user)/|\bu_)((?:[\w-]|\\[_-]){3,26})",
    re.IGNORECASE,
)
URL_FIELDS = frozenset({"permalink", "link_permalink", "url"})
TITLE_IN_URL = re.compile(r"(/comments/[0-9a-z]{1,13}/)[^/?#]+", re.IGNORECASE)
"""The title in a post's URL, where a name in the title has another form."""


def read_or_create_key(root: Path) -> bytes:
    """Read the archive's key, and create it at first use. Only the owner can read the file.

    Raises StoreError.
    """
    path = root / KEY_FILE
    if not path.exists():
        layout.initialize(root)
        new_key = secrets.token_hex(32).encode() + b"\n"
        with suppress(errors.DamageFoundError):  # another process was first: its key counts
            durable_files.write_once(new_key, path, tmp=root / "tmp", mode=0o400)
    with snapshot_format.translate_read_errors(path):
        return regular_files.read_bytes(path).strip()


def build_pseudonym(author: str, key: bytes) -> str:
    """Return a person's pseudonym: "user-" and 16 hexadecimal digits.

    It is the same in every export of an archive, and longer than any name on Reddit. Among a
    million people, the probability that two share a pseudonym is 1 in 37 million.
    """
    digest = hmac.new(key, author.lower().encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return f"user-{digest[:DIGITS]}"


def pseudonymize_thread(thread: Thread, key: bytes) -> Thread:
    """Return the thread with pseudonyms for its authors, and for u/name in its texts.

    Links to people become plain text, because a pseudonym may be somebody's name on Reddit. In each
    post's and comment's `raw`, PSEUDONYM_FLAG is true if the author is a pseudonym. Authors' flairs
    are removed.
    """
    post = thread.post
    return Thread(
        thread.id,
        replace(post, raw=_pseudonymize(post.raw, key)) if post else None,
        (
            replace(comment, raw=_pseudonymize(comment.raw, key))
            for comment in thread.comments.values()
        ),
        thread.missing_comments,
    )


def pseudonymize_raw(raw: Any, key: bytes) -> Any:
    """Return raw data of a post or comment with pseudonyms, as `pseudonymize_thread` does."""
    return _pseudonymize(raw, key)


def _pseudonymize(value: Any, key: bytes, depth: int = 0) -> Any:
    if isinstance(value, str):
        return _replace_mentions(value, key)
    if depth < MAX_JSON_DEPTH and isinstance(value, list):
        return [_pseudonymize(item, key, depth + 1) for item in value]
    if not isinstance(value, dict) or depth >= MAX_JSON_DEPTH:
        return value
    result: dict[str, Any] = {}
    for field, item in value.items():
        if (
            field in NAME_FIELDS
            and isinstance(item, str)
            and item not in DELETION_PLACEHOLDERS
            and item
        ):
            result[field] = build_pseudonym(item, key)
            result[PSEUDONYM_FLAG] = True
        elif not field.startswith("author_"):
            result[field] = _pseudonymize(item, key, depth + 1)
            if field in URL_FIELDS and isinstance(item, str):
                result[field] = TITLE_IN_URL.sub(r"\1_", result[field])
    return result


def _replace_mentions(text: str, key: bytes) -> str:
    return MENTION.sub(_build_replacer(key), USER_LINK.sub(r"\1", text))


def _build_replacer(key: bytes) -> Callable[[re.Match[str]], str]:
    def replace_name(match: re.Match[str]) -> str:
        if re.fullmatch(rf"user-[0-9a-f]{{{DIGITS}}}", match[2]):
            return match[0]
        return match[1] + build_pseudonym(match[2].replace("\\", ""), key)

    return replace_name
