"""What must hold for forms, their columns and rules."""

import re
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.spelling import clean, spell
from national_kpi.catalogue.tables import Form, FormColumn, Rule
from national_kpi.lake import ENVELOPE, PRINTED_VALUE, lake_schema

MODEL_PREFIX = "MODEL-"
MODEL_WORDS = {"subject", "period", "found", "expected", "evidence", "threshold", "minimum"}
"""What the texts of a model rule may have filled in."""


def check_forms(tables: Tables) -> Iterator[Problem]:
    """A form has columns numbered from 1, and a title no other form has."""
    titles: dict[str, str] = {}
    for placed in tables.of(Form):
        code = placed.row.form_code
        if not placed.row.title_texts:
            yield problem(placed, "title_texts", "is empty", "write the titles the form is known by")
        for title in placed.row.title_texts:
            if titles.setdefault(clean(title), code) != code:
                what = f"{title!r} is also a title of {titles[clean(title)]}"
                yield problem(placed, "title_texts", what, "use titles that tell forms apart")
        columns = sorted(
            (column for column in tables.of(FormColumn) if column.row.form_code == code),
            key=lambda column: column.line,
        )
        if not columns and FormColumn not in tables.broken:
            yield problem(placed, "form_code", f"{code} has no columns", "add them to form_columns.csv")
        for number, column in enumerate(columns, start=1):
            if column.row.position != number and FormColumn not in tables.broken:
                what = f"position {column.row.position} of {code} where {number} is due"
                yield problem(column, "position", what, "number a form's columns from 1, in order")


def check_form_columns(tables: Tables) -> Iterator[Problem]:
    """Choices are listed, headers are told apart, and names are free for the lake."""
    taken = {field.name for field in ENVELOPE} | {field.name for field in PRINTED_VALUE}
    headers: dict[tuple[str, str], str] = {}
    printed: dict[str, str] = {}
    for placed in tables.of(FormColumn):
        column = placed.row
        if column.data_type == "enum" and not column.allowed_values:
            what = "an enum without allowed values"
            yield problem(placed, "allowed_values", what, "list them, separated by |")
        if column.data_type != "enum" and column.allowed_values:
            what = f"allowed values on a column of type {column.data_type}"
            yield problem(placed, "allowed_values", what, "make it an enum or remove them")
        if column.column_name in taken:
            what = f"{column.column_name!r} is a column every lake row has"
            yield problem(placed, "column_name", what, "choose another name")
        is_printed = column.data_type == "printed_value"
        if is_printed and printed.setdefault(column.form_code, column.column_name) != column.column_name:
            what = f"a second printed value beside {printed[column.form_code]}"
            yield problem(placed, "data_type", what, "a form holds one printed value a row")
        for name, field in (
            (column.header_vi, "header_vi"),
            *((n, "header_aliases") for n in column.header_aliases),
        ):
            key = (column.form_code, spell(clean(name)).letters + "/" + spell(clean(name)).tones)
            if headers.setdefault(key, column.column_name) != column.column_name:
                what = f"{name!r} is also a header of {headers[key]}"
                yield problem(placed, field, what, "use headers that tell columns apart")


def check_rules(tables: Tables) -> Iterator[Problem]:
    """A rule on rows has a form and a boolean over its typed columns as predicate; others have neither."""
    forms = {placed.row.form_code for placed in tables.of(Form)}
    catalogue = tables.catalogue()
    with duckdb.connect() as connection:
        for name, table in catalogue.arrow.items():
            connection.register(name, table)
        for placed in tables.of(Rule):
            rule = placed.row
            needs = rule.kind in ("row", "history")
            for column in ("form_code", "predicate", "column_name"):
                if needs != (getattr(rule, column) is not None):
                    what = f"a {rule.kind} rule {'without' if needs else 'with'} {column}"
                    yield problem(placed, column, what, "fill it in" if needs else "leave it empty")
            yield from _about_models(placed)
            if rule.form_code is None or rule.predicate is None:
                continue
            if not rule.rule_id.startswith(f"{rule.form_code}-"):
                what = f"{rule.rule_id} is a rule of {rule.form_code}"
                yield problem(placed, "rule_id", what, f"call it {rule.form_code}-…")
            if rule.form_code not in forms or FormColumn in tables.broken:
                continue
            schema = lake_schema(catalogue, rule.form_code)
            if rule.column_name and rule.column_name not in schema.names:
                what = f"{rule.form_code} has no column {rule.column_name!r}"
                yield problem(placed, "column_name", what, "write the column the finding points to")
            wrong = _why_not_boolean(connection, schema, rule.predicate, rule.kind == "history")
            if wrong:
                yield problem(placed, "predicate", wrong, "write a DuckDB boolean over the form's columns")


def _about_models(placed: Placed[Rule]) -> Iterator[Problem]:
    """A model rule is known by its name, alone has limits, and its texts hold only what models tell."""
    rule = placed.row
    if (rule.kind == "model") != rule.rule_id.startswith(MODEL_PREFIX):
        remedy = f"model rules, and only those, are called {MODEL_PREFIX}…"
        yield problem(placed, "rule_id", f"a {rule.kind} rule called {rule.rule_id}", remedy)
    if rule.kind != "model":
        for column in ("threshold", "minimum"):
            if getattr(rule, column) is not None:
                yield problem(placed, column, f"a {rule.kind} rule with {column}", "leave it empty")
        return
    for column in ("message_vi", "message_en", "mend_vi", "mend_en"):
        for word in sorted(set(re.findall(r"{(\w*)}", getattr(rule, column))) - MODEL_WORDS):
            remedy = f"use {', '.join(sorted(MODEL_WORDS))}"
            yield problem(placed, column, f"the models do not tell {{{word}}}", remedy)


def _why_not_boolean(
    connection: duckdb.DuckDBPyConnection, schema: pa.Schema, predicate: str, has_previous: bool
) -> str:
    connection.unregister("previous_submission")
    if has_previous:
        connection.register("previous_submission", schema.empty_table())
        schema = schema.append(pa.field("previous", pa.struct(list(schema))))
    connection.register("submission", schema.empty_table())
    try:
        result = connection.view("submission").project(f"({predicate}) as is_good")
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return "" if str(result.types[0]) == "BOOLEAN" else f"gives {result.types[0]}, not a boolean"
