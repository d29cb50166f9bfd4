"""Supervisord's listener: whatever a service that died has left behind is killed before it disturbs the next.

Airflow's scheduler, say, when it is killed, leaves workers that wait for ever. Every service leads a process
group of its own, so the group's number is the service's process id.
"""

import os
import signal
import sys
from contextlib import suppress

from supervisor import childutils


def main() -> None:
    """Answer supervisord's events for as long as it runs."""
    while True:
        _, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        event = dict(pair.split(":", 1) for pair in payload.split())
        with suppress(ProcessLookupError):
            os.killpg(int(event["pid"]), signal.SIGKILL)
        childutils.listener.ok(sys.stdout)


if __name__ == "__main__":
    main()
