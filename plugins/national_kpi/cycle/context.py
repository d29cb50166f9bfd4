"""What the reporting cycle works with, handed down as one object."""

from dataclasses import dataclass

from sqlalchemy import Engine

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.ledger.session import ledger_url, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings


@dataclass(frozen=True)
class CycleContext:
    """The settings, folders, catalogue and ledger of one platform home."""

    settings: Settings
    paths: Paths
    catalogue: Catalogue
    engine: Engine

    @classmethod
    def of(cls, settings: Settings) -> "CycleContext":
        """What these settings lead to. The ledger is not connected yet.

        Raises:
            CatalogueError: the catalogue cannot be read.
            LedgerError: the ledger's address cannot be used.
        """
        paths = Paths.of(settings)
        return cls(settings, paths, load_catalogue(CATALOGUE_DIR), open_ledger(ledger_url(settings, paths)))

    @property
    def sends_mail(self) -> bool:
        """Whether there is a mail server; in a home of simulated data nobody is written to."""
        return bool(self.settings.smtp_host) and not self.paths.is_simulated
