"""Names of the files that quotes are written to: from a template, safe on every system."""

from collections.abc import Iterable

from reddit_archive.thread import Post

DEFAULT = "{subreddit}/{id}-{slug}.md"


def check(template: str) -> None:
    """Raise BadOptions for a template that names an unknown field or leaves its folder."""
    raise NotImplementedError


def path(template: str, post: Post | None, thread_id: str) -> str:
    """Name the file of a thread, relative to the folder, with "/" between its parts."""
    raise NotImplementedError


def paths(template: str, threads: Iterable[tuple[Post | None, str]]) -> list[str]:
    """Name a file for each thread; two threads never get the same."""
    raise NotImplementedError
