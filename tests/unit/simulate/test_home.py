"""Simulated data is never beside real data."""

import json
from pathlib import Path

import pytest

from national_kpi.errors import SimulationError
from national_kpi.paths import Paths
from national_kpi.simulate.home import prepare_home


def test_a_new_home_is_marked_with_what_it_was_made_from(tmp_path: Path) -> None:
    paths = prepare_home(tmp_path / "nation", tmp_path / "var", {"seed": 7})
    assert paths.is_simulated
    assert json.loads(paths.simulation_mark.read_text(encoding="utf-8")) == {"seed": 7}
    assert not Paths(tmp_path / "var").is_simulated


@pytest.mark.parametrize("where", ["var", "var/nation", "."])
def test_the_home_of_real_data_and_what_is_around_it_are_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "var").mkdir()
    with pytest.raises(SimulationError, match="beside the real data"):
        prepare_home(tmp_path / where, tmp_path / "var", {})
    assert not list(tmp_path.rglob("SIMULATED.json"))


def test_a_link_to_the_home_of_real_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "nation").symlink_to(tmp_path / "var")
    with pytest.raises(SimulationError, match="beside the real data"):
        prepare_home(tmp_path / "nation", tmp_path / "var", {})


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other" / "drop").mkdir(parents=True)
    with pytest.raises(SimulationError, match="in use"):
        prepare_home(tmp_path / "other", tmp_path / "var", {})


def test_a_simulation_may_be_added_to(tmp_path: Path) -> None:
    home = tmp_path / "nation"
    (prepare_home(home, tmp_path / "var", {}).drop).mkdir()
    assert prepare_home(home, tmp_path / "var", {"months": 2}).drop.is_dir()
    assert prepare_home(home, home, {}).home == home  # the platform is set to it already
