"""Writing an official document as PDF/A, with Typst.

The layout is `official.typ`. Content reaches it as data, never as markup, so that no text can change it.
"""

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Literal

import typst

from national_kpi.documents.model import BarChart, Block, OfficialDocument, Table, as_data

LAYOUT = Path(__file__).parent / "official.typ"
STANDARD: Literal["a-2a"] = "a-2a"


def write_pdf(document: OfficialDocument) -> bytes:
    """A document as PDF: the same bytes every time, on a machine with the same fonts.

    It is set in Times New Roman where that is installed, else in the most similar font there is; fonts are
    embedded.

    Args:
        document: what it says.
    """
    content: bytes = _compile(document, "pdf")
    return content


def draw_pages(document: OfficialDocument, dots_per_inch: int) -> list[bytes]:
    """The pages of the PDF as PNG images.

    Args:
        document: what it says.
        dots_per_inch: how fine.
    """
    pages = _compile(document, "png", dots_per_inch)
    return pages if isinstance(pages, list) else [pages]


def _compile(document: OfficialDocument, form: Literal["pdf", "png"], ppi: int | None = None) -> Any:
    day = document.letterhead.day
    data = as_data(document) | {
        "body": [_drawn(block) for block in document.body],
        "annexes": [_drawn(block) for block in document.annexes],
    }
    return typst.compile(
        LAYOUT,
        format=form,
        ppi=ppi,
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        pdf_standards=STANDARD if form == "pdf" else [],
        timestamp=datetime.combine(day, time(), UTC),
    )


def _drawn(block: Block) -> Any:
    data = as_data(block)
    if isinstance(block, BarChart):
        from national_kpi.documents.charts import as_svg  # loads matplotlib, which takes long

        data["svg"] = as_svg(block)
    elif isinstance(block, Table):
        data["rows"] = [[as_data(cell) for cell in row] for row in block.cells()]
    return data
