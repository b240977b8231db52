"""`open`: a thread's page in the browser, from a site of that one thread.

The pages lie in the user's cache, for reading changes nothing in an archive. They hold what people
said: `discard` takes them away with what is forgotten or redacted.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from reddit_archive import errors
from reddit_archive.cli import options, terminal
from reddit_archive.config import Settings
from reddit_archive.files import durable_files
from reddit_archive.model import reference
from reddit_archive.workflows.archive_folder import not_stored
from reddit_archive.workflows.load import THREAD, stored_reference


@click.command(
    "open",
    short_help="Show a thread's page in the browser.",
    epilog=options.examples(
        "archive open 9bread1 --print",
        "archive open t1_zkeep03 --print",
    ),
)
@THREAD
@click.option("--print", "is_printed", is_flag=True, help="Print the page's file; open nothing.")
@options.common
def open_command(thread: str, is_printed: bool) -> None:
    """Show the page of THREAD in the browser, at the comment whose address is given.

    It is the page that `archive export html` writes. It needs no network.
    """
    from reddit_archive.export.site import thread_list

    settings = options.settings()
    pointed = stored_reference(settings.archive, reference.parse(thread))
    thread_id = pointed.post_id or ""
    folder = _folder(settings.archive, thread_id)
    _build(settings, thread_id, folder)
    page = folder / thread_list.get_page_path(thread_id)
    if is_printed:
        terminal.result_path(page)
        return
    _show(page, f"#t1_{pointed.comment_id}" if pointed.comment_id else "")


def discard(threads: Iterable[str]) -> None:
    """Remove the cached pages of threads that were redacted or forgotten. Raises StoreError.

    The cache is named by the archive's path, and the archive may have been moved. So this removes
    the pages of these threads for every archive; `open` writes them again when needed.
    """
    for thread_id in threads:
        for each in (_cache() / "reddit-archive").glob(f"*/t3_{thread_id}-*"):
            durable_files.remove_tree(each)


def _build(settings: Settings, thread_id: str, folder: Path) -> None:
    from reddit_archive.archive import store
    from reddit_archive.cli.commands.export.html_site import quoting
    from reddit_archive.export import site

    root = settings.archive
    if not store.list_digests(root, thread_id):
        raise not_stored(root, f"thread {thread_id}")
    with durable_files.translate_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o700)  # what people said is here, be it from a private subreddit
    with terminal.waiting("Writing the page …"):
        built = site.build(
            root, folder, [thread_id], quote_format=quoting(settings), on_damage=terminal.damaged
        )
    if not built.thread_count:
        raise errors.DamageFoundError(
            f"no whole snapshot of the thread {thread_id} is left", "Restore a backup."
        )


def _folder(root: Path, thread_id: str) -> Path:
    """Where the page of a thread is kept, apart from those of other archives and versions."""
    from reddit_archive import __version__

    of = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]
    return _cache() / "reddit-archive" / of / f"t3_{thread_id}-{__version__}"


def _cache() -> Path:
    """Where programs of this system keep what can be made again."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    name = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    named = os.environ.get(name)
    return Path(named) if named and Path(named).is_absolute() else Path.home() / ".cache"


def _show(page: Path, place: str) -> None:
    import webbrowser

    try:
        is_open = webbrowser.open(f"{page.as_uri()}{place}")
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        raise errors.ArchiveError("there is no browser here to open", f"The page is {page}")
    terminal.say(f"Opened {page}.")
