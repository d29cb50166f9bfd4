"""Accounts of agencies: each sees its own figures on the dashboard "Cơ quan tôi"."""

from datetime import date

from national_kpi.agencies import account_holder
from national_kpi.catalogue import Catalogue
from national_kpi.dashboards.assets import prepare_superset
from national_kpi.dashboards.secret_files import agency_password_file, provide
from national_kpi.errors import AccountError
from national_kpi.paths import Paths


def open_account(paths: Paths, catalogue: Catalogue, code: str, today: date) -> None:
    """Give the agency that holds a code an account; an existing one gets the password of its file.

    Args:
        paths: the home.
        catalogue: who holds the code.
        code: the agency's code; also the user name.
        today: the day on which it holds it.

    Raises:
        AccountError: nobody holds the code, or it stands for many agencies.
        DashboardError: Superset is not installed or refuses.
    """
    account_holder(catalogue, code, today)
    paths.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
    provide(agency_password_file(paths, code))
    prepare_superset(paths, again=True)


def close_account(paths: Paths, code: str) -> None:
    """Take an agency's account of the dashboards away, with its password.

    Args:
        paths: the home.
        code: the agency's code.

    Raises:
        AccountError: there is no such account.
        DashboardError: Superset is not installed or refuses.
    """
    file = agency_password_file(paths, code)
    if not file.exists():
        raise AccountError(f"“{code}” has no account", where=str(file), remedy="`kpi account` lists them")
    file.unlink()
    prepare_superset(paths)
