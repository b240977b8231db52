"""Where share links and the addresses of lone comments lead, kept so that each is asked for once.

A line of JSON each in the archive's `links.log`, of ids alone. It may be deleted at any time.
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
    """What names a reference whose thread is not known; None where it is."""
    if reference.post_id is not None or reference.file is not None:
        return None
    return reference.share_path or f"t1_{reference.comment_id}"


def read(root: Path) -> dict[str, Reference]:
    """Read where they lead, by key; what can't be read is not known."""
    references: dict[str, Reference] = {}
    with suppress(OSError):
        for entry in json_log.read(root / FILE_NAME):
            with suppress(KeyError):
                references[str(entry["link"])] = Reference(str(entry["post"]), entry.get("comment"))
    return references


def record(root: Path, resolved_links: Iterable[tuple[str, Reference]]) -> None:
    """Record the targets of share links. Failure is only a warning: they are requested again.

    Raises StoreError if the archive's folder can't be made.
    """
    durable_files.make_folder(root)
    for link, reference in resolved_links:
        entry = {"link": link, "post": reference.post_id, "comment": reference.comment_id}
        try:
            json_log.append(entry, root / FILE_NAME)
        except errors.StoreError as error:
            log.warning("The target of a link could not be recorded: %s.", error.message)
