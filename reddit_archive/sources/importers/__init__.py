"""What other tools have kept of Reddit, and saved pages of many threads: taken in together.

What a file is, is told by what it holds. A capture is dated by when its source saw the thread.
"""

from reddit_archive.sources.importers.chunks import ThreadChunk
from reddit_archive.sources.importers.collector import FORMATS_HINT, ImportCollector
from reddit_archive.sources.importers.record_filter import ImportFilter

__all__ = ["FORMATS_HINT", "ImportCollector", "ImportFilter", "ThreadChunk"]
