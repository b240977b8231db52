"""Hostile texts take linear steps: twice the text takes about twice the steps of each parser."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SAVED = ["<pre>", "<pre ", "<pre><", "</pre>", "<pre></pre", "<pre>{}", "{}", "[1]", "\n{", "\n["]
SAVED += [
    '"',
    "\n",
    "<",
    "&lt;",
    '{"a":1}\n',
    "<!",
    "1 ",
    "\\",
    "{} {",
    "<PRE>",
    "a",
    "<p>",
    "]",
    "}",
]
SAVED += [
    "null",
    "\x1e",
    "\x1e{}",
    "\ufeff",
    "[]\n",
    ",",
    "true",
    "<pre a=b>",
    "<pre>a",
    "-",
    "é",
    " ",
]
SAVED += ["\t", "\r\n", "<pre>\n", "<pre>[", "{}{", '""']
SNUDOWN = [">!a", "^(", "1. a\n\n", "[a](", "<", "<a ", "`", "``a`", "*a", "**a", "***a", "_a_"]
SNUDOWN += [
    "~~a",
    "&a",
    "|a",
    "a|b\n-|-\n",
    "> a\n\n",
    ">! a\n",
    "- a\n",
    "- a\n\n",
    "# a\n",
    "```\n",
]
SNUDOWN += [
    "    a\n\n",
    "a\n",
    "a  \n",
    "\\",
    "/r/a ",
    "a@b.",
    "www.a.",
    "git://a.",
    "http://a(",
    "^a",
]
SNUDOWN += ["![", "*", "a ", ">!a!<", "[a]: b\n", "* * ", "a;", "~~~~", "![gif](", "a\n=\n"]
SNUDOWN += ["***a ", "[", "` a", "<a:", "<a", "&", "a@", "www.", "> ", ">", ">!", "- ", "* a\n"]
SNUDOWN += [">!a\n\n", ">! a\n\n!<", ">!a !<\n\n", "[a]:\n", "[]:x\n", "[a]: b\n'", ">>a", ">>"]
SNUDOWN += ["r/ab+", "|\n", "a@a.b@"]
SNUDOWN += ["a\n\n", "|a\n-|-\n", "- a\n\n    - b\n\n", ">a\n\n"]
RESTARTED = ["*a ", "**a ", "_a ", "~~a ", "[a](b 'c", "[a][", "**_a", "*[", ">>a ", ">![a\n\n"]
"""Failed searches start again at each of these. `nesting.STEP_BUDGET` limits their steps."""
PAGE = [
    "- ",
    "1. ",
    "* - ",
    "> ",
    "<!--",
    "<!-- reddit:",
    "<!-- reddit: a\n",
    "<!-- /reddit",
    "<pre>",
]
PAGE += [
    "<pre>\n",
    "```",
    "~~~\n",
    "---\n",
    "+++\n",
    "\n",
    "a\n",
    " - \n",
    "  - a\n",
    "<! ",
    "<-",
    "\t",
]
PAGE += [
    "<reddit ",
    "<!- reddit",
    "<!-- reddit: a --> <!-- ",
    "--> <!--",
    "- \t",
    "-->",
    "1.\t",
    "    a\n",
]
PAGE += [
    "<!-- reddit: a -->\n",
    "<!-- /reddit -->\n",
    "<!-- reddit -c",
    "</pre>\n",
    "<script>",
    "`",
    "~",
]
PAGE += ["-", "+ a\n\n", "<!--\n", "-->\n", "\ufeff", "\r"]
OPTIONS = [
    "-c abc ",
    "-c t1_abc ",
    "--comment=abc ",
    "--top 1 ",
    "--all ",
    "a ",
    "'",
    '"',
    "\\",
    "--x",
]
OPTIONS += [
    "-c=abc ",
    "--to html ",
    "--",
    "- ",
    "'' ",
    "a'b' ",
    "--excerpt a ",
    "--style a ",
    "=",
    "-x ",
]
OPTIONS += [
    "--depth 2 ",
    "--context 1 ",
    "--replies all ",
    "--no-post ",
    "--as-of 2026 ",
    "\n",
    "\\\n",
    "#",
]
OPTIONS += ["--pseudonyms ", "--images link ", "-c abc\n", "-c 'ab' ", "--al ", "-ca ", "é", "--c "]
OPTIONS += ['"a" ', "-c https://redd.it/abc12 ", "--all=1 ", "--top=1 "]
REFERENCE = [
    "[](",
    "[",
    "](",
    "<",
    "(",
    "[a](",
    " ",
    "/",
    "//",
    ":",
    "?",
    "%41",
    "r/",
    "a.",
    "http://",
]
REFERENCE += [
    "web.archive.org/",
    "/web/",
    "](<",
    ">",
    "!",
    "/r/a",
    "/comments/",
    "reddit.com/",
    '"',
]
REFERENCE += [
    "reddit.com/r/a/comments/abc/",
    '[](a "',
    "[](http://",
    ")",
    "[](a)",
    "https:/reddit.com/",
]
REFERENCE += ["a", "1", "t3_", "@", "#", "&", ".json", "\\", "[a]", "é"]
FLATTENING = ["ab"]
HTML = [
    "<p>",
    "<p>a</p>",
    "<em>",
    "<em>a</em>",
    "<ul><li>a</li></ul>",
    "<td>",
    "<tr><td>a",
    "`",
    "a*",
]
HTML += [
    "<a href=b>c</a>",
    "<code>`</code>",
    "<del>a</del>",
    "<br>",
    "<h1>a</h1>",
    "a_b",
    "[",
    "(",
    "<",
]
HTML += [
    "&amp;",
    "<b>",
    "<strong>a</strong> ",
    "<ol><li>a</li></ol>",
    "<li>",
    "<img src=a>",
    "<hr>",
    "!",
]
HTML += [
    "a\n",
    " ",
    "\\",
    "<em>a</em>b",
    "<sup>a</sup>",
    "#",
    "|",
    "~",
    "http://a ",
    "<em> a</em>",
    "{{",
]
HTML += [
    "<table><tr><td>a</td></tr></table>",
    "<pre>a</pre>",
    "<blockquote>a</blockquote>",
    "![",
    "{%",
]
ALL = {"saved page": SAVED, "snudown": SNUDOWN, "page": PAGE, "options": OPTIONS}
ALL |= {"reference": REFERENCE, "flattening": FLATTENING, "html": HTML}
KNOWN = [("saved page", "<pre>"), ("snudown", ">!a"), ("snudown", "^("), ("snudown", "1. a\n\n")]
KNOWN += [("snudown", "*a"), ("page", "- "), ("options", "-c abc "), ("reference", "[](")]
KNOWN += [("flattening", "ab"), ("html", "<em>a</em>")]
BOUNDED = {("snudown", "[a]("), ("saved page", "\n[")}
"""Bounded by other limits: the step budget, and the depth of JSON that is decoded."""
MAX_RATIO = 2.5
MIN_STEPS = 10_000


def find_superlinear(
    patterns: list[tuple[str, str]], size: int, *, fault: bool = False, budget: int = 0
) -> list[object]:
    """Return the patterns where twice the text takes more than about twice the steps."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.counted_steps"],
        input=json.dumps({"patterns": patterns, "size": size, "fault": fault, "budget": budget}),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=True,
    )
    return [
        each for each in json.loads(done.stdout) if each[3] > max(MIN_STEPS, MAX_RATIO * each[2])
    ]


def test_parsers__known_hostile_texts_take_linear_steps() -> None:
    assert find_superlinear(KNOWN, 300) == []


@pytest.mark.slow
def test_parsers__all_patterns_take_linear_steps() -> None:
    every = [(parser, pattern) for parser, patterns in ALL.items() for pattern in patterns]
    assert find_superlinear([each for each in every if each not in BOUNDED], 1_000) == []


def test_snudown__step_budget_limits_restarted_searches() -> None:
    patterns = [("snudown", pattern) for pattern in RESTARTED[:4]]
    assert find_superlinear(patterns, 400, budget=3_000) == []


@pytest.mark.slow
def test_snudown__step_budget_limits_every_restarted_search() -> None:
    patterns = [("snudown", pattern) for pattern in RESTARTED]
    assert find_superlinear(patterns, 800, budget=10_000) == []


@pytest.mark.slow
def test_control__search_without_a_budget_is_found() -> None:
    patterns = [("snudown", pattern) for pattern in RESTARTED[:2]]
    assert len(find_superlinear(patterns, 400)) == len(patterns)


@pytest.mark.slow
def test_control__restarted_search_is_found() -> None:
    assert find_superlinear([("snudown", ">!a"), ("snudown", "^(")], 2_000, fault=True) != []
