"""What intake works with, handed down as one object."""

from dataclasses import dataclass

from sqlalchemy import Engine

from national_kpi.catalogue import Catalogue
from national_kpi.paths import Paths
from national_kpi.settings import Settings


@dataclass(frozen=True)
class IntakeContext:
    """The settings, folders, catalogue and ledger of one platform home."""

    settings: Settings
    paths: Paths
    catalogue: Catalogue
    engine: Engine
