"""What Superset shows: prepared once, imported when the files changed, checked after a publication."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from national_kpi.dashboards.process import run_apply
from national_kpi.errors import DashboardError
from national_kpi.paths import SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import PROJECT_ROOT

ADMIN_USER = "admin"
TASKFORCE_USER = "tocongtac"
_INSTALLATION = (
    PROJECT_ROOT / "requirements" / "superset.txt",
    SUPERSET_ASSETS_DIR / "apply.py",
    SUPERSET_ASSETS_DIR / "superset_config.py",
)
_SECRETS = ("superset_secret_key", "superset_admin_password", "superset_taskforce_password")
_DATABASE_URI = "KPI_SUPERSET_DATABASE_URI"


def prepare_superset(paths: Paths) -> None:
    """Generate what is missing of keys and passwords, migrate Superset's database, create roles and users.

    Skipped when nothing it depends on has changed. Needs no snapshot.

    Args:
        paths: the home.

    Raises:
        DashboardError: Superset is not installed or refuses.
    """
    paths.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _SECRETS:
        _generate(paths.secrets / name)
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
    run_apply(paths, step)
    stamp.write_text(state)


def _stamp(paths: Paths, step: str) -> Path:
    """The file that remembers what a step last did."""
    return paths.superset / f"{step}.sha256"


def _state(paths: Paths, files: Iterable[Path]) -> str:
    """One hash of all that a step depends on: files, Superset's database, keys and passwords."""
    digest = hashlib.sha256(os.environ.get(_DATABASE_URI, "").encode())
    for file in files:
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    for name in _SECRETS:
        digest.update(str((paths.secrets / name).stat().st_mtime_ns).encode())
    return digest.hexdigest()


def _generate(file: Path) -> None:
    """Write a random secret only its owner can read; an existing one stays."""
    if file.exists():
        return
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(secrets.token_urlsafe(32))
    temporary.replace(file)


def _require_snapshot(paths: Paths) -> None:
    if not paths.current_snapshot.exists():
        raise DashboardError(
            "nothing is published yet, so there is nothing to show",
            where=str(paths.current_snapshot),
            remedy="run `kpi build` and `kpi publish`",
        )
