"""Taking in 1,000,000 dossier records (form F08) from a CSV file.

Limits: at least 15 × faster than the peer, at most 3 × the floor, at most 1.5 GB.

    intake  from the file in the inbox to the receipt: archive, ledger, reading, checking, lake, receipt
    peer    frictionless-py validating the same columns, types, choices and ranges
    floor   DuckDB copying the same CSV into Parquet, checking nothing

All run in one process, one after the other, imports excluded.

Usage: python bench/intake/f08_csv.py [--rows N] [--times N]
"""

import argparse
import csv
import random
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
from frictionless import Resource, Schema

sys.path.insert(0, str(Path(__file__).parent))
from measure import measured, median, platform_home, put, show, take_in_one

AGENCY, NAME = "G15", "F08_2022-M08_G15.csv"
CHANNELS = ("trực tuyến", "trực tiếp", "bưu chính công ích")
HEADER = (
    "Mã hồ sơ", "Mã TTHC", "Đơn vị giải quyết", "Ngày tiếp nhận", "Hình thức nộp", "Ngày hẹn trả",
    "Ngày trả kết quả", "Trạng thái", "Thanh toán trực tuyến", "Số hóa",
)  # fmt: skip
FASTER_THAN_PEER, ABOVE_FLOOR, MOST_BYTES = 15, 3, 1_500_000_000


def write(file: Path, rows: int) -> None:
    """A month's dossiers of one agency."""
    chance = random.Random(8)
    with file.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(HEADER)
        for number in range(rows):
            received = date(2022, 8, 1) + timedelta(days=number % 31)
            due = received + timedelta(days=chance.randint(3, 20))
            is_done = chance.random() < 0.7
            returned = min(received + timedelta(days=chance.randint(1, 20)), date(2022, 8, 31))
            lines.writerow(
                (
                    f"000.00.15.G15-{received:%y%m%d}-{number:07}",
                    f"1.{chance.randint(1, 2000):06}",
                    "",
                    f"{received:%d/%m/%Y}",
                    CHANNELS[number % 3],
                    f"{due:%d/%m/%Y}",
                    f"{returned:%d/%m/%Y}" if is_done else "",
                    "đã giải quyết" if is_done else "đang giải quyết",
                    "x" if number % 4 == 0 else "",
                    "x" if number % 2 == 0 else "",
                )
            )


def peer_schema() -> Schema:
    """The same columns with the same types, choices and ranges."""
    day = {"type": "date", "format": "%d/%m/%Y"}
    states = ["đang giải quyết", "đã giải quyết", "từ chối", "rút hồ sơ"]
    tick = {"type": "boolean", "trueValues": ["x"], "falseValues": ["-"]}
    kinds: tuple[dict[str, object], ...] = (
        {"type": "string", "constraints": {"required": True, "unique": True}},
        {"type": "string", "constraints": {"required": True}},
        {"type": "string"},
        {**day, "constraints": {"required": True, "maximum": "31/08/2022"}},
        {"type": "string", "constraints": {"required": True, "enum": list(CHANNELS)}},
        {**day, "constraints": {"minimum": "01/08/2022"}},
        {**day, "constraints": {"minimum": "01/08/2022"}},
        {"type": "string", "constraints": {"required": True, "enum": states}},
        tick,
        tick,
    )
    fields = [{"name": name, **kind} for name, kind in zip(HEADER, kinds, strict=True)]
    return Schema.from_descriptor({"fields": fields})


def validate(file: Path) -> None:
    """Have the peer validate the file."""
    report = Resource(path=file.name, basepath=str(file.parent), schema=peer_schema()).validate()
    if not report.valid:
        raise SystemExit(f"the peer finds: {report.flatten(['rowNumber', 'fieldName', 'note'])[:3]}")


def copy(file: Path, target: Path) -> None:
    """Have DuckDB turn the CSV into Parquet."""
    with duckdb.connect() as connection:
        rows = connection.read_csv(str(file), date_format="%d/%m/%Y", header=True)
        rows.write_parquet(str(target), compression="zstd")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--times", type=int, default=3, help="runs of intake and of the floor")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as folder, platform_home() as context:
        file = Path(folder) / "f08.csv"
        write(file, options.rows)
        small = Path(folder) / "small.csv"
        write(small, 10)
        put(context, AGENCY, small, NAME)
        take_in_one(context, "accepted")  # the process that reads files is started once

        own, floor = [], []
        for number in range(options.times):
            floor.append(measured(lambda: copy(file, Path(folder) / "floor.parquet")))
            with file.open("a", encoding="utf-8") as stream:
                stream.write(f"again-{number},1.000001,,01/08/2022,trực tuyến,,,đang giải quyết,,\n")
            put(context, AGENCY, file, NAME)
            own.append(measured(lambda: take_in_one(context, "accepted")))
        peer = measured(lambda: validate(file))
    intake, least = median(own), median(floor)
    faster, above = peer.seconds / intake.seconds, intake.seconds / least.seconds
    show(
        f"F08: {options.rows:,} rows of CSV, median of {options.times}",
        [
            ("intake", intake, ""),
            ("frictionless-py", peer, f"{faster:.1f} × intake (limit ≥ {FASTER_THAN_PEER})"),
            ("DuckDB, CSV to Parquet", least, f"intake is {above:.2f} × it (limit ≤ {ABOVE_FLOOR})"),
        ],
    )
    peak = max(one.peak_bytes for one in own)
    print(f"peak of intake, all processes: {peak / 1e6:.0f} MB (limit {MOST_BYTES / 1e6:.0f} MB)")


if __name__ == "__main__":
    main()
