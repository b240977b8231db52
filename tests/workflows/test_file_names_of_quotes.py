"""Names of quote files: safe whatever a title holds (S2), and no two alike."""

import random
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from reddit_archive import errors
from reddit_archive.model.content import Post
from reddit_archive.workflows import file_names

HOSTILE = (
    *("../../etc/passwd", "..", ".", "C:", "C:\\Windows\\x", "\\\\host\\share", "/etc/passwd", "~"),
    *("CON", "con", "aux.md", "NUL.tar.gz", "COM1", "lpt9.txt", "COM¹", "CONIN$", "prn ", "Aux "),
    *("-rf", "--output=x", ".hidden", "name.", "name ", "name. . .", "a/b", "a\\b", "a:b", 'a"b'),
    *(
        "<script>",
        "a|b",
        "a?b*",
        "a\x00b",
        "a\x1b[31m",
        "a\nb",
        "\u202egnp.md",
        "a\u200bb",
        "\ud800",
    ),
    *("Café", "Cafe\u0301", "café", "CAFÉ", "straße", "STRASSE", "ﬁle", "İ", "\u0131"),
    *("", " ", "x" * 300, "ä" * 300, "한" * 300, "😀" * 300, "각" * 200, "日本語のタイトル"),
)
TEMPLATES = (
    *(
        file_names.DEFAULT_TEMPLATE,
        "{subreddit}/{slug}.md",
        "{title}.md",
        "{title}",
        "{author}/{title}",
    ),
    *("{year}/{date}-{author}.html", "{author}{title}.md", "_posts/{subreddit}-{title}.md"),
)


def path_of(template: str, post: Post | None, thread_id: str) -> str:
    """Return the path for the file of a single thread."""
    (path,) = file_names.build_paths(template, [(post, thread_id)])
    return path


def post(title: str = "A title", **fields: object) -> Post:
    data = {"title": title, "subreddit": "Python", "author": "someone", "created_utc": 1.7e9}
    return Post({**data, **fields})


def hostile_threads(number: int, seed: int = 0) -> list[tuple[Post | None, str]]:
    """Return posts with hostile values in every field. Many are equal; each has its own id."""
    rng = random.Random(seed)

    def text() -> str:
        return "".join(rng.choices(HOSTILE, k=rng.choice((1, 1, 1, 2))))

    made: list[tuple[Post | None, str]] = []
    for count in range(number):
        fields = {"subreddit": text(), "subreddit_name_prefixed": text(), "author": text()}
        made.append((post(text(), **fields) if count % 50 else None, f"{count + 40:x}"))
    return made


def faults(made: Sequence[str]) -> list[str]:
    """Return what is wrong with names by the rules of Windows, macOS and Linux."""
    found = []
    seen: set[str] = set()
    for name in made:
        windows, posix = PureWindowsPath(name), PurePosixPath(name)
        parts = name.split("/")
        if windows.is_absolute() or windows.drive or posix.is_absolute() or "\\" in name:
            found.append(f"outside: {name!r}")
        if any(part.strip(" .") == "" or part != part.rstrip(" .") for part in parts):
            found.append(f"outside, or trimmed by Windows: {name!r}")
        if any(_is_device(part) for part in parts):
            found.append(f"reserved: {name!r}")
        if any(set(part) & set('<>:"|?*') or not part.isprintable() for part in parts):
            found.append(f"character: {name!r}")
        if any(len(part) > 120 or _units(part) > 255 or part.startswith("-") for part in parts):
            found.append(f"too long, or an option: {name!r}")
        folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
        if folded in seen:
            found.append(f"collision: {name!r}")
        seen.add(folded)
    return found


def _is_device(part: str) -> bool:
    base = part.split(".")[0].rstrip().upper()
    numbered = {f"{name}{n}" for name in ("COM", "LPT") for n in "0123456789¹²³"}
    return base in {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$", *numbered}


def _units(part: str) -> int:
    """Return the longest length that any of the three systems counts."""
    apart = unicodedata.normalize("NFD", part)
    return max(len(part.encode("utf-8", "replace")), len(apart.encode("utf-16", "replace")) // 2)


@pytest.mark.parametrize("template", TEMPLATES)
def test_paths__hostile_names_stay_inside_and_apart(template: str) -> None:
    made = file_names.build_paths(template, hostile_threads(500))
    assert len(made) == 500
    assert faults(made) == []


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
def test_paths__five_thousand_hostile_names(template: str) -> None:
    assert faults(file_names.build_paths(template, hostile_threads(5_000, seed=1))) == []


def _naively(threads: Iterable[tuple[Post | None, str]]) -> list[str]:
    return [f"{p.subreddit}/{p.title}.md" for p, _ in threads if p]


@pytest.mark.parametrize("kind", ["outside", "reserved", "character", "too long", "collision"])
def test_faults__catch_what_plain_names_would_do(kind: str) -> None:
    assert any(fault.startswith(kind) for fault in faults(_naively(hostile_threads(500))))


@pytest.mark.parametrize(
    ("seeded", "kind"),
    [
        ("UNSAFE_CHARACTERS", "outside"),
        ("WINDOWS_DEVICE_PATTERN", "reserved"),
        ("MAX_PART_LENGTH", "too long"),
        ("MAX_PART_BYTES", "too long"),
        ("INVISIBLE_CATEGORIES", "character"),
        ("fold_name", "collision"),
    ],
)
def test_paths__each_safeguard_is_needed(
    monkeypatch: pytest.MonkeyPatch, seeded: str, kind: str
) -> None:
    never = re.compile(r"(?!)")
    broken: dict[str, object] = {
        "UNSAFE_CHARACTERS": never,
        "WINDOWS_DEVICE_PATTERN": never,
        "INVISIBLE_CATEGORIES": ("Cs",),
        "fold_name": id,
    }
    monkeypatch.setattr(file_names, seeded, broken.get(seeded, 10_000))
    template = "{title}.md" if seeded != "UNSAFE_CHARACTERS" else "{author}/{title}.md"
    made = file_names.build_paths(template, hostile_threads(500))
    assert any(fault.startswith(kind) for fault in faults(made))


def test_path__default_reads_like_the_thread() -> None:
    named = path_of(file_names.DEFAULT_TEMPLATE, post("How do I type café? It's [D]one!"), "AbC12")
    assert named == "python/abc12-how-do-i-type-cafe-its-d-one.md"


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{subreddit}", "python"),
        ("{year}/{date}-{author}.md", "2023/2023-11-14-someone.md"),
        ("{title}", "A title"),
        ("{{{id}}}.md", "{abc}.md"),
        ("notes.md", "notes.md"),
    ],
)
def test_path__fields(template: str, named: str) -> None:
    assert path_of(template, post(), "abc") == named


def test_path__without_a_post() -> None:
    assert path_of("{date}/{subreddit}/{id}-{slug}.md", None, "abc") == (
        "undated/unknown/abc-untitled.md"
    )


def test_path__user_page_has_its_own_folder() -> None:
    made = post(subreddit="u_Some-One", subreddit_name_prefixed="u/Some-One")
    assert path_of("{subreddit}", made, "abc") == "u_some-one"


def test_path__one_folder_for_any_case_of_a_subreddit() -> None:
    upper, lower = post(subreddit="PYTHON"), post(subreddit="python")
    folders = {path_of(file_names.DEFAULT_TEMPLATE, each, "abc") for each in (upper, lower)}
    assert len(folders) == 1


def test_path__slug_ends_with_a_whole_word() -> None:
    named = path_of("{slug}", post("word " * 40), "abc")
    assert len(named) <= file_names.MAX_SLUG_LENGTH
    assert named.endswith("-word")


@pytest.mark.parametrize("title", ["日本語", "😀", "", "---", "...", "'"])
def test_path__slug_is_never_empty(title: str) -> None:
    assert path_of("{slug}.md", post(title), "abc") == "untitled.md"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("../{id}.md", "leaves the folder"),
        ("{subreddit}/../{id}.md", "leaves the folder"),
        ("./{id}.md", "leaves the folder"),
        ("~/{id}.md", "leaves the folder"),
        ("/{id}.md", "empty part"),
        ("{subreddit}//{id}.md", "empty part"),
        ("{subreddit}/", "empty part"),
        ("", "empty part"),
        ("C:/{id}.md", "':'"),
        ("{subreddit}\\{id}.md", "which file names can't contain"),
        ("{id}\n.md", "which file names can't contain"),
        ("{id:>10}", "unknown field"),
        ("{id!r}", "unknown field"),
        ("{id.__class__}", "unknown field"),
        ("{}", "unknown field"),
        ("{id", "an unbalanced brace"),
        ("{subreddit/id}", "an unbalanced brace"),
    ],
)
def test_check__refuses(template: str, message: str) -> None:
    with pytest.raises(errors.InvalidOptionsError, match=re.escape(message)) as caught:
        file_names.check_template(template)
    assert caught.value.hint


def test_check__guesses_the_field() -> None:
    with pytest.raises(errors.InvalidOptionsError) as caught:
        file_names.check_template("{subredit}/{id}.md")
    assert caught.value.hint == "Did you mean {subreddit}?"


def test_paths__equal_names_get_ids() -> None:
    threads = [(post("One"), "aa"), (post("ONE"), "bb"), (post("Two"), "cc")]
    assert file_names.build_paths("{title}.md", threads) == ["One-aa.md", "ONE-bb.md", "Two.md"]


def test_paths__added_id_makes_no_duplicate() -> None:
    threads = [(post("One"), "aa"), (post("one"), "bb"), (post("one-aa"), "cc")]
    made = file_names.build_paths("{title}.md", threads)
    assert made == ["One-aa.md", "one-bb.md", "one-aa-cc.md"]


def test_paths__same_thread_twice_is_one_name() -> None:
    assert len(set(file_names.build_paths("{slug}", [(post(), "aa"), (post(), "aa")]))) == 1


def test_paths__order_changes_no_name() -> None:
    threads = hostile_threads(200, seed=2)
    made = file_names.build_paths("{title}.md", threads)
    assert file_names.build_paths("{title}.md", threads[::-1]) == made[::-1]
