"""Complete what saved web pages show with what other captures of the thread tell. Pure.

A page has no Markdown, often HTML of its own, and lacks fields. The same post or comment in another
capture may have them. Where both show the same text, the observation from the page gets the
Markdown and Reddit's own HTML. So a page that says less than a capture before it changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from reddit_archive.history import item_observation, item_texts
from reddit_archive.history.item_observation import ItemObservation
from reddit_archive.history.timeline import EXPORTED_STATUS_KEY
from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import Raw
from reddit_archive.model.source_info import PAGE_KIND_KEY
from reddit_archive.model.thing_comparison import VOLATILE_FIELDS

SNUDOWN_PAGE_KIND = "old"
"""The kind of page whose HTML is the same as that of the API."""
IDENTITY_FIELDS = (
    *("created_utc", "permalink", "link_id", "parent_id", "subreddit", "subreddit_name_prefixed"),
    *("subreddit_id", "is_submitter"),
)
"""Fields that never change, so that any observation tells them."""
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


def complete_observations(observations: Sequence[ItemObservation]) -> list[Thing | None]:
    """Return the things of all observations in their order, with those of pages completed.

    The thing is None where an observation is out of order.
    """
    dropped = item_observation.find_late_deletions(observations)
    used = [observation for index, observation in enumerate(observations) if index not in dropped]
    group_of = {index: group for group in item_observation.group_by_text(used) for index in group}
    things = (
        _complete(used, index, group_of.get(index, []))
        if observation.is_page and not observation.is_redacted
        else observation.thing
        for index, observation in enumerate(used)
    )
    return [None if index in dropped else next(things) for index in range(len(observations))]


def _complete(observations: Sequence[ItemObservation], index: int, group: Sequence[int]) -> Thing:
    """Return the thing of a page with the fields that other observations tell."""
    observation = observations[index]
    donors = [
        observations[i]
        for i in (*reversed(range(index)), *range(index + 1, len(observations)))
        if observations[i].may_complete(observation)
    ]
    data = dict(observation.data)
    if group:
        members = [observations[i] for i in group if observations[i].may_complete(observation)]
        data |= _choose_text(observation, members) | _choose_edited(observation, members)
        intact_donors = [donor for donor in donors if donor.is_intact]
        data = _fill(data, intact_donors)
        data |= _choose_names(data, intact_donors)
    elif item_texts.is_without_text(data):
        data = _copy_deletion(data, observations[:index])
    return {**observation.thing, "data": _fill(data, donors, IDENTITY_FIELDS)}


def _copy_deletion(data: dict[str, Any], earlier: Sequence[ItemObservation]) -> dict[str, Any]:
    """Return the data of a page without text, with the deletion that the last text showed."""
    previous = next(
        (
            observation.data
            for observation in reversed(earlier)
            if not item_texts.is_without_text(observation.data)
        ),
        {},
    )
    return data | {key: previous[key] for key in DELETION_FIELDS if key in previous}


def _choose_text(
    observation: ItemObservation, members: Iterable[ItemObservation]
) -> dict[str, Any]:
    """Return the Markdown and the best HTML of a text that several observations show.

    Without Reddit's own HTML, the Markdown is rendered when the text is shown.
    """
    body_key, html_key = ("body", "body_html")
    if observation.thing["kind"] == "t3":
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


def _choose_edited(
    observation: ItemObservation, members: Iterable[ItemObservation]
) -> dict[str, Any]:
    """Return the time of the edit, if any observation of the same text tells it."""
    values = [member.data.get("edited") for member in (observation, *members)]
    times = [value for value in values if isinstance(value, (int, float)) and value > 1]
    if times:
        return {"edited": times[0]}
    flags = [value for value in values if isinstance(value, bool)]
    return {"edited": any(flags)} if flags else {}


def _fill(
    data: dict[str, Any], donors: Iterable[ItemObservation], keys: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the data with fields that it lacks, from the first observation that has each of them.

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


def _choose_names(data: Raw, donors: Iterable[ItemObservation]) -> dict[str, Any]:
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
