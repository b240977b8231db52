"""Read the thread that a saved web page shows, whatever kind of page it is."""

from reddit_archive import errors
from reddit_archive.sources.saved_page import (
    detect,
    dom,
    new_reddit,
    new_reddit_state,
    old_reddit,
    other_pages,
    shreddit,
)
from reddit_archive.sources.saved_page.detect import PageKind
from reddit_archive.sources.saved_page.other_pages import OtherPage
from reddit_archive.sources.saved_page.page import PageFile, ThreadPage


def read_thread(page: PageFile) -> ThreadPage:
    """Return the thread that a page shows. Raises OtherPageError if it shows something else."""
    if not detect.may_be_reddit(page.html):
        raise _build_other_page_error(page, other_pages.ANOTHER_WEBSITE)
    document = dom.parse(page.html)
    kind = detect.detect(document, page.html)
    if not kind.is_thread:
        raise _build_other_page_error(page, kind)
    match kind.name:
        case detect.OLD:
            return old_reddit.read(document)
        case detect.NEW_WITH_STATE:
            return new_reddit_state.read(document, page.html)
        case detect.NEW:
            return new_reddit.read(document)
        case _:
            return shreddit.read(document)


def _build_other_page_error(page: PageFile, kind: PageKind | OtherPage) -> errors.OtherPageError:
    return errors.OtherPageError(
        f"{page.display_name} is {kind.name}, not a thread", kind.hint, kind.name
    )
