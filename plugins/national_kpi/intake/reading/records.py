"""Rows that name their columns: `.json` and `.parquet`. They become sheets such as an agency would type."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from national_kpi.clock import in_hanoi
from national_kpi.errors import UnreadableFileError
from national_kpi.intake.sheets import Cell, Column, Sheet
from national_kpi.intake.text import fold
from national_kpi.limits import Limits

PARQUET_START = b"PAR1"
PARQUET_ENCRYPTED_END = b"PARE"
_LABELS = {
    "form": "Biểu mẫu", "bieu mau": "Biểu mẫu",
    "agency": "Cơ quan báo cáo", "co quan bao cao": "Cơ quan báo cáo", "co quan": "Cơ quan báo cáo",
    "period": "Kỳ báo cáo", "ky bao cao": "Kỳ báo cáo",
}  # fmt: skip
_ROWS = {"rows", "du lieu"}
_SHAPE = "danh sách các dòng, hoặc đối tượng có khóa “rows” (“du_lieu”) là danh sách các dòng"
_LONGEST_NUMBER = 18  # digits that a whole number of the lake may have
_KEPT = (str, bool, int, float, date, time, timedelta)


def read_json(content: bytes, name: str, limits: Limits) -> Sheet:
    """The one sheet of a JSON document: a list of rows, or an object that holds one and says form and period.

    Args:
        content: the document.
        name: what the sheet is called.
        limits: how many rows and columns it may have.

    Raises:
        UnreadableFileError: it is no JSON, has another shape or is nested deeper, or is too large.
    """
    said = _parse(content)
    headings: list[str] = []
    rows = said
    if isinstance(said, dict):
        folded = {fold(key): value for key, value in said.items()}
        rows = next((folded[key] for key in _ROWS if key in folded), None)
        headings = _headings(folded)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableFileError("READ-16", expected=_SHAPE)
    names = list(dict.fromkeys(key for row in rows for key in row))
    limits.check_table(len(rows) + 1, len(names))
    columns = [Column.of(_scalar(row.get(key), key) for row in rows) for key in names]
    return _sheet(name, headings, names, columns, len(rows))


def _parse(content: bytes) -> Any:
    try:
        text = content.decode(json.detect_encoding(content))
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_int=lambda digits: int(digits) if len(digits) <= _LONGEST_NUMBER else digits,
            parse_float=lambda digits: float(digits) if math.isfinite(float(digits)) else digits,
            parse_constant=str,
        )
    except UnicodeDecodeError as error:
        raise UnreadableFileError("READ-12") from error
    except RecursionError as error:
        raise UnreadableFileError("READ-10") from error
    except json.JSONDecodeError as error:
        place = f"hàng {error.lineno}, ký tự thứ {error.colno}"
        raise UnreadableFileError("READ-16", found=place, expected="nội dung theo định dạng JSON") from error


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = {_whole(key): _whole(value) if isinstance(value, str) else value for key, value in pairs}
    if len(made) < len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise UnreadableFileError("READ-16", found=f"khóa “{twice}” lặp lại", expected="mỗi khóa ghi một lần")
    return made


def _whole(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, which is no text."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _scalar(value: Any, key: str) -> Cell:
    if value is None or isinstance(value, int | float | str):
        return value
    raise UnreadableFileError("READ-10", found=key)


def read_parquet(content: bytes, name: str, limits: Limits) -> Sheet:
    """The one sheet of a Parquet file; its key-value metadata may say form, agency and period.

    Args:
        content: the file.
        name: what the sheet is called.
        limits: how many rows and columns it may have.

    Raises:
        UnreadableFileError: it is damaged or encrypted, holds nested columns, or is too large.
    """
    if content.endswith(PARQUET_ENCRYPTED_END):
        raise UnreadableFileError("READ-05")
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        _check_size(file.metadata, limits)
        _check_types(file.schema_arrow)
        table = file.read()
        limits.check_table(table.num_rows + 1, table.num_columns)
        columns = [_column(column) for column in table.columns]
        said = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UnreadableFileError("READ-01") from error
    headings = _headings({fold(key): value for key, value in said.items()})
    return _sheet(name, headings, table.column_names, columns, table.num_rows)


def _check_size(metadata: pq.FileMetaData, limits: Limits) -> None:
    limits.check_table(metadata.num_rows + 1, metadata.num_columns)
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    limits.check_unpacked(sum(group.total_byte_size for group in groups))


def _check_types(schema: pa.Schema) -> None:
    for column in schema:
        if pa.types.is_nested(column.type):
            raise UnreadableFileError("READ-10", found=column.name)


def _column(values: pa.ChunkedArray) -> Column:
    held = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_null(held):
        return Column.of([None] * len(values))
    if pa.types.is_string(held):
        return Column.of_texts(values)
    if pa.types.is_timestamp(held):
        values = values.cast(pa.timestamp("us", held.tz), safe=False)
    encoded = values.dictionary_encode().combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32) + np.int32(1)
    return Column([None, *map(_typed, encoded.dictionary.to_pylist())], codes)


def _typed(value: Any) -> Cell:
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime) and value.tzinfo:
        value = in_hanoi(value).replace(tzinfo=None)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, bytes):
        value = value.decode()
    if value is None or isinstance(value, _KEPT):
        return value
    raise ValueError(f"no cell can hold a {type(value).__name__}")


def _headings(said: Mapping[str, Any]) -> list[str]:
    """The lines above the table, as a sheet has them."""
    return [f"{label}: {said[key]}" for key, label in _LABELS.items() if isinstance(said.get(key), str | int)]


def _sheet(
    name: str, headings: Sequence[str], names: Sequence[str], columns: Sequence[Column], height: int
) -> Sheet:
    """A sheet with some lines, the names of the columns, and the columns."""
    if not columns:
        raise UnreadableFileError("READ-04", found="không có dòng nào")
    above: list[list[str | None]] = [[*headings, key] for key in names[:1]]
    above += [[*[None] * len(headings), key] for key in names[1:]]
    return Sheet(
        name,
        [_below(texts, column) for texts, column in zip(above, columns, strict=True)],
        height + len(headings) + 1,
    )


def _below(texts: Iterable[str | None], column: Column) -> Column:
    """A column with some texts above it."""
    top = Column.of(texts)
    codes = np.concatenate([np.where(top.codes > 0, top.codes + len(column.cells) - 1, 0), column.codes])
    return Column([*column.cells, *top.cells[1:]], codes.astype(np.int32))
