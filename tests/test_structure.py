"""Who may import what: one owner for each package, a pure middle, and a flow without way back."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

PACKAGE = ROOT / "reddit_archive"
OWNERS = {
    "praw": "sources.reddit",
    "prawcore": "sources.reddit",
    "tenacity": "sources.patience",
    "requests": "sources",
    "certifi": "media",
    "zstandard": "sources.exports",
    "distributed": "workers",
    # to look things up in, and to take elsewhere
    "sqlite3": "index titles search outlets.database",
    "jinja2": "site",
    "markupsafe": "site",
    "yaml": "config",
    "selectolax": "markup",
    "markdownify": "markup",
    "markdown_it": "snudown check",  # Reddit's dialect; and CommonMark, for --check
    "click": "cli",
    "rich": "cli",
}
PURE = (
    "errors",
    "hosts",
    "reference",
    "capture",
    "assembly",
    "snudown",
    "thread",
    "history",
    "markup",
    "quote",
    "page",
    "batch",
    "redaction",
    "outline",
    "check",
    "amendment",
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
FLOW = [
    ["errors", "hosts", "titles", "pieces", "workers"],
    ["reference", "capture", "disk", "amendment", "snudown"],
    ["assembly", "links"],
    ["sources", "thread", "snapshot", "rereading"],
    ["store", "history", "markup", "redaction"],
    ["quote", "config", "media", "outline", "summary", "witness"],
    ["check", "page"],
    ["batch"],
    ["index", "search", "pseudonyms"],
    ["catalogue"],
    ["forget"],
    ["bag", "outlets", "site", "arrivals"],
    ["cli"],
]
"""A module imports from its own row and from those above it."""


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


def offences(trees: dict[str, ast.Module]) -> list[str]:
    """Every import that breaks a rule, as "module imports name"."""
    row = {name: number for number, names in enumerate(FLOW) for name in names}
    found = []
    for module, tree in trees.items():
        top = module.split(".")[0]
        for name in imports(tree):
            first = name.split(".")[0]
            owners = tuple(f"{owner}." for owner in OWNERS.get(first, "").split())
            is_foreign = bool(owners) and not f"{module}.".startswith(owners)
            is_impure = top in PURE and first in IMPURE_MODULES
            is_backward = top in row and row.get(first, -1) > row[top]
            if is_foreign or is_impure or is_backward:
                found.append(f"{module} imports {name}")
    return found


def test_imports__owners_purity_and_flow() -> None:
    assert offences(modules()) == []


def test_imports__every_module_has_its_place_in_the_flow() -> None:
    placed = {name for row in FLOW for name in row}
    assert {module.split(".")[0] for module in modules() if module} == placed


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("quote", "import praw"),
        ("thread", "import os"),
        ("history", "from pathlib import Path"),
        ("capture", "from reddit_archive import cli"),
        ("store", "from reddit_archive.quote import Selection"),
        ("disk", "def f():\n    import yaml"),
    ],
)
def test_imports__rule_catches(module: str, line: str) -> None:
    assert len(offences({module: ast.parse(line)})) == 1


def test_pure_modules__neither_print_nor_open() -> None:
    for module, tree in modules().items():
        if module.split(".")[0] in PURE:
            called = {
                node.func.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not called & IMPURE_CALLS, module


def test_start__loads_no_heavy_package() -> None:
    code = (
        "import sys, reddit_archive.cli\n"
        "heavy = {'praw', 'requests', 'bs4', 'selectolax', 'markdownify', 'markdown_it'}\n"
        "heavy |= {'rich', 'yaml', 'tenacity', 'jinja2', 'multiprocessing', 'distributed'}\n"
        "sys.exit(','.join(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
