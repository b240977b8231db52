"""Renderers that tests judge our output by, with raw HTML let through: what a page would show.

kramdown runs behind Liquid, as in Jekyll, in one Ruby process; snudown, Reddit's own, in one of
Node's. Where these are not installed, `kramdown()` and `snudown()` are None.
"""

import atexit
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache, lru_cache

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

Render = Callable[[str], str]

_KRAMDOWN = """
require 'json'
require 'kramdown'
require 'kramdown-parser-gfm'
require 'liquid'
STDIN.set_encoding('UTF-8')
STDOUT.set_encoding('UTF-8')
Encoding.default_external = Encoding::UTF_8
STDOUT.sync = true
options = { input: 'GFM', hard_wrap: false, syntax_highlighter: nil, entity_output: :as_char,
            smart_quotes: 'lsquo,rsquo,ldquo,rdquo' }
STDIN.each_line do |line|
  begin
    page = Liquid::Template.parse(JSON.parse(line)).render!({ 'site' => { 'secret' => 'LEAKED' } })
    STDOUT.puts JSON.generate(Kramdown::Document.new(page, options).to_html.scrub)
  rescue StandardError, SystemStackError => e
    STDOUT.puts JSON.generate("<failed>#{e.class}: #{e.message[0, 200]}</failed>")
  end
end
"""
_SNUDOWN = """
const snudown = require('snudown-js');
const lines = require('readline').createInterface({ input: process.stdin });
lines.on('line', (line) => console.log(JSON.stringify(snudown.markdown(JSON.parse(line)))));
"""
_KATEX = """
const katex = require('@vscode/markdown-it-katex').default;
const markdownIt = require('markdown-it')({ html: true });
markdownIt.use(katex, { enableBareBlocks: true, enableFencedBlocks: true, throwOnError: false });
const lines = require('readline').createInterface({ input: process.stdin });
lines.on('line', (line) => console.log(JSON.stringify(markdownIt.render(JSON.parse(line)))));
"""


remembered = lru_cache(maxsize=64)
"""One text is often what several targets get."""


@remembered
def gfm(markdown: str) -> str:
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    return cmarkgfm.github_flavored_markdown_to_html(markdown, options)


_MARKDOWN_IT = MarkdownIt("default", {"html": True, "maxNesting": 200})


@remembered
def markdown_it(markdown: str) -> str:
    return _MARKDOWN_IT.render(markdown)


class _Process:
    """A renderer in another language: a line of JSON in, a line of JSON out."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={"NODE_PATH": os.environ.get("SNUDOWN_MODULES", ""), **os.environ},
        )

    def __call__(self, markdown: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(markdown) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def works(self) -> bool:
        try:
            return "<em>a</em>" in self("*a*")
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        self.process.kill()
        with contextlib.suppress(OSError), self.process:
            pass


@cache
def kramdown() -> Render | None:
    return _started("ruby", "-e", _KRAMDOWN)


@cache
def snudown() -> Render | None:
    """Reddit's renderer; SNUDOWN_MODULES may name the folder of modules that it is in."""
    return _started("node", "-e", _SNUDOWN)


@cache
def vscode() -> Render | None:
    """VS Code's renderer with its plug-in for mathematics, from the same folder of modules."""
    return _started("node", "-e", _KATEX)


def _started(program: str, *arguments: str) -> Render | None:
    if shutil.which(program) is None:
        return None
    process = _Process(program, *arguments)
    atexit.register(process.close)
    if process.works():
        return remembered(process)
    process.close()
    return None
