"""Who listens where."""

import socket
from collections.abc import Mapping

import psutil

from national_kpi.errors import StackError
from national_kpi.loopback import HOST


def _holder(port: int) -> str:
    """The program that listens on a port, as far as this user may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass  # another user's process: the port is taken all the same
    return ""


def require_distinct(ports: Mapping[str, int]) -> None:
    """Make sure that no two services are told to listen on one port.

    Args:
        ports: port by the setting that chooses it.

    Raises:
        StackError: two settings name the same port.
    """
    seen: dict[int, str] = {}
    for setting, port in ports.items():
        if port in seen:
            raise StackError(
                f"port {port} is given twice",
                where=f"{seen[port]} and {setting}",
                remedy=f"write `{setting}=<another port>` into .env and run again",
            )
        seen[port] = setting


def require_free(port: int, setting: str) -> None:
    """Make sure a service will be able to listen on a port of the loopback interface.

    Args:
        port: the port.
        setting: the setting that chooses it, `KPI_AIRFLOW_PORT` say.

    Raises:
        StackError: another program has it.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StackError(
                f"port {port} is already taken{_holder(port)}",
                where=setting,
                remedy=f"stop that program, or write `{setting}=<a free port>` into .env and run again",
            ) from error
