"""What intake works with, handed down as one object."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.errors import LedgerError
from national_kpi.intake.examine import Examiner
from national_kpi.ledger.queries import SIMULATED, first_origin
from national_kpi.ledger.session import check_ledger, ledger_url, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.tasks import GivenTask, tasks_known, with_tasks

Report = Callable[[str, float], None]
"""Is told the outcome of a file, and the seconds from its receipt to the decision."""


def _report_nothing(outcome: str, seconds: float) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class IntakeContext:
    """The settings, folders, catalogue and ledger of one platform home, and who is told of its files."""

    settings: Settings
    paths: Paths
    catalogue: Catalogue
    engine: Engine
    report: Report = _report_nothing

    @classmethod
    def of(cls, settings: Settings, report: Report = _report_nothing) -> "IntakeContext":
        """What these settings lead to. The ledger is not connected yet.

        Args:
            settings: where everything is.
            report: is told of each file as soon as it is decided.

        Raises:
            CatalogueError: the catalogue cannot be read.
            LedgerError: the ledger's address cannot be used.
        """
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        return cls(settings, paths, load_catalogue(CATALOGUE_DIR), engine, report)

    def check_ledger(self) -> None:
        """Make sure the ledger answers, has the right version, and does not mix simulated with real data.

        Raises:
            LedgerError: it does not, or must not be used with this home.
        """
        check_ledger(self.engine)
        with Session(self.engine) as session:
            origin = first_origin(session)
        if origin and (origin == SIMULATED) != self.paths.is_simulated:
            of_home, of_ledger = ("simulated", "real") if self.paths.is_simulated else ("real", "simulated")
            raise LedgerError(
                f"the home folder is for {of_home} data, the ledger holds {of_ledger} data",
                where=self.engine.url.render_as_string(hide_password=True),
                remedy="set KPI_HOME and KPI_LEDGER_URL so that they belong together",
            )

    @cached_property
    def examiner(self) -> Examiner:
        """Built once, used for every file."""
        return Examiner(self.catalogue, self.settings.limits)

    def examiner_at(self, moment: datetime) -> Examiner:
        """What checks a file received at a moment, with the tasks given in working sessions until then."""
        tasks = tasks_known(self.engine, moment)
        if not tasks:
            return self.examiner
        if tasks not in self._examiners:
            self._examiners[tasks] = self.examiner.by(with_tasks(self.catalogue, tasks))
        return self._examiners[tasks]

    @cached_property
    def _examiners(self) -> dict[tuple[GivenTask, ...], Examiner]:
        return {}
