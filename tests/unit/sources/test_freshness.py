"""A source is fresh as long as it is well, and as long as it brings what is expected of it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from national_kpi.catalogue import Catalogue
from national_kpi.cli import app
from national_kpi.cli import sources as _command  # registers it
from national_kpi.clock import HANOI
from national_kpi.errors import SourceError, SourceShapeError
from national_kpi.ledger.models import Pull
from national_kpi.sources.freshness import Freshness, State, freshness, note_state
from tests.unit.sources.api import SOURCE

START = datetime(2026, 3, 1, 23, 0, tzinfo=HANOI)
DOWN, MOVED = SourceError("is down"), SourceShapeError("is missing", where="items")


def note(engine: Engine, state: State, hours: int) -> None:
    error = {State.GOOD: None, State.CHANGED: MOVED}.get(state, DOWN)
    note_state(engine, SOURCE.source_id, state, error, START + timedelta(hours=hours))


def seen(engine: Engine, catalogue: Catalogue, days: int, expected_days: int | None = None) -> Freshness:
    source = SOURCE.model_copy(update={"expected_days": expected_days})
    with Session(engine) as session:
        day = (START + timedelta(days=days)).date()
        (found,) = freshness(session, replace(catalogue, sources=(source,)), day)
    return found


def test_a_source_never_pulled_is_not_fresh(engine: Engine, catalogue: Catalogue) -> None:
    found = seen(engine, catalogue, 0)
    assert (found.state, found.is_fresh, found.last_good_at) == (None, False, None)


def test_a_state_lasts_from_the_first_pull_that_found_it_to_the_last(
    engine: Engine, catalogue: Catalogue
) -> None:
    for hours, state in enumerate([State.GOOD, State.GOOD, State.UNREACHABLE, State.REFUSED, State.REFUSED]):
        note(engine, state, hours)
    found = seen(engine, catalogue, 0)
    assert (found.state, found.last_good_at) == ("refused", START + timedelta(hours=1))
    assert (found.failing_since, found.last_error_at) == (
        START + timedelta(hours=2),
        START + timedelta(hours=4),
    )
    note(engine, State.GOOD, 5)
    mended = seen(engine, catalogue, 0)
    assert (mended.failing_since, mended.last_error, mended.is_fresh) == (None, "is down", True)


@pytest.mark.parametrize(("days", "is_fresh"), [(1, True), (2, False)])
@pytest.mark.parametrize("last", [State.UNREACHABLE, State.REFUSED, State.GOOD])
def test_a_source_may_be_out_of_reach_or_not_pulled_for_a_day(
    engine: Engine, catalogue: Catalogue, days: int, is_fresh: bool, last: State
) -> None:
    note(engine, last, 0)
    assert seen(engine, catalogue, days).is_fresh is is_fresh


def test_a_source_of_another_shape_is_not_fresh(engine: Engine, catalogue: Catalogue) -> None:
    note(engine, State.GOOD, 0)
    note(engine, State.CHANGED, 1)
    assert seen(engine, catalogue, 0).is_fresh is False


@pytest.mark.parametrize(("days", "is_fresh"), [(30, True), (31, False)])
@pytest.mark.parametrize("has_brought_something", [True, False])
def test_a_source_that_answers_and_brings_nothing_new_is_stale(
    engine: Engine, catalogue: Catalogue, days: int, is_fresh: bool, has_brought_something: bool
) -> None:
    note(engine, State.GOOD, 0)
    if has_brought_something:
        with Session(engine) as session, session.begin():
            session.add(Pull(source_id="road", pulled_at=START, sha256="x", file_name="x.csv"))
    note(engine, State.GOOD, 24 * days)
    assert seen(engine, catalogue, days, expected_days=30).is_fresh is is_fresh
    assert seen(engine, catalogue, days).is_fresh


def test_the_command_tells_it_of_every_source(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _command
    monkeypatch.setenv("KPI_HOME", str(tmp_path))
    note_state(engine, "road_transport_public_services", State.CHANGED, MOVED, START)
    said = CliRunner().invoke(app, ["sources", "--json"])
    (row,) = json.loads(said.stdout)
    assert (row["source_id"], row["state"], row["is_fresh"]) == (
        "road_transport_public_services", "changed", False
    )  # fmt: skip
    assert (row["last_error"], row["last_error_at"]) == ("items: is missing", START.isoformat())
    assert "road_transport_public_services" in CliRunner().invoke(app, ["sources"]).stdout
