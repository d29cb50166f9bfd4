"""`python -m national_kpi.warehouse.lint`: sqlfluff on the dbt models.

dbt must compile what sqlfluff reads, and compiling asks the build inputs which forms and columns there are.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from national_kpi.clock import now
from national_kpi.paths import DBT_PROJECT_DIR
from national_kpi.settings import PROJECT_ROOT
from national_kpi.warehouse.empty import empty_build


def main() -> int:
    """Lint models and tests; returns sqlfluff's exit status."""
    sqlfluff = str(Path(sysconfig.get_path("scripts")) / "sqlfluff")
    config = str(PROJECT_ROOT / ".sqlfluff")
    sources = [str(DBT_PROJECT_DIR / part) for part in ("models", "tests")]
    with empty_build(now().date()) as folder:
        run = subprocess.run(
            [sqlfluff, "lint", "--disable-progress-bar", "--config", config, *sources],
            cwd=folder,
            env=os.environ
            | {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")},
            check=False,
        )
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
