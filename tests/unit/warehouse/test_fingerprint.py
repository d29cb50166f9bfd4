"""A fingerprint tells content, not order."""

from pathlib import Path

import duckdb

from national_kpi.warehouse.fingerprint import fingerprint
from national_kpi.warehouse.marts import MARTS


def database(folder: Path, name: str, rows: str) -> Path:
    path = folder / name
    with duckdb.connect(str(path)) as connection:
        for mart in MARTS:
            connection.execute(f"create table {mart} (key varchar, value decimal(28, 6))")
        connection.execute(f"insert into fct_kpi_value values {rows}")
    return path


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    one = fingerprint(database(tmp_path, "a.duckdb", "('x', 1.5), ('y', null), ('z', 2)"))
    other = fingerprint(database(tmp_path, "b.duckdb", "('z', 2), ('x', 1.5), ('y', null)"))
    assert one == other
    assert one["fct_kpi_value"]["rows"] == 3


def test_any_value_matters(tmp_path: Path) -> None:
    variants = [
        "('x', 1.5), ('y', null)",
        "('x', 1.500001), ('y', null)",
        "('x', 1.5), ('y', 0)",
        "('x', 1.5), (null, null)",
        "('x', 1.5), ('null', null)",
        "('x', 1.5), ('x', 1.5)",
        "('x', 1.5)",
    ]
    hashes = {
        fingerprint(database(tmp_path, f"{number}.duckdb", rows))["fct_kpi_value"]["sha256"]
        for number, rows in enumerate(variants)
    }
    assert len(hashes) == len(variants)


def test_an_empty_mart_has_a_fingerprint(tmp_path: Path) -> None:
    assert fingerprint(database(tmp_path, "a.duckdb", "('x', 1)"))["dim_kpi"]["rows"] == 0
