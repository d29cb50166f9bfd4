"""Rows that name their columns: JSON and Parquet become sheets such as an agency would type."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.reading.records import read_json, read_parquet
from national_kpi.limits import DEFAULT_LIMITS, Limits


def of_json(value: Any, limits: Limits = DEFAULT_LIMITS) -> list[list[object]]:
    content = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return read_json(content, "x", limits).rows()


def parquet(columns: dict[str, Any], metadata: dict[str, str] | None = None) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), written)
    return written.getvalue()


def of_parquet(columns: dict[str, Any], metadata: dict[str, str] | None = None) -> list[list[object]]:
    return read_parquet(parquet(columns, metadata), "x", DEFAULT_LIMITS).rows()


def test_a_list_of_objects_is_a_header_and_rows() -> None:
    rows = [{"portal": "Cổng A", "visits": 12}, {"visits": 0.5, "note": True}, {}]
    assert of_json(rows) == [
        ["portal", "visits", "note"], ["Cổng A", 12, None], [None, 0.5, True], [None, None, None],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "agency", "period", "rows"),
    [("form", "agency", "period", "rows"), ("bieu_mau", "co_quan", "ky_bao_cao", "du_lieu"),
     ("Biểu mẫu", "Cơ quan báo cáo", "Kỳ báo cáo", "Dữ liệu")],
)  # fmt: skip
def test_an_object_says_form_agency_and_period_above_its_rows(
    form: str, agency: str, period: str, rows: str
) -> None:
    said = {period: "2022-M08", form: "F06", agency: "Bộ Tư pháp", "khac": "x", rows: [{"visits": 1}]}
    assert of_json(said) == [
        ["Biểu mẫu: F06"], ["Cơ quan báo cáo: Bộ Tư pháp"], ["Kỳ báo cáo: 2022-M08"], ["visits"], [1],
    ]  # fmt: skip


def test_numbers_no_machine_holds_stay_as_they_are_written() -> None:
    content = b'[{"a": 1e999, "b": 123456789012345678901234567890, "c": NaN, "d": -0.0}]'
    assert of_json(content)[1] == ["1e999", "123456789012345678901234567890", "NaN", 0]


def test_half_a_sign_is_shown_as_missing() -> None:
    assert of_json(b'[{"a": "x\\ud800y"}]')[1] == ["x?y"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_in_any_unicode(encoding: str) -> None:
    assert of_json('[{"cổng": "ẵ"}]'.encode(encoding)) == [["cổng"], ["ẵ"]]


@pytest.mark.parametrize(
    ("content", "rule_id"),
    [
        (b"{", "READ-16"),
        (b'"x"', "READ-16"),
        (b"[1, 2]", "READ-16"),
        (b'{"form": "F06"}', "READ-16"),
        (b'{"rows": {"a": 1}}', "READ-16"),
        (b'[{"a": 1, "a": 2}]', "READ-16"),
        (b"[]", "READ-04"),
        (b"[{}]", "READ-04"),
        (b'[{"a": [1]}]', "READ-10"),
        (b'[{"a": {"b": 1}}]', "READ-10"),
        (b"[" * 1_000_000, "READ-10"),
        (b'{"a":' * 100_000, "READ-10"),
        (b'[{"a": "\xff\xfe"}]', "READ-12"),
    ],
)
def test_json_of_another_shape_is_refused(content: bytes, rule_id: str) -> None:
    with pytest.raises(UnreadableFileError, match=rule_id):
        of_json(content)


def test_a_column_named_twice_is_told_by_its_name() -> None:
    with pytest.raises(UnreadableFileError) as caught:
        of_json(b'[{"visits": 1, "visits": 2}]')
    assert "visits" in str(caught.value.found)


def test_parquet_keeps_types_and_takes_its_lines_from_the_metadata() -> None:
    columns = {
        "portal": ["Cổng A", None], "visits": [12, None], "rate": [0.5, float("nan")], "on": [True, False],
        "day": [date(2022, 8, 22), None], "money": [Decimal("12.00"), Decimal("0.50")],
        "at": [datetime(2022, 8, 22, 17, 30, tzinfo=UTC), None], "nothing": [None, None],
        "kind": pa.array(["a", "a"]).dictionary_encode(), "old": [b"x", None],
    }  # fmt: skip
    assert of_parquet(columns, {"form": "F06", "ky_bao_cao": "2022-M08", "pandas": "{}"}) == [
        ["Biểu mẫu: F06", *[None] * 9],
        ["Kỳ báo cáo: 2022-M08", *[None] * 9],
        list(columns),
        ["Cổng A", 12, 0.5, True, date(2022, 8, 22), 12, datetime(2022, 8, 23, 0, 30), None, "a", "x"],
        [None, None, None, False, None, 0.5, None, None, "a", None],
    ]


def test_parquet_in_nanoseconds_keeps_the_day() -> None:
    at = pa.array([datetime(2022, 8, 22)], pa.timestamp("ns"))
    assert of_parquet({"a": at})[1] == [datetime(2022, 8, 22)]


def test_nested_damaged_encrypted_and_large_parquet_is_refused() -> None:
    good = parquet({"a": [1, 2]})
    for content, rule_id, limits in (
        (parquet({"a": [[1], [2]]}), "READ-10", DEFAULT_LIMITS),
        (parquet({"a": [{"b": 1}]}), "READ-10", DEFAULT_LIMITS),
        (parquet({"a": [b"\xff"]}), "READ-01", DEFAULT_LIMITS),
        (good[: len(good) // 2], "READ-01", DEFAULT_LIMITS),
        (good[:-4] + b"PARE", "READ-05", DEFAULT_LIMITS),
        (good, "READ-08", Limits(rows=2)),
        (parquet({str(i): [1] for i in range(11)}), "READ-08", Limits(columns=10)),
        (parquet({"a": pa.array(["x" * 1000] * 2000)}), "READ-09", Limits(unpacked_mb=0)),
    ):
        with pytest.raises(UnreadableFileError, match=rule_id):
            read_parquet(content, "x", limits)
