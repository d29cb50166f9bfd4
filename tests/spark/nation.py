"""A small nation's reports of thirteen months, with something of everything that models look at."""

import csv
import shutil
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from national_kpi.catalogue import load_catalogue
from national_kpi.cycle.certification import certify
from national_kpi.cycle.closing import close_due_periods
from national_kpi.cycle.obligations import open_periods
from national_kpi.errors import SourceShapeError
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.session import ledger_url, one_at_a_time, open_ledger
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.settings import Settings
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.nation import months_from, reporters_of
from national_kpi.simulate.submissions import Order
from national_kpi.simulate.to_lake import fill_lake
from national_kpi.sources.freshness import State, note_state
from national_kpi.warehouse.build import BuildResult, build
from national_kpi.warehouse.finding_decisions import Decision, decide
from national_kpi.warehouse.publish import publish
from tests.integration.building import drop, put_into_lake, select, share_parsed_project, take_in_samples
from tests.integration.certified_home import at
from tests.unit.intake.workbooks import form_grid, save

FORMS = ("F01", "F02", "F03", "F04", "F05", "F06", "F08")
MONTHS = months_from(date(2025, 8, 1), 13)
LAST = "2026-M08"
ONE_IN = 12
"""Of so many agencies one reports."""

MINISTRY, UNIT = "G14", "G14.X-CTHH"


class Nation:
    """A platform home, and the catalogue it is built with."""

    def __init__(self, folder: Path, one_in: int = ONE_IN) -> None:
        self.seeds = Path(shutil.copytree(CATALOGUE_DIR, folder / "seeds"))
        _append(self.seeds / "focal_points.csv", agency_id=f"{MINISTRY}@0001-01-01", valid_from="2025-01-01",
                legal_basis="Quyết định thử nghiệm", verify_status="unverified")  # fmt: skip
        catalogue = load_catalogue(self.seeds)
        paths = prepare_home(folder / "home", folder / "real", {"seed": 1})
        nation = reporters_of(catalogue, MONTHS, None, seed=1, services=4)[::one_in]
        fill_lake(catalogue, paths, nation, Order(MONTHS, FORMS, 20, 0, None), workers=1)
        settings = Settings(_env_file=None, home=paths.home, ledger_url="")
        share_parsed_project(paths)
        self.context = IntakeContext(settings, paths, catalogue, open_ledger(ledger_url(settings, paths)))
        self._live()

    def build(self, moment: datetime, spark_master: str = "") -> BuildResult:
        return build(
            self.context.paths, self.context.engine, as_of=moment.date(), now=moment,
            catalogue_dir=self.seeds, spark_master=spark_master,
        )  # fmt: skip

    def publish(self, moment: datetime) -> Path:
        build_id = self.build(moment).build_id
        return publish(
            self.context.settings, self.context.paths, self.context.engine, build_id=build_id, now=moment
        ).snapshot

    def send(self, form_code: str, agency_code: str, row: Mapping[str, object], moment: datetime) -> None:
        """Take in a workbook about January 2025 with one row."""
        lines = [f"Cơ quan báo cáo: {row['unit']}"] if form_code == "F04" else []
        grid = form_grid(
            self.context.catalogue, form_code, [row], period="Kỳ báo cáo: Tháng 1/2025", lines=lines
        )
        file = save(self.context.paths.home.with_name(f"{form_code}_2025-M01_{agency_code}.xlsx"), grid)
        assert drop(self.context, file, agency_code, moment).startswith("accepted")

    def _live(self) -> None:
        """What happens until 2 October: samples, a publication, a certified month, a report sent again."""
        paths, engine = self.context.paths, self.context.engine
        with one_at_a_time(engine) as session:
            open_periods(session, self.context.catalogue, at("2026-10-01"))
        take_in_samples(self.context, at("2026-09-14"))
        note_state(engine, "road_transport_public_services", State.CHANGED,
                   SourceShapeError("answered 404", where="/"), at("2026-09-15"))  # fmt: skip
        signed = {"documents_sent": 100, "documents_sent_electronic": 90, "documents_signed": 60}
        self.send(
            "F04", UNIT, {"unit": "Cục Tin học hóa", "documents_received": 5, **signed}, at("2025-02-05")
        )
        confirmed = {"form_code": "F04", "receipt": f"1/{UNIT}", "decision": "xác nhận"}
        self.send("F09", MINISTRY, {"unit": "Cục Tin học hóa", **confirmed}, at("2025-02-06"))
        snapshot = self.publish(at("2026-09-17", 1))
        close_due_periods(paths, engine, at("2026-09-17"))
        certify(paths, engine, LAST, author="Nguyễn Văn A", comment="Đã đối chiếu với báo cáo bằng văn bản.",
                now=at("2026-09-18"))  # fmt: skip
        finding, *_ = select(
            snapshot, "from fct_finding where state = 'open' and severity = 'warn' order by finding_key"
        )
        decide(engine, snapshot, finding["finding_key"], Decision.EXPLAINED, reason="Đã kiểm tra",
               author="Nguyễn Văn A", now=at("2026-09-19"))  # fmt: skip
        again, *_ = select(
            snapshot,
            f"from fct_submission where form_code = 'F01' and period_code = '{LAST}' order by agency_id",
        )
        figures = {"dossiers_online_count": 700, "dossiers_received_count": 800}
        put_into_lake(
            paths, engine, self.context.catalogue, "again", form_code="F01", reported_by=again["agency_id"],
            period_code=LAST, now=at("2026-10-02"), revision=again["revision"] + 1,
            rows=[{"element_code": code, "value": Decimal(figure)} for code, figure in figures.items()],
        )  # fmt: skip


def _append(file: Path, **row: str) -> None:
    with file.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    with file.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, header, restval="", lineterminator="\n").writerow(row)
