"""The services of the platform on one machine: how each is started and how it shows that it is well."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from national_kpi.dashboards import superset_command, superset_environment
from national_kpi.loopback import HOST
from national_kpi.paths import Paths
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.stack.credentials import AIRFLOW_USER, Credentials
from national_kpi.stack.service import STACK_MARK, Service

_HEALTH_TIMEOUT = 5.0
_METRICS = "AIRFLOW__METRICS__"
"""Where Airflow sends its metrics is for whoever starts the services to say; all else is said here."""


def _http_ailment(url: str) -> Callable[[], str]:
    def ailment() -> str:
        try:
            status = httpx.get(url, timeout=_HEALTH_TIMEOUT, trust_env=False).status_code
        except httpx.HTTPError as error:
            return f"no answer at {url}: {error}"
        return f"HTTP {status} at {url}" if status >= 500 else ""

    return ailment


def _airflow_ailment(health_url: str, component: str) -> Callable[[], str]:
    def ailment() -> str:
        try:
            health = httpx.get(health_url, timeout=_HEALTH_TIMEOUT, trust_env=False).json()
            status = health[component]["status"]
        except (httpx.HTTPError, ValueError, LookupError) as error:
            return f"Airflow does not tell: {error}"
        return "" if status == "healthy" else "no heartbeat yet"

    return ailment


def services(settings: Settings, paths: Paths) -> tuple[Service, ...]:
    """Every service, in the order they are listed to people.

    Args:
        settings: the ports.
        paths: the home the services work in.
    """
    airflow = str(Path(sys.executable).with_name("airflow"))
    health = f"http://{HOST}:{settings.airflow_port}/api/v2/monitor/health"
    return (
        Service(
            "airflow-api-server",
            (airflow, "api-server"),
            _http_ailment(health),
            settings.airflow_port,
            "KPI_AIRFLOW_PORT",
        ),
        Service(
            "airflow-scheduler",
            (airflow, "scheduler", "--skip-serve-logs"),
            _airflow_ailment(health, "scheduler"),
        ),
        Service(
            "airflow-dag-processor", (airflow, "dag-processor"), _airflow_ailment(health, "dag_processor")
        ),
        Service(
            "airflow-triggerer",
            (airflow, "triggerer", "--skip-serve-logs"),
            _airflow_ailment(health, "triggerer"),
        ),
        Service(
            "superset",
            tuple(superset_command(settings)),
            _http_ailment(f"http://{HOST}:{settings.superset_port}/health"),
            settings.superset_port,
            "KPI_SUPERSET_PORT",
        ),
        Service(
            "sample-source",
            (
                sys.executable,
                "-m",
                "national_kpi.sources.sample_server",
                "--port",
                str(settings.source_port),
            ),
            _http_ailment(f"http://{HOST}:{settings.source_port}/"),
            settings.source_port,
            "KPI_SOURCE_PORT",
        ),
    )


def environment(settings: Settings, paths: Paths, credentials: Credentials) -> dict[str, str]:
    """The environment all services share: this process's own, the settings, Airflow's and Superset's.

    Args:
        settings: handed on as `KPI_*`, so that every service sees what this process sees.
        paths: the home the services work in.
        credentials: Airflow's keys.
    """
    handed_on = {f"KPI_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AIRFLOW") or name.startswith(_METRICS)
    }
    no_proxy = ",".join(filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy")), HOST]))
    return {
        **inherited,
        **superset_environment(paths),
        **handed_on,
        "KPI_HOME": str(paths.home),
        **airflow_environment(settings, paths, credentials),
        STACK_MARK: str(paths.home),
        "NO_PROXY": no_proxy,  # tasks talk to Airflow's own server on this machine
        "no_proxy": no_proxy,
        "SPT_NOENV": "1",  # renamed processes keep their environment readable, and so their mark
        "PYTHONUNBUFFERED": "1",
    }


def airflow_environment(settings: Settings, paths: Paths, credentials: Credentials) -> dict[str, str]:
    """Airflow's configuration for one machine: SQLite, local executor, loopback only.

    Args:
        settings: ports.
        paths: the home.
        credentials: keys and the password file.
    """
    airflow = {
        "CORE__DAGS_FOLDER": PROJECT_ROOT / "dags",
        "CORE__PLUGINS_FOLDER": PROJECT_ROOT / "plugins",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": 4,  # idle workers cost memory, and there are few cores
        "CORE__LOAD_EXAMPLES": False,
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,
        "CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "CORE__FERNET_KEY": credentials.fernet_key,
        "CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{settings.airflow_port}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": credentials.airflow_passwords_file,
        # Right after the start all DAGs that are due run at once: whoever finds the database locked waits.
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{paths.airflow_database}?timeout=60",
        "API__HOST": HOST,
        "API__PORT": settings.airflow_port,
        "API__BASE_URL": f"http://{HOST}:{settings.airflow_port}",
        "API__WORKERS": 1,
        "API__SECRET_KEY": credentials.api_secret_key,
        "API_AUTH__JWT_SECRET": credentials.jwt_secret,
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.2,  # a dropped file becomes a task in about a second
        # A killed scheduler's tasks are taken up again within two minutes instead of ten.
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": 30,
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": 90,
        "DAG_PROCESSOR__REFRESH_INTERVAL": 15,
        "LOGGING__BASE_LOG_FOLDER": paths.logs / "airflow",
        "LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": paths.logs / "airflow" / "dag_processor",
        "LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",
        "LOGGING__COLORED_CONSOLE_LOG": False,
    }
    return {
        "AIRFLOW_HOME": str(paths.airflow),
        "AIRFLOW_CONN_KPI_ROAD_TRANSPORT": f"http://{HOST}:{settings.source_port}",
        **{f"AIRFLOW__{name}": str(value) for name, value in airflow.items()},
    }
