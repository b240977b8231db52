"""Names of the files for quotes: from a template, and safe on every system.

No title and no author can leave the folder or name a Windows device. Two threads never get names
that differ only in case or in the encoding of accents.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from reddit_archive import errors
from reddit_archive.model.content import Post

DEFAULT_TEMPLATE = "{subreddit}/{id}-{slug}.md"
FIELDS = ("subreddit", "id", "slug", "title", "author", "date", "year")
MAX_SLUG_LENGTH = 60
MAX_PART_LENGTH = 120
MAX_PART_BYTES = 200
"""Linux allows 255 bytes per name, macOS 255 code units with decomposed accents."""
SUFFIX_PATTERN = re.compile(r"\.[A-Za-z0-9]{1,10}$")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
UNSAFE_CHARACTERS = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]+')
WINDOWS_DEVICE_PATTERN = re.compile(
    r"(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)
INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def check_template(template: str) -> None:
    """Raise InvalidOptionsError if a template has an unknown field or leaves its folder."""
    for part in template.split("/"):
        fields = _parse_part(part, template)
        literal = "".join(text for text, _ in fields)
        if match := UNSAFE_CHARACTERS.search(literal):
            hint = "Write '/' between folders." if match[0] == "\\" else "Leave it out."
            raise _build_error(
                template, f"contains {match[0][:1]!r}, which file names can't contain", hint
            )
        if not fields:
            raise _build_error(
                template, "has an empty part", "Remove '/' at its start and end, and double '/'."
            )
        if len(fields) == 1 and literal.strip(" .") in ("", "~") and fields[0][1] is None:
            raise _build_error(
                template, f"leaves the folder with '{literal}'", "Name folders inside it."
            )


def _parse_part(part: str, template: str) -> list[tuple[str, str | None]]:
    """Return the pieces of a template's part: text, and the field after it or None."""
    try:
        parsed = list(string.Formatter().parse(part))
    except ValueError:
        hint = "A field is written like {id}, and a brace like {{ or }}."
        raise _build_error(template, "has an unbalanced brace", hint) from None
    for _, field, style, conversion in parsed:
        if field is not None and (field not in FIELDS or style or conversion):
            close = get_close_matches(field, FIELDS, n=1)
            known = ", ".join(f"{{{each}}}" for each in FIELDS)
            hint = f"Did you mean {{{close[0]}}}?" if close else f"Choose from {known}."
            raise _build_error(template, f"has an unknown field {{{field}}}", hint)
    return [(text, field) for text, field, _, _ in parsed]


def _build_error(template: str, problem: str, hint: str) -> errors.InvalidOptionsError:
    return errors.InvalidOptionsError(f"the template '{template}' {problem}", hint)


def build_path(template: str, post: Post | None, thread_id: str) -> str:
    """Return the path for a thread's file, relative to the folder, with "/" between its parts.

    Subreddits are in lower case, because r/Python and r/python are the same. Raises
    InvalidOptionsError.
    """
    check_template(template)
    return _fill_template(template, _build_values(post, thread_id))


def build_paths(template: str, threads: Iterable[tuple[Post | None, str]]) -> list[str]:
    """Return a path for each thread; no two are the same. Raises InvalidOptionsError.

    All threads with the same path get their id before the suffix, so that no path depends on the
    order of the threads.
    """
    check_template(template)
    values = [_build_values(post, thread_id) for post, thread_id in threads]
    ids = [thread_values["id"] for thread_values in values]
    short_paths = [_fill_template(template, v) for v in values]
    long_paths = [_fill_template(template, v, v["id"]) for v in values]
    long_ids: set[str] = set()
    while True:
        paths = [
            long_path if thread_id in long_ids else short_path
            for short_path, long_path, thread_id in zip(short_paths, long_paths, ids, strict=True)
        ]
        duplicates = _find_duplicates(paths, ids) - long_ids
        if not duplicates:
            return paths
        long_ids |= duplicates  # a long path may be the short path of another thread


def _find_duplicates(names: Sequence[str], ids: Sequence[str]) -> set[str]:
    """Return the ids of threads that share their name with another thread."""
    own = dict.fromkeys(zip(map(fold_name, names), ids, strict=True))
    counts = Counter(name for name, _ in own)
    return {thread_id for name, thread_id in own if counts[name] > 1}


def fold_name(name: str) -> str:
    """Return a name as a file system compares it that ignores case and Unicode normalization."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _fill_template(template: str, values: Mapping[str, str], extra: str = "") -> str:
    """Fill in a template; `extra` is inserted before the suffix."""
    *folders, file = template.split("/")
    return "/".join(
        [*(_fill_part(p, values) for p in folders), _fill_part(file, values, extra, is_file=True)]
    )


def _fill_part(
    part: str, values: Mapping[str, str], extra: str = "", *, is_file: bool = False
) -> str:
    text = part.format_map(values)
    # A dot in a title does not start a suffix.
    literal = part.rpartition("}")[2]
    suffix = found[0] if is_file and (found := SUFFIX_PATTERN.search(literal)) else ""
    suffix = "" if suffix == text else suffix
    stem = text.removesuffix(suffix)
    suffix = f"-{extra}{suffix}" if extra else suffix
    stem = f"_{stem}" if WINDOWS_DEVICE_PATTERN.match(f"{stem}{suffix}") else stem
    stem = unicodedata.normalize("NFC", stem)[: MAX_PART_LENGTH - len(suffix)]
    cut = stem.encode()[: MAX_PART_BYTES - len(suffix.encode())]
    return (cut.decode("utf-8", "ignore").rstrip(" .") or "_") + suffix


def _build_values(post: Post | None, thread_id: str) -> dict[str, str]:
    """Return safe values for the fields, none of them empty."""
    post = post or Post({})
    prefix, _, name = post.subreddit.rpartition("/")
    at = post.created_at
    return {
        # Reddit calls a user's own page r/u_name.
        "subreddit": _make_safe(f"u_{name}" if prefix.strip("/").lower() == "u" else name).lower(),
        "id": _make_safe(thread_id.lower()),
        "slug": _build_slug(post.title),
        "title": _make_safe(post.title),
        "author": _make_safe(post.author or "deleted"),
        "date": at.date().isoformat() if at else "undated",
        "year": f"{at.year:04}" if at else "undated",
    }


def _build_slug(title: str) -> str:
    """Return the ASCII words of a title, without accents."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"(?<=\w)'(?=\w)", "", plain)
    words = re.findall(r"[a-z0-9]+", plain[: MAX_SLUG_LENGTH * 20])
    slug = "-".join(words)
    if len(slug) > MAX_SLUG_LENGTH:
        slug = slug[: MAX_SLUG_LENGTH + 1].rpartition("-")[0] or slug[:MAX_SLUG_LENGTH]
    return slug or "untitled"


def _make_safe(text: str) -> str:
    """Remove characters that are not allowed in file names, invisible, or special to shells."""
    text = UNSAFE_CHARACTERS.sub("-", unicodedata.normalize("NFC", text[: MAX_PART_LENGTH * 10]))
    text = "".join(each for each in text if unicodedata.category(each) not in INVISIBLE_CATEGORIES)
    return " ".join(text.split())[:MAX_PART_LENGTH].strip(" .-~") or "_"
