"""Records become the report an agency would send, or are refused with the place that is wrong."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import SourceField
from national_kpi.clock import HANOI
from national_kpi.errors import SourceError, SourceShapeError
from national_kpi.ledger.models import SourcePage
from national_kpi.sources.records import file_stem, report_file, reports_of
from tests.unit.sources.api import SOURCE

TODAY = date(2025, 8, 1)
FIELDS = {
    "agency": "agency", "kpi_code": "indicator", "value_as_printed": "value", "numerator": "numerator",
    "published_on": "published_on", "source": "source", "note": "note",
}  # fmt: skip
VISITS = SOURCE.model_copy(update={"form_code": "F06"})


def mapped(catalogue: Catalogue, fields: dict[str, str], **constants: str) -> Catalogue:
    """The catalogue with these fields of the source."""
    named: list[tuple[str, str | None, str | None]] = [(name, path, None) for name, path in fields.items()]
    named += [(name, None, constant) for name, constant in constants.items()]
    rows = [
        SourceField(source_id="road", column_name=name, field_path=path, constant=constant)
        for name, path, constant in named
    ]
    return replace(catalogue, sources=(SOURCE,), source_fields=tuple(rows))


def figure(**more: Any) -> dict[str, Any]:
    return {
        "agency": "Bộ Giao thông vận tải",
        "indicator": "SYS_ROAD_PROVINCES_COVERED",
        "value": "63 tỉnh, thành phố",
        "numerator": None,
        "published_on": "2022-09-08",
        "source": "Báo cáo",
        "note": None,
        **more,
    }


def page(*records: Any, address: str = "/api") -> SourcePage:
    now = datetime(2025, 8, 1, tzinfo=HANOI)
    return SourcePage(source_id="road", address=address, reading=now, records=list(records))


def lines(catalogue: Catalogue, source: Any, *pages: SourcePage) -> list[list[str]]:
    """The lines of each report."""
    return [
        report_file(catalogue, source, period, rows, TODAY).decode("utf-8-sig").splitlines()
        for period, rows in reports_of(catalogue, source, pages)
    ]


@pytest.fixture(scope="module")
def published(catalogue: Catalogue) -> Catalogue:
    return mapped(catalogue, FIELDS)


def test_the_file_looks_like_one_an_agency_sends(published: Catalogue) -> None:
    assert lines(published, SOURCE, page(figure())) == [
        [
            "Số liệu đã công bố",
            "Biểu mẫu: F07",
            "Cơ quan báo cáo: Bộ Xây dựng",
            "Đến ngày 08/09/2022",
            "STT;Cơ quan;Mã chỉ số;Giá trị công bố;Tử số;Mẫu số;Từ ngày;Đến ngày;Nguồn;Ngày công bố;Ghi chú",
            "1;Bộ Giao thông vận tải;SYS_ROAD_PROVINCES_COVERED;63 tỉnh, thành phố;;;;;Báo cáo;2022-09-08;",
        ]
    ]


def test_each_day_of_publication_is_a_report_of_its_own(published: Catalogue) -> None:
    reports = lines(published, SOURCE, page(figure(published_on="2022-10-08T23:30:00Z")), page(figure()))
    assert [report[3] for report in reports] == ["Đến ngày 08/09/2022", "Đến ngày 09/10/2022"]


@pytest.mark.parametrize(
    ("told", "line", "stem"),
    [
        ("2026-M08", "Kỳ báo cáo: Tháng 8/2026", "F06-road-2026-M08-"),
        ("2026-Q3", "Kỳ báo cáo: Quý III/2026", "F06-road-2026-Q3-"),
        ("2026-08-22", "Đến ngày 22/08/2026", "F06-road-20260822-"),
    ],
)
def test_a_record_may_tell_its_period(catalogue: Catalogue, told: str, line: str, stem: str) -> None:
    visits = mapped(catalogue, {"period": "of", "visits": "n"}, portal="Cổng")
    ((period, rows),) = reports_of(visits, VISITS, [page({"of": told, "n": 5})])
    (report,) = lines(visits, VISITS, page({"of": told, "n": 5}))
    assert (report[3], report[-1], file_stem(VISITS, period)) == (line, "1;Cổng;5;;", stem)
    assert len(rows) == 1


def test_numbers_are_kept_as_written_and_truths_are_words(published: Catalogue) -> None:
    (report,) = lines(published, SOURCE, page(figure(numerator=1, value="80.210", note=True)))
    assert report[-1].split(";")[3:5] == ["80.210", "1"]
    assert report[-1].split(";")[-1] == "có"


def test_what_comes_again_by_cursor_replaces_what_came_before(published: Catalogue) -> None:
    feed = SOURCE.model_copy(update={"page_style": "cursor"})
    pages = page(figure(), figure(agency="Bộ Y tế")), page(figure(value="64 tỉnh"), address="/api?after=a")
    (report,) = lines(published, feed, *pages)
    assert [line.split(";")[1:4:2] for line in report[5:]] == [
        ["Bộ Giao thông vận tải", "64 tỉnh"], ["Bộ Y tế", "63 tỉnh, thành phố"]
    ]  # fmt: skip
    (as_list,) = lines(published, SOURCE, *pages)
    assert len(as_list) == 8, "a list holds each record once: intake tells of two with one key"


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"agency": "Bộ Y tế"}, r"items\[1\]: indicator: is missing"),
        ("text", r"items\[1\]: agency: is missing"),
        (figure(value={"number": 1}), r"items\[1\]: value: is no single value"),
        (figure(published_on="08/09/2022"), r"items\[1\].*found '08/09/2022'"),
    ],
)
def test_a_record_of_another_shape_is_refused_by_its_path(
    published: Catalogue, record: Any, place: str
) -> None:
    with pytest.raises(SourceShapeError, match=place):
        reports_of(published, SOURCE, [page(figure(), record)])


def test_nobody_reports_for_a_code_that_nobody_holds(published: Catalogue) -> None:
    ((period, rows),) = reports_of(published, SOURCE, [page(figure())])
    source = SOURCE.model_copy(update={"agency_code": "G99"})
    with pytest.raises(SourceError, match="nobody holds the code G99 on 2025-08-01"):
        report_file(published, source, period, rows, TODAY)
