"""In a real Airflow a period closes, a person is asked once, and what they answer happens."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from national_kpi.ledger.period_states import period_events, period_states
from national_kpi.loopback import free_ports
from national_kpi.stack.credentials import AIRFLOW_USER, airflow_credentials
from national_kpi.stack.services import environment
from tests.integration.airflow_command import migrate_airflow
from tests.integration.certified_home import PERIOD, Home

SECONDS = 240
COMMENT = "Đã đối chiếu, thống nhất công bố."


class RunningAirflow:
    """Airflow's services, asked over its public interface as its pages ask."""

    def __init__(self, address: str, password: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=30, trust_env=False)
        token = self.until(
            lambda: self._post("/auth/token", {"username": AIRFLOW_USER, "password": password})
        )["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def until(self, ask: Any) -> Any:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                if found := ask():
                    return found
            except httpx.HTTPError:
                pass
            time.sleep(1)
        raise AssertionError(f"not within {SECONDS} s")

    def _post(self, path: str, body: Any) -> Any:
        answer = self._http.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self._http.get(f"/api/v2{path}")
        answer.raise_for_status()
        return answer.json()

    def wake(self, dag_id: str) -> None:
        """Let a DAG run, once Airflow knows it."""
        self.until(lambda: self.get(f"/dags/{dag_id}"))
        self._http.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}).raise_for_status()

    def run(self, dag_id: str, run_id: str) -> None:
        """Start a run and wait until it ends well."""
        self._post(f"/api/v2/dags/{dag_id}/dagRuns", {"dag_run_id": run_id, "logical_date": None})
        assert self.ended(dag_id, run_id) == "success"

    def ended(self, dag_id: str, run_id: str) -> str:
        """How a run ended, once it has."""
        state: str = self.until(
            lambda: (
                (found := self.get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"]) in ("success", "failed")
                and found
            )
        )
        return state

    def questions(self) -> list[dict[str, Any]]:
        """What people are asked to decide on periods, and have not decided."""
        found = self.get("/dags/certify_period/dagRuns/~/hitlDetails?limit=100")["hitl_details"]
        return [one for one in found if one["task_instance"]["state"] == "awaiting_input"]

    def settle(self, run_id: str, option: str, comment: str) -> str:
        """Answer as often as one is asked, until the run ends; returns how it ended.

        An answer given in the very seconds in which the question is put can get lost: Airflow takes late news
        of the asking for news of the answered task, and puts the question once more.
        """

        def ended() -> str | None:
            if any(one["task_instance"]["dag_run_id"] == run_id for one in self.questions()):
                self.answer(run_id, option, comment)
            found: str = self.get(f"/dags/certify_period/dagRuns/{run_id}")["state"]
            return found if found in ("success", "failed") else None

        state: str = self.until(ended)
        return state

    def answer(self, run_id: str, option: str, comment: str) -> None:
        """Answer as the page *Required Actions* does."""
        body = {"chosen_options": [option], "params_input": {"comment": comment}}
        path = f"/api/v2/dags/certify_period/dagRuns/{run_id}/taskInstances/ask/-1/hitlDetails"
        self._http.patch(path, json=body).raise_for_status()


@contextmanager
def service(environ: dict[str, str], log: Path, *arguments: str) -> Iterator[None]:
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("airflow")), *arguments],
            env=environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield
        finally:
            os.killpg(process.pid, 15)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()


@pytest.fixture
def running(certified_home: Home, tmp_path: Path) -> Iterator[RunningAirflow]:
    context = certified_home.context
    settings = context.settings.model_copy(update={"airflow_port": free_ports(1)[0]})
    credentials = airflow_credentials(context.paths)
    # Only what the test wakes may run: a build would start otherwise.
    environ = environment(settings, context.paths, credentials)
    environ["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] = "True"
    migrate_airflow(environ)
    with ExitStack() as services:
        for name in ("api-server", "scheduler", "dag-processor"):
            services.enter_context(service(environ, tmp_path / f"{name}.log", name))
        running = RunningAirflow(f"http://127.0.0.1:{settings.airflow_port}", credentials.airflow_password)
        for dag_id in ("certify_period", "close_periods"):
            running.wake(dag_id)
        yield running


def state(home: Home, period_code: str) -> str:
    with Session(home.context.engine) as session:
        return period_states(period_events(session))[period_code].state


def test_a_person_is_asked_once_and_certifies_or_does_not(
    certified_home: Home, running: RunningAirflow
) -> None:
    running.run("close_periods", "first")
    asked = running.until(lambda: (found := running.questions()) and len(found) >= 9 and found)
    runs = {one["task_instance"]["dag_run_id"]: one for one in asked}
    july = next(run for run in runs if run.startswith("2026-M07"))
    june = next(run for run in runs if run.startswith("2026-M06"))
    assert not any(run.startswith(PERIOD) for run in runs), "it is certified"
    question = runs[july]
    assert question["subject"] == "Chứng nhận số liệu Tháng 7/2026 (2026-M07)"
    assert "- Biểu F02: đã nhận 0/59 báo cáo, đúng hạn 0; chưa có: " in question["body"]
    assert question["params"]["comment"]["schema"]["type"] == "string", "not null: the page requires it"

    may = next(run for run in runs if run.startswith("2026-M05"))
    running.answer(may, "Chứng nhận", " ")
    assert running.settle(july, "Chứng nhận", COMMENT) == "success"
    assert running.settle(june, "Không chứng nhận", "Chưa đủ báo cáo.") == "success"
    assert (state(certified_home, "2026-M07"), state(certified_home, "2026-M06")) == (
        "certified",
        "provisional",
    )
    assert state(certified_home, "2026-M05") == "provisional", "an answer needs a comment"
    with Session(certified_home.context.engine) as session:
        certification = period_states(period_events(session))["2026-M07"].certification
    assert certification is not None
    assert (certification.author, certification.comment) == (AIRFLOW_USER, COMMENT)
    package = certified_home.context.paths.open_data / "2026-M07" / "datapackage.json"
    assert COMMENT in package.read_text()

    before = running.get("/dags/certify_period/dagRuns")["total_entries"]
    running.run("close_periods", "second")
    after = running.get("/dags/certify_period/dagRuns")["total_entries"]
    assert after == before, "nobody is asked twice, not after a refusal either"
