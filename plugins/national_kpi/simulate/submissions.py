"""Writing a nation's reports into the inboxes of a home, as agencies would send them."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.paths import Paths
from national_kpi.periods import Period
from national_kpi.simulate.figures import figures_of
from national_kpi.simulate.files import to_bytes
from national_kpi.simulate.layout import Grid, lay_out
from national_kpi.simulate.manifest import Simulated, simulated, write_manifest
from national_kpi.simulate.nation import Reporter, random_for
from national_kpi.simulate.planting import plant
from national_kpi.simulate.report import Report, report_of
from national_kpi.simulate.workers import each

_RECEIVED_AFTER = timedelta(days=5)
_BIG_FORM = {"F08": ".csv"}

Key = tuple[str, str, str]
"""Agency, form and period of a report."""


@dataclass(frozen=True)
class Order:
    """What was asked for.

    Attributes:
        forms: codes of the forms.
        dossiers: rows of form F08 for an agency of average size.
        error_rate: share of the files in which something is wrong.
        ending: the kind of all files; None for a mix.
        months_before: months reported before, by which figures have grown.
    """

    months: tuple[Period, ...]
    forms: tuple[str, ...]
    dossiers: int
    error_rate: float
    ending: str | None
    months_before: int = 0


def drop_submissions(
    catalogue: Catalogue, paths: Paths, nation: tuple[Reporter, ...], order: Order, workers: int
) -> list[Simulated]:
    """Write every report into its inbox, and the list of them into the home.

    Args:
        catalogue: holds agencies, forms and rules.
        paths: a home of simulated data.
        nation: who reports.
        order: what is to be written.
        workers: processes to use; the result does not depend on it.
    """
    wrong = _wrong_ones(nation, order)
    write = partial(_write_all, catalogue, paths, nation, order, wrong)
    entries = [entry for written in each(write, nation, workers) for entry in written]
    write_manifest(paths.home, entries)
    return entries


def _wrong_ones(nation: Sequence[Reporter], order: Order) -> frozenset[Key]:
    """Which reports have something wrong: exactly the share asked for, wherever the dice fall."""
    keys = [
        (reporter.agency.agency_id, form_code, month.code)
        for month in order.months
        for reporter in nation
        if reporter.agency.valid_on(month.end)
        for form_code in order.forms
    ]
    seed = nation[0].seed if nation else 0
    places = random_for(seed, "wrong").permutation(len(keys))[: round(len(keys) * order.error_rate)]
    return frozenset(keys[place] for place in places)


def _write_all(
    catalogue: Catalogue,
    paths: Paths,
    nation: tuple[Reporter, ...],
    order: Order,
    wrong: Collection[Key],
    reporter: Reporter,
) -> list[Simulated]:
    """Write all reports of one agency."""
    entries = []
    figures = figures_of(catalogue, reporter, order.months, order.forms, order.dossiers, order.months_before)
    for month, form_code, rows in figures:
        ending = order.ending or _BIG_FORM.get(form_code)
        report = report_of(catalogue, reporter, month, form_code, rows, ending)
        if (reporter.agency.agency_id, form_code, month.code) in wrong:
            plant(catalogue, report, nation)
        entries.append(_write(catalogue, paths, report))
    return entries


def _write(catalogue: Catalogue, paths: Paths, report: Report) -> Simulated:
    grid = lay_out(report)
    content = to_bytes(grid, report.habits.ending)
    inbox = paths.inbox(report.reporter.folder)
    inbox.mkdir(parents=True, exist_ok=True)
    paths.receipts(report.reporter.folder).mkdir(exist_ok=True)
    file = inbox / report.file_name
    partial_file = inbox / f".{report.file_name}.part"
    partial_file.write_bytes(content[: int(len(content) * report.bytes_kept)])
    sent = received_at(report.period).timestamp()
    os.utime(partial_file, (sent, sent))
    partial_file.rename(file)
    return simulated(catalogue, report, str(file.relative_to(paths.home)), _addresses(report, grid))


def _addresses(report: Report, grid: Grid) -> list[str | None]:
    return [
        grid.address(one.column_name, one.row) if one.column_name and one.row is not None else None
        for one in report.planted
    ]


def received_at(period: Period) -> datetime:
    """When the reports of a period arrive."""
    return datetime.combine(period.end + _RECEIVED_AFTER, time(8), HANOI)
