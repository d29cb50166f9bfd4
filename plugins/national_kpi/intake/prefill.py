"""What is known of a form's rows before anything is written into it."""

from collections.abc import Iterable, Iterator, Mapping

from national_kpi.agencies import in_scope, may_speak_for, successor_on
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, Target
from national_kpi.intake.forms import prefilled_columns
from national_kpi.periods import Period
from national_kpi.unit_reports import STATES, UnitReport


def prefilled_rows(
    catalogue: Catalogue, form_code: str, agency: Agency, period: Period, reports: Iterable[UnitReport] = ()
) -> Iterator[Mapping[str, str]]:
    """The rows an agency is asked for, by column name: data elements, tasks, its units, or their reports.

    Args:
        catalogue: what agencies are asked for.
        form_code: the form.
        agency: the agency.
        period: what the form is about.
        reports: for a form that confirms them, those of the agency's units in the period.
    """
    columns = prefilled_columns(catalogue, form_code)
    known: list[dict[str, str]] = []
    if catalogue.form(form_code).source == "confirmation":
        yield from map(_of_report, reports)
    elif "element_code" in columns:
        known = [
            {"element_code": one.element_code, "element_name": one.name_vi, "unit": one.unit}
            for one in catalogue.data_elements
            if in_scope(one.reported_by, agency)
        ]
    elif "milestone_code" in columns:
        tasks = _tasks(catalogue, agency, period)
        known = [{"milestone_code": code, "milestone_name": name} for code, name in tasks.items()]
    elif columns:
        # Beside its units an agency has no row of its own: their figures would be counted twice.
        units = [one.name_vi for one in with_units(catalogue, agency, period) if one != agency]
        known = [{columns[0]: name} for name in units or [agency.name_vi]]
    for row in known:
        yield {column: text for column, text in row.items() if column in columns}


def _of_report(report: UnitReport) -> Mapping[str, str]:
    """A unit's report, with what was said of it before: the form sent last counts alone."""
    said = {state: decision for decision, state in STATES.items()}.get(report.state)
    row = {
        "unit": report.unit.name_vi,
        "form_code": report.form_code,
        "receipt": report.receipt,
        "decision": said,
        "note": report.note,
    }
    return {column: text for column, text in row.items() if text}


def _tasks(catalogue: Catalogue, agency: Agency, period: Period) -> dict[str, str]:
    """Tasks given to the agency by the end of the period, by code."""
    found: dict[str, str] = {}
    given = [one for one in catalogue.targets if (one.effective_from or period.end) <= period.end]
    replaced = {one.amends for one in given}
    for target in given:
        is_given = target.target_id not in replaced
        if target.is_to_be_done and is_given and _binds(catalogue, target, agency, period):
            found.setdefault(target.kpi_code, target.name_vi)
    return found


def _binds(catalogue: Catalogue, target: Target, agency: Agency, period: Period) -> bool:
    """Whether a task is the agency's, as `fct_milestone_status` has it.

    A task of named agencies passes to their successors; one of a kind binds who existed on its due day.
    """
    if in_scope(target.excluded_scope, agency):
        return False
    named = [item.removeprefix("agency:") for item in target.scope if item.startswith("agency:")]
    if any(successor_on(catalogue, catalogue.agency(one), period.end) == agency for one in named):
        return True
    due = min(target.deadline or target.effective_from or period.end, period.end)
    scope = target.scope if agency.valid_on(due) else [i for i in target.scope if i.startswith("units_of:")]
    return in_scope(scope, agency)


def with_units(catalogue: Catalogue, agency: Agency, period: Period) -> list[Agency]:
    """The agency and, by name, the units below it on the period's last day."""
    below = [
        one
        for one in catalogue.agencies
        if one.kind == "unit"
        and one != agency
        and one.valid_on(period.end)
        and may_speak_for(catalogue, agency, one)
    ]
    return [agency, *sorted(below, key=lambda one: one.name_vi)]
