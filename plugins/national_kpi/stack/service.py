"""What a supervised service is."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from national_kpi.loopback import HOST

STACK_MARK = "NATIONAL_KPI_STACK"
"""Environment variable that carries the home of the stack a process belongs to."""


@dataclass(frozen=True)
class Service:
    """One supervised process.

    `ailment` returns what is wrong with the service, empty when it is well. `port_setting` names the setting
    that chooses the port, for services that listen.
    """

    name: str
    command: tuple[str, ...]
    ailment: Callable[[], str] = field(compare=False)
    port: int | None = None
    port_setting: str = ""

    @property
    def command_line(self) -> str:
        """The command as a shell would read it."""
        return shlex.join(self.command)

    @property
    def address(self) -> str:
        """Where a browser finds it; empty when it does not listen."""
        return f"http://{HOST}:{self.port}" if self.port else ""
