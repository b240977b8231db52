"""Settings, from config.yaml and the environment; a name that is not known is refused by name."""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import yaml

from reddit_archive import amendment, errors
from reddit_archive.markup import targets
from reddit_archive.quote import style
from reddit_archive.quote.style import Style

PRAW_NAMES: dict[str, type] = {
    "client_id": str,
    "client_secret": str,
    "refresh_token": str,
    "username": str,
    "password": str,
    "redirect_uri": str,
    "user_agent": str,
    "oauth_url": str,
    "reddit_url": str,
    "timeout": int,
}
SECTIONS: dict[str, dict[str, type]] = {
    "": {
        "archive": str,
        "source": str,
        "tries": int,
        "first_wait_seconds": float,
        "reddit": dict,
        "arctic_shift": dict,
        "quote": dict,
        "styles": dict,
        "pages": dict,
        "media": dict,
        "deleted": str,
    },
    "reddit": PRAW_NAMES,
    "arctic_shift": {"url": str, "timeout": int},
    "quote": {"target": str, "deepest": int, "typography": str, "images": str, "style": str},
    "media": {"save": bool, "file_bytes": int, "thread_bytes": int},
    "style": {
        "extends": str,
        **{x.name: str if x.default is None else type(x.default) for x in fields(Style)},
    },
}
CHOICES = {
    "source": ("auto", "reddit", "arctic-shift"),
    "quote: target": targets.NAMES,
    "quote: typography": ("kept", "literal"),
    "quote: images": ("link", "embed", "local"),
    "deleted": ("keep", "redact-author", "purge"),
    **{f"style: {name}": choices for name, choices in style.CHOICES.items()},
}
LEAST = {
    "media: file_bytes": 1,
    "media: thread_bytes": 1,
    "tries": 1,
    "first_wait_seconds": 0,
    "quote: deepest": 1,
    "reddit: timeout": 1,
    "style: heading_level": 1,
    "arctic_shift: timeout": 1,
}
MOST = {"style: heading_level": 6}
KINDS: dict[type, str] = {
    str: "text (put it in quotes)",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a section",
}
SECRETS_IN_ENVIRONMENT = ("client_id", "client_secret", "refresh_token", "user_agent")
SEE = "config.example.yaml shows every setting."


@dataclass(frozen=True, slots=True)
class Quote:
    """How quotes are written: for which target, how deep, in whose typography and what style."""

    target: str = "markdown"
    deepest: int | None = None
    typography: str = "kept"
    images: str = "link"
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Media:
    """Whether pictures are stored, and how large a file and a thread's pictures may be."""

    save: bool = True
    file_bytes: int = 50_000_000
    thread_bytes: int = 500_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What config.yaml may say. `reddit` holds PRAW's own names and goes to PRAW as it is."""

    archive: Path = Path("archive")
    source: str = "auto"
    tries: int = 5
    first_wait_seconds: float = 1.0
    reddit: Mapping[str, Any] = field(default_factory=dict, repr=False)
    arctic_shift: Mapping[str, Any] = field(default_factory=dict)
    quote: Quote = Quote()
    styles: Mapping[str, Style] = field(default_factory=lambda: style.READY)
    media: Media = Media()
    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    deleted: str = "keep"


def load(path: Path | None, *, user_folder: Path, environment: Mapping[str, str]) -> Settings:
    """Read `path`, else what REDDIT_ARCHIVE_CONFIG names, ./config.yaml, or the user's own file.

    The environment wins over the file. Raises ConfigError.
    """
    file = find(path, user_folder=user_folder, environment=environment)
    settings = parse(read(file), str(file)) if file else Settings()
    reddit = dict(settings.reddit)
    for name in SECRETS_IN_ENVIRONMENT:
        if value := environment.get(f"REDDIT_ARCHIVE_{name.upper()}"):
            reddit[name] = value
    archive = environment.get("REDDIT_ARCHIVE_DIR") or settings.archive
    return replace(settings, archive=Path(archive).expanduser(), reddit=reddit)


def find(path: Path | None, *, user_folder: Path, environment: Mapping[str, str]) -> Path | None:
    """Name the file that `load` reads; one that was named need not be there."""
    if named := path or environment.get("REDDIT_ARCHIVE_CONFIG"):
        return Path(named).expanduser()
    usual = (Path("config.yaml"), user_folder / "config.yaml")
    return next((file for file in usual if os.path.lexists(file)), None)


def read(file: Path) -> str:
    """Read the text of a config.yaml. Raises ConfigError."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise errors.ConfigError(
            f"can't read the configuration {file}: {why.lower()}",
            "Give another with --config FILE, or mend this one.",
        ) from error


def parse(text: str, name: str) -> Settings:
    """Understand the text of a config.yaml; `name` is for messages. Raises ConfigError."""
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise errors.ConfigError(f"{name}{where} is not valid YAML", SEE) from error
    values = _checked(raw or {}, "", name)
    values["reddit"] = _checked(values.get("reddit") or {}, "reddit", name)
    values["arctic_shift"] = _checked(values.get("arctic_shift") or {}, "arctic_shift", name)
    values["quote"] = Quote(**_checked(values.get("quote") or {}, "quote", name))
    values["media"] = Media(**_checked(values.get("media") or {}, "media", name))
    values["styles"] = {**style.READY, **_styles(values.get("styles") or {}, name)}
    _check_style(values["quote"], values["styles"], f"{name}: 'quote: style'")
    values["pages"] = _pages(values.get("pages") or {}, values["styles"], name)
    if "archive" in values:
        values["archive"] = Path(values["archive"])
    return Settings(**values)


def yaml_pieces(text: str) -> Iterator[tuple[str, str, int]]:
    """Give what YAML is made of, with its line: text, "[", "]", "{", "}" or "*" for an alias.

    A piece is (kind, text, line); the kind of text is "". Nothing is built, and no text becomes a
    number or a date. Raises ConfigError.
    """
    kinds = {
        yaml.ScalarEvent: "",
        yaml.SequenceStartEvent: "[",
        yaml.SequenceEndEvent: "]",
        yaml.MappingStartEvent: "{",
        yaml.MappingEndEvent: "}",
        yaml.AliasEvent: "*",
    }
    try:
        for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if (kind := kinds.get(type(event))) is not None:
                line = event.start_mark.line + 1 if event.start_mark else 1
                yield kind, getattr(event, "value", ""), line
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        hint = "Put text with odd marks in quotes."
        raise errors.ConfigError(f"it is not valid YAML{where}", hint) from error


def in_page(settings: Settings, path: str, front_matter: str) -> Settings:
    """Give the settings for the quotes in a page: what `pages` says of its path, then the page.

    `front_matter` is the YAML at its top, whose `reddit:` may hold what `quote:` holds here, with
    `to` for `target`. Raises ConfigError.
    """
    chosen: dict[str, Any] = {}
    for pattern, values in settings.pages.items():
        if PurePath(path).match(pattern):
            chosen |= values
    try:
        raw = yaml.safe_load(front_matter)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if "\nreddit:" not in f"\n{front_matter}":
            raw = None
        else:
            hint = "Mend it, or take `reddit:` out of it."
            raise errors.ConfigError(f"{path}: its front matter is not valid YAML", hint) from error
    own = raw.get("reddit") if isinstance(raw, dict) else None
    if isinstance(own, dict):  # any other kind is somebody else's
        chosen |= _in_page(own, "reddit", settings.styles, path)
    return replace(settings, quote=replace(settings.quote, **chosen))


def _pages(
    raw: dict[Any, Any], styles: Mapping[str, Style], file: str
) -> dict[str, dict[str, Any]]:
    return {
        str(pattern): _in_page(values or {}, f"pages: {pattern}", styles, file)
        for pattern, values in raw.items()
        if str(pattern)
    }


def _in_page(raw: Any, shown: str, styles: Mapping[str, Style], file: str) -> dict[str, Any]:
    """What is said of the quotes in a page, by the names that `quote` has."""
    if isinstance(raw, dict):
        raw = {"target" if key == "to" else key: value for key, value in raw.items()}
    values = _checked(raw, "quote", file, shown)
    _check_style(Quote(**values), styles, f"{file}: '{shown}: style'")
    return values


def _check_style(quote: Quote, styles: Mapping[str, Style], where: str) -> None:
    if quote.style not in styles:
        raise errors.ConfigError(f"{where}: {style.no_such(quote.style, styles)}", SEE)


def _styles(raw: dict[Any, Any], file: str) -> dict[str, Style]:
    """Make the styles that the file names, each of those that it extends."""
    given: dict[str, dict[str, Any]] = {}
    for name, values in raw.items():
        if not isinstance(name, str) or name in style.READY:
            why = "is there already" if isinstance(name, str) else "is no name; put it in quotes"
            raise errors.ConfigError(f"{file}: 'styles: {name}' {why}", "Name yours otherwise.")
        given[name] = _checked(values or {}, "style", file, shown=f"styles: {name}")
        _check_date(given[name].get("date_format", "%Y"), f"styles: {name}: date_format", file)
    return {name: _made(name, given, file) for name in given}


def _made(
    name: str, given: dict[str, dict[str, Any]], file: str, below: tuple[str, ...] = ()
) -> Style:
    values = given[name]
    base = values.get("extends", "plain")
    if base in (name, *below):
        raise errors.ConfigError(f"{file}: 'styles: {name}: extends' goes round in a circle", SEE)
    if base not in style.READY and base not in given:
        wrong = style.no_such(base, {**style.READY, **dict.fromkeys(given, style.PLAIN)})
        raise errors.ConfigError(f"{file}: 'styles: {name}: extends': {wrong}", SEE)
    extended = style.READY.get(base) or _made(base, given, file, (name, *below))
    return replace(extended, **{key: value for key, value in values.items() if key != "extends"})


def _check_date(pattern: str, full: str, file: str) -> None:
    """Raise ConfigError for a format that makes no date of a date."""
    try:
        is_date = bool(datetime(2026, 1, 5, 8, 30, tzinfo=UTC).strftime(pattern).strip())
    except ValueError:
        is_date = False
    if not is_date:
        raise errors.ConfigError(
            f"{file}: '{full}' writes no date", "Write it like %Y-%m-%d or %-d %B %Y."
        )


def with_key(text: str, name: str, key: Mapping[str, str | None]) -> str:
    """Set what `key` says under `reddit:` in the text of a config.yaml, and change nothing else.

    A None unsets. Raises ConfigError where that can't be done.
    """
    parse(text, name)
    section = {**((yaml.safe_load(text) or {}).get("reddit") or {}), **key}
    meant = {**(yaml.safe_load(text) or {}), "reddit": section}
    try:
        changed = amendment.amend(text, yaml.compose(text, yaml.SafeLoader), "reddit", key)
        if _set(yaml.safe_load(changed)) == _set(meant):
            return changed
    except (yaml.YAMLError, AttributeError, TypeError):
        pass
    lines = "".join(f"\n    {each}: …" for each, value in key.items() if value)
    raise errors.ConfigError(
        f"{name} is written in a way that this program can't add to without harm",
        f"Give another file with --config FILE, or write into this one:\n  reddit:{lines}",
    )


def _set(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What of a config.yaml is set; an empty setting is none."""
    section = {name: value for name, value in raw["reddit"].items() if value is not None}
    return {**raw, "reddit": section}


def _checked(raw: Any, section: str, file: str, shown: str | None = None) -> dict[str, Any]:
    """Give the settings of a section that are set; refuse unknown names and odd values.

    `shown` is what messages call the section.
    """
    shown = section if shown is None else shown
    if not isinstance(raw, dict):
        what = f"'{shown}'" if shown else "the file"
        raise errors.ConfigError(f"{file}: {what} must hold settings, as 'name: value' lines", SEE)
    for key, value in raw.items():
        _check(section, key, value, f"{shown}: {key}" if shown else str(key), file)
    return {key: value for key, value in raw.items() if value is not None}


def _check(section: str, key: Any, value: Any, full: str, file: str) -> None:
    """Raise ConfigError for a name that is not known, or a value of a wrong kind or size."""
    names = SECTIONS[section]
    rule = f"{section}: {key}" if section else str(key)
    if key not in names:
        close = difflib.get_close_matches(str(key), names, n=1)
        guess = f"Did you mean '{close[0]}'? " if close else ""
        raise errors.ConfigError(f"{file}: unknown setting '{full}'", guess + SEE)
    if value is None:
        return
    wanted = (int, float) if names[key] is float else (names[key],)
    if isinstance(value, bool) != (names[key] is bool) or not isinstance(value, wanted):
        raise errors.ConfigError(f"{file}: '{full}' must be {KINDS[names[key]]}", SEE)
    if rule in CHOICES and value not in CHOICES[rule]:
        raise errors.ConfigError(f"{file}: '{full}' must be {' or '.join(CHOICES[rule])}", SEE)
    if isinstance(value, int | float) and value < LEAST.get(rule, value):
        raise errors.ConfigError(f"{file}: '{full}' must be at least {LEAST[rule]}", SEE)
    if isinstance(value, int | float) and value > MOST.get(rule, value):
        raise errors.ConfigError(f"{file}: '{full}' must be at most {MOST[rule]}", SEE)
