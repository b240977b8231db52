"""Web pages with random damage: attributes dropped, nesting broken, ids hostile."""

import re
from random import Random

TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)((?:\s[^<>]*)?)>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\s[a-z-]+=(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
FULLNAME = re.compile(r"t[13]_[0-9a-z]+")
HOSTILE_IDS = (
    *("", "t1_", "t3_", "t1_../../etc/passwd", "t1_" + "z" * 400, "t1_ä", "t1_'\"<>", "t9_abc"),
    *("t1_\u0661\u0662", "t1__", "javascript:alert(1)", "t1_a b"),
)


def damage(page: str, random: Random, *, has_hostile_ids: bool = True) -> str:
    """Return the page with one to twenty random faults.

    Args:
        page: The intact page.
        random: Decides what is damaged.
        has_hostile_ids: Some faults replace ids. Without them, ids that remain are right.
    """
    faults = [_drop_attribute, _drop_tag, _double_tag, _swap_case]
    faults += [_replace_id] if has_hostile_ids else []
    for _ in range(random.choice([1, 1, 2, 5, 20])):
        page = random.choice(faults)(page, random)
    return page[: random.randrange(len(page))] if random.random() < 0.05 else page


def _choose(pattern: re.Pattern[str], page: str, random: Random) -> re.Match[str] | None:
    """A match near a random position: faster than a list of all."""
    position = random.randrange(len(page)) if page else 0
    return pattern.search(page, position) or pattern.search(page)


def _replace(page: str, match: re.Match[str] | None, text: str) -> str:
    return page if match is None else page[: match.start()] + text + page[match.end() :]


def _drop_attribute(page: str, random: Random) -> str:
    return _replace(page, _choose(ATTRIBUTE, page, random), "")


def _drop_tag(page: str, random: Random) -> str:
    return _replace(page, _choose(TAG, page, random), "")


def _double_tag(page: str, random: Random) -> str:
    match = _choose(TAG, page, random)
    return _replace(page, match, match[0] * 2 if match else "")


def _swap_case(page: str, random: Random) -> str:
    match = _choose(TAG, page, random)
    return _replace(page, match, f"<{match[1]}{match[2].upper()}{match[3]}>" if match else "")


def _replace_id(page: str, random: Random) -> str:
    return _replace(page, _choose(FULLNAME, page, random), random.choice(HOSTILE_IDS))
