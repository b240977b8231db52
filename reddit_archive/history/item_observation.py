"""What each capture shows of one post or comment, and which captures show the same text. Pure."""

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


class ItemObservation(NamedTuple):
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

    def may_complete(self, other: "ItemObservation") -> bool:
        """Return whether its fields may be shown as those of another observation."""
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


def find_late_deletions(observations: Sequence[ItemObservation]) -> set[int]:
    """Return where a first-seen archive saw a deleted text that a page had shown before.

    First-seen archives count as older than all others. So the page would seem to restore the text.
    """
    shown_at = min(
        (
            observation.seen_at
            for observation in observations
            if observation.is_page
            and observation.is_intact
            and not item_texts.is_without_text(observation.data)
        ),
        default=None,
    )
    if shown_at is None:
        return set()
    return {
        index
        for index, observation in enumerate(observations)
        if observation.is_first_seen
        and not observation.is_intact
        and observation.seen_at > shown_at
    }


def group_by_text(observations: Sequence[ItemObservation]) -> Iterator[list[int]]:
    """Yield the positions of observations that show the same text, one after the other.

    A deletion in between ends a group only if another text follows. A page that shows no text
    belongs to the observation before it, also to a deleted one.
    """
    group: list[int] = []
    is_after_deletion = False
    for index, observation in enumerate(observations):
        if not observation.is_intact:
            is_after_deletion = True
            continue
        if item_texts.is_without_text(observation.data) and is_after_deletion:
            continue
        is_after_deletion = False
        if group and not _continues(observations, group, observation):
            moved = _find_pages_of_next_text(observations, group, observation)
            yield group[: len(group) - moved]
            group = group[len(group) - moved :]
        group.append(index)
    if group:
        yield group


def _continues(
    observations: Sequence[ItemObservation], group: Sequence[int], observation: ItemObservation
) -> bool:
    """Return whether an observation shows the text of the group.

    If it has the Markdown, it is compared with the last observation that has it, too.
    """
    last = observations[group[-1]]
    if not item_texts.is_html_only(observation.data):
        last = next(
            (
                observations[i]
                for i in reversed(group)
                if not item_texts.is_html_only(observations[i].data)
            ),
            last,
        )
    if item_texts.is_without_text(last.data):
        last = next(
            (
                observations[i]
                for i in reversed(group)
                if not item_texts.is_without_text(observations[i].data)
            ),
            last,
        )
    return item_texts.has_same_text(last.data, observation.data)


def _find_pages_of_next_text(
    observations: Sequence[ItemObservation], group: Sequence[int], observation: ItemObservation
) -> int:
    """Count the pages at the end of a group that belong to the next text.

    An edit can change only a format or the address of a link. Then a page shows the same words as
    both texts, but its HTML converts to the same Markdown as one of them.
    """
    if item_texts.is_html_only(observation.data):
        return 0
    moved = 0
    for index in reversed(group[1:]):
        page = observations[index]
        if not item_texts.is_html_only(page.data) or not item_texts.has_same_format(
            page.data, observation.data
        ):
            break
        moved += 1
    return moved
