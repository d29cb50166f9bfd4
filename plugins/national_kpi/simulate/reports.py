"""Figures an agency reports about itself: forms F01 and F03 to F06."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.agencies import in_scope
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Target
from national_kpi.periods import Period
from national_kpi.simulate.nation import Reporter
from national_kpi.simulate.vocabulary import OBSTACLES, PORTALS, PROPOSALS

_ONLINE = ("mức 3", "mức 4", "một phần", "toàn trình")
_SIZES = {
    "dịch vụ": 200, "thủ tục": 300, "hồ sơ": 20_000, "kết quả": 18_000, "báo cáo": 60,
    "phản ánh, kiến nghị": 80, "đơn vị hành chính cấp xã": 100,
}  # fmt: skip
_OTHER_SIZE = 12
_USUALLY_DUE = date(2022, 12, 31)
_NOT_DONE, _UNDER_WAY, _DONE = "chưa thực hiện", "đang thực hiện", "hoàn thành"


def elements(
    catalogue: Catalogue, reporter: Reporter, month: int, period: Period, f02: pa.Table, f03: pa.Table
) -> pa.Table:
    """Form F01: every data element the agency is asked for, in agreement with forms F02 and F03."""
    asked = [row for row in catalogue.data_elements if in_scope(row.reported_by, reporter.agency)]
    values = _summed(catalogue, "F03", f03) | _summed(catalogue, "F02", f02) | _counted(f02)
    # A level of service that no longer exists is not reported as zero.
    asked = [row for row in asked if values.get(row.element_code) != 0]
    for element in asked:
        _make_up(values, catalogue, reporter, month, period, element.element_code)
    return pa.table(
        {
            "stt": pa.array(range(1, len(asked) + 1), pa.int64()),
            "element_code": [row.element_code for row in asked],
            "element_name": [row.name_vi for row in asked],
            "unit": [row.unit for row in asked],
            "value": [values[row.element_code] for row in asked],
        }
    )


def _make_up(
    values: dict[str, int], catalogue: Catalogue, reporter: Reporter, month: int, period: Period, code: str
) -> None:
    """A value for an element that has none: a share of what it is part of, else one of its own."""
    if code in values:
        return
    element = next(row for row in catalogue.data_elements if row.element_code == code)
    is_flow = element.time_aggregation == "sum"
    random = reporter.random("F01", code, *([period.code] if is_flow else []))
    wholes = [row.part_of for row in catalogue.element_parts if row.element_code == code]
    if wholes:
        for whole in wholes:
            _make_up(values, catalogue, reporter, month, period, whole)
        share = min(1.0, reporter.digitisation * float(random.uniform(0.8, 1.1)) + 0.01 * month)
        values[code] = int(min(values[whole] for whole in wholes) * share)
    else:
        size = _SIZES.get(element.unit, _OTHER_SIZE) * reporter.weight
        values[code] = int((1 + random.poisson(size)) * (1 + reporter.growth) ** month)


def _summed(catalogue: Catalogue, form_code: str, rows: pa.Table) -> dict[str, int]:
    """Data elements that a form's columns hold: sums of numbers, counts of online services with a yes."""
    sums: dict[str, int] = defaultdict(int)
    for column in catalogue.columns_of(form_code):
        if column.element_code and column.column_name in rows.column_names:
            cells = rows[column.column_name]
            if column.data_type == "yes_no":
                cells = pc.and_(cells, pc.is_in(rows["service_level"], pa.array(_ONLINE)))
            sums[column.element_code] += int(pc.sum(cells.cast(pa.int64())).as_py() or 0)
    return sums


def _counted(f02: pa.Table) -> dict[str, int]:
    """Data elements that form F02 gives when its rows are counted."""
    level = f02["service_level"]
    online = pc.is_in(level, pa.array(_ONLINE))
    at_level4 = pc.equal(level, "mức 4")

    def count(condition: pa.ChunkedArray) -> int:
        return int(pc.sum(condition.cast(pa.int64())).as_py() or 0)

    def dossiers(column: str) -> int:
        return int(pc.sum(f02[column].filter(online)).as_py() or 0)

    return {
        "procedures_count": f02.num_rows,
        "procedures_level4_count": count(at_level4),
        "services_count": count(online),
        "services_level3_count": count(pc.equal(level, "mức 3")),
        "services_level4_count": count(at_level4),
        "services_partial_count": count(pc.equal(level, "một phần")),
        "services_full_process_count": count(pc.equal(level, "toàn trình")),
        "services_with_online_dossier_count": count(pc.and_(online, pc.greater(f02["dossiers_online"], 0))),
        "services_level4_with_dossier_count": count(pc.and_(at_level4, pc.greater(f02["dossiers_total"], 0))),
        "ops_dossiers_received_count": dossiers("dossiers_total"),
        "ops_dossiers_online_count": dossiers("dossiers_online"),
    }


class Resolution:
    """Form F03 month by month: what is pending at the end of one is carried into the next."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._pending: dict[str, int] = {}
        self._random = reporter.random("F03")

    def report(self, f02: pa.Table) -> pa.Table:
        """The next month: dossiers by field, in agreement with form F02."""
        sums = f02.group_by("field", use_threads=False).aggregate(
            [("dossiers_total", "sum"), ("dossiers_online", "sum")]
        )
        rows = [
            self._row(*values)
            for values in zip(*(sums[name].to_pylist() for name in sums.column_names), strict=True)
        ]
        numbered = [{"stt": number, **row} for number, row in enumerate(rows, start=1)]
        return pa.Table.from_pylist(numbered)

    def _row(self, field: str, total: int, online: int) -> dict[str, object]:
        random = self._random
        carried = self._pending.get(field, int(random.binomial(total, 0.15)))
        handled = total + carried
        late_share = 0.05 * (1 - self._reporter.digitisation)
        resolved = int(random.binomial(handled, 0.85))
        late = int(random.binomial(resolved, late_share))
        early = int(random.binomial(resolved - late, 0.6))
        pending = handled - resolved
        pending_late = int(random.binomial(pending, late_share))
        self._pending[field] = pending
        return {
            "field_or_unit": field,
            "received_total": handled,
            "received_online": online,
            "received_direct_postal": total - online,
            "received_carried": carried,
            "resolved_total": resolved,
            "resolved_early": early,
            "resolved_on_time": resolved - late - early,
            "resolved_late": late,
            "pending_total": pending,
            "pending_on_time": pending - pending_late,
            "pending_late": pending_late,
        }


def documents(reporter: Reporter, month: int, period: Period) -> pa.Table:
    """Form F04: documents of the agency itself and of the units the catalogue names."""
    random = reporter.random("F04", period.code)
    bodies = (reporter.agency, *reporter.units)
    size = 2500 * reporter.weight * (1 + reporter.growth) ** month / len(bodies)
    count = len(bodies)
    sent = 1 + random.poisson(size, count)
    electronic = random.binomial(sent, min(0.99, 0.8 + reporter.digitisation * 0.15))
    signed = random.binomial(electronic, min(0.99, 0.7 + reporter.digitisation * 0.25))
    files = random.poisson(size * 1.4, count)
    return pa.table(
        {
            "stt": np.arange(1, count + 1),
            "unit": [body.name_vi for body in bodies],
            "unit_id": [body.agency_id for body in bodies],
            "documents_sent": sent,
            "documents_sent_electronic": electronic,
            "documents_signed": signed,
            "documents_signed_wrong": random.binomial(electronic - signed, 0.3),
            "documents_received": random.poisson(size * 2, count),
            "documents_confidential": random.poisson(size * 0.02, count),
            "work_files_total": files,
            "work_files_online": random.binomial(files, min(0.98, 0.5 + reporter.digitisation * 0.4)),
        }
    )


def milestones(catalogue: Catalogue, reporter: Reporter, period: Period) -> pa.Table:
    """Form F05: the milestones given to the agency by then; what is done stays done."""
    targets = {
        target.kpi_code: target
        for target in catalogue.targets
        if target.is_to_be_done
        and (target.effective_from or period.end) <= period.end
        and in_scope(target.scope, reporter.agency, target.excluded_scope)
    }
    rows = [_milestone(reporter, period, target) for target in targets.values()]
    numbered = [{"stt": number, **row} for number, row in enumerate(rows, start=1)]
    return pa.Table.from_pylist(numbered)


def _milestone(reporter: Reporter, period: Period, target: Target) -> dict[str, object]:
    random = reporter.random("F05", target.kpi_code)
    due = target.deadline or _USUALLY_DUE
    done_on = max(due + timedelta(days=int(random.integers(-120, 400))), target.effective_from or date.min)
    planned = int(random.integers(3, 30))
    is_done = done_on <= period.end
    days_left = max(0, (done_on - period.end).days)
    is_begun = is_done or days_left < 300
    return {
        "milestone_code": target.kpi_code,
        "milestone_name": target.name_vi,
        "state": _DONE if is_done else _UNDER_WAY if is_begun else _NOT_DONE,
        "completed_on": done_on if is_done else None,
        "done_count": planned if is_done else max(0, planned - 1 - days_left // 15) if is_begun else 0,
        "planned_count": planned,
        "obstacle": None if is_done else str(random.choice(OBSTACLES)),
        "proposal": None if is_done else str(random.choice(PROPOSALS)),
        "evidence": f"{int(random.integers(10, 900))}/QĐ-{reporter.agency.agency_code}" if is_done else None,
    }


def visits(reporter: Reporter, month: int, period: Period) -> pa.Table:
    """Form F06: visits of the agency's portals."""
    random = reporter.random("F06", period.code)
    count = 1 + int(reporter.random("portals").integers(0, len(PORTALS)))
    size = 300_000 * reporter.weight * (1 + reporter.growth) ** month
    return pa.table(
        {
            "stt": np.arange(1, count + 1),
            "portal": [portal.format(name=reporter.agency.short_name_vi) for portal in PORTALS[:count]],
            "visits": [int(random.poisson(size / number)) for number in range(1, count + 1)],
        }
    )
