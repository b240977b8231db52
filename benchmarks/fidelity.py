"""How much of Reddit's HTML shows the same after each converter, in each renderer, in %.

    python benchmarks/fidelity.py [--corpus PATH …] [--every N] [--depths 0,2]

A text is converted, put in block quotes, rendered, and the page compared with Reddit's, as a reader
would see both (tests/dom.py). Recorded texts are looked for where the tests do; `--corpus` adds
files: one JSON object with an "html" a line, or one list of them. In kramdown quotation marks,
dashes and ellipses are compared after it has made them typographic. The speed is how many times as
fast as plain markdownify it is, by the time of the processor; all take turns, five times.

Each text of ours that differs is listed with the reason, and a reason is tried, not guessed: the
text has to be equal as soon as that one thing is taken out of Reddit's HTML, or added to the
renderer. Exits with 1 if a text differs without one.
"""

import argparse
import gzip
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reddit_archive import markup  # noqa: E402
from tests.conftest import RECORDINGS  # noqa: E402
from tests.support import dom, renderers  # noqa: E402  (they lie beside the package, not in it)

Convert = Callable[[str], str]
Row = tuple[str, str]  # id, HTML
ROUNDS = 5
_CODE = re.compile(r"^( *)(`{3,}).*?^ *\2 *$|(`+)(?!`).+?(?<!`)\3(?!`)", re.M | re.S)
_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]|&#?\w+;")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--")


@dataclass
class Corpus:
    name: str
    rows: list[Row]
    sources: list[list[dom.OutlineLine]] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = [dom.extract_lines(html) for _, html in self.rows]


# Corpora


def read(path: Path, every: int) -> Corpus:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    lines = text.removesuffix("\n").split("\n")
    raw = json.loads(text) if path.suffix == ".json" else map(json.loads, lines)
    name = path.name.partition(".")[0]
    rows = [(str(row.get("id", f"{name}-{i}")), row["html"]) for i, row in enumerate(raw)]
    return Corpus(
        name,
        [
            (key, html.replace("\0", ""))
            for key, html in rows[:: every if len(rows) > 2000 else 1]
            if html
        ],
    )


def corpora(paths: Iterable[Path], every: int) -> Iterator[Corpus]:
    real = [RECORDINGS / "pairs.jsonl.gz", RECORDINGS / "snudown_cases.json"]
    for path in [*filter(Path.exists, real), *paths]:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        yield from (read(file, every) for file in files)


def converters() -> dict[str, Convert]:
    from markdownify import markdownify

    found: dict[str, Convert] = {
        "ours": markup.convert,
        "ours, jekyll": lambda html: markup.convert(html, target="jekyll"),
        "ours, cmark": lambda html: markup.convert(html, target="commonmark"),
        "markdownify": markdownify,
    }
    try:
        import html2text
    except ImportError:
        return found
    return found | {"html2text": lambda html: html2text.html2text(html, bodywidth=0)}


@cache
def available() -> dict[str, Callable[[str], str]]:
    """The renderers that are installed here."""
    kramdown = renderers.kramdown()
    return {
        "GitHub": renderers.gfm,
        "CommonMark": MarkdownIt("commonmark", {"maxNesting": 200}).render,
        "markdown-it": renderers.markdown_it,
        **({"kramdown": kramdown} if kramdown else {}),
    }


# Measures


def failures(
    corpus: Corpus, texts: list[str], renderer: str, depth: int
) -> Iterator[tuple[str, str]]:
    """(id, reason) of every text that shows something else."""
    render = available()[renderer]
    folded = dom.folded if renderer == "kramdown" else list
    for (key, html), source, text in zip(corpus.rows, corpus.sources, texts, strict=True):
        shown = dom.extract_lines(render(dom.quoted(text, depth)))
        if not dom.same(folded(source), folded(shown), depth):
            yield key, reason(html, text, renderer, depth)


def noise(texts: Iterable[str]) -> tuple[float, float]:
    """Escapes, with references, and HTML tags per 1,000 characters outside of code."""
    text = _CODE.sub("", "\n".join(texts))
    size = len(text) / 1000 or 1
    return len(_ESCAPE.findall(text)) / size, len(_TAG.findall(text)) / size


def seconds(convert: Convert, rows: Iterable[Row]) -> float:
    start = time.process_time()
    for _, html in rows:
        convert(html)
    return time.process_time() - start


def speeds(everyone: dict[str, Convert], rows: list[Row]) -> dict[str, float]:
    """How many times as fast as plain markdownify each is, by the time of the processor.

    They take turns, so that a busy machine slows all; the median of the rounds counts.
    """
    rounds = [
        {name: seconds(convert, rows) for name, convert in everyone.items()} for _ in range(ROUNDS)
    ]
    return {
        name: statistics.median(each["markdownify"] / each[name] for each in rounds)
        for name in everyone
    }


# Reasons


@dataclass(frozen=True, slots=True)
class Reason:
    """What keeps a text from being equal: `without` it, or if it is rendered `instead`, it is."""

    why: str
    renderer: str = ""  # the one that it holds for; "": all
    without: Callable[[str], str] = str
    instead: Convert | None = None


def _without(pattern: str, replacement: str = "") -> Callable[[str], str]:
    compiled = re.compile(pattern, re.DOTALL | re.IGNORECASE)
    return lambda html: compiled.sub(replacement, html)


def _extended(markdown: str) -> str:
    renderer = MarkdownIt("commonmark", {"maxNesting": 200})
    return str(renderer.enable(["table", "strikethrough"]).render(markdown))


def _unlinked(markdown: str) -> str:
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    extensions = ["table", "strikethrough", "tagfilter", "tasklist"]
    return cmarkgfm.markdown_to_html_with_extensions(markdown, options, extensions)


def _titles_unescaped(html: str) -> str:
    title = re.compile(r'(?<=title=")[^"]*')
    mark = re.compile(r"\\(&quot;|&amp;|&lt;|&gt;|[!-/:-@\[-`{-~])")
    return title.sub(lambda found: mark.sub(r"\1", found[0]), html)


_BROKEN = (
    r"</?(?!(?:a|b|i|s|p|br|hr|h[1-6]|em|strong|del|strike|sup|code|pre|blockquote|ul|ol|li)\b)"
)
_BROKEN += r"(?!(?:table|thead|tbody|tr|th|td|img|div|span|input)\b)[a-z][^<>]*>"
REASONS = (
    Reason(
        "by contract no link to another program: a scheme other than http, https, mailto",
        without=_without(
            r'<a href="(?!https?:|mailto:)[a-z][a-z0-9+.-]*:[^"]*"[^>]*>(.*?)</a>', r"\1"
        ),
    ),
    Reason(
        "by contract no control character, and none that turns the direction of reading",
        without=lambda html: re.sub(
            "[\u202a-\u202e\u2066-\u2069]", "", re.sub("[\x0b\x0c\x85]", " ", html)
        ),
    ),
    Reason(
        "by contract an old spoiler that hides in an empty link is shown",
        without=_without(r'<a href="[/#]s(?:poiler)?" title="([^"]*)"></a>', r"&gt;!\1!&lt;"),
    ),
    Reason("a broken recording: an element that no reader sees", without=_without(_BROKEN)),
    Reason(
        "its grammar has no tables and no strikethrough (target commonmark writes HTML)",
        "CommonMark",
        instead=_extended,
    ),
    Reason("it links every address that it finds in text", "GitHub", instead=_unlinked),
    Reason("it takes backslashes out of titles twice", "GitHub", without=_titles_unescaped),
    Reason(
        "it numbers every list from 1 (target jekyll can tell it)",
        "kramdown",
        without=_without(r'(<ol[^>]*?) start="\d+"', r"\1"),
    ),
)


def reason(html: str, text: str, renderer: str, depth: int) -> str:
    """The reason for which a text is not equal; "?" if there is none."""
    folded = dom.folded if renderer == "kramdown" else list
    for one in REASONS:
        if one.renderer in ("", renderer):
            render = one.instead or available()[renderer]
            shown = folded(dom.extract_lines(render(dom.quoted(text, depth))))
            if dom.same(folded(dom.extract_lines(one.without(html))), shown, depth):
                return one.why
    return "?"


# The table


def report(corpus: Corpus, depths: list[int]) -> bool:
    """Print a corpus's part of the table; False if ours differs without a reason."""
    names = list(available())
    everyone = converters()
    speed = speeds(everyone, corpus.rows)
    head = "".join(f"{name:>13}" for name in names)
    print(f"\n{corpus.name}: {len(corpus.rows)} texts, depths {', '.join(map(str, depths))}")
    print(f"{'':14}{head}{'escapes':>10}{'tags':>7}{'speed':>8}")
    exceptions: dict[str, list[str]] = {}
    for name, convert in everyone.items():
        texts = [convert(html) for _, html in corpus.rows]
        cells = []
        for renderer in names:
            failed = {d: dict(failures(corpus, texts, renderer, d)) for d in depths}
            worst = max(len(found) for found in failed.values())
            cells.append(f"{100 - 100 * worst / len(corpus.rows):13.2f}")
            if name == "ours":
                _note(exceptions, failed, renderer)
        escapes, tags = noise(texts)
        figures = f"{escapes:10.2f}{tags:7.2f}{speed[name]:8.2f}"
        print(f"{name:14}{''.join(cells)}{figures}", flush=True)
    for title, keys in exceptions.items():
        print(f"  ours, {title}: {len(keys)}: {' '.join(keys)}")
    return not any(title.endswith(": ?") for title in exceptions)


def _note(
    exceptions: dict[str, list[str]], failed: dict[int, dict[str, str]], renderer: str
) -> None:
    for key, why in {key: why for found in failed.values() for key, why in found.items()}.items():
        exceptions.setdefault(f"{renderer}: {why}", []).append(key)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, nargs="*", default=[])
    parser.add_argument("--every", type=int, default=1, help="take each Nth text")
    parser.add_argument("--depths", default="0,1,2,4")
    asked = parser.parse_args()
    depths = [int(depth) for depth in asked.depths.split(",")]
    fine = [report(c, depths) for c in corpora(asked.corpus, asked.every)]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
