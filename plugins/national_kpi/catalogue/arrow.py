"""The catalogue's tables as Arrow: what dbt reads, and what a rule's predicate may look things up in."""

import types
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa

from national_kpi.catalogue.tables import Row

DECIMAL = pa.decimal128(28, 6)

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    date: pa.date32(),
    Decimal: DECIMAL,
}


def to_arrow(table: type[Row], rows: Iterable[Row]) -> pa.Table:
    """Rows of a catalogue table, typed by its model.

    Args:
        table: the model; it names the columns also where there are no rows.
        rows: the rows.
    """
    return pa.Table.from_pylist([row.model_dump() for row in rows], schema=_schema(table))


def _schema(table: type[Row]) -> pa.Schema:
    """The columns of a catalogue table, from its model; a list in one cell becomes a list."""
    fields = [pa.field(name, _arrow_type(field.annotation)) for name, field in table.model_fields.items()]
    computed = [
        pa.field(name, _arrow_type(field.return_type)) for name, field in table.model_computed_fields.items()
    ]
    return pa.schema(fields + computed)


def _arrow_type(annotation: Any) -> pa.DataType:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _arrow_type(next(argument for argument in arguments if argument is not type(None)))
    if origin is Annotated:
        return _arrow_type(arguments[0])
    if origin is tuple:
        return pa.list_(_arrow_type(arguments[0]))
    if origin is Literal:
        return pa.string()
    return _SCALARS[annotation]
