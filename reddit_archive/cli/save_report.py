"""What is said of a thread that was saved: what came, what is missing and why, what is gone."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from reddit_archive import history
from reddit_archive.archive import forgotten_log
from reddit_archive.cli import change_report, terminal
from reddit_archive.history import timeline
from reddit_archive.model.capture import MissingComments
from reddit_archive.model.source_info import SOURCES
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection
from reddit_archive.workflows.load import Outcome

RETURNED = (
    "`archive forget` removes it; if you want to keep it, take its line out of forgotten.log."
)


def tell(outcome: Outcome, wanted: Selection) -> None:
    """Say what was saved, what is missing, what is gone, and how to quote more of it."""
    thread, last = outcome.thread, outcome.snapshots[-1].capture
    day = f"{last.captured_at:%Y-%m-%d %H:%M} UTC"
    count = terminal.counted(len(thread.comments), "comment")
    if outcome.gone:
        terminal.warn(f"{outcome.gone}. This is the snapshot of {day}.")
    elif outcome.is_new:
        info = SOURCES.get(last.source)
        origin = info.label if info and not info.is_live else ""
        seen = f", as {origin} saw it on {last.captured_at:%Y-%m-%d}" if origin else ""
        terminal.say(f"Saved t3_{thread.id} with {count}{seen}.")
        _tell_changes(outcome)
    else:
        terminal.say(f"Nothing new in t3_{thread.id} since {day}; {count}.")
    if thread.post and thread.post.deletion_status and not outcome.gone:
        terminal.warn(f"The post was {thread.post.deletion_status}{_kept(thread)}.")
    _tell_missing(outcome)
    if wanted.is_post_only and thread.comments:
        terminal.say("To quote comments too: --all, --top N or --comment ID.")


def tell_forgotten(root: Path, *threads: str) -> None:
    """Say which threads come back that are not here: a list or a page may name them still."""
    known = forgotten_log.read(root)
    for thread_id in threads if known else ():
        if day := known.get(thread_id, "")[:10]:
            terminal.warn(f"t3_{thread_id} was forgotten on {day}, and is stored anew.")


def tell_saved_again(root: Path, *threads: str) -> None:
    """Say of threads that were just stored whether they had been forgotten, and note it."""
    tell_forgotten(root, *threads)
    forgotten_log.record_saved(root, *threads)


def tell_returned(returned: Mapping[str, str]) -> None:
    """Name the forgotten threads that came back by copying."""
    for thread_id, at in returned.items():
        terminal.warn(f"t3_{thread_id} was forgotten on {at[:10]}, and is here again.")


def _tell_changes(outcome: Outcome) -> None:
    """Say what changed since the look before."""
    if len(outcome.snapshots) < 2:
        return
    before, last = (shot.capture for shot in outcome.snapshots[-2:])
    past = history.trace(outcome.thread.id, (before, last))
    counts = Counter(event.kind for event in past.events)
    told = ", ".join(
        f"{counts[k]} {change_report.shown(k)}" for k in timeline.EVENT_KINDS if counts[k]
    )
    if told:
        since = f"{before.captured_at:{change_report.MINUTE}} UTC"
        terminal.say(f"Since {since}: {told}. `archive diff {outcome.thread.id}` shows it.")


def _tell_missing(outcome: Outcome) -> None:
    """Report what was not fetched, what Reddit withholds, and what is deleted."""
    thread, last = outcome.thread, outcome.snapshots[-1].capture
    if is_missing := not_fetched(thread.missing_comments):
        terminal.warn(f"Not complete: {is_missing}.")
    withheld = sum(gap.count for gap in thread.missing_comments if gap.is_withheld)
    if withheld:
        comments = terminal.counted(withheld, "comment")
        terminal.say(f"Reddit names {comments} that it gives to nobody: removed, as a rule.")
    counted = thread.post.comment_count if thread.post else None
    if thread.post is None:
        terminal.warn("The post itself is missing. Its title and subreddit come from its comments.")
    elif counted is None or outcome.gone:
        return
    elif "comments" in last.request and not thread.is_complete:
        terminal.say(
            f"Of the {terminal.counted(counted, 'comment')} only those asked for are here."
        )
    elif thread.is_complete:
        absent = counted - len(thread.comments) - withheld
        if absent > 0:
            comments = terminal.counted(absent, "comment")
            terminal.say(
                f"Reddit counts {comments} more, and shows them nowhere: deleted, as a rule."
            )


def _kept(thread: Thread) -> str:
    assert thread.post is not None
    return "; the quote is its last stored text" if thread.post.is_preserved else ""


def not_fetched(gaps: tuple[MissingComments, ...]) -> str:
    """Describe the missing comments that could be fetched; "" if there are none."""
    gaps = tuple(gap for gap in gaps if not gap.is_withheld)
    number = sum(gap.count for gap in gaps)
    branches = sum(gap.count == 0 and gap.parent.startswith("t1_") for gap in gaps)
    others = sum(gap.count == 0 and not gap.parent.startswith("t1_") for gap in gaps)
    parts = [terminal.counted(number, "comment")] if number else []
    if branches:
        parts.append(f"the replies below {terminal.counted(branches, 'deep comment')}")
    if others:
        parts.append("an unknown number of comments")
    verb = "is" if number + branches + others == 1 else "are"
    return f"{' and '.join(parts)} {verb} not fetched" if parts else ""
