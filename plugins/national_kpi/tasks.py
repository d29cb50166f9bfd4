"""Tasks that working sessions of the task force gave, and as rows of the catalogue, where all tasks are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, and_, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Kpi, Target
from national_kpi.ledger.cycle import Conclusion, ConclusionWithdrawal, WorkingSession


@dataclass(frozen=True)
class GivenTask:
    """A conclusion of a working session.

    Attributes:
        code: the conclusion's own.
        task_code: the code agencies report by: that of the conclusion which gave the task first.
        amends: the conclusion it replaces.
        withdrawn_at: from when on it does not hold; None while it does.
    """

    code: str
    task_code: str
    name_vi: str
    agency_ids: tuple[str, ...]
    responsible_vi: str
    deadline: date
    amends: str | None
    session_id: int
    held_on: date
    chair: str
    legal_basis: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_because: str | None


def read_tasks(session: Session, newest_ids: Mapping[str, int] | None = None) -> tuple[GivenTask, ...]:
    """Every conclusion, in the order in which they were recorded.

    Args:
        session: the ledger.
        newest_ids: look no further than these rows of `conclusions` and `conclusion_withdrawals`.
    """
    withdrawn = Conclusion.code == ConclusionWithdrawal.code
    found = (Conclusion, WorkingSession, ConclusionWithdrawal.withdrawn_at, ConclusionWithdrawal.reason)
    chosen = select(*found).select_from(Conclusion).join(WorkingSession)
    if newest_ids is not None:
        newest = newest_ids.get("conclusion_withdrawals", 0)
        withdrawn = and_(withdrawn, ConclusionWithdrawal.withdrawal_id <= newest)
        chosen = chosen.where(Conclusion.conclusion_id <= newest_ids.get("conclusions", 0))
    task_codes: dict[str, str] = {}
    tasks = []
    rows = session.execute(
        chosen.outerjoin(ConclusionWithdrawal, withdrawn).order_by(Conclusion.conclusion_id)
    )
    for conclusion, held, withdrawn_at, reason in rows:
        task_codes[conclusion.code] = task_codes.get(conclusion.amends or "", conclusion.code)
        tasks.append(
            GivenTask(
                code=conclusion.code,
                task_code=task_codes[conclusion.code],
                name_vi=conclusion.name_vi,
                agency_ids=tuple(conclusion.agency_ids),
                responsible_vi=conclusion.responsible_vi,
                deadline=conclusion.deadline,
                amends=conclusion.amends,
                session_id=held.session_id,
                held_on=held.held_on,
                chair=held.chair,
                legal_basis=held.legal_basis,
                recorded_at=held.recorded_at,
                withdrawn_at=withdrawn_at,
                withdrawn_because=reason,
            )
        )
    return tuple(tasks)


def known_until(tasks: Iterable[GivenTask], moment: datetime) -> tuple[GivenTask, ...]:
    """The tasks of which it was known at a moment, the amended ones too, without those withdrawn by then."""
    return tuple(
        task
        for task in tasks
        if task.recorded_at <= moment and not (task.withdrawn_at and task.withdrawn_at <= moment)
    )


def tasks_known(engine: Engine, moment: datetime) -> tuple[GivenTask, ...]:
    """What the ledger knew at a moment, as `known_until` says."""
    with Session(engine) as session:
        return known_until(read_tasks(session), moment)


def with_tasks(catalogue: Catalogue, tasks: Iterable[GivenTask]) -> Catalogue:
    """The catalogue with these tasks: an indicator for each task, a target for each conclusion on it.

    Args:
        catalogue: as its files have it.
        tasks: as they were known at one moment, so that none amends one that is not among them.
    """
    given = tuple(tasks)
    if not given:
        return catalogue
    return catalogue.with_tasks(
        [_kpi(task) for task in given if task.code == task.task_code],
        [_target(catalogue, task) for task in given],
    )


def _name_en(task: GivenTask) -> str:
    return f"Task {task.code}, given in the working session of {task.held_on}"


def _kpi(task: GivenTask) -> Kpi:
    return Kpi(
        kpi_code=task.code,
        formula_version="1",
        valid_from=task.held_on,
        valid_to=None,
        name_vi=task.name_vi,
        name_en=_name_en(task),
        kind="milestone",
        unit="nhiệm vụ",
        direction="higher",
        numerator_element=None,
        denominator_element=None,
        of_kpi=None,
        compared_with=None,
        min_denominator=None,
        definition_vi="Hoàn thành khi cơ quan được giao báo cáo đã hoàn thành nhiệm vụ theo kết luận"
        f" buổi làm việc ngày {task.held_on:%d/%m/%Y} của Tổ công tác.",
        formula_vi="Đối chiếu ngày hoàn thành với thời hạn được giao",
        is_headline=False,
        system_code=None,
        legal_basis=task.legal_basis,
        note=None,
    )


def _target(catalogue: Catalogue, task: GivenTask) -> Target:
    return Target(
        target_id=task.code,
        kpi_code=task.task_code,
        name_vi=task.name_vi,
        name_en=_name_en(task),
        target_type="milestone",
        operator=None,
        target_value=None,
        unit="",
        scope=tuple(f"agency:{agency_id}" for agency_id in task.agency_ids),
        excluded_scope=(),
        scope_vi="; ".join(catalogue.agency(agency_id).name_vi for agency_id in task.agency_ids),
        responsible_vi=task.responsible_vi,
        effective_from=task.held_on,
        deadline=task.deadline,
        amends=task.amends,
        issuing_level="national",
        legal_basis=task.legal_basis,
        exclusion_vi=None,
        note=None,
    )
