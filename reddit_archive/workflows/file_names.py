"""Names of the files that quotes are written to: from a template, and safe on every system.

No title and no name leaves the folder, is a device of Windows, or names two threads' files alike
where letters' case and the way accents are stored make no difference.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from reddit_archive import errors
from reddit_archive.model.content import Post

DEFAULT = "{subreddit}/{id}-{slug}.md"
FIELDS = ("subreddit", "id", "slug", "title", "author", "date", "year")
SLUG = 60
PART = 120
PART_BYTES = 200
"""Linux allows 255 bytes a name, macOS 255 units with each accent taken apart."""
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}$")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]+')
DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)
UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def check(template: str) -> None:
    """Raise BadOptions for a template that names an unknown field or leaves its folder."""
    for part in template.split("/"):
        pieces = _pieces(part, template)
        literal = "".join(text for text, _ in pieces)
        if fault := UNSAFE.search(literal):
            hint = "Write '/' between folders." if fault[0] == "\\" else "Leave it out."
            raise _bad(template, f"holds {fault[0][:1]!r}, which no file's name may", hint)
        if not pieces:
            raise _bad(template, "has an empty part", "Let no '/' begin it, end it, or be double.")
        if len(pieces) == 1 and literal.strip(" .") in ("", "~") and pieces[0][1] is None:
            raise _bad(template, f"leaves the folder by '{literal}'", "Name folders inside of it.")


def _pieces(part: str, template: str) -> list[tuple[str, str | None]]:
    """What a part of a template is made of: text, and the field after it or None."""
    try:
        parsed = list(string.Formatter().parse(part))
    except ValueError:
        hint = "A field is written like {id}, and a brace like {{ or }}."
        raise _bad(template, "has a brace without its other half", hint) from None
    for _, field, style, conversion in parsed:
        if field is not None and (field not in FIELDS or style or conversion):
            close = get_close_matches(field, FIELDS, n=1)
            known = ", ".join(f"{{{each}}}" for each in FIELDS)
            hint = f"Did you mean {{{close[0]}}}?" if close else f"There are {known}."
            raise _bad(template, f"has an unknown field {{{field}}}", hint)
    return [(text, field) for text, field, _, _ in parsed]


def _bad(template: str, why: str, hint: str) -> errors.InvalidOptionsError:
    return errors.InvalidOptionsError(f"the template '{template}' {why}", hint)


def path(template: str, post: Post | None, thread_id: str) -> str:
    """Name the file of a thread, relative to the folder, with "/" between its parts.

    A subreddit is in lower case, as r/Python and r/python are one. Raises BadOptions.
    """
    check(template)
    return _path(template, _values(post, thread_id))


def paths(template: str, threads: Iterable[tuple[Post | None, str]]) -> list[str]:
    """Name a file for each thread; two threads never get the same.

    Those whose names would be the same get their id before the suffix, each of them, so that
    none depends on the order. Raises BadOptions.
    """
    check(template)
    given = list(threads)
    values = [_values(post, thread_id) for post, thread_id in given]
    ids = [each["id"] for each in values]
    plain = [_path(template, each) for each in values]
    longer = [_path(template, each, each["id"]) for each in values]
    has_id: set[str] = set()
    while True:
        names = [b if i in has_id else a for a, b, i in zip(plain, longer, ids, strict=True)]
        found = _same(names, ids) - has_id
        if not found:
            return names
        has_id |= found  # which may meet what another is named without its id: look again


def _same(names: Sequence[str], ids: Sequence[str]) -> set[str]:
    """The ids of threads whose name is another thread's as well."""
    own = dict.fromkeys(zip(map(folded, names), ids, strict=True))
    counts = Counter(name for name, _ in own)
    return {thread_id for name, thread_id in own if counts[name] > 1}


def folded(name: str) -> str:
    """A name as a file system compares it that sees neither case nor how accents are stored."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _path(template: str, values: Mapping[str, str], also: str = "") -> str:
    """Fill in a template; `also` goes before the suffix."""
    *folders, file = template.split("/")
    return "/".join([*(_part(p, values) for p in folders), _part(file, values, also, is_file=True)])


def _part(part: str, values: Mapping[str, str], also: str = "", *, is_file: bool = False) -> str:
    text = part.format_map(values)
    # A dot in a title begins no suffix.
    literal = part.rpartition("}")[2]
    suffix = found[0] if is_file and (found := SUFFIX.search(literal)) else ""
    suffix = "" if suffix == text else suffix
    stem = text.removesuffix(suffix)
    suffix = f"-{also}{suffix}" if also else suffix
    stem = f"_{stem}" if DEVICE.match(f"{stem}{suffix}") else stem
    stem = unicodedata.normalize("NFC", stem)[: PART - len(suffix)]
    cut = stem.encode()[: PART_BYTES - len(suffix.encode())]
    return (cut.decode("utf-8", "ignore").rstrip(" .") or "_") + suffix


def _values(post: Post | None, thread_id: str) -> dict[str, str]:
    """What the fields stand for, each of it safe and none of it empty."""
    post = post or Post({})
    prefix, _, name = post.subreddit.rpartition("/")
    at = post.created_at
    return {
        # Reddit itself calls what is posted on a user's own page r/u_name.
        "subreddit": _safe(f"u_{name}" if prefix.strip("/").lower() == "u" else name).lower(),
        "id": _safe(thread_id.lower()),
        "slug": _slug(post.title),
        "title": _safe(post.title),
        "author": _safe(post.author or "deleted"),
        "date": at.date().isoformat() if at else "undated",
        "year": f"{at.year:04}" if at else "undated",
    }


def _slug(title: str) -> str:
    """ASCII words of a title: accents are left out, and so is what has no ASCII letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"(?<=\w)'(?=\w)", "", plain)
    words = re.findall(r"[a-z0-9]+", plain[: SLUG * 20])
    slug = "-".join(words)
    if len(slug) > SLUG:
        slug = slug[: SLUG + 1].rpartition("-")[0] or slug[:SLUG]
    return slug or "untitled"


def _safe(text: str) -> str:
    """A value without what no file's name may hold, what nobody sees, and what shells misread."""
    text = UNSAFE.sub("-", unicodedata.normalize("NFC", text[: PART * 10]))
    text = "".join(each for each in text if unicodedata.category(each) not in UNSEEN)
    return " ".join(text.split())[:PART].strip(" .-~") or "_"
