"""Recognize texts that a wipe tool wrote over a comment or post. Pure.

An overwritten text counts as deleted. A text that is wrongly taken for an overwrite stays in the
history; only the previous text is quoted instead.
"""

import re

# The patterns are compiled on first use, because most texts never change.
TOOL_SIGNATURES = r"""(?xi)redact\.dev
    | \b(?:delet|anonymi[sz]|remov|wip|edit|clear|scrub|eras|overwr)\w*\b[^.]{0,60}\bRedact\b
    | power\s?delete\s?suite
    | \bshreddit(?:ed)?\b(?=.{0,20}\b(?:for\ privacy|to\ protect)\b)
    | over(?:written|writing)\ by\ (?:\[?this|\[?an)\ open\ source\ script
    | ^\W*(?:this\ (?:comment|post)\ (?:has\ been|was)\ )?(?:edited|deleted|removed|overwritten)
      \ in\ protest
    | ^\W*lorem\ ipsum\ dolor\ sit\ amet
    | ^\[?deleted\]?\s+(?:\^+[\d.]+\s+)?\[what\ is\ this\?\]\("""
"""Texts of Redact ("This post was mass deleted and anonymized with Redact", "this message was mass
deleted/edited with redact.dev"), Power Delete Suite, Shreddit ("I have been Shreddited for
privacy!", "lorem ipsum"), Reddit Overwrite and Nuke Reddit History."""

TOOL_NAMES = r"(?i)\bredact(?:\.dev)?\b|power\s?delete\s?suite|\bshreddit"
QUOTED_LINE = r"(?m)^[ \t]*(?:>|&gt;).*$"
PLACEHOLDER_TEXT = (
    r"(?i)[\W_]*(?:comment |post )?(?:deleted|removed|redacted|overwritten|wiped)?"
    r"(?: by user)?[\W_]*"
)
MIN_WORDS, MAX_WORDS = 7, 60
COMMON_WORDS = frozenset(
    re.findall(
        r"\S+",
        "a about after all also am an and any are as at be because been but by can could did do "
        "does don't for from get go got had has have he her here him his how i i'm if in into is "
        "it it's its just like me more most my no not now of on one only or other our out over she "
        "so some than that that's the their them then there these they this those to too up us "
        "very was we were what when where which who why will with would yes you your "
        "actually always anyone anything bro can't doesn't didn't everyone everything guys haha "
        "isn't lol maybe never nobody nothing ok okay really someone something thanks though "
        "whatever won't yeah yep",
    )
)
"""Common English words. A sentence of seven words has one; seven random words seldom do."""
MIN_COMMON_SHARE = 1 / 6
"""An English text has at least this share of common words with three letters or more.

Shorter ones, like "no" and "me", are common in other languages, too."""


def is_overwritten(text: str, previous: str) -> bool:
    """Return whether a wipe tool wrote `text` over `previous`, a text by the author."""
    text, previous = text.strip(), previous.strip()
    if text == previous or not previous or re.search(TOOL_SIGNATURES, previous):
        return False
    return (
        _has_tool_signature(text, previous)
        or _is_placeholder(text, previous)
        or _is_random_words(text, previous)
    )


def _has_tool_signature(text: str, previous: str) -> bool:
    """Return whether a text has the signature of a tool and is not about the tool.

    An author who writes about a tool quotes it, mentioned it before, or keeps the previous text.
    """
    unquoted = re.sub(QUOTED_LINE, "", text)
    return (
        bool(re.search(TOOL_SIGNATURES, unquoted))
        and not re.search(TOOL_NAMES, previous)
        and not _has_previous_text(unquoted, previous)
    )


def _has_previous_text(text: str, previous: str) -> bool:
    """Return whether a text contains the previous text, or most of its words."""
    new_words, previous_words = (re.findall(r"\w+", item.lower()) for item in (text, previous))
    if f" {' '.join(previous_words)} " in f" {' '.join(new_words)} ":
        return True
    unique_words = set(previous_words)
    return len(unique_words) >= 8 and len(unique_words & {*new_words}) * 5 >= len(unique_words) * 3


def _is_placeholder(text: str, previous: str) -> bool:
    """Return whether a text is a dot or like "[deleted]", and the previous one was longer."""
    return bool(re.fullmatch(PLACEHOLDER_TEXT, text)) and len(previous) >= 20 and len(text) <= 30


def _is_random_words(text: str, previous: str) -> bool:
    """Return whether a text is a list of random English words over an English text.

    Such a list has no capitals, commas or digits, and none of the words that hold a sentence
    together. Redact writes about ten words; Shreddit writes more, with a capital and a full stop.
    In other languages an informal sentence looks the same, so only English texts are judged.
    """
    words = text.removesuffix(".").split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        return False
    unique_words = {words[0].lower(), *words[1:]}
    if not all(re.fullmatch(r"[a-z]+(?:['-][a-z]+)?", word) for word in unique_words):
        return False
    previous_words = set(re.findall(r"[a-z'-]+", previous.lower()))
    common_words = [word for word in previous_words & COMMON_WORDS if len(word) >= 3]
    is_english = len(common_words) >= len(previous_words) * MIN_COMMON_SHARE
    is_repeating = len(unique_words) < len(words) - 1
    has_common_words = unique_words & COMMON_WORDS or any(len(word) < 3 for word in unique_words)
    return (
        is_english
        and not is_repeating
        and not has_common_words
        and len(unique_words & previous_words) * 4 < len(unique_words)
    )
