"""`kpi check` and `kpi intake`: what a receipt would say, and taking in what lies in the drop folder."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.tasks import known_catalogue
from national_kpi.clock import now
from national_kpi.intake.attribution import folder_holder, wrong_folder
from national_kpi.intake.parallel import sweep_in_parallel
from national_kpi.intake.pipeline import (
    BatchResult,
    IntakeContext,
    InterruptedIntakeError,
    check_file,
)
from national_kpi.intake.problems import worded
from national_kpi.ledger.session import migrate
from national_kpi.paths import Paths
from national_kpi.settings import Settings

FINDING_COLUMNS = ("severity_text", "rule_id", "sheet", "cell", "found", "expected", "message", "mend")
RECEIPT_COLUMNS = (
    "agency_code", "receipt_number", "file_name", "outcome", "form_code", "period_code",
)  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")]


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file to be sent.")],
    agency: Annotated[str, typer.Option("--agency", help="Code of the folder it would be put into.")],
    as_json: AsJson = False,
) -> None:
    """Show the receipt a file would get. Nothing is stored.

    Exit status 0: it would be accepted; 1: it would be rejected; 2: it cannot be read at all.
    """
    settings, moment = Settings(), now()
    catalogue = known_catalogue(Paths.of(settings), settings.ledger_url, moment)
    if folder_holder(catalogue, agency, moment.date()) is None:
        remedy = worded(catalogue, wrong_folder(catalogue, agency, moment.date())).mend_vi
        raise typer.BadParameter(
            f"no agency of today has the code {agency!r}. {remedy}", param_hint="--agency"
        )
    result = check_file(catalogue, file, agency, moment, settings.limits)
    body = result.body
    if as_json:
        show([{"file_name": file.name, "agency_code": agency, **body}], (), as_json=True)
    else:
        typer.echo(f"{file.name}: {body['outcome_text']}. {body['next_step']}")
        form = f"{body['form_code']} – {body['form_name']}" if body["form_code"] else "chưa xác định"
        reporter, period = body["reported_by_name"], body["period_name"]
        typer.echo(f"Biểu mẫu: {form}; cơ quan báo cáo: {reporter or 'chưa xác định'};", nl=False)
        typer.echo(f" kỳ: {period or 'chưa xác định'}; số dòng đọc được: {body['rows_understood']}.")
        if due := body["deadline"]:
            day = date.fromisoformat(due["due_on"])
            typer.echo(f"Hạn nộp: {day:%d/%m/%Y}; nếu nộp lúc này: {due['state_text'].lower()}.")
        if rules := body["rules_not_evaluated"]:
            typer.echo(f"Chỉ kiểm tra được khi nộp (so với kỳ trước): {', '.join(rules)}.")
        if body["findings"]:
            show(body["findings"], FINDING_COLUMNS, as_json=False)
    raise typer.Exit({"rejected": 1, "quarantined": 2}.get(result.outcome, 0))


@app.command()
def intake(
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes for a large drop, at most; as many as processors by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in what lies in the drop folder now, and finish what was begun.

    Exit status 0: nothing was refused; 1: a file was refused; 2: the disk or the ledger fails.
    """
    context = IntakeContext.of(Settings())
    migrate(context.engine)
    try:
        result = sweep_in_parallel(context, now(), workers)
    except InterruptedIntakeError as error:
        _show_receipts(error.result, as_json)
        raise
    _show_receipts(result, as_json)
    refused = [one for one in result.receipts if one.outcome in ("rejected", "quarantined")]
    raise typer.Exit(1 if refused else 0)


def _show_receipts(result: BatchResult, as_json: bool) -> None:
    show([asdict(one) for one in result.receipts], RECEIPT_COLUMNS, as_json=as_json, title="Receipts")
    for file in result.waiting:
        typer.echo(f"waits: {file}", err=True)
