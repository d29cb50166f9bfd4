"""A real API, from its pages to the inbox: through Airflow's hook, with what goes wrong on the way."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.errors import SourceError, SourceRefusedError
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.pipeline import take_in
from national_kpi.ledger.models import Pull, Receipt, SourceState, Submission
from national_kpi.paths import SAMPLES_DIR
from national_kpi.sources import connection, pull_source
from national_kpi.sources.sample_server import sample_source
from tests.integration.source_servers import ApiServer, Said, api_server

SOURCE = "road_transport_public_services"
CONNECTION = "AIRFLOW_CONN_KPI_ROAD_TRANSPORT"
PATH = "/api/v1/published-figures"
NOW = datetime(2025, 8, 1, 9, 0, tzinfo=HANOI)
FIGURES: list[dict[str, Any]] = json.loads(
    (SAMPLES_DIR / "http" / "published-figures.json").read_text(encoding="utf-8")
)["items"]


@pytest.fixture
def figures(tmp_path: Path) -> Iterator[Path]:
    """The file that a running source serves; a test may change it."""
    folder = tmp_path / "http"
    folder.mkdir()
    file = folder / "published-figures.json"
    file.write_bytes((SAMPLES_DIR / "http" / file.name).read_bytes())
    with sample_source(folder, "kpi_road_transport"):
        yield file


def states(context: IntakeContext) -> list[str]:
    with Session(context.engine) as session:
        return list(session.scalars(select(SourceState.state).order_by(SourceState.state_id)))


def test_the_published_figures_arrive_in_the_agencys_inbox(context: IntakeContext, figures: Path) -> None:
    result = pull_source(context, SOURCE, NOW)
    (file,) = result.files
    assert (result.items_count, result.trouble) == (9, None)
    assert list(context.paths.inbox("G17").iterdir()) == [file]
    with Session(context.engine) as session:
        (pull,) = session.scalars(select(Pull)).all()
    assert (pull.source_id, pull.file_name) == (SOURCE, file.name)
    assert pull.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert states(context) == ["good"]


def test_a_corrected_figure_is_dropped_and_so_is_its_return(context: IntakeContext, figures: Path) -> None:
    as_published = figures.read_text(encoding="utf-8")
    corrected = as_published.replace("80,21%", "80,12%")
    names = set()
    for text in (as_published, corrected, as_published):
        figures.write_text(text, encoding="utf-8")
        (file,) = pull_source(context, SOURCE, NOW).files
        assert text[text.index("80,") :][:6] in file.read_text(encoding="utf-8-sig")
        assert pull_source(context, SOURCE, NOW).files == ()
        names.add(file.name)
        file.unlink()
    assert len(names) == 2


def test_intake_takes_the_file_like_any_and_knows_where_it_came_from(
    context: IntakeContext, figures: Path
) -> None:
    for _ in range(2):
        (file,) = pull_source(context, SOURCE, NOW).files
        assert take_in(context, file, NOW)
        assert pull_source(context, SOURCE, NOW).files == ()
        corrected = figures.read_text(encoding="utf-8").replace("80,21%", "80,12%")
        figures.write_text(corrected, encoding="utf-8")
    with Session(context.engine) as session:
        taken = [
            (row.outcome, row.origin, row.form_code, row.period_code, row.revision, row.rows_understood)
            for row in session.scalars(select(Submission).order_by(Submission.revision))
        ]
        bodies = session.scalars(select(Receipt.body)).all()
    assert taken == [
        ("accepted", f"source:{SOURCE}", "F07", "..2022-09-08", revision, 9) for revision in (1, 2)
    ]
    assert {body["origin_name"] for body in bodies} == {"Hệ thống dịch vụ công lĩnh vực vận tải đường bộ"}


def test_only_the_day_with_news_is_dropped(context: IntakeContext, figures: Path) -> None:
    (first,) = pull_source(context, SOURCE, NOW).files
    served = json.loads(figures.read_text(encoding="utf-8"))
    served["items"].append({**served["items"][0], "value": "trên 11.000 tuyến", "published_on": "2022-12-08"})
    figures.write_text(json.dumps(served), encoding="utf-8")
    result = pull_source(context, SOURCE, NOW)
    assert result.items_count == 10
    assert len(result.files) == 1
    assert first not in result.files


class Api:
    """The source as a script: three figures a page, tags, and whatever `said` says of an address instead."""

    def __init__(self) -> None:
        self.figures = list(FIGURES)
        self.said: dict[str, Said] = {}
        self.authorization: str | None = None
        self.sent: list[str] = []

    def __call__(self, address: str, headers: dict[str, str]) -> Said:
        if self.authorization and headers.get("authorization") != self.authorization:
            return Said(status=401)
        if address in self.said:
            return self.said[address]
        number = int(address.rpartition("=")[2]) if "=" in address else 1
        items = self.figures[3 * (number - 1) : 3 * number]
        is_last = 3 * number >= len(self.figures)
        body = {"items": items, "next": None if is_last else f"{PATH}?page={number + 1}"}
        tag = f'"{hashlib.sha256(json.dumps(body).encode()).hexdigest()}"'
        if headers.get("if-none-match") == tag:
            return Said(status=304, headers={"ETag": tag})
        self.sent.append(address)
        return Said(body, headers={"ETag": tag})


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def server(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    with api_server(api) as running:
        monkeypatch.setenv(CONNECTION, running.address)
        yield running


def pull(context: IntakeContext, hours: int = 0) -> int:
    """How many files a pull so many hours later brings."""
    return len(pull_source(context, SOURCE, NOW + timedelta(hours=hours)).files)


def rows(context: IntakeContext) -> int:
    """How many figures lie in the inbox."""
    files = context.paths.inbox("G17").iterdir()
    return sum(len(file.read_text(encoding="utf-8-sig").splitlines()) - 5 for file in files)


def test_pages_that_have_not_changed_are_not_sent_again(
    context: IntakeContext, api: Api, server: ApiServer
) -> None:
    assert pull(context) == 1
    api.figures[4] = {**api.figures[4], "note": "Đã đính chính"}
    api.sent.clear()
    assert pull(context, 1) == 1
    assert api.sent == [f"{PATH}?page=2"]
    assert rows(context) == 2 * 9


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Said(status=500), "answered 500"),
        (Said(status=429), "answered 429"),
        (Said({"items": []}, announced=100), "cannot be read"),
        (Said({"items": [], "next": None}, seconds=1), "timed out"),
    ],
    ids=["error", "too many requests", "cut off midway", "slow"],
)
def test_a_pull_that_fails_midway_drops_nothing_and_goes_on_where_it_stopped(
    context: IntakeContext,
    api: Api,
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    fault: Said,
    what: str,
) -> None:
    monkeypatch.setattr(connection, "SECONDS", 0.3)
    api.said[f"{PATH}?page=2"] = fault
    with pytest.raises(SourceError, match=what):
        pull(context)
    assert not context.paths.inbox("G17").exists()
    api.said.clear()
    server.asked.clear()
    assert (pull(context, 1), rows(context)) == (1, 9)
    assert server.asked == [f"{PATH}?page=2", f"{PATH}?page=3", PATH]
    assert states(context) == ["unreachable", "good"]


def test_a_list_that_changes_while_it_is_read_is_neither_doubled_nor_torn(
    context: IntakeContext, api: Api, server: ApiServer
) -> None:
    def insert(address: str, headers: dict[str, str]) -> Said:
        if address.endswith("page=2") and len(api.figures) == len(FIGURES):
            api.figures.insert(0, {**FIGURES[0], "indicator": "SYS_ROAD_PROVINCES_COVERED"})
        return api(address, headers)

    server.answer = insert
    assert (pull(context), rows(context)) == (1, 10)


@pytest.mark.parametrize(
    ("parts", "sent"),
    [
        ({"extra": {"Authorization": "Bearer old"}}, "Bearer old"),
        ({"login": "kpi", "password": "old"}, "Basic a3BpOm9sZA=="),
    ],
    ids=["token", "basic"],
)
def test_an_expired_account_is_refused_and_goes_on_when_renewed(
    context: IntakeContext,
    api: Api,
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    parts: dict[str, Any],
    sent: str,
) -> None:
    def connect(parts: dict[str, Any]) -> None:
        monkeypatch.setenv(CONNECTION, json.dumps({"conn_type": "http", "host": server.address, **parts}))

    connect(parts)
    api.authorization = sent
    assert pull(context) == 1
    api.authorization = "Bearer new"
    with pytest.raises(SourceRefusedError, match=r"401.*renew the account or token"):
        pull(context, 1)
    connect({"extra": {"Authorization": "Bearer new"}})
    assert pull(context, 2) == 0
    assert states(context) == ["good", "refused", "good"]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (Said({"rows": []}), f"{PATH}: items: is missing"),
        (Said({"items": [{"agency": "Bộ Y tế"}], "next": None}), f"{PATH}: items[0]: indicator: is missing"),
        (Said(status=404), f"{PATH}: answered 404"),
        (Said(status=302, headers={"Location": "https://elsewhere.example"}), f"{PATH}: answered 302"),
    ],
)
def test_a_changed_shape_is_noted_and_is_no_error(
    context: IntakeContext, api: Api, server: ApiServer, said: Said, what: str
) -> None:
    api.said[PATH] = said
    for hours in (0, 1):
        result = pull_source(context, SOURCE, NOW + timedelta(hours=hours))
        assert (result.files, result.trouble and result.trouble.startswith(what)) == ((), True)
    with Session(context.engine) as session:
        (state,) = session.scalars(select(SourceState))
    assert (state.state, state.began_at, state.last_at) == ("changed", NOW, NOW + timedelta(hours=1))
    assert state.place and what.startswith(state.place)
    api.said.clear()
    assert (pull(context, 2), states(context)) == (1, ["changed", "good"])


def test_an_answer_without_end_is_not_read_to_it(
    context: IntakeContext, api: Api, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.said[PATH] = Said({"items": ["x" * (3 << 20)]})
    small = context.settings.model_copy(update={"max_file_mb": 2})
    own = IntakeContext(small, context.paths, context.catalogue, context.engine)
    assert "more than 2097152 bytes" in str(pull_source(own, SOURCE, NOW).trouble)


def test_a_source_is_asked_no_more_often_than_it_allows(
    context: IntakeContext, api: Api, server: ApiServer
) -> None:
    (source,) = context.catalogue.sources
    slow = source.model_copy(update={"requests_per_minute": 300})
    catalogue = replace(context.catalogue, sources=(slow,))
    started = time.monotonic()
    pull_source(IntakeContext(context.settings, context.paths, catalogue, context.engine), SOURCE, NOW)
    assert len(server.asked) == 4
    assert time.monotonic() - started >= 3 * 0.2


def test_two_pulls_of_one_source_do_not_meet(context: IntakeContext, api: Api, server: ApiServer) -> None:
    def at_once(address: str, headers: dict[str, str]) -> Said:
        with pytest.raises(SourceError, match="is being pulled already"):
            pull_source(context, SOURCE, NOW)
        return api(address, headers)

    server.answer = at_once
    assert pull(context) == 1


def test_a_source_out_of_reach_says_so(context: IntakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONNECTION, "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="cannot be read"):
        pull(context)
    monkeypatch.delenv(CONNECTION)
    with pytest.raises(SourceRefusedError, match="add the connection in Airflow"):
        pull(context)
    with pytest.raises(SourceError, match=f"known: {SOURCE}"):
        pull_source(context, "elsewhere", NOW)
