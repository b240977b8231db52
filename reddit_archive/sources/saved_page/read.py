"""Read the thread that a saved web page shows, whatever kind of page it is."""

from reddit_archive import errors
from reddit_archive.sources.saved_page import detect, dom, other_pages
from reddit_archive.sources.saved_page.new_reddit import reader as new_reader
from reddit_archive.sources.saved_page.new_reddit import state_reader
from reddit_archive.sources.saved_page.old_reddit import reader as old_reader
from reddit_archive.sources.saved_page.page import PageFile, ThreadPage
from reddit_archive.sources.saved_page.shreddit import reader as shreddit_reader


def read_thread(page: PageFile) -> ThreadPage:
    """Return the thread that a page shows. Raises OtherPageError if it shows something else."""
    try:
        return _read_thread(page)
    except errors.OtherPageError as error:
        raise _build_error(page, error.page_kind, error.hint) from None
    except errors.NotAThreadError as error:
        message = f"{page.display_name} can't be read: {error.message}"
        raise errors.OtherPageError(message, error.hint, "a damaged page") from None


def _read_thread(page: PageFile) -> ThreadPage:
    if not detect.may_be_reddit(page.html):
        raise _build_error(page, other_pages.ANOTHER_WEBSITE.name, other_pages.ANOTHER_WEBSITE.hint)
    document = dom.parse(page.html)
    kind = detect.detect(document, page.html)
    if not kind.is_thread:
        raise _build_error(page, kind.name, kind.hint)
    match kind.name:
        case detect.OLD:
            return old_reader.read(document)
        case detect.NEW_WITH_STATE:
            return state_reader.read(document, page.html, page.url)
        case detect.NEW:
            return new_reader.read(document, page.url)
        case _:
            return shreddit_reader.read(document, page.url)


def _build_error(page: PageFile, page_kind: str, hint: str) -> errors.OtherPageError:
    return errors.OtherPageError(
        f"{page.display_name} is {page_kind}, not a thread", hint, page_kind
    )
