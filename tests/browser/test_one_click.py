"""The userscript and the bookmarklet in a real browser, on a site that follows Reddit's rules.

In every test, a request to another host, a violation of the page's Content-Security-Policy, an
error of the page, or two requests at the same time is a failure (see `reddit_website.visit`).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reddit_archive.cli import browser_script
from reddit_archive.model import capture as capture_model
from reddit_archive.model import completeness, viewer_fields
from reddit_archive.model.capture import Capture
from reddit_archive.model.reference import Reference
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources import saved_json
from reddit_archive.sources.base import FetchRequest
from reddit_archive.sources.reddit_api import RedditSource
from tests.conftest import Run
from tests.support import reddit_server as rs
from tests.support.request_counts import floor

playwright = pytest.importorskip("playwright.sync_api")

from tests.support import reddit_website as web  # noqa: E402 - it needs playwright

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not web.CHROMIUM.exists(), reason="there is no Chromium here"),
]
Site = tuple[web.Website, "playwright.Browser"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("certificate")
    with playwright.sync_playwright() as driver, web.serve(driver, folder) as served:
        yield served


@pytest.fixture
def visitor(site: Site, tmp_path: Path) -> Iterator[web.Visitor]:
    with web.visit(*site, tmp_path) as visitor:
        yield visitor


def fetch_through_api(thread: rs.Thread, *, leftovers: rs.rules.Leftovers = "stubbed") -> Capture:
    with rs.Server(thread, budget=10**6, leftovers=leftovers) as server:
        settings = {k: v for k, v in server.settings().items() if k != "check_for_updates"}
        source = RedditSource(settings, retry_policy=RetryPolicy(), on_status=lambda _: None)
        return source.fetch(Reference(post_id=thread.id), FetchRequest())


def get_ids(saved: Capture) -> set[str]:
    return {thing["data"]["id"] for thing in saved.things if thing["kind"] == "t1"}


def find_unaccounted(saved: Capture, thread: rs.Thread) -> set[str]:
    """Return the comments that are neither in a capture, nor in or below one of its gaps."""
    gaps = saved.missing_comments
    named = {i for gap in gaps for i in gap.ids}
    parents = {gap.parent.removeprefix("t1_") for gap in gaps if not gap.ids}
    absent = set(thread.comments) - get_ids(saved)
    return {i for i in absent if not {*thread.path(i)} & (named | parents)}


def click_button(page: "playwright.Page") -> None:
    page.get_by_role("button", name="Save thread").click()


# The file


def test_click__downloads_a_file_that_the_program_takes(
    visitor: web.Visitor, run: Run, tmp_path: Path
) -> None:
    thread = rs.generate(40, depth=12)
    page = visitor.open(thread)
    page.evaluate(browser_script.read_userscript())
    click_button(page)
    file = visitor.finish(page)
    ran = run("-vv", file.name, "--all", "--no-media")
    assert (ran.code, file.name.rpartition("-")[0]) == (0, f"reddit-{thread.id}")
    assert all(comment["author"] in ran.out for comment in thread.comments.values())
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(web.SENTINEL.encode() in data for data in (*written, f"{ran}".encode()))


@pytest.mark.parametrize("shape", rs.SHAPES)
def test_file__of_3000_comments_equals_a_fetch_through_the_api(
    shape: str, visitor: web.Visitor
) -> None:
    thread = rs.shaped(shape, 3000)
    saved = saved_json.read_capture(str(visitor.save(thread)))
    assert get_ids(saved) >= thread.visible()
    assert len(visitor.site.fetched) <= 2 * floor(thread)
    fetched = fetch_through_api(thread)
    assert saved.things == viewer_fields.drop_from_things(fetched.things)
    assert saved.request == {k: saved.request[k] for k in ("file", "path", "whole")}
    assert completeness.is_capture_complete(saved) == completeness.is_capture_complete(fetched)


def test_file__of_a_site_that_drops_leftovers(visitor: web.Visitor) -> None:
    visitor.site.leftovers = "dropped"
    thread = rs.generate(1500)
    saved = saved_json.read_capture(str(visitor.save(thread)))
    fetched = fetch_through_api(thread, leftovers="dropped")
    assert saved.things == viewer_fields.drop_from_things(fetched.things)


def test_file__withheld_comments_are_marked_as_in_the_api(visitor: web.Visitor) -> None:
    thread = rs.generate(700)
    page = rs.page(thread, limit=500)
    hidden = next(
        stub
        for stub in capture_model.find_missing_comments(capture_model.flatten(page))
        if stub.ids
    )
    for child in hidden.ids:
        thread.delete(child)
    saved = saved_json.read_capture(str(visitor.save(thread)))
    assert saved.missing_comments == fetch_through_api(thread).missing_comments
    assert saved.things == viewer_fields.drop_from_things(fetch_through_api(thread).things)


def test_file__seeded_fault_without_removal_of_the_viewers_fields(visitor: web.Visitor) -> None:
    call = "removeViewerFields(answer)"
    source = browser_script.read_userscript()
    assert source.count(call) == 2  # the function, and the call
    page = visitor.open(rs.generate(3))
    page.evaluate("answer".join(source.rsplit(call, 1)))
    click_button(page)
    assert web.SENTINEL in visitor.finish(page).read_text()


def test_checks__seeded_faults_are_noticed(visitor: web.Visitor) -> None:
    page = visitor.open(rs.generate(3))
    page.evaluate("fetch('https://evil.example/x').catch(() => null)")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("Promise.allSettled([fetch('/comments/1.json'), fetch('/comments/2.json')])")
    assert len(visitor.parallel_requests) == 1
    assert {"connect-src", "style-src"} <= set(re.findall(r"[a-z]+-src", f"{visitor.problems}"))
    with pytest.raises(playwright.Error):
        page.goto("https://evil.example/x")
    assert visitor.foreign_requests == ["https://evil.example/x"]
    for record in (visitor.requests, visitor.problems, visitor.parallel_requests):
        record.clear()


# Where it runs


@pytest.mark.parametrize("host", web.HOSTS)
def test_click__asks_only_the_host_of_the_page(host: str, visitor: web.Visitor) -> None:
    thread = rs.generate(600)
    assert visitor.save(thread, host=host).stat().st_size
    assert all(url.startswith((f"https://{host}/", "blob:")) for url in visitor.requests)


def test_click__in_the_world_of_an_extension(visitor: web.Visitor) -> None:
    page = visitor.open(rs.generate(20, depth=5))
    visitor.run_in_isolated_world(page, browser_script.read_userscript())
    click_button(page)
    assert saved_json.read_capture(str(visitor.finish(page))).request["whole"] is True


@pytest.mark.parametrize(
    "path", ["r/x/comments/{}/slug/c1/?context=3", "comments/{}", "user/x/comments/{}/s/"]
)
def test_click__saves_the_whole_thread_of_any_address(path: str, visitor: web.Visitor) -> None:
    thread = rs.generate(20, depth=5)
    file = visitor.save(thread, path=f"/{path.format(thread.id.upper())}")
    assert get_ids(saved_json.read_capture(str(file))) == set(thread.comments)


def test_button__of_a_script_that_runs_before_the_page(visitor: web.Visitor) -> None:
    visitor.context.add_init_script(browser_script.read_userscript())
    page = visitor.open(rs.generate(3))
    assert page.get_by_role("button", name="Save thread").count() == 1


def test_button__follows_pages_that_open_without_loading(visitor: web.Visitor) -> None:
    page = visitor.open(rs.generate(3), path="/comments/")
    page.evaluate(browser_script.read_userscript())
    button = page.get_by_role("button", name="Save thread")
    for path, is_shown in (("/r/x/", False), ("/r/x/comments/abc/", True), ("/r/x/", False)):
        page.evaluate(f"history.pushState(null, '', '{path}')")
        page.clock.run_for(1000)
        assert button.is_visible() is is_shown


def test_button__starts_nothing_else_if_reddit_replaces_its_page(visitor: web.Visitor) -> None:
    page = visitor.open(rs.generate(900))
    page.evaluate(browser_script.read_userscript())
    click_button(page)
    page.evaluate("document.body.replaceChildren()")
    page.clock.run_for(5000)
    assert page.get_by_role("button", name="Save thread").count() == 0
    assert saved_json.read_capture(str(visitor.finish(page))).request["whole"] is True


def test_bookmarklet__asks_for_a_thread_elsewhere(visitor: web.Visitor) -> None:
    page = visitor.open(rs.generate(3), path="/r/x/about/")
    messages: list[str] = []
    page.on("dialog", lambda dialog: (messages.append(dialog.message), dialog.dismiss()))
    with page.expect_event("dialog"):
        visitor.click_bookmarklet(page)
    assert messages == ["Open a thread on Reddit, and click again."]
    assert visitor.site.fetched == []


def test_bookmarklet__second_click_starts_nothing(visitor: web.Visitor) -> None:
    page = visitor.open(rs.generate(600))
    visitor.click_bookmarklet(page)
    visitor.click_bookmarklet(page)
    visitor.finish(page)
    paths = [(request.path, *request.query.items()) for request in visitor.site.fetched]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_panel__is_accessible(scheme: str, visitor: web.Visitor) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visitor.open(rs.generate(3))
    page.emulate_media(color_scheme=scheme)
    page.evaluate(browser_script.read_userscript())
    for _ in range(2):
        found = axe.Axe().run(page, context="#reddit-archive-panel")
        assert found.response["violations"] == []
        if page.get_by_role("button", name="Close").count() == 0:
            page.get_by_role("button", name="Save thread").press("Enter")
            visitor.finish(page)
    assert page.evaluate(f"{web.PANEL}.shadowRoot.activeElement.textContent") == "Close"


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (rs.TOO_MANY(60), 60),
        (rs.TOO_MANY(), 5),
        (rs.Fault(429, {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "90"}), 90),
        (rs.Fault(429, {"x-ratelimit-remaining": "80.0", "x-ratelimit-reset": "90"}), 5),
    ],
    ids=["retry-after", "no time", "limit reached", "limit not reached"],
)
def test_limit__is_waited_out(fault: rs.Fault, seconds: int, visitor: web.Visitor) -> None:
    thread = rs.generate(900)
    visitor.site.fail("morechildren", fault)
    page = visitor.open(thread)
    visitor.click_bookmarklet(page)
    web.run_until(page, f"{web.PANEL}?.shadowRoot.textContent.includes('asks to wait')")
    assert f"Continues in {seconds} seconds" in web.read_panel(page)
    count = len(visitor.site.fetched)
    page.clock.run_for((seconds - 3) * 1000)  # beside it, the clock runs by itself
    assert len(visitor.site.fetched) == count
    saved = saved_json.read_capture(str(visitor.finish(page)))
    assert get_ids(saved) == set(thread.comments)


def test_limit__that_is_used_up_is_respected(visitor: web.Visitor) -> None:
    left = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "120"}
    visitor.site.fail("comments/", rs.Fault(headers=left))
    page = visitor.open(rs.generate(900))
    visitor.click_bookmarklet(page)
    web.run_until(page, f"{web.PANEL}?.shadowRoot.textContent.includes('in 120 seconds')")
    page.clock.run_for(115_000)
    assert len(visitor.site.fetched) == 1
    visitor.finish(page)


def test_limit__without_a_number_left_makes_no_pause(visitor: web.Visitor) -> None:
    odd = {"x-ratelimit-remaining": None, "x-ratelimit-reset": "120"}
    visitor.site.fail(".json", rs.Fault(headers=odd), times=None)
    page = visitor.open(rs.generate(900))
    visitor.click_bookmarklet(page)
    web.run_until(page, f"/, ([3-9]|..) requests/.test({web.PANEL}?.shadowRoot.textContent)")
    assert "limit" not in web.read_panel(page)


def test_requests__pause_between_each_other(visitor: web.Visitor) -> None:
    page = visitor.open(rs.generate(900))
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    visitor.click_bookmarklet(page)
    page.clock.run_for(1)
    playwright.expect(page.get_by_text("1 request")).to_be_visible()
    page.clock.run_for(900)
    assert len(visitor.site.fetched) == 1
    visitor.finish(page)


@pytest.mark.parametrize(
    "fault", [rs.SERVER_ERROR(500), rs.SERVER_ERROR(503), rs.CUT_BODY, rs.CUT_JSON, rs.CLOSED]
)
def test_error__is_retried(fault: rs.Fault, visitor: web.Visitor) -> None:
    thread = rs.generate(700)
    visitor.site.fail(".json", fault, times=3)
    saved = saved_json.read_capture(str(visitor.save(thread)))
    assert get_ids(saved) == set(thread.comments)
    assert saved.request["whole"] is True


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (rs.SERVER_ERROR(500), "Some requests failed"),
        (rs.HTML_403, "Log in"),
        (rs.HTML_200, "Log in"),
        (rs.CLOSED, "can't be reached"),
        (rs.TOO_MANY(4000), "more than an hour"),
    ],
)
def test_error__that_stays_leaves_gaps(fault: rs.Fault, message: str, visitor: web.Visitor) -> None:
    thread = rs.generate(900, depth=8)
    visitor.site.fail("/api/", fault, times=None)
    page = visitor.open(thread)
    visitor.click_bookmarklet(page)
    saved = saved_json.read_capture(str(visitor.finish(page)))
    assert message in web.read_panel(page)
    assert len(get_ids(saved)) < 900
    assert find_unaccounted(saved, thread) == set()
    assert "whole" not in saved.request
    assert not completeness.is_capture_complete(saved)


def test_redirect__to_another_host_is_never_followed(visitor: web.Visitor) -> None:
    visitor.site.fail("/api/", rs.Fault(302, {"Location": "https://evil.example/x"}), times=None)
    file = visitor.save(rs.generate(900, depth=8))
    assert set(visitor.blocked_redirects) == {"https://evil.example/x"}
    assert "leads to another site" in file.read_text()[:1000]


def test_stop__keeps_what_was_fetched(visitor: web.Visitor) -> None:
    thread = rs.generate(3000)
    page = visitor.open(thread)
    visitor.click_bookmarklet(page)
    web.run_until(page, f"/, ([5-9]|..) requests/.test({web.PANEL}?.shadowRoot.textContent)")
    with page.expect_download() as download:
        page.get_by_role("button", name="Stop").press("Enter")
    count = len(visitor.site.fetched)
    page.clock.run_for(60_000)
    saved = saved_json.read_capture(str(download.value.path()))
    assert len(visitor.site.fetched) == count < 20
    assert find_unaccounted(saved, thread) == set()
    assert "You stopped it." in web.read_panel(page)


def test_stop__ends_a_wait(visitor: web.Visitor) -> None:
    visitor.site.fail("morechildren", rs.TOO_MANY(600))
    page = visitor.open(rs.generate(900))
    visitor.click_bookmarklet(page)
    web.run_until(page, f"{web.PANEL}?.shadowRoot.textContent.includes('asks to wait')")
    with page.expect_download():
        page.get_by_role("button", name="Stop").click()


@pytest.mark.parametrize(
    ("arrange", "message"),
    [
        ("closed", "Log in"),
        ("private", "(private)"),
        ("gone", "no such thread"),
    ],
)
def test_refusal__saves_nothing(arrange: str, message: str, visitor: web.Visitor) -> None:
    thread = rs.generate(5)
    visitor.site.is_open = arrange != "closed"
    thread.refuse(None if arrange == "closed" else arrange)
    page = visitor.open(thread)
    visitor.click_bookmarklet(page)
    web.run_until(page, web.IS_DONE)
    assert web.read_panel(page).startswith("Nothing was saved.")
    assert message in web.read_panel(page)
    assert len(visitor.site.fetched) == 1
