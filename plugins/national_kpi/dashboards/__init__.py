"""Dashboards: run Superset's own environment to set it up, import the assets and check every chart."""

from national_kpi.dashboards.assets import (
    ADMIN_USER,
    TASKFORCE_USER,
    check_dashboards,
    import_dashboards,
    prepare_superset,
    refresh_dashboards,
)
from national_kpi.dashboards.process import serving, superset_command, superset_environment

__all__ = [
    "ADMIN_USER",
    "TASKFORCE_USER",
    "check_dashboards",
    "import_dashboards",
    "prepare_superset",
    "refresh_dashboards",
    "serving",
    "superset_command",
    "superset_environment",
]
