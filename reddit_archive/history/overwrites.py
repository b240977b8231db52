"""Texts that a wipe tool put in place of what was said, before it deleted it or instead.

To overwrite is to delete. What is taken for it by mistake hides nobody's text: the former one is
shown, and both are kept.
"""

import re

# Compiled where a text has changed, for that takes long, and most never do.
SIGNATURES = r"""(?xi)redact\.dev
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

TOOLS = r"(?i)\bredact(?:\.dev)?\b|power\s?delete\s?suite|\bshreddit"
QUOTED = r"(?m)^[ \t]*(?:>|&gt;).*$"
BLANK = (
    r"(?i)[\W_]*(?:comment |post )?(?:deleted|removed|redacted|overwritten|wiped)?"
    r"(?: by user)?[\W_]*"
)
FEWEST_WORDS, MOST_WORDS = 7, 60
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


def is_overwritten(text: str, former: str) -> bool:
    """Tell whether a wipe tool wrote `text` over `former`, which its author had written before."""
    text, former = text.strip(), former.strip()
    if text == former or not former or re.search(SIGNATURES, former):
        return False
    return _is_signed(text, former) or _is_blank(text, former) or _is_random(text, former)


def _is_signed(text: str, former: str) -> bool:
    """A tool says that it was here. Who talks of one quotes it, talked of one before, or goes on
    with the former text."""
    said = re.sub(QUOTED, "", text)
    return (
        bool(re.search(SIGNATURES, said))
        and not re.search(TOOLS, former)
        and not _goes_on(said, former)
    )


def _goes_on(text: str, former: str) -> bool:
    """The former text stands in the new one, or most of its words do."""
    later, before = (re.findall(r"\w+", each.lower()) for each in (text, former))
    if f" {' '.join(before)} " in f" {' '.join(later)} ":
        return True
    said = set(before)
    return len(said) >= 8 and len(said & {*later}) * 5 >= len(said) * 3


def _is_blank(text: str, former: str) -> bool:
    """A dot, or "[deleted]" typed by hand, over a text that was more than that."""
    return bool(re.fullmatch(BLANK, text)) and len(former) >= 20 and len(text) <= 30


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
    holds = drawn & COMMON_WORDS or any(len(word) < 3 for word in drawn)
    return not is_repeating and not holds and len(drawn & said) * 4 < len(drawn)
