"""A target that tests add. It imports nothing but markup, as a new target would."""

from reddit_archive.markup import escape_rules
from reddit_archive.markup.dialects import Dialect


class WikiDialect(Dialect):
    """A Markdown dialect without tables, where `@name` mentions a user."""

    name = "wiki"
    max_depth = 2
    has_tables = False
    rules = escape_rules.MARKDOWN.extend(r"| (?P<mention>@(?=\w))", special="@")
