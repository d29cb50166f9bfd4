"""What `up` says while it works: one line a step, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

PIPE_WIDTH = 140


class Progress:
    """Numbered steps on standard output."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, run it, say how long it took.

        Args:
            title: what the step does.
        """
        self._done += 1
        started = time.monotonic()
        print(f"[{self._done:>2}/{self._total}] {title} … ", end="", flush=True)
        try:
            yield
        except BaseException:
            print("FAILED", flush=True)
            raise
        print(f"done ({time.monotonic() - started:.1f} s)", flush=True)


def console() -> Console:
    """Where tables are printed: as wide as the terminal; in a file or pipe, wide enough for whole names."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
