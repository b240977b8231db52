"""What other tools have kept of Reddit, and saved pages of many threads: taken in together.

What a file is, is told by what it holds. A capture is dated by when its source saw the thread.
"""

from reddit_archive.sources.exports.intake import HINT, Intake
from reddit_archive.sources.exports.portion import Portion
from reddit_archive.sources.exports.sorting import Wanted

__all__ = ["HINT", "Intake", "Portion", "Wanted"]
