"""How images appear in a quote: as links, embedded from Reddit's hosts, or as local copies."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from reddit_archive import errors
from reddit_archive.files import durable_files, regular_files, temp_files
from reddit_archive.workflows.load import LoadedThread


def find_image_sources(
    loaded: LoadedThread, images: str, output: str | None
) -> Mapping[str, str] | None:
    """Return the image to show for each image address, or None to leave them all as links.

    Raises InvalidOptionsError for local images without an output file.
    """
    if images not in ("embed", "local"):
        return None
    from reddit_archive import media  # 1 ms

    things = (thing for snapshot in loaded.snapshots for thing in snapshot.capture.things)
    picture_urls = media.list_picture_urls(things)
    if images == "embed":
        return picture_urls
    folder = _image_folder(output)
    files = dict(media.find_files(loaded.snapshots))
    files = files | {page: files[url] for page, url in picture_urls.items() if url in files}
    return {url: f"{_folder_url(folder)}/{path.name}" for url, path in files.items()}


def copy_images(loaded: LoadedThread, text: str, output: str) -> None:
    """Copy the images that a quote shows to the folder beside it. Raises StoreError."""
    copy_files(find_shown_images(loaded, text, output), output)


def find_shown_images(loaded: LoadedThread, text: str, output: str) -> tuple[Path, ...]:
    """Return the archive's image files whose local copies a quote shows."""
    folder_url = _folder_url(_image_folder(output))
    if f"{folder_url}/" not in text:
        return ()
    from reddit_archive import media  # 1 ms

    files = sorted(set(media.find_files(loaded.snapshots).values()))
    return tuple(path for path in files if f"{folder_url}/{path.name}" in text)


def copy_files(files: Iterable[Path], output: str) -> None:
    """Copy images to the folder beside a quote unless they are there. Raises StoreError."""
    folder = _image_folder(output)
    temp_files.remove_orphaned_temps(folder)
    for path in files:
        if not (folder / path.name).exists():
            durable_files.make_folder(folder)
            durable_files.replace(regular_files.read_bytes(path), folder / path.name)


def _folder_url(folder: Path) -> str:
    """Return the folder's relative URL; a space, `#` or `%` must be escaped in it."""
    return quote(os.fsencode(folder.name))


def _image_folder(output: str | None) -> Path:
    """Return the folder for the images of a file: `quote-media` for `quote.md`."""
    if output is None:
        raise errors.InvalidOptionsError(
            "local images need an output file", "Add -o FILE; the images go to a folder beside it."
        )
    return Path(output).with_name(f"{Path(output).stem}-media")
