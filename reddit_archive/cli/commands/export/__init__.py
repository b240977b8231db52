"""`export`: write threads in formats for other programs and other archives."""

import click

from reddit_archive.cli import options
from reddit_archive.cli.lazy_group import LazyCommand, LazyGroup

FORMATS = {
    "json": LazyCommand(
        "reddit_archive.cli.commands.export.reddit_json:json_command",
        "Reddit's JSON, for other tools.",
    ),
    "ndjson": LazyCommand(
        "reddit_archive.cli.commands.export.ndjson:ndjson_command",
        "One line of JSON per version of each text.",
    ),
    "csv": LazyCommand(
        "reddit_archive.cli.commands.export.csv_table:csv_command",
        "A table for spreadsheets, with one row per text.",
    ),
    "sqlite": LazyCommand(
        "reddit_archive.cli.commands.export.sqlite:sqlite_command",
        "An SQLite database, for SQL and Datasette.",
    ),
    "parquet": LazyCommand(
        "reddit_archive.cli.commands.export.parquet:parquet_command",
        "A Parquet file, for pandas, Polars and DuckDB.",
    ),
    "csl": LazyCommand(
        "reddit_archive.cli.commands.export.citations:csl_command",
        "Citations as CSL-JSON, for Zotero and pandoc.",
    ),
    "bibtex": LazyCommand(
        "reddit_archive.cli.commands.export.citations:bibtex_command",
        "Citations as BibTeX, for LaTeX.",
    ),
    "bag": LazyCommand(
        "reddit_archive.cli.commands.export.bag:bag_command",
        "BagIt bags, for storage elsewhere or import into another archive.",
    ),
    "html": LazyCommand(
        "reddit_archive.cli.commands.export.html_site:html_command",
        "Pages to read and search in a browser, offline.",
    ),
}


@click.group(
    "export",
    cls=LazyGroup,
    lazy_commands=FORMATS,
    epilog=options.format_examples(
        "archive export bag bags 9bread1",
    ),
)
@options.global_options
def export_command() -> None:
    """Export threads in formats that other programs can read."""
