"""What stands behind a value: its parts down to file and row, its targets, corrections and restatements."""

import calendar
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from national_kpi.period_parts import parts_of
from national_kpi.periods import Period, parse_period, period_of, previous_period
from national_kpi.warehouse.sql import select_rows

Row = dict[str, Any]

COLUMNS = (
    "depth", "step", "agency_code", "agency_name", "kpi_code", "kpi_name", "period_code", "basis", "source",
    "is_headline", "made_from", "parts_count", "parts_expected", "weight_coverage_pct", "numerator",
    "denominator", "value", "bound", "value_as_printed", "is_stated_consistent", "no_value_reason",
    "formula_version", "formula", "score", "max_score", "element_code", "element_name", "rows_count",
    "value_reported", "correction_id", "form_code", "reported_by", "known_from", "submission_id", "revision",
    "received_on", "file_name", "sha256", "receipt_number", "sheet", "row_number", "target_id", "target_name",
    "target_text", "is_primary", "gap_pp", "status", "legal_basis", "publication_id", "change", "cause",
    "note",
)  # fmt: skip
"""Keys of every row; those that say nothing about a step are None."""

_VALUE = """
    select
        v.agency_id, v.agency_code, v.agency_name_vi as agency_name, v.kpi_code, v.kpi_name_vi as kpi_name,
        v.period_code, v.period_end, v.basis, v.source, v.is_headline, v.made_from, v.parts_count,
        v.parts_expected, v.weight_coverage_pct, v.numerator, v.denominator, v.value, v.bound,
        v.value_as_printed, v.is_stated_consistent, v.no_value_reason, v.no_value_reason_vi,
        v.formula_version, k.formula_vi as formula, k.kpi_kind, k.numerator_element, k.denominator_element,
        k.of_kpi, k.compared_with, v.submission_id
    from fct_kpi_value as v
    inner join dim_kpi as k on v.kpi_code = k.kpi_code
"""
_MADE_FROM_VI = {
    "report": "Theo báo cáo",
    "periods": "Tổng hợp từ các kỳ ngắn hơn",
    "agencies": "Tổng hợp từ các cơ quan",
    "values": "Tính từ các chỉ số khác",
}


def trace(
    database: Path,
    *,
    kpi_code: str,
    agency_code: str,
    period_code: str,
    basis: str = "reported",
    max_depth: int | None = None,
) -> list[Row]:
    """What stands behind a value, from the value down: a row a step, `depth` telling what belongs to what.

    Steps are `value` (each source of it, the headline first), its `target`s and `restatement`s, the values it
    is made from, and at the bottom each `observation` with its file, sheet and row, and its `correction`.

    Args:
        database: a snapshot or a build.
        kpi_code: the KPI.
        agency_code: the agency, whatever its validity.
        period_code: the period.
        basis: `reported` for the agencies of the time, `current` for those of today.
        max_depth: how far down values are followed; None for all the way.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        tracer = _Tracer(connection, max_depth)
        found = tracer.select(
            f"""
            {_VALUE}
            where v.agency_code = ? and v.kpi_code = ? and v.period_code = ? and v.basis = ?
            order by v.agency_id, v.is_headline desc, v.source
            """,
            [agency_code, kpi_code, period_code, basis],
        )
        return [row for value in found for row in tracer.value(value, 0)]


class _Tracer:
    """Follows values through one database; a value that several others are made from is followed once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, max_depth: int | None) -> None:
        self._connection = connection
        self._max_depth = max_depth
        self._followed: set[tuple[Any, ...]] = set()

    def select(self, query: str, values: Sequence[Any]) -> list[Row]:
        """The rows of a query."""
        return select_rows(self._connection, query, values)

    def value(self, value: Row, depth: int, **more: Any) -> Iterator[Row]:
        """A value and all that stands behind it."""
        key = tuple(value[name] for name in ("agency_id", "kpi_code", "period_code", "basis", "source"))
        note = _note(value)
        if key in self._followed:
            yield _row("value", depth, value, note=f"{note}; đã nêu ở trên", **more)
            return
        self._followed.add(key)
        yield _row("value", depth, value, note=note, **more)
        if value["is_headline"] and depth == 0:
            yield from self._targets(value, depth + 1)
            yield from self._restatements(value, depth + 1)
        if self._max_depth is None or depth < self._max_depth:
            yield from self._parts(value, depth + 1)

    def _parts(self, value: Row, depth: int) -> Iterator[Row]:
        if value["kpi_kind"] == "index":
            yield from self._components(value, depth)
            return
        if value["basis"] == "current" and value["made_from"] != "values":
            parts = self._predecessors(value)
        elif value["made_from"] == "periods":
            parts = self._shorter_periods(value)
        elif value["made_from"] == "agencies":
            parts = self._members(value)
        elif value["made_from"] == "values":
            parts = self._compared(value)
        else:
            parts = []
        for part in parts:
            yield from self.value(part, depth)
        if not parts:
            yield from self._observations(value, depth)

    def _predecessors(self, value: Row) -> list[Row]:
        """Values, as reported, of the agencies for which this one answers today."""
        return self._values(
            value | {"basis": "reported"},
            "v.agency_id in (select agency_id from dim_agency where current_agency_id = ?)",
            [value["agency_id"]],
        )

    def _shorter_periods(self, value: Row) -> list[Row]:
        codes = [period.code for period in parts_of(parse_period(value["period_code"]))]
        return self._values(
            value,
            "v.agency_id = ? and list_contains(?, v.period_code)",
            [value["agency_id"], codes],
            in_its_period=False,
        )

    def _members(self, value: Row) -> list[Row]:
        return self._values(
            value,
            """
            v.agency_id in (
                select member_id from dim_agency_member
                where agency_id = ? and ? between valid_from and coalesce(valid_to, date '9999-12-31')
            )
            """,
            [value["agency_id"], value["period_end"]],
        )

    def _compared(self, value: Row) -> list[Row]:
        """The value that grew, and the one it grew from."""
        period = parse_period(value["period_code"])
        is_yearly = value["compared_with"] == "previous_year"
        before = _year_before(period) if is_yearly else previous_period(period)
        codes = [one.code for one in (period, before) if one]
        return self._values(
            value | {"kpi_code": value["of_kpi"]},
            "v.agency_id = ? and list_contains(?, v.period_code)",
            [value["agency_id"], codes],
            in_its_period=False,
        )

    def _values(
        self, value: Row, condition: str, values: list[Any], *, in_its_period: bool = True
    ) -> list[Row]:
        """Values of the KPI, basis and source of a value, and of its period, that fulfil a condition."""
        shared = ["kpi_code", "basis", "source", *(["period_code"] if in_its_period else [])]
        equal = " and ".join(f"v.{name} = ?" for name in shared)
        return self.select(
            f"{_VALUE} where {equal} and {condition} order by v.period_end, v.agency_code, v.agency_id",
            [*(value[name] for name in shared), *values],
        )

    def _components(self, value: Row, depth: int) -> Iterator[Row]:
        """The scores an index adds up, each with the value it is given for."""
        scores = self.select(
            """
            select
                agency_id, agency_code, agency_name_vi as agency_name, kpi_code, kpi_name_vi as kpi_name,
                period_code, basis, source, score, max_score, no_score_reason_vi as note, legal_basis
            from fct_index_component
            where agency_id = ? and index_code = ? and period_code = ? and basis = ?
            order by group_code, kpi_code
            """,
            [value[name] for name in ("agency_id", "kpi_code", "period_code", "basis")],
        )
        for score in scores:
            yield _row("component", depth, score)
            if score["source"]:
                for part in self._values(value | score, "v.agency_id = ?", [value["agency_id"]]):
                    yield from self.value(part, depth + 1)

    def _observations(self, value: Row, depth: int) -> Iterator[Row]:
        """What was reported of a value's elements; of an older formula, what its submission brought."""
        elements = [value[name] for name in ("kpi_code", "numerator_element", "denominator_element")]
        observations = self.select(
            """
            select
                o.agency_code, o.agency_name_vi as agency_name, o.period_code, o.source, o.element_code,
                o.element_name_vi as element_name, o.value, o.bound, o.value_as_printed, o.numerator,
                o.denominator, o.rows_count, o.value_reported, o.correction_id, o.form_code, o.reported_by,
                o.known_from, o.submission_id, s.revision, s.received_on, s.file_name, s.sha256,
                s.receipt_number, o.sheet, o.row_number
            from fct_observation as o
            inner join fct_submission as s on o.submission_id = s.submission_id
            where o.agency_id = ? and o.period_code = ? and o.source = ? and list_contains(?, o.element_code)
            order by o.element_code, o.known_from desc, o.form_code, o.submission_id
            """,
            [value["agency_id"], value["period_code"], value["source"], [one for one in elements if one]],
        )
        for observation in observations:
            told = observation | {"kpi_code": value["kpi_code"], "basis": value["basis"]}
            yield _row("observation", depth, told, note=observation["element_name"])
            if observation["correction_id"]:
                yield _row(
                    "correction", depth + 1, told, note="Giá trị báo cáo được thay bằng giá trị đính chính"
                )

    def _targets(self, value: Row, depth: int) -> Iterator[Row]:
        targets = self.select(
            """
            select
                agency_code, kpi_code, period_code, basis, target_id, target_name_vi as target_name,
                target_text_vi as target_text, is_primary, gap_pp, status, legal_basis,
                concat_ws(': ', target_name_vi, status_vi) as note
            from fct_kpi_gap
            where agency_id = ? and kpi_code = ? and period_code = ? and basis = ? and target_id is not null
            order by is_primary desc, target_id
            """,
            [value[name] for name in ("agency_id", "kpi_code", "period_code", "basis")],
        )
        yield from (_row("target", depth, target) for target in targets)

    def _restatements(self, value: Row, depth: int) -> Iterator[Row]:
        restatements = self.select(
            """
            select
                agency_code, kpi_code, period_code, basis, publication_id, submission_id, change_vi as change,
                cause_vi as cause, concat_ws(' ', change_vi, cause_vi) as note
            from fct_restatement
            where agency_id = ? and kpi_code = ? and period_code = ? and basis = ?
            order by as_of desc, previous_publication_id desc
            """,
            [value[name] for name in ("agency_id", "kpi_code", "period_code", "basis")],
        )
        yield from (_row("restatement", depth, restatement) for restatement in restatements)


def _row(step: str, depth: int, told: Row, **more: Any) -> Row:
    said = told | more | {"step": step, "depth": depth}
    return {name: said.get(name) for name in COLUMNS}


def _note(value: Row) -> str:
    """How a value comes about, or why there is none."""
    how = _MADE_FROM_VI[value["made_from"]]
    if value["made_from"] != "report":
        how += f" ({value['parts_count']}/{value['parts_expected']})"
    return "; ".join(part for part in (how, value["no_value_reason_vi"]) if part)


def _year_before(period: Period) -> Period | None:
    if period.start is None:
        return None
    return period_of(_day_a_year_before(period.start), _day_a_year_before(period.end))


def _day_a_year_before(day: date) -> date:
    """The same day, or the last of February for its last."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return day.replace(year=day.year - 1, day=last if is_last else day.day)
