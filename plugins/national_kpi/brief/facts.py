"""What a brief rests on: the rows of one snapshot about one period, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from national_kpi.errors import BriefError
from national_kpi.warehouse.sql import select_rows

Row = Mapping[str, Any]

NATION = "VN"
GROUPS = {"ministry": "Bộ, cơ quan ngang bộ", "province": "Tỉnh, thành phố"}
"""The groups that are ranked, each by itself."""

_GAPS = """
    select gaps.*, kpis.sort_order
    from fct_kpi_gap as gaps
    inner join (
        select kpi_code, row_number() over (order by not is_headline_kpi, kpi_code) as sort_order
        from dim_kpi
    ) as kpis on gaps.kpi_code = kpis.kpi_code
    where gaps.period_code = ? and gaps.basis = 'reported' and gaps.is_primary
    order by kpis.sort_order, gaps.kpi_code, gaps.agency_code, gaps.agency_id
"""
_RANKS = """
    select ranks.*, kpis.is_headline_kpi
    from fct_kpi_rank as ranks
    inner join dim_kpi as kpis on ranks.kpi_code = kpis.kpi_code
    where ranks.period_code = ? and ranks.basis = 'reported' and ranks.rank is not null
    order by not kpis.is_headline_kpi, ranks.kpi_code, ranks.rank_group, ranks.rank, ranks.agency_code,
        ranks.agency_id
"""
_MILESTONES = """
    select *
    from fct_milestone_status
    where agency_kind <> 'collective'
    order by days_late desc nulls last, due_on, target_id, agency_code, agency_id
"""
_FINDINGS = """
    select severity, severity_vi, agency_code, agency_name_vi, message_vi, found, evidence, rule_id
    from fct_finding
    where state = 'open' and period_code = ?
    order by case severity when 'block' then 1 when 'warn' then 2 else 3 end, agency_code, rule_id, place_key,
        first_seen_on
"""
_OBLIGATIONS = """
    select agency_id, agency_code, agency_name_vi, agency_kind, form_code, form_name_vi, period_code, due_on,
        state, state_vi, is_received, days_late
    from fct_obligation_status
    where due_on <= ?
    order by agency_code, agency_id, form_code, due_on, period_code
"""
_RESTATEMENTS = """
    select *
    from fct_restatement
    where basis = 'reported' and as_of > ? and as_of <= ? and is_value_changed
    order by kpi_code, agency_code, agency_id, period_end, period_start, period_code, previous_publication_id
"""
_USUAL_PERIOD = """
    select period_code
    from fct_kpi_gap
    inner join dim_period using (period_code)
    where
        fct_kpi_gap.is_headline_kpi and fct_kpi_gap.value is not null and fct_kpi_gap.basis = 'reported'
        and dim_period.period_known and dim_period.period_end <= ?
    group by period_code, dim_period.period_end
    order by dim_period.period_end desc, count(*) desc, period_code
    limit 1
"""


@dataclass(frozen=True)
class Facts:
    """The rows a brief is made from.

    Attributes:
        as_of: the day the snapshot looks from.
        period: the row of `dim_period`.
        kpis: indicators by code, headline ones first.
        gaps: values, or their absence, against their primary target.
        ranks: ranked agencies by indicator, group and rank.
        milestones: where each agency stands on each milestone, latest first.
        findings: open doubts about the period's figures, gravest first.
        obligations: reports due by the day the snapshot looks from.
        restatements: published values that have changed since the last brief.
        submissions: accepted files by their id.
    """

    as_of: date
    period: Row
    kpis: Mapping[str, Row]
    gaps: Sequence[Row]
    ranks: Sequence[Row]
    milestones: Sequence[Row]
    findings: Sequence[Row]
    obligations: Sequence[Row]
    restatements: Sequence[Row]
    submissions: Mapping[str, Row]

    @property
    def national(self) -> list[Row]:
        """The nation's rows of headline indicators, with a value or without, and of others with a target."""
        return [
            row
            for row in self.gaps
            if row["agency_code"] == NATION
            and (row["is_headline_kpi"] or (has_value(row) and row["target_id"]))
        ]

    def ranked(self, kpi_code: str, group: str) -> list[Row]:
        """The ranking of one indicator in one group."""
        return [row for row in self.ranks if row["kpi_code"] == kpi_code and row["rank_group"] == group]

    def gap_of(self, kpi_code: str, agency_id: str) -> Row | None:
        """One agency's value against its target."""
        found = (row for row in self.gaps if row["kpi_code"] == kpi_code and row["agency_id"] == agency_id)
        return next(found, None)


def has_value(row: Row) -> bool:
    """Whether a row of `fct_kpi_gap` or `fct_kpi_rank` has a value, be it a bound."""
    return any(row.get(column) is not None for column in ("value", "value_low", "value_high"))


def usual_period(database: Path, as_of: date) -> str:
    """The latest period that has ended and of which headline indicators are known.

    Raises:
        BriefError: there is none.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = select_rows(connection, _USUAL_PERIOD, [as_of])
    if not rows:
        raise BriefError(
            f"no period has figures of a headline indicator by {as_of}",
            where=str(database),
            remedy="name one with --period, or look from a later day",
        )
    code: str = rows[0]["period_code"]
    return code


def read_facts(database: Path, *, as_of: date, period_code: str, since: date | None) -> Facts:
    """Read a snapshot.

    Args:
        database: a snapshot or a build that looks from `as_of`.
        as_of: the day it looks from.
        period_code: the period the brief is about.
        since: the day the last brief looks from; restatements after it are told.

    Raises:
        BriefError: the snapshot knows no such period.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        periods = select_rows(connection, "select * from dim_period where period_code = ?", [period_code])
        if not periods:
            raise BriefError(
                f"nothing is known of the period {period_code} by {as_of}",
                where=str(database),
                remedy="`kpi gaps` shows which periods have figures",
            )
        return Facts(
            as_of=as_of,
            period=periods[0],
            kpis={
                row["kpi_code"]: row
                for row in select_rows(
                    connection, "select * from dim_kpi order by not is_headline_kpi, kpi_code"
                )
            },
            gaps=select_rows(connection, _GAPS, [period_code]),
            ranks=select_rows(connection, _RANKS, [period_code]),
            milestones=select_rows(connection, _MILESTONES),
            findings=select_rows(connection, _FINDINGS, [period_code]),
            obligations=select_rows(connection, _OBLIGATIONS, [as_of]),
            restatements=select_rows(connection, _RESTATEMENTS, [since, as_of]) if since else [],
            submissions={
                row["submission_id"]: row for row in select_rows(connection, "select * from fct_submission")
            },
        )
