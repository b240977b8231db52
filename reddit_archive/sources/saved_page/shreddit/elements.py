"""What a walk through a page of shreddit finds: elements, and texts and attributes beside them."""

from dataclasses import dataclass, field

from reddit_archive.sources.saved_page.dom import Node

RICH_TEXT_SUFFIX = "-post-rtjson-content"
"""End of the id of an element with a whole text."""


@dataclass(slots=True)
class Template:
    """What a template added, apart from comments that stand elsewhere in the page, too."""

    comment_count: int = 0
    deleted_count: int = 0


@dataclass(slots=True)
class FoundPicture:
    """A picture or video of a post. `page` is its place in a gallery, or 0 outside of one."""

    element: Node
    page: int


@dataclass(slots=True)
class FoundPost:
    """An element <shreddit-post>, and what stands in it."""

    element: Node
    outer_post: "FoundPost | None" = None
    text_body: Node | None = None
    rich_text: Node | None = None
    pictures: list[FoundPicture] = field(default_factory=list)
    captions: dict[int, list[str]] = field(default_factory=dict)
    page_count: int = 0
    flair_href: str = ""
    flair: list[str] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    banner: list[str] | None = None
    crosspost_title: list[str] = field(default_factory=list)
    crosspost_href: str = ""


@dataclass(slots=True)
class FoundComment:
    """An element <shreddit-comment>, and what stands in it outside of other comments.

    It has foreign parts if the page is damaged: a second head or text, of another comment.
    `parent_by_depth` is what the depths of the comments before it say.
    """

    element: Node
    outer_comment: "FoundComment | None"
    template: Template | None
    parent_by_depth: "FoundComment | None" = None
    is_at_top: bool = False
    has_meta: bool = False
    has_foreign_parts: bool = False
    times: list[str] = field(default_factory=list)
    author_id: str = ""
    flair: list[str] = field(default_factory=list)
    badges: list[Node] = field(default_factory=list)
    is_locked: bool = False
    body: Node | None = None
    rich_text: Node | None = None


@dataclass(slots=True)
class MoreControl:
    """A control that loads more comments, or a link to the page that has them."""

    outer_comment: FoundComment | None
    is_nesting_certain: bool
    slot: str
    address: str
    is_link: bool
    is_hidden: bool
    is_slotted: bool
    cursors: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FoundPage:
    """What a page holds, in its order."""

    html: Node | None = None
    posts: list[FoundPost] = field(default_factory=list)
    comments: list[FoundComment] = field(default_factory=list)
    controls: list[MoreControl] = field(default_factory=list)
    trees: list[Node] = field(default_factory=list)
    stats: list[Node] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    translation_languages: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """Where an element stands. Its children inherit this.

    Attributes:
        post: The post around it.
        comment: The innermost comment around it.
        area: The part of the post or comment: "meta", "body", "media", …
        control: The control around it.
        texts: Where its text is collected.
        page: Its place in the gallery around it.
        is_hidden: A part of the comment that hides it is around it.
        is_among_other_posts: It stands in a listing or an advertisement.
        template: The template around it.
    """

    post: FoundPost | None = None
    comment: FoundComment | None = None
    area: str = ""
    control: MoreControl | None = None
    texts: list[str] | None = None
    page: int = 0
    is_in_gallery: bool = False
    is_hidden: bool = False
    is_among_other_posts: bool = False
    template: Template | None = None
