"""Which of a file's sheets hold which form, and whether all of its columns are there."""

from collections.abc import Iterator, Sequence

from national_kpi.catalogue import Catalogue
from national_kpi.intake.cells import address
from national_kpi.intake.forms import FormFinder, Table, header_texts
from national_kpi.intake.header import read_heading
from national_kpi.intake.outcomes import FINDINGS_SHEET
from national_kpi.intake.problems import Noticed, problem
from national_kpi.intake.sheets import Sheet
from national_kpi.intake.text import fold, shorten

_SEARCHED_ROWS = 60


def find_tables(
    catalogue: Catalogue, finder: FormFinder, sheets: Sequence[Sheet], named: str | None
) -> tuple[list[Table], list[Noticed]]:
    """The tables of one form: the form the file says it is, else the one whose header fits best.

    Args:
        catalogue: names the forms.
        finder: finds a form in a sheet.
        sheets: all sheets of the file; hidden ones are not read, nor a marked workbook's list of findings.
        named: the form the file's name says it is.

    Returns:
        The tables, in the order of the sheets (none when no form is recognised), and what was noticed.
    """
    visible = [sheet for sheet in sheets if not sheet.is_hidden and sheet.name != FINDINGS_SHEET]
    found = {sheet.name: table for sheet in visible if (table := finder.find(sheet))}
    said = (_said(catalogue, sheet, found.get(sheet.name)) for sheet in visible)
    form_code = next((code for code in said if code), None) or named
    if form_code is None and found:
        form_code = min(found.values(), key=lambda table: len(table.missing(catalogue))).form_code
    known = {form.form_code for form in catalogue.forms}
    own = [
        table
        for sheet in visible
        if form_code in known and (table := finder.find(sheet, form_code)) is not None
    ]
    if not own:
        return [], [_unknown_form(catalogue, visible, form_code)]
    taken = {table.sheet.name for table in own}
    others = [table for name, table in found.items() if name not in taken and not table.missing(catalogue)]
    hidden = [sheet for sheet in sheets if sheet.is_hidden and finder.find(sheet, form_code)]
    return own, [
        *(problem("FORM-04", {"form": table.form_code}, sheet=table.sheet.name) for table in others),
        *(problem("FORM-07", {"form": form_code}, sheet=sheet.name) for sheet in hidden),
    ]


def _said(catalogue: Catalogue, sheet: Sheet, table: Table | None) -> str | None:
    """The form a sheet says it is: by a line `Biểu mẫu: F07`, else by the form's title."""
    top = table.top if table else min(sheet.height, _SEARCHED_ROWS)
    if code := read_heading(sheet, top).form_code:
        return code
    lines = {fold(cell) for row in sheet.rows(top) for cell in row if isinstance(cell, str)}
    titled = (
        form.form_code
        for form in catalogue.forms
        if lines & {fold(title) for title in (form.name_vi, *form.title_texts)}
    )
    return next(titled, None)


def _unknown_form(catalogue: Catalogue, sheets: Sequence[Sheet], form_code: str | None) -> Noticed:
    seen = ", ".join(header_texts(sheets)) or "không thấy hàng tiêu đề cột nào"
    forms = "; ".join(f"{form.form_code} – {form.name_vi}" for form in catalogue.forms)
    return problem(
        "FORM-01",
        found=f"{form_code}: {seen}" if form_code else seen,
        expected=f"một trong các biểu mẫu: {forms}",
    )


def check_columns(catalogue: Catalogue, table: Table) -> Iterator[Noticed]:
    """Required columns that are missing, columns that are there twice, columns the form does not have."""
    headers = {column.column_name: column.header_vi for column in catalogue.columns_of(table.form_code)}
    bottom = table.top + table.height - 1
    sheet, row_number = table.sheet.name, bottom + 1
    others = ", ".join(text for text, _ in table.ignored)
    for column in table.missing(catalogue):
        yield problem(
            "FORM-02",
            {"header": column.header_vi, "form": table.form_code},
            sheet=sheet,
            row_number=row_number,
            column_name=column.column_name,
            found=others or None,
            expected=shorten(f"cột “{column.header_vi}”"),
        )
    for name, position in table.doubled:
        yield problem(
            "FORM-03",
            {"header": headers[name]},
            sheet=sheet,
            row_number=row_number,
            column_name=name,
            cell=address(bottom, position),
        )
    for text, position in table.ignored:
        if position == table.explanations:
            continue
        yield problem(
            "FORM-05", sheet=sheet, row_number=row_number, cell=address(bottom, position), found=text
        )
