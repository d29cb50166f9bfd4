"""What the benchmarks of a national round share: the files, and what must have become of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import HANOI
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.manifest import Simulated
from national_kpi.simulate.nation import months_from, reporters_of
from national_kpi.simulate.submissions import Order, drop_submissions

MONTH = date(2022, 8, 1)
"""When there were 93 agencies; each report lies in the folder of who speaks for its agency today."""

FORMS = ("F01", "F02", "F03", "F04", "F05", "F06")
SERVICES = 1828
"""Services an agency, on average: 170,000 in all."""

ERROR_RATE = 0.1


@dataclass(frozen=True)
class Answer:
    """A file's receipt, and the moments at which its parts were on disk."""

    file_name: str
    outcome: str
    agency_code: str
    archived: float
    answered: float
    in_lake: float | None
    marked: float | None


def make_round(home: Path, seed: int, workers: int) -> list[Simulated]:
    """Put a month's reports of all agencies into the inboxes of a new home."""
    catalogue = load_catalogue(CATALOGUE_DIR)
    paths = prepare_home(home, home.with_name(f"{home.name}-real"), {"seed": seed})
    months = months_from(MONTH, 1)
    nation = reporters_of(catalogue, months, datetime.now(HANOI).date(), seed, SERVICES)
    order = Order(months, FORMS, dossiers=0, error_rate=ERROR_RATE, ending=None)
    return drop_submissions(catalogue, paths, nation, order, workers)


def answers(paths: Paths, since: float = 0) -> list[Answer]:
    """All receipts of a home that were written after a moment.

    Raises:
        SystemExit: a receipt names a marked workbook that is not there.
    """
    found = []
    for file in paths.drop.glob("*/receipts/*/receipt.json"):
        if file.stat().st_mtime >= since:
            found.append(_answer(paths, file, json.loads(file.read_text(encoding="utf-8"))))
    return found


def _answer(paths: Paths, file: Path, receipt: dict[str, Any]) -> Answer:
    lake = paths.lake / str(receipt["form_code"]) / f"{receipt['submission_id']}.parquet"
    workbook = receipt["marked_workbook"] and file.with_name(receipt["marked_workbook"])
    if workbook and not workbook.exists():
        raise SystemExit(f"{workbook} is missing")
    return Answer(
        file_name=receipt["file_name"],
        outcome=receipt["outcome"],
        agency_code=receipt["agency_code"],
        archived=(paths.archive / receipt["sha256_of_file"]).stat().st_mtime,
        answered=file.stat().st_mtime,
        in_lake=lake.stat().st_mtime if lake.exists() else None,
        marked=workbook.stat().st_mtime if workbook else None,
    )


def check(expected: Sequence[Simulated], found: Sequence[Answer]) -> None:
    """Make sure that every file got the answer it must get.

    Raises:
        SystemExit: one did not.
    """
    outcomes = {(one.agency_code, one.file_name): one.outcome for one in found}
    wrong = [
        f"{entry.file}: {outcomes.get((entry.agency_code, Path(entry.file).name))} instead of {entry.outcome}"
        for entry in expected
        if outcomes.get((entry.agency_code, Path(entry.file).name)) != entry.outcome
    ]
    if wrong or len(found) != len(expected):
        raise SystemExit(f"{len(found)} receipts for {len(expected)} files\n" + "\n".join(wrong[:20]))
