"""Draws the pictures of the agencies' guide from the real thing: `.venv/bin/python docs/pictures.py`.

A form is written and filled in, once with mistakes; the file with mistakes is taken in; what comes back is
photographed. It needs LibreOffice Calc, poppler-utils, Chromium, and somebody who looks at the result.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl

from national_kpi.catalogue import load_catalogue
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.drop import prepare_folders
from national_kpi.intake.pipeline import sweep
from national_kpi.intake.template import Template, plan_template
from national_kpi.intake.template_style import height, raise_row
from national_kpi.intake.template_workbook import write_template
from national_kpi.ledger.session import migrate
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.periods import parse_period
from national_kpi.settings import PROJECT_ROOT, Settings

IMAGES = PROJECT_ROOT / "docs" / "images"
AGENCY, PERIOD = "G15", "2026-M10"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SENT_AT = datetime(2026, 11, 4, 9, 12, tzinfo=HANOI)

_FULL, _PART = "toàn trình", "một phần"
ROWS: list[tuple[str, str, str, str, str, int, int, int | None, str, str, str]] = [
    ("2.000488", "Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam", "Lý lịch tư pháp", _FULL, "Có",
     4215, 3987, 1204, "Có", "Có", "Không"),
    ("2.001417", "Cấp Phiếu lý lịch tư pháp cho cơ quan nhà nước", "Lý lịch tư pháp", _FULL, "Có",
     862, 862, None, "Có", "Không", "Không"),
    ("2.002036", "Nhập quốc tịch Việt Nam", "Quốc tịch", _PART, "Có", 37, 12, 5, "Có", "Không", "Không"),
    ("2.002038", "Thôi quốc tịch Việt Nam", "Quốc tịch", _PART, "Có", 518, 203, 96, "Có", "Không", "Không"),
    ("1.000112", "Bổ nhiệm công chứng viên", "Công chứng", _FULL, "Có", 146, 131, 20, "Có", "Có", "Có"),
    ("1.000828", "Cấp Chứng chỉ hành nghề luật sư", "Luật sư", _FULL, "Có", 233, 219, 41, "Có", "Có", "Có"),
    ("1.008906", "Cấp Giấy phép thành lập Trung tâm trọng tài", "Trọng tài thương mại", _PART, "Không",
     3, 1, None, "Không", "Không", "Không"),
    ("1.011441", "Đăng ký biện pháp bảo đảm", "Đăng ký biện pháp bảo đảm", _FULL, "Có",
     10482, 9970, 0, "Có", "Có", "Không"),
]  # fmt: skip
"""Procedures with made-up figures."""
NAMES = ("procedure_code", "procedure_name", "field", "service_level", "on_national_portal", "dossiers_total",
         "dossiers_online", "dossiers_postal", "e_dossier", "online_payment", "mobile_signing")  # fmt: skip
MISTAKES: dict[int, dict[str, Any]] = {
    1: {"dossiers_online": 886},
    3: {"dossiers_total": "khoảng 500"},
    5: {"service_level": None},
}

VIETNAMESE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>vi</value></prop></item></oor:items>
"""
"""LibreOffice's settings: numbers as Vietnam writes them."""


def main() -> None:
    """Draw the three pictures."""
    catalogue, period = load_catalogue(CATALOGUE_DIR), parse_period(PERIOD)
    plan = plan_template(catalogue, "F02", AGENCY, period, SENT_AT.date(), entry_rows=len(ROWS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photograph_workbook(filled_in(plan, folder / "good", {}), 1, IMAGES / "bieu-mau-f02.png")
        receipts = taken_in(filled_in(plan, folder / "sent", MISTAKES), folder / "home")
        (marked,) = receipts.glob("*.xlsx")
        photograph_workbook(marked, 2, IMAGES / "tep-danh-dau.png")
        photograph_page(receipts / "bien-nhan.html", IMAGES / "bien-nhan.png", folder)


def filled_in(plan: Template, folder: Path, mistakes: Mapping[int, Mapping[str, Any]]) -> Path:
    """The form with the figures, and with mistakes in some of its rows."""
    folder.mkdir()
    file = folder / plan.file_name
    write_template(plan, file)
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    first = next(row[0].row + 1 for row in sheet.iter_rows() if row[0].value == "(1)")
    columns = [column.column_name for column in plan.columns]
    for number, figures in enumerate(ROWS):
        row = {"stt": number + 1, **dict(zip(NAMES, figures, strict=True)), **mistakes.get(number, {})}
        for column, value in row.items():
            cell = sheet.cell(first + number, columns.index(column) + 1)
            cell.value = value
            width = sheet.column_dimensions[cell.column_letter].width
            # Excel makes rows as high as their text when it opens a file, LibreOffice only as one types.
            raise_row(sheet, cell.row, height(str(value), width * 0.8))
    book.save(file)
    return file


def taken_in(file: Path, home: Path) -> Path:
    """Send the file, and give back the folder of its receipt."""
    context = IntakeContext.of(Settings(home=home, ledger_url=""))
    migrate(context.engine)
    prepare_folders(context.paths, context.catalogue, SENT_AT.date())
    sent = Path(shutil.copy(file, context.paths.inbox(AGENCY)))
    os.utime(sent, (SENT_AT.timestamp() - 60,) * 2)
    (receipt,) = sweep(context, SENT_AT).receipts
    return Path(receipt.receipt_folder)


def photograph_workbook(file: Path, number: int, picture: Path) -> None:
    """One printed page of a workbook, without the empty lower part."""
    profile = file.parent / "libreoffice"
    registry = profile / "user" / "registrymodifications.xcu"
    registry.parent.mkdir(parents=True, exist_ok=True)
    registry.write_text(VIETNAMESE)
    convert = (
        "soffice",
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(file.parent),
        str(file),
    )
    subprocess.run(convert, check=True, capture_output=True)
    page, place = (
        ("-f", str(number), "-l", str(number), "-singlefile"),
        ("-x", "40", "-y", "40", "-W", "1440", "-H", "560"),
    )
    files = (str(file.with_suffix(".pdf")), str(picture.with_suffix("")))
    subprocess.run(("pdftoppm", *page, *place, "-r", "130", "-png", *files), check=True)


def photograph_page(page: Path, picture: Path, profile: Path) -> None:
    """A page as a browser shows it."""
    options = ("--headless", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={profile / 'chromium'}")
    size = ("--window-size=800,1725", f"--screenshot={picture}")
    subprocess.run(("chromium", *options, *size, page.as_uri()), check=True, capture_output=True)


if __name__ == "__main__":
    main()
