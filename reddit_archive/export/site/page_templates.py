"""Render Jinja templates. All values are escaped, and a missing value is an error."""

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
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self' file:" for kind in ("script", "style", "img", "media")),
        "form-action 'self' file:",
        "base-uri 'none'",
    )
)
"""Allows no inline scripts or styles, and nothing from other hosts.

`file:` is needed because some browsers do not treat local files as 'self'.
"""


def render_template(template_name: str, **values: Any) -> bytes:
    """Render a template as UTF-8. Lone surrogates become question marks, as on stdout."""
    return (
        _create_environment()
        .get_template(template_name)
        .render(**values)
        .encode("utf-8", "replace")
    )


def read_asset(name: str) -> bytes:
    return files(__package__).joinpath("assets", name).read_bytes()


@cache
def compute_digest() -> str:
    """Return a digest of version, templates and assets; a new one makes all pages outdated."""
    parts = [read_asset(name) for name in ASSETS]
    folder = files(__package__).joinpath("templates")
    parts += [folder.joinpath(name).read_bytes() for name in TEMPLATES]
    return sha256(b"\0".join([__version__.encode(), *parts])).hexdigest()


@cache
def _create_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reddit_archive", "export/site/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        policy=CONTENT_SECURITY_POLICY, version=__version__, anchor=thread_list.build_anchor
    )
    environment.filters.update(
        utc=_format_utc, iso=_format_iso, counted=_format_count, share=_compute_percentage
    )
    return environment


def _format_utc(timestamp: datetime) -> str:
    return f"{timestamp:%Y-%m-%d %H:%M} UTC"


def _format_iso(timestamp: datetime) -> str:
    return f"{timestamp:%Y-%m-%dT%H:%M:%SZ}"


def _format_count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if abs(number) == 1 else 's'}"


def _compute_percentage(votes: int, total: int) -> int:
    return math.floor(100 * votes / total + 0.5) if total > 0 else 0
