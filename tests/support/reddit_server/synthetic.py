"""Generate threads with all fields of Reddit's JSON, reproducible by seed."""

from collections.abc import Callable
from html import escape as escape_html
from random import Random

from .thread import JsonObject, Thread, base36

_WORDS = [
    *("river", "cabin", "lantern", "drizzle", "orchard", "compass", "violin", "harbour"),
    *("thistle", "anvil", "meadow", "kettle", "ledger", "saddle", "beacon", "marble"),
    *("walnut", "ferry", "chimney", "ribbon", "gravel", "pepper", "canvas", "sparrow"),
]
_NAMES = ("alder", "birch-tree", "__cedar__", "Elm_1984", "hazel", "juniper", "larch", "rowan-x")
_SUBREDDIT = "testing_ground"
_SUBREDDIT_ID = "t5_2xyz9"
_BEGAN = 1_760_000_000


def generate(
    comments: int = 3000, *, depth: int = 14, seed: int = 1, thread_id: str | None = None
) -> Thread:
    """Generate a thread with this number of comments, down to level `depth` (top level: 1).

    The first comments are one chain down to `depth`, if there are enough. Threads of different
    seeds share no id.
    """
    levels: list[int] = []

    def parent(number: int, random: Random) -> int | None:
        if number < depth:
            chosen = number - 1 if number else None
        elif random.random() < 0.3:
            chosen = None
        else:
            recent = random.random() < 0.6
            chosen = random.choice(range(number)[-30:] if recent else range(number))
            if levels[chosen] >= depth:
                chosen = None
        levels.append(1 if chosen is None else levels[chosen] + 1)
        return chosen

    return build(comments, parent, seed=seed, thread_id=thread_id)


def build(
    comments: int,
    parent_of: Callable[[int, Random], int | None],
    *,
    seed: int = 1,
    thread_id: str | None = None,
) -> Thread:
    """Make a thread with this many comments; `parent_of` returns the parent of each.

    None stands for the post. Siblings are ordered by score.
    """
    random = Random(seed)
    post_id = thread_id or base36(36**6 + seed)
    permalink = f"/r/{_SUBREDDIT}/comments/{post_id}/a_thread_that_never_was/"
    thread = Thread(_post(post_id, permalink, comments))
    names: list[str] = []
    for number in range(comments):
        above = parent_of(number, random)
        parent = thread.name if above is None else names[above]
        comment = _comment(thread, number, parent, base36(36**6 * (seed + 1) + 7 * number), random)
        names.append(comment["name"])
        thread.add(comment)
    for ids in thread.replies.values():
        ids.sort(key=lambda each: (not _pinned(thread, each), -thread.comments[each]["score"]))
    return thread


def _pinned(thread: Thread, comment_id: str) -> bool:
    return bool(thread.comments[comment_id]["stickied"])


def _author(number: int) -> JsonObject:
    name = f"{_NAMES[number % len(_NAMES)]}{number // len(_NAMES) % 60 or ''}"
    return {
        "author": name,
        "author_fullname": f"t2_{base36(1_000_000 + sum(name.encode()) * 61 + len(name))}",
        "author_flair_background_color": None,
        "author_flair_css_class": None,
        "author_flair_richtext": [],
        "author_flair_template_id": None,
        "author_flair_text": None,
        "author_flair_text_color": None,
        "author_flair_type": "text",
        "author_is_blocked": False,
        "author_patreon_flair": False,
        "author_premium": False,
    }


def _shared() -> JsonObject:
    """Return the fields that posts and comments have in common and that are mostly empty."""
    return {
        "all_awardings": [],
        "approved_at_utc": None,
        "approved_by": None,
        "archived": False,
        "awarders": [],
        "banned_at_utc": None,
        "banned_by": None,
        "can_gild": False,
        "can_mod_post": False,
        "distinguished": None,
        "downs": 0,
        "edited": False,
        "gilded": 0,
        "gildings": {},
        "likes": None,
        "locked": False,
        "mod_note": None,
        "mod_reason_by": None,
        "mod_reason_title": None,
        "mod_reports": [],
        "no_follow": False,
        "num_reports": None,
        "removal_reason": None,
        "report_reasons": None,
        "saved": False,
        "send_replies": True,
        "stickied": False,
        "subreddit": _SUBREDDIT,
        "subreddit_id": _SUBREDDIT_ID,
        "subreddit_name_prefixed": f"r/{_SUBREDDIT}",
        "subreddit_type": "public",
        "top_awarded_type": None,
        "total_awards_received": 0,
        "treatment_tags": [],
        "user_reports": [],
    }


def _post(post_id: str, permalink: str, comments: int) -> JsonObject:
    text = "What do you keep & why?\n\nI keep *everything*."
    html = (
        '<div class="md"><p>What do you keep &amp; why?</p>\n\n'
        "<p>I keep <em>everything</em>.</p>\n</div>"
    )
    return (
        _shared()
        | _author(1)
        | {
            "allow_live_comments": False,
            "category": None,
            "clicked": False,
            "content_categories": None,
            "contest_mode": False,
            "created": float(_BEGAN),
            "created_utc": float(_BEGAN),
            "discussion_type": None,
            "domain": f"self.{_SUBREDDIT}",
            "hidden": False,
            "hide_score": False,
            "id": post_id,
            "is_created_from_ads_ui": False,
            "is_crosspostable": True,
            "is_meta": False,
            "is_original_content": False,
            "is_reddit_media_domain": False,
            "is_robot_indexable": True,
            "is_self": True,
            "is_video": False,
            "link_flair_background_color": "",
            "link_flair_css_class": None,
            "link_flair_richtext": [],
            "link_flair_text": "Discussion",
            "link_flair_text_color": "dark",
            "link_flair_type": "text",
            "media": None,
            "media_embed": {},
            "media_only": False,
            "name": f"t3_{post_id}",
            "num_comments": comments,
            "num_crossposts": 0,
            "num_duplicates": 0,
            "over_18": False,
            "parent_whitelist_status": "all_ads",
            "permalink": permalink,
            "pinned": False,
            "pwls": 6,
            "quarantine": False,
            "removed_by": None,
            "removed_by_category": None,
            "score": 4321,
            "secure_media": None,
            "secure_media_embed": {},
            "selftext": text,
            "selftext_html": f"<!-- SC_OFF -->{html}<!-- SC_ON -->",
            "spoiler": False,
            "subreddit_subscribers": 54321,
            "suggested_sort": None,
            "thumbnail": "self",
            "thumbnail_height": None,
            "thumbnail_width": None,
            "title": "[D] A thread that never was <really> & its replies",
            "ups": 4321,
            "upvote_ratio": 0.97,
            "url": f"https://www.reddit.com{permalink}",
            "view_count": None,
            "visited": False,
            "whitelist_status": "all_ads",
            "wls": 6,
        }
    )


def _comment(
    thread: Thread, number: int, parent: str, comment_id: str, random: Random
) -> JsonObject:
    author = _author(random.randrange(len(_NAMES) * 60))
    body, html = _text(number, random)
    score = round(random.paretovariate(0.9)) * random.choice((1, 1, 1, 1, -1))
    created = float(_BEGAN + 60 + 37 * number)
    # A moderator's note: the second comment at the top level.
    pinned = parent == thread.name and len(thread.replies.get(parent, ())) == 1
    return (
        _shared()
        | author
        | {
            "associated_award": None,
            "body": body,
            "body_html": f'<div class="md">{html}</div>',
            "collapsed": score < -5,
            "collapsed_because_crowd_control": None,
            "collapsed_reason": "comment score below threshold" if score < -5 else None,
            "collapsed_reason_code": "LOW_SCORE" if score < -5 else None,
            "comment_type": None,
            "controversiality": int(random.random() < 0.03),
            "created": created,
            "created_utc": created,
            "distinguished": "moderator" if pinned else None,
            "edited": created + 600 if random.random() < 0.05 else False,
            "id": comment_id,
            "is_submitter": author["author"] == thread.post["author"],
            "link_id": thread.name,
            "name": f"t1_{comment_id}",
            "parent_id": parent,
            "permalink": f"{thread.post['permalink']}{comment_id}/",
            "score": score,
            "score_hidden": False,
            "stickied": pinned,
            "unrepliable_reason": None,
            "ups": score,
        }
    )


def _text(number: int, random: Random) -> tuple[str, str]:
    """Return a text that is unique for the number, and Reddit's HTML for it."""
    one, two, three = random.sample(_WORDS, 3)
    text = f"I'd call no. {number} a {one} & a {two}"
    html = escape_html(text).replace("&#x27;", "&#39;")
    forms = (
        (f"{text}.", f"<p>{html}.</p>\n"),
        (
            f"{text}.\n\nOr a **{three}**?",
            f"<p>{html}.</p>\n\n<p>Or a <strong>{three}</strong>?</p>\n",
        ),
        (
            f"> {two} < {three}\n\n{text} \u2013 caf\u00e9 \U0001f989",
            f"<blockquote>\n<p>{two} &lt; {three}</p>\n</blockquote>\n\n"
            f"<p>{html} \u2013 caf\u00e9 \U0001f989</p>\n",
        ),
        (
            f"{text}:\n\n- {one}\n- *{three}*",
            f"<p>{html}:</p>\n\n<ul>\n<li>{one}</li>\n<li><em>{three}</em></li>\n</ul>\n",
        ),
        (
            f"{text}:\n\n    if {one} < {two}:\n        {three}()",
            f"<p>{html}:</p>\n\n<pre><code>if {one} &lt; {two}:\n    {three}()\n</code></pre>\n",
        ),
        (
            f"{text}, see [{three}](https://example.com/?a=1&b={number})",
            f'<p>{html}, see <a href="https://example.com/?a=1&amp;b={number}">{three}</a></p>\n',
        ),
    )
    return random.choices(forms, weights=(8, 3, 1, 1, 1, 1))[0]
