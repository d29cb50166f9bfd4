"""Taking in a clean workbook of 100,000 services (form F02). Limit: at most 2.5 × the peer.

    intake  from the file in the inbox to the receipt: archive, ledger, reading, checking, lake, receipt
    peer    python-calamine reading the same workbook into Python's lists, checking nothing

Both run in one process, one after the other, imports excluded.

Usage: python bench/intake/f02_xlsx.py [--rows N] [--times N]
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from national_kpi.catalogue import load_catalogue
from national_kpi.paths import CATALOGUE_DIR

sys.path.insert(0, str(Path(__file__).parent))
from measure import measured, median, platform_home, put, show, take_in_one

AGENCY, NAME = "G15", "F02_2022-M08_G15.xlsx"
LEVELS = ("toàn trình", "một phần", "chưa cung cấp")
ABOVE_PEER = 2.5


def write(file: Path, rows: int, seed: int) -> None:
    """A month's services of one agency, in a sheet as the form lays it out."""
    chance = random.Random(seed)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("F02")
    for line in ("Biểu mẫu: F02", "Cơ quan báo cáo: Bộ Tư pháp", "Kỳ báo cáo: Tháng 8/2022", ""):
        sheet.append([line])
    sheet.append([column.header_vi for column in load_catalogue(CATALOGUE_DIR).columns_of("F02")])
    for number in range(1, rows + 1):
        level = LEVELS[number % 3]
        total = chance.randint(0, 5000)
        online = chance.randint(0, total // 2) if level != "chưa cung cấp" else 0
        postal = chance.randint(0, total - online)
        is_online = level != "chưa cung cấp"
        sheet.append(
            [
                number, f"1.{number:06}", f"Thủ tục hành chính số {number}", f"Lĩnh vực {number % 90}", level,
                "x" if is_online else None, total, online, postal, "x" if is_online else None,
                "x" if is_online else None, None, None, "x" if number % 2 else None, None, None, None,
            ]
        )  # fmt: skip
    book.save(file)


def read_bare(file: Path) -> None:
    """Have the peer read every sheet."""
    with CalamineWorkbook.from_path(str(file)) as book:
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--times", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as folder, platform_home() as context:
        small = Path(folder) / "small.xlsx"
        write(small, 10, 0)
        put(context, AGENCY, small, NAME)
        take_in_one(context, "accepted")  # the process that reads files is started once
        own, peer = [], []
        for number in range(options.times):
            file = Path(folder) / f"{number}.xlsx"
            write(file, options.rows, number)
            peer.append(measured(lambda file=file: read_bare(file)))
            put(context, AGENCY, file, NAME)
            own.append(measured(lambda: take_in_one(context, "accepted")))
    intake, bare = median(own), median(peer)
    above = intake.seconds / bare.seconds
    show(
        f"F02: a clean workbook of {options.rows:,} rows × 17 columns, median of {options.times}",
        [
            ("intake", intake, ""),
            ("python-calamine", bare, f"intake is {above:.2f} × it (limit ≤ {ABOVE_PEER})"),
        ],
    )


if __name__ == "__main__":
    main()
