"""What other tools have kept of Reddit, and saved pages of many threads: taken in together.

What a file is, is told by what it holds. A capture is dated by when its source saw the thread.
"""

from reddit_archive.sources.importers.chunks import Portion
from reddit_archive.sources.importers.collector import HINT, Intake
from reddit_archive.sources.importers.record_filter import Wanted

__all__ = ["HINT", "Intake", "Portion", "Wanted"]
