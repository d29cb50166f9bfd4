"""Readers who cannot see some colours tell the statuses apart too, beside the sign and the word each has."""

from itertools import combinations

import numpy as np
import pytest
import yaml

from national_kpi.paths import SUPERSET_ASSETS_DIR

PALETTE = yaml.safe_load((SUPERSET_ASSETS_DIR / "palette.yaml").read_text("utf-8"))
PALE = {"Chưa đến hạn", "Không áp dụng"}
"""Nothing is the matter there: these two recede, and the sign alone tells them apart."""

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
SEEN_BY = {
    "all colours": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1, 1.08883])


def seen(colour: str, eyes: str) -> np.ndarray:
    """A colour in CIE L*a*b*, as somebody sees it."""
    srgb = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    x, y, z = (TO_XYZ @ np.clip(np.array(SEEN_BY[eyes]) @ linear, 0, 1)) / WHITE
    fx, fy, fz = (np.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize("eyes", SEEN_BY)
@pytest.mark.parametrize(("use", "distance"), [("series", 15), ("cells", 9)])
def test_no_two_statuses_look_alike(use: str, distance: float, eyes: str) -> None:
    colours = {status: seen(colour, eyes) for status, colour in PALETTE[use].items() if status not in PALE}
    assert len(colours) == 6
    for one, other in combinations(colours, 2):
        assert np.linalg.norm(colours[one] - colours[other]) >= distance, (one, other)
