"""Set the program's clock to what STORY_CLOCK says: a story takes days, the test of it seconds."""

import os
from datetime import UTC, datetime

if at := os.environ.get("STORY_CLOCK"):
    try:
        from reddit_archive.model import capture
    except ImportError:  # another Python
        pass
    else:
        capture.utc_now = lambda: datetime.fromisoformat(at).replace(tzinfo=UTC)
