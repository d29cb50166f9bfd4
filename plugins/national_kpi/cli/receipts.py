"""`kpi receipts`: verifying receipts, writing them again, and the schema they follow."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.intake.chain import (
    Break,
    check_chain,
    check_files,
    check_ledger_chains,
    check_rendered,
    ledger_agencies,
    links_of,
)
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.receipts import render
from national_kpi.intake.unmarked import write_marked
from national_kpi.ledger.queries import receipts_of
from national_kpi.ledger.session import check_ledger, ledger_url, open_ledger
from national_kpi.paths import RECEIPT_SCHEMA_FILE, Paths
from national_kpi.settings import Settings

receipts_app = typer.Typer(no_args_is_help=True, help="Receipts: the answers to submitted files.")
app.add_typer(receipts_app, name="receipts")

Agency = Annotated[str | None, typer.Option("--agency", help="Code of one folder; all when not given.")]


@receipts_app.command()
def verify(
    path: Annotated[
        Path | None,
        typer.Argument(
            exists=True, help="A folder of receipts, checked without the platform; else the ledger's."
        ),
    ] = None,
    agency: Agency = None,
    file: Annotated[
        list[Path] | None,
        typer.Option(
            "--file",
            exists=True,
            dir_okay=False,
            help="A file sent: has one of the receipts in PATH its SHA-256?",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of what is wrong.")] = False,
) -> None:
    """Check that no receipt was changed, left out, added or moved.

    Without PATH, the receipts in the ledger are checked, and those in the agencies' folders against them.
    With PATH, the receipts below that folder are checked by themselves, as an agency can do offline.

    Exit status 0: every chain holds; 1: one is broken, and where; 2: something cannot be read.
    """
    if file and path is None:
        raise typer.BadParameter(
            "files are compared with the receipts of a folder: name it", param_hint="--file"
        )
    breaks, checked = _offline(path, agency, file or []) if path else _in_ledger(agency)
    if breaks or as_json:
        show([asdict(one) for one in breaks], ("agency_code", "number", "where", "what"), as_json=as_json)
    else:
        typer.echo(f"{checked} receipt(s): every chain holds.")
    raise typer.Exit(1 if breaks else 0)


def _offline(path: Path, agency: str | None, files: Sequence[Path]) -> tuple[list[Break], int]:
    links = [link for link in links_of(path) if agency in (None, link.agency_code)]
    return [*check_chain(links), *check_files(links, files)], len(links)


def _in_ledger(agency: str | None) -> tuple[list[Break], int]:
    settings = Settings()
    paths = Paths.of(settings)
    engine = open_ledger(ledger_url(settings, paths))
    check_ledger(engine)
    with Session(engine) as session:
        breaks = [*check_ledger_chains(session, agency), *check_rendered(session, paths, agency)]
        checked = sum(len(receipts_of(session, code)) for code in ledger_agencies(session, agency))
    return breaks, checked


@receipts_app.command(name="render")
def render_again(agency: Agency = None) -> None:
    """Write receipts and marked workbooks again from the ledger and the archive, for those that are gone."""
    context = IntakeContext.of(Settings())
    check_ledger(context.engine)
    count = 0
    with Session(context.engine) as session:
        for code in ledger_agencies(session, agency):
            for receipt in receipts_of(session, code):
                write_marked(context, receipt, render(context.paths, receipt))
                count += 1
    typer.echo(f"{count} receipt(s) written.")


@receipts_app.command()
def schema() -> None:
    """Print the JSON schema of `receipt.json`."""
    typer.echo(RECEIPT_SCHEMA_FILE.read_text(encoding="utf-8"), nl=False)
