"""Texts that a wipe tool put in place of what was said, before it deleted it or instead.

To overwrite is to delete. What is taken for it by mistake hides nobody's text: the former one is
shown, and both are kept.
"""

import re

SIGNATURES = re.compile(
    r"""redact\.dev
    | \b(?:delet|anonymi[sz]|remov|wip|edit|clear|scrub|eras|overwr)\w*\b[^.]{0,60}\bRedact\b
    | power\s?delete\s?suite
    | \bshreddit(?:ed)?\b(?=.{0,20}\b(?:for\ privacy|to\ protect)\b)
    | over(?:written|writing)\ by\ (?:\[?this|\[?an)\ open\ source\ script
    | ^\W*(?:this\ (?:comment|post)\ (?:has\ been|was)\ )?(?:edited|deleted|removed|overwritten)
      \ in\ protest
    | ^\W*lorem\ ipsum\ dolor\ sit\ amet
    | ^\[?deleted\]?\s+(?:\^+[\d.]+\s+)?\[what\ is\ this\?\]\(""",
    re.VERBOSE | re.IGNORECASE,
)
"""What Redact ("This post was mass deleted and anonymized with Redact", "this message was mass
deleted/edited with redact.dev"), Power Delete Suite, Shreddit ("I have been Shreddited for
privacy!", else lorem ipsum or random words), Reddit Overwrite and Nuke Reddit History write."""

BLANK = re.compile(
    r"[\W_]*(?:comment |post )?(?:deleted|removed|redacted|overwritten|wiped)?(?: by user)?[\W_]*",
    re.IGNORECASE,
)
FEWEST_WORDS, MOST_WORDS = 7, 60
COMMON_WORDS = frozenset(
    re.findall(
        r"\S+",
        "a about after all also am an and any are as at be because been but by can could did do "
        "does don't for from get go got had has have he her here him his how i i'm if in into is "
        "it it's its just like me more most my no not now of on one only or other our out over she "
        "so some than that that's the their them then there these they this those to too up us "
        "very was we were what when where which who why will with would yes you your",
    )
)
"""A sentence of seven words holds one of these; words drawn from a list seldom do."""


def is_overwritten(text: str, former: str) -> bool:
    """Tell whether a wipe tool wrote `text` over `former`, which its author had written before."""
    text, former = text.strip(), former.strip()
    if text == former or not former or SIGNATURES.search(former):
        return False
    return bool(SIGNATURES.search(text)) or _is_blank(text, former) or _is_random(text, former)


def _is_blank(text: str, former: str) -> bool:
    """A dot, or "[deleted]" typed by hand, over a text that was more than that."""
    return bool(BLANK.fullmatch(text)) and len(former) >= 20 and len(text) <= 30


def _is_random(text: str, former: str) -> bool:
    """Words drawn from a list: no capital, comma or digit, nothing that holds a sentence together.

    Redact draws about ten; Shreddit as many as fill a sentence, with a capital and a full stop.
    """
    words = text.removesuffix(".").split()
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        return False
    drawn = {words[0].lower(), *words[1:]}
    if not all(re.fullmatch(r"[a-z]+(?:['-][a-z]+)?", word) for word in drawn):
        return False
    said = set(re.findall(r"[a-z'-]+", former.lower()))
    is_repeating = len(drawn) < len(words) - 1
    return not is_repeating and not drawn & COMMON_WORDS and len(drawn & said) * 4 < len(drawn)
