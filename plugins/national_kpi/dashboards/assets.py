"""What Superset shows: prepared once, imported when the files changed, checked after a publication."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import now
from national_kpi.dashboards.process import run_apply
from national_kpi.dashboards.secret_files import agencies_with_account, agency_password_file, provide
from national_kpi.errors import DashboardError
from national_kpi.paths import CATALOGUE_DIR, SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import PROJECT_ROOT

ADMIN_USER = "admin"
TASKFORCE_USER = "tocongtac"
ENGINEER_USER = "kysu"
_INSTALLATION = (
    PROJECT_ROOT / "requirements" / "superset.txt",
    *(SUPERSET_ASSETS_DIR / name for name in ("accounts.py", "apply.py", "guard.py", "superset_config.py")),
)
_SECRETS = (
    "superset_secret_key",
    "superset_admin_password",
    "superset_engineer_password",
    "superset_taskforce_password",
)
_DATABASE_URI = "KPI_SUPERSET_DATABASE_URI"


def prepare_superset(paths: Paths, *, again: bool = False) -> None:
    """Generate what is missing of keys and passwords, migrate Superset's database, create roles and accounts.

    A secret that is in the environment, as `KPI_` and the name of its file in capitals, is taken from there.
    Skipped when nothing it depends on has changed. Needs no snapshot.

    Args:
        paths: the home.
        again: even if nothing has changed.

    Raises:
        DashboardError: Superset is not installed or refuses.
    """
    paths.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _SECRETS:
        provide(paths.secrets / name)
    for code in agencies_with_account(paths):
        provide(agency_password_file(paths, code))
    if again:
        _stamp(paths, "prepare").unlink(missing_ok=True)
    _run_when_changed(paths, "prepare", _state(paths, _INSTALLATION))


def import_dashboards(paths: Paths) -> None:
    """Import the assets and run every chart's query, in one transaction; prepares Superset first.

    Skipped when neither the assets nor the installation have changed since the last success.

    Args:
        paths: the home.

    Raises:
        DashboardError: nothing is published yet, an asset is wrong, or a chart fails or returns no row:
            readers keep the dashboards they have.
    """
    prepare_superset(paths)
    _require_snapshot(paths)
    assets = [file for file in SUPERSET_ASSETS_DIR.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    _run_when_changed(paths, "import", _state(paths, (*_INSTALLATION, *sorted(assets))))


def check_dashboards(paths: Paths) -> None:
    """Run every chart's query against the snapshot now in force.

    Args:
        paths: the home.

    Raises:
        DashboardError: naming each chart that fails or returns no row.
    """
    _require_snapshot(paths)
    run_apply(paths, "check")


def refresh_dashboards(paths: Paths) -> None:
    """See that the dashboards show a new publication; before their first import there is nothing to see.

    Superset names its cached figures after the snapshot they come from, so a new one is shown at once, with
    nothing to tell it. What is left to do is to run every chart's query on it.

    Args:
        paths: the home.

    Raises:
        DashboardError: naming each chart that fails or returns no row.
    """
    if _stamp(paths, "import").exists():
        check_dashboards(paths)


def _run_when_changed(paths: Paths, step: str, state: str) -> None:
    stamp = _stamp(paths, step)
    database_is_gone = not os.environ.get(_DATABASE_URI) and not (paths.superset / "superset.db").exists()
    if stamp.exists() and stamp.read_text() == state and not database_is_gone:
        return
    stamp.unlink(missing_ok=True)
    run_apply(paths, step, {"KPI_AGENCY_NAMES": json.dumps(_agency_names(paths))})
    stamp.write_text(state)


def _stamp(paths: Paths, step: str) -> Path:
    """The file that remembers what a step last did."""
    return paths.superset / f"{step}.sha256"


def _state(paths: Paths, files: Iterable[Path]) -> str:
    """One hash of all that a step depends on: files, Superset's database, secrets, names of agencies."""
    digest = hashlib.sha256(os.environ.get(_DATABASE_URI, "").encode())
    for file in files:
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    for file in sorted(paths.secrets.glob("superset_*")):
        digest.update(f"{file.name} {file.stat().st_mtime_ns}\n".encode())
    digest.update(json.dumps(_agency_names(paths)).encode())
    return digest.hexdigest()


def _agency_names(paths: Paths) -> dict[str, str]:
    """The names of the agencies that have an account, by code."""
    codes = agencies_with_account(paths)
    if not codes:
        return {}
    catalogue, today = load_catalogue(CATALOGUE_DIR), now().date()
    return {code: holder.name_vi for code in codes if (holder := catalogue.holder(code, today))}


def _require_snapshot(paths: Paths) -> None:
    if not paths.current_snapshot.exists():
        raise DashboardError(
            "nothing is published yet, so there is nothing to show",
            where=str(paths.current_snapshot),
            remedy="run `kpi build` and `kpi publish`",
        )
