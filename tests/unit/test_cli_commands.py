"""The `kpi` command finds each command in the one module it loads."""

import subprocess
import sys

import pytest

from national_kpi.cli import COMMANDS

REGISTERED = """
import sys
from importlib import import_module
from national_kpi.cli import app
import_module("national_kpi.cli." + sys.argv[1])
commands = [command.name or command.callback.__name__ for command in app.registered_commands]
print(*sorted([*commands, *(group.name for group in app.registered_groups)]))
"""


@pytest.mark.parametrize("module", COMMANDS)
def test_a_module_registers_the_commands_it_is_loaded_for(module: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", REGISTERED, module], capture_output=True, text=True, check=True
    )
    assert tuple(run.stdout.split()) == COMMANDS[module]
