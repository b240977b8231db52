"""The pages of the documentation hold together: links, what is made by scripts, every command."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reddit_archive import config
from reddit_archive.cli import program
from reddit_archive.cli.commands import COMMANDS
from reddit_archive.config import schema
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "examples/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
MARKDOWN = MarkdownIt("commonmark").enable("table")
PROGRAM = re.compile(r"(?:\S*/)?(?:archive|reddit-archive)")
IN_FILES = re.compile(
    rf"(?:^ +|&& |(?:run|entry): |/|-archive )(archive (?:{'|'.join(COMMANDS)})\b[^\n`]*)$",
    re.MULTILINE,
)
INCOMPLETE = (
    *(click.exceptions.Exit, click.exceptions.NoArgsIsHelpError),
    *(click.MissingParameter, click.BadOptionUsage),
)
"""What prose may leave out of a command."""
SLIP = "<!-- exit: 2 -->"
"""Stands before a block whose command is wrong on purpose."""
ids = {"ids": lambda page: str(page.relative_to(ROOT))}


def tokens(text: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    seen: Counter[str] = Counter()
    found = set()
    for heading, inline in pairwise(MARKDOWN.parse(text)):
        if heading.type == "heading_open":
            plain = "".join(part.content for part in inline.children or ())
            slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
    return found


def holds(page: str | Path, anchor: str) -> bool:
    """Tell whether a page has an anchor, if there is one."""
    return not anchor or anchor in anchors(page if isinstance(page, str) else page.read_text())


def dead_links(page: Path, text: str) -> list[str]:
    """The links of a page that lead nowhere in this project."""
    found = []
    for token in tokens(text):
        target = str(token.attrGet("href") or token.attrGet("src") or "")
        if not target or re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or not holds(text if file == page else file, anchor):
            found.append(target)
    return found


def commands(text: str) -> Iterator[str]:
    """Every command line of a page in which the program is called."""
    before = ""
    for token in tokens(text):
        body = token.content.replace("\\\n", " ")
        is_slip, before = before.strip() == SLIP, token.content
        if is_slip:
            continue
        if token.type == "code_inline" and re.match(r"archive [^/]", body):
            yield body
        elif token.type == "fence" and token.info == "console":
            yield from re.findall(r"^\$ (.*)$", body, re.MULTILINE)
        elif token.type == "fence" and token.info == "sh":
            yield from body.splitlines()
        elif token.type == "fence" and token.info in ("text", "yaml", "ini"):
            yield from IN_FILES.findall(body)


def calls(line: str) -> Iterator[list[str]]:
    """The arguments of each call of the program in a line for the shell."""
    plain = re.sub(r'"?\$\(|\)"?', " ; ", line)
    reader = shlex.shlex(plain, punctuation_chars="|&;<>", posix=True)
    reader.commenters = "#"
    reader.whitespace_split = True
    words: list[str] = []
    for word in [*reader, ";"]:
        if re.fullmatch(r"[|&;<>]+", word):
            if words and PROGRAM.fullmatch(words[0]):
                yield words[1:]
            words = []
        else:
            words.append(word)


def refused(args: list[str]) -> str | None:
    """Why the program would not take these arguments; None where it would."""
    try:
        context = program.make_context("archive", list(args))
        while isinstance(context.command, click.Group):
            name, command, args = context.command.resolve_command(context, _rest(context))
            assert name
            assert command
            context = command.make_context(name, args, parent=context)
    except INCOMPLETE:
        return None
    except click.ClickException as error:
        return error.format_message()
    return None


def _rest(context: click.Context) -> list[str]:
    return [*context._protected_args, *context.args]


def wrong_commands(text: str) -> list[str]:
    """The command lines of a page that the program does not understand."""
    found = []
    for line in commands(text):
        for args in calls(line):
            if why := refused(args):
                found.append(f"archive {shlex.join(args)}: {why}")
    return found


@pytest.mark.parametrize("page", PAGES, **ids)
def test_page__no_link_is_dead(page: Path) -> None:
    assert dead_links(page, page.read_text()) == []


@pytest.mark.parametrize("page", PAGES, **ids)
def test_page__every_command_is_understood(page: Path) -> None:
    assert wrong_commands(page.read_text()) == []


def test_index__leads_to_every_page() -> None:
    index = DOCS / "README.md"
    linked = {str(token.attrGet("href")) for token in tokens(index.read_text())}
    pages = {str(page.relative_to(DOCS)) for page in PAGES if DOCS in page.parents}
    assert pages - linked == {"README.md"}


def test_reference__names_every_setting_and_variable() -> None:
    text = (DOCS / "reference.md").read_text()
    for section in (*schema.SECTIONS, schema.STYLE):
        shown = {"": "", "style": "styles: NAME: "}.get(section, f"{section}: ")
        for name, kind in schema.get_types(section).items():
            assert kind is dict or f"| `{shown}{name}` |" in text, name
    for name in ("CONFIG", "DIR", *config.ENVIRONMENT_SETTINGS):
        assert f"`REDDIT_ARCHIVE_{name.upper()}`" in text


@pytest.mark.parametrize(
    "text",
    [
        "[x](nowhere.md)",
        "[x](docs/promises.md#no-such-heading)",
        "[x](#no-such-heading)",
        "![x](docs/pictures/none.png)",
        "[x][y]\n\n[y]: nowhere.md",
    ],
)
def test_dead_links__control(text: str) -> None:
    assert len(dead_links(ROOT / "README.md", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ archive quote 9bread1 --al\nshown\n```",
        "```console\n$ cd x && archive list --lots | head\n```",
        "```sh\narchive export jsonl 9bread1 > x\n```",
        "```sh\narchive export json 9bread1 --latset  # a comment\n```",
        '```sh\neval "$(archive completion bsh)"\n```',
        "```text\n17 3 * * *  cd ~/notes && archive batch --duo list.txt\n```",
        "```ini\nExecStart=%h/.local/bin/archive batch --duo list.txt\n```",
        "It is `archive refresh --chek page.md` that tells.",
        "```sh\narchive lisst\n```",
    ],
)
def test_wrong_commands__control(text: str) -> None:
    assert len(wrong_commands(text)) == 1, list(commands(text))


def test_promises__name_tests_that_exist() -> None:
    text = (ROOT / "docs/promises.md").read_text("utf-8")
    names = set(re.findall(r"`(\w+/test_\w+\.py)`", text))
    assert len(names) > 50
    assert [name for name in sorted(names) if not (ROOT / "tests" / name).is_file()] == []
