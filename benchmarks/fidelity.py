"""How much of Reddit's HTML shows the same after each converter, in each renderer, in %.

    python benchmarks/fidelity.py [--corpus PATH …] [--every N] [--depths 0,2] [--failures]

A text is converted, put in block quotes, rendered, and the page compared with Reddit's, as a reader
would see both (tests/dom.py). Recorded texts are looked for where the tests do; `--corpus` adds
files: one JSON object with an "html" a line, or one list of them. In kramdown quotation marks,
dashes and ellipses are compared after it has made them typographic. Exits with 1 when ours falls
below a promise.
"""

import argparse
import gzip
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reddit_archive import markup  # noqa: E402
from tests import dom, renderers  # noqa: E402  (they lie beside the package, not in it)
from tests.conftest import RECORDINGS  # noqa: E402

Convert = Callable[[str], str]
Row = tuple[str, str]  # id, HTML
_KNOWN = (
    ("", "<img", "by contract: a picture becomes a link, a quote loads nothing"),
    ("", r'href="(?!https?:|mailto:)[a-z][a-z0-9+.-]*:', "by contract: a link to another program"),
    ("", r'href="[/#]s(poiler)?" title="', "by contract: an old spoiler's text is shown"),
    ("", "[\u202a-\u202e\u2066-\u2069\x0b\x85]", "by contract: no control characters"),
    ("", "<(divclass=|void>)", "a broken recording: no such element, so no reader sees it"),
    ("CommonMark", "<(table|del|s|strike)>", "its grammar has no tables and no strikethrough"),
    ("GitHub", r"[\w.+]@\w+[.]\w", "it links every e-mail address"),
    ("GitHub", r'title="[^"]*\\[!-/:-@\[-`{-~]', "it takes a backslash out of titles twice"),
    ("kramdown", "<ol[^>]* start=", "it numbers every list from 1 (target jekyll can tell it)"),
)
_CODE = re.compile(r"^( *)(`{3,}).*?^ *\2 *$|(`+)(?!`).+?(?<!`)\3(?!`)", re.M | re.S)
_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]|&#?\w+;")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--")


@dataclass
class Corpus:
    name: str
    rows: list[Row]
    sources: list[list[dom.Line]] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = [dom.outline(html) for _, html in self.rows]


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
    from markdown_it import MarkdownIt

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
        shown = dom.outline(render(dom.quoted(text, depth)))
        if not dom.same(folded(source), folded(shown), depth):
            yield key, reason(html, renderer)


def reason(html: str, renderer: str) -> str:
    """Why a renderer can't show a text, where the reason is one of its own."""
    for where, pattern, why in _KNOWN:
        if where in ("", renderer) and re.search(pattern, html):
            return why
    return "?"


def noise(texts: Iterable[str]) -> tuple[float, float]:
    """Escapes, with references, and HTML tags per 1,000 characters outside of code."""
    text = _CODE.sub("", "\n".join(texts))
    size = len(text) / 1000 or 1
    return len(_ESCAPE.findall(text)) / size, len(_TAG.findall(text)) / size


def seconds(convert: Convert, corpus: Corpus) -> float:
    start = time.perf_counter()
    for _, html in corpus.rows:
        convert(html)
    return time.perf_counter() - start


# The table


def report(corpus: Corpus, depths: list[int], show: bool) -> bool:
    """Print a corpus's part of the table; False if ours fails without a known reason."""
    names = list(available())
    everyone = converters()
    best = {
        name: min(seconds(convert, corpus) for _ in range(3)) for name, convert in everyone.items()
    }
    head = "".join(f"{name:>13}" for name in names)
    print(f"\n{corpus.name}: {len(corpus.rows)} texts, depths {', '.join(map(str, depths))}")
    print(f"{'':14}{head}{'escapes':>10}{'tags':>7}{'speed':>8}")
    unknown: dict[str, str] = {}
    for name, convert in everyone.items():
        texts = [convert(html) for _, html in corpus.rows]
        cells = []
        for renderer in names:
            failed = {d: dict(failures(corpus, texts, renderer, d)) for d in depths}
            worst = max(len(found) for found in failed.values())
            cells.append(f"{100 - 100 * worst / len(corpus.rows):13.2f}")
            if name == "ours":
                unknown |= _listed(failed, renderer, show)
        escapes, tags = noise(texts)
        ratio = best["markdownify"] / best[name]
        print(f"{name:14}{''.join(cells)}{escapes:10.2f}{tags:7.2f}{ratio:8.2f}", flush=True)
    return not unknown


def _listed(failed: dict[int, dict[str, str]], renderer: str, show: bool) -> dict[str, str]:
    merged = {key: why for found in failed.values() for key, why in found.items()}
    if show:
        for key, why in merged.items():
            print(f"  {renderer}: {key}: {why}")
    return {key: why for key, why in merged.items() if why == "?"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, nargs="*", default=[])
    parser.add_argument("--every", type=int, default=1, help="take each Nth text")
    parser.add_argument("--depths", default="0,1,2,4")
    parser.add_argument("--failures", action="store_true", help="list each failing id")
    asked = parser.parse_args()
    depths = [int(depth) for depth in asked.depths.split(",")]
    fine = [report(c, depths, asked.failures) for c in corpora(asked.corpus, asked.every)]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
