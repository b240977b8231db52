"""Parse the times that browsers and archiving tools write into saved pages."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from reddit_archive.model import capture

REDDIT_STARTED_AT = datetime(2005, 6, 23, tzinfo=UTC)
JAVASCRIPT_DATE = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) (?P<year>\d{4}) "
    r"(?P<time>\d{2}:\d{2}:\d{2})(?: (?:GMT|UTC)(?P<zone>[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
"""A `Date` as text, such as "Sat Jan 01 2022 12:00:00 GMT+0100 (…)". The name of the zone that
follows is in the language of the browser."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MAX_DATE_LENGTH = 200


def parse_date(text: str) -> datetime | None:
    """Return the time in UTC of a date in the formats of JavaScript, ISO 8601 or e-mail.

    A time without zone is taken as UTC. Returns None for anything that is not a date since
    Reddit's start.
    """
    text = text.strip()[:MAX_DATE_LENGTH]
    try:
        if match := JAVASCRIPT_DATE.match(text):
            return check_date(_read_javascript_date(match))
        if re.match(r"\d{4}-\d", text, re.ASCII):
            return check_date(datetime.fromisoformat(text))
        return check_date(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def check_date(moment: datetime) -> datetime | None:
    """Return a time in UTC and whole seconds, no later than now; None if Reddit did not exist."""
    try:
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        in_utc = zoned.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    return min(in_utc, capture.utc_now()) if in_utc >= REDDIT_STARTED_AT else None


def _read_javascript_date(match: re.Match[str]) -> datetime:
    month = MONTHS.index(match["month"]) + 1
    day, zone = int(match["day"]), match["zone"] or "+0000"
    return datetime.fromisoformat(
        f"{match['year']}-{month:02}-{day:02}T{match['time']}{zone.replace(':', '')}"
    )
