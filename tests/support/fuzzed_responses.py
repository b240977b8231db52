"""Real responses of Reddit with random damage."""

import copy
import json
import pickle
from functools import cache
from random import Random
from typing import Any

from tests.conftest import EXAMPLES

IMPORTANT_KEYS = frozenset(
    {"kind", "data", "children", "replies", "id", "name", "parent_id", "link_id", "count", "author"}
    | {"body", "body_html", "selftext", "selftext_html", "title", "permalink", "subreddit", "score"}
    | {"gallery_data", "media_metadata", "poll_data", "crosspost_parent_list", "url", "items"}
)


EXAMPLE_NAMES = ("short", "poll", "crosspost", "everything")


SHORT, *MORE = [json.loads((EXAMPLES / f"{name}.json").read_text()) for name in EXAMPLE_NAMES]
RESPONSES = [SHORT, *MORE]


WEIGHTS = (4, 4, 4, 1)
"""The last one holds everything that Reddit knows, and is ten times as long as the others."""


ODD_VALUES: list[Any] = [
    None,
    True,
    7,
    -1.5,
    2**70,
    float("nan"),
    "",
    "\ud800",
    "x" * 100_000,
    [],
    {},
]
ODD_VALUES += [[None], {"kind": "t1"}, "[deleted]", "<b>&lt;", "\x1b[31m\u202e", "t1_zdeep00"]


def build_fuzzed_response(random: Random) -> Any:
    """Return a real response with some fields deleted, duplicated, or with odd types and values."""
    answer, everywhere, mattering = pickle.loads(*random.choices(pickle_responses(), WEIGHTS))
    for _ in range(random.choice([1, 2, 5, 20])):
        parent, key = random.choice(mattering if random.random() < 0.7 else everywhere)
        match random.randrange(4):
            case 0 if isinstance(parent, dict):
                parent.pop(key, None)
            case 1 if isinstance(parent, list):
                parent.insert(key, copy.deepcopy(parent[key]))
            case _:
                parent[key] = copy.deepcopy(random.choice(ODD_VALUES))
    return answer


@cache
def pickle_responses() -> list[bytes]:
    """Return each response as a pickle, with all of its positions and the important ones."""
    found = [(answer, list_places(answer)) for answer in RESPONSES]
    return [
        pickle.dumps(
            (answer, everywhere, [place for place in everywhere if place[1] in IMPORTANT_KEYS])
        )
        for answer, everywhere in found
    ]


def list_places(answer: Any) -> list[tuple[Any, Any]]:
    """Yield every (parent, key) of a JSON value."""
    found: list[tuple[Any, Any]] = []
    todo = [answer]
    while todo:
        node = todo.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            found.append((node, key))
            if isinstance(value, dict | list):
                todo.append(value)
    return found
