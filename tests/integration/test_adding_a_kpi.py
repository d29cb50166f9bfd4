"""Two rows in the catalogue are all it takes to follow a new indicator against a target."""

import csv
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.check import check_catalogue
from national_kpi.clock import HANOI
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import build
from tests.integration.building import new_platform, put_into_lake

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
KPI = {
    "kpi_code": "KPI_DOSSIER_LATE_RATE", "formula_version": "1", "name_vi": "Tỷ lệ hồ sơ giải quyết quá hạn",
    "name_en": "Dossiers resolved late", "kind": "ratio", "unit": "%", "direction": "lower",
    "numerator_element": "dossiers_resolved_late_count", "denominator_element": "dossiers_resolved_count",
    "definition_vi": "Hồ sơ giải quyết quá hạn trên hồ sơ đã giải quyết.",
    "formula_vi": "Quá hạn ÷ đã giải quyết × 100",
    "is_headline": "false", "legal_basis": "Quyết định thử nghiệm",
}  # fmt: skip
TARGET = {
    "target_id": "T90", "kpi_code": "KPI_DOSSIER_LATE_RATE", "name_vi": "Không quá 5% hồ sơ quá hạn",
    "name_en": "At most 5 % late", "target_type": "level", "operator": "<=", "target_value": "5", "unit": "%",
    "scope": "kind:province", "scope_vi": "Từng tỉnh", "responsible_vi": "Ủy ban nhân dân tỉnh",
    "effective_from": "2026-01-01", "deadline": "2026-12-31", "issuing_level": "national",
    "legal_basis": "Quyết định thử nghiệm",
}  # fmt: skip


def append(file: Path, row: dict[str, str]) -> None:
    with file.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    with file.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, header, restval="", lineterminator="\n").writerow(row)


def test_a_kpi_with_a_target_is_two_rows_and_a_rebuild(tmp_path: Path, catalogue: Catalogue) -> None:
    context = new_platform(tmp_path / "home")
    put_into_lake(
        context.paths, context.engine, catalogue, "s1", form_code="F01", reported_by="H52@0001-01-01",
        period_code="2026-Q3", now=NOW,
        rows=[
            {"element_code": "dossiers_resolved_late_count", "value": Decimal(90)},
            {"element_code": "dossiers_resolved_count", "value": Decimal(1000)},
        ],
    )  # fmt: skip
    seeds = Path(shutil.copytree(CATALOGUE_DIR, tmp_path / "seeds"))
    append(seeds / "kpis.csv", KPI)
    append(seeds / "targets.csv", TARGET)
    assert check_catalogue(seeds) == []
    built = build(context.paths, context.engine, as_of=NOW.date(), now=NOW, catalogue_dir=seeds)
    rows = queries.gaps(built.duckdb_path, kpi_code="KPI_DOSSIER_LATE_RATE", period_code="2026-Q3")
    (row,) = (row for row in rows if row["agency_code"] == "H52")
    assert (row["value"], row["gap_pp"], row["gap_units"]) == (9, 4, 40), "40 dossiers too many"
    assert (row["target_id"], row["target_operator"], row["legal_basis"]) == (
        "T90",
        "<=",
        "Quyết định thử nghiệm",
    )
    others = {row["status"] for row in rows if row["agency_code"][0] == "H" and row["agency_code"] != "H52"}
    assert others == {"no_data"}
