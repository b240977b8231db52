"""Looks at one post or comment: what each capture shows of it, and which show one text. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from reddit_archive.history import item_texts
from reddit_archive.history.timeline import EXPORTED_STATUS_KEY
from reddit_archive.model import redaction
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS, get_deletion_reason
from reddit_archive.model.json_fields import Raw, get_str
from reddit_archive.model.source_info import PAGE_KIND_KEY

TAG = re.compile(r"<[^<>]*>")


class Look(NamedTuple):
    """What one capture shows of a post or comment.

    Attributes:
        thing: The post or comment.
        seen_at: When the source saw it.
        is_imported: The capture was imported. It never completes one that was not.
        is_first_seen: It comes from a first-seen archive, which counts as older than all others.
    """

    thing: Thing
    seen_at: datetime
    is_imported: bool
    is_first_seen: bool

    @property
    def data(self) -> Raw:
        data: Raw = self.thing["data"]
        return data

    @property
    def is_page(self) -> bool:
        return PAGE_KIND_KEY in self.data

    @property
    def is_redacted(self) -> bool:
        return redaction.MARK_KEY in self.data or redaction.FOREIGN_MARK_KEY in self.data

    @property
    def is_intact(self) -> bool:
        """Whether it may show a text that is neither deleted nor redacted."""
        data = self.data
        reason = get_deletion_reason(self.thing["kind"], data)
        is_deleted = reason is not None and not item_texts.is_without_text(data)
        return not (is_deleted or EXPORTED_STATUS_KEY in data or self.is_redacted)

    def may_complete(self, other: "Look") -> bool:
        """Return whether its fields may be shown as those of another look."""
        return not self.is_redacted and (other.is_imported or not self.is_imported)


def is_page_thing(thing: Thing) -> bool:
    """Return whether a thing comes from a saved web page."""
    return isinstance(thing["data"], dict) and PAGE_KIND_KEY in thing["data"]


def mark_deletion(thing: Thing) -> Thing:
    """Return the thing of a page with its deletion in the form of the API.

    A page has Markdown only as the placeholder of a deleted text, so the placeholder alone tells
    the deletion. In the API the author must be gone, too, or `removed_by_category` must tell it.
    """
    data, is_comment = thing["data"], thing["kind"] == "t1"
    body_key, html_key = ("body", "body_html") if is_comment else ("selftext", "selftext_html")
    body = data.get(body_key)
    if body is None and data.get("author") in DELETION_PLACEHOLDERS:
        body = TAG.sub("", get_str(data, html_key)).strip()
    if body not in DELETION_PLACEHOLDERS or get_deletion_reason(thing["kind"], data) is not None:
        return thing
    fields = {body_key: body, "author": DELETION_PLACEHOLDERS[0]}
    if not is_comment:
        category = "deleted" if body == DELETION_PLACEHOLDERS[0] else "moderator"
        fields = {body_key: body, "removed_by_category": category}
    return {**thing, "data": {**data, **fields}}


def find_late_deletions(looks: Sequence[Look]) -> set[int]:
    """Return where a first-seen archive saw a deleted text that a page had shown before.

    First-seen archives count as older than all others. So the page would seem to restore the text.
    """
    shown_at = min(
        (
            look.seen_at
            for look in looks
            if look.is_page and look.is_intact and not item_texts.is_without_text(look.data)
        ),
        default=None,
    )
    if shown_at is None:
        return set()
    return {
        index
        for index, look in enumerate(looks)
        if look.is_first_seen and not look.is_intact and look.seen_at > shown_at
    }


def group_by_text(looks: Sequence[Look]) -> Iterator[list[int]]:
    """Yield the positions of looks that show the same text, one after the other.

    A deletion in between ends a group only if another text follows. A page that shows no text
    belongs to the look before it, also to a deleted one.
    """
    group: list[int] = []
    is_after_deletion = False
    for index, look in enumerate(looks):
        if not look.is_intact:
            is_after_deletion = True
            continue
        if item_texts.is_without_text(look.data) and is_after_deletion:
            continue
        is_after_deletion = False
        if group and not _continues(looks, group, look):
            moved = _find_pages_of_next_text(looks, group, look)
            yield group[: len(group) - moved]
            group = group[len(group) - moved :]
        group.append(index)
    if group:
        yield group


def _continues(looks: Sequence[Look], group: Sequence[int], look: Look) -> bool:
    """Return whether a look shows the text of the group.

    If it has the Markdown, it is compared with the last look that has it, too.
    """
    last = looks[group[-1]]
    if not item_texts.is_html_only(look.data):
        last = next(
            (looks[i] for i in reversed(group) if not item_texts.is_html_only(looks[i].data)), last
        )
    if item_texts.is_without_text(last.data):
        last = next(
            (looks[i] for i in reversed(group) if not item_texts.is_without_text(looks[i].data)),
            last,
        )
    return item_texts.has_same_text(last.data, look.data)


def _find_pages_of_next_text(looks: Sequence[Look], group: Sequence[int], look: Look) -> int:
    """Count the pages at the end of a group that belong to the next text.

    An edit can change only a format or the address of a link. Then a page shows the same words as
    both texts, but its HTML converts to the same Markdown as one of them.
    """
    if item_texts.is_html_only(look.data):
        return 0
    moved = 0
    for index in reversed(group[1:]):
        page = looks[index]
        if not item_texts.is_html_only(page.data) or not item_texts.has_same_format(
            page.data, look.data
        ):
            break
        moved += 1
    return moved
