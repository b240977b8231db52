"""The sections of config.yaml about quotes: `quote`, `styles` and `pages`."""

from collections.abc import Mapping
from typing import Any

from reddit_archive.config import page_settings, style_settings
from reddit_archive.config.schema import check_section
from reddit_archive.config.settings import QuoteSettings
from reddit_archive.quote import style


def parse(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what these sections mean, by the names of `Settings`. Raises ConfigError.

    Args:
        values: The sections of the file.
        name: The file's name, for messages.
    """
    quote = QuoteSettings(**check_section(values.get("quote") or {}, "quote", name))
    own_styles = style_settings.parse(values.get("styles") or {}, name)
    styles = {**style.BUILT_IN_STYLES, **own_styles}
    page_settings.check_style(quote, styles, f"{name}: 'quote: style'")
    pages = page_settings.parse(values.get("pages") or {}, styles, name)
    return {"quote": quote, "own_styles": own_styles, "pages": pages}
