"""Validating the catalogue as a whole."""

from pathlib import Path

from national_kpi.catalogue.checks.agencies import (
    check_codes,
    check_focal_points,
    check_main_successors,
    check_names,
    check_parents,
    check_province_shapes,
    check_successions,
)
from national_kpi.catalogue.checks.amendments import check_amendments, check_exclusions
from national_kpi.catalogue.checks.calendar import (
    check_obligations,
    check_reminder_stages,
    check_working_days,
)
from national_kpi.catalogue.checks.forms import check_form_columns, check_forms, check_rules
from national_kpi.catalogue.checks.indicators import (
    check_agency_groups,
    check_corrections,
    check_data_elements,
    check_element_parts,
    check_kpis,
    check_targets,
)
from national_kpi.catalogue.checks.indices import check_index_components, check_index_maxima
from national_kpi.catalogue.checks.rows import check_dates, check_keys, check_references, check_texts
from national_kpi.catalogue.checks.sources import check_source_fields, check_sources
from national_kpi.catalogue.checks.systems import check_system_items
from national_kpi.catalogue.checks.tables import Tables
from national_kpi.catalogue.read import Problem, read_file
from national_kpi.catalogue.tables import TABLES

CHECKS = (
    check_keys, check_references, check_texts, check_dates,
    check_codes, check_parents, check_names, check_successions, check_main_successors, check_focal_points,
    check_province_shapes,
    check_forms, check_form_columns, check_rules, check_sources, check_source_fields,
    check_data_elements, check_element_parts, check_kpis, check_targets,
    check_amendments, check_exclusions,
    check_index_components, check_index_maxima, check_system_items,
    check_agency_groups, check_corrections,
    check_working_days, check_obligations, check_reminder_stages,
)  # fmt: skip


def check_catalogue(folder: Path) -> list[Problem]:
    """Everything that is wrong in the catalogue, by file and line; an empty list when it is sound.

    Args:
        folder: where the catalogue's files are.
    """
    read = {table: read_file(table, folder) for table in TABLES}
    problems = {problem for _, unread in read.values() for problem in unread}
    tables = Tables(
        rows={table: rows for table, (rows, _) in read.items()},
        broken=frozenset(table for table, (_, unread) in read.items() if unread),
    )
    for check in CHECKS:
        problems.update(check(tables))
    return sorted(problems)
