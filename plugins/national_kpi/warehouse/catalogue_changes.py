"""Which rows of the catalogue differ between two states of it, in words for a notice.

Both are read as text, by the columns they have: a kept catalogue may be older than the program's models.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from national_kpi.catalogue.load import Catalogue
from national_kpi.catalogue.tables import TABLES, Row

CATALOGUE_CHANGES = pa.schema(
    [
        pa.field("table_name", pa.string()),
        pa.field("row_key", pa.string()),
        pa.field("kpi_code", pa.string()),
        pa.field("element_code", pa.string()),
        pa.field("target_id", pa.string()),
        pa.field("change_vi", pa.string()),
    ]
)
"""One row per catalogue row that was added, removed or changed, with the codes that it names."""

_CODES = ("kpi_code", "element_code", "target_id")
_SILENT = ("note", "verify_status", "name_en")
"""Columns that change nothing readers are given."""
TABLES_VI = {
    "agencies": "cơ quan",
    "agency_groups": "nhóm cơ quan",
    "agency_successions": "quan hệ kế thừa",
    "corrections": "đính chính",
    "data_elements": "số liệu thành phần",
    "kpis": "chỉ số",
    "series_breaks": "mốc thay đổi cách thống kê",
    "targets": "chỉ tiêu",
}
COLUMNS_VI = {
    "deadline": "thời hạn",
    "denominator_element": "mẫu số",
    "effective_from": "ngày có hiệu lực",
    "exclusion_vi": "trường hợp loại trừ",
    "formula_vi": "công thức",
    "issuing_level": "cấp ban hành",
    "legal_basis": "căn cứ pháp lý",
    "min_denominator": "mẫu số tối thiểu",
    "name_vi": "tên",
    "numerator_element": "tử số",
    "operator": "phép so sánh",
    "parent_id": "cơ quan cấp trên",
    "scope": "phạm vi",
    "target_value": "giá trị yêu cầu",
    "unit": "đơn vị tính",
    "valid_from": "ngày bắt đầu hiệu lực",
    "valid_to": "ngày hết hiệu lực",
    "value_corrected": "giá trị đính chính",
}

Cells = dict[str, str]


def catalogue_changes(before: Path, catalogue: Catalogue) -> list[dict[str, Any]]:
    """What differs between a kept catalogue and the one in use; nothing when it is not there any more.

    Args:
        before: the folder of the kept catalogue.
        catalogue: the one in use.
    """
    if not before.is_dir():
        return []
    return [change for table in TABLES for change in _of_table(table, before, catalogue)]


def _of_table(table: type[Row], before: Path, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    name = f"{table.table}.csv"
    old_file = before / name
    old = _rows(table, old_file.read_bytes() if old_file.is_file() else b"")
    new = _rows(table, catalogue.files[name])
    for key in sorted(old.keys() | new.keys()):
        words = _words(old.get(key), new.get(key))
        if words:
            cells = new.get(key) or old[key]
            what = TABLES_VI.get(table.table, f"danh mục {table.table}")
            yield {
                "table_name": table.table,
                "row_key": " | ".join(key),
                **{code: cells.get(code) or None for code in _CODES},
                "change_vi": f"{what} {' '.join(key)}: {words}",
            }


def _rows(table: type[Row], content: bytes) -> dict[tuple[str, ...], Cells]:
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return {tuple(row.get(column) or "" for column in table.key): row for row in lines}


def _words(old: Cells | None, new: Cells | None) -> str:
    if old is None:
        return "được bổ sung"
    if new is None:
        return "được bãi bỏ"
    differing = [
        column for column in old if column in new and column not in _SILENT and old[column] != new[column]
    ]
    return "; ".join(
        f"{COLUMNS_VI.get(column, column)} từ “{old[column]}” thành “{new[column]}”" for column in differing
    )
