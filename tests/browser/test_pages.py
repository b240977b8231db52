"""The site in a real browser: search, branches, snapshots, copying, and the keyboard.

In every test, a request to another host or a console message is a failure.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import history, quote
from reddit_archive.archive import store
from reddit_archive.export.site import page_templates
from tests.conftest import EXAMPLES
from tests.support import sites
from tests.support.inertness import PAYLOADS

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
HOSTILE = {
    name: payload.replace("alert(1)", "window.planted=1") for name, payload in PAYLOADS.items()
} | {
    "planted image": "<img src=x onerror=window.planted=1>",
    "planted script": "<script>window.planted=1</script>",
    "planted in an attribute": '"><script>window.planted=1</script><img src="x',
    "planted end of a script": "</script><script>window.planted=1</script>",
    "planted link": '<a href="javascript:planted=1" autofocus onfocus=window.planted=1>x</a>',
    "planted frame": "<iframe srcdoc='<script>parent.planted=1</script>'></iframe>",
    "planted request": "<img src=https://evil.example/x><link rel=stylesheet href=//evil.example>",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium here"),
]


@dataclass
class Reader:
    """A browser that opens pages of a site, and records their requests and console messages."""

    folder: Path
    context: "playwright.BrowserContext"
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, name: str) -> "playwright.Page":
        page = self.context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.goto(self.address(name))
        return page

    def each(self, names: Iterable[str]) -> "Iterator[tuple[str, playwright.Page]]":
        """Open pages one after the other in one tab, because each new tab starts a process."""
        page = None
        for name in names:
            if page is None:
                page = self.open(name)
            else:
                page.goto(self.address(name))
            yield name, page

    def address(self, name: str) -> str:
        return f"{self.folder.as_uri()}/{name}"

    def _hear(self, message: "playwright.ConsoleMessage") -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    @property
    def foreign(self) -> list[str]:
        own = self.folder.as_uri()
        return [url for url in self.requests if not url.startswith(f"{own}/")]


VARIED = ("index.html?q=keep", "lost.html", "threads/t3_past.html", "threads/t3_9bread2.html")
"""Pages that together have all elements. axe takes seconds for each page."""
Reading = Callable[..., Reader]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kept")
    sites.with_a_past(root)
    sites.with_pictures(root)
    sites.deep(root, levels=25)
    sites.wide(root)
    for name in ("short", "everything", "poll", "crosspost"):
        sites.example(root, EXAMPLES / f"{name}.json")
    sites.build(root, root / "site")
    return root / "site"


@pytest.fixture
def reading(browser: "playwright.Browser", folder: Path) -> Iterator[Reading]:
    """Yield a factory for readers of a site; at the end, no page may have reported a problem."""
    readers: list[Reader] = []

    def started(where: Path = folder, **options: object) -> Reader:
        options = {"viewport": {"width": 1100, "height": 900}, **options}
        readers.append(Reader(where, browser.new_context(**options)))
        return readers[-1]

    yield started
    for reader in readers:
        reader.context.close()
    assert [url for reader in readers for url in reader.foreign] == []
    assert [said for reader in readers for said in reader.complaints] == []


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html"))]


# Reading


def test_search__finds_all_versions_and_links_to_them(reading: Reading) -> None:
    page = reading().open("index.html")
    page.fill("#q", '"THREE things I never leave out."')
    playwright.expect(page.locator(".found")).to_have_text("1 text")
    assert "an earlier version" in page.inner_text(".results li")
    assert page.inner_text(".results mark") == "Three things I never leave out."
    page.click(".results a")
    assert page.url.endswith("threads/t3_past.html#t1_edited")
    assert page.is_visible("#t1_edited")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("four LOOKS", "1 text"),
        ("edith", "1 text"),
        ('"i keep the"', "1 text"),
        ("nobody ever said this", "No text contains this."),
        ('<b> \\ " ( [', "No text contains this."),
    ],
)
def test_search__words_names_and_phrases(query: str, found: str, reading: Reading) -> None:
    page = reading().open("index.html")
    page.fill("#q", query)
    playwright.expect(page.locator(".found")).to_have_text(found)


def test_search__from_a_thread_and_back_to_the_list(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    page.fill("#q", "came later")
    page.press("#q", "Enter")
    page.wait_for_selector(".results li")
    assert page.input_value("#q") == "came later"
    assert page.is_hidden(".all")
    page.fill("#q", "")
    page.wait_for_selector(".all", state="visible")


def test_branch__collapses_by_click_line_and_key(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    page.click("#t1_edited > details > summary")
    assert page.is_hidden("#t1_reply")
    assert "1 comment below" in page.locator("#t1_edited > details > summary").evaluate(
        "(summary) => getComputedStyle(summary, '::after').content"
    )
    page.press("#t1_edited > details > summary", "Enter")
    assert page.is_visible("#t1_reply")
    page.click("#t1_edited .replies", position={"x": 1, "y": 20})
    assert page.is_hidden("#t1_reply")
    page.click(".unfold")
    assert page.is_visible("#t1_reply")
    page.click(".fold")
    assert page.locator(".comments article:visible > details[open]").count() == 0


def test_branch__comment_without_replies_collapses_by_click_and_key(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    page.click("#t1_reply > header")
    assert page.is_hidden("#t1_reply .text")
    assert page.is_visible("#t1_reply h3")
    page.keyboard.press("Enter")
    assert page.is_visible("#t1_reply .text")
    page.press("#t1_late .toggle", "Enter")
    assert page.is_hidden("#t1_late .text")
    assert page.evaluate("document.activeElement.closest('article').id") == "t1_late"
    page.click(".unfold")
    assert page.is_visible("#t1_late .text")


def test_branch__all_collapse_and_expand(reading: Reading) -> None:
    page = reading().open("threads/t3_wide.html")
    page.click(".fold")
    assert page.locator(".comments > article > details[open]").count() == 0
    assert page.locator(".comments > article .text:visible").count() == 0
    page.click(".unfold")
    assert page.locator(".comments > article > details[open]").count() == 150


LAST = "t1_kq00299"
FIND = """async ([word, id]) => {
    const isFound = window.find(word);
    await new Promise((done) => setTimeout(done, 300));
    const place = getSelection().anchorNode?.parentElement.closest("article");
    const { top } = document.getElementById(id).getBoundingClientRect();
    return [isFound, place?.id ?? "", top > -100 && top < innerHeight];
}"""


def test_find__finds_a_text_that_was_never_shown(reading: Reading) -> None:
    page = reading().open("threads/t3_wide.html")
    assert page.evaluate(FIND, ["crumb00299", LAST]) == [True, LAST, True]


def test_find__control_hidden_texts_are_not_found(reading: Reading, tmp_path: Path) -> None:
    sites.wide(tmp_path)
    sites.build(tmp_path, tmp_path / "site")
    style = tmp_path / "site" / "assets" / "style.css"
    style.write_text(style.read_text().replace("visibility: auto;", "visibility: hidden;"))
    page = reading(tmp_path / "site").open("threads/t3_wide.html")
    assert page.evaluate(FIND, ["crumb00299", LAST])[:2] == [False, ""]


def test_anchor__opens_the_page_at_the_comment(reading: Reading) -> None:
    page = reading().open(f"threads/t3_wide.html#{LAST}")
    page.wait_for_selector(f"#{LAST} .copy")
    assert page.locator(f"#{LAST}").evaluate("(each) => each.getBoundingClientRect().top") < 900


def test_actions__are_made_when_the_reader_comes_near(reading: Reading) -> None:
    page = reading().open("threads/t3_wide.html")
    page.wait_for_selector("#t1_kq00000 .copy")
    assert page.locator(f"#{LAST} .copy").count() == 0
    assert page.locator(f"#{LAST} > footer a").count() == 2
    page.focus(f"#{LAST} > footer a")
    page.wait_for_selector(f"#{LAST} .copy")
    text = page.text_content(f"#{LAST} > footer")
    for words in ("Link to", "On Reddit:", "Copy as Markdown:"):
        assert f"{words} comment by some_baker_19" in text


def test_actions__links_without_script(reading: Reading) -> None:
    page = reading(java_script_enabled=False).open("threads/t3_wide.html")
    links = page.locator(f"#{LAST} > footer a")
    assert links.all_text_contents() == ["Link", "On Reddit"]
    assert [link.get_attribute("href") for link in links.all()] == [
        f"#{LAST}",
        "https://www.reddit.com/comments/wide/_/kq00299/",
    ]


def test_print__has_all_texts(reading: Reading) -> None:
    page = reading().open("threads/t3_wide.html")
    page.emulate_media(media="print")
    assert page.locator(".comments .text:visible").count() == 300
    hidden = "[...document.querySelectorAll('.comments > article > *')].filter((each) => !each."
    hidden += "checkVisibility({contentVisibilityAuto: true})).length"
    assert page.evaluate(hidden) == 0
    assert page.locator(".copy:visible, .toggle:visible").count() == 0


def test_keyboard__reaches_all_elements_in_order(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        )
    assert reached[0] == "Skip to the content"
    assert reached[1:4] == ["Reddit archive", "q", "r/breadlog"]
    assert "asof" in reached
    assert any(each.startswith("Copy as Markdown") for each in reached)


def test_keyboard__moves_the_slider(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    page.focus("#asof")
    page.keyboard.press("Home")
    page.wait_for_selector("html.then")
    assert page.get_attribute("#asof", "aria-valuetext").endswith("(1 of 4)")


def test_slider__shows_the_thread_at_each_snapshot(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    shown = []
    for number in range(4):
        page.fill("#asof", str(number))
        playwright.expect(page.locator("output")).to_contain_text(f"({number + 1} of 4)")
        texts = page.locator(".comments article .text:visible").all_inner_texts()
        lost = page.locator(".comments article .mark.lost:visible").all_inner_texts()
        shown.append((texts, lost, page.inner_text("#t1_other [data-scores]")))
    three, four = "Three things I never leave out.", "Four things I never leave out."
    rest = ["I keep the *why* as well.", "Nothing changes here."]
    assert shown == [
        ([three, *rest], [], "7 points"),
        ([four, *rest, "I came later."], [], "21 points"),
        ([four, *rest, "I came later."], ["deleted"], "21 points"),
        ([four, *rest, "I came later."], ["deleted", "vanished"], "30 points"),
    ]
    page.fill("#asof", "0")
    page.click(".latest")
    assert page.is_visible("#t1_late")


def test_slider__back_at_the_latest_snapshot_the_page_is_as_before(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    page.wait_for_selector("#t1_late .copy")
    before = page.inner_text("main")
    page.fill("#asof", "0")
    playwright.expect(page.locator("output")).to_contain_text("(1 of 4)")
    assert page.inner_text("main") != before
    page.click(".latest")
    assert page.inner_text("main") == before


def test_history__opens_with_a_word_diff(reading: Reading) -> None:
    page = reading().open("threads/t3_past.html")
    page.click("#t1_edited .past > summary")
    assert page.inner_text("#t1_edited-v2 .typed") == "ThreeFour things I never leave out."
    assert page.is_visible("#t1_edited-v2 del")


def test_dates__are_in_the_readers_time_zone(reading: Reading) -> None:
    reader = reading(timezone_id="Asia/Tokyo", locale="en-GB")
    page = reader.open("threads/t3_past.html")
    assert page.inner_text("#t1_other time") == "4 Jan 2026, 18:00"
    assert page.get_attribute("#t1_other time", "title") == "2026-01-04 09:00 UTC"


def test_dates__are_in_utc_without_script(reading: Reading) -> None:
    page = reading(java_script_enabled=False).open("threads/t3_past.html")
    assert page.inner_text("#t1_other time") == "2026-01-04 09:00 UTC"
    assert page.is_visible("#t1_late .text")
    assert page.is_hidden(".asof")
    assert page.locator("button:visible").count() == 0
    page.click("#t1_edited > details > summary")
    assert page.is_hidden("#t1_reply")


# Copying


def expected(folder: Path, name: str) -> str:
    shots = store.load_snapshots(folder.parent, "past")
    thread = history.merge("past", (shot.capture for shot in shots))
    return quote.render(thread, quote.Selection((name,) if name else ()))


@pytest.mark.parametrize("name", ["reply", ""])
def test_copy__puts_the_quote_on_the_clipboard(name: str, reading: Reading, folder: Path) -> None:
    page = reading().open("threads/t3_past.html")
    page.click(f"#t1_{name} > footer .copy" if name else ".post > footer .copy")
    playwright.expect(page.locator("[role=status]")).to_have_text("Copied")
    assert pasted(page) == expected(folder, name)


def test_copy__older_method_if_the_clipboard_api_is_refused(reading: Reading, folder: Path) -> None:
    page = reading().open("threads/t3_past.html")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.click("#t1_reply .copy")
    playwright.expect(page.locator("[role=status]")).to_have_text("Copied")
    assert pasted(page) == expected(folder, "reply")


def test_copy__dialog_if_both_methods_are_refused(reading: Reading, folder: Path) -> None:
    page = reading().open("threads/t3_past.html")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.evaluate("() => { document.execCommand = () => false; }")
    page.click("#t1_reply .copy")
    assert page.input_value("dialog textarea") == expected(folder, "reply")
    page.keyboard.press("Escape")
    assert page.is_hidden("dialog")


def test_copy__says_that_the_quotes_are_missing(reading: Reading, tmp_path: Path) -> None:
    sites.with_a_past(tmp_path)
    sites.build(tmp_path, tmp_path / "site")
    (tmp_path / "site" / "quotes" / "t3_past.js").unlink()
    reader = reading(tmp_path / "site")
    page = reader.open("threads/t3_past.html")
    page.click("#t1_reply .copy")
    playwright.expect(page.locator("[role=status]")).to_have_text(
        "The quotes of this page are missing"
    )
    reader.complaints.clear()  # Chromium reports the missing file


def pasted(page: "playwright.Page") -> str:
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('textarea'), {id: 'p'}))"
    )
    page.focus("#p")
    page.keyboard.press("Control+V")
    return page.input_value("#p")


# Layout and accessibility


@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
    ],
    ids=["light", "dark", "phone"],
)
def test_layout__no_serious_problem_for_axe_and_no_overflow(
    options: dict[str, object], reading: Reading, folder: Path
) -> None:
    reader = reading(**options)
    is_default = options == {"color_scheme": "light"}
    blank = reader.context.new_page()
    for name, page in reader.each(names(folder) if is_default else VARIED):
        if "?" in name:
            page.wait_for_selector(".results li")
        page.evaluate("document.querySelectorAll('.past').forEach((each) => { each.open = true; })")
        found = violations(page)
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [(name, x["id"], x["nodes"][0]["html"]) for x in serious] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert count_colors(page, blank) > 3, name


def violations(page: "playwright.Page") -> list[dict[str, Any]]:
    """Return the problems that axe finds.

    axe must not load the stylesheet itself, because the page's policy forbids it. It reports only
    one element per passed rule, which is faster.
    """
    options = {"preload": False, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = axe.Axe().run(page, options=options).response["violations"]
    return found


def count_colors(page: "playwright.Page", blank: "playwright.Page") -> int:
    """Return the number of colors in a screenshot; a blank page has one."""
    script = """async (data) => {
        const picture = new Image();
        picture.src = `data:image/png;base64,${data}`;
        await picture.decode();
        const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
        canvas.drawImage(picture, 0, 0);
        const { data: bytes } = canvas.getImageData(0, 0, picture.width, picture.height);
        return new Set(new Uint32Array(bytes.buffer)).size;
    }"""
    import base64

    count: int = blank.evaluate(script, base64.b64encode(page.screenshot()).decode())
    return count


def test_layout__control_axe_finds_a_problem(reading: Reading) -> None:
    page = reading().open("index.html")
    page.evaluate(
        "document.querySelector('label').remove(); document.querySelector('#q').placeholder = ''"
    )
    found = violations(page)
    assert "label" in [each["id"] for each in found]


# User text never runs, and pages send no requests


def test_hostile_text__does_not_run(reading: Reading, tmp_path: Path) -> None:
    sites.hostile(tmp_path, "evil", HOSTILE)
    sites.build(tmp_path, tmp_path / "site")
    reader = reading(tmp_path / "site")
    for name, page in reader.each([*names(tmp_path / "site"), "index.html?q=planted"]):
        page.evaluate(
            "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
        )
        if "?" in name:
            page.wait_for_selector(".results li")
        if page.locator("#asof").count():
            page.fill("#asof", "0")
        if page.locator(".copy").count():
            page.locator(".copy").first.click()
            playwright.expect(page.locator("[role=status].status")).to_have_text("Copied")
        assert page.evaluate("window.planted") is None, name


def test_hostile_text__control_without_escapes_only_the_policy_helps(
    browser: "playwright.Browser", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = page_templates._create_environment().overlay(autoescape=False)
    monkeypatch.setattr(page_templates, "_create_environment", lambda: bare)
    sites.hostile(tmp_path, "evil", HOSTILE)
    sites.build(tmp_path, tmp_path / "site")
    reader = Reader(tmp_path / "site", browser.new_context())
    page = reader.open("threads/t3_evil.html")
    assert page.evaluate("window.planted") is None
    assert any("Content Security Policy" in said for said in reader.complaints)
    path = tmp_path / "site" / "threads" / "t3_evil.html"
    path.write_text(path.read_text().replace("Content-Security-Policy", "x-none"))
    assert reader.open("threads/t3_evil.html").evaluate("window.planted") == 1
    assert reader.foreign
    reader.context.close()
