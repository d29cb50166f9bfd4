"""What intake works with, handed down as one object."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.intake.examine import Examiner
from national_kpi.ledger.session import ledger_url, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings


@dataclass(frozen=True)
class IntakeContext:
    """The settings, folders, catalogue and ledger of one platform home."""

    settings: Settings
    paths: Paths
    catalogue: Catalogue
    engine: Engine

    @classmethod
    def of(cls, settings: Settings) -> "IntakeContext":
        """What these settings lead to. The ledger is not connected yet.

        Raises:
            CatalogueError: the catalogue cannot be read.
            LedgerError: the ledger's address cannot be used.
        """
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        return cls(settings, paths, load_catalogue(CATALOGUE_DIR), engine)

    @cached_property
    def examiner(self) -> Examiner:
        """Built once, used for every file."""
        return Examiner(self.catalogue)
