"""A dump as a month of Reddit is one: made up, the same for the same numbers, line by line.

    python benchmarks/dumps.py COMMENTS THREADS > dump.ndjson

Threads are mixed as they were written, from thousands of comments down to a few; a post stands
before its first comment. The words are drawn as often as those of a language are.
"""

import json
import random
import sys
from collections.abc import Iterator
from itertools import accumulate

NEW = 1_670_000_000
WORDS, MEAN_WORDS = 30_000, 28
SYLLABLES = ("ba", "ke", "li", "mo", "nu", "pra", "ri", "so", "ta", "ve", "cho", "ster", "an", "el")
NOTHING = dict.fromkeys(
    (
        *("approved_at_utc", "approved_by", "associated_award", "author_cakeday", "awarders"),
        *("author_flair_background_color", "author_flair_css_class", "author_flair_template_id"),
        *("author_flair_text", "author_flair_text_color", "banned_at_utc", "banned_by"),
        *("collapsed_because_crowd_control", "collapsed_reason", "collapsed_reason_code"),
        *("distinguished", "likes", "mod_note", "mod_reason_by", "mod_reason_title", "num_reports"),
        *("removal_reason", "report_reasons", "top_awarded_type", "unrepliable_reason"),
    )
)
FALSE = dict.fromkeys(
    (
        *("archived", "author_is_blocked", "author_patreon_flair", "author_premium", "can_gild"),
        *("collapsed", "edited", "is_submitter", "locked", "no_follow", "saved", "score_hidden"),
        *("send_replies", "stickied"),
    ),
    False,
)


def lines(comments: int, threads: int) -> Iterator[bytes]:
    """Give the lines of so many comments, and of the posts of the threads that they are in."""
    dice = random.Random(1)
    vocabulary = [_word(number) for number in range(WORDS)]
    weights = [*accumulate(1 / (number + 3) for number in range(WORDS))]
    last: dict[str, str] = {}
    for number in range(comments):
        thread = f"z{int(threads * dice.random() ** 2):05d}"
        if thread not in last:
            last[thread] = f"t3_{thread}"
            yield _line(_post(thread, number, dice))
        length = min(400, 1 + int(dice.expovariate(1 / MEAN_WORDS)))
        body = " ".join(dice.choices(vocabulary, cum_weights=weights, k=length))
        parent = last[thread] if dice.random() < 0.6 else f"t3_{thread}"
        last[thread] = f"t1_c{number:07d}"
        yield _line(_comment(thread, number, parent, body, dice))


def _word(number: int) -> str:
    size, word = len(SYLLABLES), ""
    number += 1
    while number:
        number, place = divmod(number, size)
        word += SYLLABLES[place]
    return word


def _line(data: dict[str, object]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def _post(thread: str, number: int, dice: random.Random) -> dict[str, object]:
    return {
        **_common(thread, number, dice),
        "id": thread,
        "name": f"t3_{thread}",
        "title": f"Thread {thread}",
        "is_self": True,
        "selftext": f"What do you keep of {thread}?",
        "num_comments": 0,
        "permalink": f"/r/testing_ground/comments/{thread}/title/",
    }


def _comment(
    thread: str, number: int, parent: str, body: str, dice: random.Random
) -> dict[str, object]:
    name = f"c{number:07d}"
    return {
        **_common(thread, number, dice),
        "body": body,
        "id": name,
        "name": f"t1_{name}",
        "controversiality": 0,
        "link_id": f"t3_{thread}",
        "parent_id": parent,
        "total_awards_received": 0,
        "permalink": f"/r/testing_ground/comments/{thread}/title/{name}/",
    }


def _common(thread: str, number: int, dice: random.Random) -> dict[str, object]:
    author = dice.randrange(50_000)
    return {
        **NOTHING,
        **FALSE,
        "all_awardings": [],
        "author_flair_richtext": [],
        "gildings": {},
        "treatment_tags": [],
        "author": f"user{author}",
        "author_fullname": f"t2_{author:06d}",
        "gilded": 0,
        "created_utc": NEW + number,
        "retrieved_on": NEW + number + 60,
        "score": dice.randrange(99),
        "subreddit": "testing_ground",
        "subreddit_id": "t5_2qx1y",
        "subreddit_name_prefixed": "r/testing_ground",
        "subreddit_type": "public",
    }


def main() -> None:
    comments, threads = map(int, sys.argv[1:3])
    sys.stdout.buffer.writelines(lines(comments, threads))


if __name__ == "__main__":
    main()
