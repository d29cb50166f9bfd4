"""Certified periods lie open for everybody: valid, complete, unchanging, at an address that stays."""

import csv
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from frictionless import Package
from pysdmx.io import read_sdmx

from national_kpi.cycle.certification import reopen
from national_kpi.errors import OpenDataError
from national_kpi.open_data import export as export_module
from national_kpi.open_data.export import export_open_data
from national_kpi.open_data.series import COMPONENTS, time_period
from national_kpi.warehouse.certified import snapshot_of
from tests.integration.building import kpi, select_one
from tests.integration.certified_home import COMMENT, PERIOD, RATE, Home, at


@pytest.fixture
def home(certified_home: Home) -> Home:
    return certified_home


def export(home: Home) -> list[Path]:
    return export_open_data(home.context.settings, home.context.paths, home.context.engine)


def address(home: Home) -> Path:
    return home.context.paths.open_data / PERIOD


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_certified_period_is_written_whole_and_says_what_it_is(home: Home) -> None:
    (folder,) = export(home)
    assert folder == address(home) / home.published[1].publication_id
    described = json.loads((folder / "datapackage.json").read_text())
    (audited,) = home.audited("certify")
    assert described["certification"]["audit_sha256"] == audited.sha256
    assert (described["certification"]["comment"], described["simulated"]) == (COMMENT, False)
    assert described["licenses"][0]["name"] == "CC-BY-4.0"
    named = {resource["path"] for resource in described["resources"]}
    others = {"datapackage.json", "README.md", "LICENSE.md", "SHA256SUMS"}
    assert {file.name for file in folder.iterdir()} == named | others
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    for resource in described["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)


def test_the_package_is_valid_by_its_own_description(home: Home) -> None:
    (folder,) = export(home)
    report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "message"])
    assert {task.name for task in report.tasks} >= {"values", "targets", "series-sdmx"}
    values = folder / "values.csv"
    values.chmod(0o644)
    values.write_bytes(values.read_bytes().replace(b",12.5,", b",many,"))
    assert not Package(str(folder / "datapackage.json")).validate().valid


def test_values_are_those_of_the_certified_snapshot(home: Home) -> None:
    (folder,) = export(home)
    snapshot = snapshot_of(home.context.paths, home.published[1].publication_id)
    where = f"from fct_kpi_gap where period_code = '{PERIOD}' and is_primary"
    rows = rows_of(folder / "values.csv")
    assert len(rows) == select_one(snapshot, f"select count(*) as found {where}")["found"] > 5
    (son_la,) = (
        row
        for row in rows
        if (row["agency_code"], row["kpi_code"], row["basis"]) == ("H52", RATE, "reported")
    )
    assert (son_la["value"], son_la["numerator"], son_la["rank"]) == ("12.5", "100", "2"), (
        "not what came later"
    )
    assert (son_la["is_restated"], son_la["value_before"]) == ("false", "")
    for name in ("values", "targets", "indicators", "agencies", "data-dictionary"):
        content = (folder / f"{name}.csv").read_bytes()
        assert content.endswith(b"\r\n") and content.count(b"\n") == content.count(b"\r\n")
        table = pq.read_table(folder / f"{name}.parquet")
        header, *lines = content.decode().split("\r\n")
        assert header.split(",") == table.column_names
        assert len(rows_of(folder / f"{name}.csv")) == table.num_rows <= len(lines)
    described = {(row["table_name"], row["column_name"]) for row in rows_of(folder / "data-dictionary.csv")}
    assert {("values", name) for name in rows[0]} <= described


def test_headline_series_are_read_by_a_statistical_tool(home: Home) -> None:
    (folder,) = export(home)
    (dataset,) = read_sdmx(folder / "series-sdmx.csv", validate=True).data
    assert str(dataset.structure) == "Dataflow=VN_EGOV:DF_KPI(1.0.0)"
    frame = dataset.data
    assert list(frame.columns) == list(COMPONENTS)
    assert len(frame) == len(rows_of(folder / "values.csv"))
    key = (frame.REF_AREA == "H52_00010101") & (frame.INDICATOR == RATE) & (frame.BASIS == "REPORTED")
    (row,) = frame[key].to_dict("records")
    assert (row["FREQ"], row["TIME_PERIOD"], row["OBS_VALUE"], row["OBS_STATUS"]) == (
        "M",
        PERIOD,
        "12.5",
        "A",
    )
    assert set(frame[frame.OBS_VALUE.isna() | (frame.OBS_VALUE == "")].OBS_STATUS) <= {"O", "M"}


def test_nobody_is_named_in_it_but_agencies(home: Home) -> None:
    (folder,) = export(home)
    for file in folder.glob("*.[cmj]*"):
        assert "Nguyễn Văn A" not in file.read_text(), file
    allowed = re.compile(
        r"agency|kpi|period|value|status|target|rank|unit|basis|source|bound|_id$|_vi$|_en$|is_"
    )
    known = {"numerator", "denominator", "gap_pp", "deadline", "legal_basis", "made_from", "parts_count",
             "parts_expected"}  # fmt: skip
    assert {name for name in rows_of(folder / "values.csv")[0] if not allowed.search(name)} <= known


def test_a_new_certification_moves_the_stable_address_and_leaves_the_old_version(home: Home) -> None:
    (first,) = export(home)
    before = {file.name: file.read_bytes() for file in first.iterdir()}
    assert (address(home) / "values.csv").read_bytes() == before["values.csv"]
    assert export(home) == [], "nothing is written twice"
    reopen(home.context.engine, PERIOD, author="B", reason="Sơn La báo cáo lại.", now=at("2026-10-04"))
    home.certify("2026-10-04", "Đã có số liệu của Sơn La.")
    (second,) = export(home)
    assert {file.name: file.read_bytes() for file in first.iterdir()} == before
    assert all(file.stat().st_mode & 0o222 == 0 for file in first.iterdir())
    assert (address(home) / "latest").readlink() == Path(second.name)
    assert (address(home) / "values.csv").read_bytes() == (second / "values.csv").read_bytes()
    (son_la,) = (
        row
        for row in rows_of(second / "values.csv")
        if (row["agency_code"], row["kpi_code"], row["basis"]) == ("H52", RATE, "reported")
    )
    assert (son_la["value"], son_la["is_restated"], son_la["value_before"]) == ("87.5", "true", "12.5")
    (listed,) = json.loads((address(home).parent / "index.json").read_text())["dataset"]
    assert (listed["identifier"], listed["latest"]) == (PERIOD, second.name)
    assert [version["identifier"] for version in listed["version"]] == [first.name, second.name]


def test_a_crash_at_any_step_leaves_only_whole_packages(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder,) = export(home)
    whole = {file.name: file.read_bytes() for file in folder.iterdir()}
    shutil.rmtree(address(home).parent)
    for step in ("_csv", "series_csv", "sync_folder", "_point_to", "_replace"):
        with monkeypatch.context() as patch:
            patch.setattr(export_module, step, _crash)
            with pytest.raises(InterruptedError):
                export(home)
        found = [file for file in address(home).glob("*") if file.is_dir() and not file.is_symlink()]
        for version in found:
            assert {file.name: file.read_bytes() for file in version.iterdir()} == whole, step
    export(home)
    assert (address(home) / "values.csv").read_bytes() == whole["values.csv"]


def _crash(*_: Any, **__: Any) -> Any:
    raise InterruptedError


def test_a_snapshot_that_is_gone_is_said_by_command(home: Home) -> None:
    done = kpi(home.context.paths.home, "open-data", "export", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["period_code"] == PERIOD
    shutil.rmtree(address(home))
    snapshot_of(home.context.paths, home.published[1].publication_id).unlink()
    with pytest.raises(OpenDataError, match="is gone"):
        export(home)


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("2026-M08", "2026-M08"), ("2026-Q3", "2026-Q3"), ("2026-H1", "2026-S1"), ("2026-Y", "2026-A1"),
        ("2026-M08G", "2026-07-15/P31D"), ("2022-01-01..2022-08-22", "2022-01-01/P234D"),
    ],
)  # fmt: skip
def test_periods_are_written_as_sdmx_has_them(code: str, written: str) -> None:
    assert time_period(code) == written
