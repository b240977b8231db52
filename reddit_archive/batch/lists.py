"""What a list names, whatever it is: lines of text, YAML, a page, a table, JSON."""

from reddit_archive.batch.entries import Item, Problem


def read(data: bytes, name: str) -> list[Item | Problem]:
    """Read the threads that a file names, in its order; `name` is its name, "-" for stdin.

    What it is, its content tells, and its suffix where that does not.
    """
    raise NotImplementedError
