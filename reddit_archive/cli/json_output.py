"""Results as JSON, for `--json`."""

import json
from typing import Any

from reddit_archive.cli import terminal
from reddit_archive.files import file_names


def print_json(value: Any, *, indent: int | None = None) -> None:
    """Print a result as JSON that every parser accepts, even if file names are not Unicode."""
    terminal.print_result(file_names.make_json_readable(json.dumps(value, indent=indent)) + "\n")
