"""A model of what GitHub and GitLab resolve in the text of issues, from their published rules.

Sources:

- Mentions on GitHub: `MentionPattern` and `IGNORE_PARENTS` of html-pipeline 2, published by GitHub.
- Other references on GitHub: docs.github.com, "Autolinked references and URLs", "Linking a pull
  request to an issue", "Writing mathematical expressions" (a dollar sign in <span> is text).
- GitLab: gitlabhq/gitlabhq, `reference_pattern` in app/models/{issue,label,milestone,snippet}.rb,
  and lib/banzai/filter/references/{reference_filter,abstract_reference_filter}.rb: text outside of
  pre, code, a and style, and each link whose address has the pattern of an object.
- GitLab: docs.gitlab.com, "GitLab Flavored Markdown": mathematics, inline diffs, emoji, contents.
- Blocks of code: docs.github.com, "Creating diagrams"; docs.gitlab.com, "Diagrams and flowcharts",
  "Embedded views" (glql) and "Suggest changes".

The model finds every syntax that would resolve if the object existed. It was not tried on the
hosts themselves. A name that begins with U+200B is none that anybody gave to a milestone.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.support import renderers

_IGNORED_ANCESTORS = frozenset({"pre", "code", "tt", "a", "style", "script", "samp"})
_FLAGS = re.ASCII | re.IGNORECASE
IN_TEXT = {
    "mention": r"(?<!\w)@\.?\w",
    "issue": r"#\d",
    "issue with a prefix": r"\b(?:GH|GL)-\d",
    "advisory": r"\b(?:CVE-\d|GHSA-\w)",
    "merge request": r"!\d",
    "epic": r"&\d",
    "snippet": r"\$\d",
    "label": r"~(?:[\w?.&-]|\".+?\")",
    "milestone": r"%(?!\u200b)(?:[^\"\s<]+\b|\"[^\"]+\")",
    "iteration": r"\*iteration:",
    "object": r"\[(?:cadence|vulnerability|feature_flag|contact|work_item|wiki_page|epic|issue):\S",
    "commit": r"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])",
    "emoji": r":[\w+-]+:",
    "mathematics": r"\$(?!\s)[^$]+(?<!\s)\$|\$\$[^$]+\$\$",
    "change": r"\[[+-].*?[+-]\]|\{[+-].*?[+-]\}",
    "contents": r"\A\s*(?:\[TOC\]|\[\[_TOC_\]\])\s*\Z",
    "alert": r"\A\s*\[!\w+\]",
    "placeholder": r"%\{\w+\}",
    "address": r"(?<![a-z])(?:https?|ftp)://\w",
}
_IN_TEXT = {name: re.compile(pattern, _FLAGS) for name, pattern in IN_TEXT.items()}
GITHUB_ADDRESS = re.compile(
    r"https?://(?:www\.)?github\.com/[\w.-]+/[\w.-]+/"
    r"(?:issues|pull|pulls|discussions|commit|commits|compare|blob)/\w",
    re.ASCII | re.IGNORECASE,
)
# GitLab compares the host as it is configured: in small letters.
GITLAB_ADDRESS = re.compile(
    r"https?://(?!redirect\.github\.com/)[a-z0-9.:-]+/[\w./-]+/(?:-/)?"
    r"(?:issues|merge_requests|work_items|epics|snippets|milestones|commit|compare|vulnerabilities)/\w",
    re.ASCII,
)
_RUN_LANGUAGES = frozenset(
    {"math", "mermaid", "geojson", "topojson", "stl", "suggestion", "plantuml", "kroki"} | {"glql"}
)
_CODE_BLOCK = re.compile(
    r"^[> ]*(`{3,})[^\n`]*\n.*?^[> ]*\1$|<pre>.*?</pre>|<table>$.*?^[> ]*</table>$",
    re.MULTILINE | re.DOTALL,
)
_QUICK_ACTION = re.compile(r"^/[a-z_]{2,}(?: |$)", re.MULTILINE)
_GITHUB_MATH = re.compile(r"(?<![\w$])\$(?!\s)[^$]*[^$\s]\$(?![\w$])|\$\$[^$]+\$\$")
_CODE = "\x02"  # stands for a code span
_SOURCE_MATH = re.compile(rf"\${_CODE}\$|\$(?!\s)[^$]*[^$\s]\$(?!\d)|\$\$[^$]+\$\$")
_WIKI_LINK = re.compile(r"\[\[[^\[\]\n]+\]\]")
_INERT_IN_SOURCE = re.compile(
    r"\\[!-/:-@\[-`{-~]|(`+)(?!`).*?(?<!`)\1(?!`)|\]\((?:<[^>]*>|[^\s()]*)(?: \"[^\"]*\")?\)",
    re.DOTALL,
)


def find_live(markdown: str) -> list[str]:
    """Return what the hosts would resolve or replace: its name and its text."""
    page = LexborHTMLParser(renderers.gfm(markdown))
    found = [*_find_in_text(page), *_find_in_links(page), *find_drawn_code(markdown)]
    found += [f"mathematics: {match}" for match in find_math_in_source(markdown)]
    uncoded = _CODE_BLOCK.sub("", markdown)
    found += [f"quick action: {match}" for match in _QUICK_ACTION.findall(uncoded)]
    return found


def find_math_in_source(markdown: str) -> Iterator[str]:
    """Yield what GitLab's parser reads as mathematics. It parses each cell of a table alone."""
    for plain in _iter_plain_paragraphs(markdown):
        for part in re.split(r"[|\n]", plain) if "| --- |" in plain else [plain]:
            yield from _SOURCE_MATH.findall(part)


def _iter_plain_paragraphs(markdown: str) -> Iterator[str]:
    """Yield each paragraph with a placeholder for code spans, and one for other inert parts."""
    for paragraph in re.split(r"\n[> ]*\n", _CODE_BLOCK.sub("", markdown)):
        yield _INERT_IN_SOURCE.sub(lambda match: _CODE if match[1] else "\ufffd", paragraph)


def find_math_in_file(markdown: str) -> Iterator[str]:
    """Yield what GitHub reads as mathematics in the text of a file, where no backslash is left."""
    for node in LexborHTMLParser(renderers.gfm(markdown)).root.traverse(include_text=True):
        if node.tag == "-text" and _IGNORED_ANCESTORS.isdisjoint(_iter_ancestors(node)):
            yield from _GITHUB_MATH.findall(node.text_content or "")


def _find_in_text(page: LexborHTMLParser) -> Iterator[str]:
    for node in page.root.traverse(include_text=True):
        if node.tag != "-text" or not _IGNORED_ANCESTORS.isdisjoint(_iter_ancestors(node)):
            continue
        text = node.text_content or ""
        for name, pattern in _IN_TEXT.items():
            if match := pattern.search(text):
                yield f"{name}: {match[0]}"
        code = node.next if text.endswith("$") else None
        after = code.next if code is not None and code.tag == "code" else None
        if after is not None and (after.text_content or "").startswith("$"):
            yield "mathematics: around code"


def _find_in_links(page: LexborHTMLParser) -> Iterator[str]:
    for node in page.css("a"):
        href = node.attributes.get("href") or ""
        if GITHUB_ADDRESS.match(href) or GITLAB_ADDRESS.match(href):
            yield f"address: {href}"


def find_wiki_links(markdown: str) -> Iterator[str]:
    """Yield what GitLab's parser reads as a link to a page of the wiki."""
    for paragraph in _iter_plain_paragraphs(markdown):
        yield from (f"page: {link}" for link in _WIKI_LINK.findall(paragraph))


def find_drawn_code(markdown: str) -> Iterator[str]:
    """Yield the blocks of code that the hosts draw or run, in files too."""
    for node in LexborHTMLParser(renderers.gfm(markdown)).css("pre"):
        if (language := (node.attributes.get("lang") or "").lower()) in _RUN_LANGUAGES:
            yield f"code: {language}"


def _iter_ancestors(node: LexborNode) -> Iterator[str]:
    while (parent := node.parent) is not None:
        yield parent.tag or ""
        node = parent
