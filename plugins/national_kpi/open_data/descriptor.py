"""What an open data package says about itself: its descriptor, its README and its licence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from national_kpi.documents.wording import TASK_FORCE
from national_kpi.open_data.series import COMPONENTS
from national_kpi.open_data.tables import OpenTable, field_type, meaning_of

SERIES = "series-sdmx"
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


@dataclass(frozen=True)
class Licence:
    """Under which terms the data may be used: an SPDX name, and where the terms stand."""

    name: str
    url: str


@dataclass(frozen=True)
class Certified:
    """The certification a package tells of.

    Attributes:
        audit_sha256: the seal of the certification in the audit.
        fingerprint_sha256: the hash over all marts of the certified publication.
    """

    period_code: str
    period_name: str
    publication_id: str
    certified_on: date
    comment: str
    audit_sha256: str
    fingerprint_sha256: str
    is_simulated: bool

    @property
    def title(self) -> str:
        """What the package is called."""
        mark = "[Số liệu mô phỏng] " if self.is_simulated else ""
        return f"{mark}Chỉ số Chính phủ điện tử, {self.period_name}"


@dataclass(frozen=True)
class File:
    """A file of the package, with its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


def descriptor(
    certified: Certified, licence: Licence, tables: Sequence[OpenTable], files: Mapping[str, File]
) -> dict[str, Any]:
    """The package's `datapackage.json` (Data Package v2).

    Args:
        certified: what it tells of.
        licence: its terms.
        tables: its tables, each of them a CSV and a Parquet file.
        files: its files, by name.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"kpi-{certified.period_code.lower()}",
        "title": certified.title,
        "description": f"Số liệu đã chứng nhận. {certified.comment}",
        "version": certified.publication_id,
        "created": f"{certified.certified_on.isoformat()}T00:00:00+07:00",
        "keywords": ["Chính phủ điện tử", "dịch vụ công trực tuyến", "KPI", certified.period_code],
        "contributors": [{"title": TASK_FORCE, "roles": ["publisher"]}],
        "licenses": [{"name": licence.name, "path": licence.url}],
        "certification": {
            "period_code": certified.period_code,
            "certified_on": certified.certified_on.isoformat(),
            "comment": certified.comment,
            "audit_sha256": certified.audit_sha256,
            "fingerprint_sha256": certified.fingerprint_sha256,
        },
        "simulated": certified.is_simulated,
        "resources": [
            *(_csv_resource(table, files[f"{table.name}.csv"]) for table in tables),
            _series_resource(files[f"{SERIES}.csv"]),
            *(
                {"name": f"{table.name}-parquet", "title": table.title_vi, "type": "file"}
                | _file(files[f"{table.name}.parquet"])
                for table in tables
            ),
        ],
    }


def _csv_resource(table: OpenTable, file: File) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title_vi,
        "type": "table",
        **_file(file),
        "encoding": "utf-8",
        "schema": {
            "fields": [
                {
                    "name": field.name,
                    "type": field_type(field.type),
                    "description": meaning_of(field.name)[0],
                }
                for field in table.rows.schema
            ],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }


def _series_resource(file: File) -> dict[str, Any]:
    names = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *COMPONENTS)
    numbers = {"OBS_VALUE", "TARGET"}
    return {
        "name": SERIES,
        "title": "Các chuỗi số liệu theo SDMX-CSV 2.0",
        "type": "table",
        **_file(file),
        "encoding": "utf-8",
        "schema": {
            "fields": [{"name": name, "type": "number" if name in numbers else "string"} for name in names],
            "primaryKey": ["REF_AREA", "INDICATOR", "BASIS", "TIME_PERIOD"],
            "missingValues": [""],
        },
    }


def _file(file: File) -> dict[str, Any]:
    ending = file.name.rpartition(".")[2]
    return {
        "path": file.name,
        "format": ending,
        "mediatype": MEDIA_TYPES[ending],
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }


def readme(certified: Certified, licence: Licence, tables: Sequence[OpenTable]) -> str:
    """The package's README, in Vietnamese."""
    warning = (
        "> **Số liệu mô phỏng**, chỉ dùng để thử hệ thống, không phản ánh cơ quan nào.\n\n"
        if certified.is_simulated
        else ""
    )
    listed = "\n".join(
        f"| `{table.name}.csv`, `{table.name}.parquet` | {table.title_vi} | {table.rows.num_rows} |"
        for table in tables
    )
    address = f"/open-data/{certified.period_code}/"
    return f"""# {certified.title}

{warning}Số liệu chứng nhận ngày {certified.certified_on:%d/%m/%Y}, bản công bố `{certified.publication_id}`.

Ý kiến khi chứng nhận: {certified.comment}

| tệp | nội dung | số dòng |
|---|---|---|
{listed}
| `{SERIES}.csv` | Các chuỗi số liệu theo SDMX-CSV 2.0, dùng cho hệ thống thống kê | |
| `datapackage.json` | Mô tả gói theo chuẩn Data Package | |
| `SHA256SUMS` | Mã băm của mọi tệp, kiểm tra bằng `sha256sum -c SHA256SUMS` | |

## Cách đọc

- Tệp CSV theo RFC 4180: bảng mã UTF-8, dấu phẩy ngăn cột, dấu chấm thập phân, ngày viết năm-tháng-ngày.
- Tỷ lệ tính theo thang 0–100. Ô trống là không có số liệu, không phải số 0; cột `status` cho biết vì sao.
- Cột `bound` khác `=` nghĩa là nguồn chỉ nêu mức giới hạn hoặc giá trị gần đúng.
- Cột `basis`: `reported` là theo cơ quan tại thời điểm báo cáo, `current` là theo cơ quan hiện nay.
- Cột `is_restated` đánh dấu số liệu khác lần chứng nhận trước của kỳ, cột `value_before` là giá trị khi đó.
- Ý nghĩa từng cột có trong `data-dictionary.csv`.

## Địa chỉ ổn định

- `{address}`: lần chứng nhận mới nhất của kỳ này.
- `{address}{certified.publication_id}/`: bản này, không bao giờ thay đổi.

## Điều kiện sử dụng

Giấy phép {licence.name}: {licence.url}. Khi sử dụng, ghi nguồn: {TASK_FORCE}.
"""


def licence_text(licence: Licence) -> str:
    """The package's licence file."""
    return f"""# Giấy phép · Licence

Dữ liệu trong gói này được công bố theo giấy phép {licence.name}. Toàn văn: {licence.url}

*The data in this package are published under {licence.name}. Full text: {licence.url}*

Ghi nguồn · Attribution: {TASK_FORCE}.
"""
