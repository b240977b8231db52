"""Hold Ctrl-C back while something is written."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class DeferredInterrupt:
    """Raises KeyboardInterrupt at once, or after the block under `defer` that is running."""

    def __init__(self) -> None:
        self._is_deferring = False
        self._is_interrupted = False

    @contextmanager
    def install(self) -> Iterator[None]:
        """Handle Ctrl-C within a block; outside the main thread, where none arrives, do nothing."""
        try:
            previous_handler = signal.signal(signal.SIGINT, self._handle)
        except ValueError:
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous_handler)

    @contextmanager
    def defer(self) -> Iterator[None]:
        """Hold Ctrl-C back until the end of a block."""
        self._is_deferring = True
        try:
            yield
        finally:
            self._is_deferring = False
        if self._is_interrupted:
            raise KeyboardInterrupt

    def _handle(self, signal_number: int, frame: FrameType | None) -> None:
        self._is_interrupted = True
        if not self._is_deferring:
            raise KeyboardInterrupt
