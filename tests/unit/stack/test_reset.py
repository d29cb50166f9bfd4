from pathlib import Path

import pytest

from national_kpi.errors import StackError
from national_kpi.paths import Paths
from national_kpi.stack.__main__ import forget


def test_a_home_is_deleted_whole(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    for folder in (paths.inbox("G04"), paths.archive, paths.secrets, paths.logs, paths.home / "supervisor"):
        folder.mkdir(parents=True)
    for name in ("ledger.db", "ledger.db-wal", ".stack.lock"):
        (paths.home / name).touch()
    forget(paths)
    assert not paths.home.exists()


def test_a_folder_with_other_peoples_files_is_left_alone(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.archive.mkdir()
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(StackError, match=r"thesis\.docx"):
        forget(paths)
    assert paths.archive.exists()
