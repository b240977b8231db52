"""The world of a page: a Reddit and an Arctic Shift on 127.0.0.1, a home, a folder, a clock.

<!-- stage: reddit NAME … -->            Reddit holds these threads of examples/
<!-- stage: arctic NAME … -->            Arctic Shift has seen them
<!-- stage: many N -->                   Reddit holds N small threads, 9many1 and so on
<!-- stage: browser NAME FILE -->        a browser saves its page (NAME.json or a page of examples/)
<!-- stage: edit ID COMMENT -->          somebody edits, deletes; a moderator removes; …
<!-- stage: delete ID COMMENT -->
<!-- stage: gone ID -->                  Reddit knows the thread no more
"""

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import EXAMPLES, OFFLINE, PROGRAM, ROOT, example
from tests.support import arctic_server, reddit_server

CLOCK = Path(__file__).parent / "clock"
COLUMNS = 100
YOU = "/home/you"
KEY_PREFIX = "REDDIT_ARCHIVE_CLIENT_"


@dataclass(slots=True)
class Stage:
    """What the commands of a page find. The program learns of the servers by settings alone."""

    home: Path
    closing: ExitStack
    clock: str = "2026-01-05 08:00"
    environment: dict[str, str] = field(default_factory=dict)
    key: dict[str, str] = field(default_factory=dict)
    reddit: reddit_server.Server | None = None
    arctic: arctic_server.Server | None = None
    folder: Path = field(init=False)
    began: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.folder = self.home / "notes"
        self.folder.mkdir(parents=True)
        (self.home / "reddit-archive").symlink_to(ROOT)
        self._configure()

    def set(self, words: str) -> None:
        """Apply a note to the stage."""
        verb, *names = words.split()
        getattr(self, f"_{verb}")(*names)

    def write(self, path: str, text: str) -> None:
        """Write a file of the page; a config.yaml also says where the servers are."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.name == "config.yaml":
            text = yaml.safe_dump(merged(self._settings(), yaml.safe_load(text)))
        file.write_text(text)

    def export_variable(self, name: str, value: str) -> None:
        """Export a variable; a key goes into the user's file, which says where Reddit is here.

        The program sends no key of the environment to a server that a file names.
        """
        if name.startswith(KEY_PREFIX):
            self.key[f"client_{name.removeprefix(KEY_PREFIX).lower()}"] = value
            self._configure()
        else:
            self.environment[name] = value

    def settle(self) -> None:
        """Give files of a command the time of the clock. The archive dates its own files."""
        at = datetime.fromisoformat(self.clock).replace(tzinfo=UTC).timestamp()
        for file in self.folder.rglob("*.json"):
            if "archive" not in file.parts[-5:] and file.stat().st_mtime > self.began:
                os.utime(file, (at, at))

    def env(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("REDDIT_", "praw_"))}
        return {
            **clean,
            "PATH": f"{PROGRAM.parent}{os.pathsep}{clean.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "PYTHONPATH": str(CLOCK),
            "STORY_CLOCK": self.clock,
            "TERM": "dumb",
            "COLUMNS": str(COLUMNS),
            "LINES": "60",
            **self.environment,
        }

    def shown(self, text: str) -> str:
        """Rewrite output as a reader sees it on their own computer."""
        return text.replace(str(self.home), YOU)

    def _settings(self) -> dict[str, Any]:
        settings = dict(OFFLINE)
        if self.arctic:
            settings["arctic_shift"] = {"url": self.arctic.url}
        if self.reddit:
            urls = {"oauth_url": self.reddit.url, "reddit_url": self.reddit.url}
            settings["reddit"] = urls | self.key
        return settings

    def _configure(self) -> None:
        own = self.home / ".config" / "reddit-archive" / "config.yaml"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(yaml.safe_dump(self._settings()))
        own.chmod(0o600)

    def _reddit(self, *names: str) -> None:
        if self.reddit is None:
            self.reddit = self.closing.enter_context(reddit_server.Server())
        for name in names:
            self.reddit.add(example(name))
        self._configure()

    def _arctic(self, *names: str) -> None:
        self.arctic = self.closing.enter_context(arctic_server.Server(*map(example, names)))
        self._configure()

    def _export(self, number: str, folder: str) -> None:
        assert self.reddit is not None
        made = [
            reddit_server.generate(n % 5, seed=n, thread_id=f"9many{n}")
            for n in range(1, int(number) + 1)
        ]
        lines = ["id,permalink"]
        for thread in map(self.reddit.add, made):
            lines.append(f"{thread.id},https://www.reddit.com{thread.post['permalink']}")
        self._at_home(f"{folder}/saved_posts.csv").write_text("\n".join(lines) + "\n")
        link = "https://www.reddit.com/r/breadlog/comments/9bread1/title/zkeep03/"
        self._at_home(f"{folder}/saved_comments.csv").write_text(f"id,permalink\nzkeep03,{link}\n")

    def _browser(self, name: str, file: str) -> None:
        target = self._at_home(file)
        page = EXAMPLES / (name if "." in name else f"{name}.json")
        target.write_bytes(page.read_bytes())
        at = datetime.fromisoformat(self.clock).replace(tzinfo=UTC).timestamp()
        os.utime(target, (at, at))

    def _at_home(self, file: str) -> Path:
        target = self.home / file.removeprefix("~/")
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _edit(self, thread: str, comment: str) -> None:
        data = self._thread(thread).comments[comment]
        for key in ("body", "body_html"):
            data[key] = data[key].replace("Three things", "Four things")
        data["edited"] = datetime.fromisoformat(self.clock).replace(tzinfo=UTC).timestamp() - 3600

    def _delete(self, thread: str, comment: str) -> None:
        self._thread(thread).delete(comment)

    def _gone(self, thread: str) -> None:
        self._thread(thread).refusal = "gone"

    def _thread(self, thread: str) -> reddit_server.Thread:
        assert self.reddit is not None
        return self.reddit.threads[thread]


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Merge settings into others, section by section."""
    both = dict(below)
    for name, value in above.items():
        under = below.get(name)
        both[name] = merged(under, value) if isinstance(under, dict) else value
    return both
