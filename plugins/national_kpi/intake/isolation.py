"""Opening received files in a process of their own.

A damaged or malicious file can make a reading library ask for all memory, crash or never end. Where that
happens to a child process with limits, it costs one receipt; in the process that takes files in, it would
stop all files, and again at every attempt.
"""

import logging
import mmap
import os
import pickle
import resource
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler, recv_handle, send_handle
from pathlib import Path
from typing import Any

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.marking import mark_workbook, write_findings_only
from national_kpi.intake.reading.files import percent_decimals, read_sheets
from national_kpi.intake.sheets import Place, Sheet
from national_kpi.limits import DEFAULT_LIMITS, Limits

log = logging.getLogger(__name__)

_ALIGNED_BYTES = 64  # where Arrow likes its arrays to begin
_ATTEMPTS = 2  # the system may have ended the child for reasons of its own


class IsolatedReader:
    """Calls `reading` in a child process, which serves many files and is replaced when it dies.

    Args:
        limits: what a file may be at most, and what reading it may take.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._connection: Connection[Any, Any] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read_sheets(self, path: Path, file_name: str) -> list[Sheet]:
        """As `reading.files.read_sheets`; a file that its reader does not survive is refused."""
        sheets: list[Sheet] = self._call(read_sheets, file_name, path, file_name, self._limits)
        return sheets

    def percent_decimals(
        self, path: Path, file_name: str, sheet_name: str, places: set[Place]
    ) -> dict[Place, int]:
        """As `reading.files.percent_decimals`."""
        decimals: dict[Place, int] = self._call(
            percent_decimals, file_name, path, file_name, sheet_name, places, self._limits
        )
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
                if not connection.poll(self._limits.seconds):
                    self._stop()
                    log.warning("reading %s took longer than %s s", file_name, self._limits.seconds)
                    break
                kind, *answer = _receive(connection)
            except (EOFError, BrokenPipeError, ConnectionResetError):
                log.warning("reading %s ended its process with status %s", file_name, self._stop())
                continue
            if kind == "unreadable":
                rule_id, found, expected, where = answer
                raise UnreadableFileError(rule_id, found=found, expected=expected, where=where)
            if kind == "disk":
                raise OSError(*answer)
            if kind == "mistake":
                raise RuntimeError(*answer)
            return answer[0]
        raise UnreadableFileError("READ-17")

    def _connect(self) -> "Connection[Any, Any]":
        # A forked process must not share its parent's reader.
        if self._connection is None or self._owner != os.getpid():
            ours, theirs = Pipe()
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "national_kpi.intake.isolation",
                    str(theirs.fileno()),
                    str(self._limits.memory_mb),
                ],
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


def serve(connection: "Connection[Any, Any]", memory_mb: int) -> None:
    """Answer calls until the other side is gone; runs in the child process."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1024**2, memory_mb * 1024**2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        _send(connection, _answer(function, arguments))


def _send(connection: "Connection[Any, Any]", answer: tuple[Any, ...]) -> None:
    """Send an answer; its large arrays go by shared memory, which costs the receiver nothing."""
    arrays: list[pickle.PickleBuffer] = []
    message = pickle.dumps(answer, protocol=5, buffer_callback=arrays.append)
    places, end = [], 0
    descriptor = os.memfd_create("answer")
    with open(descriptor, "wb", closefd=False) as memory:
        for array in arrays:
            start = -end % _ALIGNED_BYTES + end
            memory.seek(start)
            end = start + memory.write(array.raw())
            places.append((start, end))
    connection.send((message, places))
    send_handle(connection, descriptor, None)
    os.close(descriptor)


def _receive(connection: "Connection[Any, Any]") -> tuple[Any, ...]:
    message, places = connection.recv()
    descriptor = recv_handle(connection)
    try:
        size = places[-1][1] if places else 0
        memory = memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)) if size else memoryview(b"")
    finally:
        os.close(descriptor)
    arrays = [memory[start:end] for start, end in places]
    answer: tuple[Any, ...] = ForkingPickler.loads(message, buffers=arrays)
    return answer


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        return "value", function(*arguments)
    except UnreadableFileError as error:
        return "unreadable", error.rule_id, error.found, error.expected, error.where
    except MemoryError:
        os.abort()  # like any other library that asks for too much
    except OSError as error:
        if error.errno is None:
            return "mistake", traceback.format_exc()
        return "disk", error.errno, str(error)
    except Exception:
        return "mistake", traceback.format_exc()


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
