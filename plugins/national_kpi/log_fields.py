"""Fields that log lines carry beside their text, such as the number of the submission they are about.

Airflow writes a task's log as one JSON object a line and puts what is bound here into it, whoever writes the
line. Outside Airflow nothing changes: the fields are there for a formatter that asks for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars


@contextmanager
def log_scope() -> Iterator[None]:
    """What is bound inside ends with the block, and what was bound outside is back afterwards."""
    outer = get_contextvars()
    try:
        yield
    finally:
        clear_contextvars()
        bind_contextvars(**outer)


def tell_submission(submission_id: str, agency_code: str, file_name: str | None) -> None:
    """From here to the end of the scope, log lines are about this submission.

    Args:
        submission_id: its number.
        agency_code: the folder it was dropped into.
        file_name: as sent; None while it is not known.
    """
    bind_contextvars(submission_id=submission_id, agency_code=agency_code)
    if file_name:
        bind_contextvars(file_name=file_name.encode(errors="replace").decode())
