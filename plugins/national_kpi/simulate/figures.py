"""All figures of one agency, month by month, in the shape of the catalogue's forms."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from national_kpi.catalogue import Catalogue
from national_kpi.lake import lake_schema
from national_kpi.periods import Period
from national_kpi.simulate.nation import Reporter
from national_kpi.simulate.reports import Resolution, documents, elements, milestones, visits
from national_kpi.simulate.services import Services

FORMS = ("F01", "F02", "F03", "F04", "F05", "F06", "F08")
"""The forms whose figures can be made up."""


def figures_of(
    catalogue: Catalogue,
    reporter: Reporter,
    months: Sequence[Period],
    forms: Sequence[str],
    dossiers: int,
    months_before: int = 0,
) -> Iterator[tuple[Period, str, pa.Table]]:
    """The rows of every form of every month, the months in order.

    Args:
        catalogue: says which columns a form has.
        reporter: whose figures.
        months: consecutive months.
        forms: codes out of `FORMS`.
        dossiers: rows of form F08 for an agency of average size.
        months_before: months that figures have grown for before the first of these.

    Yields:
        The month, the form's code and its rows, typed as the lake has them, without the envelope.
    """
    services, resolution = Services(reporter), Resolution(reporter)
    for number, month in enumerate(months, start=months_before):
        if not reporter.agency.valid_on(month.end):
            continue
        f02 = services.report(number, month)
        f03 = resolution.report(f02) if {"F01", "F03"} & set(forms) else pa.table({})
        for form_code in forms:
            match form_code:
                case "F01":
                    rows = elements(catalogue, reporter, number, month, f02, f03)
                case "F02":
                    rows = f02
                case "F03":
                    rows = f03
                case "F04":
                    rows = documents(reporter, number, month)
                case "F05":
                    rows = milestones(catalogue, reporter, month)
                case "F06":
                    rows = visits(reporter, number, month)
                case _:
                    rows = services.dossiers(number, month, dossiers)
            yield month, form_code, _typed(catalogue, form_code, rows)


def _typed(catalogue: Catalogue, form_code: str, rows: pa.Table) -> pa.Table:
    """The form's own columns in the lake's types; what no figures were made for is empty."""
    own = {column.column_name for column in catalogue.columns_of(form_code)}
    fields = [
        field
        for field in lake_schema(catalogue, form_code)
        if field.name in own or field.name.removesuffix("_id") in own
    ]
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in fields
    ]
    return pa.table(columns, schema=pa.schema(fields))
