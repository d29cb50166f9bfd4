"""From a received file and its receipt to the marked workbook."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from national_kpi.intake.marking.copies import ROWS_MARKED, TooLargeError, copies_of
from national_kpi.intake.marking.findings import findings_workbook
from national_kpi.intake.marking.notes import notes_of
from national_kpi.intake.marking.package import Package
from national_kpi.intake.marking.workbook import mark_package

_TOO_LARGE = (
    f"Tệp có trang tính trên {ROWS_MARKED:,} dòng nên không đánh dấu trong bảng; đề nghị sửa tệp gốc theo"
    " danh sách dưới đây."
).replace(",", ".", 1)
_NOT_COPIED = "Hệ thống không sao chép được bảng của tệp gốc; đề nghị sửa tệp gốc theo danh sách dưới đây."
_WITHOUT_LINKS = "Liên kết tới tệp khác của tệp gốc không được sao chép; ô dùng liên kết giữ giá trị đã tính."


def mark_workbook(source: Path, file_name: str, body: Mapping[str, Any], target: Path) -> str:
    """Write an .xlsx copy of a received file with its findings marked, listed and commented.

    Where the most faithful copy cannot be made, a plainer one is, and says so. The same receipt gives the
    same bytes. Run it in a process with limits: it opens the file.

    Args:
        source: the file as received.
        file_name: the name it was sent under.
        body: its receipt.
        target: what to write; it appears whole or not at all to those who wait for a rename.

    Returns:
        Why the copy is not the most faithful one, for the log; empty when it is.
    """
    try:
        if body["rows_understood"] > ROWS_MARKED:
            raise TooLargeError
        copies = copies_of(source)
    except TooLargeError:
        write_findings_only(body, target, _TOO_LARGE)
        return "it has too many rows"
    failures: list[str] = []
    for copy in copies:
        try:
            content, names = copy.make(source, file_name)
            notes = {names.get(name, name): held for name, held in notes_of(body).items()}
            remarks = [copy.remark] if copy.remark else []
            package = Package.read(content)
            if package.links_left_out:
                remarks.append(_WITHOUT_LINKS)
            target.write_bytes(mark_package(package, notes, _saved(body, remarks)))
            return "; ".join(failures)
        except TooLargeError:
            write_findings_only(body, target, _TOO_LARGE)
            return "it has too many rows"
        except MemoryError:
            raise
        except Exception as error:  # whatever a library makes of a stranger's file
            failures.append(f"{type(error).__name__}: {error}")
    write_findings_only(body, target)
    return "; ".join(failures)


def write_findings_only(body: Mapping[str, Any], target: Path, remark: str = _NOT_COPIED) -> None:
    """Write a workbook that only lists the findings, for a file that cannot be copied.

    Args:
        body: the receipt.
        target: what to write.
        remark: why, in Vietnamese.
    """
    package = Package.read(_saved(body, [remark]))
    package.forget_when_written()
    target.write_bytes(package.saved())


def _saved(body: Mapping[str, Any], remarks: Sequence[str]) -> bytes:
    written = io.BytesIO()
    findings_workbook(body, remarks).save(written)
    return written.getvalue()
