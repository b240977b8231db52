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
from reddit_archive.model.deletion import NO_AUTHOR
from reddit_archive.model.json_fields import DEEPEST_VALUE
from reddit_archive.model.thread import Thread

KEY_FILE = "pseudonyms.key"
MARK = "_pseudonym"
DIGITS = 16
NAMES = frozenset({"author", "link_author", "approved_by", "banned_by", "removed_by"})
LINK = re.compile(
    r'<a href="(?:https?://(?:\w+\.)?reddit\.com)?/u(?:ser)?/[\w-]+/?"[^>]*>(.*?)</a>',
    re.IGNORECASE | re.DOTALL,
)
MENTION = re.compile(
    r"((?:(?<![\w./-])/?|reddit\.com/|(?<![\w.])/)(?:u|user)/|\bu_)((?:[\w-]|\\[_-]){3,26})",
    re.IGNORECASE,
)
ADDRESSES = frozenset({"permalink", "link_permalink", "url"})
TITLE = re.compile(r"(/comments/[0-9a-z]{1,13}/)[^/?#]+", re.IGNORECASE)
"""The words of a post's title in its address, where a name that it mentions has another form."""


def key(root: Path) -> bytes:
    """Read the archive's key, a file for its owner's eyes alone; make it at the first use.

    Raises StoreError.
    """
    path = root / KEY_FILE
    if not path.exists():
        store.claim(root)
        fresh = secrets.token_hex(32).encode() + b"\n"
        with suppress(errors.DamageFound):  # another process was first: its key counts
            durable_files.publish(fresh, path, tmp=root / "tmp", mode=0o400)
    with snapshot_format.reading(path):
        return regular_files.read_bytes(path).strip()


def name(of: str, key: bytes) -> str:
    """Give a person's pseudonym: "user-" and 16 hexadecimal digits, keyed by `key`.

    Of a million people, two share one in one archive of 37 million. It depends on nobody else, so
    that it is the same in whatever export; and it is longer than any name on Reddit.
    """
    digest = hmac.new(key, of.lower().encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return f"user-{digest[:DIGITS]}"


def apply(thread: Thread, key: bytes) -> Thread:
    """Give the thread with pseudonyms for its authors and for whom its texts mention as u/name.

    Links to people become plain text, since there may be a stranger of that name. In each post's
    and comment's `raw`, MARK tells that its author is no name on Reddit. Flairs of authors go.
    """
    post = thread.post
    return Thread(
        thread.id,
        replace(post, raw=_renamed(post.raw, key)) if post else None,
        (replace(each, raw=_renamed(each.raw, key)) for each in thread.comments.values()),
        thread.gaps,
    )


def data(raw: Any, key: bytes) -> Any:
    """Give raw data of a post or a comment with pseudonyms, as `apply` does."""
    return _renamed(raw, key)


def _renamed(value: Any, key: bytes, depth: int = 0) -> Any:
    if isinstance(value, str):
        return _mentions(value, key)
    if depth < DEEPEST_VALUE and isinstance(value, list):
        return [_renamed(item, key, depth + 1) for item in value]
    if not isinstance(value, dict) or depth >= DEEPEST_VALUE:
        return value
    found: dict[str, Any] = {}
    for field, item in value.items():
        if field in NAMES and isinstance(item, str) and item not in NO_AUTHOR and item:
            found[field] = name(item, key)
            found[MARK] = True
        elif not field.startswith("author_"):
            found[field] = _renamed(item, key, depth + 1)
            if field in ADDRESSES and isinstance(item, str):
                found[field] = TITLE.sub(r"\1_", found[field])
    return found


def _mentions(text: str, key: bytes) -> str:
    return MENTION.sub(_replacer(key), LINK.sub(r"\1", text))


def _replacer(key: bytes) -> Callable[[re.Match[str]], str]:
    def replaced(match: re.Match[str]) -> str:
        if re.fullmatch(rf"user-[0-9a-f]{{{DIGITS}}}", match[2]):
            return match[0]
        return match[1] + name(match[2].replace("\\", ""), key)

    return replaced
