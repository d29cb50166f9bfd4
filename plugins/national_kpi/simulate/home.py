"""A home folder for simulated data: marked as such, and never beside real data."""

import json
from pathlib import Path
from typing import Any

from national_kpi.errors import SimulationError
from national_kpi.paths import Paths


def prepare_home(folder: Path, real_home: Path, arguments: dict[str, Any]) -> Paths:
    """Make a folder a home of simulated data, marked with what it was made from.

    Args:
        folder: where to; new, empty, or the home of an earlier simulation.
        real_home: the home the platform is set to.
        arguments: what the simulation was asked for, kept in the mark.

    Raises:
        SimulationError: the folder is, lies in or holds a home of real data, or is used for something else.
    """
    paths = Paths(folder.resolve())
    real = Paths(real_home.resolve())
    touches = paths.home == real.home or paths.home in real.home.parents or real.home in paths.home.parents
    if touches and not real.is_simulated:
        raise SimulationError(
            f"simulated data would lie beside the real data in {real.home}",
            where=str(paths.home),
            remedy="choose a folder apart from KPI_HOME",
        )
    if paths.home.exists() and not paths.is_simulated and any(paths.home.iterdir()):
        raise SimulationError(
            "the folder is in use and was not made by `kpi simulate`",
            where=str(paths.home),
            remedy="choose a new or an empty folder",
        )
    paths.home.mkdir(parents=True, exist_ok=True)
    text = json.dumps(arguments, ensure_ascii=False, indent=2, default=str)
    paths.simulation_mark.write_text(f"{text}\n", encoding="utf-8")
    return paths
