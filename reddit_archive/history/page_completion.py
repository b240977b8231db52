"""Complete what saved web pages show with what other captures of the thread tell. Pure.

A page has no Markdown, often HTML of its own, and lacks fields. The same post or comment in another
capture may have them. Where both show the same text, the look from the page gets the Markdown and
Reddit's own HTML. So a page that says less than a capture before it changes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from reddit_archive.history import item_texts
from reddit_archive.history.timeline import EXPORTED_STATUS_KEY
from reddit_archive.model import redaction
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS, get_deletion_reason
from reddit_archive.model.json_fields import Raw, get_str
from reddit_archive.model.source_info import PAGE_KIND_KEY
from reddit_archive.model.thing_comparison import VOLATILE_FIELDS

TAG = re.compile(r"<[^<>]*>")
SNUDOWN_PAGE_KIND = "old"
"""The kind of page whose HTML is the same as that of the API."""
IDENTITY_FIELDS = (
    *("created_utc", "permalink", "link_id", "parent_id", "subreddit", "subreddit_name_prefixed"),
    *("subreddit_id", "is_submitter"),
)
"""Fields that never change, so that any look tells them."""
TEXT_FIELDS = frozenset(
    (
        *(*item_texts.TEXT_KEYS, *item_texts.HTML_KEYS, "media_metadata", "gallery_data"),
        *("edited", "removal_reason", "removed_by_category", "retrieved_on", "replies"),
    )
)
"""Fields that belong to one version of the text, or to one source."""
DELETION_FIELDS = (*TEXT_FIELDS, "author", EXPORTED_STATUS_KEY)
"""Fields that tell whether a text is deleted."""
SHOWN_NAMES = ("title", "author_flair_text", "link_flair_text")
"""Fields that a page shows in another form than the API."""


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


def complete_looks(looks: Sequence[Look]) -> list[Thing | None]:
    """Return all looks at one post or comment, in their order, with those of pages completed.

    Instead of a look that is out of order, None is returned.
    """
    dropped = _find_late_deletions(looks)
    used = [look for index, look in enumerate(looks) if index not in dropped]
    group_of = {index: group for group in _group_by_text(used) for index in group}
    things = (
        _complete(used, index, group_of.get(index, []))
        if look.is_page and not look.is_redacted
        else look.thing
        for index, look in enumerate(used)
    )
    return [None if index in dropped else next(things) for index in range(len(looks))]


def _find_late_deletions(looks: Sequence[Look]) -> set[int]:
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


def _group_by_text(looks: Sequence[Look]) -> Iterator[list[int]]:
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


def _complete(looks: Sequence[Look], index: int, group: Sequence[int]) -> Thing:
    """Return the thing of a page with the fields that other looks tell."""
    look = looks[index]
    donors = [
        looks[i]
        for i in (*reversed(range(index)), *range(index + 1, len(looks)))
        if looks[i].may_complete(look)
    ]
    data = dict(look.data)
    if group:
        members = [looks[i] for i in group if looks[i].may_complete(look)]
        data |= _choose_text(look, members) | _choose_edited(look, members)
        intact_donors = [donor for donor in donors if donor.is_intact]
        data = _fill(data, intact_donors)
        data |= _choose_names(data, intact_donors)
    elif item_texts.is_without_text(data):
        data = _copy_deletion(data, looks[:index])
    return {**look.thing, "data": _fill(data, donors, IDENTITY_FIELDS)}


def _copy_deletion(data: dict[str, Any], earlier: Sequence[Look]) -> dict[str, Any]:
    """Return the data of a page without text, with the deletion that the last text showed."""
    previous = next(
        (look.data for look in reversed(earlier) if not item_texts.is_without_text(look.data)), {}
    )
    return data | {key: previous[key] for key in DELETION_FIELDS if key in previous}


def _choose_text(look: Look, members: Iterable[Look]) -> dict[str, Any]:
    """Return the Markdown and the best HTML of a text that several looks show.

    Without Reddit's own HTML, the Markdown is rendered when the text is shown.
    """
    body_key, html_key = ("body", "body_html")
    if look.thing["kind"] == "t3":
        body_key, html_key = ("selftext", "selftext_html")
    with_body = [member.data for member in members if isinstance(member.data.get(body_key), str)]
    with_html = [member.data for member in members if item_texts.get_html(member.data)]
    best_html = max(with_html, key=_rank_html, default=None)
    fields: dict[str, Any] = {}
    if best_html is not None and (_rank_html(best_html) or not with_body):
        fields[html_key] = best_html[html_key]
    elif with_body:
        fields[html_key] = None
    if with_body:
        fields[body_key] = with_body[0][body_key]
        for key in ("media_metadata", "gallery_data"):
            if key in with_body[0]:
                fields[key] = with_body[0][key]
    return fields


def _rank_html(data: Raw) -> int:
    """Return how close HTML is to the API's: 2 the API's own, 1 snudown's, 0 rich text's."""
    kind = data.get(PAGE_KIND_KEY)
    return 2 if kind is None else int(kind == SNUDOWN_PAGE_KIND)


def _choose_edited(look: Look, members: Iterable[Look]) -> dict[str, Any]:
    """Return the time of the edit, if any look at the same text tells it."""
    values = [member.data.get("edited") for member in (look, *members)]
    times = [value for value in values if isinstance(value, (int, float)) and value > 1]
    if times:
        return {"edited": times[0]}
    flags = [value for value in values if isinstance(value, bool)]
    return {"edited": any(flags)} if flags else {}


def _fill(data: dict[str, Any], donors: Iterable[Look], keys: Iterable[str] = ()) -> dict[str, Any]:
    """Return the data with fields that it lacks, from the first look that has each of them.

    Without `keys`, all fields except those of a text, of one source, or that change by votes.
    """
    filled = dict(data)
    for donor in donors:
        for key in tuple(keys) or donor.data:
            if key not in filled and key in donor.data and (keys or _is_lasting(key)):
                filled[key] = donor.data[key]
    return filled


def _is_lasting(key: str) -> bool:
    return not (key in TEXT_FIELDS or key in VOLATILE_FIELDS or key.startswith("_"))


def _choose_names(data: Raw, donors: Iterable[Look]) -> dict[str, Any]:
    """Return the title and flairs as the API has them, if the page shows the same words."""
    names = {}
    for key in SHOWN_NAMES:
        for donor in (donor for donor in donors if not donor.is_page):
            value, shown = donor.data.get(key), data.get(key)
            if isinstance(value, str) and isinstance(shown, str):
                if item_texts.has_same_words(value, shown):
                    names[key] = value
                break
    return names
