"""A StatsD server that keeps what it is told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StatsdServer(socketserver.UDPServer):
    """Metrics as they came, over UDP on a free port."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keep)
        self.lines: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        """What lets an Airflow send its metrics here, as `docs/operations.md` says."""
        return {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(self.server_address[1]),
        }

    def told(self, name: str) -> list[float]:
        """The values of one metric of ours, in the order in which they came."""
        start = f"airflow.{name}:"
        return [
            float(line.removeprefix(start).partition("|")[0]) for line in self.lines if line.startswith(start)
        ]


class _Keep(socketserver.DatagramRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, StatsdServer)
        self.server.lines += self.rfile.read().decode().splitlines()


@contextmanager
def running_statsd() -> Iterator[StatsdServer]:
    """A StatsD server for the time of the block."""
    with StatsdServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
