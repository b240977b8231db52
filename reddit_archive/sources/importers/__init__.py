"""Import exports of other tools, and saved pages of many threads.

The format of a file is detected from its content. A capture has the time at which its source saw
the thread.
"""

from reddit_archive.sources.importers.chunks import ThreadChunk
from reddit_archive.sources.importers.collector import FORMATS_HINT, ImportCollector
from reddit_archive.sources.importers.record_filter import ImportFilter

__all__ = ["FORMATS_HINT", "ImportCollector", "ImportFilter", "ThreadChunk"]
