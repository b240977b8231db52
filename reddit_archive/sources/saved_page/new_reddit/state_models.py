"""Builds posts and comments from the models in the state of a page of new Reddit.

Only the fields that are named here are read. The rest of the state holds the reader's account.
"""

from dataclasses import dataclass
from typing import Any

from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import Raw, get_dict, get_str
from reddit_archive.sources.saved_page import deleted_texts
from reddit_archive.sources.saved_page.field_values import (
    build_subreddit_fields,
    clean_text,
    is_fullname,
    match_thread_path,
    parse_name,
    read_integer,
    read_seconds,
)
from reddit_archive.sources.saved_page.new_reddit import state_media
from reddit_archive.sources.saved_page.new_reddit.state_texts import render_text
from reddit_archive.sources.saved_page.page import PAGE_KIND_KEY

KIND = "new-with-state"
_DISTINGUISHED = frozenset({"moderator", "admin", "special"})
_REMOVED_BY = frozenset(
    {"author", "deleted", "moderator", "automod_filtered", "reddit", "anti_evil_ops"}
    | {"community_ops", "content_takedown", "copyright_takedown", "legal_operations"}
)


@dataclass(frozen=True, slots=True)
class Models:
    """The parts of the state that describe a thread, by id.

    Attributes:
        posts: By fullname.
        comments: By fullname.
        subreddits: By fullname.
        author_flairs: Flairs by author, by the subreddit's fullname.
    """

    posts: Raw
    comments: Raw
    subreddits: Raw
    author_flairs: Raw


def build_post(models: Models, fullname: str) -> Thing | None:
    """Return a post in the form of the API, or None if there is no model of it."""
    data = _build_post_data(models, fullname)
    if data is None:
        return None
    post = get_dict(models.posts, fullname)
    parents = [get_str(post, key) for key in ("crosspostRootId", "crosspostParentId")]
    parents = [name for name in parents if is_fullname(name, "t3") and name != fullname]
    if parents:
        data["crosspost_parent"] = parents[-1]
        parent_data = next(filter(None, (_build_post_data(models, name) for name in parents)), None)
        if parent_data:
            data["crosspost_parent_list"] = [parent_data]
    return {"kind": "t3", "data": {**data, PAGE_KIND_KEY: KIND}}


def _build_post_data(models: Models, fullname: str) -> dict[str, Any] | None:
    post = models.posts.get(fullname)
    if not isinstance(post, dict) or not is_fullname(fullname, "t3"):
        return None
    url = get_str(post, "permalink")
    match = match_thread_path(url)
    permalink = match[0] if match and f"t3_{match[3]}" == fullname and not match[5] else ""
    subreddit_id = get_str(get_dict(post, "belongsTo"), "id")
    name = parse_name(get_str(get_dict(models.subreddits, subreddit_id), "name"))
    own_subreddit = build_subreddit_fields(permalink) or (
        {"subreddit": name, "subreddit_name_prefixed": f"r/{name}"} if name else {}
    )
    title = clean_text(get_str(post, "title"))
    return {
        "id": fullname[3:],
        "name": fullname,
        **({"title": title} if title else {}),
        **_build_common_fields(post, models, subreddit_id),
        **own_subreddit,
        **({"permalink": permalink} if permalink else {}),
        **state_media.build_fields(post, fullname[3:], permalink),
        **_build_text_fields(post, "selftext"),
        **_build_post_numbers(post),
        **_pick_flags(
            post,
            over_18="isNSFW",
            spoiler="isSpoiler",
            archived="isArchived",
            locked="isLocked",
            stickied="isStickied",
        ),
        **_build_link_flair(post),
        **_build_removal_fields(post),
    }


def _build_post_numbers(post: Raw) -> dict[str, Any]:
    count, ratio = read_integer(post, "numComments"), post.get("upvoteRatio")
    is_ratio = isinstance(ratio, int | float) and not isinstance(ratio, bool) and 0 <= ratio <= 1
    return {
        **({"num_comments": count} if count is not None and count >= 0 else {}),
        **({"upvote_ratio": ratio} if is_ratio else {}),
    }


def _build_link_flair(post: Raw) -> dict[str, str]:
    """Return the flair of a post. Badges like "nsfw" stand in the same list."""
    flairs = post.get("flair")
    for flair in flairs if isinstance(flairs, list) else []:
        is_flair = isinstance(flair, dict) and get_str(flair, "type") in ("text", "richtext")
        if is_flair and (text := _get_flair_text(flair)):
            return {"link_flair_text": text}
    return {}


def _build_removal_fields(post: Raw) -> dict[str, str]:
    category = get_str(post, "removedByCategory").strip().lower()
    return {"removed_by_category": category} if category in _REMOVED_BY else {}


def build_comment(models: Models, fullname: str, post_fullname: str) -> Thing | None:
    """Return a comment in the form of the API; None if it is not a comment on the post."""
    comment = models.comments.get(fullname)
    if not isinstance(comment, dict) or not is_fullname(fullname, "t1"):
        return None
    if comment.get("postId", post_fullname) != post_fullname:
        return None
    permalink = get_str(comment, "permalink")
    match = match_thread_path(permalink)
    is_own = match and f"t3_{match[3]}" == post_fullname and f"t1_{match[5]}" == fullname
    post = get_dict(models.posts, post_fullname)
    data = {
        "id": fullname[3:],
        "name": fullname,
        "link_id": post_fullname,
        **_build_parent_fields(comment, fullname, post_fullname),
        **_build_common_fields(comment, models, get_str(comment, "subredditId")),
        **build_subreddit_fields(get_str(post, "permalink") or permalink),
        **({"permalink": match[0]} if match and is_own else {}),
        **_build_text_fields(comment, "body"),
        **_pick_flags(comment, stickied="isStickied", locked="isLocked", is_submitter="isOp"),
        PAGE_KIND_KEY: KIND,
    }
    return {"kind": "t1", "data": data}


def _build_parent_fields(comment: Raw, fullname: str, post_fullname: str) -> dict[str, str]:
    """Return the parent. A comment on the post itself has null as parent."""
    parent = comment.get("parentId", "")
    if parent is None or parent == post_fullname:
        return {"parent_id": post_fullname}
    return {"parent_id": parent} if is_fullname(parent, "t1") and parent != fullname else {}


def _build_common_fields(item: Raw, models: Models, subreddit_id: str) -> dict[str, Any]:
    """Return the fields that posts and comments share."""
    author = parse_name(get_str(item, "author"))
    author_id, created = item.get("authorId"), read_seconds(item.get("created"))
    flairs = get_dict(models.author_flairs, subreddit_id)
    flair = _get_flair_text(get_dict(flairs, author)) if author != "[deleted]" else ""
    gilded = read_integer(item, "goldCount")
    return {
        **({"author": author} if author else {}),
        **({"author_fullname": author_id} if is_fullname(author_id, "t2") else {}),
        **({} if created is None else {"created_utc": created}),
        **_build_score_fields(item),
        **_build_edited_fields(item),
        **({"author_flair_text": flair} if flair else {}),
        **_build_distinguished_fields(item),
        **({"gilded": gilded} if gilded is not None and gilded >= 0 else {}),
    }


def _build_score_fields(item: Raw) -> dict[str, Any]:
    score, is_hidden = read_integer(item, "score"), item.get("isScoreHidden")
    return {
        **({"score": score} if score is not None and is_hidden is not True else {}),
        **({"score_hidden": is_hidden} if isinstance(is_hidden, bool) else {}),
    }


def _build_edited_fields(item: Raw) -> dict[str, Any]:
    """Return when it was edited. Reddit does not know the time of very old edits."""
    if "editedAt" not in item:
        return {}
    edited = item["editedAt"]
    if edited is None or isinstance(edited, bool):
        return {"edited": bool(edited)}
    seconds = read_seconds(edited)
    return {} if seconds is None else {"edited": seconds}


def _build_distinguished_fields(item: Raw) -> dict[str, str]:
    role = get_str(item, "distinguishType").lower()
    if not role:
        role = "admin" if item.get("isAdmin") is True else "moderator" * (item.get("isMod") is True)
    return {"distinguished": role} if role in _DISTINGUISHED else {}


def _pick_flags(item: Raw, **keys: str) -> dict[str, bool]:
    """Return the fields whose values are booleans, under the API's names."""
    return {name: item[key] for name, key in keys.items() if isinstance(item.get(key), bool)}


def _get_flair_text(flair: Raw) -> str:
    """Return a flair's text, with emojis as `:name:`, as the API has it."""
    parts = flair.get("richtext")
    text = get_str(flair, "text") or "".join(
        get_str(part, "a") if get_str(part, "e") == "emoji" else get_str(part, "t")
        for part in (parts if isinstance(parts, list) else [])
        if isinstance(part, dict)
    )
    return clean_text(text)


def _build_text_fields(item: Raw, text_key: str) -> dict[str, Any]:
    """Return the text as HTML, or Reddit's placeholder if it is deleted."""
    media = get_dict(item, "media")
    html, text = render_text(media)
    author = get_str(item, "author") or None
    if deleted_texts.is_withheld(text, author):
        return {}
    placeholder = deleted_texts.find_placeholder(text, author)
    if item.get("isDeleted") is True and not text:
        placeholder = {"": "", "user": "[deleted]"}.get(get_str(item, "deletedBy"), "[removed]")
    if placeholder:
        return deleted_texts.build_fields(placeholder, text_key)
    metadata = {} if text_key == "selftext" else state_media.build_metadata_fields(media)
    return {**({f"{text_key}_html": html} if html else {}), **metadata}
