"""The brief's part on whom to call first."""

from collections.abc import Iterator, Sequence

from national_kpi.brief.call_list import MOST_DAYS, Call
from national_kpi.brief.facts import Facts, Row, has_value
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import gap_in_units, name_of, named, with_unit
from national_kpi.documents import Block, Column, Heading, Paragraph, Table
from national_kpi.documents.wording import NO_BREAK, number

CALLS_SHOWN = 10
RULE = (
    "Thứ tự theo mức ảnh hưởng đến kết quả chung nhân với mức độ chậm. Mức ảnh hưởng là số điểm phần"
    " trăm mà kết"
    " quả chung của các cơ quan có số liệu tăng thêm nếu cơ quan đạt chỉ tiêu. Cứ mỗi 30 ngày chậm,"
    " mức ưu tiên"
    f" tăng thêm một lần mức ảnh hưởng; chậm quá {MOST_DAYS} ngày tính như {MOST_DAYS} ngày. Số ngày"
    f" chậm tính từ"
    " việc quá hạn lâu nhất: chỉ tiêu đã hết hạn, nhiệm vụ quá hạn hoặc báo cáo chưa nộp."
)
WEIGHTED = " Tỷ trọng của mỗi cơ quan tính theo mẫu số của chỉ số."
UNWEIGHTED = (
    " Với chỉ số mà nguồn chỉ công bố tỷ lệ, không có mẫu số, các cơ quan được coi là có tỷ trọng như nhau."
)


def calls_of(facts: Facts, calls: Sequence[Call], numbering: Numbering) -> Iterator[Block]:
    """The call list, the rule it follows, and agencies without figures.

    Args:
        facts: what the brief rests on.
        calls: the most urgent first.
        numbering: counts the document's tables.
    """
    yield Heading("VIII. CƠ QUAN CẦN LÀM VIỆC, ĐÔN ĐỐC TRƯỚC")
    if calls:
        yield Paragraph.of(RULE + (WEIGHTED if all(call.is_weighted for call in calls) else UNWEIGHTED))
        yield Table(
            (
                Column("TT", 2, "center"),
                Column("Cơ quan", 7),
                Column("Chỉ số còn thiếu", 16),
                Column("Ảnh hưởng (điểm %)", 4, "right"),
                Column("Chậm (ngày)", 4, "right"),
                Column("Mức ưu tiên", 4, "right"),
            ),
            tuple(
                (
                    str(position),
                    name_of({"agency_name_vi": call.agency_name}),
                    "; ".join(_short(row) for row in call.gaps),
                    number(call.effect, 2),
                    number(call.days_late),
                    number(call.priority, 2),
                )
                for position, call in enumerate(calls[:CALLS_SHOWN], start=1)
            ),
            caption=numbering.table("Cơ quan cần làm việc, đôn đốc trước"),
        )
    else:
        yield Paragraph.of("Không có cơ quan nào có số liệu mà còn thiếu so với chỉ tiêu.")
    if silent := _silent(facts):
        yield Paragraph.of(
            f"{'Ngoài ra, ' if calls else ''}{number(len(silent))} bộ, cơ quan, địa phương chưa có số"
            f" liệu của mọi"
            f" chỉ số chủ yếu nên chưa tính được mức ảnh hưởng, cần yêu cầu báo cáo: {named(silent)}."
        )


def _silent(facts: Facts) -> list[str]:
    """Ministries and provinces of which no headline indicator is known."""
    known: dict[str, bool] = {}
    names: dict[str, str] = {}
    for row in facts.gaps:
        if row["is_headline_kpi"] and row["agency_kind"] in ("ministry", "ministry_level", "province"):
            known[row["agency_id"]] = known.get(row["agency_id"], False) or has_value(row)
            names[row["agency_id"]] = name_of(row)
    return sorted(names[agency] for agency, is_known in known.items() if not is_known)


def _short(row: Row) -> str:
    if row["gap_units"] is not None:
        return f"{with_unit(row)}, {gap_in_units(row)[:1].lower()}{gap_in_units(row)[1:]}"
    return f"{row['kpi_name_vi']} {with_unit(row)}, thiếu {number(abs(row['gap_pp']), 2)} điểm{NO_BREAK}%"
