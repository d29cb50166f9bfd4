"""`kpi backup` and `kpi restore`: all that cannot be made again, copied while the platform runs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from national_kpi.backup.make import make_backup
from national_kpi.backup.restore import check_backup, restore_backup
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.clock import now
from national_kpi.paths import Paths
from national_kpi.settings import Settings

MADE_COLUMNS = ("folder", "files", "shared", "size_bytes")
RESTORED_COLUMNS = ("files", "databases", "already_received", "receipts_rendered")
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")]


@app.command()
def backup(
    into: Annotated[
        Path, typer.Argument(help="The folder of backups, not in the home: each is a folder in it.")
    ],
    with_secrets: Annotated[
        bool,
        typer.Option("--with-secrets", help="Copy keys and passwords too: whoever has the backup, has them."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy databases, archive, lake, snapshots and what lies in the inboxes, while everything runs.

    Files that the newest earlier backup there has are shared with it.
    """
    settings = Settings()
    made = make_backup(settings, Paths.of(settings), into, now(), with_secrets=with_secrets)
    show([asdict(made) | {"folder": str(made.folder)}], MADE_COLUMNS, as_json=as_json, title="Backup")


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="The backup: a folder named after a moment.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only see that every file is as it was written.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fill an empty home and empty databases from a backup; everything else must be stopped.

    Exit status 0: restored, or as it was written; 2: damaged, or there is something here already.
    """
    settings = Settings()
    if check:
        files = len(check_backup(folder).files)
        show([{"files": files}], ("files",), as_json=as_json, title="As written")
        return
    restored = restore_backup(settings, Paths.of(settings), folder)
    show([asdict(restored)], RESTORED_COLUMNS, as_json=as_json, title="Restored")
