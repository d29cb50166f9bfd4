"""Figures that could be true: rules hold, and one month follows from the one before."""

from collections import defaultdict

import pyarrow as pa
import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.intake.rules import broken_rows
from national_kpi.periods import Period
from national_kpi.simulate.figures import FORMS, figures_of
from national_kpi.simulate.nation import Reporter
from national_kpi.simulate.reports import milestones
from national_kpi.simulate.to_lake import enveloped

Months = dict[str, list[pa.Table]]


def figures(catalogue: Catalogue, reporter: Reporter, months: tuple[Period, ...]) -> Months:
    made: Months = defaultdict(list)
    for _, form_code, rows in figures_of(catalogue, reporter, months, FORMS, 50):
        made[form_code].append(rows)
    return made


@pytest.fixture(scope="module")
def transport(catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...]) -> Months:
    """A ministry with units of its own."""
    return figures(catalogue, next(one for one in nation if one.agency.agency_code == "G04"), months)


def test_every_form_of_an_agency_itself_has_figures(catalogue: Catalogue, transport: Months) -> None:
    of_others = ("published", "confirmation")
    own = {form.form_code for form in catalogue.forms if form.source not in of_others}
    assert set(FORMS) == set(transport) == own


@pytest.mark.parametrize("form_code", FORMS)
def test_every_required_column_is_filled(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...], form_code: str
) -> None:
    required = [one.column_name for one in catalogue.columns_of(form_code) if one.is_required]
    for reporter in nation[::9]:
        for rows in figures(catalogue, reporter, months[:1])[form_code]:
            assert rows.num_rows > 0
            assert {name: rows[name].null_count for name in required} == dict.fromkeys(required, 0)


@pytest.mark.parametrize("form_code", FORMS)
def test_no_rule_is_broken(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...], form_code: str
) -> None:
    rules = catalogue.rules_of(form_code, "row")
    assert rules
    for reporter in nation[::9]:
        for month, rows in zip(months, figures(catalogue, reporter, months)[form_code], strict=True):
            placed = enveloped(catalogue, reporter, month, form_code, "s", rows)
            assert broken_rows(catalogue, placed, rules) == []


def test_what_is_pending_is_carried_into_the_next_month(transport: Months) -> None:
    pending, carried = (
        [
            dict(zip(rows["field_or_unit"].to_pylist(), rows[name].to_pylist(), strict=True))
            for rows in transport["F03"]
        ]
        for name in ("pending_total", "received_carried")
    )
    assert carried[1:] == pending[:-1]
    assert sum(carried[1].values()) > 0


def test_services_stay_and_their_use_grows(transport: Months) -> None:
    first, *_, last = transport["F02"]
    assert first["procedure_code"] == last["procedure_code"]
    assert len(set(first["procedure_code"].to_pylist())) == first.num_rows
    assert first["dossiers_total"] != last["dossiers_total"]


def test_levels_gave_way_to_whole_and_partial_process(transport: Months) -> None:
    july, august, _ = (set(rows["service_level"].to_pylist()) for rows in transport["F02"])
    assert july & {"mức 3", "mức 4"}
    assert august & {"một phần", "toàn trình"}
    assert not august & {"mức 3", "mức 4"}


def test_forms_of_one_agency_agree(transport: Months) -> None:
    elements = dict(
        zip(*(transport["F01"][1][name].to_pylist() for name in ("element_code", "value")), strict=True)
    )
    services, resolution = transport["F02"][1], transport["F03"][1]
    assert elements["procedures_count"] == services.num_rows
    assert elements["dossiers_online_count"] == sum(services["dossiers_online"].to_pylist())
    assert sum(resolution["received_online"].to_pylist()) == sum(services["dossiers_online"].to_pylist())
    assert "services_level4_count" not in elements  # no longer a level, so not a zero


def test_no_ratio_of_an_agency_is_above_one_hundred_percent(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...]
) -> None:
    wholes = {kpi.numerator_element: kpi.denominator_element for kpi in catalogue.kpis if kpi.kind == "ratio"}
    compared = set()
    for reporter in nation[::9]:
        made = figures(catalogue, reporter, months)
        for f01, f03 in zip(made["F01"], made["F03"], strict=True):
            values = dict(zip(f01["element_code"].to_pylist(), f01["value"].to_pylist(), strict=True))
            values |= {
                column.element_code: sum(f03[column.column_name].to_pylist())
                for column in catalogue.columns_of("F03")
                if column.element_code and column.element_code not in values
            }
            for part, whole in wholes.items():
                if part in values and whole in values:
                    assert values[part] <= values[whole], part
                    compared.add(part)
    assert len(compared) > 25 and "dossiers_synced_count" in compared


def test_what_is_done_stays_done(transport: Months) -> None:
    done = [
        {
            code
            for code, day in zip(
                rows["milestone_code"].to_pylist(), rows["completed_on"].to_pylist(), strict=True
            )
            if day
        }
        for rows in transport["F05"]
    ]
    assert done[0] <= done[1] <= done[2]
    assert done[2]


def test_a_task_is_reported_from_the_month_in_which_it_was_given(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...]
) -> None:
    transport = next(one for one in nation if one.agency.agency_code == "G04")
    task = next(one for one in catalogue.targets if one.target_id == "T31")
    given_on = months[1].end
    new = task.model_copy(
        update={"target_id": "X", "kpi_code": "X", "effective_from": given_on, "deadline": given_on}
    )
    reported = [
        {
            row["milestone_code"]: row
            for row in milestones(catalogue.with_tasks([], [new]), transport, month).to_pylist()
        }
        for month in months
    ]
    assert ["X" in rows for rows in reported] == [False, True, True]
    done = [rows["X"]["completed_on"] for rows in reported[1:] if rows["X"]["completed_on"]]
    assert all(day >= given_on for day in done)
