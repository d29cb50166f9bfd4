"""Figures about services: form F02, one row a service, and form F08, one row a dossier."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.periods import Period
from national_kpi.simulate.nation import Reporter, random_for
from national_kpi.simulate.vocabulary import ACTS, FIELDS

LEVELS_END = date(2022, 8, 15)
"""From this day (Decree 42/2022/NĐ-CP) services are told by how much of them is online, not by level."""

_OLD_LEVELS = ("chưa cung cấp", "mức 1", "mức 2", "mức 3", "mức 4")
_NEW_LEVELS = ("chưa cung cấp", "chưa cung cấp", "chưa cung cấp", "một phần", "toàn trình")
_CHANNELS = ("trực tuyến", "trực tiếp", "bưu chính công ích")
_OPEN, _DONE, _REFUSED, _WITHDRAWN = "đang giải quyết", "đã giải quyết", "từ chối", "rút hồ sơ"
_DOSSIERS_A_SERVICE = 40.0
_EPOCH = date(1970, 1, 1)

_PROCEDURES = [
    (field, f"{act} {thing}") for field, things in FIELDS.items() for thing in things for act in ACTS
]

Numbers = np.ndarray[Any, np.dtype[Any]]


class Services:
    """The services of one agency. They stay the same from month to month; their use grows."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        random = reporter.random("services")
        count = reporter.services
        # Provinces offer the same procedures under the same codes; bodies of the state have their own.
        is_local = reporter.agency.kind == "province"
        scope = "province" if is_local else reporter.agency.agency_code
        known = random_for(reporter.seed, scope, "procedures").integers(0, len(_PROCEDURES), count)
        self._codes = _codes(scope, count)
        names = pa.array([name for _, name in _PROCEDURES])
        fields = pa.array([field for field, _ in _PROCEDURES])
        order = np.argsort(known, kind="stable")  # as lists are sent: sorted by field
        self._names, self._fields = names.take(pa.array(known[order])), fields.take(pa.array(known[order]))
        self._readiness = random.random(count)
        self._traits = random.random((6, count))
        self._volume = random.lognormal(sigma=1.4, size=count) * _DOSSIERS_A_SERVICE
        units = reporter.units or (reporter.agency,)
        chosen = pa.array(np.sort(random.integers(0, len(units), count)))
        self._units = pa.array([unit.name_vi for unit in units]).take(chosen)
        self._unit_ids = pa.array([unit.agency_id for unit in units]).take(chosen)

    def report(self, month: int, period: Period) -> pa.Table:
        """Form F02 of a month.

        Args:
            month: how many months since the first.
            period: the month itself.
        """
        random = self._reporter.random("F02", period.code)
        count = self._reporter.services
        digitised = min(0.98, self._reporter.digitisation + 0.01 * month)
        steps = np.searchsorted([0.05, 0.1, 0.4, 0.7], digitised - self._readiness + 0.35)
        is_online = steps >= 3
        growth = (1 + self._reporter.growth) ** month
        total = random.poisson(self._volume * growth)
        pays_online = is_online & (self._traits[3] < digitised * 0.6)
        is_free = (steps == 4) & ~pays_online  # else paying would be the only step not online
        share = np.where(is_online, np.clip(digitised * (0.5 + self._traits[0]), 0, 0.97), 0)
        online = random.binomial(total, share)
        postal = random.binomial(total - online, 0.08)
        levels = _OLD_LEVELS if period.end < LEVELS_END else _NEW_LEVELS
        return pa.table(
            {
                "stt": np.arange(1, count + 1),
                "procedure_code": self._codes,
                "procedure_name": self._names,
                "field": self._fields,
                "service_level": pa.array(levels).take(pa.array(steps)),
                "on_national_portal": is_online & (self._traits[1] < digitised),
                "dossiers_total": total,
                "dossiers_online": online,
                "dossiers_postal": postal,
                "e_dossier": is_online & (self._traits[2] < digitised * 0.8),
                "online_payment": pays_online,
                "mobile_signing": is_online & (self._traits[4] < digitised * 0.2),
                "uses_business_registry": is_online & (self._traits[5] < 0.05),
                "digitised": self._readiness < digitised * 0.5,
                "unit": self._units,
                "unit_id": self._unit_ids,
                "note": pa.array([None, "Không thu phí, lệ phí"]).take(pa.array(is_free.astype(np.int8))),
            }
        )

    def dossiers(self, month: int, period: Period, count: int) -> pa.Table:
        """Form F08 of a month.

        Args:
            month: how many months since the first.
            period: the month itself.
            count: how many dossiers the average agency receives.
        """
        random = self._reporter.random("F08", period.code)
        rows = max(1, round(count * self._reporter.weight * (1 + self._reporter.growth) ** month))
        start = period.start or period.end
        first, last = (start - _EPOCH).days, (period.end - _EPOCH).days
        service = pa.array(random.integers(0, self._reporter.services, rows, dtype=np.int32))
        received = np.sort(random.integers(first, last + 1, rows, dtype=np.int32))
        due = received + random.integers(1, 31, rows, dtype=np.int32)
        returned = received + random.geometric(0.12, rows).astype(np.int32)
        is_open = returned > last
        kind = random.random(rows, dtype=np.float32)
        state = np.select([is_open, kind < 0.02, kind < 0.03], [0, 2, 3], 1)
        online = min(0.97, self._reporter.digitisation + 0.01 * month)
        channel = np.searchsorted(
            [online, online + (1 - online) * 0.9], random.random(rows, dtype=np.float32)
        )
        return pa.table(
            {
                "dossier_code": self._dossier_codes(period, rows),
                "procedure_code": self._codes.take(service),
                "unit": self._units.take(service),
                "unit_id": self._unit_ids.take(service),
                "received_on": _days(received),
                "channel": pa.array(_CHANNELS).take(pa.array(channel)),
                "due_on": _days(due),
                "returned_on": _days(returned, is_open),
                "state": pa.array((_OPEN, _DONE, _REFUSED, _WITHDRAWN)).take(pa.array(state)),
                "paid_online": (channel == 0) & (kind > 0.6),
                "digitised": kind > 0.4,
            }
        )

    def _dossier_codes(self, period: Period, count: int) -> pa.Array:
        numbers = pc.utf8_lpad(pa.array(np.arange(1, count + 1)).cast(pa.string()), 7, "0")
        start = f"{self._reporter.agency.agency_code}-{period.end:%y%m}"
        return pc.binary_join_element_wise(start, numbers, "-")


def _codes(scope: str, count: int) -> pa.Array:
    """Procedure codes as the national database writes them, `1.004227`."""
    series = 1 if scope == "province" else 2
    first = 1 if scope == "province" else int(random_for(0, scope, "codes").integers(1, 900_000))
    numbers = np.arange(first, first + count) % 1_000_000
    return pc.binary_join_element_wise(
        str(series), pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 6, "0"), "."
    )


def _days(numbers: Numbers, is_empty: Numbers | None = None) -> pa.Array:
    """Days since 1970 as dates."""
    return pa.array(numbers, mask=is_empty).cast(pa.date32())
