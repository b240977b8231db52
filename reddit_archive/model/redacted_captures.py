"""Redact captures: what a new capture, or a snapshot that was copied in, must not show. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reddit_archive.model import redaction
from reddit_archive.model.capture import Capture
from reddit_archive.model.json_fields import Raw
from reddit_archive.model.redaction import ALL, RedactionLevels, RedactionPlan


def apply_to_capture(capture: Capture, plan: RedactionPlan) -> Capture:
    """Return a capture without the things, names and pictures that are redacted."""
    return replace(
        capture,
        request=redact_request(capture.request, plan),
        things=redaction.apply(capture.things, plan),
        media=tuple(media for media in capture.media if media.of not in plan.media_to_remove),
        missing_media=tuple(
            missing for missing in capture.missing_media if missing.of not in plan.media_to_remove
        ),
    )


def redact_request(request: Mapping[str, Any], plan: RedactionPlan) -> dict[str, Any]:
    """Return a request without redacted names, and without file names if a title is redacted.

    Browsers name a saved page by its title.
    """
    redacted_request: dict[str, Any] = redaction.redact_strings(dict(request), plan)
    if plan.title_post_ids and redacted_request.get("file", "-") != "-":
        redacted_request["file"] = redaction.PLACEHOLDER
    if plan.title_post_ids and isinstance(redacted_request.get("files"), list):
        redacted_request["files"] = [redaction.PLACEHOLDER for _ in redacted_request["files"]]
    return redacted_request


def hide_redacted(captures: tuple[Capture, ...], levels: RedactionLevels) -> tuple[Capture, ...]:
    """Return a thread's captures without what is redacted.

    Most captures are already redacted in their files. One that was copied into the archive may not
    be.
    """
    things = {id(thing): thing for capture in captures for thing in capture.things}.values()
    if all(
        _is_redacted(kind, data, levels[name])
        for name, kind, data in redaction.iter_items(things)
        if name in levels
    ):
        return captures
    plan = redaction.build_plan(things, levels)
    return tuple(apply_to_capture(capture, plan) for capture in captures)


def _is_redacted(kind: str, data: Raw, level: str) -> bool:
    """Return whether nothing is left to redact. A mark alone does not show that."""
    if level == ALL:
        return redaction.remove_content(kind, data) == data
    return redaction.remove_author(data) == data


def merge_levels(*level_maps: RedactionLevels) -> dict[str, str]:
    """Merge redaction levels; of two levels for an item the one that removes more counts."""
    strongest_levels: dict[str, str] = {}
    for levels in level_maps:
        for name, level in levels.items():
            strongest_levels[name] = ALL if ALL in (level, strongest_levels.get(name)) else level
    return strongest_levels


def select_own_post(thread_id: str, levels: RedactionLevels) -> dict[str, str]:
    """Return the level of the thread's own post, by its fullname, if it is redacted."""
    return {name: level for name, level in levels.items() if name == f"t3_{thread_id}"}
