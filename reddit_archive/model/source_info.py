"""The sources of captures. A new source is one package in `sources` and one entry in `SOURCES`.

The entries are here and not in `sources`, because history and configuration depend on them.
`sources.registry` imports the packages and calls their functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """The properties of a source.

    Attributes:
        name: As in snapshots and in `--source`.
        label: As in messages.
        is_live: It returns what Reddit shows at that time: a tree, with stubs for what is left out.
        may_omit_comments: It may lack comments without saying so. Their absence proves nothing.
        keeps_first_text_only: It returns each text as it was when the source first saw it.
        settings: Names and types of the settings in its section of config.yaml.
        required_setting: The setting without which `source: auto` does not choose it.
        names_per_request: How many posts or comments a request by fullname returns at most.
        package: Module with `create_source` and `check_source` (see `sources.registry`); "" if its
            captures come only from files.
    """

    name: str
    label: str
    is_live: bool = False
    may_omit_comments: bool = False
    keeps_first_text_only: bool = False
    settings: Mapping[str, type] = field(default_factory=dict)
    required_setting: str = ""
    names_per_request: int = 100
    package: str = ""

    @property
    def section(self) -> str:
        """The name of its section in config.yaml."""
        return self.name.replace("-", "_")


SAVED_PAGE = "saved-page"
PAGE_KIND_KEY = "_page"
"""Field of each post and comment from a web page: the kind of the page."""
TIME_OF_FILE_KEY = "time_of_file"
"""Field in the request of a web page that does not say when it was saved."""

SOURCES: dict[str, SourceInfo] = {
    info.name: info
    for info in (
        SourceInfo(
            "reddit",
            "Reddit",
            is_live=True,
            settings={
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
            },
            required_setting="client_id",
            package="reddit_archive.sources.reddit_api",
        ),
        SourceInfo(
            "arctic-shift",
            "Arctic Shift",
            keeps_first_text_only=True,
            settings={"url": str, "timeout": int},
            names_per_request=500,
            package="reddit_archive.sources.arctic_shift",
        ),
        SourceInfo("saved", "saved JSON", is_live=True),
        SourceInfo(SAVED_PAGE, "a saved web page", may_omit_comments=True),
        SourceInfo("dump", "a dump", keeps_first_text_only=True),
        SourceInfo("bdfr", "BDFR"),
        SourceInfo("gallery-dl", "gallery-dl"),
    )
}


def list_fetchable() -> tuple[SourceInfo, ...]:
    """Return the sources that fetch threads, in the order in which `source: auto` tries them."""
    return tuple(info for info in SOURCES.values() if info.package)


def is_live(name: str) -> bool:
    """Return whether a source returns what Reddit shows at that time."""
    return name in SOURCES and SOURCES[name].is_live


def keeps_first_text_only(name: str) -> bool:
    """Return whether a source returns each text as it was when the source first saw it."""
    return name in SOURCES and SOURCES[name].keeps_first_text_only


def may_omit_comments(name: str) -> bool:
    """Return whether a source may lack comments without saying so."""
    return name in SOURCES and SOURCES[name].may_omit_comments
