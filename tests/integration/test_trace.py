"""A value is followed down to files and rows, whatever it is made from."""

import csv
import json
import os
import shutil
import subprocess
import sysconfig
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import publish
from national_kpi.warehouse.trace import COLUMNS, trace
from tests.integration.building import new_platform, put_into_lake

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
SON_LA, DA_NANG, QUANG_NAM, JUSTICE = "H52@0001-01-01", "H17@0001-01-01", "H47@0001-01-01", "G15@0001-01-01"
RATE, VISITS_GROWTH = "KPI_DOSSIER_ONLINE_RATE", "KPI_PORTAL_VISITS_GROWTH"
CORRECTION = {
    "correction_id": "C1", "agency_id": SON_LA, "element_code": "dossiers_online_count",
    "period_code": "2022-M03", "form_code": "F01", "value_found": "30", "value_corrected": "60",
    "reason_vi": "Đơn vị báo cáo thiếu.", "author": "Tổ công tác", "decided_on": "2026-11-01",
    "expires_on": "2027-12-31", "evidence": "Công văn số 1",
}  # fmt: skip


def corrected_catalogue(folder: Path) -> Path:
    shutil.copytree(CATALOGUE_DIR, folder)
    file = folder / "corrections.csv"
    with file.open("a", encoding="utf-8", newline="") as stream:
        header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
        csv.DictWriter(stream, header, lineterminator="\n").writerow(CORRECTION)
    return folder


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> IntakeContext:
    folder = tmp_path_factory.mktemp("trace")
    context = new_platform(folder / "home")

    def report(form_code: str, agency_id: str, period: str, rows: list[dict[str, Any]]) -> None:
        put_into_lake(
            context.paths, context.engine, catalogue, f"{agency_id}-{period}", form_code=form_code,
            reported_by=agency_id, period_code=period, now=NOW, rows=rows,
        )  # fmt: skip

    for agency_id in (SON_LA, DA_NANG, QUANG_NAM):
        for month in (1, 2, 3):
            elements = [
                {"element_code": "dossiers_online_count", "value": Decimal(10 * month)},
                {"element_code": "dossiers_received_count", "value": Decimal(100)},
            ]
            report("F01", agency_id, f"2022-M{month:02}", elements)
    for year, visits in ((2021, 100), (2022, 150)):
        report("F06", JUSTICE, f"{year}-M01", [{"portal": "Cổng A", "visits": visits}])
    catalogue_dir = corrected_catalogue(folder / "catalogue")
    built = build(context.paths, context.engine, as_of=NOW.date(), now=NOW, catalogue_dir=catalogue_dir)
    publish(context.settings, context.paths, context.engine, build_id=built.build_id, now=NOW)
    return context


def steps(platform: IntakeContext, agency: str, period: str, **more: Any) -> list[dict[str, Any]]:
    return trace(
        platform.paths.current_snapshot,
        **({"kpi_code": RATE, "agency_code": agency, "period_code": period} | more),
    )


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["depth"], row["step"], row["agency_code"], row["period_code"], row["value"]) for row in rows]


def test_a_quarter_is_followed_to_its_months_and_their_rows(platform: IntakeContext) -> None:
    rows = steps(platform, "H17", "2022-Q1")
    assert brief(rows)[:2] == [(0, "value", "H17", "2022-Q1", 20), (1, "target", "H17", "2022-Q1", None)]
    months = [row for row in rows if row["depth"] == 1 and row["step"] == "value"]
    assert [(row["period_code"], row["numerator"], row["denominator"]) for row in months] == [
        ("2022-M01", 10, 100), ("2022-M02", 20, 100), ("2022-M03", 30, 100),
    ]  # fmt: skip
    observed = [row for row in rows if row["step"] == "observation" and row["period_code"] == "2022-M02"]
    assert [(row["element_code"], row["value"], row["file_name"], row["row_number"]) for row in observed] == [
        ("dossiers_online_count", 20, f"{DA_NANG}-2022-M02.xlsx", 5),
        ("dossiers_received_count", 100, f"{DA_NANG}-2022-M02.xlsx", 6),
    ]
    assert all(row["depth"] == 2 and row["sha256"] and row["sheet"] == "Sheet1" for row in observed)
    assert {tuple(row) for row in rows} == {COLUMNS}


def test_the_target_comes_with_its_legal_basis(platform: IntakeContext) -> None:
    (target,) = (row for row in steps(platform, "H17", "2022-Q1", max_depth=0) if row["step"] == "target")
    assert (target["target_id"], target["status"], target["target_text"]) == ("T25", "on_track", "≥ 50 %")
    assert "27/QĐ-UBQGCĐS" in target["legal_basis"]


def test_todays_structure_is_followed_to_the_agencies_of_the_time(platform: IntakeContext) -> None:
    rows = steps(platform, "H17", "2022-M02", basis="current")
    values = [(row["depth"], row["agency_code"], row["basis"]) for row in rows if row["step"] == "value"]
    assert values == [(0, "H17", "current"), (1, "H17", "reported"), (1, "H47", "reported")]
    assert Counter(row["agency_code"] for row in rows if row["step"] == "observation") == {"H17": 2, "H47": 2}


def test_a_group_is_followed_to_its_members_though_too_few_reported(platform: IntakeContext) -> None:
    rows = steps(platform, "VN-TINH", "2022-M01")
    members = [row["agency_code"] for row in rows if row["step"] == "value" and row["depth"] == 1]
    assert members == ["H17", "H47", "H52"]
    assert rows[0]["note"].startswith("Tổng hợp từ các cơ quan (3/63); Chưa đủ số liệu")


def test_growth_is_followed_to_both_values(platform: IntakeContext) -> None:
    rows = steps(platform, "G15", "2022-M01", kpi_code=VISITS_GROWTH)
    assert rows[0]["value"] == 50
    values = [(row["kpi_code"], row["period_code"], row["value"]) for row in rows if row["step"] == "value"]
    assert values[1:] == [("KPI_PORTAL_VISITS", "2021-M01", 100), ("KPI_PORTAL_VISITS", "2022-M01", 150)]
    assert [row["value"] for row in rows if row["step"] == "observation"] == [100, 150]


def test_a_correction_is_told(platform: IntakeContext) -> None:
    rows = steps(platform, "H52", "2022-M03")
    assert rows[0]["value"] == 60
    (correction,) = (row for row in rows if row["step"] == "correction")
    assert (correction["correction_id"], correction["value_reported"], correction["value"]) == ("C1", 30, 60)


def kpi(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sysconfig.get_path("scripts")) / "kpi"), "trace", *arguments],
        env=os.environ | {"KPI_HOME": str(home), "KPI_LEDGER_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_follows_to_a_depth_and_says_when_there_is_nothing(platform: IntakeContext) -> None:
    home = platform.paths.home
    asked = ("--kpi", RATE, "--agency", "H17", "--period")
    run = kpi(home, *asked, "2022-Q1", "--depth", "1", "--json")
    assert run.returncode == 0, run.stderr
    assert {row["depth"] for row in json.loads(run.stdout)} == {0, 1}
    table = kpi(home, *asked, "2022-M02", "--basis", "current").stdout
    assert "observation" in table and "dossiers_online_count" in table
    assert kpi(home, *asked, "2021-Q1").returncode == 1
    assert kpi(home, "--kpi", "KPI_UNHEARD_OF", "--agency", "H17", "--period", "2022-Q1").returncode == 2
