"""Reports a workflow's messages to Python's log, for scripts."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_logger = logging.getLogger("reddit_archive")


class LogReporter:
    """Writes messages to Python's log `reddit_archive`; scripts get this one by default."""

    def status(self, message: str) -> None:
        _logger.info("%s", message)

    def warn(self, message: str) -> None:
        _logger.warning("%s", message)

    @contextmanager
    def progress(self, message: str) -> Iterator[Callable[[str], None]]:
        _logger.debug("%s", message)
        yield lambda update: _logger.debug("%s", update)
