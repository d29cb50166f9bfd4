"""The headline series as SDMX-CSV 2.0, for statistical systems."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from national_kpi.periods import parse_period

AGENCY, DATAFLOW, VERSION = "VN_EGOV", "DF_KPI", "1.0.0"
COMPONENTS = {
    "FREQ": ("DIMENSION", "STRING"),
    "REF_AREA": ("DIMENSION", "STRING"),
    "INDICATOR": ("DIMENSION", "STRING"),
    "BASIS": ("DIMENSION", "STRING"),
    "TIME_PERIOD": ("DIMENSION", "PERIOD"),
    "OBS_VALUE": ("MEASURE", "DECIMAL"),
    "OBS_STATUS": ("ATTRIBUTE", "STRING"),
    "UNIT_MEASURE": ("ATTRIBUTE", "STRING"),
    "TARGET": ("ATTRIBUTE", "DECIMAL"),
    "TARGET_STATUS": ("ATTRIBUTE", "STRING"),
    "COMMENT_OBS": ("ATTRIBUTE", "STRING"),
}
"""Columns after STRUCTURE, STRUCTURE_ID and ACTION: role and type; codes are the package's but for areas."""

_REQUIRED = {"FREQ", "REF_AREA", "INDICATOR", "BASIS", "TIME_PERIOD", "OBS_STATUS"}
_FREQUENCIES = {"month": "M", "quarter": "Q", "half": "S", "year": "A"}
_OTHER = "_O"
_PERCENT = "PT"


def series_csv(values: pa.Table) -> str:
    """The headline values of a period as SDMX-CSV 2.0.

    Args:
        values: the package's table `values`.
    """
    from pysdmx.io.csv.sdmx20.writer import write  # loading it takes as long as the rest of the platform
    from pysdmx.io.pd import PandasDataset
    from pysdmx.model import Component, Components, Concept, DataType, Role, Schema
    from pysdmx.model.dataset import ActionType

    structure = Schema(
        "dataflow",
        AGENCY,
        DATAFLOW,
        components=Components(
            [
                Component(
                    name,
                    required=name in _REQUIRED,
                    role=Role[role],
                    concept=Concept(name),
                    local_dtype=DataType[kind],
                    attachment_level="O" if role == "ATTRIBUTE" else None,
                )
                for name, (role, kind) in COMPONENTS.items()
            ]
        ),
        version=VERSION,
    )
    rows = [_observation(row) for row in values.to_pylist()]
    frame = pd.DataFrame(rows, columns=list(COMPONENTS), dtype="string")
    written = write([PandasDataset(structure=structure, data=frame, action=ActionType.Replace)])
    return "\r\n".join((written or "").splitlines()) + "\r\n"


def _observation(row: Mapping[str, Any]) -> dict[str, str | None]:
    kind = parse_period(row["period_code"]).kind
    return {
        "FREQ": _FREQUENCIES.get(kind.removesuffix("_gov"), _OTHER),
        "REF_AREA": _code(row["agency_id"]),
        "INDICATOR": row["kpi_code"],
        "BASIS": row["basis"].upper(),
        "TIME_PERIOD": time_period(row["period_code"]),
        "OBS_VALUE": _number(row["value"]),
        "OBS_STATUS": obs_status(row),
        "UNIT_MEASURE": _PERCENT if row["unit"] == "%" else row["unit"],
        "TARGET": _number(row["target_value"]),
        "TARGET_STATUS": row["status"],
        "COMMENT_OBS": row["bound"] if row["bound"] != "=" else None,
    }


def time_period(period_code: str) -> str:
    """A period as SDMX writes it: `2026-M08`, `2026-Q3`, `2026-S1`, `2026-A1`, else first day and length."""
    period = parse_period(period_code)
    if period.kind in _FREQUENCIES:
        return f"{period_code[:4]}-{_FREQUENCIES[period.kind]}{period_code[6:] or '1'}"
    start = period.start or period.end
    return f"{start.isoformat()}/P{(period.end + timedelta(days=1) - start).days}D"


def obs_status(row: Mapping[str, Any]) -> str:
    """The code of the list CL_OBS_STATUS: A normal, E estimated, O missing, M cannot exist."""
    if row["value"] is not None:
        return "A" if row["bound"] == "=" else "E"
    return "M" if row["status"] == "not_applicable" else "O"


def _code(agency_id: str) -> str:
    """An agency's identity as a code of SDMX, which knows neither `@` nor `.`: `H52_00010101`."""
    code, _, since = agency_id.partition("@")
    return f"{code.replace('.', '_')}_{since.replace('-', '')}"


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
