"""Reddit's web site on 127.0.0.1, as a browser with or without a login sees it, over TLS.

The pages have a strict Content-Security-Policy. The JSON comes from `reddit_server`, with values of
the account's own fields and of headers that must not leave the browser.
"""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright

from reddit_archive.cli import browser_script
from tests.support.network_servers import make_certificate
from tests.support.reddit_server import Server, Thread, access, faults
from tests.support.reddit_server.wire import PAGE, Answer, Request

HOSTS = ("www.reddit.com", "old.reddit.com", "new.reddit.com", "sh.reddit.com")
SENTINEL = "SENTINEL"
SESSION = f"{SENTINEL}_session"
POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'none'; connect-src 'self'; img-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
FINISHED = "document.getElementById('reddit-archive-panel')?.dataset.state === 'done'"
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

    def __init__(self, *threads: Thread, certificate: Path, **options: Any) -> None:
        super().__init__(*threads, **options)
        for thread in threads:
            thread.post |= VIEWER_VALUES
            for comment in thread.comments.values():
                comment |= VIEWER_VALUES
        self.is_open = True
        self.parallel_requests = 0
        self._running = 0
        self._count_lock = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )

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
        with self._count_lock:
            self._running += 1
            self.parallel_requests = max(self.parallel_requests, self._running)
        try:
            answer, fault = super().respond(request, alone=alone)
        finally:
            with self._count_lock:
                self._running -= 1
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
        page = "<!DOCTYPE html><html lang='en'><title>A thread</title><body><h1>A thread</h1></body>"
        return Answer(status, page.encode(), faults.HTML | {"Content-Security-Policy": POLICY})


@dataclass
class Visitor:
    """A person in a browser who opens pages of the site."""

    site: Website
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self, thread: Thread, *, host: str = "www.reddit.com", path: str = "") -> Page:
        page = self.context.new_page()
        page.clock.install()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._record_problem)
        page.goto(f"https://{host}{path or thread.post['permalink']}")
        return page

    def _record_problem(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.problems.append(message.text)

    def add_userscript(self, page: Page, *, is_isolated: bool = False) -> None:
        """Run the userscript, in the page's own world or in the one of an extension."""
        source = browser_script.read_userscript()
        if not is_isolated:
            page.evaluate(source)
            return
        session = self.context.new_cdp_session(page)
        frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = session.send("Page.createIsolatedWorld", {"frameId": frame})
        run = {"expression": source, "contextId": world["executionContextId"]}
        assert "exceptionDetails" not in session.send("Runtime.evaluate", run)

    def click_bookmarklet(self, page: Page) -> None:
        """Open the bookmarklet's URL as the browser does for a click on a bookmark."""
        session = self.context.new_cdp_session(page)
        session.send("Page.navigate", {"url": browser_script.build_bookmarklet()})

    def finish(self, page: Page, folder: Path) -> Path:
        """Let the time pass until the script is done, and return the downloaded file."""
        with page.expect_download() as download:
            run_until(page, FINISHED)
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    @property
    def foreign_requests(self) -> list[str]:
        own = tuple(f"https://{host}/" for host in HOSTS)
        return [url for url in self.requests if not url.startswith((*own, "blob:https://"))]


def run_until(page: Page, condition: str, *, seconds: int = 1) -> None:
    """Let the page's clock run until a condition in JavaScript is true."""
    for _ in range(4000):
        if page.evaluate(condition):
            return
        page.clock.run_for(seconds * 1000)
    raise AssertionError(f"{condition} did not become true: {read_panel(page)}")


def read_panel(page: Page) -> str:
    """Return the text of the panel that the script shows."""
    text = page.evaluate(
        "document.getElementById('reddit-archive-panel')?.shadowRoot.textContent ?? ''"
    )
    return str(text)


@contextmanager
def visit(
    playwright: Playwright, folder: Path, *threads: Thread, is_logged_in: bool = True, **options: Any
) -> Iterator[Visitor]:
    """Serve threads, and start a browser for which the site is Reddit."""
    certificate = make_certificate(folder, *HOSTS)
    with Website(*threads, certificate=certificate, **options) as site:
        rules = ", ".join(f"MAP {host} 127.0.0.1:{site.port}" for host in HOSTS)
        arguments = [*ARGUMENTS, f"--host-resolver-rules={rules}, MAP * ~NOTFOUND"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        try:
            context = browser.new_context(ignore_https_errors=True, accept_downloads=True)
            if is_logged_in:
                login = {"name": "reddit_session", "value": SESSION, "path": "/"}
                context.add_cookies([{**login, "domain": ".reddit.com", "secure": True}])
            yield Visitor(site, context)
        finally:
            browser.close()


__all__ = ["HOSTS", "SENTINEL", "Visitor", "Website", "access", "read_panel", "run_until", "visit"]
