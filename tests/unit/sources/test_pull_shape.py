"""A source's answer is taken whole or refused with the place that is wrong."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.clock import HANOI
from national_kpi.errors import SourceError
from national_kpi.ledger.models import Pull
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.sources import PullResult, pull_source

SOURCE = "road_transport_public_services"
ENDPOINT = "/api/v1/published-figures"
NOW = datetime(2025, 8, 1, 9, 0, tzinfo=HANOI)


@dataclass(frozen=True)
class Home:
    paths: Paths
    catalogue: Catalogue
    engine: Engine


@pytest.fixture
def home(tmp_path: Path) -> Home:
    engine = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(engine)
    return Home(Paths(tmp_path), load_catalogue(CATALOGUE_DIR), engine)


def figure(
    value: str = "63 tỉnh, thành phố", published_on: str = "2022-09-08", **more: object
) -> dict[str, object]:
    return {
        "agency": "Bộ Giao thông vận tải",
        "indicator": "SYS_ROAD_PROVINCES_COVERED",
        "value": value,
        "numerator": None,
        "published_on": published_on,
        "source": "Báo cáo",
        "note": None,
        **more,
    }


def pull(home: Home, *pages: object, addresses: list[str] | None = None) -> PullResult:
    """Pull from a source that answers with these pages, each linking to the next."""
    remaining = list(pages)

    def fetch(address: str) -> bytes:
        if addresses is not None:
            addresses.append(address)
        return json.dumps(remaining.pop(0)).encode()

    return pull_source(home, SOURCE, fetch, NOW)


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8-sig").splitlines()


def test_the_file_looks_like_one_an_agency_sends(home: Home) -> None:
    (file,) = pull(home, {"items": [figure()], "next": None}).files
    assert file.parent == home.paths.inbox("G17")
    assert lines(file) == [
        "Số liệu đã công bố",
        "Biểu mẫu: F07",
        "Cơ quan báo cáo: Bộ Xây dựng",
        "Đến ngày 08/09/2022",
        "STT;Cơ quan;Mã chỉ số;Giá trị công bố;Tử số;Mẫu số;Từ ngày;Đến ngày;Nguồn;Ngày công bố;Ghi chú",
        "1;Bộ Giao thông vận tải;SYS_ROAD_PROVINCES_COVERED;63 tỉnh, thành phố;;;;;Báo cáo;2022-09-08;",
    ]


def test_every_page_is_fetched_from_our_own_connection(home: Home) -> None:
    addresses: list[str] = []
    result = pull(
        home,
        {"items": [figure()], "next": "?page=2"},
        {"items": [figure("64 tỉnh")], "next": "https://elsewhere.example/api/v1/published-figures?page=3"},
        {"items": [figure("65 tỉnh")], "next": None},
        addresses=addresses,
    )
    assert result.records_count == 3
    assert addresses == [ENDPOINT, f"{ENDPOINT}?page=2", f"{ENDPOINT}?page=3"]


def test_each_day_of_publication_is_a_file_of_its_own(home: Home) -> None:
    both = {"items": [figure(), figure(published_on="2022-10-08T23:30:00Z")], "next": None}
    files = pull(home, both).files
    assert [lines(file)[3] for file in files] == ["Đến ngày 08/09/2022", "Đến ngày 09/10/2022"]


def test_numbers_are_kept_as_the_source_writes_them(home: Home) -> None:
    (file,) = pull(home, {"items": [figure(numerator=1110785, note=80.21)], "next": None}).files
    assert lines(file)[-1].split(";")[4] == "1110785"
    assert lines(file)[-1].split(";")[10] == "80.21"


def test_an_empty_source_drops_nothing(home: Home) -> None:
    assert pull(home, {"items": [], "next": None}) == PullResult(SOURCE, 0, ())


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ({"rows": []}, "items"),
        ({"items": {}}, "items"),
        ([], "items"),
        ({"items": [figure()]}, "next"),
        ({"items": [figure(), {"agency": "Bộ Y tế"}], "next": None}, r"items\[1\]: indicator"),
        ({"items": ["text"], "next": None}, r"items\[0\]"),
        ({"items": [figure(value={"number": 1})], "next": None}, r"items\[0\]: value"),
        ({"items": [figure(published_on="08/09/2022")], "next": None}, r"items\[0\].*found '08/09/2022'"),
    ],
)
def test_a_changed_shape_is_refused_by_its_path_and_drops_nothing(
    home: Home, page: object, place: str
) -> None:
    with pytest.raises(SourceError, match=place):
        pull(home, page)
    assert not home.paths.drop.exists()


def test_an_answer_that_is_no_json_is_refused(home: Home) -> None:
    with pytest.raises(SourceError, match="no JSON"):
        pull_source(home, SOURCE, lambda _: b"<html>", NOW)


def test_pages_that_run_in_a_circle_end(home: Home) -> None:
    with pytest.raises(SourceError, match="circle"):
        pull(home, *[{"items": [], "next": ENDPOINT}] * 2)


def test_an_unknown_source_names_the_known_ones(home: Home) -> None:
    with pytest.raises(SourceError, match=f"known: {SOURCE}"):
        pull_source(home, "elsewhere", lambda _: b"", NOW)


def test_the_ledger_knows_the_file_before_it_can_be_seen(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    known_before_visible: list[bool] = []
    rename = Path.replace

    def watch(unfinished: Path, file: Path) -> Path:
        with Session(home.engine) as session:
            known = session.scalar(select(Pull.file_name)) == file.name
        known_before_visible.append(known and not file.exists())
        return rename(unfinished, file)

    monkeypatch.setattr(Path, "replace", watch)
    pull(home, {"items": [figure()], "next": None})
    assert known_before_visible == [True]
