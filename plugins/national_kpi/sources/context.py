"""What a pull works with, handed down as one object."""

from typing import Protocol

from sqlalchemy import Engine

from national_kpi.catalogue.load import Catalogue
from national_kpi.paths import Paths
from national_kpi.settings import Settings


class PullContext(Protocol):
    """Settings, folders, catalogue and ledger of one platform home."""

    @property
    def settings(self) -> Settings:
        """How large a file may be, and how long one must be left alone before it counts as finished."""

    @property
    def paths(self) -> Paths:
        """The folders."""

    @property
    def catalogue(self) -> Catalogue:
        """Which sources there are, and which of their fields fill which column."""

    @property
    def engine(self) -> Engine:
        """The ledger."""
