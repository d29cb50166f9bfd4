"""A whole platform, started as a user starts it, on a home and ports of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from national_kpi.loopback import HOST, free_ports
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.stack.airflow import Airflow
from national_kpi.stack.up import connect

PORT_SETTINGS = ("KPI_AIRFLOW_PORT", "KPI_SUPERSET_PORT", "KPI_SOURCE_PORT")
UP_SECONDS = 600


def eventually(condition: Callable[[], Any], seconds: float, pause: float = 0.5) -> Any:
    """What the condition returns once it is true; fails when it never is.

    Args:
        condition: asked again and again.
        seconds: for how long.
        pause: seconds between two tries.
    """
    deadline = time.monotonic() + seconds
    while True:
        if outcome := condition():
            return outcome
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        time.sleep(pause)


@dataclass
class RunningPlatform:
    """The platform under test; all that it does, it does through its public face."""

    home: Path
    ports: dict[str, int] = field(
        default_factory=lambda: dict(zip(PORT_SETTINGS, free_ports(len(PORT_SETTINGS)), strict=True))
    )

    @property
    def environ(self) -> dict[str, str]:
        """The settings of this platform, as a user would set them."""
        ports = {name: str(port) for name, port in self.ports.items()}
        # No canary: what the tests compare must change by nothing but what they do.
        return {**os.environ, "KPI_HOME": str(self.home), "KPI_CANARY_MINUTES": "0", **ports}

    @property
    def superset(self) -> str:
        """Superset's address."""
        return f"http://{HOST}:{self.ports['KPI_SUPERSET_PORT']}"

    @property
    def airflow(self) -> str:
        """Airflow's address."""
        return f"http://{HOST}:{self.ports['KPI_AIRFLOW_PORT']}"

    def connect_airflow(self) -> Airflow:
        """A client of the running Airflow."""
        return connect(Settings(home=self.home, airflow_port=self.ports["KPI_AIRFLOW_PORT"]))

    def wait_until_idle(self) -> None:
        """Wait until nothing is being taken in or built."""
        airflow = self.connect_airflow()
        eventually(lambda: not airflow.is_active("intake") and not airflow.is_active("build"), seconds=180)

    def announce(self, asset: str) -> None:
        """Tell Airflow of news of an asset, as a task with that outlet does."""
        airflow = self.connect_airflow()
        known = airflow.ask("GET", "/api/v2/assets", limit=100)["assets"]
        asset_id = next(one["id"] for one in known if one["name"] == asset)
        airflow.ask("POST", "/api/v2/assets/events", {"asset_id": asset_id})

    def stack(self, command: str) -> subprocess.CompletedProcess[str]:
        """`make up|down|status|reset`, with standard output and error together."""
        return self._run([sys.executable, "-m", "national_kpi.stack", command])

    def kpi(self, *arguments: str) -> list[dict[str, Any]]:
        """What a `kpi … --json` command prints."""
        kpi = str(Path(sys.executable).with_name("kpi"))
        outcome = self._run([kpi, *arguments, "--json"], stderr=subprocess.PIPE)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        rows: list[dict[str, Any]] = json.loads(outcome.stdout)
        return rows

    def _run(
        self, command: Sequence[str], stderr: int = subprocess.STDOUT
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            timeout=UP_SECONDS,
            check=False,
        )

    def secret(self, name: str) -> str:
        """A generated password."""
        return (self.home / "secrets" / name).read_text().strip()

    def drop(self, agency_code: str, file: Path, name: str = "") -> None:
        """Put a file into an agency's inbox, as an upload does: under a temporary name first."""
        inbox = self.home / "drop" / agency_code / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        partial = inbox / f".{name or file.name}.part"
        shutil.copyfile(file, partial)
        partial.rename(inbox / (name or file.name))

    def receipts(self, agency_code: str) -> dict[Path, dict[str, Any]]:
        """An agency's receipts by their folder."""
        folder = self.home / "drop" / agency_code / "receipts"
        return {file.parent: json.loads(file.read_text()) for file in sorted(folder.glob("*/receipt.json"))}

    def receipt_for(self, agency_code: str, file_name: str, seconds: float = 90) -> dict[str, Any]:
        """The newest receipt of a file, once it is there."""

        def issued() -> dict[str, Any] | None:
            found = [one for one in self.receipts(agency_code).values() if one["file_name"] == file_name]
            return found[-1] if found else None

        receipt: dict[str, Any] = eventually(issued, seconds)
        return receipt

    def publication(self) -> str:
        """The id of the snapshot readers see now."""
        return (self.home / "published" / "current").resolve().name

    def gap(self, kpi_code: str, agency_name: str, period_code: str) -> dict[str, Any]:
        """The one gap of an agency against the target of a KPI that counts first."""
        rows = [
            row
            for row in self.kpi("gaps", "--kpi", kpi_code, "--period", period_code)
            if agency_name in row["agency_name"] and row["basis"] == "reported"
        ]
        assert len(rows) == 1, rows
        return rows[0]
