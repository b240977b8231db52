"""Names replaced by pseudonyms, the same for the same person all through an archive.

Who has the archive's key can try names; who has not can tell nothing but who is the same person.
A name that stands in a text without `u/` before it stays.
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
from reddit_archive.archive import snapshot_format, store
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
"""The words of a post's title in its address, where a name that it mentions has another form."""


def read_or_create_key(root: Path) -> bytes:
    """Read the archive's key, a file for its owner's eyes alone; make it at the first use.

    Raises StoreError.
    """
    path = root / KEY_FILE
    if not path.exists():
        store.initialize(root)
        new_key = secrets.token_hex(32).encode() + b"\n"
        with suppress(errors.DamageFoundError):  # another process was first: its key counts
            durable_files.write_once(new_key, path, tmp=root / "tmp", mode=0o400)
    with snapshot_format.translate_read_errors(path):
        return regular_files.read_bytes(path).strip()


def build_pseudonym(author: str, key: bytes) -> str:
    """Give a person's pseudonym: "user-" and 16 hexadecimal digits, keyed by `key`.

    Of a million people, two share one in one archive of 37 million. It depends on nobody else, so
    that it is the same in whatever export; and it is longer than any name on Reddit.
    """
    digest = hmac.new(key, author.lower().encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return f"user-{digest[:DIGITS]}"


def pseudonymize_thread(thread: Thread, key: bytes) -> Thread:
    """Give the thread with pseudonyms for its authors and for whom its texts mention as u/name.

    Links to people become plain text, since there may be a stranger of that name. In each post's
    and comment's `raw`, MARK tells that its author is no name on Reddit. Flairs of authors go.
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
    """Give raw data of a post or a comment with pseudonyms, as `apply` does."""
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
