"""Dashboards: run Superset's own environment to set it up, import the assets and check every chart."""

from national_kpi.dashboards.accounts import close_account, open_account
from national_kpi.dashboards.assets import (
    ADMIN_USER,
    ENGINEER_USER,
    TASKFORCE_USER,
    check_dashboards,
    import_dashboards,
    prepare_superset,
    refresh_dashboards,
)
from national_kpi.dashboards.process import serving, superset_command, superset_environment
from national_kpi.dashboards.secret_files import agencies_with_account, agency_password_file

__all__ = [
    "ADMIN_USER",
    "ENGINEER_USER",
    "TASKFORCE_USER",
    "agencies_with_account",
    "agency_password_file",
    "check_dashboards",
    "close_account",
    "import_dashboards",
    "open_account",
    "prepare_superset",
    "refresh_dashboards",
    "serving",
    "superset_command",
    "superset_environment",
]
