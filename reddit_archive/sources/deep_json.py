"""JSON as deep as threads are: 10,000 replies below each other nest 50,000 deep."""

import json
import sys
from importlib import import_module
from typing import Any

DEEPEST = 200_000


def loads(text: str) -> Any:
    """Read JSON. Raises ValueError, and RecursionError for what nests deeper than any thread.

    The decoder in C gives up at Python's own limit; the one in Python does not need the C stack,
    so that its limit may be raised.
    """
    try:
        return json.loads(text)
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(DEEPEST)
        try:
            return _PythonDecoder().decode(text)
        finally:
            sys.setrecursionlimit(limit)


class _PythonDecoder(json.JSONDecoder):
    """The standard library's decoder without its C parts, of which typeshed knows nothing."""

    def __init__(self) -> None:
        super().__init__()
        decoder, scanner = (import_module(f"json.{name}") for name in ("decoder", "scanner"))
        self.parse_object = decoder.JSONObject
        self.parse_array = decoder.JSONArray
        self.parse_string = decoder.py_scanstring
        self.scan_once = scanner.py_make_scanner(self)
