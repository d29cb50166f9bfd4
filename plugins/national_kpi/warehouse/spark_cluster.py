"""A Spark standalone cluster on this machine, of pyspark's own scripts, for tests and benchmarks."""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

from national_kpi.errors import BuildError
from national_kpi.loopback import HOST
from national_kpi.warehouse.spark import SPARK_PYTHON

READY_SECONDS = 60
_HEAP_SHARE = 0.65  # an executor takes more than its heap
_MASTER = re.compile(r"Starting Spark master at (spark://\S+)")
_WORKER = re.compile("Successfully registered with master")
_CLASSES = {name: f"org.apache.spark.deploy.{name}.{name.title()}" for name in ("master", "worker")}


@contextmanager
def spark_cluster(
    folder: Path,
    *,
    workers: int = 2,
    cores: int = 1,
    memory_mb: int = 1024,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """A master and its workers, for as long as the block lasts; meanwhile it is what `SPARK_CONF_DIR` sets.

    Args:
        folder: logs and the working folders of workers go there.
        workers: how many.
        cores: of each worker.
        memory_mb: of each worker, for the executor it starts.
        settings: of Spark, for whatever runs on the cluster.

    Yields:
        The master's address.

    Raises:
        BuildError: one of them did not start.
    """
    folder.mkdir(parents=True)
    own = {
        "spark.ui.enabled": "false",
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.executor.memory": f"{round(memory_mb * _HEAP_SHARE)}m",
        **settings,
    }
    lines = (f"{name} {value}\n" for name, value in own.items())
    (folder / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    local = ("--host", HOST, "--webui-port", "0")
    size = ("--cores", str(cores), "--memory", f"{memory_mb}m")
    with ExitStack() as stack:
        log = stack.enter_context(_daemon(folder, "master", _CLASSES["master"], *local, "--port", "0"))
        address = _said(log, _MASTER).group(1)
        logs = [
            stack.enter_context(
                _daemon(
                    folder, name, _CLASSES["worker"], *local, *size, "--work-dir", str(folder / name), address
                )
            )
            for name in (f"worker-{number}" for number in range(workers))
        ]
        for log in logs:
            _said(log, _WORKER)
        stack.enter_context(_configured_by(folder))
        yield address


@contextmanager
def _configured_by(folder: Path) -> Iterator[None]:
    before = os.environ.get("SPARK_CONF_DIR")
    os.environ["SPARK_CONF_DIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["SPARK_CONF_DIR"]
        if before is not None:
            os.environ["SPARK_CONF_DIR"] = before


@contextmanager
def _daemon(folder: Path, name: str, *command: str) -> Iterator[Path]:
    """One of Spark's processes; yields its log."""
    script = next(SPARK_PYTHON.parents[1].glob("lib/python3*/site-packages/pyspark/bin/spark-class"))
    log = folder / f"{name}.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [script, *command],
            env=os.environ | {"SPARK_HOME": str(script.parents[1]), "SPARK_DAEMON_MEMORY": "256m"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield log
    finally:
        process.terminate()
        process.wait(30)


def _said(log: Path, words: re.Pattern[str]) -> re.Match[str]:
    """Wait until a process says something."""
    deadline = time.monotonic() + READY_SECONDS
    while (found := words.search(log.read_text(encoding="utf-8", errors="replace"))) is None:
        if time.monotonic() > deadline:
            raise BuildError("Spark did not start", where=str(log), remedy="see the log; Java 17 is needed")
        time.sleep(0.1)
    return found
