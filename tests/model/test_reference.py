"""Every form of a reference is parsed, and everything else is refused with a hint."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from reddit_archive import errors
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference

POST = Reference(post_id="abc123")
COMMENT = Reference(post_id="abc123", comment_id="def456")
SHARE = Reference(share_path="/r/x/s/AbCdEfGhIj")
NAMED = {"post": POST, "comment": COMMENT, "share": SHARE}
FORMS = Path(__file__).parent.parent / "data" / "addresses" / "forms.txt"


def iter_forms() -> Iterator[tuple[str, str]]:
    """Yield each pasted address with what it names."""
    named = ""
    for line in FORMS.read_text("utf-8").split("\n"):
        named = line[3:] if line.startswith("== ") else named
        if address := re.fullmatch("⟦(.*)⟧", line):
            yield named, address[1]


@pytest.mark.parametrize(("named", "address"), [*iter_forms()])
def test_parse__as_people_paste_it(named: str, address: str) -> None:
    if not named.startswith("refused: "):
        assert reference.parse(address) == NAMED[named]
        return
    with pytest.raises(errors.InvalidReferenceError) as caught:
        reference.parse(address)
    assert named.removeprefix("refused: ") in str(caught.value.hint)


def test_forms__are_all_read() -> None:
    assert len([*iter_forms()]) == FORMS.read_text("utf-8").count("⟦") - 1 > 100


@pytest.mark.parametrize(
    "text",
    [
        "https://www.reddit.com/r/x/comments/abc123/slug/",
        "http://old.reddit.com/r/x/comments/abc123/slug/?utm_source=share#top",
        "https://new.reddit.com/r/x/comments/abc123/slug",
        "np.reddit.com/r/x/comments/abc123",
        "https://sh.reddit.com/r/x/comments/abc123/slug/",
        "https://amp.reddit.com/r/x/comments/abc123/slug/",
        "https://i.reddit.com/r/x/comments/abc123/slug/",
        "https://m.reddit.com/r/x/comments/abc123/slug/",
        "www.reddit.com/r/x/comments/abc123/slug/",
        "//reddit.com/r/x/comments/abc123/slug",
        "/r/x/comments/abc123/slug",
        "r/x/comments/abc123/slug",
        "comments/t3_abc123",
        "https://www.reddit.com/comments/abc123.json",
        "https://www.reddit.com/comments/abc123/.json?limit=500",
        "https://www.reddit.com/r/x/comments/ABC123/slug/",
        "https://redd.it/abc123",
        "redd.it/abc123).",
        "https://www.reddit.com/tb/abc123",
        "https://www.reddit.com/poll/abc123",
        "https://www.reddit.com/gallery/abc123",
        "https://www.reddit.com/duplicates/abc123/",
        "https://www.reddit.com/r/x/duplicates/abc123/t/",
        "https://www.reddit.com/by_id/t3_abc123",
        "https://www.reddit.com/user/some-body/comments/abc123/t/",
        "https://www.reddit.com/r/u_somebody/comments/abc123/t/",
        "https://www.reddit.com/de/r/x/comments/abc123/t/",
        "https://www.reddit.com/pt-br/r/x/comments/abc123/t/",
        "https://www.reddit.com/r/x/comments/abc123/gallery/",
        "https://www.reddit.com/r/gallery/comments/abc123/slug/",
        "https://www.reddit.com/r/comments/comments/abc123/slug/",
        "https://www.reddit.com/r/x/comments/abc123/s/",
        "https://www.reddit.com/r/x/comments/abc123/praw_https/).",
        "https://www.reddit.com/over18?dest=https%3A%2F%2Fwww.reddit.com%2Fr%2Fx%2Fcomments%2Fabc123",
        "https://web.archive.org/web/20200101/https://www.reddit.com/r/x/comments/abc123/slug/",
        "t3_abc123",
        "abc123",
        "  abc123\n",
        "<https://www.reddit.com/r/x/comments/abc123/slug/>",
        "[a title](https://www.reddit.com/r/x/comments/abc123/slug/).",
        '[a [b] title](https://www.reddit.com/r/x/comments/abc123/slug_(x)/ "hover")',
    ],
)
def test_parse__post(text: str) -> None:
    assert reference.parse(text) == POST


@pytest.mark.parametrize(
    "text",
    [
        "https://www.reddit.com/r/x/comments/abc123/slug/def456/?context=3",
        "https://www.reddit.com/r/x/comments/abc123/slug/DEF456#c",
        "https://www.reddit.com/r/x/comments/abc123/comment/def456/",
        "https://www.reddit.com/comments/abc123/_/def456",
        "https://www.reddit.com/comments/abc123//def456",
        "https://www.reddit.com/r/x/comments/abc123/gallery/def456/",
        "https://www.reddit.com/r/x/comments/abc123/slug/def456/extra/",
        "https://www.reddit.com/r/x/comments/abc123/slug/def456/.json",
        "https://www.reddit.com/r/x/comments/abc123/k%C3%BCrbis%20x/def456/",
        "/r/x/comments/abc123/slug/t1_def456",
    ],
)
def test_parse__comment(text: str) -> None:
    assert reference.parse(text) == COMMENT


def test_parse__comment_alone() -> None:
    assert reference.parse("t1_DEF456") == Reference(comment_id="def456")


@pytest.mark.parametrize(
    "text", ["https://www.reddit.com/r/x/s/AbCdEfGhIj", "reddit.com/r/x/s/AbCdEfGhIj/?utm=1"]
)
def test_parse__share_link_keeps_upper_case(text: str) -> None:
    assert reference.parse(text) == SHARE


@pytest.mark.parametrize("text", ["-", "thread.json", "./abc123", "~/x.json", "/tmp/r/x.html"])
def test_parse__file(text: str) -> None:
    assert reference.parse(text) == Reference(file=text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello world",
        "https://example.com/r/x/comments/abc123/",
        "http://evil/r/x/s/abcdef",
        "https://reddit.com.evil.example/r/x/comments/abc123/",
        "https://reddit.com@evil.example/r/x/comments/abc123/",
        "https://evil.example/https://www.reddit.com/comments/abc123/",
        "https://evil.example\\@reddit.com/r/x/comments/abc123/",
        "https://www.reddit.com/over18?dest=https%3A%2F%2Fevil.example%2Fr%2Fx%2Fs%2Fabcd",
        "ftp://www.reddit.com/r/x/comments/abc123/",
        "https://[::1/r/x",
        "https://v.redd.it/abc123",
        "https://i.redd.it/abc123.png",
        "https://reddit.app.link/abc123",
        "https://www.reddit.com/r/x/",
        "https://www.reddit.com/user/somebody/",
        "https://www.reddit.com/live/abc123",
        "https://www.reddit.com/media?url=https%3A%2F%2Fi.redd.it%2Fabc123.png",
        "https://www.reddit.com/video/abc123/player",
        "https://www.reddit.com/r/x/comments/../../etc/",
        "x" * 10_000,
    ],
)
def test_parse__refused_with_a_hint(text: str) -> None:
    with pytest.raises(errors.InvalidReferenceError) as caught:
        reference.parse(text)
    assert caught.value.hint
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    "text", ["def456", "t1_DEF456", "https://www.reddit.com/r/x/comments/abc123/slug/def456/)."]
)
def test_parse_comment_id__id_or_permalink(text: str) -> None:
    assert reference.parse_comment_id(text) == "def456"


@pytest.mark.parametrize("text", ["t3_abc123", "https://www.reddit.com/r/x/comments/abc123/", "?"])
def test_parse_comment_id__not_a_comment(text: str) -> None:
    with pytest.raises(errors.InvalidReferenceError, match="is not a comment"):
        reference.parse_comment_id(text)


# Any text


def mutate(address: str, random: Random) -> str:
    """Delete, repeat, replace or insert some characters of an address."""
    characters = list(address)
    for _ in range(random.randint(1, 2)):
        position = random.randrange(len(characters) + 1)
        characters[position : position + random.randint(0, 2)] = random.choice(PIECES)
    return "".join(characters)


PIECES = [
    *("/", "//", "..", ":", "@", "\\", "?", "#", "%2f", "%00", "\u200b", "[", "]", ")", " "),
    "",
]
PIECES += ["evil.example", "https://", "reddit.com", "redd.it", "t3_", "comments", "/r/", ".json"]


def test_parse__fuzzed_addresses_name_ids_and_paths_of_reddit() -> None:
    """Nothing else than ids and the path of a share link is used for requests."""
    random = Random(1)
    addresses = [address for _, address in iter_forms()]
    parsed_count = 0
    for _ in range(10_000):
        try:
            parsed = reference.parse(mutate(random.choice(addresses), random))
        except errors.InvalidReferenceError:
            continue
        parsed_count += parsed.file is None
        for item_id in (parsed.post_id, parsed.comment_id):
            assert item_id is None or re.fullmatch("[0-9a-z]{2,13}", item_id)
        assert re.fullmatch(r"|/(r|u|user)/[\w-][\w.-]*/s/\w+", parsed.share_path or "")
    assert parsed_count > 1_000
