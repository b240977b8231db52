"""The dialect of issues, pull requests and discussions on GitHub and GitLab.

Both hosts resolve references in the text of the rendered page, where no escape is left. So an
invisible character, U+200B, stands after each mark that they would resolve. They leave code alone.
"""

import re
from dataclasses import replace

from reddit_archive.markup import dollar_math, links
from reddit_archive.markup.code_languages import INERT_LANGUAGES
from reddit_archive.markup.dialects import Dialect
from reddit_archive.markup.escape_rules import MARKDOWN, RULE_START, SPECIAL_CHARACTERS

_REFERENCE_RULES = r"""
    (?P<guard>
        (?<![a-z0-9_])@(?=\.?\w)                # a user, a team
      | \#(?=\d)                                # an issue
      | (?<=(?<![a-z0-9_])(?:GH|GL))-(?=\d)      # an issue
      | (?<=(?<![a-z0-9_])CVE)-(?=\d) | (?<=(?<![a-z0-9_])GHSA)-(?=\w)  # an advisory
      | !(?=\d)                                 # a merge request
      | &(?=\d)                                 # an epic
      | ~(?=[\w?.&"\x01-]) | (?<=~)~\Z            # a label
      | %(?=["{]|[^\w\s"<]{0,99}\w)              # a milestone, a placeholder
      | \*(?=iteration:)
      | \[(?=[a-z_]+:[^\s\]] | [+-] | \[ | _?TOC | !)  # an object, a change, contents, an alert
      | \{(?=[+-])                              # a change
      | :(?=[\w+-]+:)                           # an emoji
    )
  | (?P<hash>(?<![0-9a-z])[0-9a-f]{7,}+(?![0-9a-z]))  # a commit
  | (?P<command>(?<![^\n])/(?=[a-z_]{2,}(?:[ \n]|\Z)))  # GitLab runs a line like `/close`
  |"""
# GitLab links addresses after Markdown is parsed, where no backslash is left; but not `www.`.
_URL_RULES = r"""
  | (?P<guard_url>(?:(?<=(?<![a-z])http)|(?<=(?<![a-z])https)|(?<=(?<![a-z])ftp)):(?=//))
  | (?P<address>(?<=(?<![a-z0-9])www)\.)
"""
_SPECIAL = rf"[{SPECIAL_CHARACTERS}@#!%:/-]|[0-9a-fA-F]{{7}}"
_COMMIT_START = r"(?<![0-9a-z])[0-9a-f]{7}"
_SNIPPET = re.compile(r"\$\d")
_REDIRECT_HOST = "https://redirect.github.com"
_ON_GITHUB = re.compile(
    r"\Ahttps?://(?:www\.)?github\.com\.?(?::\d*)?(?=/+[^/?#]+/+[^/?#]+/+[^/?#])",
    re.IGNORECASE,
)
_ON_GITLAB = re.compile(
    r"""
    \A(?P<scheme>https?://)(?P<host>[^/?\#@]++)
    (?=/[^?\#]+/(?:-/)?(?:
        issues|merge_requests|work_items|epics|snippets|milestones|labels|commit|compare|designs
      | vulnerabilities|feature_flags|alert_management|iterations|requirements
    )(?:[/?\#]|\Z))
    """,
    re.VERBOSE | re.IGNORECASE,
)


class GitHub(Dialect):
    """GitHub and GitLab, where a quote must mention, reference and close nothing."""

    name = "github"
    rules = replace(
        MARKDOWN,
        always=_REFERENCE_RULES + MARKDOWN.always,
        url=_URL_RULES,
        special=re.compile(_SPECIAL),
        start=rf"(?:{RULE_START}|(?={_COMMIT_START}))",
    )
    has_header_only_tables = True

    def finish_line(self, markdown: str) -> str:
        """Write dollar signs in elements of their own.

        One is enough before a digit, where GitLab reads the number of a snippet.
        """
        if "$" not in markdown:
            return markdown
        if markdown.count("$") == 1 and not _SNIPPET.search(markdown):
            return markdown
        return dollar_math.replace_dollars(markdown)

    def clean_language(self, language: str) -> str:
        return language if language.lower() in INERT_LANGUAGES else ""

    def get_link_url(self, url: str) -> str:
        """Return a URL that leads to the same page, and that no host takes for one of its own.

        GitHub redirects from another host. GitLab compares the host as it is written.
        """
        url = _ON_GITHUB.sub(_REDIRECT_HOST, url)
        if url.startswith(_REDIRECT_HOST):
            return url
        return _ON_GITLAB.sub(lambda match: match["scheme"] + match["host"].upper(), url)

    def write_link(self, label: str, url: str, title: str = "") -> str:
        return links.write(label, self.get_link_url(url), title)

    def write_autolink(self, text: str, url: str) -> str | None:
        return super().write_autolink(text, url) if self.get_link_url(url) == url else None
