"""The sample source pages through a folder of JSON files."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from national_kpi.errors import StackError
from national_kpi.sources.sample_server import PAGE_SIZE, SampleServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SampleServer]:
    (tmp_path / "numbers.json").write_text(json.dumps({"items": list(range(2 * PAGE_SIZE + 1))}))
    with SampleServer(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def get(server: SampleServer, address: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{server.server_port}{address}", timeout=10)


def test_the_pages_hold_every_item_once(server: SampleServer) -> None:
    items, pages, address = [], 0, "/api/v1/numbers"
    while address:
        page = get(server, address).json()
        items, pages, address = items + page["items"], pages + 1, page["next"]
    assert (items, pages) == (list(range(2 * PAGE_SIZE + 1)), 3)


def test_the_root_says_what_is_served(server: SampleServer) -> None:
    assert get(server, "/").json() == {"served": ["/api/v1/numbers"]}


@pytest.mark.parametrize(
    ("address", "status"),
    [("/api/v1/letters", 404), ("/numbers", 404), ("/api/v1/../numbers", 404),
     ("/api/v1/numbers?page=0", 400), ("/api/v1/numbers?page=x", 400)],
)  # fmt: skip
def test_what_is_not_there_is_said_so(server: SampleServer, address: str, status: int) -> None:
    response = get(server, address)
    assert response.status_code == status
    assert response.json()["error"]


def test_a_taken_port_is_a_clear_error(server: SampleServer, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=f"port {server.server_port} cannot be used"):
        SampleServer(tmp_path, server.server_port)
