"""What an agency's empty form already says."""

from dataclasses import replace
from datetime import date

from national_kpi.catalogue import Catalogue
from national_kpi.intake.prefill import prefilled_rows
from national_kpi.periods import parse_period


def test_a_task_that_was_replaced_or_spares_the_agency_is_not_asked_for(catalogue: Catalogue) -> None:
    tasks = {task.kpi_code: task for task in catalogue.targets}
    spared = tasks["MS_LGSP"].model_copy(update={"excluded_scope": ("agency:G04@0001-01-01",)})
    later = tasks["MS_SHARED_DATABASES"].model_copy(
        update={"target_id": "T99", "amends": "T32", "effective_from": date(2022, 8, 1), "name_vi": "Mới"}
    )
    others = [task for task in catalogue.targets if task.target_id != spared.target_id]
    changed = replace(catalogue, targets=(*others, spared, later))
    agency = catalogue.agency("G04@0001-01-01")
    asked = [
        {
            row["milestone_code"]: row["milestone_name"]
            for row in prefilled_rows(changed, "F05", agency, period)
        }
        for period in map(parse_period, ("2022-M07", "2022-M08"))
    ]
    assert all("MS_LGSP" not in one for one in asked)
    earlier = tasks["MS_SHARED_DATABASES"].name_vi
    assert [one["MS_SHARED_DATABASES"] for one in asked] == [earlier, "Mới"]
