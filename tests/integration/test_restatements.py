"""What a publication changes of the one before is told: what, by how much, and because of what."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse.archive import RESTATEMENTS, VALUES, archive_folder
from national_kpi.warehouse.build import BuildResult, build
from national_kpi.warehouse.publish import PublicationResult, publish
from national_kpi.warehouse.trace import trace
from tests.integration.building import new_platform, put_into_lake, select

SON_LA, HA_NOI, DA_NANG = "H52@0001-01-01", "H26@0001-01-01", "H17@0001-01-01"
RATE = "KPI_DOSSIER_ONLINE_RATE"


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=HANOI)


@dataclass
class Story:
    """A home in which figures are reported, published, corrected and published again."""

    context: IntakeContext
    published: list[PublicationResult]

    def report(
        self, day: str, name: str, agency_id: str, period: str, online: int, received: int, revision: int = 1
    ) -> None:
        rows = [
            {"element_code": "dossiers_online_count", "value": Decimal(online)},
            {"element_code": "dossiers_received_count", "value": Decimal(received)},
        ]
        put_into_lake(
            self.context.paths, self.context.engine, self.context.catalogue, name, form_code="F01",
            reported_by=agency_id, period_code=period, now=at(day), rows=rows, revision=revision,
        )  # fmt: skip

    def build(self, day: str, catalogue_dir: Path = CATALOGUE_DIR) -> BuildResult:
        moment = at(day)
        return build(
            self.context.paths, self.context.engine, as_of=moment.date(), now=moment,
            catalogue_dir=catalogue_dir,
        )  # fmt: skip

    def publish(self, day: str, catalogue_dir: Path = CATALOGUE_DIR) -> None:
        built = self.build(day, catalogue_dir)
        context = self.context
        self.published.append(
            publish(context.settings, context.paths, context.engine, build_id=built.build_id, now=at(day))
        )

    def changes(self, number: int, condition: str = "true") -> list[dict[str, Any]]:
        query = f"from fct_restatement where {condition} order by basis desc, agency_code, period_code"
        return select(self.published[number].snapshot, query)


def changed_catalogue(folder: Path, table: str, key: str, column: str, value: str) -> Path:
    """A copy of the catalogue with one cell changed."""
    shutil.copytree(CATALOGUE_DIR, folder)
    file = folder / f"{table}.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    (row,) = (row for row in rows if next(iter(row.values())) == key)
    row[column] = value
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("restatements")
    told = Story(new_platform(folder / "home"), [])
    told.report("2026-11-03", "son-la", SON_LA, "2022-M08", 100, 800)
    told.report("2026-11-03", "ha-noi", HA_NOI, "2022-M08", 600, 1000)
    told.report("2026-11-03", "son-la-2021", SON_LA, "2021-M12", 100, 800)
    told.publish("2026-11-20")
    told.report("2026-11-21", "son-la-2", SON_LA, "2022-M08", 700, 800, revision=2)
    told.report("2026-11-21", "da-nang", DA_NANG, "2022-M08", 100, 400)
    told.report("2026-11-21", "son-la-09", SON_LA, "2022-M07", 100, 400)
    told.publish("2026-11-21")
    told.publish("2026-11-22", changed_catalogue(folder / "stricter", "targets", "T25", "target_value", "65"))
    told.publish("2026-11-23")
    yield told
    told.context.engine.dispose()


def test_the_first_publication_changes_nothing(story: Story) -> None:
    assert story.changes(0) == []


def test_a_correction_is_told_with_its_file(story: Story) -> None:
    row, _ = story.changes(1, f"agency_id = '{SON_LA}' and kpi_code = '{RATE}'")
    assert (row["publication_id"], row["previous_publication_id"]) == (
        None, story.published[0].publication_id,
    )  # fmt: skip
    assert (row["period_code"], row["change_kind"], row["cause"]) == ("2022-M08", "changed", "submission")
    assert (row["value_before"], row["value_after"], row["value_change"]) == (
        Decimal("12.5"), Decimal("87.5"), Decimal(75),
    )  # fmt: skip
    assert (row["status_before"], row["status_after"], row["submission_id"]) == ("behind", "met", "son-la-2")
    assert (row["rank_before"], row["rank_after"]) == (2, 1)
    assert row["change_vi"] == (
        "Giá trị từ 12,50 % thành 87,50 %; tử số, mẫu số từ 100/800 thành 700/800; trạng thái từ “Chậm tiến"
        " độ” thành “Đạt”; thứ hạng từ 2 thành 1."
    )
    assert row["cause_vi"] == "Do tệp “son-la-2.xlsx” của UBND tỉnh Sơn La, nhận ngày 21/11/2026."


def test_the_trace_of_a_value_tells_its_restatements(story: Story) -> None:
    snapshot = story.published[1].snapshot
    rows = trace(snapshot, kpi_code=RATE, agency_code="H52", period_code="2022-M08")
    (row,) = (row for row in rows if row["step"] == "restatement")
    assert row["change"].startswith("Giá trị từ 12,50 % thành 87,50 %") and "son-la-2.xlsx" in row["cause"]


def test_a_late_report_appears_and_moves_no_figure_of_others(story: Story) -> None:
    rows = story.changes(1, f"kpi_code = '{RATE}' and basis = 'reported' and agency_kind = 'province'")
    told = {row["agency_id"]: (row["change_kind"], row["cause"], row["is_value_changed"]) for row in rows}
    assert told == {
        SON_LA: ("changed", "submission", True),
        HA_NOI: ("changed", "ranking", False),
        DA_NANG: ("appeared", "submission", True),
    }


def test_a_period_published_for_the_first_time_is_no_restatement(story: Story) -> None:
    assert {row["period_code"] for row in story.changes(1)} == {"2022-M08"}


def test_a_catalogue_change_is_told_with_its_row(story: Story) -> None:
    rows = story.changes(2, f"publication_id is null and kpi_code = '{RATE}' and basis = 'reported'")
    assert {row["cause"] for row in rows} == {"catalogue"}
    row = next(row for row in rows if row["agency_id"] == HA_NOI)
    assert (row["status_before"], row["status_after"], row["is_value_changed"]) == ("met", "on_track", False)
    assert (row["target_value_before"], row["target_value_after"]) == (50, 65)
    assert row["cause_vi"] == (
        "Do danh mục dùng để tính thay đổi: chỉ tiêu T25: giá trị yêu cầu từ “50” thành “65”."
    )


def test_earlier_changes_stay_with_the_publication_that_made_them(story: Story) -> None:
    kept = [row for row in story.changes(2) if row["publication_id"]]
    assert {row["publication_id"] for row in kept} == {story.published[1].publication_id}
    pending = story.changes(1)
    own = ("publication_id",)
    assert [{k: v for k, v in row.items() if k not in own} for row in kept] == [
        {k: v for k, v in row.items() if k not in own} for row in pending
    ]
    last = {row["publication_id"] for row in story.changes(3)}
    assert last == {None, *(one.publication_id for one in story.published[1:3])}


def test_what_was_published_is_kept_for_good_and_years_without_change_only_once(story: Story) -> None:
    folders = [archive_folder(story.context.paths, one.publication_id) for one in story.published]
    of_2022 = [next(folder.glob("values-2022-*.parquet")) for folder in folders]
    of_2021 = [next(folder.glob("values-2021-*.parquet")) for folder in folders]
    assert [pq.read_schema(file).names for file in of_2022] == [VALUES.names] * 4
    assert len({file.stat().st_ino for file in of_2021}) == 1, "nothing changed in 2021"
    assert len({file.stat().st_ino for file in of_2022}) == 4
    assert [(folder / "restatements.parquet").exists() for folder in folders] == [False, True, True, True]
    kept = pq.read_schema(folders[1] / "restatements.parquet")
    assert [(f.name, f.type) for f in kept] == [(f.name, f.type) for f in RESTATEMENTS]
    (rank,) = [
        row["rank"]
        for row in pq.read_table(of_2022[0]).to_pylist()
        if (row["agency_id"], row["kpi_code"], row["basis"]) == (SON_LA, RATE, "reported")
    ]
    assert rank == 2


def test_a_build_of_a_past_day_is_compared_with_the_publication_before_it(story: Story) -> None:
    past = story.context.paths
    built = build(past, story.context.engine, as_of=at("2026-11-21").date(), now=at("2026-11-25"))
    rows = select(built.duckdb_path, "select distinct previous_publication_id as id from fct_restatement")
    assert [row["id"] for row in rows] == [story.published[0].publication_id]
    assert built.fingerprint == story.published[1].fingerprint
