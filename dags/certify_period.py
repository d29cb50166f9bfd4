"""Certify a period: a person reads how complete a closed period is, and makes its values final or not.

The DAG `close_periods` starts it for every period that closes; started by hand, it takes the code of a
provisional or reopened period. The question stands under *Required Actions* in Airflow, with what is known of
the period, and waits there until somebody answers. The answer needs a comment, which readers see
beside the figures. **Chứng nhận** makes the publication final and starts a build that shows it
(asset `certifications`); **Không chứng nhận** is written into the audit and leaves the period as it is.

**When `prepare` fails**, the ledger or the snapshot is out of reach. A skipped run is in order: the period
has been certified in another way. **When `record` fails**, the log says why: an answer without a comment, or
a period that changed meanwhile. Clear `prepare` with everything after it, and the question is put again.
"""

from dataclasses import asdict
from datetime import timedelta

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Asset, Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

certifications = Asset("certifications")
CERTIFY, DECLINE = "Chứng nhận", "Không chứng nhận"


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=64,  # a run lasts until somebody answers, and periods wait side by side
    params={"period_code": Param(type="string", minLength=1, description="Kỳ báo cáo, ví dụ 2026-M08")},
    doc_md=__doc__,
    tags=["national-kpi", "cycle"],
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=10),
    },
)
def certify_period() -> None:
    """Put the question, wait for a person, record the answer."""

    @task
    def prepare(params: dict[str, str] | None = None) -> dict[str, str]:
        """What the person is told; nothing is asked about a period that does not wait for it."""
        from national_kpi.cycle.certification_request import certification_request
        from national_kpi.errors import CertificationError
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        try:
            return asdict(certification_request(paths, engine, (params or {})["period_code"]))
        except CertificationError as error:
            raise AirflowSkipException(str(error)) from error

    @task(outlets=[certifications])
    def record(request: dict[str, str], answer: dict[str, object]) -> None:
        """Certify the period in the person's name, or write down that they would not."""
        from national_kpi.clock import now
        from national_kpi.cycle.certification_request import record_answer
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        is_certified = CERTIFY in answer["chosen_options"]
        if not record_answer(paths, engine, request, answer, is_certified=is_certified, now=now()):
            raise AirflowSkipException("The period was not certified: nothing has to be built.")

    @task
    def export_open_data() -> int:
        """Put the certified period where everybody can fetch it; returns how many packages are new."""
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.open_data.export import export_open_data
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        paths = Paths.of(settings)
        return len(export_open_data(settings, paths, open_ledger(ledger_url(settings, paths))))

    request = prepare()
    ask = HITLOperator(
        task_id="ask",
        subject=request["subject"],
        body=request["body"],
        options=[CERTIFY, DECLINE],
        params={"comment": Param("", type="string", title="Ý kiến (bắt buộc, được công bố)")},
        execution_timeout=None,  # a person takes as long as it takes
    )
    record(request, ask.output) >> export_open_data()


certify_period()
