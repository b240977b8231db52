"""The commands in the order of the help: where each is defined, and its line there."""

from reddit_archive.cli.lazy_group import LazyCommand

COMMANDS = {
    "save": LazyCommand(
        "reddit_archive.cli.commands.save:save_command",
        "Fetch a thread, store it, print the quote.",
    ),
    "quote": LazyCommand(
        "reddit_archive.cli.commands.quote:quote_command",
        "Print a quote from the archive, without network.",
    ),
    "open": LazyCommand(
        "reddit_archive.cli.commands.open:open_command",
        "Show a thread's page in the browser.",
    ),
    "batch": LazyCommand(
        "reddit_archive.cli.commands.batch:batch_command",
        "Save every thread that a list, a page or an export names.",
    ),
    "fill": LazyCommand(
        "reddit_archive.cli.commands.fill:fill_command",
        "Fetch what is missing from stored threads.",
    ),
    "inbox": LazyCommand(
        "reddit_archive.cli.commands.inbox:inbox_command",
        "Import the thread files in a folder.",
    ),
    "refresh": LazyCommand(
        "reddit_archive.cli.commands.refresh:refresh_command",
        "Renew the quote blocks inside Markdown pages.",
    ),
    "list": LazyCommand(
        "reddit_archive.cli.commands.list:list_command",
        "List saved threads and what Reddit has since deleted.",
    ),
    "search": LazyCommand(
        "reddit_archive.cli.commands.search:search_command",
        "Search all saved texts, including deleted and previous ones.",
    ),
    "log": LazyCommand(
        "reddit_archive.cli.commands.log:log_command",
        "Show what happened to a thread, and when.",
    ),
    "diff": LazyCommand(
        "reddit_archive.cli.commands.log:diff_command",
        "Compare two snapshots of a thread, word by word.",
    ),
    "verify": LazyCommand(
        "reddit_archive.cli.commands.verify:verify_command",
        "Check every stored byte.",
    ),
    "reindex": LazyCommand(
        "reddit_archive.cli.commands.reindex:reindex_command",
        "Rebuild the index.",
    ),
    "forget": LazyCommand(
        "reddit_archive.cli.commands.forget:forget_command",
        "Remove a thread from the archive.",
    ),
    "redact": LazyCommand(
        "reddit_archive.cli.commands.redact:redact_command",
        "Remove texts, names and pictures from saved threads.",
    ),
    "export": LazyCommand(
        "reddit_archive.cli.commands.export:export_command",
        "Export threads in other formats.",
    ),
    "import": LazyCommand(
        "reddit_archive.cli.commands.import_:import_command",
        "Import threads from saved pages, exports, dumps and bags.",
    ),
    "browser": LazyCommand(
        "reddit_archive.cli.commands.browser:browser_command",
        "Save a thread with one click in your browser: how to install it.",
    ),
    "login": LazyCommand(
        "reddit_archive.cli.commands.login:login_command",
        "Set your key for Reddit's API, after testing it.",
    ),
    "doctor": LazyCommand(
        "reddit_archive.cli.commands.doctor:doctor_command",
        "Check the settings, the sources and the archive.",
    ),
    "completion": LazyCommand(
        "reddit_archive.cli.completion:completion_command",
        "Print the completion script for your shell.",
    ),
}
