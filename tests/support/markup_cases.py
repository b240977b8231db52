"""The cases in tests/data/markup: HTML of Reddit and the Markdown that is written for it."""

import re
from collections.abc import Iterator
from pathlib import Path

CASES = Path(__file__).parent.parent / "data" / "markup"
CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n+(?P<a>`{3,})html\n(?P<html>.*?)\n(?P=a)\n+"
    r"(?P<b>`{3,})markdown\n(?P<markdown>.*?)\n(?P=b)$",
    re.MULTILINE | re.DOTALL,
)
DIFFERS = "(differs)"  # in the title of a case that shows something else than its source on purpose


def cases() -> Iterator[tuple[str, str, str]]:
    for path in sorted(CASES.glob("*.md")):
        for case in CASE.finditer(path.read_text("utf-8")):
            yield f"{path.stem}: {case['title']}", case["html"], case["markdown"]


CASE_LIST = list(cases())
SAME = [case for case in CASE_LIST if DIFFERS not in case[0]]
