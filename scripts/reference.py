"""Write docs/reference.md from the program: every command's help, every setting, the exit codes.

Run it after a change of the command line or the settings: `python scripts/reference.py`. The tests
compare.
"""

import runpy
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import yaml
from click.testing import CliRunner

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reddit_archive.cli import program  # noqa: E402
from reddit_archive.config import Settings, schema  # noqa: E402  (after the path is set)
from reddit_archive.quote import style  # noqa: E402

MAN = runpy.run_path(str(ROOT / "scripts" / "man.py"))
FILE = ROOT / "docs" / "reference.md"
EXAMPLE = ROOT / "config.example.yaml"
WIDTH = {"COLUMNS": "96"}
SETTINGS = """\
Settings stand in `./config.yaml`, else in your own folder for settings, which `archive login
--dry-run` names; `--config FILE` and `REDDIT_ARCHIVE_CONFIG` name another file. One file is read,
never two. A name that is not known is refused."""


def main() -> None:
    FILE.write_text(page())


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from (
        "# Reference",
        "",
        "The program wrote this: `python scripts/reference.py`.",
        "",
    )
    yield from ("- [Commands](#commands)", "- [Settings](#settings)")
    yield from ("- [Environment](#environment)", "- [Exit codes](#exit-codes)", "")
    yield from ("## Commands", "", "### archive", "", *_help(()))
    for path in commands(click.Context(program, info_name="archive")):
        yield from (f"### archive {' '.join(path)}", "", *_help(path))
    yield from ("## Settings", "", SETTINGS, "")
    yield from ("| setting | what it holds | by itself |", "|---|---|---|", *_settings(), "")
    yield from ("`config.example.yaml` says what each is for:", "")
    yield from ("```yaml", EXAMPLE.read_text().rstrip("\n"), "```", "")
    yield from ("## Environment", "", "| variable | what it says |", "|---|---|")
    yield from _rows(MAN["ENVIRONMENT"])
    yield from ("", "## Exit codes", "", "| code | what it means |", "|---|---|")
    yield from _rows(MAN["CODES"])


def commands(parent: click.Context) -> Iterator[tuple[str, ...]]:
    """The names of all commands, those in groups after their group, in the order of the help."""
    group = parent.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        if command.hidden:
            continue
        yield (name,)
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=parent)
            yield from ((name, *rest) for rest in commands(context))


def _help(path: tuple[str, ...]) -> Iterator[str]:
    said = CliRunner(env=WIDTH).invoke(program, [*path, "--help"], prog_name="archive").output
    yield from ("```text", said.rstrip("\n"), "```", "")


def _settings() -> Iterator[str]:
    defaults = _defaults()
    for section, names in schema.SECTIONS.items():
        for name, kind in names.items():
            if kind is dict:  # a section, whose settings have their own rows
                continue
            rule = f"{section}: {name}" if section else name
            full = rule.replace("style: ", "styles: NAME: ")
            yield f"| `{full}` | {_holds(rule, kind)} | {_shown(defaults.get(rule))} |"
    quotes = "any of `to`, `style`, `typography`, `images`, `deepest`"
    yield f"| `pages: PATTERN` | {quotes}, for pages whose path ends so | |"


def _holds(rule: str, kind: type) -> str:
    if choices := schema.CHOICES.get(rule):
        return " or ".join(f"`{choice}`" for choice in choices)
    least, most = schema.MIN_VALUES.get(rule), schema.MAX_VALUES.get(rule)
    what = {str: "text"}.get(kind, schema.TYPE_DESCRIPTIONS[kind])
    if most is not None:
        return f"{what} from {least} to {most}"
    return f"{what} from {least} on" if least is not None else what


def _defaults() -> dict[str, Any]:
    """What holds where config.yaml says nothing, by the names that `config` gives to rules."""
    plain = Settings()
    top = {name: getattr(plain, name) for name in ("archive", "source", "tries", "deleted")}
    found = {**top, "first_wait_seconds": plain.first_wait_seconds, "style: extends": "plain"}
    for section, values in (
        ("quote", plain.quote),
        ("media", plain.media),
        ("style", style.PLAIN_STYLE),
    ):
        found |= {f"{section}: {name}": value for name, value in asdict(values).items()}
    shown = yaml.safe_load(EXAMPLE.read_text())  # PRAW's own defaults
    for section in ("reddit", "arctic_shift"):
        found |= {f"{section}: {name}": value for name, value in shown[section].items()}
    return found


def _shown(value: object) -> str:
    if value is None or value == "":
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _rows(items: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for names, what in items:
        yield f"| {', '.join(f'`{name}`' for name in names.split(', '))} | {what} |"


if __name__ == "__main__":
    main()
