"""Settings: read from the environment (prefix `KPI_`) and `.env` once, at an edge, and handed down."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from national_kpi.limits import Limits

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
    spark_master: str = Field(
        "", description="a Spark cluster that builds instead of DuckDB, as spark://host:7077; empty: DuckDB"
    )
    quiet_seconds: float = Field(2.0, gt=0, description="an inbox must be quiet this long before it is read")
    batch_size: int = Field(25, gt=0, description="files handed to one Airflow task")
    runs_days_kept: int = Field(
        90, gt=0, description="days that runs of DAGs are kept, and the logs of their tasks"
    )
    temporary_days_kept: int = Field(
        2, gt=0, description="days after which a file that a broken pull left behind is removed"
    )
    airflow_database_url: str = Field(
        "", description="Airflow's own database, to remove old runs from; empty: SQLite in the home"
    )
    snapshots_kept: int = Field(5, gt=0, description="published snapshots kept")
    max_file_mb: int = Field(Limits.file_mb, gt=0, description="a received file may be this large")
    max_unpacked_mb: int = Field(
        Limits.unpacked_mb, gt=0, description="what a compressed file holds may be this large"
    )
    max_compression_ratio: int = Field(
        Limits.compression_ratio,
        gt=0,
        description="a part of a compressed file may become this many times larger",
    )
    max_archive_files: int = Field(Limits.archive_files, gt=0, description="a .zip may hold this many files")
    max_rows: int = Field(Limits.rows, gt=0, description="a sheet may have this many rows")
    max_columns: int = Field(Limits.columns, gt=0, description="a sheet may have this many columns")
    max_cells: int = Field(
        Limits.cells, gt=0, description="a file may have this many cells, empty ones included"
    )
    max_text_characters: int = Field(
        Limits.text_characters, gt=0, description="the text in a cell may have this many characters"
    )
    read_seconds: float = Field(
        Limits.seconds, gt=0, description="opening a received file may take this long"
    )
    read_memory_mb: int = Field(
        Limits.memory_mb, ge=1024, description="opening a received file may take this much memory"
    )
    smtp_host: str = Field(
        "", description="the mail server for reminders and notices; empty: no mail is sent"
    )
    smtp_port: int = Field(587, gt=0, lt=65536, description="its port")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="how the line is encrypted")
    smtp_user: str = Field("", description="account there; its password lies in secrets/smtp_password")
    smtp_sender: str = Field("", description="the address that mail comes from")
    engineers_mail: str = Field(
        "", description="the address that alarms are sent to; empty: they are seen in Airflow only"
    )
    canary_minutes: int = Field(
        30, ge=0, lt=60, description="minutes in which the canary must be published; 0: none is sent"
    )
    open_data_licence: str = Field("CC-BY-4.0", description="licence of open data, by its SPDX name")
    open_data_licence_url: str = Field(
        "https://creativecommons.org/licenses/by/4.0/deed.vi", description="where its terms stand"
    )
    airflow_port: int = Field(8080, gt=0, lt=65536, description="Airflow's web address on loopback")
    superset_port: int = Field(8088, gt=0, lt=65536, description="Superset's web address on loopback")
    superset_https: bool = Field(
        False, description="whether Superset is reached through a proxy only, which ends TLS"
    )
    source_port: int = Field(8090, gt=0, lt=65536, description="the sample HTTP source on loopback")

    @property
    def limits(self) -> Limits:
        """What a received file may be at most."""
        return Limits(
            file_mb=self.max_file_mb,
            unpacked_mb=self.max_unpacked_mb,
            compression_ratio=self.max_compression_ratio,
            archive_files=self.max_archive_files,
            rows=self.max_rows,
            columns=self.max_columns,
            cells=self.max_cells,
            text_characters=self.max_text_characters,
            seconds=self.read_seconds,
            memory_mb=self.read_memory_mb,
        )
