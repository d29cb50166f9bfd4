"""`make up`: from an empty home to filled dashboards; run again, it changes nothing that is right."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.catalogue import load_catalogue
from national_kpi.cycle.obligations import open_periods
from national_kpi.dashboards import import_dashboards, prepare_superset
from national_kpi.errors import StackError
from national_kpi.intake.drop import prepare_folders
from national_kpi.ledger.pending import awaiting_build, is_all_published
from national_kpi.ledger.session import ledger_url, migrate, one_at_a_time, open_ledger
from national_kpi.loopback import HOST
from national_kpi.paths import CATALOGUE_DIR, SAMPLES_DIR, Paths
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.stack.airflow import Airflow
from national_kpi.stack.credentials import airflow_credentials
from national_kpi.stack.ports import require_distinct, require_free
from national_kpi.stack.progress import Progress
from national_kpi.stack.samples import Sample, drop_missing, outcomes, samples_in, without_receipt
from national_kpi.stack.service import Service
from national_kpi.stack.services import environment, services
from national_kpi.stack.supervisor import Supervisor

HEALTHY_SECONDS = 180
DAGS_SECONDS = 120
PULL_SECONDS = 180
RECEIPTS_SECONDS = 300
PUBLISH_SECONDS = 300
DAG_IDS = ("intake", "build", "pull_sources", "reporting_calendar")


@dataclass(frozen=True)
class Stack:
    """Everything `up` and `status` work with, for one home."""

    settings: Settings
    paths: Paths
    services: tuple[Service, ...]
    supervisor: Supervisor

    @classmethod
    def of(cls, settings: Settings) -> "Stack":
        """The stack these settings describe; nothing is read or started."""
        paths = Paths.of(settings)
        return cls(settings, paths, services(settings, paths), Supervisor(paths))


@contextmanager
def alone(stack: Stack) -> Iterator[None]:
    """Hold the home against a second `up`, `down` or `reset`.

    Raises:
        StackError: another one is at work.
    """
    stack.paths.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(stack.paths.home / ".stack.lock")
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout as error:
        raise StackError(
            "another `make up`, `make down` or `make reset` is at work here",
            where=str(stack.paths.home),
            remedy="wait for it to end",
        ) from error


def bring_up(stack: Stack, now: datetime) -> None:
    """Start everything, take the samples in, publish, import the dashboards.

    Args:
        stack: what to start.
        now: runs of DAGs that fail from this moment on stop the waiting.

    Raises:
        KpiPlatformError: naming the step's trouble and what to do.
    """
    progress = Progress(total=10)
    paths, supervisor = stack.paths, stack.supervisor
    with progress.step("Checking keys, ports and what runs already"):
        credentials = airflow_credentials(paths)
        environ = environment(stack.settings, paths, credentials)
        runs_as_set = supervisor.runs_with(stack.services, environ)
        if not runs_as_set:
            supervisor.stop()
            ports = {service.port_setting: service.port for service in stack.services if service.port}
            require_distinct(ports)
            for setting, port in ports.items():
                require_free(port, setting)
    with progress.step("Preparing the ledger and the agencies' folders"):
        engine = prepare_ledger_and_folders(stack.settings, paths, now)
    with progress.step("Preparing the databases of Airflow and Superset"), ThreadPoolExecutor() as both:
        preparations = [
            both.submit(migrate_airflow, paths, environ),
            both.submit(prepare_superset, paths),
        ]
        for preparation in preparations:
            preparation.result()
    with progress.step("Starting the services"):
        if not runs_as_set:
            supervisor.start(stack.services, environ)
        supervisor.start_stopped()
        _wait_until_healthy(stack)
    airflow = connect(stack.settings)
    with progress.step("Waiting for Airflow to read the DAGs"):
        _wait_for_dags(airflow)
    with progress.step("Pulling from the sample source"):
        _pull(airflow)
    with progress.step("Dropping the samples and waiting for receipts"):
        samples = samples_in(SAMPLES_DIR, paths)
        drop_missing(samples, paths, engine)
        _wait_for_receipts(airflow, engine, samples, now)
    counts = (f"{count} {outcome}" for outcome, count in outcomes(samples, engine).items())
    print(f"        {', '.join(counts)}")
    with progress.step("Waiting for everything accepted to be published"):
        _wait_for_publication(airflow, engine, now)
    with progress.step("Importing the dashboards and checking every chart"):
        import_dashboards(paths)
    with progress.step("Checking the services once more"):
        _wait_until_healthy(stack)


def prepare_ledger_and_folders(settings: Settings, paths: Paths, now: datetime) -> Engine:
    """Bring the ledger to its newest version, open the reporting periods and make the agencies' folders.

    Args:
        settings: where the ledger is.
        paths: the home.
        now: agencies of this day get a folder, and periods that have begun by it are opened.

    Returns:
        The ledger.

    Raises:
        CatalogueError: the catalogue cannot be read.
        LedgerError: the ledger is out of reach or newer than this program.
    """
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    catalogue = load_catalogue(CATALOGUE_DIR)
    with one_at_a_time(engine) as session:
        open_periods(session, catalogue, now)
    prepare_folders(paths, catalogue, now.date())
    return engine


def connect(settings: Settings) -> Airflow:
    """A client of the Airflow that runs with these settings."""
    paths = Paths.of(settings)
    password = airflow_credentials(paths).airflow_password
    return Airflow(f"http://{HOST}:{settings.airflow_port}", password, paths.logs / "airflow")


def migrate_airflow(paths: Paths, environ: dict[str, str]) -> None:
    """Bring Airflow's database to the installed version; skipped when it is there already.

    Raises:
        StackError: the migration fails.
    """
    stamp = paths.airflow / "migrated_to"
    migrated_to = stamp.read_text() if stamp.exists() and paths.airflow_database.exists() else ""
    if migrated_to == version("apache-airflow"):
        return
    paths.airflow.mkdir(parents=True, exist_ok=True)
    airflow = Path(sys.executable).with_name("airflow")
    outcome = subprocess.run(
        [airflow, "db", "migrate"], env=environ, capture_output=True, text=True, check=False
    )
    if outcome.returncode != 0:
        raise StackError(
            f"Airflow's database cannot be migrated: {_tail(outcome.stdout + outcome.stderr)}",
            where=str(paths.airflow),
            remedy="mend what it names; the folder may be deleted, and Airflow's history goes with it",
        )
    stamp.write_text(version("apache-airflow"))


def _tail(text: str, lines: int = 12) -> str:
    return "\n" + "\n".join(text.strip().splitlines()[-lines:])


def _wait(seconds: float, ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def _wait_until_healthy(stack: Stack) -> None:
    ailing: dict[str, str] = {}

    def healthy() -> bool:
        ailing.clear()
        states = stack.supervisor.states()
        for service in stack.services:
            state = states[service.name].state if service.name in states else "not started"
            if state in ("BACKOFF", "FATAL"):
                _raise_ill(stack, service.name, f"it stops as soon as it starts ({state})")
            if ailment := service.ailment():
                ailing[service.name] = ailment
        return not ailing

    if not _wait(HEALTHY_SECONDS, healthy):
        name, ailment = next(iter(ailing.items()))
        _raise_ill(stack, name, f"not healthy after {HEALTHY_SECONDS} s: {ailment}")


def _raise_ill(stack: Stack, service: str, what: str) -> None:
    log = stack.supervisor.log_file(service)
    said = _tail(log.read_text(errors="replace")) if log.exists() else " nothing"
    raise StackError(
        f"{what}. Its log ends with:{said}\n",
        where=service,
        remedy=f"mend what the log names ({log}), then run `make up` again",
    )


def _wait_for_dags(airflow: Airflow) -> None:
    def known() -> bool:
        if errors := airflow.import_errors():
            file, traceback = next(iter(errors.items()))
            raise StackError(
                f"Airflow cannot import a DAG:{_tail(traceback)}\n", where=file, remedy="mend the file"
            )
        return airflow.dag_ids() >= set(DAG_IDS)

    if not _wait(DAGS_SECONDS, known):
        missing = sorted(set(DAG_IDS) - airflow.dag_ids())
        raise StackError(
            f"Airflow does not know the DAGs {', '.join(missing)} after {DAGS_SECONDS} s",
            where=str(PROJECT_ROOT / "dags"),
            remedy="see airflow-dag-processor.log",
        )


def _pull(airflow: Airflow) -> None:
    run = airflow.wait_for_run("pull_sources", airflow.trigger("pull_sources"), PULL_SECONDS)
    if run.state != "success":
        raise StackError(
            f"the pull ended as {run.state} within {PULL_SECONDS} s\n{airflow.failure_of(run)}\n",
            where=f"DAG pull_sources, run {run.run_id}",
            remedy="mend what the log names; the next scheduled pull tries again",
        )


def _wait_for_receipts(airflow: Airflow, engine: Engine, samples: Sequence[Sample], since: datetime) -> None:
    def answered() -> bool:
        _stop_at_failures(airflow, since)
        return not without_receipt(samples, engine)

    if not _wait(RECEIPTS_SECONDS, answered):
        raise StackError(
            f"no receipt after {RECEIPTS_SECONDS} s for {', '.join(without_receipt(samples, engine))}",
            where="DAG intake",
            remedy="look at its latest run in Airflow",
        )


def _wait_for_publication(airflow: Airflow, engine: Engine, since: datetime) -> None:
    def published() -> bool:
        _stop_at_failures(airflow, since)
        return is_all_published(engine)

    if published():
        return
    with Session(engine) as session:
        seen_by_a_build = awaiting_build(session) == 0
    if seen_by_a_build and not airflow.is_active("build"):
        airflow.trigger("build")  # that build failed: nothing else will start another before midnight
    if not _wait(PUBLISH_SECONDS, published):
        raise StackError(
            f"accepted submissions are not published after {PUBLISH_SECONDS} s",
            where="DAG build",
            remedy="look at its latest run in Airflow",
        )


def _stop_at_failures(airflow: Airflow, since: datetime) -> None:
    for run in airflow.failed_runs(DAG_IDS, since):
        raise StackError(
            f"a run failed\n{airflow.failure_of(run)}\n",
            where=f"DAG {run.dag_id}, run {run.run_id}",
            remedy="mend what the log names, then run `make up` again",
        )
