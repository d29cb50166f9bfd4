"""Where things lie: the layout of the home folder, in one place."""

from dataclasses import dataclass
from pathlib import Path

from national_kpi.settings import PROJECT_ROOT, Settings

CATALOGUE_DIR = PROJECT_ROOT / "dbt_project" / "seeds"
DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
SUPERSET_ASSETS_DIR = PROJECT_ROOT / "superset_assets"
SAMPLES_DIR = PROJECT_ROOT / "samples"
RECEIPT_SCHEMA_FILE = Path(__file__).parent / "intake" / "receipt.schema.json"


@dataclass(frozen=True)
class Paths:
    """The folders of one platform home."""

    home: Path

    @classmethod
    def of(cls, settings: Settings) -> "Paths":
        """The layout under the home of these settings."""
        return cls(settings.home.resolve())

    @property
    def simulation_mark(self) -> Path:
        """The file that says that this home holds simulated data, and what it was made from."""
        return self.home / "SIMULATED.json"

    @property
    def is_simulated(self) -> bool:
        """Whether what lies here was made up by `kpi simulate`."""
        return self.simulation_mark.exists()

    @property
    def drop(self) -> Path:
        """Agencies' folders: `drop/<agency code>/inbox` and `drop/<agency code>/receipts`."""
        return self.home / "drop"

    def inbox(self, agency_code: str) -> Path:
        """Where an agency puts its files."""
        return self.drop / agency_code / "inbox"

    def receipts(self, agency_code: str) -> Path:
        """Where an agency finds its receipts."""
        return self.drop / agency_code / "receipts"

    def reminders(self, agency_code: str) -> Path:
        """Where an agency finds what it was reminded of."""
        return self.drop / agency_code / "reminders"

    @property
    def contacts(self) -> Path:
        """Whom to write to at each agency."""
        return self.home / "contacts.csv"

    @property
    def letters(self) -> Path:
        """Drafts of official letters, a folder a day."""
        return self.home / "letters"

    @property
    def archive(self) -> Path:
        """Files as received, named by their SHA-256."""
        return self.home / "archive"

    @property
    def lake(self) -> Path:
        """Accepted rows: `lake/<form>/<submission_id>.parquet`."""
        return self.home / "lake"

    @property
    def ledger_file(self) -> Path:
        """The embedded ledger."""
        return self.home / "ledger.db"

    @property
    def builds(self) -> Path:
        """One folder per build, with its inputs and its DuckDB file."""
        return self.home / "builds"

    @property
    def published(self) -> Path:
        """One folder per published snapshot, and the `current` link readers follow."""
        return self.home / "published"

    @property
    def current_snapshot(self) -> Path:
        """The DuckDB file readers open."""
        return self.published / "current" / "kpi.duckdb"

    @property
    def canary(self) -> Path:
        """What the canary remembers of the file it sent last."""
        return self.home / "canary.json"

    @property
    def briefs(self) -> Path:
        """Briefs of the task force: `briefs/<issue>/`, each as .docx and .pdf."""
        return self.home / "briefs"

    @property
    def notices(self) -> Path:
        """Restatement notices: `notices/<period code>/<number>-<publication_id>`, as .docx and .pdf."""
        return self.home / "notices"

    @property
    def open_data(self) -> Path:
        """Certified periods for everybody: `open-data/<period code>/`."""
        return self.home / "open-data"

    @property
    def secrets(self) -> Path:
        """Generated keys and passwords, readable by the owner only."""
        return self.home / "secrets"

    @property
    def sftp_keys(self) -> Path:
        """Agencies' public keys for uploads, a file a code."""
        return self.home / "sftp-keys"

    @property
    def logs(self) -> Path:
        """Logs of every service."""
        return self.home / "log"

    @property
    def airflow(self) -> Path:
        """Airflow's home."""
        return self.home / "airflow"

    @property
    def airflow_database(self) -> Path:
        """Airflow's embedded database."""
        return self.airflow / "airflow.db"

    @property
    def superset(self) -> Path:
        """Superset's home."""
        return self.home / "superset"
