"""Reddit's web site on 127.0.0.1, as a browser with a login sees it, over TLS.

The pages have a strict Content-Security-Policy. The JSON comes from `reddit_server`, with values of
the account's own fields and of headers that must not leave the browser.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Download, Page, Playwright

from reddit_archive.cli import browser_script
from tests.support.network_servers import make_certificate
from tests.support.reddit_server import Server, Thread, faults
from tests.support.reddit_server.wire import PAGE, Answer, Request

HOSTS = ("www.reddit.com", "old.reddit.com", "new.reddit.com", "sh.reddit.com")
SENTINEL = "SENTINEL"
SESSION = f"{SENTINEL}_session"
POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'none'; connect-src 'self'; img-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
PANEL = "document.getElementById('reddit-archive-panel')"
IS_DONE = f"{PANEL}?.dataset.state === 'done'"
VIEWER_VALUES: dict[str, Any] = {
    "likes": True,
    "saved": True,
    "author_is_blocked": True,
    "mod_note": f"{SENTINEL}_note",
    "user_reports": [[f"{SENTINEL}_report", 1]],
    "can_mod_post": True,
    "userIsSubscriber": f"{SENTINEL}_camel",
    "nested": [{"name": "Cookie", "value": f"{SENTINEL}_cookie"}, {"x": {"token": SENTINEL}}],
}


class Website(Server):
    """The site. `is_open` tells whether the browser's login is valid."""

    def __init__(self, certificate: Path) -> None:
        super().__init__(budget=10**6)
        self.is_open = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )

    def add(self, thread: Thread) -> Thread:
        """Add a thread with the values that an account sees."""
        thread.post |= VIEWER_VALUES
        for comment in thread.comments.values():
            comment |= VIEWER_VALUES
        return super().add(thread)

    def reset(self) -> None:
        """Forget what a test arranged."""
        self.heal()
        self.reset_log()
        self.threads.clear()
        self.is_open, self.leftovers = True, "stubbed"

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def fetched(self) -> list[Request]:
        """The requests for JSON, in their order."""
        return [request for request in self.log if request.path.endswith(".json")]

    def respond(self, request: Request, *, alone: bool) -> tuple[Answer, faults.Fault]:
        if not request.path.endswith(".json"):
            return self._show(request), faults.Fault()
        answer, fault = super().respond(request, alone=alone)
        body = answer.body.replace(b'"modhash": null', f'"modhash": "{SENTINEL}_hash"'.encode())
        private = {"Set-Cookie": f"loid={SENTINEL}_loid; Path=/", "x-modhash": f"{SENTINEL}_x"}
        return replace(answer, body=body, headers=answer.headers | private), fault

    def _denied(self, request: Request) -> Answer | None:
        has_session = f"reddit_session={SESSION}" in request.headers.get("cookie", "")
        if self.is_open and has_session:
            return None
        return Answer(403, faults.BLOCK_PAGE.encode(), faults.HTML)

    def _show(self, request: Request) -> Answer:
        status = 200 if PAGE.fullmatch(request.route) else 404
        page = (
            "<!DOCTYPE html><html lang='en'><title>A thread</title><body><h1>A thread</h1></body>"
        )
        return Answer(status, page.encode(), faults.HTML | {"Content-Security-Policy": POLICY})


@dataclass
class Visitor:
    """A person in a browser who opens threads of the site."""

    site: Website
    context: BrowserContext
    folder: Path
    downloads: list[Download] = field(default_factory=list)
    blocked_redirects: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    running: set[str] = field(default_factory=set)
    parallel_requests: list[set[str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self, thread: Thread, *, host: str = HOSTS[0], path: str = "") -> Page:
        page = self.context.new_page()
        page.clock.install()
        page.on("download", lambda download: self.downloads.append(download))
        page.on("request", self._record_request)
        page.on("requestfinished", lambda request: self.running.discard(request.url))
        page.on("requestfailed", self._record_failure)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._record_problem)
        self.site.add(thread)
        page.goto(f"https://{host}{path or thread.post['permalink']}")
        return page

    def _record_request(self, request: Any) -> None:
        self.requests.append(request.url)
        self.running.add(request.url)
        fetches = {url for url in self.running if ".json" in url}
        if len(fetches) > 1:
            self.parallel_requests.append(fetches)

    def _record_failure(self, request: Any) -> None:
        """Record a redirect to another host that the browser never followed."""
        self.running.discard(request.url)
        if request.failure == "origin":
            self.requests.remove(request.url)
            self.blocked_redirects.append(request.url)

    def _record_problem(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.problems.append(message.text)

    def run_in_isolated_world(self, page: Page, source: str) -> None:
        """Run a script as an extension does that keeps scripts apart from the page's own."""
        session = self.context.new_cdp_session(page)
        frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = session.send("Page.createIsolatedWorld", {"frameId": frame})
        run = {"expression": source, "contextId": world["executionContextId"]}
        assert "exceptionDetails" not in session.send("Runtime.evaluate", run)

    def click_bookmarklet(self, page: Page) -> None:
        """Open the bookmarklet's URL as the browser does for a click on a bookmark."""
        session = self.context.new_cdp_session(page)
        session.send("Page.navigate", {"url": browser_script.build_bookmarklet()})

    def save(self, thread: Thread, **options: Any) -> Path:
        """Open a thread, click the bookmarklet, and return the downloaded file."""
        page = self.open(thread, **options)
        self.click_bookmarklet(page)
        return self.finish(page)

    def finish(self, page: Page) -> Path:
        """Let the time pass until the script is done, and return the downloaded file."""
        run_until(page, IS_DONE)
        download = self.downloads[-1] if self.downloads else page.wait_for_event("download")
        path = self.folder / download.suggested_filename
        download.save_as(path)
        return path

    @property
    def foreign_requests(self) -> list[str]:
        own = tuple(f"https://{host}/" for host in HOSTS)
        return [url for url in self.requests if not url.startswith((*own, "blob:https://"))]


def run_until(page: Page, condition: str) -> None:
    """Let the page's clock run until a condition in JavaScript is true."""
    for _ in range(4000):
        if page.evaluate(condition):
            return
        page.clock.run_for(1000)
    raise AssertionError(f"{condition} did not become true: {read_panel(page)}")


def read_panel(page: Page) -> str:
    """Return the text of the panel that the script shows."""
    return str(page.evaluate(f"{PANEL}?.shadowRoot.textContent ?? ''"))


@contextmanager
def serve(playwright: Playwright, folder: Path) -> Iterator[tuple[Website, Browser]]:
    """Start the site, and a browser for which it is Reddit and no other host exists."""
    with Website(make_certificate(folder, *HOSTS)) as site:
        rules = [*(f"MAP {host} 127.0.0.1:{site.port}" for host in HOSTS), "MAP * ~NOTFOUND"]
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[*ARGUMENTS, f"--host-resolver-rules={', '.join(rules)}"],
        )
        try:
            yield site, browser
        finally:
            browser.close()


@contextmanager
def visit(site: Website, browser: Browser, folder: Path) -> Iterator[Visitor]:
    """Log in with a new profile of the browser. Nothing may ask another host."""
    site.reset()
    context = browser.new_context(ignore_https_errors=True, accept_downloads=True)
    login = {"name": "reddit_session", "value": SESSION, "path": "/", "secure": True}
    context.add_cookies([{**login, "domain": ".reddit.com"}])
    visitor = Visitor(site, context, folder)
    try:
        yield visitor
    finally:
        context.close()
    assert visitor.foreign_requests == []
    assert visitor.problems == []
    assert visitor.parallel_requests == []
