"""`export` and `import`: threads on their way to other programs and other machines."""

from pathlib import Path

import click

from reddit_archive import bag, errors
from reddit_archive.bag import Bag
from reddit_archive.cli import options, terminal
from reddit_archive.cli.keeping import stored_threads


@click.group(
    "export",
    short_help="Write threads in other forms.",
    epilog=options.examples(
        "archive export bag bags 9bread1",
    ),
)
@options.common
def export_command() -> None:
    """Write threads in forms that other programs read."""


@export_command.command(
    "bag",
    short_help="BagIt bags, to keep elsewhere or to import on another machine.",
    epilog=options.examples(
        "archive export bag bags",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("threads", metavar="[THREAD]...", nargs=-1)
@options.common
def bag_command(folder: Path, threads: tuple[str, ...]) -> None:
    """Write each THREAD, or all, as a BagIt bag in DIR: its snapshots, pictures and checksums.

    Prints each bag's folder. Any BagIt program can check it; `archive import` takes it in.
    """
    root = options.settings().archive
    for thread_id in stored_threads(root, threads):
        terminal.result(f"{bag.export(root, thread_id, folder)}\n")


@click.command(
    "import",
    short_help="Take in bags that were exported elsewhere.",
    epilog=options.examples(
        "archive export bag bags",
        "archive import bags/t3_9bread1",
    ),
)
@click.argument("paths", metavar="FILE|DIR...", nargs=-1, required=True, type=Path)
@options.common
def import_command(paths: tuple[Path, ...]) -> None:
    """Take in the threads of bags: a bag's folder, a folder of bags, or a bag as a ZIP file.

    A bag is refused whole unless all of its checksums are right. What is here already is skipped,
    and what was redacted here stays out.
    """
    root = options.settings().archive
    failed: list[errors.ArchiveError] = []
    bags = [found for path in paths for found in _bags(path)]
    for found in bags:
        try:
            terminal.result(_take(root, found))
        except errors.ArchiveError as refused:
            failed.append(refused)
    if failed and len(bags) == 1:
        raise failed[0]
    for error in failed:
        terminal.warn(f"{error.message}. {error.hint}")
    if failed:
        raise errors.Incomplete(f"{len(failed)} of {len(bags)} bags were not imported")


def _bags(path: Path) -> list[Bag | errors.ArchiveError]:
    """The bags that a path names, or why it names none."""
    try:
        return [*bag.find(path)]
    except errors.ArchiveError as error:
        return [error]


def _take(root: Path, found: Bag | errors.ArchiveError) -> str:
    if isinstance(found, errors.ArchiveError):
        raise found
    came = bag.restore(root, found)
    threads = " ".join(f"t3_{thread_id}" for thread_id in came.threads)
    return f"{threads}\t{came.new} new\t{came.known} known\n"
