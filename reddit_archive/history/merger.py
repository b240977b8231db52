"""Snapshots of a thread, merged: a text once seen is never replaced by its deletion or absence."""

from collections.abc import Iterable
from typing import Any

from reddit_archive.history import overwrites, timeline
from reddit_archive.history.observation import Observations, has_same_content_fields, observe
from reddit_archive.history.timeline import OVERWRITTEN, get_body
from reddit_archive.model import capture, completeness, redaction
from reddit_archive.model.capture import Capture, MissingComments, Thing
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.deletion import DELETED_AUTHORS, get_deletion_reason
from reddit_archive.model.thread import Thread

AUTHOR_FIELDS = ("author", "author_fullname", "author_flair_text", "author_flair_richtext")


def merge(thread_id: str, captures: Iterable[Capture] | Observations) -> Thread:
    """Unite captures, oldest first, into the thread as it is now with every text it ever had.

    Each post and comment shows its newest whole text; where that is gone from Reddit, `lost` says
    how, "overwritten" by a wipe tool included. What a later capture does not hold stays: not
    fetched is not deleted. An archive of first texts is older than whatever Reddit said.
    """
    observations = observe(captures)
    newest_things: dict[str, Thing] = {}
    whole_things: dict[str, Thing] = {}
    things_with_author: dict[str, Thing] = {}
    deletion_statuses: dict[str, str | None] = {}
    for observation in observations:
        for name, thing in observation.things.items():
            previous = newest_things.get(name)
            if previous is thing:
                continue
            newest_things[name] = thing
            if previous is None or not has_same_content_fields(previous, thing):
                deletion_statuses[name] = _get_deletion_status(thing, whole_things.get(name))
            is_whole = deletion_statuses[name] is None or (
                name not in whole_things and timeline.get_exported_status(thing["data"])
            )
            if is_whole and not _is_more_redacted(thing, whole_things.get(name)):
                whole_things[name] = thing
            if thing["data"].get("author") not in DELETED_AUTHORS:
                things_with_author[name] = thing
    views = {
        name: (
            _build_raw(
                name,
                whole_things.get(name, thing),
                things_with_author.get(name),
                name in whole_things,
            ),
            deletion_statuses[name],
        )
        for name, thing in newest_things.items()
    }
    imported_names = _find_imported_names(
        observations, {name: whole_things.get(name, thing) for name, thing in newest_things.items()}
    )
    post = views.get(f"t3_{thread_id}")
    return Thread(
        thread_id,
        Post(*post, f"t3_{thread_id}" in imported_names) if post else None,
        (Comment(*views[name], name in imported_names) for name in _sort_comments(observations)),
        _find_missing(thread_id, observations),
    )


def _find_imported_names(
    observations: Observations, displayed_things: dict[str, Thing]
) -> set[str]:
    """Return the fullnames of texts that only imported captures contain."""
    imported_names: set[str] = set()
    if any(observation.capture.is_imported for observation in observations):
        imported_names = {*displayed_things}
        for observation in observations:
            if not observation.capture.is_imported:
                imported_names -= {
                    name
                    for name in imported_names & observation.things.keys()
                    if capture.have_same_content(
                        [observation.things[name]], [displayed_things[name]]
                    )
                }
    return imported_names


def _is_more_redacted(thing: Thing, whole_thing: Thing | None) -> bool:
    """Return whether a text was redacted in another archive and is unredacted here."""
    if whole_thing is None or not redaction.is_content_redacted(thing["data"]):
        return False
    return not redaction.is_content_redacted(whole_thing["data"])


def _get_deletion_status(thing: Thing, previous: Thing | None) -> str | None:
    if exported_status := timeline.get_exported_status(thing["data"]):
        return exported_status
    deletion_reason = get_deletion_reason(thing["kind"], thing["data"])
    if deletion_reason is None and previous is not None:
        new_body, previous_body = get_body(thing["data"]), get_body(previous["data"])
        return OVERWRITTEN if overwrites.is_overwritten(new_body, previous_body) else None
    return deletion_reason


def _build_raw(
    name: str, thing: Thing, thing_with_author: Thing | None, is_whole: bool
) -> dict[str, Any]:
    """The raw data to show: the last whole data, or else what is left."""
    data: dict[str, Any] = thing["data"]
    if data.get("id") != name[3:]:
        data = {**data, "id": name[3:]}
    if data.get("author") in DELETED_AUTHORS and thing_with_author is not None and is_whole:
        data = data | {key: thing_with_author["data"].get(key) for key in AUTHOR_FIELDS}
    return data


def _sort_comments(observations: Observations) -> list[str]:
    """Comments in the order of the fullest capture, the newest of equals, then all others."""
    newest_first = sorted(observations, key=lambda observation: -observation.capture_index)
    fullest_first = sorted(
        newest_first, key=lambda observation: -len(observation.things) - len(observation.stub_names)
    )
    names: dict[str, None] = {}
    for observation in fullest_first:
        names |= dict.fromkeys(observation.things)
    return [name for name in names if name.startswith("t1_")]


def _find_missing(thread_id: str, observations: Observations) -> tuple[MissingComments, ...]:
    """Return what is missing after all captures, in their order."""
    capture_order = sorted(observations, key=lambda observation: observation.capture_index)
    for observation in capture_order[-1:]:
        if completeness.has_whole_thread(
            observation.capture, observation.things, observation.stubs
        ):
            return ()
    coverages = [
        completeness.build_coverage(observation.capture, observation.things, observation.stubs)
        for observation in capture_order
    ]
    return completeness.find_missing(thread_id, coverages)
