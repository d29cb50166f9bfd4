"""Asking an Airflow that is busy: again, and never twice for the same run."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from national_kpi.errors import StackError
from national_kpi.stack.airflow import Airflow

SLOW = 0.6


class BusyServer(ThreadingHTTPServer):
    """Answers like Airflow's API: `script` says how each call ends, "ok" once it is used up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[str] = []
        self.runs: list[bytes] = []


class _Handler(BaseHTTPRequestHandler):
    server: BusyServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/auth/token":
            self._answer(201, b'{"access_token": "t"}')
        else:
            self._start_run(body, self.server.script.pop(0) if self.server.script else "ok")

    def _start_run(self, body: bytes, ending: str) -> None:
        if ending == "busy":
            self._answer(503, b"{}")
        elif body in self.server.runs:
            self._answer(409, b'{"detail": "exists"}')
        else:
            self.server.runs.append(body)
            time.sleep(SLOW if ending == "slow" else 0)
            self._answer(200, b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[BusyServer]:
    with BusyServer() as busy:
        threading.Thread(target=busy.serve_forever, daemon=True).start()
        yield busy
        busy.shutdown()


def client(server: BusyServer) -> Airflow:
    return Airflow(f"http://127.0.0.1:{server.server_port}", "word", Path(), timeout=SLOW / 3)


@pytest.mark.parametrize("script", [[], ["busy"], ["slow"], ["slow", "busy"]])
def test_one_run_is_started_however_busy_airflow_is(server: BusyServer, script: list[str]) -> None:
    server.script = script
    run_id = client(server).trigger("build")
    assert len(server.runs) == 1
    assert run_id.encode() in server.runs[0]


def test_an_airflow_that_stays_busy_is_named(server: BusyServer) -> None:
    server.script = ["busy"] * 9
    with pytest.raises(StackError, match="Airflow does not answer as expected"):
        client(server).trigger("build")
