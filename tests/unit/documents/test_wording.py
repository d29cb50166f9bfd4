from datetime import date, datetime
from decimal import Decimal

import pytest

from national_kpi.clock import HANOI
from national_kpi.documents import wording


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Decimal("13042570"), None, "13.042.570"),
        (Decimal("1234.50"), None, "1.234,5"),
        (Decimal("95.205"), 2, "95,21"),
        (Decimal("-0.5"), 0, "-1"),
        (Decimal("-4120"), None, "-4.120"),
        (Decimal("1E+3"), None, "1.000"),
        (0, 2, "0,00"),
    ],
)
def test_numbers_have_points_between_thousands_and_a_decimal_comma(
    value: Decimal | int, decimals: int | None, text: str
) -> None:
    assert wording.number(value, decimals) == text


def test_a_rounded_away_minus_leaves_no_sign() -> None:
    assert wording.number(Decimal("-0.001"), 2) == "0,00"


def test_the_per_cent_sign_stays_with_its_number() -> None:
    assert wording.percent(Decimal("95.2")) == "95,20\u00a0%"
    assert wording.unbroken("≥ 80 % và 50 %") == "≥ 80\u00a0% và 50\u00a0%"


def test_days_are_written_as_decree_30_has_them() -> None:
    assert wording.day(date(2022, 9, 8)) == "08/9/2022"
    assert wording.day_in_words(date(2022, 2, 28)) == "ngày 28 tháng 02 năm 2022"
    assert wording.moment(datetime(2022, 9, 8, 9, 29, tzinfo=HANOI)) == "09:29 ngày 08/9/2022"


def test_names_with_commas_are_listed_with_semicolons() -> None:
    assert (
        wording.listed(["Bộ Y tế", "Bộ Công Thương", "Bộ Tư pháp"]) == "Bộ Y tế, Bộ Công Thương và Bộ Tư pháp"
    )
    assert wording.listed(["Bộ Văn hóa, Thể thao", "Bộ Y tế", "Bộ Tư pháp"]).startswith(
        "Bộ Văn hóa, Thể thao; Bộ Y tế"
    )
    assert wording.listed([]) == ""
