"""Jinja's templates, filled in: whatever comes from a thread is escaped, what is missing fails."""

import math
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reddit_archive import __version__
from reddit_archive.export.site import thread_list

ASSETS = ("style.css", "script.js")
TEMPLATES = ("base.html", "list.html", "parts.html", "thread.html")
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self' file:" for kind in ("script", "style", "img", "media")),
        "form-action 'self' file:",
        "base-uri 'none'",
    )
)
"""No script or style in the page, and nothing from another host. Not every browser takes a file
beside the page for its own, so that `file:` stands there too."""


def write(template: str, **values: Any) -> bytes:
    """Fill in a template; what is no Unicode becomes a question mark, as on stdout."""
    return _environment().get_template(template).render(**values).encode("utf-8", "replace")


def asset(name: str) -> bytes:
    return files(__package__).joinpath("assets", name).read_bytes()


@cache
def digest() -> str:
    """Name this version of the pages: another one writes every page anew."""
    parts = [asset(name) for name in ASSETS]
    folder = files(__package__).joinpath("templates")
    parts += [folder.joinpath(name).read_bytes() for name in TEMPLATES]
    return sha256(b"\0".join([__version__.encode(), *parts])).hexdigest()


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reddit_archive", "export/site/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(policy=POLICY, version=__version__, anchor=thread_list.anchor)
    made.filters.update(utc=_utc, iso=_iso, counted=_counted, share=_share)
    return made


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if abs(number) == 1 else 's'}"


def _share(votes: int, total: int) -> int:
    return math.floor(100 * votes / total + 0.5) if total > 0 else 0
