"""Compare captures."""

import json

from reddit_archive.model.capture import Capture


def is_identical(one: Capture, other: Capture) -> bool:
    """Return whether two captures contain the same JSON and media. NaN equals NaN."""
    return (one.media, one.missing_media) == (other.media, other.missing_media) and json.dumps(
        [one.things, dict(one.request)]
    ) == json.dumps([other.things, dict(other.request)])
