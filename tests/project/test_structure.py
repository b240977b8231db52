"""Who may import what: one owner for each package, a pure middle, and a flow without way back."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "reddit_archive"
OWNERS = {
    "praw": "sources.reddit_api",
    "prawcore": "sources.reddit_api",
    "tenacity": "network.retry",
    "requests": "network sources",
    "urllib3": "network",
    "certifi": "network",
    "socks": "network",
    "zstandard": "sources.decompress",
    "warcio": "sources.saved_page.wrappers.warc",
    "brotli": "sources.saved_page.wrappers.http_body",
    "distributed": "parallel.executors",
    "orjson": "files.fast_json",
    "sqlite3": "archive.index export.sqlite",
    "jinja2": "export.site",
    "markupsafe": "export.site",
    "yaml": "config",
    "selectolax": "markup sources.saved_page",
    "markdownify": "markup",
    "wcwidth": "markup.display_width",
    "markdown_it": "markup.snudown quote.check",  # Reddit's dialect; CommonMark for --check
    "click": "cli",
    "platformdirs": "cli config",
    "rich": "cli",
}
PURE = (
    "errors",
    "files.fast_json",
    "files.file_names",
    "markup",
    "model",
    "history",
    "quote",
    "archive.snapshot_order",
    "workflows.inputs",
)
IMPURE_MODULES = {
    "os",
    "sys",
    "io",
    "socket",
    "time",
    "pathlib",
    "subprocess",
    "shutil",
    "tempfile",
}
IMPURE_CALLS = {"open", "print", "input"}
ROOMS = (
    *("errors", "parallel", "files", "network", "markup", "model", "history", "quote", "config"),
    *("archive", "sources", "media", "export", "workflows", "cli"),
)
"""A module imports from its own room and from those before it."""


@cache
def modules() -> dict[str, ast.Module]:
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py"]
    return {_name(path): ast.parse(path.read_text()) for path in files}


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(tree: ast.Module) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it; ours without the package's name."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "reddit_archive":
            names = [f"reddit_archive.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            yield name.removeprefix("reddit_archive.")


def is_pure(module: str) -> bool:
    return f"{module}.".startswith(tuple(f"{name}." for name in PURE))


def offences(trees: dict[str, ast.Module]) -> list[str]:
    """Every import that breaks a rule, as "module imports name"."""
    row = {name: number for number, name in enumerate(ROOMS)}
    found = []
    for module, tree in trees.items():
        top = module.split(".")[0]
        for name in imports(tree):
            first = name.split(".")[0]
            owners = tuple(f"{owner}." for owner in OWNERS.get(first, "").split())
            is_foreign = bool(owners) and not f"{module}.".startswith(owners)
            is_impure = is_pure(module) and first in IMPURE_MODULES
            is_backward = top in row and row.get(first, -1) > row[top]
            if is_foreign or is_impure or is_backward:
                found.append(f"{module} imports {name}")
    return found


def test_imports__owners_purity_and_flow() -> None:
    assert offences(modules()) == []


def test_rooms__are_all_that_stands_at_the_top() -> None:
    assert {module.split(".")[0] for module in modules() if module} == set(ROOMS)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("quote", "import praw"),
        ("model.thread", "import os"),
        ("history", "from pathlib import Path"),
        ("model.capture", "from reddit_archive import cli"),
        ("quote", "from reddit_archive.archive import store"),
        ("files", "def f():\n    import yaml"),
    ],
)
def test_imports__rule_catches(module: str, line: str) -> None:
    assert len(offences({module: ast.parse(line)})) == 1


def test_pure_modules__neither_print_nor_open() -> None:
    for module, tree in modules().items():
        if is_pure(module):
            called = {
                node.func.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not called & IMPURE_CALLS, module


def neighbours(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """The modules that each module imports, at its top or where it needs them."""
    found: dict[str, set[str]] = {}
    for module, tree in trees.items():
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = [
            (node.module or "").removeprefix("reddit_archive").lstrip(".") + f".{alias.name}"
            for node in nodes
            if (node.module or "").startswith("reddit_archive")
            for alias in node.names
        ]
        imported = {name.lstrip(".") for name in names}
        imported |= {name.rpartition(".")[0] for name in imported - trees.keys()}
        found[module] = imported & trees.keys() - {module, ""}
    return found


def in_circles(graph: dict[str, set[str]]) -> set[str]:
    """What is left once everything is taken away that imports nothing that is left."""
    left = dict(graph)
    while done := [name for name, others in left.items() if not others & left.keys()]:
        for name in done:
            del left[name]
    return set(left)


def test_imports__go_in_no_circle() -> None:
    graph = neighbours(modules())
    assert in_circles(graph) == set()
    assert in_circles({**graph, "errors": {"workflows.load"}}) >= {"errors", "workflows.load"}


def sizes(trees: dict[str, ast.Module]) -> Iterator[tuple[str, int, int]]:
    """Each module and function, its lines, and how many it may have."""
    for module, tree in trees.items():
        yield module, max((node.end_lineno or 0 for node in tree.body), default=0), 400
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}.{node.name}", (node.end_lineno or 0) - node.lineno + 1, 60


def test_modules__none_has_outgrown_its_noun() -> None:
    found = list(sizes(modules()))
    assert len(found) > 1_000
    assert [name for name, lines, most in found if lines > most] == []


CALLED_BY_OTHERS = re.compile(
    r"__\w+__|get_command|handle_\w+|(?:list|format)_commands|shell_complete|parse_args"
    r"|readinto|readable|fileno|begin|get_redirect_target|do_GET|log_message"
)
"""By Python, click, the parser of HTML, io and the server that waits for a login."""


def unused(trees: dict[str, ast.Module], other_text: str = "") -> set[str]:
    """Functions, classes, methods and constants that nothing in the package names again."""
    used: set[str] = set(re.findall(r"\w+", other_text))
    defined: set[str] = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    defined.add(node.name)
                case ast.Name(id=name, ctx=ast.Store()) if name.isupper():
                    defined.add(name)
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                    used.add(name)
                case ast.Constant(value=str() as text):  # a name, or `package.module:name`
                    used.add(text.rpartition(":")[2])
    return {name for name in defined - used if not CALLED_BY_OTHERS.fullmatch(name)}


def test_names__somebody_uses_each() -> None:
    templates = "".join(path.read_text() for path in PACKAGE.rglob("*.html"))
    templates += (ROOT / "docs" / "api.md").read_text()
    assert unused(modules(), templates) == set()
    assert unused({**modules(), "x": ast.parse("def forlorn(): pass")}, templates) == {"forlorn"}


FIGURE = re.compile(r"\d m?s\b")
OPTIONAL_PACKAGES = {"brotli", "distributed", "pyarrow", "warcio", "zstandard"}
LATE_FOR_OTHER_REASONS = {"__main__", "__init__", "cli.crash_report"}
"""An interrupt while the program loads, the public interface, and a crash report that must work."""


def late_imports(source: str) -> Iterator[str]:
    """Yield each import inside a function that no figure pays for, in its line or right above."""
    lines = source.splitlines()
    functions = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))
    nodes = {node for function in functions for node in ast.walk(function)}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            comment = " ".join(lines[node.lineno - 2 : node.lineno]).partition("# ")[2]
            if (name or "").split(".")[0] not in OPTIONAL_PACKAGES and not FIGURE.search(comment):
                yield lines[node.lineno - 1].strip()


def test_imports_inside_functions__have_a_figure_that_pays_for_them() -> None:
    sources = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path.read_text()
        for path in PACKAGE.rglob("*.py")
    }
    found = {name: [*late_imports(source)] for name, source in sources.items()}
    assert {name for name, lines in found.items() if lines} <= LATE_FOR_OTHER_REASONS, found
    assert [*late_imports("def f():\n    import yaml  # loads slowly")] != []


def test_start__loads_no_heavy_package() -> None:
    code = (
        "import sys, reddit_archive.cli\n"
        "heavy = {'praw', 'requests', 'bs4', 'selectolax', 'markdownify', 'markdown_it'}\n"
        "heavy |= {'rich', 'yaml', 'tenacity', 'jinja2', 'multiprocessing', 'distributed'}\n"
        "sys.exit(','.join(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
