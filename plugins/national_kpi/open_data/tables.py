"""The tables of an open data package, drawn from the snapshot that was certified."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.warehouse.dictionary import column_descriptions
from national_kpi.warehouse.sql import quoted


@dataclass(frozen=True)
class OpenTable:
    """A table of the package.

    Attributes:
        name: the file's, without its ending.
        title_vi: what it holds.
        key: the columns that tell its rows apart.
        rows: its content.
    """

    name: str
    title_vi: str
    key: tuple[str, ...]
    rows: pa.Table


_VALUES = """
select
    agency_id, agency_code, agency_name_vi, agency_kind, kpi_code, kpi_name_vi, gaps.unit, period_code,
    period_start, period_end, basis, source, gaps.value, gaps.value_low, gaps.value_high, gaps.bound,
    gaps.numerator, gaps.denominator, gaps.status, status_vi, status_reason, target_id, target_operator,
    gaps.target_value, gap_pp, deadline, legal_basis, ranks.rank, made_from, parts_count, parts_expected,
    is_corrected,
    earlier.agency_id is not null and (
        gaps.value is distinct from earlier.value
        or gaps.status is distinct from earlier.status
        or ranks.rank is distinct from earlier.rank
    ) as is_restated,
    earlier.value as value_before, earlier.status as status_before, earlier.rank as rank_before
from fct_kpi_gap as gaps
left join (select agency_id, kpi_code, period_code, basis, rank from fct_kpi_rank) as ranks
    using (agency_id, kpi_code, period_code, basis)
left join (select agency_id, kpi_code, period_code, basis, value, status, rank from earlier) as earlier
    using (agency_id, kpi_code, period_code, basis)
where period_code = $period and is_primary
order by agency_kind, agency_code, agency_id, kpi_code, basis desc
"""
_TARGETS = """
select
    agency_id, kpi_code, period_code, basis, target_id, target_name_vi, target_operator, target_value,
    deadline, is_primary, gap_pp, gap_units, status, status_vi, legal_basis
from fct_kpi_gap
where period_code = $period and target_id is not null
order by agency_kind, agency_code, agency_id, kpi_code, basis desc, target_id
"""
_INDICATORS = """
select
    kpi_code, kpi_name_vi, kpi_name_en, kpi_kind, unit, direction, formula_version, definition_vi, formula_vi,
    is_headline_kpi, legal_basis
from dim_kpi
where kpi_code in (select kpi_code from fct_kpi_gap where period_code = $period)
order by kpi_code
"""
_AGENCIES = """
select
    agency_id, agency_code, agency_name_vi, agency_kind, agency_kind_vi, parent_id, valid_from, valid_to,
    successor_id, current_agency_id, current_agency_code, code_official
from dim_agency
where agency_id in (select agency_id from fct_kpi_gap where period_code = $period)
order by agency_kind, agency_code, agency_id
"""
_TABLES = (
    (
        "values",
        "Giá trị, trạng thái và thứ hạng của từng cơ quan",
        ("agency_id", "kpi_code", "basis"),
        _VALUES,
    ),
    (
        "targets",
        "Chỉ tiêu áp dụng cho từng giá trị",
        ("agency_id", "kpi_code", "basis", "target_id"),
        _TARGETS,
    ),
    ("indicators", "Định nghĩa, công thức và căn cứ của các chỉ số", ("kpi_code",), _INDICATORS),
    ("agencies", "Các cơ quan báo cáo", ("agency_id",), _AGENCIES),
)
_DICTIONARY_COLUMNS = {
    "table_name": ("Bảng", "Table"),
    "column_name": ("Cột", "Column"),
    "column_type": ("Kiểu", "Type"),
    "meaning_vi": ("Nghĩa, tiếng Việt", "Meaning, in Vietnamese"),
    "meaning_en": ("Nghĩa, tiếng Anh", "Meaning, in English"),
}


def read_tables(snapshot: Path, period_code: str, earlier: Path | None) -> tuple[OpenTable, ...]:
    """What a certified snapshot says of a period: values, targets, indicators, agencies, and a dictionary.

    Args:
        snapshot: the certified DuckDB file.
        period_code: which period.
        earlier: the values certified before, if it was certified anew: what differs from them is marked.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(snapshot)} as snapshot (read_only)")
        before = f"from read_parquet({quoted(earlier)})" if earlier else _nothing_before()
        connection.execute(f"create temporary view earlier as {before}")
        connection.execute("use snapshot")
        tables = tuple(
            OpenTable(name, title, key, connection.execute(query, {"period": period_code}).to_arrow_table())
            for name, title, key, query in _TABLES
        )
    return (*tables, _dictionary(tables))


def meaning_of(column: str) -> tuple[str, str]:
    """What a column of the package means, in Vietnamese and in English."""
    return _DICTIONARY_COLUMNS.get(column) or column_descriptions()[column]


def field_type(kind: pa.DataType) -> str:
    """The name that Data Packages have for a type."""
    for name, is_of in (
        ("date", pa.types.is_date),
        ("boolean", pa.types.is_boolean),
        ("integer", pa.types.is_integer),
        ("number", pa.types.is_decimal),
    ):
        if is_of(kind):
            return name
    return "string"


def texts(rows: pa.Table) -> list[list[str]]:
    """The rows as a CSV file has them: ISO days, plain numbers with a decimal point, `true` and `false`."""
    columns = [_texts(rows[name]) for name in rows.column_names]
    return [list(row) for row in zip(*columns, strict=True)]


def _texts(column: pa.ChunkedArray) -> list[str]:
    if pa.types.is_decimal(column.type):
        return ["" if cell is None else f"{cell.normalize():f}" for cell in column.to_pylist()]
    cells: list[str] = pc.fill_null(column.cast(pa.string()), "").to_pylist()
    return cells


def _dictionary(tables: Sequence[OpenTable]) -> OpenTable:
    meanings = column_descriptions()
    rows = [
        {
            "table_name": table.name,
            "column_name": field.name,
            "column_type": field_type(field.type),
            "meaning_vi": meanings[field.name][0],
            "meaning_en": meanings[field.name][1],
        }
        for table in tables
        for field in table.rows.schema
    ]
    key = ("table_name", "column_name")
    return OpenTable("data-dictionary", "Từ điển dữ liệu của gói", key, pa.Table.from_pylist(rows))


def _nothing_before() -> str:
    kinds = {"value": "decimal(28, 6)", "rank": "bigint"}
    names = ("agency_id", "kpi_code", "period_code", "basis", "value", "status", "rank")
    cells = ", ".join(f"cast(null as {kinds.get(name, 'varchar')}) as {name}" for name in names)
    return f"select {cells} where false"
