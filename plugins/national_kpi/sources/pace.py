"""Asking a source no more often than it allows."""

import time


class Pace:
    """Spreads requests evenly.

    Args:
        per_minute: how many requests a minute may have.
    """

    def __init__(self, per_minute: int) -> None:
        self._gap = 60 / per_minute
        self._next = time.monotonic()

    def wait(self) -> None:
        """Wait until the next request may be made."""
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + self._gap
