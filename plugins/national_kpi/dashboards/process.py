"""Superset as a process: it needs SQLAlchemy 1.4, so it lives in an environment of its own."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from national_kpi.errors import DashboardError
from national_kpi.loopback import HOST, free_ports
from national_kpi.paths import SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import PROJECT_ROOT, Settings

SUPERSET_BIN = PROJECT_ROOT / ".venv-superset" / "bin"
_APPLY = SUPERSET_ASSETS_DIR / "apply.py"
_APPLY_SECONDS = 600
_READY_SECONDS = 120


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


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve the dashboards of a home on a free port, for as long as the block lasts.

    Args:
        settings: the home.

    Yields:
        The address.

    Raises:
        DashboardError: Superset ends or does not answer; its log says why.
    """
    (port,) = free_ports(1)
    settings = settings.model_copy(update={"superset_port": port})
    paths, address = Paths.of(settings), f"http://{HOST}:{settings.superset_port}"
    log = paths.logs / "superset.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            superset_command(settings),
            env={**os.environ, **superset_environment(paths)},
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while not _answers(address):
            if server.poll() is not None or time.monotonic() > deadline:
                raise DashboardError("Superset does not answer", where=str(log), remedy="see the log")
            time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False


def run_apply(paths: Paths, step: str, environment: Mapping[str, str] | None = None) -> None:
    """Run one step of `superset_assets/apply.py`; what it says goes to `log/superset-<step>.log`.

    Args:
        paths: the home.
        step: `prepare`, `import` or `check`.
        environment: what the step needs beside what every Superset process needs.

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
                env={**os.environ, **superset_environment(paths), **(environment or {})},
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
