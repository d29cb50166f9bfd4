"""What is printed comes in one order: of the same day, two builds give the same document byte for byte."""

import re

import pytest

from national_kpi.brief import facts, letters
from national_kpi.open_data import tables
from national_kpi.warehouse.marts import MARTS

QUERIES = {
    f"{module.__name__}.{name}": (query, mart[1])
    for module in (facts, letters, tables)
    for name, query in vars(module).items()
    if isinstance(query, str)
    and "order by" in query
    and "group by" not in query
    and (mart := re.search(r"\bfrom ((?:fct|dim)_\w+)", query))
}


def test_the_queries_are_found() -> None:
    assert len(QUERIES) >= 8


@pytest.mark.parametrize("name", QUERIES)
def test_rows_are_ordered_by_all_that_tells_them_apart(name: str) -> None:
    query, mart = QUERIES[name]
    said_once = set(re.findall(r"(\w+) = (?:\?|'|\$)", query))
    if re.search(r"\bis_primary\b", query.rpartition("where")[2]):
        said_once.add("target_id")
    ordered = set(re.findall(r"\w+", query.rpartition("order by")[2]))
    assert set(MARTS[mart]) <= said_once | ordered
