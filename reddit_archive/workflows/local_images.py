"""How pictures stand in a quote: as links, shown from Reddit's hosts, or from copies beside it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

import click

from reddit_archive.files import durable_files, regular_files, temp_files
from reddit_archive.workflows.load import Outcome


def addresses(outcome: Outcome, images: str, output: str | None) -> Mapping[str, str] | None:
    """Give the picture to show for each address of one; None to leave them all as links."""
    if images not in ("embed", "local"):
        return None
    from reddit_archive import media  # which takes longer to load than most quotes need

    if images == "embed":
        things = (thing for shot in outcome.snapshots for thing in shot.capture.things)
        return {item.url: item.url for item in media.find_media(things) if not item.is_video}
    folder = _folder(output)
    found = media.find_files(outcome.snapshots)
    return {url: f"{_address(folder)}/{path.name}" for url, path in found.items()}


def copy(outcome: Outcome, text: str, output: str) -> None:
    """Copy the pictures that a quote shows to a folder beside it. Raises StoreError."""
    put(shown(outcome, text, output), output)


def shown(outcome: Outcome, text: str, output: str) -> tuple[Path, ...]:
    """The pictures, in the archive, of which a quote shows a copy beside it."""
    address = _address(_folder(output))
    if f"{address}/" not in text:
        return ()
    from reddit_archive import media

    found = sorted(set(media.find_files(outcome.snapshots).values()))
    return tuple(path for path in found if f"{address}/{path.name}" in text)


def put(found: Iterable[Path], output: str) -> None:
    """Copy pictures beside a quote, as far as they are not there. Raises StoreError."""
    folder = _folder(output)
    temp_files.remove_orphaned_temps(folder)
    for path in found:
        if not (folder / path.name).exists():
            durable_files.make_folder(folder)
            durable_files.replace(regular_files.read_bytes(path), folder / path.name)


def _address(folder: Path) -> str:
    """The folder as a quote names it: in a URL a space, `#` or `%` as it is would mean another."""
    return quote(os.fsencode(folder.name))


def _folder(output: str | None) -> Path:
    """`quote-media` for `quote.md`."""
    if output is None:
        raise click.UsageError("pictures can't be local to a quote without a file; add -o FILE")
    return Path(output).with_name(f"{Path(output).stem}-media")
