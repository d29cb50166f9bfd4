"""What dbt reads is typed, complete, and tells what the ledger said."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.catalogue.load import load_catalogue
from national_kpi.catalogue.tables import TABLES, Row
from national_kpi.errors import BuildError
from national_kpi.ledger.models import Finding, Pull, Receipt, SourceState, Submission
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.warehouse.inputs import NOTHING, present_reach, read_ledger, write_inputs

CATALOGUE = load_catalogue(CATALOGUE_DIR)
AS_OF = date(2026, 11, 22)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "inputs"
    write_inputs(folder, CATALOGUE, NOTHING, AS_OF)
    return folder


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.table)
def test_every_catalogue_table_is_exported_whole(inputs: Path, table: type[Row]) -> None:
    rows = (
        duckdb.sql(f"select * from '{inputs}/catalogue/{table.table}.parquet'").to_arrow_table().to_pylist()
    )
    expected = [
        {name: list(value) if isinstance(value, tuple) else value for name, value in row.model_dump().items()}
        for row in CATALOGUE.rows(table)
    ]
    assert rows == expected


def test_catalogue_columns_are_typed(inputs: Path) -> None:
    types = dict(
        duckdb.sql(
            f"select column_name, column_type from (describe '{inputs}/catalogue/targets.parquet')"
        ).fetchall()
    )
    assert types["target_value"] == "DECIMAL(28,6)"
    assert types["deadline"] == "DATE"
    assert types["scope"] == "VARCHAR[]"


def test_every_form_reads_even_if_nobody_has_sent_it(inputs: Path) -> None:
    for form in CATALOGUE.forms:
        assert duckdb.sql(f"select count(*) from '{inputs}/empty/{form.form_code}.parquet'").fetchone() == (
            0,
        )


def test_the_as_of_day_is_an_input(inputs: Path) -> None:
    row = duckdb.sql(f"select as_of, catalogue_sha256 from '{inputs}/parameters.parquet'").fetchone()
    assert row == (AS_OF, CATALOGUE.sha256)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "home")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(engine)
    return engine


def submission(submission_id: str, **values: Any) -> Submission:
    defaults = {
        "agency_code": "H52",
        "agency_id": "H52@0001-01-01",
        "reported_by": "H52@0001-01-01",
        "file_name": "bao-cao.xlsx",
        "sha256": submission_id,
        "size_bytes": 1,
        "received_at": datetime(2026, 11, 22, 17, 30, tzinfo=UTC),
        "origin": "drop",
        "state": "decided",
        "outcome": "accepted",
        "form_code": "F01",
        "period_code": "2026-M10",
        "known_from": date(2026, 11, 23),
        "revision": 1,
        "lake_path": f"lake/F01/{submission_id}.parquet",
    }
    return Submission(submission_id=submission_id, **(defaults | values))


def test_only_accepted_submissions_and_their_findings_are_read(engine: Engine, paths: Paths) -> None:
    for name in ("good", "warned"):
        file = paths.lake / "F01" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    finding = {"position": 0, "rule_id": "F01-001", "severity": "warn", "message_vi": "x", "mend_vi": "y"}
    with Session(engine) as session, session.begin():
        session.add_all(
            [
                submission("good", decision_number=1),
                submission(
                    "warned",
                    decision_number=2,
                    outcome="accepted_with_warnings",
                    revision=2,
                    findings=[Finding(**finding)],
                ),
                submission(
                    "bad",
                    decision_number=3,
                    outcome="rejected",
                    revision=None,
                    lake_path=None,
                    findings=[Finding(**finding)],
                ),
                submission("undecided", state="received", outcome=None, revision=None, lake_path=None),
            ]
        )
        session.flush()
        session.add(
            Receipt(
                submission_id="good",
                agency_code="H52",
                number=7,
                issued_at=datetime(2026, 11, 22, tzinfo=UTC),
                body={},
                sha256="x",
            )
        )
    with Session(engine) as session, session.begin():
        state = read_ledger(session, paths, present_reach(session, paths, AS_OF, AS_OF))
    assert [row["submission_id"] for row in state.submissions] == ["good", "warned"]
    assert [row["submission_id"] for row in state.findings] == ["warned"]
    assert state.reach.input_sequence == 3
    good = state.submissions[0]
    assert good["receipt_number"] == 7
    assert good["received_on"] == date(2026, 11, 23), "half past midnight in Hanoi is the next day"
    assert good["lake_path"] == str(paths.lake / "F01" / "good.parquet")


def test_rows_that_are_gone_stop_the_build_and_are_named(engine: Engine, paths: Paths) -> None:
    with Session(engine) as session, session.begin():
        session.add(submission("gone", decision_number=1))
    with Session(engine) as session, session.begin(), pytest.raises(BuildError, match="gone"):
        read_ledger(session, paths, present_reach(session, paths, AS_OF, AS_OF))


def test_a_source_is_read_as_a_build_knew_it(engine: Engine, paths: Paths) -> None:
    evening = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)  # the 22nd in Hanoi
    with Session(engine) as session, session.begin():
        session.add(SourceState(source_id="road", state="good", began_at=evening, last_at=evening))
        session.add(Pull(source_id="road", pulled_at=evening, sha256="x", file_name="x.csv"))
    with Session(engine) as session, session.begin():
        reach = present_reach(session, paths, AS_OF, AS_OF)
        session.add(SourceState(source_id="road", state="changed", began_at=evening, last_at=evening))
        session.add(Pull(source_id="road", pulled_at=evening, sha256="y", file_name="y.csv"))
        session.flush()
        state = read_ledger(session, paths, reach)
    found = {"state_id": 1, "source_id": "road", "state": "good", "place": None, "began_on": AS_OF}
    assert state.source_states == (found,)
    assert state.pulls == ({"source_id": "road", "pulled_on": AS_OF},)
