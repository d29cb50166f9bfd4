"""The catalogue: the single source of meaning, read by intake and by dbt."""

from national_kpi.catalogue.load import Catalogue, load_catalogue

__all__ = ["Catalogue", "load_catalogue"]
