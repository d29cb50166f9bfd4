"""Writes files as agencies send them: forms with title rows, in every accepted kind of file."""

import csv
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from openpyxl import Workbook

from national_kpi.catalogue import Catalogue

Grid = list[list[Any]]

GOOD_ROWS: dict[str, dict[str, Any]] = {
    "F01": {"element_code": "dossiers_online_count", "value": 12},
    "F02": {
        "procedure_code": "1.000001", "procedure_name": "Cấp phiếu lý lịch", "service_level": "Toàn trình",
        "on_national_portal": "x", "dossiers_total": 10, "dossiers_online": 4,
    },
    "F03": {
        "field_or_unit": "Hộ tịch", "received_total": 10, "received_online": 4, "received_direct_postal": 5,
        "received_carried": 1, "resolved_total": 7, "resolved_early": 3, "resolved_on_time": 3,
        "resolved_late": 1,
        "pending_total": 3, "pending_on_time": 2, "pending_late": 1,
    },
    "F04": {
        "unit": "Văn phòng", "documents_sent": "1.200", "documents_sent_electronic": 1000,
        "documents_signed": 900, "documents_received": 50,
    },
    "F05": {"milestone_code": "MS_SHARED_DATABASES", "state": "đang thực hiện"},
    "F06": {"portal": "Cổng TTĐT", "visits": "13.042.570"},
    "F07": {
        "agency": "Bộ Tư pháp", "kpi_code": "KPI_DOSSIER_ONLINE_RATE", "value_as_printed": "97,67%",
        "source": "Báo", "published_on": "08/09/2022",
    },
    "F08": {
        "dossier_code": "H1", "procedure_code": "1.000001", "received_on": "01/08/2022",
        "channel": "trực tuyến", "state": "đang giải quyết",
    },
}  # fmt: skip
"""One row of each form that nothing is wrong with."""


def form_grid(
    catalogue: Catalogue,
    form_code: str,
    rows: Sequence[Mapping[str, Any]] | None = None,
    *,
    period: str | None = "Kỳ báo cáo: Tháng 8/2022",
    lines: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Grid:
    """A form's cells: its code, further lines, its header, its rows.

    Args:
        catalogue: says which columns the form has.
        form_code: the form.
        rows: cells by column name; one good row when not given.
        period: the period line; None for none.
        lines: further lines above the header.
        without: columns to leave out.
    """
    columns = [c for c in catalogue.columns_of(form_code) if c.column_name not in without]
    grid: Grid = [[f"Biểu mẫu: {form_code}"], *([line] for line in (period, *lines) if line), []]
    grid.append([column.header_vi for column in columns])
    for row in [GOOD_ROWS[form_code]] if rows is None else rows:
        grid.append([row.get(column.column_name) for column in columns])
    return grid


def save(file: Path, *sheets: Grid) -> Path:
    """Write sheets into a file of the kind its name says."""
    {
        ".xlsx": _save_xlsx, ".xls": _save_xls, ".csv": _save_csv, ".tsv": _save_tsv, ".ods": _save_ods,
        ".json": _save_json, ".parquet": _save_parquet, ".zip": _save_zip,
    }[file.suffix](file, sheets)  # fmt: skip
    return file


def _save_xlsx(file: Path, sheets: Sequence[Grid]) -> None:
    book = Workbook()
    book.remove(book.active)
    for number, grid in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Trang {number}")
        for row in grid:
            sheet.append(row)
    book.save(file)


def _save_xls(file: Path, sheets: Sequence[Grid]) -> None:
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for number, grid in enumerate(sheets, start=1):
        sheet = book.add_sheet(f"Trang {number}")
        for row_index, row in enumerate(grid):
            for column_index, cell in enumerate(row):
                if cell is not None:
                    style = [day] if isinstance(cell, date | datetime) else []
                    sheet.write(row_index, column_index, cell, *style)
    book.save(str(file))


def _save_csv(file: Path, sheets: Sequence[Grid]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(sheets[0])


def _save_tsv(file: Path, sheets: Sequence[Grid]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter="\t").writerows(sheets[0])


def _records(grid: Grid) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """What a form's lines say by their label, and its rows by their header."""
    lines, (header, *rows) = grid[: grid.index([])], grid[grid.index([]) + 1 :]
    said = dict(str(line[0]).split(": ", 1) for line in lines)
    return said, [dict(zip(header, row, strict=False)) for row in rows]


def _save_json(file: Path, sheets: Sequence[Grid]) -> None:
    said, rows = _records(sheets[0])
    content = json.dumps({**said, "du_lieu": rows}, ensure_ascii=False, default=str)
    file.write_text(content, encoding="utf-8")


def _save_parquet(file: Path, sheets: Sequence[Grid]) -> None:
    said, rows = _records(sheets[0])
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in rows[0]}
    for name, cells in columns.items():
        if len({type(cell) for cell in cells if cell is not None}) > 1:
            columns[name] = [None if cell is None else str(cell) for cell in cells]
    pq.write_table(pa.table(columns).replace_schema_metadata(said), file)


def _save_zip(file: Path, sheets: Sequence[Grid]) -> None:
    inside = save(file.with_suffix(".part.xlsx"), *sheets)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inside, f"{file.stem}.xlsx")
    inside.unlink()


def _save_ods(file: Path, sheets: Sequence[Grid]) -> None:
    def cell(value: Any) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        text = f"<text:p>{escape(str(value))}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'

    tables = "".join(
        f'<table:table table:name="Trang {number}">'
        + "".join(
            f"<table:table-row>{''.join(map(cell, row)) or cell(None)}</table:table-row>" for row in grid
        )
        + "</table:table>"
        for number, grid in enumerate(sheets, start=1)
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/"'
            ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
