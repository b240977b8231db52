"""The userscript, and the bookmarklet and the page to install it that are made from it."""

from html import escape
from pathlib import Path
from urllib.parse import quote

USERSCRIPT = Path(__file__).parent / "browser" / "reddit-archive.user.js"
HEAD_END = "// ==/UserScript==\n"
BUTTON_MODE, BOOKMARKLET_MODE = "const START_AT_ONCE = false;", "const START_AT_ONCE = true;"
URL_CHARACTERS = "!$&'()*+,-./:;=?@_~"
"""Characters that stay as they are. Others would end the URL, or browsers change them."""
PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Install the bookmarklet of reddit-archive</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; margin: 2rem }}
</style>
<h1>Save a thread with one click</h1>
<ol>
<li>Show the bookmarks bar of your browser.</li>
<li>Drag this link to it: <a href="{url}">Save thread</a></li>
<li>Open a thread on Reddit where you are logged in, and click the bookmark.</li>
<li>Run <code>archive</code> with the file that the browser downloads, like:
<code>archive ~/Downloads/reddit-9bread1-20261130T120000Z.json --all</code></li>
</ol>
</html>
"""


def read_userscript() -> str:
    """Return the source of the userscript."""
    return USERSCRIPT.read_text("utf-8")


def build_bookmarklet() -> str:
    """Return the bookmarklet: a URL with the userscript's code, which starts at once."""
    code = read_userscript().partition(HEAD_END)[2].replace(BUTTON_MODE, BOOKMARKLET_MODE)
    lines = [line.strip() for line in code.splitlines()]
    shortened = "\n".join(line for line in lines if line and not line.startswith("//"))
    return f"javascript:{quote(shortened, safe=URL_CHARACTERS)}"


def build_page() -> str:
    """Return a web page from which the bookmarklet can be dragged to the bookmarks bar."""
    return PAGE.format(url=escape(build_bookmarklet()))
