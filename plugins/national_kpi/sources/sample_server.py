"""A small real HTTP source for trying the platform out: `python -m national_kpi.sources.sample_server`.

It serves each `<name>.json` of a folder, page by page, under `/api/v1/<name>`, and says under `/` what there
is. Loopback only.
"""

import argparse
import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from national_kpi.errors import StackError
from national_kpi.loopback import HOST
from national_kpi.paths import SAMPLES_DIR
from national_kpi.settings import Settings

BASE_PATH = "/api/v1/"
PAGE_SIZE = 4


class SampleServer(ThreadingHTTPServer):
    """Serves a folder of JSON files; a file is read anew for every request.

    Args:
        folder: holds `<name>.json`, each an object with a list under `items`.
        port: where to listen on loopback; 0 takes a free one, see `server_port`.

    Raises:
        StackError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise StackError(
                f"port {port} cannot be used: {error.strerror}", remedy="set KPI_SOURCE_PORT to a free port"
            ) from error


class _Handler(BaseHTTPRequestHandler):
    server: SampleServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        name = address.path.removeprefix(BASE_PATH)
        files = {file.stem: file for file in self.server.folder.glob("*.json")}
        if address.path == "/":
            self._answer(HTTPStatus.OK, {"served": sorted(BASE_PATH + served for served in files)})
            return
        if not address.path.startswith(BASE_PATH) or name not in files:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"there is nothing at {address.path}"})
            return
        asked = parse_qs(address.query).get("page", ["1"])[0]
        if not asked.isdecimal() or int(asked) < 1:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": f"page must count from 1, found {asked}"})
            return
        page = int(asked)
        items = json.loads(files[name].read_text(encoding="utf-8"))["items"]
        following = f"{BASE_PATH}{name}?page={page + 1}" if len(items) > page * PAGE_SIZE else None
        shown = items[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        self._answer(HTTPStatus.OK, {"items": shown, "total": len(items), "next": following})

    def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def sample_source(folder: Path, connection_id: str) -> Iterator[SampleServer]:
    """Serve a folder for a while, with an Airflow connection that leads there.

    Args:
        folder: holds the JSON files.
        connection_id: what the connection is called.
    """
    name = f"AIRFLOW_CONN_{connection_id.upper()}"
    with SampleServer(folder, 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        before = os.environ.get(name)
        os.environ[name] = f"http://{HOST}:{server.server_port}"
        try:
            yield server
        finally:
            os.environ.pop(name)
            if before is not None:
                os.environ[name] = before
            server.shutdown()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the samples until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=Settings().source_port)
    with SampleServer(SAMPLES_DIR / "http", parser.parse_args(arguments).port) as server:
        server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        sys.exit(f"sample_server: {error}")
