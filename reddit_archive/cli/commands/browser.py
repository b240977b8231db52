"""`browser`: print the userscript and the bookmarklet, or how to install them."""

from pathlib import Path

import click

from reddit_archive.cli import browser_script, options, terminal
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.files import file_names
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.export import write_text

CONTENTS = {
    "userscript": browser_script.read_userscript,
    "bookmarklet": lambda: browser_script.build_bookmarklet() + "\n",
    "page": browser_script.build_page,
}
GUIDE = """\
One click in your browser saves the thread that you are reading, with all its comments, as one
file. It works where you are logged in to Reddit, and needs no key.

Userscript, for a button on every thread:

  1. Install a manager of userscripts in your browser, such as Violentmonkey.
  2. Create a new script in it, and replace its content by this file:
     {userscript}
     (`archive browser --userscript` prints it, too.)
  3. Open a thread on Reddit, and click "Save thread" at the lower right.
  4. Run `archive` with the downloaded file, like: archive ~/Downloads/reddit-9bread1-*.json --all

Bookmarklet, without an extension:

  1. Run: archive browser --page -o save-thread.html
  2. Open save-thread.html in your browser, and drag its link to the bookmarks bar. Or create a
     bookmark, and paste what `archive browser --bookmarklet` prints as its URL.
  3. Open a thread on Reddit, and click the bookmark.
  4. Run `archive` with the downloaded file, as above.

A click saves one thread, for your own reading. It asks only Reddit, one request after the other,
and sends nothing anywhere else. Comments that it does not get are named in the file as missing.
"""


@click.command(
    "browser",
    epilog=options.format_examples(
        "archive browser",
        "archive browser --page -o save-thread.html",
        "archive browser --userscript -o reddit-archive.user.js",
    ),
)
@click.option("--userscript", is_flag=True, help="Print the userscript.")
@click.option("--bookmarklet", is_flag=True, help="Print the bookmarklet.")
@click.option(
    "--page",
    is_flag=True,
    help="Print a web page from which you drag the bookmarklet to your bookmarks bar.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead.")
@options.global_options
def browser_command(output: str | None, **contents: bool) -> None:
    """Print how to install the userscript or the bookmarklet, which save a thread in your browser.

    On a thread where you are logged in, one click downloads the thread as one file. `archive FILE`
    takes this file.
    """
    chosen = [name for name in CONTENTS if contents[name]]
    if len(chosen) > 1:
        raise click.UsageError(f"give only one of {', '.join(f'--{name}' for name in chosen)}")
    path = file_names.make_readable(str(browser_script.USERSCRIPT))
    text = CONTENTS[chosen[0]]() if chosen else GUIDE.format(userscript=path)
    if output is None:
        terminal.print_result(text)
        return
    prepare_output(load_settings().archive, Path(output))
    write_text([text], Path(output))
    terminal.status(f"Wrote {output}.")
