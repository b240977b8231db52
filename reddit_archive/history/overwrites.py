"""Texts that a wipe tool put in place of what was said, before it deleted it or instead.

To overwrite is to delete. What is taken for it by mistake hides nobody's text: the former one is
shown, and both are kept.
"""

import re

# Compiled where a text has changed, for that takes long, and most never do.
TOOL_SIGNATURES = r"""(?xi)redact\.dev
    | \b(?:delet|anonymi[sz]|remov|wip|edit|clear|scrub|eras|overwr)\w*\b[^.]{0,60}\bRedact\b
    | power\s?delete\s?suite
    | \bshreddit(?:ed)?\b(?=.{0,20}\b(?:for\ privacy|to\ protect)\b)
    | over(?:written|writing)\ by\ (?:\[?this|\[?an)\ open\ source\ script
    | ^\W*(?:this\ (?:comment|post)\ (?:has\ been|was)\ )?(?:edited|deleted|removed|overwritten)
      \ in\ protest
    | ^\W*lorem\ ipsum\ dolor\ sit\ amet
    | ^\[?deleted\]?\s+(?:\^+[\d.]+\s+)?\[what\ is\ this\?\]\("""
"""What Redact ("This post was mass deleted and anonymized with Redact", "this message was mass
deleted/edited with redact.dev"), Power Delete Suite, Shreddit ("I have been Shreddited for
privacy!", else lorem ipsum or random words), Reddit Overwrite and Nuke Reddit History write."""

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
        # of how people talk
        "actually always anyone anything bro can't doesn't didn't everyone everything guys "
        "haha isn't lol maybe never nobody nothing ok okay really someone something "
        "thanks though whatever won't yeah yep "
        # other languages that are typed without accents, a dozen of the most common words each
        "aber auch auf das dass dem der des ein eine einen ich ist mit nicht noch nur oder "
        "sich sie sind und von wenn wie wir zu zum "  # German
        "au aux avec ce ces cette dans du elle est et il je la le les leur mais nous ou pas "
        "qu que qui sa ses sont sur un une vous "  # French
        "como con cuando de del donde el ella en es eso esta este esto las lo los mas mi muy "
        "nada pero por porque se su sus todo una y ya "  # Spanish
        "ao com da das dos e ela ele em essa esse eu foi isso mas meu nao nem nos num o os "
        "pelo pra quando sao sem ser seu tem uma voce "  # Portuguese
        "alla anche che chi ci cosa cui della delle di fa gli ha ho i il ma mio nel non per piu "
        "quando quello questa questo sono sua tutti "  # Italian
        "aan al bij dan dat deze dit een er geen heb hebben het hij hoe ik je kan maar meer met "
        "mijn naar niet nog ook op te veel voor wat ze zijn zo "  # Dutch
        "att av det du efter eller er ett fra har inte jag jeg kan med mig mye ni nog och "
        "og om saa sig ska skal som til vad var vi "  # Scandinavian
        "czy dla gdzie jak jest jestem juz mnie moze nie niz od po sie tak tego tej to tylko tym "
        "wiem za ze "  # Polish
        "ama ben beni bir bu cok da daha de degil gibi her icin ile kadar mi mu ne o olan sen ve "
        "var yok "  # Turkish
        "ada adalah akan aku atau bisa dan dari dengan di gak ini itu juga kalau karena ke kita "
        "lagi pada saya sudah tapi tidak untuk yang "  # Indonesian and Malay
        "ako ang at ay ba dahil hindi ikaw ito ka kasi ko lang mga mo na ng nga ngayon pa para po "
        "sa sila siya yung "  # Tagalog
        "aur bhai bhi hai hain hi hota ho ka kar ke ki kiya koi ko kya mein mera mujhe na "
        "nahi se tha toh tum woh yeh ye",  # Hindi in Latin letters
    )
)
"""A sentence of seven words holds one of these; words drawn from an English list seldom do."""


def is_overwritten(text: str, previous: str) -> bool:
    """Tell whether a wipe tool wrote `text` over `former`, which its author had written before."""
    text, previous = text.strip(), previous.strip()
    if text == previous or not previous or re.search(TOOL_SIGNATURES, previous):
        return False
    return (
        _has_tool_signature(text, previous)
        or _is_placeholder(text, previous)
        or _is_random_words(text, previous)
    )


def _has_tool_signature(text: str, previous: str) -> bool:
    """A tool says that it was here. Who talks of one quotes it, talked of one before, or goes on
    with the former text."""
    unquoted = re.sub(QUOTED_LINE, "", text)
    return (
        bool(re.search(TOOL_SIGNATURES, unquoted))
        and not re.search(TOOL_NAMES, previous)
        and not _has_previous_text(unquoted, previous)
    )


def _has_previous_text(text: str, previous: str) -> bool:
    """The former text stands in the new one, or most of its words do."""
    new_words, previous_words = (re.findall(r"\w+", item.lower()) for item in (text, previous))
    if f" {' '.join(previous_words)} " in f" {' '.join(new_words)} ":
        return True
    unique_words = set(previous_words)
    return len(unique_words) >= 8 and len(unique_words & {*new_words}) * 5 >= len(unique_words) * 3


def _is_placeholder(text: str, previous: str) -> bool:
    """A dot, or "[deleted]" typed by hand, over a text that was more than that."""
    return bool(re.fullmatch(PLACEHOLDER_TEXT, text)) and len(previous) >= 20 and len(text) <= 30


def _is_random_words(text: str, previous: str) -> bool:
    """Words drawn from a list: no capital, comma or digit, nothing that holds a sentence together.

    Redact draws about ten; Shreddit as many as fill a sentence, with a capital and a full stop.
    """
    words = text.removesuffix(".").split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        return False
    unique_words = {words[0].lower(), *words[1:]}
    if not all(re.fullmatch(r"[a-z]+(?:['-][a-z]+)?", word) for word in unique_words):
        return False
    previous_words = set(re.findall(r"[a-z'-]+", previous.lower()))
    is_repeating = len(unique_words) < len(words) - 1
    has_common_words = unique_words & COMMON_WORDS or any(len(word) < 3 for word in unique_words)
    return (
        not is_repeating
        and not has_common_words
        and len(unique_words & previous_words) * 4 < len(unique_words)
    )
