"""Take web pages out of the files in which browsers and archiving tools save them.

What a file is, is detected from its content. The address and the time come from the file where it
has them, and the time otherwise from the file system.
"""

from reddit_archive.sources.saved_page.wrappers.folders import is_archivebox_snapshot
from reddit_archive.sources.saved_page.wrappers.read import is_web_page, read_pages
from reddit_archive.sources.saved_page.wrappers.wacz import is_wacz, iter_wacz_pages
from reddit_archive.sources.saved_page.wrappers.warc import is_warc, iter_warc_pages

__all__ = [
    "is_archivebox_snapshot",
    "is_wacz",
    "is_warc",
    "is_web_page",
    "iter_wacz_pages",
    "iter_warc_pages",
    "read_pages",
]
