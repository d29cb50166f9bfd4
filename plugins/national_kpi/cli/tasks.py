"""The catalogue for commands that do without a ledger, and use what it knows where there is one."""

from datetime import datetime

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.tasks import tasks_known, with_tasks


def known_catalogue(paths: Paths, ledger_url: str, moment: datetime) -> Catalogue:
    """The catalogue with the tasks given in working sessions, as known at a moment.

    Args:
        paths: the folders of a home; no ledger is made in it.
        ledger_url: where its ledger is; empty for the one in the home.
        moment: until when tasks count.

    Raises:
        CatalogueError: the catalogue cannot be read.
        LedgerError: there is a ledger, and it is out of reach.
    """
    catalogue = load_catalogue(CATALOGUE_DIR)
    if not ledger_url and not paths.ledger_file.is_file():
        return catalogue
    engine = open_ledger(ledger_url or f"sqlite:///{paths.ledger_file}")
    migrate(engine)
    return with_tasks(catalogue, tasks_known(engine, moment))
