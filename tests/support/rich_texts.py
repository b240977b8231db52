"""Random documents in Reddit's rich-text JSON: valid ones, and JSON of any shape."""

import random
from typing import Any

CHARACTERS = "ab <>&\"'\\*_☃🪴[]()"
URLS = ("https://e.example/a?b=1", "/r/x", "#s", "mailto:a@b.example", "javascript:x", "x", "")
KEYS = ("e", "c", "t", "f", "u", "h", "l", "id", "a", "o", "document", "s")
KINDS = ("par", "h", "list", "li", "table", "code", "blockquote", "spoilertext", "text", "link")
MENTIONS = ("r/", "u/", "@")


def grow_document(rng: random.Random) -> list[Any]:
    return [_grow_block(rng, 0) for _ in range(rng.randint(0, 4))]


def _grow_words(rng: random.Random) -> str:
    return "".join(rng.choices(CHARACTERS, k=rng.randint(0, 10)))


def _grow_formats(rng: random.Random) -> list[list[int]]:
    ranges = range(rng.randint(0, 4))
    return [[rng.randint(0, 127), rng.randint(-2, 9), rng.randint(-2, 12)] for _ in ranges]


def _grow_inline(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    kind = rng.choice(("text", "text", "text", "link", "br", *MENTIONS, "spoilertext", "mystery"))
    if kind == "br":
        return {"e": "br"}
    if kind in ("spoilertext", "mystery"):
        return {"e": kind, "c": _grow_line(rng, depth + 1) if depth < 4 else []}
    node = {"e": kind, "t": _grow_words(rng), "f": _grow_formats(rng)}
    if kind == "link":
        return {**node, "u": rng.choice(URLS), "a": _grow_words(rng)}
    return {**node, "l": rng.random() < 0.5} if kind in MENTIONS else node


def _grow_line(rng: random.Random, depth: int = 0) -> list[Any]:
    return [_grow_inline(rng, depth) for _ in range(rng.randint(0, 3))]


def _grow_block(rng: random.Random, depth: int) -> dict[str, Any]:
    kind = rng.choice(
        ("par", "par", "h", "code", "table", "list", "blockquote", "spoilertext", "?")
    )
    if kind in ("par", "h"):
        return {"e": kind, "l": rng.randint(-1, 9), "c": _grow_line(rng)}
    if kind == "code":
        return {"e": kind, "c": [{"e": "raw", "t": _grow_words(rng)} for _ in range(2)]}
    if kind == "table":
        rows = [[{"c": _grow_line(rng)} for _ in range(2)] for _ in range(rng.randint(0, 2))]
        header = [{"a": rng.choice("LCRx"), "c": _grow_line(rng)} for _ in range(2)]
        return {"e": kind, "h": header, "c": rows}
    inner = [_grow_block(rng, depth + 1) for _ in range(rng.randint(0, 3) if depth < 6 else 0)]
    if kind == "list":
        return {"e": kind, "o": rng.random() < 0.5, "c": [{"e": "li", "c": inner}]}
    return {"e": kind, "c": inner}


def collect_words(nodes: list[Any]) -> str:
    """The texts in a document as its nodes hold them, without white space."""
    parts: list[str] = []
    for node in nodes:
        kind = node.get("e")
        if kind in MENTIONS:
            parts.append(f"{'/' * node['l']}{kind.replace('@', 'u/')}")
        parts.append(node.get("t", "") or node.get("u", ""))
        content = node.get("c", [])
        cells = [*node["h"], *(cell for row in content for cell in row)] if "h" in node else None
        parts += [collect_words(content)] if cells is None else [collect_words(cells)]
    return "".join("".join(parts).split())


def grow_json(rng: random.Random, depth: int = 0) -> Any:
    """JSON with the keys of rich text, and values of any type."""
    shape = rng.randint(0, 9 if depth < 6 else 5)
    if shape < 6:
        atoms = (
            None,
            True,
            rng.randint(-9, 200),
            1.5,
            float("nan"),
            10**30,
            rng.choice(KINDS),
            "\ud800",
        )
        return rng.choice(atoms)
    values = [grow_json(rng, depth + 1) for _ in range(rng.randint(0, 4))]
    return values if shape == 6 else dict(zip(rng.sample(KEYS, len(values)), values, strict=True))
