"""Arguments that several commands share."""

import click

from reddit_archive.cli import completion

thread_argument = click.argument("thread", shell_complete=completion.threads)
