"""Two months of a reduced national round: what intake makes of simulated files is what the manifest says."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.errors import LedgerError, SimulationError
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import TakenIn, sweep
from national_kpi.ledger.models import Submission
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.manifest import Simulated, read_manifest
from national_kpi.simulate.nation import Reporter, months_from, reporters_of
from national_kpi.simulate.planting import KINDS
from national_kpi.simulate.submissions import Order, drop_submissions
from national_kpi.simulate.to_lake import fill_lake
from national_kpi.warehouse.build import build
from tests.integration import building

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)
MONTHS = months_from(date(2022, 7, 1), 2)
FORMS = ("F01", "F02", "F03", "F04", "F05", "F06")


def nation_of(catalogue: Catalogue, received_on: date | None) -> tuple[Reporter, ...]:
    return reporters_of(catalogue, MONTHS, received_on, seed=5, services=30)[::18]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    """A home with the files of six agencies; in half of them something is wrong."""
    folder = tmp_path_factory.mktemp("simulated")
    paths = prepare_home(folder / "nation", folder / "var", {"seed": 5})
    order = Order(MONTHS, FORMS, dossiers=0, error_rate=0.5, ending=None)
    drop_submissions(catalogue, paths, nation_of(catalogue, NOW.date()), order, workers=2)
    return paths.home


@pytest.fixture(scope="module")
def context(home: Path, catalogue: Catalogue, examiner: Examiner) -> Iterator[IntakeContext]:
    settings = Settings(_env_file=None, home=home, ledger_url="")
    made = IntakeContext.of(settings)
    migrate(made.engine)
    vars(made)["examiner"] = examiner
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def manifest(home: Path) -> tuple[Simulated, ...]:
    return read_manifest(home)


@pytest.fixture(scope="module")
def taken(context: IntakeContext, manifest: tuple[Simulated, ...]) -> dict[str, TakenIn]:
    """What became of each file, by its place in the manifest."""
    result = sweep(context, NOW)
    assert result.waiting == []
    return {f"drop/{one.agency_code}/inbox/{one.file_name}": one for one in result.receipts}


def receipt_of(one: TakenIn) -> dict[str, Any]:
    receipt: dict[str, Any] = json.loads((one.receipt_folder / "receipt.json").read_text(encoding="utf-8"))
    return receipt


def test_every_outcome_is_the_manifests(manifest: tuple[Simulated, ...], taken: dict[str, TakenIn]) -> None:
    assert {file: one.outcome for file, one in taken.items()} == {one.file: one.outcome for one in manifest}
    assert len(manifest) == 72
    assert sum(bool(one.planted) for one in manifest) == 36
    assert {"accepted", "partly_accepted", "rejected", "quarantined"} <= {one.outcome for one in manifest}


def test_whatever_was_planted_is_found_in_its_place(
    manifest: tuple[Simulated, ...], taken: dict[str, TakenIn]
) -> None:
    for one in manifest:
        found = {(finding["rule_id"], finding["cell"]) for finding in receipt_of(taken[one.file])["findings"]}
        rules = {rule_id for rule_id, _ in found}
        for planted in one.planted:
            assert planted.rule_id in rules, one
            assert planted.cell is None or (planted.rule_id, planted.cell) in found, one


def test_nothing_is_found_where_nothing_was_planted(
    manifest: tuple[Simulated, ...], taken: dict[str, TakenIn]
) -> None:
    clean = [one for one in manifest if not one.planted]
    assert clean
    for one in clean:
        assert receipt_of(taken[one.file])["findings"] == [], one.file


def test_what_was_accepted_adds_up(manifest: tuple[Simulated, ...], taken: dict[str, TakenIn]) -> None:
    accepted = [one for one in manifest if one.outcome.startswith("accepted")]
    assert accepted
    for one in accepted:
        receipt = receipt_of(taken[one.file])
        totals = {total["column_name"]: Decimal(total["total"]) for total in receipt["totals"]}
        assert (totals, receipt["rows_understood"]) == (one.totals, one.rows), one.file
        assert receipt["period_code"] == one.period_code


def test_submissions_say_that_they_are_simulated(context: IntakeContext, taken: dict[str, TakenIn]) -> None:
    with Session(context.engine) as session:
        assert Counter(session.scalars(select(Submission.origin))) == {"simulated": len(taken)}


def test_a_ledger_never_holds_simulated_beside_real_data(
    context: IntakeContext, taken: dict[str, TakenIn], catalogue: Catalogue, tmp_path: Path
) -> None:
    assert taken
    real_home = IntakeContext(context.settings, Paths(tmp_path), catalogue, context.engine)
    with pytest.raises(LedgerError, match="real data, the ledger holds simulated"):
        sweep(real_home, NOW)
    platform = building.new_platform(tmp_path / "var")
    building.take_in_samples(platform, NOW)
    simulated_home = IntakeContext(context.settings, context.paths, catalogue, platform.engine)
    with pytest.raises(LedgerError, match="simulated data, the ledger holds real"):
        sweep(simulated_home, NOW)


def test_every_way_of_getting_it_wrong_occurs(catalogue: Catalogue, tmp_path: Path) -> None:
    paths = prepare_home(tmp_path / "nation", tmp_path / "var", {})
    nation = reporters_of(catalogue, MONTHS, NOW.date(), seed=5, services=5)
    order = Order(MONTHS, FORMS, dossiers=0, error_rate=1, ending=".xlsx")
    planted = {
        one.rule_id
        for entry in drop_submissions(catalogue, paths, nation, order, workers=2)
        for one in entry.planted
    }
    structural = {one for one in planted if catalogue.rule(one).kind == "structural"}
    assert structural == {
        "AGENCY-02", "AGENCY-05", "CELL-01", "CELL-02", "CODE-01", "FORM-02", "FORM-05", "PERIOD-01",
        "PERIOD-02", "PERIOD-03", "PERIOD-04", "READ-01", "READ-04", "TOTAL-01",
    }  # fmt: skip
    categories = {catalogue.rule(one).category for one in planted - structural}
    assert {"range", "part_of_whole", "total", "duplicate", "date_order"} <= categories
    assert len(KINDS) >= len(structural)


@pytest.mark.proof_only
def test_a_lake_that_was_never_submitted_is_built(catalogue: Catalogue, tmp_path: Path) -> None:
    paths = prepare_home(tmp_path / "nation", tmp_path / "var", {})
    nation = nation_of(catalogue, None)
    order = Order(MONTHS, (*FORMS, "F08"), dossiers=20, error_rate=0, ending=None)
    files = fill_lake(catalogue, paths, nation, order, workers=2)
    assert Counter(file.form_code for file in files) == dict.fromkeys(order.forms, 2 * len(nation))
    engine = open_ledger(f"sqlite:///{paths.ledger_file}")
    built = build(paths, engine, as_of=NOW.date(), now=NOW)
    for submission in (file.submission for file in files if file.form_code == "F02"):
        agency_id, lake_path = submission["agency_id"], paths.home / submission["lake_path"]
        period_code = submission["period_code"]
        (expected,) = building.select(
            built.duckdb_path,
            "select sum(dossiers_online)::bigint as numerator, sum(dossiers_total)::bigint as denominator"
            f" from '{lake_path}'",
        )
        (value,) = building.select(
            built.duckdb_path,
            "select numerator::bigint as numerator, denominator::bigint as denominator from fct_kpi_value"
            f" where kpi_code = 'KPI_DOSSIER_ONLINE_RATE' and agency_id = '{agency_id}'"
            f" and period_code = '{period_code}'"
            " and source = 'service_level' and basis = 'reported'",
        )
        assert value == expected
    with pytest.raises(SimulationError, match="submissions already"):
        fill_lake(catalogue, paths, nation, order, workers=2)
