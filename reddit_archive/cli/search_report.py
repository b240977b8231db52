"""Results of a search on a terminal, written by rich."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from reddit_archive.archive.index.search import Hit
from reddit_archive.archive.index.search_snippet import Snippet
from reddit_archive.cli import terminal


def print_hit(hit: Hit, heading: Sequence[str]) -> None:
    """Print a result on a terminal: title, heading, snippet with the words in bold, command."""
    document = hit.document
    *parts, status = heading
    line = Text(_to_printable_line("  ".join(filter(None, parts))), style="dim")
    line.append(f"  {_to_printable_line(status)}" if status else "", style="not dim yellow")
    console = Console(highlight=False)
    console.print(Text(_to_printable_line(document.thread_title), style="bold underline"))
    console.print(line)
    console.print(Padding(_highlight(hit.snippet), (0, 0, 0, 2)))
    command = Text(f"  {_to_printable_line(document.quote_command)}", style="cyan")
    console.print(command, end="\n\n", soft_wrap=True)


def _highlight(snippet: Snippet) -> Text:
    """Return a snippet with the words that match in bold."""
    output, position = Text(), 0
    for start, end in snippet.spans:
        output.append(_to_printable_line(snippet.text[position:start]))
        output.append(_to_printable_line(snippet.text[start:end]), style="bold")
        position = end
    output.append(_to_printable_line(snippet.text[position:]))
    return output


def _to_printable_line(text: str) -> str:
    return terminal.make_printable(text).replace("\n", " ")
