"""Opening received files in a process of their own.

A damaged or malicious file can make a reading library ask for all memory, crash or never end. Where that
happens to a child process with limits, it costs one receipt; in the process that takes files in, it would
stop all files, and again at every attempt.
"""

import logging
import os
import resource
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.marking import mark_workbook, write_findings_only
from national_kpi.intake.readers import damaged, percent_decimals, read_sheets
from national_kpi.intake.sheets import Place, Sheet

log = logging.getLogger(__name__)

MEMORY_BYTES = 4 * 1024**3
SECONDS = 300
_ATTEMPTS = 2  # the system may have ended the child for reasons of its own


class IsolatedReader:
    """Calls `readers` in a child process, which serves many files and is replaced when it dies."""

    def __init__(self) -> None:
        self._connection: Connection[Any, Any] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read_sheets(self, path: Path, file_name: str) -> list[Sheet]:
        """As `readers.read_sheets`; a file that its reader does not survive is damaged."""
        sheets: list[Sheet] = self._call(read_sheets, file_name, path, file_name)
        return sheets

    def percent_decimals(
        self, path: Path, file_name: str, sheet_name: str, places: set[Place]
    ) -> dict[Place, int]:
        """As `readers.percent_decimals`."""
        decimals: dict[Place, int] = self._call(percent_decimals, file_name, path, sheet_name, places)
        return decimals

    def mark_workbook(self, source: Path, file_name: str, body: Mapping[str, Any], target: Path) -> str:
        """As `marking.mark_workbook`; a file that this does not survive gets the list of findings alone."""
        try:
            remark: str = self._call(mark_workbook, file_name, source, file_name, body, target)
        except (UnreadableFileError, RuntimeError) as error:
            self._call(write_findings_only, file_name, body, target)
            return str(error)
        return remark

    def _call(self, function: Callable[..., Any], file_name: str, *arguments: Any) -> Any:
        for _ in range(_ATTEMPTS):
            connection = self._connect()
            try:
                connection.send((function, arguments))
                if not connection.poll(SECONDS):
                    self._stop()
                    log.warning("reading %s took longer than %s s", file_name, SECONDS)
                    break
                kind, *answer = connection.recv()
            except (EOFError, BrokenPipeError, ConnectionResetError):
                log.warning("reading %s ended its process with status %s", file_name, self._stop())
                continue
            if kind == "unreadable":
                what, where, remedy = answer
                raise UnreadableFileError(what, where=where, remedy=remedy)
            if kind == "mistake":
                raise RuntimeError(*answer)
            return answer[0]
        raise damaged(file_name)

    def _connect(self) -> "Connection[Any, Any]":
        # A forked process must not share its parent's reader.
        if self._connection is None or self._owner != os.getpid():
            ours, theirs = Pipe()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "national_kpi.intake.isolation", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # the libraries print traces of what we report as damaged
            )
            theirs.close()
            self._connection, self._owner = ours, os.getpid()
        return self._connection

    def _stop(self) -> int | None:
        """End the child; gives back how it ended."""
        connection, process = self._connection, self._process
        self._connection = self._process = None
        if connection:
            connection.close()
        if process is None:
            return None
        process.kill()
        return process.wait()

    def __del__(self) -> None:
        with suppress(Exception):  # the interpreter may be shutting down; the child ends by itself then
            if self._owner == os.getpid():
                self._stop()


def serve(connection: "Connection[Any, Any]") -> None:
    """Answer calls until the other side is gone; runs in the child process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        connection.send(_answer(function, arguments))


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        return "value", function(*arguments)
    except UnreadableFileError as error:
        return "unreadable", error.what, error.where, error.remedy
    except MemoryError:
        os.abort()  # like any other library that asks for too much
    except Exception:
        return "mistake", traceback.format_exc()


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
