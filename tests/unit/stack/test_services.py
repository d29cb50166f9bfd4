from pathlib import Path

import pytest

from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.stack.credentials import airflow_credentials
from national_kpi.stack.services import environment


def test_where_metrics_go_is_for_the_caller_to_say_and_nothing_else_of_airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    paths = Paths(tmp_path)
    made = environment(Settings(_env_file=None, home=tmp_path), paths, airflow_credentials(paths))
    assert made["AIRFLOW__METRICS__STATSD_ON"] == "True"
    assert made["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"


def test_metrics_are_off_by_default(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    made = environment(Settings(_env_file=None, home=tmp_path), paths, airflow_credentials(paths))
    assert not [name for name in made if name.startswith("AIRFLOW__METRICS__")]
