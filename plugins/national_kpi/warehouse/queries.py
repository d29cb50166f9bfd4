"""Questions asked of a snapshot: gaps, ranks, findings. Each answer is a list of rows."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from national_kpi.errors import NotPublishedError
from national_kpi.paths import Paths
from national_kpi.warehouse.sql import select_rows

Row = dict[str, Any]

_DIMENSIONS = {
    "kpi_code": "select 1 as found from dim_kpi",
    "agency_code": "select 1 as found from dim_agency",
    "period_code": "select 1 as found from dim_period",
    "rule_id": "select 1 as found from dim_rule",
}


def current_snapshot(paths: Paths) -> Path:
    """The DuckDB file readers see now.

    Raises:
        NotPublishedError: nothing has been published.
    """
    if not paths.current_snapshot.is_file():
        raise NotPublishedError(
            "nothing has been published yet",
            where=str(paths.current_snapshot),
            remedy="run `kpi build`, then `kpi publish` (or `make up`)",
        )
    return paths.current_snapshot.resolve()


def gaps(
    database: Path,
    *,
    kpi_code: str | None = None,
    agency_code: str | None = None,
    period_code: str | None = None,
    basis: str = "reported",
) -> list[Row]:
    """Values against their primary target: a row per agency in scope, KPI and period, those without data too.

    Args:
        database: a snapshot or a build.
        kpi_code: one KPI only.
        agency_code: one agency only, whatever its validity.
        period_code: one period only.
        basis: `reported` for the agencies of the time, `current` for those of today.
    """
    return _select(
        database,
        """
        select
            agency_code, agency_name_vi as agency_name, kpi_code, period_code, numerator, denominator, value,
            value_as_printed, bound, target_operator, target_value, gap_pp, gap_units, status, target_id,
            basis, source, legal_basis, status_reason, gap_units_text_vi as gap_units_text, deadline,
            expected_value, required_pace_per_30_days, observed_pace_per_30_days, projected_value,
            projection_method, projected_status, baseline_value, baseline_period_code, made_from, parts_count,
            parts_expected, weight_coverage_pct, series_segment, is_corrected
        from fct_kpi_gap
        """,
        {
            "is_primary": True,
            "basis": basis,
            "kpi_code": kpi_code,
            "agency_code": agency_code,
            "period_code": period_code,
        },
        order="period_end, kpi_code, agency_kind, agency_code, agency_id, period_code",
    )


def rank(database: Path, *, kpi_code: str, period_code: str, kind: str, basis: str = "reported") -> list[Row]:
    """The ranking of ministries or provinces, those not ranked last, with the reason.

    Args:
        database: a snapshot or a build.
        kpi_code: the KPI.
        period_code: the period.
        kind: `ministry` (ministries and ministry-level agencies) or `province`.
        basis: `reported` or `current`.
    """
    return _select(
        database,
        """
        select
            rank, agency_code, agency_name_vi as agency_name, kpi_code, period_code, value,
            value_text_vi as value_text, is_tied, ranked_count, in_scope_count,
            not_ranked_reason_vi as not_ranked_reason, scope_note_vi as scope_note, basis, source,
            denominator, ranked_weight_pct, coverage_vi as coverage, not_ranked_reason as not_ranked_code
        from fct_kpi_rank
        """,
        {"kpi_code": kpi_code, "period_code": period_code, "rank_group": kind, "basis": basis},
        order="rank nulls last, agency_code, agency_id",
    )


def findings(
    database: Path,
    *,
    agency_code: str | None = None,
    period_code: str | None = None,
    rule_id: str | None = None,
    state: str | None = None,
) -> list[Row]:
    """Doubts about what was reported, whether intake or the models have them.

    Args:
        database: a snapshot or a build.
        agency_code: about one agency only, whatever its validity.
        period_code: about one period only.
        rule_id: of one rule only.
        state: `open`, `explained`, `waived` or `closed`; None for all that are not closed.
    """
    return _select(
        database,
        """
        select
            finding_key, rule_id, severity, category, agency_code, agency_name_vi as agency_name, form_code,
            kpi_code, element_code, period_code, file_name, sheet, row_number, column_name, cell, found,
            expected, evidence, message_vi as message, mend_vi as mend, state, first_seen_on, closed_on,
            age_days, settled_by, settled_on, reason, expires_on, submission_id
        from fct_finding
        """,
        {
            "agency_code": agency_code,
            "period_code": period_code,
            "rule_id": rule_id,
            "state": state,
            "(closed_on is not null)": None if state else False,
        },
        order="agency_code, file_name, sheet, row_number, rule_id, finding_key",
    )


def findings_by_key(database: Path, beginning: str) -> list[Row]:
    """The findings whose key begins so, at most two of them.

    Args:
        database: a snapshot or a build.
        beginning: a key, or its first characters.
    """
    return _select(
        database,
        """
        select
            finding_key, rule_id, severity, agency_id, agency_code, period_code, found, evidence, state,
            closed_on
        from fct_finding
        """,
        {f"left(finding_key, {len(beginning)})": beginning},
        order="finding_key limit 2",
    )


def knows(database: Path, **code: str) -> bool:
    """Whether a snapshot has a code.

    Args:
        database: the snapshot.
        code: one of `kpi_code`, `agency_code`, `period_code` and `rule_id`, with the code.
    """
    ((column, _),) = code.items()
    return bool(_select(database, _DIMENSIONS[column], code, order="found"))


def looks_from(database: Path) -> date:
    """The day a snapshot looks from."""
    (row,) = _select(database, "select as_of from publication", {}, order="as_of")
    day: date = row["as_of"]
    return day


def _select(database: Path, query: str, equals: dict[str, Any], *, order: str) -> list[Row]:
    """Run a query with a condition for every column that has a value to equal."""
    wanted = {column: value for column, value in equals.items() if value is not None}
    conditions = " and ".join(f"{column} = ?" for column in wanted) or "true"
    with duckdb.connect(str(database), read_only=True) as connection:
        return select_rows(connection, f"{query} where {conditions} order by {order}", list(wanted.values()))
