"""What we ask of the running Airflow, over its public REST API."""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_exponential

from national_kpi.errors import StackError
from national_kpi.stack.credentials import AIRFLOW_USER

_TIMEOUT = 30.0
_FINISHED = ("success", "failed")


def _is_passing(error: BaseException) -> bool:
    """Whether Airflow itself failed to answer, or not in time, as it does while its database is busy."""
    return isinstance(error, httpx.TransportError) or (
        isinstance(error, httpx.HTTPStatusError) and error.response.is_server_error
    )


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG; `state` is Airflow's word for it."""

    dag_id: str
    run_id: str
    state: str
    queued_at: datetime


class Airflow:
    """A client of one Airflow, logged in as its administrator.

    Args:
        address: `http://127.0.0.1:8080`, say.
        password: of the administrator.
        log_folder: where its tasks' logs lie.
        timeout: seconds to wait for an answer before asking again, four times in all.

    Raises:
        StackError: Airflow does not answer or refuses the password (every method too).
    """

    def __init__(self, address: str, password: str, log_folder: Path, timeout: float = _TIMEOUT) -> None:
        self._log_folder = log_folder
        self._http = httpx.Client(base_url=address, timeout=timeout, trust_env=False)
        token = self.ask("POST", "/auth/token", {"username": AIRFLOW_USER, "password": password})
        self._http.headers["Authorization"] = f"Bearer {token['access_token']}"

    def ask(self, method: str, path: str, body: object = None, **parameters: Any) -> dict[str, Any]:
        """What the REST API answers; asked again while Airflow itself fails to answer.

        Args:
            method: of HTTP.
            path: `/api/v2/…`.
            body: sent as JSON.
            parameters: of the query.
        """
        try:
            found = self._try(method, path, body, parameters)
        except (httpx.HTTPError, ValueError) as error:
            raise StackError(
                f"Airflow does not answer as expected: {error}",
                where=str(self._http.base_url),
                remedy="see `make status` and airflow-api-server.log",
            ) from error
        return found

    @retry(
        retry=retry_if_exception(_is_passing),
        stop=stop_after_attempt(4),
        wait=wait_exponential(multiplier=0.5),
        reraise=True,
    )
    def _try(self, method: str, path: str, body: object, parameters: dict[str, Any]) -> dict[str, Any]:
        answer = self._http.request(method, path, json=body, params=parameters)
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def dag_ids(self) -> set[str]:
        """The DAGs Airflow knows and will run."""
        return {dag["dag_id"] for dag in self.ask("GET", "/api/v2/dags", limit=100)["dags"]}

    def import_errors(self) -> dict[str, str]:
        """DAG files that cannot be imported, with the traceback."""
        errors = self.ask("GET", "/api/v2/importErrors", limit=100)["import_errors"]
        return {error["filename"]: error["stack_trace"] for error in errors}

    def trigger(self, dag_id: str) -> str:
        """Start a run now; one run, however often it has to be asked for.

        Returns:
            The run's id.
        """
        # Named here, so that asking again after no answer meets a conflict instead of starting a second run.
        run_id = f"manual__{uuid.uuid4()}"
        self.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "dag_run_id": run_id})
        return run_id

    def wait_for_run(self, dag_id: str, run_id: str, seconds: float) -> DagRun:
        """Wait for a run to finish.

        Args:
            dag_id: the DAG.
            run_id: the run.
            seconds: how long to wait; after that the run comes back in the state it has.
        """
        deadline = time.monotonic() + seconds
        while True:
            run = _run_of(self.ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))
            if run.state in _FINISHED or time.monotonic() > deadline:
                return run
            time.sleep(0.5)

    def failed_runs(self, dag_ids: Sequence[str], since: datetime) -> list[DagRun]:
        """The runs of some DAGs that were due at or after a moment and failed, newest first."""
        filters = {"state": "failed", "run_after_gte": since.isoformat()}
        return [run for dag_id in dag_ids for run in self.runs(dag_id, **filters)]

    def is_active(self, dag_id: str) -> bool:
        """Whether a run of the DAG is queued or running."""
        return bool(self.runs(dag_id, state=["queued", "running"]))

    def runs(self, dag_id: str, **filters: Any) -> list[DagRun]:
        """The newest hundred runs of a DAG, newest first.

        Args:
            dag_id: the DAG.
            filters: parameters of Airflow's REST API.
        """
        path = f"/api/v2/dags/{dag_id}/dagRuns"
        found = self.ask("GET", path, limit=100, order_by="-run_after", **filters)
        return [_run_of(run) for run in found["dag_runs"]]

    def task_instances(self, run: DagRun) -> list[dict[str, Any]]:
        """A run's task instances, as the REST API gives them."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"
        return list(self.ask("GET", path, limit=500)["task_instances"])

    def failure_of(self, run: DagRun) -> str:
        """Which tasks of a run failed, with the end of each one's log."""
        failed = [task for task in self.task_instances(run) if task["state"] == "failed"]
        return "\n".join(
            f"task {run.dag_id}.{task['task_id']} failed:\n{self._log_tail(run, task)}" for task in failed
        )

    def _log_tail(self, run: DagRun, task: dict[str, Any], lines: int = 15) -> str:
        folder = self._log_folder / f"dag_id={run.dag_id}" / f"run_id={run.run_id}"
        logs = sorted(
            folder.glob(f"task_id={task['task_id']}/**/*.log"), key=lambda file: file.stat().st_mtime
        )
        if not logs:
            return f"  no log under {folder}"
        said = [_readable(line) for line in logs[-1].read_text(errors="replace").splitlines()]
        return "\n".join(f"  {line}" for line in [*said[-lines:], f"(all of it: {logs[-1]})"])


def _run_of(answer: Mapping[str, Any]) -> DagRun:
    return DagRun(
        answer["dag_id"],
        answer["dag_run_id"],
        answer["state"],
        datetime.fromisoformat(answer["queued_at"] or answer["run_after"]),
    )


def _readable(line: str) -> str:
    """A line of a task's log without its JSON wrapping."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    details = [f"{error['exc_type']}: {error['exc_value']}" for error in entry.get("error_detail") or ()]
    return " ".join([str(entry.get("event", line)), *details])
