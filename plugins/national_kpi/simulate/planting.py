"""Making reports wrong on purpose, in the ways offices get them wrong."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import FormColumn
from national_kpi.periods import Period, named_period
from national_kpi.simulate.nation import Reporter
from national_kpi.simulate.report import Planted, Report, renamed

_PART = re.compile(r"(\w+) <= (\w+)")
_NOT_NEGATIVE = re.compile(r"(\w+) >= 0")
_SUM = re.compile(r"(\w+) = \w+(?: \+ \w+)+")
_UNIQUE = re.compile(r"count\(\*\) over \(partition by agency_id, (?:coalesce\(\w+, )?(\w+)\)+ = 1")
_CODED = ("element_code", "milestone_code")
_ROWS_TRIED = 10
_ZIPPED = (".xlsx", ".ods")

Random = np.random.Generator


def plant(catalogue: Catalogue, report: Report, nation: tuple[Reporter, ...]) -> None:
    """Make one thing wrong with a report; which one depends on its seed, agency, form and period alone."""
    random = report.reporter.random(report.form.form_code, report.period.code, "planted")
    kinds = [KINDS[place] for place in random.permutation(len(KINDS))]
    for kind in (*kinds, _unreadable_period):
        if planted := kind(catalogue, report, nation, random):
            report.planted.append(planted)
            return


def _negative(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    return _break_rule(
        catalogue, report, random, _NOT_NEGATIVE, lambda row, name, _: -1 - abs(int(row[name] or 0))
    )


def _part_above_whole(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    def above(row: dict[str, Any], name: str, whole: str) -> object:
        limit = report.period.end if whole == "period_end" else row.get(whole)
        if isinstance(limit, int):
            return limit + int(random.integers(1, 50))
        is_day = whole == "period_end" and row[name] is not None
        return report.period.end + timedelta(days=10) if is_day else None

    return _break_rule(catalogue, report, random, _PART, above)


def _wrong_sum(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    return _break_rule(catalogue, report, random, _SUM, lambda row, name, _: int(row[name]) + 7)


def _break_rule(
    catalogue: Catalogue,
    report: Report,
    random: Random,
    shape: re.Pattern[str],
    value: Callable[[dict[str, Any], str, str], object],
) -> Planted | None:
    """Break one of the form's rules whose predicate has this shape, in one row."""
    rules = [
        (rule.rule_id, match)
        for rule in catalogue.rules_of(report.form.form_code, "row")
        if (match := shape.fullmatch(rule.predicate or ""))
    ]
    for place in random.permutation(len(rules)):
        rule_id, match = rules[place]
        for number in random.permutation(len(report.rows))[:_ROWS_TRIED]:
            row, name = report.rows[number], match[1]
            wrong = value(row, name, match[match.lastindex or 1])
            if wrong is not None:
                row[name] = wrong
                return Planted(rule_id, name, int(number))
    return None


def _row_twice(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    for rule in catalogue.rules_of(report.form.form_code, "row"):
        match = _UNIQUE.fullmatch(rule.predicate or "")
        if match and len(report.rows) > 1:
            number = int(random.integers(1, len(report.rows)))
            report.rows[number][match[1]] = report.rows[number - 1][match[1]]
            return Planted(rule.rule_id, match[1], number)
    return None


def _empty_cell(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    columns = [one for one in report.columns if one.is_required and not one.is_key]
    if len(columns) == 1:
        return None  # without it the row would only be left as it was handed out
    return _spoil(report, random, "CELL-02", [one for one in columns if one.data_type != "yes_no"], None)


def _word_for_number(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    columns = [one for one in report.columns if one.is_required and one.data_type in ("integer", "decimal")]
    return _spoil(report, random, "CELL-01", columns, "mười hai")


def _unknown_code(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    columns = [one for one in report.columns if one.column_name in _CODED]
    return _spoil(report, random, "CODE-01", columns, "KHONG-CO")


def _unknown_unit(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    # A key is left alone: the row would be missed in the month after.
    columns = [one for one in report.columns if one.data_type == "agency" and not one.is_key]
    return _spoil(report, random, "AGENCY-05", columns, "Tổ tiếp nhận lưu động số 9")


def _spoil(
    report: Report, random: Random, rule_id: str, columns: list[FormColumn], cell: str | None
) -> Planted | None:
    if not columns:
        return None
    name = columns[int(random.integers(0, len(columns)))].column_name
    number = int(random.integers(0, len(report.rows)))
    report.rows[number][name] = cell
    return Planted(rule_id, name, number)


def _wrong_total(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    names = [name for name in report.totals if report.habits.has_total]
    if not names:
        return None
    name = str(random.choice(names))
    report.total_errors[name] = int(random.integers(1, 20))
    return Planted("TOTAL-01", name)


def _missing_column(catalogue: Catalogue, report: Report, _: object, random: Random) -> Planted | None:
    columns = [one for one in report.columns if one.is_required and not one.is_key]
    gone = columns[int(random.integers(0, len(columns)))]
    report.columns.remove(gone)
    return Planted("FORM-02", gone.column_name)


def _column_of_their_own(catalogue: Catalogue, report: Report, *_: object) -> Planted | None:
    report.more_columns.append("Người nhập số liệu")
    return Planted("FORM-05")


def _another_agency(
    catalogue: Catalogue, report: Report, nation: tuple[Reporter, ...], random: Random
) -> Planted | None:
    others = [
        one.agency
        for one in nation
        if one.folder != report.reporter.folder and one.agency.valid_on(report.period.end)
    ]
    if not others:
        return None
    report.agency_line = f"Cơ quan báo cáo: {others[int(random.integers(0, len(others)))].name_vi}"
    return Planted("AGENCY-02")


def _unreadable_period(catalogue: Catalogue, report: Report, *_: object) -> Planted | None:
    report.period_line = "Kỳ báo cáo: như công văn đã gửi"
    return Planted("PERIOD-02")


def _no_period(catalogue: Catalogue, report: Report, *_: object) -> Planted | None:
    report.period_line = ""
    code = report.reporter.agency.agency_code
    report.file_name = renamed(report.file_name, f"{report.form.form_code}_{code}_so {report.period.end:%m}")
    return Planted("PERIOD-01")


def _period_to_come(catalogue: Catalogue, report: Report, *_: object) -> Planted | None:
    report.period_line = f"Kỳ báo cáo: Tháng {report.period.end.month}/{report.period.end.year + 50}"
    return Planted("PERIOD-03")


def _other_period_in_name(catalogue: Catalogue, report: Report, *_: object) -> Planted | None:
    other = _month_before(report.period)
    code = report.reporter.agency.agency_code
    stem = f"{report.form.form_code}_{other.code}_{code}_so {report.period.end:%m}"
    report.file_name = renamed(report.file_name, stem)
    return Planted("PERIOD-04")


def _month_before(period: Period) -> Period:
    day = (period.start or period.end) - timedelta(days=1)
    return named_period("month", day.year, day.month)


def _cut_short(catalogue: Catalogue, report: Report, *_: object) -> Planted | None:
    if report.habits.ending not in _ZIPPED:
        return None
    report.bytes_kept = 0.6
    return Planted("READ-01")


def _nothing_arrived(catalogue: Catalogue, report: Report, *_: object) -> Planted | None:
    report.bytes_kept = 0.0
    return Planted("READ-04")


KINDS: tuple[Callable[[Catalogue, Report, tuple[Reporter, ...], Random], Planted | None], ...] = (
    _negative, _part_above_whole, _wrong_sum, _row_twice, _empty_cell, _word_for_number, _unknown_code,
    _unknown_unit, _wrong_total, _missing_column, _column_of_their_own, _another_agency, _unreadable_period,
    _no_period, _period_to_come, _other_period_in_name, _cut_short, _nothing_arrived,
)  # fmt: skip
"""The ways of getting a report wrong; each says what it did, or None where it cannot be done."""
