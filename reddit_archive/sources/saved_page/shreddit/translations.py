"""Recognize pages that show a machine's translation instead of what people wrote."""

from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.shreddit.elements import FoundPage

_ORIGINAL_STATES = frozenset({"", "original", "none", "untranslated", "not-translated", "source"})
_STATE_NAMES = ("rendered-translation-state", "translation-state")
_TRANSLATED_CLASSES = frozenset({"translated-ltr", "translated-rtl"})


class Translation:
    """What a page shows in a machine's translation. It counts the texts for the warning."""

    def __init__(self, found: FoundPage, post: dom.Node | None) -> None:
        self.is_by_browser = _is_translated_by_browser(found.html)
        self.is_by_reddit = any(found.translation_languages)
        self.is_post_translated = post is not None and _is_post_translated(post)
        self.text_count = 0

    def includes_post(self, post: dom.Node) -> bool:
        """Return whether the page shows a translation of the post."""
        return self._count(self.is_by_browser or self.includes_title(post))

    def includes_title(self, post: dom.Node) -> bool:
        """Return whether the post's attributes are in translation: a browser leaves them alone."""
        return self.is_by_reddit or _is_post_translated(post)

    def includes_comment(self, comment: dom.Node) -> bool:
        """Return whether the page shows a translation of a comment.

        Where the comment itself does not say, it is shown as the post is.
        """
        state = _is_translated(comment)
        is_like_post = self.is_post_translated and dom.has(comment, "translation-experience")
        return self._count(
            self.is_by_browser or (self.is_by_reddit or is_like_post if state is None else state)
        )

    def _count(self, is_translated: bool) -> bool:
        self.text_count += is_translated
        return is_translated

    def build_warnings(self) -> tuple[str, ...]:
        """Return a sentence for the user; nothing if the page shows what people wrote."""
        if not self.text_count:
            return ()
        texts = "1 text" if self.text_count == 1 else f"{self.text_count} texts"
        return (
            f"The page shows {texts} in a machine translation, which is not stored. "
            "Turn the translation off and save the page again.",
        )


def _is_translated_by_browser(html: dom.Node | None) -> bool:
    """Return whether the browser translated the page. Chrome and its relatives leave a mark."""
    if html is None:
        return False
    return bool(_TRANSLATED_CLASSES & {*dom.get_classes(html)}) or dom.has(html, "_msttexthash")


def _is_translated(element: dom.Node) -> bool | None:
    """Return whether Reddit shows a post or comment in translation; None if it does not say."""
    for name in _STATE_NAMES:
        if dom.has(element, name):
            return dom.get(element, name).strip().lower() not in _ORIGINAL_STATES
    return None


def _is_post_translated(post: dom.Node) -> bool:
    """Return whether a post is shown in another language than its own."""
    state = _is_translated(post)
    if state is not None:
        return state
    languages = [dom.get(post, name) for name in ("post-language", "translation-language")]
    written, shown = (language.lower().split("-")[0] for language in languages)
    is_immersive = dom.get(post, "translation-experience").startswith("immersive")
    return is_immersive and bool(written and shown) and written != shown
