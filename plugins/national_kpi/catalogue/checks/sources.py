"""What must hold for the sources that reports are pulled from."""

from collections.abc import Iterator

from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.tables import Agency, Form, FormColumn, Source, SourceField

PERIOD = "period"
"""What a field may fill beside the columns of the form: the period a record speaks of."""
PUBLISHED_ON = "published_on"
"""The column of published figures that tells when; their files need no other period."""

_OF_RECORDS = ("form_code", "records_path", "page_style", "page_path", "page_parameter")
_PAGING = {
    None: (),
    "next_link": ("page_path",),
    "page_number": ("page_parameter",),
    "cursor": ("page_path", "page_parameter"),
}


def check_sources(tables: Tables) -> Iterator[Problem]:
    """A source says what its kind needs and no more, and fills a form that its agency may send."""
    forms = {placed.row.form_code: placed.row for placed in tables.of(Form)}
    publishers = {placed.row.agency_code for placed in tables.of(Agency) if placed.row.may_publish}
    for placed in tables.of(Source):
        source = placed.row
        if source.kind == "http_json":
            yield from _about_records(tables, placed)
        else:
            yield from _about_files(placed)
        form = forms.get(source.form_code or "")
        if form and form.source == "published" and source.agency_code not in publishers:
            what = f"{source.agency_code} may not publish, so {form.form_code} would be refused"
            yield problem(placed, "agency_code", what, "choose an agency with may_publish")


def check_source_fields(tables: Tables) -> Iterator[Problem]:
    """A field of a source fills a column of its form, from the record or with a constant."""
    columns = {(placed.row.form_code, placed.row.column_name) for placed in tables.of(FormColumn)}
    sources = {placed.row.source_id: placed.row for placed in tables.of(Source)}
    for placed in tables.of(SourceField):
        field, source = placed.row, sources.get(placed.row.source_id)
        if source and source.kind != "http_json":
            what = f"{source.source_id} is of kind {source.kind}, whose files are taken as they are"
            yield problem(placed, "source_id", what, "remove the row")
        elif source and FormColumn not in tables.broken:
            known = field.column_name == PERIOD or (source.form_code, field.column_name) in columns
            if source.form_code and not known:
                what = f"{source.form_code} has no column {field.column_name!r}"
                yield problem(placed, "column_name", what, f"write a column of the form, or {PERIOD}")
        if (field.field_path is None) == (field.constant is None):
            what = "needs either a field_path or a constant"
            yield problem(placed, "field_path", what, "fill in one of the two")


def _about_records(tables: Tables, placed: Placed[Source]) -> Iterator[Problem]:
    """What a source of records needs: a form, all it requires, a period, and a way from page to page."""
    source = placed.row
    if source.form_code is None:
        yield problem(placed, "form_code", "an API without form_code", "say which form its records fill")
    if source.pattern is not None:
        yield problem(placed, "pattern", "an API with a pattern", "leave it empty")
    for name in ("page_path", "page_parameter"):
        is_needed = name in _PAGING[source.page_style]
        if is_needed != (getattr(source, name) is not None):
            style = source.page_style or "no page_style"
            what = f"{style} {'without' if is_needed else 'with'} {name}"
            yield problem(placed, name, what, "fill it in" if is_needed else "leave it empty")
    if {FormColumn, SourceField} & tables.broken:
        return
    filled = {one.row.column_name for one in tables.of(SourceField) if one.row.source_id == source.source_id}
    columns = [one.row for one in tables.of(FormColumn) if one.row.form_code == source.form_code]
    for column in columns:
        if column.is_required and column.column_name not in filled:
            what = f"nothing fills the required column {column.column_name!r}"
            yield problem(placed, "source_id", what, "add it to source_fields.csv")
    is_published = any(column.column_name == PUBLISHED_ON for column in columns)
    if columns and not is_published and PERIOD not in filled:
        what = "nothing tells the period of a record"
        yield problem(placed, "source_id", what, f"add a field {PERIOD} to source_fields.csv")


def _about_files(placed: Placed[Source]) -> Iterator[Problem]:
    """A source of files says by what names it knows them; the files say everything else."""
    source = placed.row
    if source.pattern is None:
        yield problem(placed, "pattern", f"a {source.kind} source without pattern", "write *.xlsx, say")
    for column in _OF_RECORDS:
        if getattr(source, column) is not None:
            what = f"a {source.kind} source with {column}"
            yield problem(placed, column, what, "leave it empty: the files are taken as they are")
