"""A thread that changes between two saves, for the README and for tests."""

import json
import os
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
MONDAY, FRIDAY = 1_767_600_000, 1_767_945_600
"""2026-01-05 08:00 and 2026-01-09 08:00 in UTC, as Unix times."""


def write(folder: Path) -> tuple[Path, Path]:
    """Write short.json as it stood on a Monday, and as on the Friday after it.

    By then one comment was edited and the answer to it deleted.
    """
    monday, friday = folder / "monday.json", folder / "friday.json"
    answer = json.loads((EXAMPLES / "short.json").read_text())
    monday.write_text(json.dumps(answer))
    first = answer[1]["data"]["children"][0]["data"]
    for key in ("body", "body_html"):
        first[key] = first[key].replace("Three things", "Four things")
    first["edited"] = FRIDAY - 86_400.0
    reply = first["replies"]["data"]["children"][0]["data"]
    html = '&lt;div class="md"&gt;&lt;p&gt;[deleted]&lt;/p&gt;\n&lt;/div&gt;'
    reply |= {"author": "[deleted]", "body": "[deleted]", "body_html": html}
    friday.write_text(json.dumps(answer))
    for path, at in ((monday, MONDAY), (friday, FRIDAY)):
        os.utime(path, (at, at))
    return monday, friday
