"""Hostile texts, and checks that a page which quotes them shows text and runs nothing."""

import random
import re
from collections.abc import Iterator
from html import escape as escaped

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reddit_archive import markup
from reddit_archive.markup import targets
from tests.support import dom, renderers

PAYLOADS = {
    "image": "<img src=x onerror=alert(1)>",
    "script": "<script>alert(1)</script>",
    "svg": "<svg/onload=alert(1)>",
    "iframe": '<iframe src="https://evil.example/"></iframe>',
    "style": "<style>@import 'https://evil.example/x.css';</style>",
    "comment": "<!-- --><!--><img src=x onerror=alert(1)>-->",
    "cdata": "<![CDATA[<b onclick=x>]]><?php x ?><!DOCTYPE x>",
    "quote in tag": '"><b onmouseover=alert(1)>x</b>',
    "end of code": "</code></pre></blockquote><script>alert(1)</script>",
    "markdown image": "![x](http://evil.example/x.png) ![x][1] ![1]",
    "javascript": "[x](javascript:alert(1)) <javascript:alert(1)> [x]: javascript:alert(1)",
    "javascript disguised": "[x](JaVa\tScRiPt&colon;alert(1)) [x](&#106;avascript:alert(1))",
    "relative address": "[x](logout?all=1) ![x](logout) [x][2]\n\n[2]: ./logout 'x'",
    "address alone": "logout?all=1",
    "scheme without slashes": "https:logout?all=1",
    "data": "[x](data:text/html;base64,PHNjcmlwdD4=) ![x](data:image/svg+xml,<svg>)",
    "definition": "[x]: javascript:alert(1)\n[1]: data:,x 'y'\n*[x]: <b onclick=y>\n[^1]: <img>",
    "liquid value": "{{ site.secret }} {{- site.secret -}}",
    "liquid tag": "{% include x %} {%- assign a = 1 -%} {% raw %}",
    "liquid end of raw": "{% endraw %}{{ site.secret }}{% raw %}",
    "liquid in code": "`{{ site.secret }}` ```\n{% include x %}\n```",
    "kramdown attributes": '{: onclick="alert(1)"} x{:.c onload=x} *x*{: style="color:red"}',
    "kramdown options": '{::options parse_block_html="true" /} {::comment}x{:/}',
    "kramdown raw": "{::nomarkdown}<script>alert(1)</script>{:/nomarkdown} {::x /}",
    "kramdown mathematics": "$$ \\href{javascript:alert(1)}{x} $$",
    "kramdown list": "a\n: b\n\n* c\n{:toc}\n\n^",
    "wiki link": "[[x]] [[x|y]] [[x#^y]] [a [[b] c]]",
    "wiki embed": "![[x.pdf]] ![[x]]",
    "dataview": "`= this.file.name` `$= app.vault.delete()` ` = x` `=x`",
    "dataviewjs": "```dataviewjs\napp.vault.delete()\n```\n~~~mermaid\nx\n~~~",
    "templater": "<% tp.user.x() %> `<%* app.vault.delete() %>`",
    "callout": "[!danger]- x\n[!note] y",
    "obsidian marks": "%%x%% ==y== #tag x #a/b (#c) ^[note] x ^id obsidian://open?vault=x",
    "mathematics": "$\\href{javascript:alert(1)}{x}$ $5 and 6$",
    "html in title": 'x" onclick="alert(1)" y=\'',
    "bidi marks": "a\u202eb\u202ac\u2066d\u2069e",
    "escapes": "a\x1b[2Jb\x1b]8;;https://evil.example\x07c",
    "nul and c1": "a\x00b\x85c\x9b31md\x7fe\ufffe",
    "surrogate": "a\ud800b\udfffc",
    "line ends": "a\u2028> b\u2029# c\x0b- d\x0ce\r<b onclick=x>",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=y&#62;",
    "fence": "````\n```\n<script>\n````\n\n    <img src=x onerror=y>",
    "spoiler": '>!x!< [x](/s "<img src=x onerror=y>")',
    "media token": "![gif](giphy|abc) ![img](emote|x|y) ![img](javascript:x)",
    "table": "a | b\n--|--\n<b onclick=x> | `|<i>`",
    "backslashes": "\\<script\\> \\[x\\](javascript:y) \\\\<b onclick=x> \\`<b>",
}
PLACES = (
    "<p>{}</p>",
    "{}",
    "<p>a<br/>{}</p>",
    "<h1>{}</h1>",
    "<p><em>{}</em>b<strong>{}</strong></p>",
    "<p>x<sup>{}</sup><del>{}</del></p>",
    "<p><code>{}</code></p>",
    "<pre><code>{}</code></pre>",
    '<pre><code class="language-{}">{}</code></pre>',
    "<ul><li>{}</li><li><p>{}</p></li></ul>",
    "<blockquote><p>{}</p></blockquote>",
    '<p><a href="{}">{}</a></p>',
    '<p><a href="https://example.com/{}" title="{}">{}</a></p>',
    '<p><a href="#s" title="{}">{}</a></p>',
    '<table><thead><tr><th align="{}">{}</th></tr></thead>'
    "<tbody><tr><td>{}</td></tr></tbody></table>",
    "<table><thead><tr><th>{}</th></tr></thead></table>",
    '<p><span class="md-spoiler-text">{}</span></p>',
    '<p><img src="https://i.redd.it/x.png" alt="{}"><img src="{}"></p>',
)
MEDIA = {
    "giphy|abc": {"s": {"gif": 'https://evil.example/"onclick="x'}, "ext": "javascript:alert(1)"},
    "emote|x|y": {"s": {"u": "https://example.com/y.gif"}},
    "javascript:x": {"s": [1], "ext": None},
    "x": "y",
}
RENDERERS_BY_TARGET = {
    "markdown": {"markdown-it", "own"},
    "github": {"markdown-it"},
    "commonmark": {"markdown-it"},
    "jekyll": {"own"},
    "obsidian": {"markdown-it"},
    "reddit": {"own"},
}
"""Renderers besides GitHub's, which is fast. "own" is snudown for Reddit, otherwise kramdown."""
MARKDOWN = tuple(name for name in targets.NAMES if targets.get_target(name).output == "markdown")
PLAIN = frozenset(
    {"html", "head", "body", "p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul"}
    | {"ol", "li", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"hr", "a", "s", "sup", "samp", "span"}
)
ATTRIBUTES = frozenset(
    {"colspan"}
    | {"href", "src", "alt", "title", "align", "start", "class", "id", "rel", "style", "lang"}
)
VALUES = {
    "class": re.compile(r"md-spoiler-text|language-[^\s<>]+"),
    "style": re.compile(r"text-align: ?(left|right|center);?"),
    "rel": re.compile("nofollow"),
    "lang": re.compile(r"[^\s<>]+"),
    "align": re.compile("left|right|center"),
}
ANY = re.compile(".*", re.S)
HREF = re.compile(r"https?://[^/?#\\]|mailto:.", re.IGNORECASE)
HREF_ON_REDDIT = re.compile(r"https?:|mailto:|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
"""Reddit itself resolves paths. Any other site would resolve them relative to its own page."""
REDDIT_IMAGE = re.compile(r"https://(?:i\.redd\.it|www\.reddit\.com)/[^\\]*", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
PARAGRAPH_END = re.compile(r"</?(?:p|h\d|li|td|th|pre|blockquote|br)\b[^>]*>")
FENCED = re.compile(
    r"^[> ]*(`{3,})[^\n`]*\n.*?^[> ]*\1$|(?<![`\\])(`+)(?!`).+?(?<!`)\2(?!`)", re.M | re.S
)
OBSIDIAN = re.compile(
    r"(?<!\\)\[\[|==(?=\S)(?! )|(?:^|\s)#[\w/-]*[^\W\d]|> ?\[!|(?<!\\)\^\[|\s\^(?!_+$)[\w-]+$", re.M
)
DESTINATION = re.compile(r"(?<=\])\((?:<[^>\n]*>|[^\s()]*)|<https?:[^>\n]*>")
RUN = re.compile(r"\s*\$?=")


def find_live_html(html: str, allowed_href: re.Pattern[str] = HREF) -> list[str]:
    """Return the elements, attributes, URLs and characters that are not allowed in a quote."""
    found = [repr(character) for character in CONTROL.findall(html)]
    found += [repr(part) for part in PARAGRAPH_END.split(html) if not is_balanced(part)]
    for node in LexborHTMLParser(html).root.traverse():
        if node.tag not in PLAIN and node.tag != "-comment" and not is_reddit_image(node):
            found.append(f"<{node.tag}>")
        for name, value in node.attributes.items():
            allowed = VALUES.get(name, ANY)
            if name not in ATTRIBUTES or not allowed.fullmatch(value or ""):
                found.append(f"{name}={value}")
        href = re.sub(r"[\x00-\x20]", "", node.attributes.get("href") or "")
        if "href" in node.attributes and not allowed_href.match(href):
            found.append(f"href={href}")
    if "LEAKED" in html:
        found.append("a template ran")
    return found


def is_balanced(paragraph: str) -> bool:
    """Return whether every bidi control of a paragraph is closed in it, and closes one."""
    opened: list[str] = []
    for control in BIDI.findall(paragraph):
        if control not in "\u202c\u2069":
            opened.append(control)
        elif not opened or (opened.pop() in "\u2066\u2067\u2068") != (control == "\u2069"):
            return False
    return not opened


def is_reddit_image(node: LexborNode) -> bool:
    source = node.attributes.get("src") or ""
    has_more = node.attributes.keys() - {"src", "alt", "title"}
    return node.tag == "img" and not has_more and REDDIT_IMAGE.fullmatch(source) is not None


def find_live_text(text: str, target: str) -> list[str]:
    """Return the characters and the syntax in a text that only the target's own programs run."""
    found = [repr(character) for character in CONTROL.findall(text)]
    if target != "html":
        found += [repr(line) for line in text.split("\n") if not is_balanced(line)]
    if target not in ("reddit", "text"):
        found += re.findall(r"\{[{%]", text)
    if target == "obsidian":
        uncoded = FENCED.sub("", text)
        found += re.findall("%%|<%", uncoded)
        found += OBSIDIAN.findall(DESTINATION.sub("", uncoded))
        found += [code for code in find_code(renderers.gfm(text)) if RUN.match(code)]
    return found


def find_code(html: str) -> list[str]:
    return [node.text() for node in LexborHTMLParser(html).css("code")]


def build_page(html: str, typed: str, target: str) -> str:
    """Return what would be pasted: the text, and the same words as a title and as a link label."""
    parts = [
        markup.convert(
            html,
            target=target,
            media_metadata=MEDIA,
            is_literal=len(html) % 2 == 0,
            image_sources={} if len(html) % 4 < 2 else None,
        ),
        markup.escape_text(typed, target=target),
        markup.format_link(typed, "https://example.com/", target=target),
        markup.format_link("x", typed, target=target),
    ]
    if target in MARKDOWN:
        parts = [parts[0], *(f"### {part}" for part in parts[1:3]), *parts[3:]]
    return "\n\n".join(parts)


def iter_rendered(text: str, target: str, *, everywhere: bool = True) -> Iterator[str]:
    """Yield the pages of every renderer, with the text and with a quote of it.

    Without `everywhere`, use only the target's usual renderers, and only the text or its quote.
    """
    if target == "html":
        yield text
    if target not in MARKDOWN:
        return
    quoted = dom.quoted(text, 2)
    shown = text if len(text) % 2 else quoted
    if everywhere:
        shown = f"{text}\n\nand\n\n{quoted}"
    # A link at the start of a spoiler would be an image where there are no spoilers.
    elsewhere = shown.replace(">![", ">! [") if target == "reddit" else shown
    yield renderers.gfm(elsewhere)
    used = RENDERERS_BY_TARGET.get(target, {"markdown-it"})
    if everywhere or "markdown-it" in used:
        yield renderers.markdown_it(elsewhere)
    own = renderers.snudown() if target == "reddit" else renderers.kramdown()
    if own is not None and (everywhere or "own" in used):
        yield own(shown)


def find_offences(html: str, typed: str, target: str, *, everywhere: bool = True) -> list[str]:
    text = build_page(html, typed, target)
    found = find_live_text(text, target)
    allowed_href = HREF_ON_REDDIT if target == "reddit" else HREF
    for shown in iter_rendered(text, target, everywhere=everywhere):
        found += find_live_html(shown, allowed_href)
    return found


CHARACTERS = "<>/![]()-?&;#x\"'= ab{}%:$^|~`*_\\.\n1\u202e\x1b@"
TAGS = ("p", "em", "strong", "del", "sup", "code", "pre", "li", "ul", "blockquote", "td", "h2", "b")


def build_document(number: int) -> tuple[str, str]:
    """Return some HTML, well formed or not, and some plain text; always the same for a number."""
    dice = random.Random(number)
    words = list(PAYLOADS.values())

    def text() -> str:
        if dice.random() < 0.4:
            return "".join(dice.choices(CHARACTERS, k=dice.randrange(1, 12)))
        word = dice.choice(words)
        start = dice.randrange(len(word))
        return word[start : start + dice.randrange(1, 30)] if dice.random() < 0.6 else word

    def typed() -> str:
        return escaped(text()) if dice.random() < 0.9 else text()

    def element(depth: int) -> str:
        if depth == 0 or dice.random() < 0.3:
            return typed()
        inner = "".join(element(depth - 1) for _ in range(dice.randrange(1, 4)))
        if dice.random() < 0.5:
            return dice.choice(PLACES).replace("{}", inner if dice.random() < 0.5 else typed())
        tag = dice.choice(TAGS)
        return f"<{tag}>{inner}</{tag}>"

    return "".join(element(3) for _ in range(dice.randrange(1, 4))), text() + text()
