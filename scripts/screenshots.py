"""Take the README's pictures of the pages that `archive export html` writes, in Debian's Chromium.

    python scripts/screenshots.py

Writes docs/pictures/*.png from our examples; look at them before they are committed.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.conftest import EXAMPLES, ROOT
from tests.support import sites, story

CHROMIUM = "/usr/bin/chromium"
PICTURES = ROOT / "docs" / "pictures"
TALL, PHONE = {"width": 860, "height": 860}, {"width": 390, "height": 860}
SHOTS = {
    "thread-light": (
        "threads/t3_9bread1.html",
        "light",
        TALL,
        ["#t1_zkeep01 > details > .body > .past > summary"],
    ),
    "list-dark": ("index.html", "dark", TALL, []),
    "search-phone": ("index.html?q=keep", "light", PHONE, []),
}
"""What is opened, in which colours and size, and what is clicked there."""
SCROLL = "(each) => scrollBy(0, each.getBoundingClientRect().top - 290)"


def fill(root: Path) -> None:
    """Keep our examples; the pages name the day on which a file was saved."""
    for path in story.write(root):
        sites.example(root / "archive", path)
    for name in ("everything", "poll", "crosspost"):
        copy = root / f"{name}.json"
        copy.write_bytes((EXAMPLES / copy.name).read_bytes())
        os.utime(copy, (story.FRIDAY, story.FRIDAY))
        sites.example(root / "archive", copy)


def shoot(browser: Browser, folder: Path, name: str) -> None:
    page_name, colours, size, clicks = SHOTS[name]
    page = browser.new_page(color_scheme=colours, viewport=size, timezone_id="UTC", locale="en-GB")
    page.goto(f"{folder.as_uri()}/{page_name}")
    if "?" in page_name:
        page.wait_for_selector(".results li")
    for selector in clicks:
        page.click(selector)
        page.locator(selector).evaluate(SCROLL)
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as driver:
        root = Path(temporary)
        fill(root)
        sites.build(root / "archive", root / "site")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in SHOTS:
            shoot(browser, root / "site", name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
