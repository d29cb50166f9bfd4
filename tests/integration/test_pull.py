"""A real HTTP source, from its pages to the inbox."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.errors import SourceError
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.pipeline import take_in
from national_kpi.ledger.models import Pull, Submission
from national_kpi.paths import SAMPLES_DIR
from national_kpi.sources import pull_source
from national_kpi.sources.sample_server import SampleServer

SOURCE = "road_transport_public_services"
NOW = datetime(2025, 8, 1, 9, 0, tzinfo=HANOI)


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    """The file the source serves; a test may change it."""
    folder = tmp_path / "http"
    folder.mkdir()
    file = folder / "published-figures.json"
    file.write_bytes((SAMPLES_DIR / "http" / file.name).read_bytes())
    return file


@pytest.fixture
def fetch(figures: Path) -> Iterator[Callable[[str], bytes]]:
    """One GET at the running source."""
    with SampleServer(figures.parent, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def get(address: str) -> bytes:
            response = requests.get(f"http://127.0.0.1:{server.server_port}{address}", timeout=10)
            response.raise_for_status()
            return response.content

        yield get
        server.shutdown()


def test_the_published_figures_arrive_in_the_agencys_inbox(
    context: IntakeContext, fetch: Callable[[str], bytes]
) -> None:
    result = pull_source(context, SOURCE, fetch, NOW)
    (file,) = result.files
    assert result.records_count == 9
    assert list(context.paths.inbox("G17").iterdir()) == [file]
    with Session(context.engine) as session:
        (pull,) = session.scalars(select(Pull)).all()
    assert (pull.source_id, pull.file_name) == (SOURCE, file.name)
    assert pull.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_an_unchanged_source_writes_nothing(context: IntakeContext, fetch: Callable[[str], bytes]) -> None:
    pull_source(context, SOURCE, fetch, NOW)
    assert pull_source(context, SOURCE, fetch, NOW).files == ()


def test_a_corrected_figure_is_dropped_and_so_is_its_return(
    context: IntakeContext, fetch: Callable[[str], bytes], figures: Path
) -> None:
    as_published = figures.read_text(encoding="utf-8")
    corrected = as_published.replace("80,21%", "80,12%")
    names = set()
    for text in (as_published, corrected, as_published):
        figures.write_text(text, encoding="utf-8")
        (file,) = pull_source(context, SOURCE, fetch, NOW).files
        assert text[text.index("80,") :][:6] in file.read_text(encoding="utf-8-sig")
        names.add(file.name)
        file.unlink()
    assert len(names) == 2


def test_intake_takes_the_file_like_any_and_knows_where_it_came_from(
    context: IntakeContext, fetch: Callable[[str], bytes], figures: Path
) -> None:
    for _ in range(2):
        (file,) = pull_source(context, SOURCE, fetch, NOW).files
        assert take_in(context, file, NOW)
        assert pull_source(context, SOURCE, fetch, NOW).files == ()
        corrected = figures.read_text(encoding="utf-8").replace("80,21%", "80,12%")
        figures.write_text(corrected, encoding="utf-8")
    with Session(context.engine) as session:
        taken = [
            (row.outcome, row.origin, row.form_code, row.period_code, row.revision, row.rows_understood)
            for row in session.scalars(select(Submission).order_by(Submission.revision))
        ]
    assert taken == [
        ("accepted", f"source:{SOURCE}", "F07", "..2022-09-08", revision, 9) for revision in (1, 2)
    ]


def test_only_the_day_with_news_is_dropped(
    context: IntakeContext, fetch: Callable[[str], bytes], figures: Path
) -> None:
    (first,) = pull_source(context, SOURCE, fetch, NOW).files
    served = json.loads(figures.read_text(encoding="utf-8"))
    served["items"].append({**served["items"][0], "value": "trên 11.000 tuyến", "published_on": "2022-12-08"})
    figures.write_text(json.dumps(served), encoding="utf-8")
    result = pull_source(context, SOURCE, fetch, NOW)
    assert result.records_count == 10
    assert len(result.files) == 1
    assert first not in result.files


def test_a_pull_that_broke_off_is_made_good_by_the_next(
    context: IntakeContext, fetch: Callable[[str], bytes]
) -> None:
    (file,) = pull_source(context, SOURCE, fetch, NOW).files
    file.unlink()  # as if the machine had stopped between ledger and rename
    assert pull_source(context, SOURCE, fetch, NOW).files == (file,)
    assert file.exists()


def test_a_source_out_of_reach_says_so(context: IntakeContext, figures: Path) -> None:
    with SampleServer(figures.parent, 0) as server:
        port = server.server_port
    with pytest.raises(SourceError, match="cannot be fetched"):
        pull_source(
            context,
            SOURCE,
            lambda address: requests.get(f"http://127.0.0.1:{port}{address}", timeout=10).content,
            NOW,
        )
    assert not context.paths.drop.exists()
