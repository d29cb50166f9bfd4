"""`kpi replay` and `kpi lake`: showing that archive and ledger alone give what was published."""

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import Engine

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.errors import LakeError
from national_kpi.intake.rebuild import Rebuilt, rebuild_lake
from national_kpi.ledger.session import check_ledger, ledger_url, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.warehouse.replay import replay

lake_app = typer.Typer(no_args_is_help=True, help="The lake: rows of accepted files.")
app.add_typer(lake_app, name="lake")

REPLAY_COLUMNS = ("mart", "is_same", "rows_published", "rows_replayed")
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify", help="Check the rows that are there too, and write again what is not as accepted."
    ),
]


@lake_app.command()
def rebuild(verify: Verify = False, as_json: AsJson = False) -> None:
    """Write missing rows again, from the files as received and the catalogue by which they were accepted.

    Exit status 0: every accepted submission has its rows; 1: some could not be written again, and why.
    """
    settings, paths, engine = _home()
    rebuilt = rebuild_lake(paths, engine, settings.limits, verify=verify)
    if rebuilt or as_json:
        rows = [asdict(one) for one in rebuilt]
        show(rows, ("submission_id", "lake_path", "outcome", "trouble"), as_json=as_json, title="Lake")
    else:
        typer.echo("Every accepted submission has its rows.")
    raise typer.Exit(1 if _failed(rebuilt) else 0)


@app.command(name="replay")
def replay_command(
    publication_id: Annotated[str, typer.Argument(help="Which publication, such as 20261122T184100-3fa9c1.")],
    verify: Verify = False,
    as_json: AsJson = False,
) -> None:
    """Build a publication again from archive and ledger, and compare it mart by mart.

    Readers see nothing of it. Rows that are missing in the lake are written again first.

    Exit status 0: it is the same; 1: it differs, and where; 2: there is no such publication, or something it
    was made from is gone.
    """
    settings, paths, engine = _home()
    if failed := _failed(rebuild_lake(paths, engine, settings.limits, verify=verify)):
        raise LakeError(
            f"rows of {len(failed)} submission(s) are missing: {failed[0].trouble}",
            remedy="see `kpi lake rebuild`",
        )
    marts = replay(paths, engine, publication_id)
    show([asdict(mart) for mart in marts], REPLAY_COLUMNS, as_json=as_json, title=publication_id)
    raise typer.Exit(0 if all(mart.is_same for mart in marts) else 1)


def _failed(rebuilt: list[Rebuilt]) -> list[Rebuilt]:
    return [one for one in rebuilt if one.outcome == "failed"]


def _home() -> tuple[Settings, Paths, Engine]:
    settings = Settings()
    paths = Paths.of(settings)
    engine = open_ledger(ledger_url(settings, paths))
    check_ledger(engine)
    return settings, paths, engine
