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

FILE = "links.log"


def key(pointed: Reference) -> str | None:
    """What names a reference whose thread is not known; None where it is."""
    if pointed.post_id is not None or pointed.file is not None:
        return None
    return pointed.share_path or f"t1_{pointed.comment_id}"


def known(root: Path) -> dict[str, Reference]:
    """Read where they lead, by key; what can't be read is not known."""
    found: dict[str, Reference] = {}
    with suppress(OSError):
        for entry in json_log.read(root / FILE):
            with suppress(KeyError):
                found[str(entry["link"])] = Reference(str(entry["post"]), entry.get("comment"))
    return found


def note(root: Path, resolved: Iterable[tuple[str, Reference]]) -> None:
    """Record the targets of share links. Failure is only a warning: they are requested again.

    Raises StoreError if the archive's folder can't be made.
    """
    durable_files.make_folder(root)
    for link, pointed in resolved:
        entry = {"link": link, "post": pointed.post_id, "comment": pointed.comment_id}
        try:
            json_log.append(entry, root / FILE)
        except errors.StoreError as error:
            log.warning("The target of a link could not be recorded: %s.", error.message)
