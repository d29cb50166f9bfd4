import itertools
import re

from national_kpi.documents.charts import FILLS, as_png, as_svg
from tests.unit.documents.samples import CHART


def test_a_chart_has_the_same_bytes_every_time() -> None:
    assert as_svg(CHART) == as_svg(CHART)
    assert as_png(CHART) == as_png(CHART)


def test_tones_differ_in_lightness_so_that_they_are_told_apart_without_colour() -> None:
    lightness = sorted(_lightness(fill) for tone, fill in FILLS.items() if tone)
    steps = [after - before for before, after in itertools.pairwise(lightness)]
    assert min(steps) > 10


def test_a_missing_value_is_no_bar() -> None:
    fills = re.findall(r"fill: (#[0-9a-f]{6})", as_svg(CHART))
    assert FILLS["met"].lower() in fills
    width = r'<path d="M ([0-9.]+) [0-9.]+ \nL ([0-9.]+) [0-9.]+ \nL ([0-9.]+)[^"]*"[^>]*style="fill: '
    missing = re.search(width + FILLS["muted"].lower(), as_svg(CHART))
    assert missing is None or missing[1] == missing[3]


def _lightness(fill: str) -> float:
    red, green, blue = (int(fill[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue
