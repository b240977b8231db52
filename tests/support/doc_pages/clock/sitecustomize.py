"""Set the program's clock to STORY_CLOCK, because a story takes days and its test seconds."""

import os
from datetime import UTC, datetime

if at := os.environ.get("STORY_CLOCK"):
    try:
        from reddit_archive.model import capture
    except ImportError:  # another Python
        pass
    else:
        capture.utc_now = lambda: datetime.fromisoformat(at).replace(tzinfo=UTC)
