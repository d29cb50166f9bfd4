"""Writing a nation's figures straight into the lake, for measurements too large to be submitted."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.errors import SimulationError
from national_kpi.intake.storage import lake_file, write_lake
from national_kpi.lake import lake_schema
from national_kpi.ledger.models import Submission
from national_kpi.ledger.queries import SIMULATED
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.periods import Period
from national_kpi.simulate.figures import figures_of
from national_kpi.simulate.nation import Reporter
from national_kpi.simulate.submissions import Order, received_at
from national_kpi.simulate.workers import each


@dataclass(frozen=True)
class LakeFile:
    """A file of the lake, and the ledger's row that names it."""

    form_code: str
    rows: int
    submission: dict[str, Any]


def fill_lake(
    catalogue: Catalogue, paths: Paths, nation: Sequence[Reporter], order: Order, workers: int
) -> list[LakeFile]:
    """Write every report as accepted rows, and a ledger that names them. There are no receipts.

    One report is in memory at a time, for each worker.

    Args:
        catalogue: holds agencies and forms.
        paths: a home of simulated data; its own ledger is used, whatever the settings say.
        nation: who reports.
        order: what is to be written; nothing is planted.
        workers: processes to use; the result does not depend on it.

    Raises:
        SimulationError: the home's ledger holds submissions already.
    """
    engine = open_ledger(f"sqlite:///{paths.ledger_file}")
    migrate(engine)
    with Session(engine) as session:
        if session.scalar(select(Submission.submission_id).limit(1)):
            raise SimulationError(
                "the ledger holds submissions already",
                where=str(paths.ledger_file),
                remedy="choose a new folder",
            )
    write = partial(_write_all, catalogue, paths, order)
    files = [file for written in each(write, nation, workers) for file in written]
    files.sort(key=lambda file: (file.submission["received_at"], file.submission["submission_id"]))
    rows = [{**file.submission, "decision_number": number} for number, file in enumerate(files, start=1)]
    with Session(engine) as session, session.begin():
        session.execute(insert(Submission), rows)
    engine.dispose()
    return files


def _write_all(catalogue: Catalogue, paths: Paths, order: Order, reporter: Reporter) -> list[LakeFile]:
    return list(_files(catalogue, paths, order, reporter))


def _files(catalogue: Catalogue, paths: Paths, order: Order, reporter: Reporter) -> Iterator[LakeFile]:
    figures = figures_of(catalogue, reporter, order.months, order.forms, order.dossiers, order.months_before)
    for month, form_code, rows in figures:
        words = f"{reporter.seed}|{reporter.agency.agency_id}|{form_code}|{month.code}"
        digest = hashlib.blake2b(words.encode(), digest_size=6).hexdigest()
        moment = received_at(month)
        submission_id = f"{moment:%Y%m%dT%H%M%S}-{digest}"
        file = lake_file(paths, form_code, submission_id)
        write_lake(enveloped(catalogue, reporter, month, form_code, submission_id, rows), file)
        with file.open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        yield LakeFile(
            form_code,
            rows.num_rows,
            {
                "submission_id": submission_id,
                "agency_code": reporter.folder,
                "agency_id": reporter.agency.agency_id,
                "file_name": file.name,
                "sha256": sha256,
                "size_bytes": file.stat().st_size,
                "received_at": moment,
                "origin": SIMULATED,
                "state": "decided",
                "outcome": "accepted",
                "form_code": form_code,
                "reported_by": reporter.agency.agency_id,
                "period_code": month.code,
                "known_from": moment.date(),
                "revision": 1,
                "rows_understood": rows.num_rows,
                "lake_path": str(file.relative_to(paths.home)),
                "rule_pack": catalogue.sha256,
                "decided_at": moment,
            },
        )


def enveloped(
    catalogue: Catalogue,
    reporter: Reporter,
    month: Period,
    form_code: str,
    submission_id: str,
    rows: pa.Table,
) -> pa.Table:
    """The rows with what every row of the lake carries."""
    same = {
        "submission_id": submission_id,
        "sheet": form_code,
        "agency_id": reporter.agency.agency_id,
        "reported_by": reporter.agency.agency_id,
        "period_code": month.code,
        "period_start": month.start,
        "period_end": month.end,
        "period_known": month.known,
        "known_from": received_at(month).date(),
    }
    columns = {}
    for field in lake_schema(catalogue, form_code):
        if field.name == "row_number":
            columns[field.name] = pa.array(range(1, rows.num_rows + 1), field.type)
        elif field.name in same:
            columns[field.name] = pa.repeat(pa.scalar(same[field.name], field.type), rows.num_rows)
        else:
            columns[field.name] = rows[field.name]
    return pa.table(columns, schema=lake_schema(catalogue, form_code))
