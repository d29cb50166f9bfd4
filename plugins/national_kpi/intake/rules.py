"""Evaluating the catalogue's rules: each is a DuckDB boolean over the typed rows of one file."""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Rule
from national_kpi.errors import CatalogueError
from national_kpi.intake.cells import shown
from national_kpi.intake.problems import Positions

_COLUMN = re.compile(r"(previous\.)?\b([a-z]\w*)")


@dataclass(frozen=True)
class Broken:
    """A rule and the rows that break it.

    Attributes:
        rows: their positions, from 0, in order.
        previous: for a history rule each one's row of the period before.
    """

    rule: Rule
    rows: Positions
    previous: pa.ChunkedArray | None = None

    def evidence(self, values: Mapping[str, Any], headers: Mapping[str, str], number: int) -> str | None:
        """The figures the rule compares besides those of the column it points to.

        Args:
            values: the row's values.
            headers: what the form calls its columns.
            number: which of the broken rows it is.
        """
        before = {} if self.previous is None else self.previous[number].as_py() or {}
        told = {}
        for is_before, name in _COLUMN.findall(self.rule.predicate or ""):
            if name in headers and (is_before or name != self.rule.column_name):
                value = (before if is_before else values).get(name)
                if value is not None:
                    told[f"{headers[name]}{' (kỳ trước)' if is_before else ''}"] = value
        return "; ".join(f"{header}: {_told(value)}" for header, value in told.items()) or None


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, Decimal):
        value = value.normalize()
        return f"{value:f}".replace(".", ",")
    return shown(value) if isinstance(value, date) else str(value)


def broken_rows(
    catalogue: Catalogue, rows: pa.Table, rules: Sequence[Rule], previous: pa.Table | None = None
) -> list[Broken]:
    """Which rows break which rules. A predicate that is null (a value is missing) is not broken.

    Args:
        catalogue: what predicates look things up in.
        rows: the typed rows, in the lake's shape.
        rules: the rules of the rows' form, all at once; those of kind `history` need `previous`.
        previous: the rows of the previous accepted period.

    Returns:
        What is broken, rule by rule.

    Raises:
        CatalogueError: a rule's predicate is not valid SQL over the form's columns.
    """
    if not rules:
        return []
    has_previous = previous is not None
    flags = [f"not ({rule.predicate}) as broken_{number}" for number, rule in enumerate(rules)]
    with _database(os.getpid()).cursor() as connection:
        # Registering a table costs as much as judging a short file: only what is looked up.
        looked_up = {name for rule in rules for _, name in _COLUMN.findall(rule.predicate or "")}
        for name in looked_up & catalogue.arrow.keys():
            connection.register(name, catalogue.arrow[name])
        if previous is not None:
            connection.register("previous_submission", previous)
        key = catalogue.key_of(rules[0].form_code or "")
        told = {name for rule in rules for before, name in _COLUMN.findall(rule.predicate or "") if before}
        connection.register("submission", _numbered(connection, rows, previous, key, told))
        source = connection.view("submission")
        try:
            # In one pass; filtered after projecting, as a predicate may use window functions.
            judged = source.project(", ".join(["_position", *flags, *(["previous"] if has_previous else [])]))
            any_broken = " or ".join(f"broken_{number}" for number in range(len(rules)))
            found = judged.filter(any_broken).order("_position").to_arrow_table()
        except duckdb.Error as error:
            raise _unfit(source, rules, error) from error
    broken = []
    for number, rule in enumerate(rules):
        own = found.filter(pc.fill_null(found[f"broken_{number}"], False))
        if own.num_rows:
            rows_of_rule = own["_position"].to_numpy()
            broken.append(Broken(rule, rows_of_rule, own["previous"] if rule.kind == "history" else None))
    return broken


@cache  # Opening one takes as long as judging a short file. What is registered is its cursor's alone.
def _database(process_id: int) -> duckdb.DuckDBPyConnection:
    """An empty database for a process; a forked one must not use its parent's."""
    return duckdb.connect(config={"enable_external_access": False})


def _numbered(
    connection: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    previous: pa.Table | None,
    key: Sequence[str],
    told: Collection[str],
) -> duckdb.DuckDBPyRelation:
    """The rows with their positions and, in a column `previous`, what is told of each one's row before."""
    numbered = connection.from_arrow(rows.append_column("_position", pa.array(np.arange(rows.num_rows))))
    if previous is None:
        return numbered
    keys = ("agency_id", *key)
    earlier = connection.from_arrow(previous)
    told_of_row = ", ".join(
        f'"{name}" := "{name}"' for name in previous.column_names if name in (*keys, *told)
    )
    keyed = earlier.project(
        ", ".join([*(f'"{name}" as _key_{name}' for name in keys), f"struct_pack({told_of_row}) as previous"])
    )
    key_columns = ", ".join(f"_key_{name}" for name in keys)
    once = keyed.aggregate(f"{key_columns}, first(previous) as previous", key_columns)
    return numbered.join(once, " and ".join(f'"{name}" = _key_{name}' for name in keys), "left")


def _unfit(source: duckdb.DuckDBPyRelation, rules: Sequence[Rule], error: duckdb.Error) -> CatalogueError:
    """Which rule cannot be evaluated."""
    for rule in rules:
        try:
            source.project(f"not ({rule.predicate}) as is_broken").filter("is_broken").fetchone()
        except duckdb.Error as own:
            return CatalogueError(
                f"rule {rule.rule_id} cannot be evaluated: {own}",
                where="rules.csv",
                remedy=f"mend its predicate: {rule.predicate}",
            )
    return CatalogueError(f"the rules cannot be evaluated together: {error}", where="rules.csv")
