"""Evaluating the catalogue's rules: each is a DuckDB boolean over the typed rows of one file."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Rule
from national_kpi.errors import CatalogueError


def broken_rows(catalogue: Catalogue, rows: pa.Table, rules: Sequence[Rule]) -> list[tuple[Rule, list[int]]]:
    """Which rows break which rules. A predicate that is null (a value is missing) is not broken.

    Args:
        catalogue: what predicates look things up in.
        rows: the typed rows, in the lake's shape.
        rules: the rules of the rows' form.

    Returns:
        Each broken rule with the positions of its rows, from 0, in order.

    Raises:
        CatalogueError: a rule's predicate is not valid SQL over the form's columns.
    """
    numbered = rows.append_column("_position", pa.array(range(rows.num_rows), pa.int64()))
    broken = []
    with duckdb.connect(config={"enable_external_access": False, "threads": 1}) as connection:
        for name, table in (catalogue.arrow | {"submission": numbered}).items():
            connection.register(name, table)
        submission = connection.view("submission")
        for rule in rules:
            try:
                # Filtered after projecting: a predicate may use window functions, which no filter takes.
                judged = submission.project(f"_position, ({rule.predicate}) as is_good")
                positions = [row[0] for row in judged.filter("not is_good").order("_position").fetchall()]
            except duckdb.Error as error:
                raise CatalogueError(
                    f"rule {rule.rule_id} cannot be evaluated: {error}",
                    where="rules.csv",
                    remedy=f"mend its predicate: {rule.predicate}",
                ) from error
            if positions:
                broken.append((rule, positions))
    return broken
