"""Whatever comes in, reading ends with sheets or with a refusal, and examining it with an answer."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from national_kpi.catalogue import Catalogue
from national_kpi.errors import UnreadableFileError
from national_kpi.intake.examine import Examiner
from national_kpi.intake.isolation import IsolatedReader
from national_kpi.intake.reading.files import ACCEPTED_TYPES, read_content
from national_kpi.intake.receipts import understood
from national_kpi.intake.sheets import Sheet
from tests.unit.intake.conftest import TODAY
from tests.unit.intake.workbooks import GOOD_ROWS, save

pytestmark = pytest.mark.proof

STARTS = (
    b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1", b"{", b"[", b"<?xml",
    b"\xff\xfe",
)  # fmt: skip
SHOWN = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp"), exclude_characters=';,\t|"\u037e'),
    min_size=1,
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        (
            "12",
            "1.234",
            "0,5",
            "31/12/2022",
            "31/02/2022",
            "x",
            "không",
            "Tổng cộng",
            "\ud800",
            "=1+1",
            "#REF!",
            "1e400",
            "\0",
        )
    )
)
TYPES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float64(): st.floats(),
    pa.float16(): st.just(0.5),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(st.characters(exclude_categories=("Cs",))),
    pa.large_string(): st.text(st.characters(exclude_categories=("Cs",))),
    pa.binary(): st.binary(max_size=8),
    pa.date32(): st.dates(),
    pa.date64(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("ns"): st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
    pa.timestamp("ms", "UTC"): st.datetimes(datetime(1000, 1, 1)),
    pa.time64("us"): st.times(),
    pa.duration("us"): st.timedeltas(timedelta(0), timedelta(days=400)),
    pa.decimal128(12, 2): st.decimals(-(10**9), 10**9, places=2),
    pa.null(): st.none(),
}  # fmt: skip
ANY_SIZE = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def reader() -> IsolatedReader:
    return IsolatedReader()


def read_or_refused(content: bytes, name: str) -> list[Sheet]:
    try:
        return read_content(content, name)
    except UnreadableFileError as refused:
        assert refused.rule_id.startswith("READ-")
        return []


@given(st.sampled_from(ACCEPTED_TYPES), st.sampled_from(STARTS), st.binary(max_size=2000))
@ANY_SIZE
def test_any_bytes(reader: IsolatedReader, tmp_path: Path, ending: str, start: bytes, rest: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(start + rest)
    try:
        reader.read_sheets(file, f"x{ending}")
    except UnreadableFileError as refused:
        assert refused.rule_id != "READ-17", "it took all memory or time"


@given(st.text(max_size=300), st.sampled_from([".csv", ".tsv", ".json"]))
@ANY_SIZE
def test_any_text(text: str, ending: str) -> None:
    read_or_refused(text.encode(errors="surrogatepass"), f"x{ending}")


@given(st.lists(st.lists(SHOWN, min_size=2, max_size=5), min_size=1, max_size=20))
@ANY_SIZE
def test_csv_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=";").writerows(rows)
    sheets = read_or_refused(written.getvalue().encode("utf-8-sig"), "x.csv")
    if sheets:  # else letters were taken for lost
        width = max(map(len, rows))
        read = [[cell and normalize("NFC", str(cell)) for cell in row] for row in sheets[0].rows()]
        assert read == [
            [*(normalize("NFC", cell) for cell in row), *[None] * (width - len(row))] for row in rows
        ]


@given(
    st.recursive(
        SCALARS, lambda some: st.lists(some, max_size=4) | st.dictionaries(st.text(max_size=5), some)
    )
)
@ANY_SIZE
def test_any_json(value: Any) -> None:
    read_or_refused(json.dumps(value).encode(), "x.json")
    read_or_refused(json.dumps({"form": value, "rows": value}).encode(), "x.json")
    read_or_refused(json.dumps([{"a": value}]).encode(), "x.json")


@given(st.data())
@ANY_SIZE
def test_any_column_of_parquet(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=4))
    count = data.draw(st.integers(0, 5))
    columns = [
        pa.array(data.draw(st.lists(st.none() | TYPES[kind], min_size=count, max_size=count)), kind)
        for kind in kinds
    ]
    written = io.BytesIO()
    pq.write_table(pa.table(columns, [str(number) for number in range(len(kinds))]), written)
    sheets = read_or_refused(written.getvalue(), "x.parquet")
    assert all(sheet.height == count + 1 for sheet in sheets)


@given(
    st.lists(
        st.lists(st.none() | SHOWN | st.integers(-(10**9), 10**9) | st.dates(date(1990, 1, 1)), max_size=4),
        max_size=6,
    )
)
@example(rows=[["=¡"]])
@ANY_SIZE
def test_workbooks_are_read_as_they_were_written(tmp_path: Path, rows: list[list[Any]]) -> None:
    for ending in (".xlsx", ".xls"):
        sheets = read_or_refused(save(tmp_path / f"x{ending}", rows).read_bytes(), f"x{ending}")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                held = sheets[0].cell(row, column) if sheets else None
                assert held == cell or str(held) == str(cell) or normalize("NFC", str(held)) == str(cell)


@given(st.sampled_from(list(GOOD_ROWS)), st.data())
@ANY_SIZE
def test_any_cells_in_a_form_are_answered(
    examiner: Examiner, catalogue: Catalogue, tmp_path: Path, form_code: str, data: st.DataObject
) -> None:
    names = [column.column_name for column in catalogue.columns_of(form_code)]
    cells = st.fixed_dictionaries({}, optional=dict.fromkeys(names, SCALARS))
    rows = [GOOD_ROWS[form_code] | row for row in data.draw(st.lists(cells, min_size=1, max_size=4))]
    said = {"form": form_code, "period": "2022-M08", "agency": data.draw(st.just("") | SCALARS), "rows": rows}
    file = tmp_path / "x"
    file.write_text(json.dumps(said, default=str))
    found = examiner.examine(file, "x.json", "G22" if form_code == "F07" else "G15", TODAY)
    assert "READ-02" not in {problem.rule_id for problem in found.problems}
    answer = json.dumps(understood(catalogue, found, found.outcome), ensure_ascii=False)
    assert "\0" not in answer.encode().decode()
