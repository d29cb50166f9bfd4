"""Damaged files by the thousand: always a receipt, never a trace of ours, a hang or growth without bound."""

import json
import logging
import os
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import IntakeContext, take_in
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from tests.integration.mutants import mutants, seeds

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)
LONGEST_SECONDS = 40
MOST_GROWTH_BYTES = 100 * 1024**2


@pytest.mark.proof
def test_every_damaged_file_gets_a_receipt(
    ledger: Engine,
    settings: Settings,
    catalogue: Catalogue,
    examiner: Examiner,
    tmp_path: Path,
    whole: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    context = IntakeContext(settings, Paths.of(settings), catalogue, ledger)
    vars(context)["examiner"] = examiner
    count = 5000 if whole else 250
    caplog.set_level(logging.ERROR)
    inbox = context.paths.inbox("G15")
    inbox.mkdir(parents=True)
    outcomes, rules, slowest = Counter[str](), Counter[str](), 0.0
    parent, at_start = psutil.Process(), 0
    for number, mutant in enumerate(mutants(seeds(catalogue, tmp_path), count, ledger.dialect.name)):
        file = inbox / mutant.name
        file.write_bytes(mutant.content)
        long_ago = (NOW - timedelta(minutes=5)).timestamp()
        os.utime(file, (long_ago, long_ago))
        started = time.monotonic()
        taken = take_in(context, file, NOW)
        slowest = max(slowest, time.monotonic() - started)
        assert taken, mutant.story
        assert slowest < LONGEST_SECONDS, mutant.story
        receipt = json.loads((taken.receipt_folder / "receipt.json").read_text(encoding="utf-8"))
        broken = [finding["rule_id"] for finding in receipt["findings"]]
        assert "READ-02" not in broken, f"{mutant.story}\n{caplog.text}"
        assert caplog.records == [], mutant.story
        outcomes[taken.outcome] += 1
        rules.update(set(broken))
        if number == count // 10:
            at_start = parent.memory_info().rss
    with Session(context.engine) as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == count
        assert set(session.scalars(select(Submission.state))) == {"decided"}
    growth = parent.memory_info().rss - at_start
    print(f"{count} damaged files: {dict(outcomes)}, rules {dict(rules.most_common())}")
    print(f"the slowest took {slowest:.1f} s; the process grew by {growth / 1e6:.0f} MB")
    assert growth < MOST_GROWTH_BYTES
    assert {"quarantined", "rejected", "accepted"} <= set(outcomes), (
        "the damage is too great or too small to tell"
    )
