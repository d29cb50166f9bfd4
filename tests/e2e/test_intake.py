"""Files good and bad through the real drop folder: each gets its answer, none stops another."""

import csv
import json
import time
from pathlib import Path

import psutil

from national_kpi.paths import SAMPLES_DIR
from tests.e2e.running import RunningPlatform, eventually

PAYGOV = SAMPLES_DIR / "G06" / "F07-ket-noi-paygov.csv"


def varied(sample: Path, target: Path, remark: str) -> Path:
    """A copy of a sample that says the same and is not the same file."""
    text = sample.read_text(encoding="utf-8-sig")
    delimiter = csv.Sniffer().sniff(text.splitlines()[-1], delimiters=";,").delimiter
    target.write_text(f"{text.rstrip()}\n{delimiter}{remark}\n", encoding="utf-8-sig")
    return target


def test_bad_files_are_answered_and_stop_nobody(platform: RunningPlatform, tmp_path: Path) -> None:
    junk = tmp_path / "rac.xlsx"
    junk.write_bytes(b"\x00\x01\x02 this is no workbook")
    unknown_form = tmp_path / "bieu-la.csv"
    unknown_form.write_text("Danh sách liên hoan\nMón;Số lượng\nChè;12\n", encoding="utf-8")
    empty = tmp_path / "trong.csv"
    empty.touch()
    good = varied(PAYGOV, tmp_path / "F07-paygov-lan-hai.csv", "Ghi chú thêm")
    for file in (junk, unknown_form, empty, good):
        platform.drop("G06", file)
    platform.drop("X99", good)

    for file in (junk, unknown_form, empty):
        receipt = platform.receipt_for("G06", file.name)
        assert receipt["outcome"] in ("rejected", "quarantined"), receipt
        assert receipt["findings"], "a refusal says why"
    assert platform.receipt_for("G06", good.name)["outcome"] in ("accepted", "accepted_with_warnings")
    assert platform.receipt_for("X99", good.name)["outcome"] == "quarantined"
    for code in ("G06", "X99"):
        assert list((platform.home / "drop" / code / "inbox").iterdir()) == []
    assert platform.stack("status").returncode == 0


def test_the_logs_tell_a_submissions_way_from_receipt_to_publication(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    file = varied(PAYGOV, tmp_path / "F07-theo-doi.csv", "Theo dõi")
    platform.drop("G06", file)
    number = platform.receipt_for("G06", file.name)["submission_id"]

    def told() -> dict[str, list[str]]:
        """What was said of it, by DAG."""
        lines: dict[str, list[str]] = {}
        for log in sorted((platform.home / "log" / "airflow").glob("dag_id=*/**/*.log")):
            dag_id = log.relative_to(platform.home / "log" / "airflow").parts[0].removeprefix("dag_id=")
            *whole, _ = log.read_text().split("\n")  # the last one may still be written
            for line in map(json.loads, whole):
                if line.get("submission_id") == number:
                    assert (line["agency_code"], line["file_name"]) == ("G06", file.name), line
                    lines.setdefault(dag_id, []).append(line["event"])
        return lines

    eventually(lambda: any("is published in" in line for line in told().get("build", ())), seconds=180)
    received, decided = told()["intake"]
    assert "received" in received and "accepted" in decided
    assert "goes into build" in told()["build"][0]


def test_news_of_what_is_published_already_makes_no_new_snapshot(platform: RunningPlatform) -> None:
    platform.wait_until_idle()
    before = platform.publication()
    airflow = platform.connect_airflow()
    known = {run.run_id for run in airflow.runs("build")}
    platform.announce("submissions")

    new = eventually(lambda: {run.run_id for run in airflow.runs("build")} - known, seconds=30)
    run = airflow.wait_for_run("build", *new, seconds=120)
    assert run.state == "success"
    assert {task["state"] for task in airflow.task_instances(run)} == {"skipped"}
    assert platform.publication() == before


def test_an_upload_under_way_is_left_alone_until_it_is_complete(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    content = varied(PAYGOV, tmp_path / "ban-du.csv", "Tải chậm").read_bytes()
    upload = platform.home / "drop" / "G06" / "inbox" / "F07-tai-cham.csv"
    with upload.open("wb", buffering=0) as stream:
        for start in range(0, len(content), len(content) // 12):
            stream.write(content[start : start + len(content) // 12])
            time.sleep(1)
            assert upload.exists(), "taken away while it was being written"
    assert platform.receipt_for("G06", upload.name)["outcome"] in ("accepted", "accepted_with_warnings")


def test_the_scheduler_is_restarted_and_files_still_come_in(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    scheduler = next(
        process
        for process in psutil.process_iter()
        if "scheduler" in process.cmdline() and str(platform.home) in process.environ().get("KPI_HOME", "")
    )
    scheduler.kill()
    platform.drop("G06", varied(PAYGOV, tmp_path / "F07-sau-su-co.csv", "Sau sự cố"))
    receipt = platform.receipt_for("G06", "F07-sau-su-co.csv", seconds=240)
    assert receipt["outcome"] in ("accepted", "accepted_with_warnings")
    eventually(lambda: platform.stack("status").returncode == 0, seconds=120, pause=3)
