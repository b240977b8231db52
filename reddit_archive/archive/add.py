"""Store new captures without what was redacted in this archive."""

from contextlib import suppress
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import redact, store
from reddit_archive.archive.redact import RedactionCriteria, scan
from reddit_archive.model import capture, redacted_captures, redaction
from reddit_archive.model.capture import Capture


def add(root: Path, new_capture: Capture) -> store.AddResult:
    """Store a capture without what was redacted in this archive, even during this call.

    The caller updates the index: many captures may be stored by several processes, and one process
    writes the index.

    Raises:
        StoreError: The capture can't be stored.
        NotAThreadError: The capture has neither the post nor a comment.
        DamageFoundError: The archive has no ledger, and a redacted snapshot can't be read.
    """
    new_capture = filter_redacted(root, capture.require_thread(new_capture))
    add_result = store.add(root, new_capture)
    scan.ensure_ledger(root)
    if filter_redacted(root, new_capture) is not new_capture:
        with suppress(errors.DamageFoundError):  # `verify` names the file
            redact.redact(root, new_capture.thread_id, RedactionCriteria())
    return add_result


def filter_redacted(root: Path, new_capture: Capture) -> Capture:
    """Return a new capture without what was redacted in its thread, or in threads it crossposts.

    Returns the same object if nothing was. Raises StoreError.
    """
    levels = scan.find_levels(root, new_capture.thread_id, new_capture.things)
    if not levels:
        return new_capture
    plan = redaction.build_plan(new_capture.things, levels)
    filtered_capture = redacted_captures.apply_to_capture(new_capture, plan)
    return new_capture if filtered_capture == new_capture else filtered_capture
