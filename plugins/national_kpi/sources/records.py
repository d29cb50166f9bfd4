"""Records of an API as reports: one file of the declared form for each period they speak of."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from national_kpi.catalogue.checks.sources import PERIOD, PUBLISHED_ON
from national_kpi.catalogue.load import Catalogue
from national_kpi.catalogue.tables import Source
from national_kpi.clock import in_hanoi
from national_kpi.errors import PeriodError, SourceError, SourceShapeError
from national_kpi.ledger.models import SourcePage
from national_kpi.periods import Period, name_vi, parse_period, period_of
from national_kpi.sources.connection import CHECK_SHAPE
from national_kpi.sources.pages import value_at

Cells = dict[str, str]
"""A record as cells of the form, by the names of its columns."""
_ABOUT = ("agency", "period_from", "period_to")
"""What beside its key tells apart the rows of a form that speaks of many agencies and periods."""


def reports_of(
    catalogue: Catalogue, source: Source, pages: Iterable[SourcePage]
) -> list[tuple[Period, list[Cells]]]:
    """The records by the period they speak of, each as cells of the form.

    What comes by cursor comes once and is corrected by coming again: the later of two records with one key
    counts.

    Raises:
        SourceShapeError: a record has not the declared shape.
    """
    reports: dict[Period, dict[object, Cells]] = {}
    key = (*catalogue.key_of(source.form_code or ""), *_ABOUT)
    for page in pages:
        for position, record in enumerate(page.records):
            place = f"{page.address}: {source.records_path or ''}[{position}]"
            cells = _cells(catalogue, source, record, place)
            rows = reports.setdefault(_period(cells, place), {})
            is_new_state = source.page_style == "cursor"
            rows[tuple(cells.get(name) for name in key) if is_new_state else place] = cells
    return [
        (period, list(rows.values()))
        for period, rows in sorted(reports.items(), key=lambda report: (report[0].end, report[0].code))
    ]


def _cells(catalogue: Catalogue, source: Source, record: Any, place: str) -> Cells:
    cells = {}
    for field in catalogue.source_fields:
        if field.source_id != source.source_id:
            continue
        value = field.constant if field.field_path is None else value_at(record, field.field_path, place)
        if isinstance(value, list | dict):
            raise SourceShapeError(
                "is no single value", where=f"{place}: {field.field_path}", remedy=CHECK_SHAPE
            )
        cells[field.column_name] = _text(value)
    return cells


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    return "" if value is None else str(value)


def _period(cells: Mapping[str, str], place: str) -> Period:
    """The period a record speaks of: told by it, else the day of its publication."""
    name = PERIOD if PERIOD in cells else PUBLISHED_ON
    told = cells.get(name, "")
    try:
        return period_of(None, _day(told))
    except ValueError:
        try:
            return parse_period(told)
        except PeriodError as error:
            raise SourceShapeError(
                f"{name} must be a day such as 2022-09-08, or a period code, found {told!r}",
                where=place,
                remedy=CHECK_SHAPE,
            ) from error


def _day(text: str) -> date:
    moment = datetime.fromisoformat(text)
    return (in_hanoi(moment) if moment.tzinfo else moment).date()


def report_file(
    catalogue: Catalogue, source: Source, period: Period, rows: Iterable[Mapping[str, str]], day: date
) -> bytes:
    """A file of the form, as an agency would send it. The same records always give the same bytes.

    Args:
        catalogue: names the form's columns and the agency.
        source: whose records they are.
        period: what they speak of.
        rows: the records as cells.
        day: the day on which the agency holds its code.

    Raises:
        SourceError: nobody holds the source's agency code on that day.
    """
    holder = catalogue.holder(source.agency_code, day)
    if holder is None:
        raise SourceError(f"nobody holds the code {source.agency_code} on {day}", where="sources.csv")
    form = catalogue.form(source.form_code or "")
    columns = catalogue.columns_of(form.form_code)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([form.name_vi])
    writer.writerow([f"Biểu mẫu: {form.form_code}"])
    writer.writerow([f"Cơ quan báo cáo: {holder.name_vi}"])
    is_stock = period.kind == "stock"
    writer.writerow([f"Đến ngày {period.end:%d/%m/%Y}" if is_stock else f"Kỳ báo cáo: {name_vi(period)}"])
    writer.writerow([column.header_vi for column in columns])
    for number, cells in enumerate(rows, start=1):
        writer.writerow(
            cells.get(column.column_name, number if column.column_name == "stt" else "") for column in columns
        )
    return text.getvalue().encode("utf-8-sig")


def file_stem(source: Source, period: Period) -> str:
    """How the names of a source's files for a period begin."""
    about = f"{period.end:%Y%m%d}" if period.kind == "stock" else period.code
    return f"{source.form_code}-{source.source_id}-{about}-"
