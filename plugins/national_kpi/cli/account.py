"""`kpi account`: agencies' own accounts of the dashboards."""

from typing import Annotated, Any

import typer

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.clock import now
from national_kpi.dashboards import agencies_with_account, agency_password_file, close_account, open_account
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings

ACCOUNT_COLUMNS = ("user", "agency_name", "password_file")


@app.command()
def account(
    code: Annotated[str | None, typer.Argument(help="The agency's code, such as G10: its user name.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Close the account, delete its password.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")] = False,
) -> None:
    """Open the account with which an agency sees its own figures and its units'; without a code, list them.

    The password is in the file that is named, which only its owner can read: one put there beforehand is
    taken, else one is generated. Where there is an account, its password becomes what the file says. For
    a new password, remove the account and open it again.
    """
    paths, catalogue = Paths.of(Settings()), load_catalogue(CATALOGUE_DIR)
    if remove and code is None:
        raise typer.BadParameter("say whose account", param_hint="CODE")
    if remove and code is not None:
        close_account(paths, code)
    elif code is not None:
        open_account(paths, catalogue, code, now().date())
    codes = [one for one in agencies_with_account(paths) if code in (None, one)]
    rows = [_row(paths, catalogue, one) for one in codes]
    if rows or as_json:
        show(rows, ACCOUNT_COLUMNS, as_json=as_json, title="Accounts of agencies")
    else:
        typer.echo(f"{code} has no account any more." if remove else "No agency has an account.")


def _row(paths: Paths, catalogue: Catalogue, code: str) -> dict[str, Any]:
    holder = catalogue.holder(code, now().date())
    return {
        "user": code,
        "agency_name": holder.name_vi if holder else None,
        "password_file": str(agency_password_file(paths, code)),
    }
