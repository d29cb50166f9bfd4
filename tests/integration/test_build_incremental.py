"""Taking over what an earlier build made gives, bit for bit, what reading the whole lake gives."""

import json
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Submission
from national_kpi.warehouse.build import BuildResult, build
from national_kpi.warehouse.carry import SEAL_FILE, carried_models
from tests.integration.building import new_platform, put_into_lake, select

NOW = datetime(2023, 2, 22, 9, 0, tzinfo=HANOI)
TODAY = NOW.date()
AGENCY = "H52@0001-01-01"
ONLINE, LEVEL4 = "services_with_online_dossier_count", "services_level4_with_dossier_count"

Service = tuple[str, str, int, int]
"""Procedure, level, dossiers, dossiers online."""


def put(
    context: IntakeContext, form_code: str, period_code: str, rows: list[dict[str, Any]], revision: int = 1
) -> str:
    submission_id = f"{form_code}-{period_code}-{revision}"
    put_into_lake(
        context.paths, context.engine, context.catalogue, submission_id, form_code=form_code,
        reported_by=AGENCY, period_code=period_code, now=NOW, rows=rows, revision=revision,
    )  # fmt: skip
    return submission_id


def put_services(context: IntakeContext, period_code: str, *services: Service, revision: int = 1) -> str:
    rows = [
        {
            "procedure_code": code,
            "service_level": level,
            "dossiers_total": total,
            "dossiers_online": online,
            "on_national_portal": online > 0,
        }
        for code, level, total, online in services
    ]
    return put(context, "F02", period_code, rows, revision)


def build_now(context: IntakeContext, minutes: int) -> BuildResult:
    return build(context.paths, context.engine, as_of=TODAY, now=NOW + timedelta(minutes=minutes))


def files_read(result: BuildResult, model: str) -> set[str]:
    """Names of the lake files in a model's compiled SQL."""
    results = json.loads((result.duckdb_path.parent / "target" / "run_results.json").read_text())["results"]
    (sql,) = (row["compiled_code"] for row in results if row["unique_id"].endswith(f".{model}"))
    return {Path(name).stem for name in sql.split("'") if "/lake/" in name}


def carried(result: BuildResult) -> dict[str, list[dict[str, Any]]]:
    return {model: select(result.duckdb_path, f"from {model} order by all") for model in carried_models()}


def periods(result: BuildResult) -> dict[tuple[str, str], Decimal]:
    return {
        (row["period_code"], row["element_code"]): row["value"]
        for row in select(result.duckdb_path, f"from int_service_periods where agency_id = '{AGENCY}'")
    }


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> IntakeContext:
    """A home with a quarter of files of several forms."""
    context = new_platform(tmp_path_factory.mktemp("home"))
    put_services(context, "2022-M10", ("a", "mức 4", 5, 1), ("b", "mức 4", 5, 0), ("c", "mức 3", 0, 0))
    put_services(context, "2022-M11", ("a", "mức 4", 0, 0), ("b", "mức 4", 0, 0), ("c", "mức 3", 3, 3))
    put(context, "F01", "2022-M11", [{"element_code": "documents_sent_count", "value": Decimal(40)}])
    put(
        context, "F05", "2022-M11",
        [{"milestone_code": "MS_LGSP", "state": "hoàn thành", "completed_on": TODAY}],
    )  # fmt: skip
    put(context, "F08", "2022-M11", [])
    put_services(context, "2022-M12", ("a", "mức 4", 0, 0), ("b", "mức 2", 0, 0), ("c", "mức 3", 0, 0))
    return context


def test_later_builds_read_new_files_only_and_give_what_the_whole_lake_gives(quarter: IntakeContext) -> None:
    first = build_now(quarter, 0)
    assert periods(first) == {
        ("2022-Q4", "services_count"): 2,
        ("2022-Q4", "services_level4_count"): 1,
        ("2022-Q4", ONLINE): 2,
        ("2022-Q4", LEVEL4): 1,
    }

    new = {put_services(quarter, "2022-M10", ("a", "mức 4", 5, 0), ("c", "mức 3", 0, 0), revision=2)}
    new |= {put_services(quarter, "2023-M01", ("a", "toàn trình", 1, 1))}
    incremental = build_now(quarter, 1)
    assert files_read(incremental, "stg_services") == new
    assert files_read(incremental, "int_service_set_counts") == {
        "F02-2022-M10-2",
        "F02-2022-M11-1",
        "F02-2022-M12-1",
    }
    assert periods(incremental)["2022-Q4", ONLINE] == 1, "in the corrected October nothing came in online"

    again = build_now(quarter, 2)
    for model in ("int_element_totals", "stg_services", "int_service_set_counts"):
        assert files_read(again, model) == set()
    assert again.fingerprint == incremental.fingerprint

    for seal_file in quarter.paths.builds.glob(f"*/{SEAL_FILE}"):
        seal_file.unlink()
    whole = build_now(quarter, 3)
    assert files_read(whole, "int_element_totals") == {"F01-2022-M11-1"}
    assert len(files_read(whole, "stg_services")) == 5
    assert whole.fingerprint == incremental.fingerprint != first.fingerprint
    for model, rows in carried(whole).items():
        assert all(row in carried(again)[model] for row in rows)


@pytest.mark.proof_only
def test_a_submission_that_is_gone_leaves_nothing_behind_and_a_changed_file_is_read_again(
    quarter: IntakeContext,
) -> None:
    gone = put_services(quarter, "2023-M02", ("z", "mức 4", 9, 9))
    put_services(quarter, "2023-M03", ("z", "mức 4", 9, 9))
    before = build_now(quarter, 10)
    with Session(quarter.engine) as session, session.begin():
        session.delete(session.get_one(Submission, gone))
    file = quarter.paths.lake / "F02" / "F02-2023-M03-1.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (7 as dossiers_total) from '{file}') to '{file}.new' (format parquet)"
        )
    shutil.move(f"{file}.new", file)
    after = build_now(quarter, 11)
    assert gone in {row["submission_id"] for row in carried(before)["int_service_totals"]}
    assert gone not in {row["submission_id"] for row in carried(after)["int_service_totals"]}
    assert (received(before), received(after)) == (9, 7)


def received(result: BuildResult) -> Decimal:
    (row,) = select(
        result.duckdb_path,
        """
        from int_service_totals
        where period_code = '2023-M03' and element_code = 'dossiers_received_count'
        """,
    )
    return row["value"]


def test_what_a_failed_build_made_is_not_taken_over(
    quarter: IntakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> dict[str, float]:
        raise RuntimeError("killed")

    monkeypatch.setattr("national_kpi.warehouse.build._run_models", fail)
    with pytest.raises(RuntimeError):
        build_now(quarter, 30)
    folder = max(path for path in quarter.paths.builds.iterdir() if not path.name.startswith("."))
    assert not (folder / SEAL_FILE).exists()
