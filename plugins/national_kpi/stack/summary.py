"""What `up` shows at the end: the gaps, the addresses, and where the passwords are."""

from decimal import Decimal
from typing import Any

from rich.table import Table

from national_kpi.catalogue import load_catalogue
from national_kpi.dashboards import TASKFORCE_USER
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.periods import parse_period
from national_kpi.stack.credentials import AIRFLOW_USER
from national_kpi.stack.progress import console
from national_kpi.stack.up import Stack
from national_kpi.warehouse.queries import current_snapshot, gaps


def print_summary(stack: Stack) -> None:
    """Print the newest gaps of the headline KPIs, then addresses and password files.

    Raises:
        NotPublishedError: there is no snapshot to read.
    """
    out = console()
    for table in _gap_tables(stack.paths):
        out.print(table)
    for line in _addresses(stack):
        print(line)


def _gap_tables(paths: Paths) -> list[Table]:
    """A table for each headline KPI that has figures for the newest period any of them has."""
    snapshot = current_snapshot(paths)
    kpis = [kpi for kpi in load_catalogue(CATALOGUE_DIR).kpis if kpi.is_headline]
    stated = {
        kpi.name_vi: [row for row in gaps(snapshot, kpi_code=kpi.kpi_code) if row["value_as_printed"]]
        for kpi in kpis
    }
    periods = {row["period_code"] for rows in stated.values() for row in rows}
    newest = max(periods, key=lambda code: parse_period(code).end, default="")
    tables = []
    for name, rows in stated.items():
        table = Table("agency", "value", "target", "gap", "status", title=f"{name}, {newest}")
        for row in (row for row in rows if row["period_code"] == newest):
            table.add_row(
                row["agency_name"],
                row["value_as_printed"],
                f"{row['target_operator'] or ''} {_number(row['target_value'])}",
                _number(row["gap_pp"]),
                row["status"],
            )
        if table.row_count:
            tables.append(table)
    return tables


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
