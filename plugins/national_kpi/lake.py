"""The lake's shape: which typed columns the accepted rows of a form have.

Intake writes these columns, the warehouse reads them: `lake/<form_code>/<submission_id>.parquet`.
"""

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.catalogue.arrow import DECIMAL
from national_kpi.catalogue.load import Catalogue
from national_kpi.catalogue.tables import ColumnType

ENVELOPE: tuple[pa.Field, ...] = (
    pa.field("submission_id", pa.string()),
    pa.field("sheet", pa.string()),
    pa.field("row_number", pa.int64()),
    pa.field("agency_id", pa.string()),
    pa.field("reported_by", pa.string()),
    pa.field("period_code", pa.string()),
    pa.field("period_start", pa.date32()),
    pa.field("period_end", pa.date32()),
    pa.field("period_known", pa.bool_()),
    pa.field("known_from", pa.date32()),
)
"""What every row carries before the form's own columns.

`row_number` counts from 1, as a person sees the sheet; `agency_id` is about whom the row is;
`period_start` is null for a period with only an end.
"""

PRINTED_VALUE: tuple[pa.Field, ...] = (
    pa.field("stated_value", DECIMAL),
    pa.field("bound", pa.string()),
    pa.field("value_low", DECIMAL),
    pa.field("value_high", DECIMAL),
    pa.field("decimals", pa.int32()),
    pa.field("printed_unit", pa.string()),
)
"""What is read out of a printed value, after the columns of its form.

`stated_value` is the number printed, percent as 0–100; `decimals` is negative after a scale word
("1,9 triệu" → -5).
"""

_TYPES: dict[ColumnType, pa.DataType] = {
    "integer": pa.int64(),
    "decimal": DECIMAL,
    "yes_no": pa.bool_(),
    "date": pa.date32(),
    "text": pa.string(),
    "code": pa.string(),
    "enum": pa.string(),
    "agency": pa.string(),
    "printed_value": pa.string(),
}


def lake_schema(catalogue: Catalogue, form_code: str) -> pa.Schema:
    """The columns of a form's lake files, in order.

    An agency column keeps the name as printed and is followed by `<column>_id`; for the column named
    `agency` that identity is the envelope's `agency_id`.

    Args:
        catalogue: holds the form's columns.
        form_code: the form, such as `F07`.
    """
    fields = list(ENVELOPE)
    columns = catalogue.columns_of(form_code)
    for column in columns:
        fields.append(pa.field(column.column_name, _TYPES[column.data_type]))
        if column.data_type == "agency" and column.column_name != "agency":
            fields.append(pa.field(f"{column.column_name}_id", pa.string()))
    if any(column.data_type == "printed_value" for column in columns):
        fields.extend(PRINTED_VALUE)
    return pa.schema(fields)


def rows_sha256(rows: pa.Table) -> str:
    """A hash of rows in their order, whatever file they come from.

    It is the SHA-256 of each column's name and cells as text, separated by U+001F, an empty cell written
    U+001E. A column without any value does not count: a form may be given new ones.

    Args:
        rows: rows in the shape of `lake_schema`.
    """
    digest = hashlib.sha256()
    for name in rows.column_names:
        column = rows[name]
        if column.null_count < len(column):
            cells = pc.fill_null(column.cast(pa.string()), "\x1e").combine_chunks()
            text = pc.binary_join(pa.ListArray.from_arrays([0, len(cells)], cells), "\x1f")[0]
            digest.update(f"{name}\x1f".encode() + text.as_buffer())
    return digest.hexdigest()
