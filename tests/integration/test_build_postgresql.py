"""A build and its publication with the ledger on a real PostgreSQL."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import publish
from tests.integration.building import put_into_lake, share_parsed_project

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)


@pytest.mark.needs_postgresql
def test_what_postgresql_remembers_is_built_and_published(
    postgresql_url: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    settings = Settings(_env_file=None, home=tmp_path / "home", ledger_url=postgresql_url)
    paths, engine = Paths.of(settings), open_ledger(postgresql_url)
    share_parsed_project(paths)
    migrate(engine)
    rows = [{"portal": "Cổng thông tin điện tử tỉnh Sơn La", "visits": visits} for visits in (100, 23)]
    put_into_lake(
        paths, engine, catalogue, "s1", form_code="F06", reported_by="H52@0001-01-01", period_code="2026-M10",
        now=NOW, rows=rows,
    )  # fmt: skip
    built = build(paths, engine, as_of=NOW.date(), now=NOW)
    published = publish(settings, paths, engine, now=NOW)
    assert (published.build_id, built.input_sequence) == (built.build_id, 1)
    (row,) = queries.gaps(queries.current_snapshot(paths), kpi_code="KPI_PORTAL_VISITS", agency_code="H52")
    assert (row["value"], row["source"]) == (Decimal(123), "self_reported")
    engine.dispose()
