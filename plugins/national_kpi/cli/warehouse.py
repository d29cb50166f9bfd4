"""`kpi build`, `kpi publish` and the questions asked of what is published."""

from enum import StrEnum
from typing import Annotated

import typer

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.snapshot import AsJson, AsOf, OneAgency, OnePeriod, check_codes, platform, published
from national_kpi.clock import now
from national_kpi.warehouse import queries
from national_kpi.warehouse.asked import database_for
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import OvertakenError, publish
from national_kpi.warehouse.trace import trace

GAP_COLUMNS = (
    "agency_code", "agency_name", "kpi_code", "period_code", "value", "target_value", "gap_pp", "status",
    "gap_units_text", "required_pace_per_30_days", "projected_value", "projected_status",
)  # fmt: skip
RANK_COLUMNS = (
    "rank", "agency_code", "agency_name", "value_text", "is_tied", "not_ranked_reason", "coverage",
)  # fmt: skip
TRACE_COLUMNS = (
    "step", "agency_code", "code", "period_code", "source", "value", "numerator", "denominator", "file_name",
    "sheet", "row_number", "legal_basis", "note",
)  # fmt: skip


class Basis(StrEnum):
    """Whose structure values are shown by."""

    REPORTED = "reported"
    CURRENT = "current"


class RankKind(StrEnum):
    """Which agencies are ranked with each other."""

    MINISTRY = "ministry"
    PROVINCE = "province"


KpiCode = Annotated[str, typer.Option("--kpi", help="Indicator code, such as KPI_DOSSIER_ONLINE_RATE.")]
OneKpi = Annotated[str | None, typer.Option("--kpi", help="One indicator only.")]
AgencyCode = Annotated[str, typer.Option("--agency", help="Agency code, such as G13; all its validities.")]
PeriodCode = Annotated[str, typer.Option("--period", help="Period code, such as 2022-01-01..2022-08-22.")]
BasisOption = Annotated[Basis, typer.Option("--basis", help="Agencies of that time, or those of today.")]


@app.command(name="build")
def build_command(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Compute and test all values from what was accepted. Readers see nothing of it before `kpi publish`."""
    settings, paths, engine = platform()
    moment = now()
    result = build(
        paths,
        engine,
        as_of=as_of.date() if as_of else moment.date(),
        now=moment,
        spark_master=settings.spark_master,
    )
    rows = [
        {
            "build_id": result.build_id, "as_of": result.as_of, "seconds": result.seconds["dbt"],
            "database": str(result.duckdb_path), "fingerprint": result.fingerprint,
        }
    ]  # fmt: skip
    show(rows, ("build_id", "as_of", "seconds", "database"), as_json=as_json, title="Build")


@app.command(name="publish")
def publish_command(
    build_id: Annotated[
        str | None, typer.Argument(help="Which build; the newest of today by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Give readers a build, whole and at once.

    Exit status 0: published; 1: a newer build is published already; 2: there is nothing to publish.
    """
    settings, paths, engine = platform()
    try:
        result = publish(settings, paths, engine, build_id=build_id, now=now())
    except OvertakenError as error:
        typer.echo(f"kpi: {error}", err=True)
        raise typer.Exit(1) from error
    rows = [
        {
            "publication_id": result.publication_id, "build_id": result.build_id, "as_of": result.as_of,
            "snapshot": str(result.snapshot), "fingerprint": result.fingerprint,
        }
    ]  # fmt: skip
    show(rows, ("publication_id", "build_id", "as_of", "snapshot"), as_json=as_json, title="Publication")


@app.command()
def gaps(
    kpi: OneKpi = None,
    agency: OneAgency = None,
    period: OnePeriod = None,
    basis: BasisOption = Basis.REPORTED,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show values against targets, with a row for every agency in scope that has no data.

    A period that is not published, but that months can make, is made for the question.

    Exit status 0: here they are, be it none; 2: nothing is published, or a code nobody knows.
    """
    _, paths, engine = platform()
    day = as_of.date() if as_of else None
    database = database_for(paths, engine, as_of=day, period_code=period, now=now())
    check_codes(database, kpi=kpi, agency=agency, period=period)
    rows = queries.gaps(database, kpi_code=kpi, agency_code=agency, period_code=period, basis=basis.value)
    show(rows, GAP_COLUMNS, as_json=as_json, title="Gaps")


@app.command()
def rank(
    kpi: KpiCode,
    period: PeriodCode,
    kind: Annotated[RankKind, typer.Option("--kind", help="Who is ranked.")],
    basis: BasisOption = Basis.REPORTED,
    as_json: AsJson = False,
) -> None:
    """Rank ministries or provinces, saying among how many and why some are not ranked.

    Exit status 0: here they are, be it none; 2: nothing is published, or a code nobody knows.
    """
    database = published()
    check_codes(database, kpi=kpi, period=period)
    rows = queries.rank(database, kpi_code=kpi, period_code=period, kind=kind.value, basis=basis.value)
    show(rows, RANK_COLUMNS, as_json=as_json, title=f"{kpi} {period}")


@app.command(name="trace")
def trace_command(
    kpi: KpiCode,
    agency: AgencyCode,
    period: PeriodCode,
    basis: BasisOption = Basis.REPORTED,
    depth: Annotated[
        int | None,
        typer.Option("--depth", min=0, help="How far to follow values; all the way by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what stands behind one value: the values it is made from, down to files and rows, and its targets.

    Exit status 0: it is traced; 1: there is no such value; 2: nothing is published, or a code nobody knows.
    """
    database = published()
    check_codes(database, kpi=kpi, agency=agency, period=period)
    rows = trace(
        database, kpi_code=kpi, agency_code=agency, period_code=period, basis=basis.value, max_depth=depth
    )
    shown = rows if as_json else [_indented(row) for row in rows]
    show(shown, TRACE_COLUMNS, as_json=as_json, title=f"{kpi} {agency} {period}")
    raise typer.Exit(0 if rows else 1)


def _indented(row: queries.Row) -> queries.Row:
    code = row["element_code"] or row["target_id"] or row["kpi_code"]
    return row | {"step": "  " * row["depth"] + row["step"], "code": code}
