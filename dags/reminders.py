"""Reminders: every working day, tell each agency which reports it still owes, and escalate what stays away.

It runs at half past seven in Hanoi. `reminder_stages.csv` says how many working days before or after the due
day an agency is written to, who there, and when an official letter is drafted besides; an extension moves the
day. Nobody is reminded on a day off, of a report that was accepted, or twice at one stage. A focal point
(`focal_points.csv`) is told besides which reports its units owe and which wait for it to confirm them, a
unit which one was returned. A reminder is a file in `drop/<agency code>/reminders/` and, where a mail server
is set (`KPI_SMTP_HOST`) and `contacts.csv` names somebody, a mail; what tells agencies of tasks given that
day (`kpi session`) is written beside it if it is not there yet. Drafts of letters lie in `letters/<day>/`
for the task force to sign.

**When `decide` fails**, nothing was decided: the ledger is out of reach, or `contacts.csv` has a line that
cannot be used; the log names it. **When `write_files` or `draft_letters` fails**, the disk is full. **When
`send_mail` fails**, the server is out of reach or refuses the account; mail waits in the ledger and goes out
by the next run. Mend the cause and clear the task: what was done is not done twice. A mail whose sending was
cut short is listed as `unconfirmed` by `kpi mail` and not sent again.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("30 7 * * *", timezone="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,  # mail goes out by one process
    doc_md=__doc__,
    tags=["national-kpi", "cycle"],
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(minutes=30),
    },
)
def reminders() -> None:
    """Decide, write the files, draft the letters, send the mail."""

    @task
    def decide() -> list[str]:
        """Whom to remind of what today, kept in the ledger; returns the agencies' codes."""
        from national_kpi.clock import now
        from national_kpi.cycle.context import CycleContext
        from national_kpi.cycle.reminders import remind
        from national_kpi.settings import Settings

        return [one.agency_code for one in remind(CycleContext.of(Settings()), now())]

    @task
    def write_files() -> int:
        """What agencies are told today, in their folders; returns how many files there are."""
        from national_kpi.clock import now
        from national_kpi.cycle.context import CycleContext
        from national_kpi.cycle.reminder_files import write_reminders
        from national_kpi.cycle.task_notices import write_task_notices
        from national_kpi.settings import Settings

        ctx, today = CycleContext.of(Settings()), now().date()
        return len(write_reminders(ctx, today)) + len(write_task_notices(ctx, today))

    @task
    def draft_letters() -> int:
        """Official letters for what has come to the head of an agency; returns how many there are."""
        from national_kpi.brief.letters import draft_letters
        from national_kpi.clock import now
        from national_kpi.cycle.context import CycleContext
        from national_kpi.settings import Settings

        return len(draft_letters(CycleContext.of(Settings()), now().date()))

    @task
    def send_mail() -> dict[str, int]:
        """Send what is queued; returns how many messages ended in which state."""
        from airflow.sdk.exceptions import AirflowException

        from national_kpi.clock import now
        from national_kpi.cycle.context import CycleContext
        from national_kpi.cycle.outbox import send_queued
        from national_kpi.settings import Settings

        sent = send_queued(CycleContext.of(Settings()), now)
        if sent.trouble:
            raise AirflowException(sent.trouble)
        return dict(sent.counts)

    decide() >> [write_files(), draft_letters(), send_mail()]


reminders()
