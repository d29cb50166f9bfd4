"""Agencies are told what they were given and what was taken from them, and nothing of others."""

from dataclasses import replace

from national_kpi.cycle.task_notices import given_notices
from tests.unit.cycle.test_minutes import CATALOGUE, GIVEN


def test_who_loses_a_task_that_is_replaced_is_told_and_who_took_over_is_not() -> None:
    former = replace(GIVEN, agency_ids=("G04@0001-01-01", "G15@0001-01-01"))
    new = replace(
        GIVEN, code="TCT-002-01", session_id=2, amends=GIVEN.code, agency_ids=("G17@2025-03-01",),
        name_vi="Kết nối dữ liệu đăng kiểm",
    )  # fmt: skip
    told = {(one.agency.agency_code, one.name): one.text for one in given_notices(CATALOGUE, [new], [former])}
    given, taken = ("G17", "2026-11-26-nhiem-vu-TCT-002"), ("G15", "2026-11-26-thay-the-TCT-002-01")
    assert set(told) == {given, taken}
    assert "giao quý cơ quan nhiệm vụ sau" in told[given] and "đăng kiểm" in told[given]
    assert "không tiếp tục giao quý cơ quan" in told[taken] and "đăng kiểm" not in told[taken]
    assert "giao cho cơ quan khác" in told[taken] and "hiệu lực trở lại" not in told[taken]
