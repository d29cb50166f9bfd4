"""Superset as a process: it needs SQLAlchemy 1.4, so it lives in an environment of its own."""

import os
import subprocess

from national_kpi.errors import DashboardError
from national_kpi.paths import SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import PROJECT_ROOT, Settings

HOST = "127.0.0.1"
SUPERSET_BIN = PROJECT_ROOT / ".venv-superset" / "bin"
_APPLY = SUPERSET_ASSETS_DIR / "apply.py"
_APPLY_SECONDS = 600


def superset_environment(paths: Paths) -> dict[str, str]:
    """What a Superset process needs in its environment, beside the one it inherits.

    Args:
        paths: the home it works in.
    """
    return {
        "SUPERSET_CONFIG_PATH": str(SUPERSET_ASSETS_DIR / "superset_config.py"),
        "SUPERSET_HOME": str(paths.superset),
        "KPI_SNAPSHOT": str(paths.current_snapshot),
        "KPI_OPEN_DATA": str(paths.open_data),
        "KPI_SECRETS": str(paths.secrets),
    }


def superset_command(settings: Settings) -> list[str]:
    """The command that serves the dashboards on loopback.

    Args:
        settings: the port.
    """
    return [
        str(SUPERSET_BIN / "gunicorn"),
        *("--bind", f"{HOST}:{settings.superset_port}"),
        *("--workers", "2", "--worker-class", "gthread", "--threads", "8"),
        *("--timeout", "120"),
        "--no-control-socket",
        "superset.app:create_app()",
    ]


def run_apply(paths: Paths, step: str) -> None:
    """Run one step of `superset_assets/apply.py`; what it says goes to `log/superset-<step>.log`.

    Args:
        paths: the home.
        step: `prepare`, `import` or `check`.

    Raises:
        DashboardError: Superset is not installed, or `apply.py` says what is wrong.
    """
    python = SUPERSET_BIN / "python"
    if not python.exists():
        raise DashboardError(
            "Superset's environment is not installed", where=str(python), remedy="run `make up`"
        )
    paths.superset.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths.logs.mkdir(parents=True, exist_ok=True)
    log = paths.logs / f"superset-{step}.log"
    with log.open("w", encoding="utf-8") as output:
        try:
            # Isolated (-I): neither PYTHONPATH nor the folder of the script may shadow Superset's modules.
            status = subprocess.run(
                [python, "-I", _APPLY, step],
                env={**os.environ, **superset_environment(paths)},
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_APPLY_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as error:
            raise DashboardError(
                f"Superset is not done after {_APPLY_SECONDS} s", where=str(log), remedy="see the log"
            ) from error
    if status != 0:
        raise DashboardError(_reason(log.read_text("utf-8")), where=str(log), remedy="mend it and run again")


def _reason(output: str) -> str:
    """The line in which `apply.py` says what is wrong, else the last one."""
    lines = [line for line in output.splitlines() if line.strip()] or ["Superset said nothing"]
    return next((line.removeprefix("apply: ") for line in lines if line.startswith("apply: ")), lines[-1])
