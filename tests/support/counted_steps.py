"""Count what parsers do for texts of two sizes; run as a script, which prints the counts as JSON.

A step is a call, or a character that a call on a string or a pattern looks at or copies. For that
the parsers are loaded with each such call replaced by one that counts. What a pattern does within
one match is not counted.
"""

import ast
import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from typing import Any

METHODS = {"find", "rfind", "index", "count", "split", "partition", "replace", "lower", "strip"}
METHODS |= {"lstrip", "rstrip", "expandtabs", "search", "match", "fullmatch", "sub"}
steps = 0


def call(owner: Any, name: str, *args: Any, **more: Any) -> Any:
    global steps
    found = getattr(owner, name)(*args, **more)
    if isinstance(owner, str):
        start = args[1] if name in ("find", "index") and len(args) > 1 else 0
        is_search = name in ("find", "index") and found >= 0
        steps += (found if is_search else len(owner)) - start
    elif isinstance(owner, re.Pattern) and isinstance(args[0], str):
        start = args[1] if len(args) > 1 and name != "sub" else 0
        is_search = name in ("search", "sub")
        end = found.end() if isinstance(found, re.Match) else len(args[0]) if is_search else start
        steps += max(end - start, 1)
    return found


def copied(part: Any) -> Any:
    global steps
    steps += len(part) if isinstance(part, str) else 1
    return part


class Counting(ast.NodeTransformer):
    """Replaces methods of strings and patterns, slices, and text that is added to an attribute."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            name = ast.Name("_counted_call", ast.Load())
            args = [node.func.value, ast.Constant(node.func.attr), *node.args]
            return ast.Call(name, args, node.keywords)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
            return ast.Call(ast.Name("_counted_copy", ast.Load()), [node], [])
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Attribute) or not isinstance(node.op, ast.Add):
            return node
        value = ast.Attribute(node.target.value, node.target.attr, ast.Load())
        total = ast.BinOp(value, ast.Add(), node.value)
        return ast.Assign(
            [node.target], ast.Call(ast.Name("_counted_copy", ast.Load()), [total], [])
        )


class Loader(SourceFileLoader):
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:
        tree = Counting().visit(ast.parse(data))
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)

    def get_code(self, fullname: str) -> Any:  # never that of a cached file
        return self.source_to_code(self.get_data(self.path), self.path)

    def exec_module(self, module: Any) -> None:
        module.__dict__.update(_counted_call=call, _counted_copy=copied)
        super().exec_module(module)


class Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if not fullname.startswith("reddit_archive"):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin is not None:
            spec.loader = Loader(fullname, spec.origin)
        return spec


def parsers() -> dict[str, Callable[[str], object]]:
    from reddit_archive import markup
    from reddit_archive.markup.snudown import parser
    from reddit_archive.model import reference
    from reddit_archive.quote.blocks import markers, options
    from reddit_archive.sources import extract
    from reddit_archive.sources.saved_json import files

    comment = {"id": "c1", "link_id": "t3_abc"}
    return {
        "saved page": lambda text: files.parse(text.encode(), "page.html"),
        "snudown": lambda text: parser._render.__wrapped__(text, ()),
        "page": lambda text: list(markers.find_markers(text)),
        "options": lambda text: options.parse(f"9bread1 {text}"),
        "reference": reference.parse,
        "flattening": lambda text: extract.extract_things([{**comment, "body": c} for c in text]),
        "html": markup.convert,
    }


def count(parse: Callable[[str], object], text: str) -> int:
    """Return the steps of a parser for a text, also if it refuses the text."""
    global steps
    steps, calls = 0, 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        with suppress(ValueError, RecursionError, *_refusals()):
            parse(text)
    finally:
        sys.setprofile(None)
    return steps + calls


def _refusals() -> tuple[type[Exception], ...]:
    from reddit_archive import errors

    return (errors.ArchiveError,)


def main(request: dict[str, Any]) -> None:
    sys.meta_path.insert(0, Finder())
    found = parsers()
    if request["fault"]:
        from reddit_archive.markup.snudown import inline

        inline.find_cached = lambda state, mark, begin: call(state.src, "find", mark, begin)
    if request["budget"]:
        from reddit_archive.markup.snudown import nesting

        nesting.STEP_BUDGET = request["budget"]
    counts = []
    for parser, pattern in request["patterns"]:
        count(found[parser], pattern)  # what is loaded or compiled once
        sizes = [request["size"], 2 * request["size"]]
        texts = [pattern * (size // len(pattern)) for size in sizes]
        counts.append([parser, pattern, *(count(found[parser], text) for text in texts)])
    print(json.dumps(counts))


if __name__ == "__main__":
    main(json.loads(sys.stdin.read()))
