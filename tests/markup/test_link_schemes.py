"""Links are http, https or mailto. A relative link would act on the site that shows the quote."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import history, markup, quote
from reddit_archive.export import site
from reddit_archive.markup import links, snudown, targets
from reddit_archive.model.capture import Capture, utc_now
from reddit_archive.quote import Selection
from tests.conftest import Run
from tests.support import renderers, sites

NOT_LINKED = (
    "logout?all=1",
    "./logout",
    "../logout",
    "logout",
    "?logout=1",
    "",
    " ",
    "https:logout?all=1",
    "https:/logout",
    "HTTPS:\\logout",
    "https:///logout",
    "http://",
    "mailto:",
    "\\\\evil.example\\x",
    "evil.example:80/x",
    "ftp://example.com/x",
    "javascript:alert(1)",
)
LINKED = {
    "/r/bread?x=1": "https://www.reddit.com/r/bread?x=1",
    "/logout?all=1": "https://www.reddit.com/logout?all=1",
    "#a": "https://www.reddit.com/#a",
    "//example.com/x": "https://example.com/x",
    "HTTP://example.com/": "HTTP://example.com/",
    "mailto:a@example.com": "mailto:a@example.com",
    "\n https://example.com/\t": "https://example.com/",
}
HREF = re.compile(r"""(?:href|src)=["']?([^"'\s>]*)""")


@pytest.mark.parametrize("href", NOT_LINKED)
def test_resolve__other_urls_are_not_linked(href: str) -> None:
    assert links.resolve(href) is None


@pytest.mark.parametrize("href", LINKED)
def test_resolve__absolute_url(href: str) -> None:
    assert links.resolve(href) == LINKED[href]


def build_linking_things(href: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a post and a comment with this URL in all places that can have one."""
    html = f'<p><a href="{href}">text</a> <img src="{href}" alt="seen"></p>'
    origin = sites.post("origin", url=href, is_self=False, permalink=href, selftext_html=html)
    gallery = {"items": [{"media_id": "m", "caption": "Loaf"}]}
    media = {"m": {"s": {"u": href}}, "giphy|x": {"s": {"gif": href}}}
    seen = sites.post("p1", url=href, is_self=False, selftext=f"[a]({href})", selftext_html=html)
    seen |= {"permalink": href, "media_metadata": media}
    post = seen | (
        {"gallery_data": gallery} if len(href) % 2 else {"crosspost_parent_list": [origin]}
    )
    typed = f"[a]({href}) ![gif](giphy|x) <{href}>\n\n[b][1]\n\n[1]: {href}"
    answer = sites.comment("c1", "t3_p1", typed, permalink=href, media_metadata=media)
    del answer["body_html"]  # as from Arctic Shift, so snudown renders the typed text
    return post, answer


def addresses(href: str, target: str) -> list[str]:
    things = tuple({"kind": x["name"][:2], "data": x} for x in build_linking_things(href))
    thread = history.merge("p1", [Capture("p1", utc_now(), "saved", {}, things)])
    text = quote.render(thread, Selection(everything=True), target=target)
    if target == "text":
        return re.findall("(?:text|seen|gif|Loaf) <([^<>]*)>", text)
    return HREF.findall(text if target == "html" else renderers.gfm(text))


def is_absolute(address: str) -> bool:
    return re.match(r"https?://[^/?#\\]|mailto:.", unescape(address), re.IGNORECASE) is not None


TARGETS = [name for name in targets.NAMES if name != "reddit"]  # which Reddit itself renders


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("href", [*NOT_LINKED, *LINKED])
def test_quote__every_link_is_absolute(href: str, target: str) -> None:
    assert [each for each in addresses(href, target) if not is_absolute(each)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_control__relative_url_is_found(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "is_allowed", lambda url: True)
    monkeypatch.setattr(links, "resolve", lambda href: href)
    assert [each for each in addresses("logout?all=1", target) if not is_absolute(each)]


def test_reddit_target__keeps_the_text_of_a_bad_link() -> None:
    html = '<p><a href="logout?all=1">text</a></p>'
    assert markup.convert(html, target="reddit") == "text"


@pytest.mark.parametrize("href", [each for each in NOT_LINKED if each.strip()])
def test_reddit_target__typed_text_is_not_a_link_elsewhere(href: str) -> None:
    body = f"[a]({href}) and [b]( <{href}> 'x') and <{href}>"
    shown = renderers.gfm(markup.convert(snudown.render(body, {}), target="reddit", body=body))
    assert [each for each in HREF.findall(shown) if not is_absolute(each)] == []


def test_reddit_target__typed_links_and_images_stay_as_typed() -> None:
    body = "[a](https://example.com/) [b](/r/x) [c]( #s) ![gif](giphy|x) ![img](abc) [d] (e)"
    assert markup.convert("<p>x</p>", target="reddit", body=body) == body


def test_site__every_link_is_absolute_or_its_own(tmp_path: Path) -> None:
    for number, href in enumerate(NOT_LINKED):
        post, answer = build_linking_things(href)
        name = f"p1{number:02}"
        own = {"id": name, "name": f"t3_{name}"}
        sites.save(tmp_path, name, [post | own, answer | {"parent_id": f"t3_{name}"}])
    names = [f"p1{number:02}" for number in range(len(NOT_LINKED))]
    site.build(tmp_path, tmp_path / "site", names, quote_format=site.QuoteFormat())
    pages = list((tmp_path / "site").rglob("*.html"))
    found = {each for path in pages for each in HREF.findall(path.read_text())}
    assert len(pages) >= len(NOT_LINKED)
    assert [each for each in found if "logout" in each or "evil" in each] == []


def test_export__url_in_citations_is_absolute(run: Run, tmp_path: Path) -> None:
    post, answer = build_linking_things("logout?all=1")
    sites.save(tmp_path / "archive", "p1", [post, answer])
    for kind in ("bibtex", "csl"):
        ran = run("export", kind, "p1", "-c", "c1")
        assert ran.code == 0, ran.err
        (address,) = re.findall(r"""(?:url = \{|"URL": ")([^}"]*)""", ran.out)
        assert address.startswith("https://www.reddit.com/comments/p1/")
