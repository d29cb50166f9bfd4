"""The files that hold Superset's keys and passwords, one each."""

import os
import secrets
from pathlib import Path

from national_kpi.paths import Paths

_AGENCY_FILE = "superset_agency_{}_password"


def provide(file: Path) -> None:
    """Write a secret only its owner can read: the environment's, else the existing one, else a random one.

    Args:
        file: whose name in capitals, after `KPI_`, is the variable in the environment.
    """
    given = os.environ.get(f"KPI_{file.name.upper()}", "")
    if file.exists() and given in ("", file.read_text()):
        file.chmod(0o600)
        return
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(given or secrets.token_urlsafe(32))
    temporary.replace(file)


def agencies_with_account(paths: Paths) -> list[str]:
    """The codes of the agencies that have an account of the dashboards.

    Args:
        paths: the home.
    """
    before, after = _AGENCY_FILE.split("{}")
    files = paths.secrets.glob(_AGENCY_FILE.format("*"))
    return sorted(file.name.removeprefix(before).removesuffix(after) for file in files)


def agency_password_file(paths: Paths, code: str) -> Path:
    """Where the password of an agency's account is kept: where this is, there is the account.

    Args:
        paths: the home.
        code: the agency's code.
    """
    return paths.secrets / _AGENCY_FILE.format(code)
