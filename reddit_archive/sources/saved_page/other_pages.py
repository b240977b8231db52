"""Say what a saved web page is that shows no thread, and what to do instead."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from reddit_archive.sources.saved_page.dom import Document, Node, collapse_spaces, get
from reddit_archive.sources.saved_page.front_ends import find_front_end

SAVE_THREAD = "Open the thread itself on www.reddit.com or old.reddit.com, and save that page."
SAVE_ON_REDDIT = "Open the same thread on old.reddit.com or www.reddit.com, and save that page."
LOG_IN = "Log in to Reddit in your browser, open the thread, and save the page."
WAIT_AND_SAVE = "Open the thread again, wait until its comments are there, and save the page."
NOT_REDDIT = (
    "Only pages of Reddit can be read: open the thread on www.reddit.com or old.reddit.com, and "
    "save that page."
)
STATE_PATTERN = re.compile(r"window\.___r\s*=\s*\{")
STATE_POSTS_PATTERN = re.compile(r'"models"\s*:\s*\{\s*"t3_')
MAX_WORDS = 6_000
"""Pages without a thread say what they are at their beginning."""
HIDDEN_TAGS = frozenset(["script", "style", "template", "noscript", "svg"])


@dataclass(frozen=True, slots=True)
class OtherPage:
    """A page without a thread: what it is, as a noun phrase, and what to do instead."""

    name: str
    hint: str


COMPACT = OtherPage("a page of the old mobile site (.compact)", SAVE_ON_REDDIT)
MOBILE = OtherPage("a page of the old mobile site (m.reddit.com)", SAVE_ON_REDDIT)
LISTING = OtherPage("a listing of posts", SAVE_THREAD)
SEARCH = OtherPage("a search page", SAVE_THREAD)
PROFILE = OtherPage("a user's profile", SAVE_THREAD)
LOGIN = OtherPage("a login page", LOG_IN)
HUMANITY = OtherPage(
    "a page that asks to prove that you are human",
    "Open the thread in a browser where you are logged in to Reddit, and save the page.",
)
JSON = OtherPage("a page with JSON", "Save it as JSON, or copy the JSON into a file.")
ANOTHER_WEBSITE = OtherPage("a page of another website", NOT_REDDIT)

BY_STRUCTURE: tuple[tuple[str, OtherPage], ...] = (
    ('form[action*="over18"]', OtherPage("a page that asks for your age", LOG_IN)),
    ('form[action*="quarantine"]', OtherPage("a page of a quarantined subreddit", LOG_IN)),
    ('input[name="js_challenge"]', HUMANITY),
    ("#challenge-form", HUMANITY),
    (".search-result-listing", SEARCH),
    ("body.search-page", SEARCH),
    ('[data-testid="search-post-unit"]', SEARCH),
    ("body.profile-page", PROFILE),
    ("shreddit-profile-comment", PROFILE),
    ("body.wiki-page", OtherPage("a wiki page", SAVE_THREAD)),
    ("body.messages-page", OtherPage("a page of private messages", SAVE_THREAD)),
    (".CommentTree", MOBILE),
    ("[class*=CommentTree__]", MOBILE),
    ("[class*=PostHeader__]", MOBILE),
    ("feed > entry", OtherPage("a news feed (RSS)", SAVE_THREAD)),
)
LISTING_SELECTORS = (
    *(".thing.link", 'div[data-testid="post-container"]', 'div[id^="t3_"]'),
    *("shreddit-feed", "shreddit-post"),
)
BY_WORDS: tuple[tuple[tuple[str, ...], OtherPage], ...] = (
    (
        ("whoa there, pardner", "blocked by network security", "due to a network policy"),
        OtherPage("a page that says that Reddit blocked the request", LOG_IN),
    ),
    (
        ("too many requests",),
        OtherPage("a page that says that Reddit got too many requests", WAIT_AND_SAVE),
    ),
    (
        ("prove your humanity", "verify you are human", "wait for verification", "are you a robot"),
        HUMANITY,
    ),
    (
        ("private community", "community is private", "must be invited to visit"),
        OtherPage("a page that says that the subreddit is private", LOG_IN),
    ),
    (
        ("has been banned", "was banned", "community was banned"),
        OtherPage("a page that says that the subreddit or account is banned", SAVE_THREAD),
    ),
    (("quarantined",), OtherPage("a page of a quarantined subreddit", LOG_IN)),
    (
        ("must be 18+", "must be at least eighteen", "over 18", "mature content"),
        OtherPage("a page that asks for your age", LOG_IN),
    ),
    (
        ("page not found", "page is no longer available", "nobody on reddit goes by that name"),
        OtherPage("a page that says that the page does not exist", SAVE_THREAD),
    ),
    (
        ("servers are busy", "cdn was unable to reach", "heavy load", "you broke reddit"),
        OtherPage("a page that says that Reddit did not answer", WAIT_AND_SAVE),
    ),
    (("before you continue", "cookie"), OtherPage("a page that asks for your consent", LOG_IN)),
)
BY_PATH = (
    (("/user/", "/u/"), PROFILE),
    (("/search",), SEARCH),
    (("/login", "/register", "/account/login"), LOGIN),
    (("/wiki",), OtherPage("a wiki page", SAVE_THREAD)),
    (("/message/",), OtherPage("a page of private messages", SAVE_THREAD)),
)
ADDRESS_SELECTORS = (('link[rel="canonical"]', "href"), ('meta[property="og:url"]', "content"))
LOGIN_SELECTORS = ('form[action*="login"]', "auth-flow-manager", "auth-flow-login")
SHELL_SELECTORS = (
    *("shreddit-app", "#SHORTCUT_FOCUSABLE_DIV", '[id="2x-container"]', "#AppRouter-main-content"),
)


def describe(document: Document, html: str) -> OtherPage:
    """Return what a page without a thread is."""
    if front_end := find_front_end(document):
        return OtherPage(f"a page of {front_end}", SAVE_ON_REDDIT)
    if is_compact(document):
        return COMPACT
    if _is_json(document, html):
        return JSON
    is_reddit = "reddit" in html.lower()
    for selector, page in BY_STRUCTURE if is_reddit else ():
        if document.css_first(selector) is not None:
            return page
    address = _get_path(document)
    for prefixes, page in BY_PATH:
        if address.startswith(prefixes):
            return page
    if find_state(document, html) or (
        is_reddit and any(document.css_first(selector) for selector in LISTING_SELECTORS)
    ):
        return LISTING
    return _describe_by_words(document, is_reddit=is_reddit)


def find_state(document: Document, html: str) -> str:
    """Return the text of the script with the state of new Reddit, from the state on; "" if none.

    The text of a comment can look like a state, so only scripts count.
    """
    for script in document.css("script") if "___r" in html else ():
        text = script.text()
        match = STATE_PATTERN.search(text)
        if match is not None and STATE_POSTS_PATTERN.search(text, match.end()) is not None:
            return text[match.start() :]
    return ""


def is_compact(document: Document) -> bool:
    """Return whether a page is of the old mobile site, whose comments have no attributes."""
    return (
        document.css_first("a.options_link") is not None
        and document.css_first("[data-fullname]") is None
        and document.css_first("div.thing") is not None
    )


def _describe_by_words(document: Document, *, is_reddit: bool) -> OtherPage:
    words = _collect_words(document)
    for phrases, page in BY_WORDS:
        if is_reddit and any(phrase in words for phrase in phrases):
            return page
    if document.css_first(".g-recaptcha, iframe[src*=recaptcha]") is not None:
        return HUMANITY
    if is_reddit and any(document.css_first(selector) for selector in LOGIN_SELECTORS):
        return LOGIN
    if any(document.css_first(selector) for selector in SHELL_SELECTORS):
        return OtherPage("a page of Reddit without its posts and comments", WAIT_AND_SAVE)
    if is_reddit and _get_path(document):
        return OtherPage("another page of Reddit", SAVE_THREAD)
    return ANOTHER_WEBSITE


def _is_json(document: Document, html: str) -> bool:
    """Return whether the page is JSON, or shows JSON as browsers do."""
    text = html[:1000].lstrip("\ufeff \t\r\n")
    if text.startswith(("[", "{")):
        return True
    block = document.css_first("body > pre")
    return block is not None and block.text()[:1000].lstrip().startswith(("[", "{"))


def _get_path(document: Document) -> str:
    """Return the path that the page gives as its own on Reddit, or ""."""
    for selector, attribute in ADDRESS_SELECTORS:
        node = document.css_first(selector)
        try:
            address = urlsplit(get(node, attribute) if node is not None else "")
        except ValueError:
            continue
        if f".{address.hostname or ''}".endswith(".reddit.com"):
            return address.path or "/"
    return ""


def _collect_words(document: Document) -> str:
    """Return the beginning of the page's text in lower case."""
    parts: list[str] = []
    length = 0
    todo: list[Node | None] = [document.root]
    while todo and length < MAX_WORDS:
        if (node := todo.pop()) is None:
            continue
        todo.append(node.next)
        if node.is_text_node:
            parts.append((node.text_content or "")[:MAX_WORDS])
            length += len(parts[-1].strip())
        elif node.is_element_node and node.tag not in HIDDEN_TAGS:
            todo.append(node.first_child)
    return collapse_spaces(" ".join(parts)).lower().replace("\u2019", "'")
