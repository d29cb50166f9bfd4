"""`python -m national_kpi.warehouse.dictionary`: the data dictionary, from the marts' own descriptions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.pages import write_page
from national_kpi.paths import DBT_PROJECT_DIR
from national_kpi.settings import PROJECT_ROOT
from national_kpi.warehouse.marts import MARTS

DICTIONARY_PAGE = PROJECT_ROOT / "docs" / "reference" / "data-dictionary.md"

_MARTS_DIR = DBT_PROJECT_DIR / "models" / "marts"
_INTRODUCTION = """\
# Từ điển dữ liệu · Data dictionary

Trang này do `make docs` tạo từ mô tả của các bảng trong `dbt_project/models/marts` và từ danh mục chỉ số
`dbt_project/seeds/kpis.csv`; sửa ở đó, không sửa ở đây.

*This page is written by `make docs` from the descriptions in `dbt_project/models/marts` and from
`dbt_project/seeds/kpis.csv`: mend it there, not here.*
"""


def dictionary_page(catalogue: Catalogue) -> str:
    """Every table readers get with its columns, and every indicator with its formula, in Markdown.

    Args:
        catalogue: holds the indicators.
    """
    columns = column_descriptions()
    sections = [_INTRODUCTION, "## Bảng · Tables\n"]
    sections += ["\n".join(_mart(mart, columns)) for mart in MARTS]
    sections += ["## Chỉ số · Indicators\n", *_indicators(catalogue)]
    return "\n".join(sections)


def _mart(mart: str, columns: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    model = _model(mart)
    vietnamese, english = _in_two_languages(model["description"])
    yield f"### {mart}\n"
    yield f"{vietnamese} *{english}*\n"
    yield f"Mỗi dòng · one row for each: {', '.join(f'`{column}`' for column in MARTS[mart])}\n"
    yield "| cột · column | kiểu · type | nghĩa | meaning |"
    yield "|---|---|---|---|"
    for column in model["columns"]:
        meaning_vi, meaning_en = columns[column["name"]]
        yield f"| `{column['name']}` | {column['data_type']} | {meaning_vi} | {meaning_en} |"
    yield ""


def _indicators(catalogue: Catalogue) -> Iterator[str]:
    for kpi in catalogue.kpis:
        kind = f"`{kpi.kind}`, {kpi.unit}, phiên bản {kpi.formula_version}"
        yield f"### {kpi.kpi_code}\n"
        yield f"**{kpi.name_vi}** · *{kpi.name_en}* ({kind})\n"
        yield f"- {kpi.definition_vi}"
        yield f"- Công thức: {kpi.formula_vi}"
        yield f"- Căn cứ: {kpi.legal_basis}"
        for target in (target for target in catalogue.targets if target.kpi_code == kpi.kpi_code):
            until = f", đến {target.deadline:%d/%m/%Y}" if target.deadline else ""
            bound = f"{target.scope_vi}{until}; {target.legal_basis}"
            yield f"- Chỉ tiêu {target.target_id}: {target.name_vi} ({bound})"
        yield ""


def _model(mart: str) -> dict[str, Any]:
    document = yaml.safe_load((_MARTS_DIR / f"{mart}.yml").read_text(encoding="utf-8"))
    model: dict[str, Any] = next(model for model in document["models"] if model["name"] == mart)
    return model


def column_descriptions() -> dict[str, tuple[str, str]]:
    """What each column of the marts means, in Vietnamese and in English."""
    blocks = re.findall(
        r"{% docs (\w+) %}\n(.+?)\n{% enddocs %}",
        (_MARTS_DIR / "columns.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return {name: _in_two_languages(text) for name, text in blocks}


def _in_two_languages(description: str) -> tuple[str, str]:
    vietnamese, _, english = " ".join(description.split()).partition(" / ")
    return vietnamese.replace("|", "\\|"), english.replace("|", "\\|")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page and print where it is."""
    write_page(dictionary_page, DICTIONARY_PAGE, __doc__, arguments)


if __name__ == "__main__":
    main()
