"""A restatement notice as an official document, and its files."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.disk import write_whole
from national_kpi.documents import (
    Annex,
    Column,
    Heading,
    Letterhead,
    NewPage,
    OfficialDocument,
    Paragraph,
    Signature,
    Table,
    Title,
    write_docx,
    write_pdf,
)
from national_kpi.documents.wording import PLACE, TASK_FORCE, day, number, unbroken
from national_kpi.ledger.cycle import RestatementNotice
from national_kpi.paths import Paths

BASES = (
    ("reported", "Theo cơ quan tại thời điểm báo cáo"),
    ("current", "Theo cơ quan hiện nay"),
)


def notice_document(body: Mapping[str, Any]) -> OfficialDocument:
    """A notice as an official document.

    Args:
        body: what the ledger keeps of it.
    """
    period = body["period_name"]
    in_text = period[:1].lower() + period[1:]
    changes = body["changes"]
    certified_on = day(date.fromisoformat(body["certified_on"]))
    agencies = len({change["agency_id"] for change in changes})
    indicators = len({change["kpi_code"] for change in changes})
    return OfficialDocument(
        name=f"Thông báo đính chính số liệu {in_text}",
        letterhead=Letterhead(
            issuer=TASK_FORCE,
            number="Số:        /TB-TCT",
            place=PLACE,
            day=date.fromisoformat(body["issued_on"]),
        ),
        title=Title("THÔNG BÁO", f"Đính chính số liệu {in_text} đã chứng nhận"),
        body=(
            Paragraph.of(
                f"Số liệu {in_text} được {body['certified_by']} chứng nhận ngày {certified_on} (bản công bố"
                f" {body['certified_publication_id']}). Bản công bố {body['publication_id']} thay đổi"
                f" {number(len(changes))} số liệu của {number(agencies)} cơ quan, {number(indicators)} chỉ số"
                f" so với lần chứng nhận đó hoặc lần đính chính gần nhất. Đây là thông báo đính chính số"
                f" {body['number']} của kỳ báo cáo này."
            ),
            Paragraph.of(
                "Số liệu đã chứng nhận được giữ nguyên và vẫn được công bố. Phụ lục liệt kê mọi giá trị,"
                " trạng thái, thứ hạng thay đổi, mức thay đổi và nguyên nhân."
            ),
        ),
        signature=Signature(("TỔ TRƯỞNG",)),
        recipients=("Các cơ quan có tên trong phụ lục", "Lưu: VT, TCT"),
        annexes=(
            NewPage(is_landscape=True),
            Annex("Phụ lục", "Số liệu thay đổi", f"(Kèm theo Thông báo đính chính số liệu {in_text})"),
            *(block for basis, title in BASES for block in _of_basis(changes, basis, title)),
        ),
    )


def _of_basis(changes: list[Mapping[str, Any]], basis: str, title: str) -> Iterator[Heading | Table]:
    rows = tuple(_row(change) for change in changes if change["basis"] == basis)
    if rows:
        yield Heading(title, level=2)
        yield Table(
            columns=(
                Column("Cơ quan", 4),
                Column("Chỉ số", 5),
                Column("Trước", 5),
                Column("Nay", 5),
                Column("Mức thay đổi", 3, "right"),
                Column("Nguyên nhân", 7),
            ),
            rows=rows,
            is_small=True,
        )


def _row(change: Mapping[str, Any]) -> tuple[str, ...]:
    before, after = change["before"], change["after"]
    is_told_again = before != change["certified"]
    as_certified = f" (đã chứng nhận: {_worded(change['certified'])})" if is_told_again else ""
    return (
        change["agency_name"],
        change["kpi_name"],
        f"{_worded(before)}{as_certified}",
        _worded(after),
        _difference(change),
        " ".join(unbroken(cause) for cause in change["causes_vi"]),
    )


def _worded(side: Mapping[str, Any]) -> str:
    """A value, its status and its rank in a few words."""
    parts = [unbroken(side["value_text_vi"] or "Chưa theo dõi")]
    if side["numerator"] is not None or side["denominator"] is not None:
        parts[0] += f" ({_number(side['numerator'])}/{_number(side['denominator'])})"
    if side["status_vi"] and side["status_vi"] != side["value_text_vi"]:
        parts.append(side["status_vi"])
    if side["rank"] is not None:
        parts.append(f"thứ {side['rank']}")
    return "; ".join(parts)


def _number(value: str | None) -> str:
    return "–" if value is None else number(Decimal(value))


def _difference(change: Mapping[str, Any]) -> str:
    """By how much value and rank changed."""
    before, after, parts = change["before"], change["after"], []
    if before["value"] is not None and after["value"] is not None:
        step = Decimal(after["value"]) - Decimal(before["value"])
        if step:
            is_share = change["unit"] == "%"
            written = number(step, 2 if is_share else None)
            parts.append(("+" if step > 0 else "") + written + (" điểm %" if is_share else ""))
    if before["rank"] and after["rank"] and before["rank"] != after["rank"]:
        places = before["rank"] - after["rank"]
        parts.append(f"{'lên' if places > 0 else 'xuống'} {abs(places)} bậc")
    return "; ".join(parts) or "–"


def render_notices(paths: Paths, engine: Engine) -> list[Path]:
    """Write the files of every notice that lacks them, `notices/<period code>/<number>-<publication>`.

    Args:
        paths: the platform's folders.
        engine: the ledger.

    Returns:
        The files written now.
    """
    with Session(engine) as session:
        notices = session.scalars(select(RestatementNotice).order_by(RestatementNotice.notice_id)).all()
    written = []
    for notice in notices:
        stem = f"{notice.body['number']:03}-{notice.publication_id}"
        folder = paths.notices / notice.period_code
        files = {folder / f"{stem}.docx": write_docx, folder / f"{stem}.pdf": write_pdf}
        missing = {file: write for file, write in files.items() if not file.is_file()}
        if missing:
            document = notice_document(notice.body)
            for file, write in missing.items():
                write_whole(file, write(document))
                written.append(file)
    return written
