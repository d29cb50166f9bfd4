"""Charts: drawn by matplotlib, as SVG for the PDF and as PNG for Word, the same bytes every time."""

import io
import textwrap
from decimal import Decimal
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from national_kpi.documents.model import BarChart, Tone
from national_kpi.documents.wording import number

WIDTH_INCHES = 6.3
BAR_INCHES = 0.22
FRAME_INCHES = 0.75
LABEL_CHARACTERS = 34
PNG_DPI = 220

FILLS: dict[Tone | None, str] = {
    "met": "#0B4F8A",
    "on_track": "#5B9BD1",
    "behind": "#F2B705",
    "missed": "#C4501B",
    "muted": "#C5CBD1",
    None: "#52606D",
}
"""Bars by tone: told apart by people who cannot see some colours, and in print without any."""

INK, GRID, TARGET = "#1F2933", "#DEE2E6", "#1F2933"

STYLE: dict[RcKeyType, Any] = {
    "font.family": "DejaVu Sans",  # it comes with matplotlib and has all Vietnamese letters
    "font.size": 8,
    "svg.hashsalt": "national_kpi",  # otherwise identifiers differ each time
    "svg.fonttype": "path",
    "axes.unicode_minus": False,
}


def as_svg(chart: BarChart) -> str:
    """A chart as SVG."""
    return _draw(chart, "svg", {"Date": None, "Creator": None}).decode()


def as_png(chart: BarChart) -> bytes:
    """A chart as PNG."""
    return _draw(chart, "png", {"Software": None})


def _draw(chart: BarChart, form: str, metadata: dict[str, None]) -> bytes:
    labels = [textwrap.fill(bar.label, LABEL_CHARACTERS) for bar in chart.bars]
    lines = sum(label.count("\n") for label in labels)
    height = FRAME_INCHES + BAR_INCHES * (len(chart.bars) + 0.4 * lines)
    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
        axes = figure.add_subplot()
        _draw_bars(axes, chart, labels)
        if chart.target is not None:
            _draw_target(axes, chart.target, chart.target_text)
        file = io.BytesIO()
        figure.savefig(file, format=form, dpi=PNG_DPI, metadata=metadata)
    return file.getvalue()


def _draw_bars(axes: Axes, chart: BarChart, labels: list[str]) -> None:
    places = range(len(chart.bars))
    lengths = [float(bar.value or 0) for bar in chart.bars]
    axes.barh(places, lengths, color=[FILLS[bar.tone] for bar in chart.bars], height=0.68)
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.margins(y=0.02)
    reach = max([*lengths, float(chart.target or 0), 1e-9])
    axes.set_xlim(0, reach * 1.18)
    for place, bar, length in zip(places, chart.bars, lengths, strict=True):
        axes.text(
            length + reach * 0.01,
            place,
            bar.text,
            va="center",
            color=INK,
            fontstyle="normal" if bar.value is not None else "italic",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )
    axes.set_xlabel(chart.axis, color=INK)
    axes.xaxis.set_major_formatter(lambda value, _: number(Decimal(str(value)), None))
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(GRID)


def _draw_target(axes: Axes, target: Decimal, text: str) -> None:
    axes.axvline(float(target), color=TARGET, linewidth=1.1, linestyle=(0, (4, 2)), zorder=1.5)
    axes.annotate(
        text,
        (float(target), 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=INK,
        fontweight="bold",
    )
