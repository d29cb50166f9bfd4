"""Settings: read from the environment (prefix `KPI_`) and `.env` once, at an edge, and handed down."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Every setting of the platform, with the embedded defaults.

    Each field can be set as `KPI_<FIELD>` in the environment or in `.env`; `.env.example` lists them all.
    """

    model_config = SettingsConfigDict(
        env_prefix="KPI_", env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True
    )

    home: Path = Field(PROJECT_ROOT / "var", description="where all run-time state lives")
    ledger_url: str = Field("", description="SQLAlchemy URL of the ledger; empty: SQLite in the home")
    quiet_seconds: float = Field(2.0, gt=0, description="an inbox must be quiet this long before it is read")
    batch_size: int = Field(25, gt=0, description="files handed to one Airflow task")
    snapshots_kept: int = Field(5, gt=0, description="published snapshots kept")
    airflow_port: int = Field(8080, gt=0, lt=65536, description="Airflow's web address on loopback")
    superset_port: int = Field(8088, gt=0, lt=65536, description="Superset's web address on loopback")
    source_port: int = Field(8090, gt=0, lt=65536, description="the sample HTTP source on loopback")
