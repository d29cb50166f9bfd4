"""`python -m national_kpi.intake.reference`: the page on every rule, from the catalogue."""

import textwrap
from collections.abc import Iterator, Sequence
from decimal import Decimal

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.pages import write_page
from national_kpi.catalogue.tables import Rule, RuleKind
from national_kpi.intake.outcomes import SEVERITIES_VI
from national_kpi.settings import PROJECT_ROOT

RULES_PAGE = PROJECT_ROOT / "docs" / "reference" / "rules.md"

_INTRODUCTION = """\
# Quy tắc kiểm tra · Rules

Trang này do `make docs` tạo từ danh mục `dbt_project/seeds/rules.csv`; sửa quy tắc ở danh mục, không sửa
ở đây.

Mỗi quy tắc có một mức độ. *Bắt buộc sửa*: số liệu không thể đúng; dòng mắc lỗi, hoặc cả tệp nếu biểu
không tiếp nhận từng phần, chưa được tính. *Cần kiểm tra*: số liệu đáng ngờ nhưng vẫn được tính; cơ quan
sửa hoặc giải trình. *Thông tin*: không phải làm gì. Điều kiện viết bằng SQL của DuckDB trên các cột của
biểu; ô để trống không bao giờ làm sai điều kiện. `previous` là dòng đó trong kỳ trước đã được tiếp nhận;
`submission` là cả tệp, `previous_submission` là cả tệp kỳ trước. Quy tắc so với kỳ trước chỉ áp dụng khi
tệp được tiếp nhận, lệnh `kpi check` không kiểm tra được. Quy tắc giữa các báo cáo được áp dụng mỗi khi
tính chỉ số. Chữ trong ngoặc nhọn được thay bằng nội dung cụ thể.

*This page is written by `make docs` from `dbt_project/seeds/rules.csv`: mend rules there, not here.
`block` says what cannot be true and keeps the row, or the file where its form is not taken in parts, from
counting; `warn` says what is doubtful, counts, and is mended or explained; `info` asks for nothing.
Conditions are DuckDB SQL over the form's columns, true on a good row; an empty cell breaks none.
`previous` is the same row in the previous accepted period, `submission` the whole file,
`previous_submission` that of the period before. Rules against the previous period are applied when a file
is taken in; `kpi check` cannot apply them. Rules across reports are applied whenever the indicators are
computed. Words in braces are filled in.*
"""

_KINDS: dict[RuleKind, str] = {
    "structural": "cấu trúc tệp · structure",
    "row": "trong tệp · within the file",
    "history": "so với kỳ trước · against the previous period",
    "model": "giữa các báo cáo · across reports",
}


def rules_page(catalogue: Catalogue) -> str:
    """All rules in Markdown, by form, in Vietnamese and English.

    Args:
        catalogue: holds the rules and the names of their forms and columns.
    """
    sections = [_INTRODUCTION, "## Mọi biểu mẫu · All forms\n"]
    sections += [_section(catalogue, rule) for rule in catalogue.rules if rule.kind == "structural"]
    for form in catalogue.forms:
        sections.append(f"## {form.form_code} {form.name_vi} · {form.name_en}\n")
        sections += [
            _section(catalogue, rule) for rule in catalogue.rules if rule.form_code == form.form_code
        ]
    sections.append("## Giữa các báo cáo · Across reports\n")
    sections += [_section(catalogue, rule) for rule in catalogue.rules if rule.kind == "model"]
    return "\n".join(sections)


def _section(catalogue: Catalogue, rule: Rule) -> str:
    return "\n".join([f"### {rule.rule_id}\n", *_facts(catalogue, rule), *_words(rule), ""])


def _facts(catalogue: Catalogue, rule: Rule) -> Iterator[str]:
    severity = f"**{SEVERITIES_VI[rule.severity]}** (`{rule.severity}`)"
    yield f"{severity} · {_KINDS[rule.kind]} · `{rule.category}`\n"
    if rule.predicate:
        header = _headers(catalogue, rule).get(rule.column_name or "")
        yield f"Cột · column: {f'“{header}” ' if header else ''}`{rule.column_name}`\n"
        yield "```sql"
        yield from textwrap.wrap(rule.predicate, 108, break_long_words=False, break_on_hyphens=False)
        yield "```\n"
    if rule.threshold is not None:
        yield f"Ngưỡng · threshold: {_number(rule.threshold)}\n"
    if rule.minimum is not None:
        yield f"Chỉ xét từ · looked at from: {_number(rule.minimum)}\n"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def _headers(catalogue: Catalogue, rule: Rule) -> dict[str, str]:
    columns = catalogue.columns_of(rule.form_code or "")
    return {column.column_name: column.header_vi for column in columns}


def _words(rule: Rule) -> Iterator[str]:
    yield f"- {rule.message_vi} {rule.mend_vi}"
    yield f"- *{rule.message_en} {rule.mend_en}*"
    if rule.legal_basis:
        yield f"- Căn cứ · legal basis: {rule.legal_basis}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page and print where it is."""
    write_page(rules_page, RULES_PAGE, __doc__, arguments)


if __name__ == "__main__":
    main()
