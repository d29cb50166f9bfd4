"""What `up` shows at the end: the gaps, the addresses, and where the passwords are."""

from decimal import Decimal
from typing import Any

from rich.table import Table

from national_kpi.catalogue import load_catalogue
from national_kpi.dashboards import TASKFORCE_USER
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.stack.credentials import AIRFLOW_USER
from national_kpi.stack.progress import console
from national_kpi.stack.up import Stack
from national_kpi.warehouse.queries import current_snapshot, gaps


def print_summary(stack: Stack) -> None:
    """Print a table of gaps for each headline KPI, then addresses and password files.

    Raises:
        NotPublishedError: there is no snapshot to read.
    """
    out = console()
    for kpi in load_catalogue(CATALOGUE_DIR).kpis:
        if kpi.is_headline:
            out.print(_gap_table(stack.paths, kpi.kpi_code, kpi.name_vi))
    for line in _addresses(stack):
        print(line)


def _gap_table(paths: Paths, kpi_code: str, title: str) -> Table:
    """The gaps of the latest period for which there are figures."""
    rows = [row for row in gaps(current_snapshot(paths), kpi_code=kpi_code) if row["value_as_printed"]]
    period = rows[-1]["period_code"] if rows else "–"
    table = Table("agency", "value", "target", "gap", "status", title=f"{title}, {period}")
    for row in rows:
        if row["period_code"] == period:
            target = (
                f"{row['target_operator']} {_number(row['target_value'])}" if row["target_value"] else "–"
            )
            table.add_row(
                row["agency_name"],
                row["value_as_printed"],
                target,
                _number(row["gap_pp"]),
                row["status"] or "–",
            )
    return table


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{Decimal(value):.2f}".replace(".", ",")


def _addresses(stack: Stack) -> list[str]:
    address = {service.name: service.address for service in stack.services}
    secrets = stack.paths.secrets
    return [
        "",
        f"Dashboards  {address['superset']}/superset/dashboard/tong-quan-quoc-gia/",
        f"            user {TASKFORCE_USER}, password in {secrets / 'superset_taskforce_password'}",
        f"Airflow     {address['airflow-api-server']}",
        f"            user {AIRFLOW_USER}, password in {secrets / 'airflow_passwords.json'}",
        f"Drop folder {stack.paths.drop}/<agency code>/inbox",
    ]
