"""Asking a person to certify a period: what they are told, and what becomes of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Engine

from national_kpi.cycle.certification import candidate, certify, decline
from national_kpi.errors import CertificationError
from national_kpi.paths import Paths
from national_kpi.periods import name_vi, parse_period
from national_kpi.warehouse.certified import snapshot_of
from national_kpi.warehouse.sql import select_rows

NAMES_SHOWN = 15


@dataclass(frozen=True)
class CertificationRequest:
    """The question whether to certify a period, in Vietnamese; `body` is Markdown."""

    period_code: str
    publication_id: str
    subject: str
    body: str


def certification_request(paths: Paths, engine: Engine, period_code: str) -> CertificationRequest:
    """Put together what is known of a period in the publication that would be certified.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        period_code: which period; it must be provisional or reopened.

    Raises:
        CertificationError: the period does not wait to be certified.
    """
    code = parse_period(period_code).code
    publication_id = candidate(paths, engine, code)
    named = f"{name_vi(parse_period(code))} ({code})"
    facts = _Facts(snapshot_of(paths, publication_id), code)
    lines = [
        f"**Kỳ báo cáo:** {named}",
        f"**Bản công bố:** {publication_id}",
        "",
        "### Mức độ đầy đủ",
        *facts.completeness(),
        "",
        "### Số liệu",
        *facts.values(),
        "",
        "### Phát hiện chưa xử lý",
        *facts.findings(),
        "",
        "Ý kiến ghi dưới đây được công bố cùng số liệu. Sau khi chứng nhận, số liệu của kỳ không thay đổi;"
        " báo cáo đến sau được công bố dưới dạng đính chính. Không chứng nhận thì số liệu vẫn là tạm thời.",
    ]
    return CertificationRequest(code, publication_id, f"Chứng nhận số liệu {named}", "\n".join(lines))


def record_answer(
    paths: Paths,
    engine: Engine,
    request: Mapping[str, str],
    answer: Mapping[str, Any],
    *,
    is_certified: bool,
    now: datetime,
) -> bool:
    """Do what was answered, in the name of whoever answered; repeated, it does nothing twice.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        request: the question, as `CertificationRequest` has it.
        answer: what Airflow's human-in-the-loop operator gives: the comment, and who answered.
        is_certified: what was chosen.
        now: the present moment.

    Returns:
        Whether the period is certified.

    Raises:
        CertificationError: nobody has answered, the comment is missing, or the period has moved on meanwhile.
    """
    author = (answer.get("responded_by_user") or {}).get("name", "")
    comment = str((answer.get("params_input") or {}).get("comment") or "")
    if not comment.strip():
        raise CertificationError(
            f"the answer about period {request['period_code']} has no comment",
            remedy="clear `prepare` and everything after it, and answer again with a comment",
        )
    if not is_certified:
        decline(engine, request["period_code"], author=author, comment=comment, now=now)
        return False
    certify(
        paths,
        engine,
        request["period_code"],
        author=author,
        comment=comment,
        now=now,
        publication_id=request["publication_id"],
    )
    return True


@dataclass(frozen=True)
class _Facts:
    snapshot: Path
    period_code: str

    def completeness(self) -> list[str]:
        rows = self._rows(
            """
            select
                form_code, count(*) as owed, count(*) filter (where is_received) as received,
                count(*) filter (where is_received and received_on <= due_on) as on_time,
                list(agency_name_vi order by agency_code, agency_id) filter (where not is_received) as missing
            from fct_obligation_status
            where period_code = ?
            group by form_code
            order by form_code
            """
        )
        lines = []
        for row in rows:
            line = f"- Biểu {row['form_code']}: đã nhận {row['received']}/{row['owed']} báo cáo"
            missing = f"; chưa có: {_named(row['missing'])}" if row["missing"] else ""
            lines.append(f"{line}, đúng hạn {row['on_time']}{missing}")
        return lines or ["- Không có nghĩa vụ báo cáo nào."]

    def values(self) -> list[str]:
        (row,) = self._rows(
            """
            select
                count(value) as given, count(*) filter (where status = 'no_data') as without,
                count(distinct kpi_code) filter (where value is not null) as indicators,
                count(*) filter (where status = 'met') as met,
                count(*) filter (where status in ('behind', 'missed')) as short
            from fct_kpi_gap
            where period_code = ? and basis = 'reported' and is_primary
            """
        )
        return [
            f"- {row['given']} giá trị của {row['indicators']} chỉ số",
            f"- {row['without']} giá trị chưa có số liệu",
            f"- {row['met']} giá trị đạt chỉ tiêu, {row['short']} giá trị không đạt hoặc chậm tiến độ",
        ]

    def findings(self) -> list[str]:
        rows = self._rows(
            """
            select agency_name_vi, message_vi
            from fct_finding
            where period_code = ? and state = 'open' and severity = 'block'
            order by agency_code, rule_id, finding_key
            """
        )
        (counted,) = self._rows(
            """
            select count(*) as warnings from fct_finding
            where period_code = ? and state = 'open' and severity = 'warn'
            """
        )
        lines = [
            f"- {row['agency_name_vi'] or 'Toàn hệ thống'}: {row['message_vi']}" for row in rows[:NAMES_SHOWN]
        ]
        if len(rows) > NAMES_SHOWN:
            lines.append(f"- và {len(rows) - NAMES_SHOWN} lỗi khác")
        head = f"- {len(rows)} lỗi phải sửa, {counted['warnings']} cảnh báo"
        return [head, *lines]

    def _rows(self, query: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.snapshot), read_only=True) as connection:
            return select_rows(connection, query, [self.period_code])


def _named(names: list[str]) -> str:
    more = f" và {len(names) - NAMES_SHOWN} cơ quan khác" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
