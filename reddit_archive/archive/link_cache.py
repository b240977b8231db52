"""A cache of the threads that share links and comment links lead to.

`links.log` at the archive's root has one JSON line for each link, with IDs only. It may be deleted
at any time.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import durable_files, json_log
from reddit_archive.model.reference import Reference

log = logging.getLogger(__name__)

FILE_NAME = "links.log"


def build_key(reference: Reference) -> str | None:
    """Return the cache key of a reference; None if its thread is known without a request."""
    if reference.post_id is not None or reference.file is not None:
        return None
    return reference.share_path or f"t1_{reference.comment_id}"


def read(root: Path) -> dict[str, Reference]:
    """Read the cached references by key. Lines that can't be read are skipped."""
    references: dict[str, Reference] = {}
    with suppress(OSError):
        for entry in json_log.read(root / FILE_NAME):
            with suppress(KeyError):
                references[str(entry["link"])] = Reference(str(entry["post"]), entry.get("comment"))
    return references


def record(root: Path, resolved_links: Iterable[tuple[str, Reference]]) -> None:
    """Record the targets of links. If that fails, a warning is logged.

    Raises StoreError if the archive's folder can't be created.
    """
    durable_files.make_folder(root)
    for link, reference in resolved_links:
        entry = {"link": link, "post": reference.post_id, "comment": reference.comment_id}
        try:
            json_log.append(entry, root / FILE_NAME)
        except errors.StoreError as error:
            log.warning("The target of a link could not be recorded: %s.", error.message)
