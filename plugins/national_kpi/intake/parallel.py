"""Taking in a large drop with several processes."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from national_kpi.intake.context import IntakeContext
from national_kpi.intake.drop import in_batches, ready_files
from national_kpi.intake.pipeline import BatchResult, InterruptedIntakeError, resume, take_in_batch
from national_kpi.settings import Settings

FILES_A_WORKER = 25
"""A process takes about two seconds to start: fewer files are taken in sooner without it."""


def sweep_in_parallel(ctx: IntakeContext, now: datetime, workers: int | None = None) -> BatchResult:
    """Finish what was begun, then take in every complete file of the inboxes.

    Each inbox is one worker's, so that its files are taken in in their order.

    Args:
        ctx: settings, folders, catalogue and ledger; the workers open their own by its settings.
        now: the moment of receipt.
        workers: processes to use at most, this one among them; as many as there are processors by default.

    Raises:
        LedgerError: the ledger is out of reach, so that no file was touched.
        IntakeError: the machine held some files up; all others were taken in.
    """
    result = BatchResult()
    _add(result, lambda: resume(ctx, now))
    files = ready_files(ctx.paths, ctx.settings, now)
    count = min(workers or os.cpu_count() or 1, len(files) // FILES_A_WORKER)
    if count < 2:
        _add(result, lambda: take_in_batch(ctx, files, now))
    else:
        # The longest work first, so that no process is left alone with it at the end.
        inboxes = sorted(in_batches(files, 1), key=_size, reverse=True)
        with ProcessPoolExecutor(count - 1, mp_context=get_context("spawn")) as pool:
            given = [pool.submit(_take_in, ctx.settings, inbox, now) for inbox in inboxes]
            for future, inbox in zip(reversed(given), reversed(inboxes), strict=True):
                # What the others have not begun yet, this process does itself.
                if future.cancel():
                    _add(result, partial(take_in_batch, ctx, inbox, now))
                else:
                    result.add(future.result())
    if result.trouble:
        raise InterruptedIntakeError(result)
    return result


def _add(result: BatchResult, act: Callable[[], BatchResult]) -> None:
    try:
        result.add(act())
    except InterruptedIntakeError as error:
        result.add(error.result)


def _take_in(settings: Settings, files: Sequence[Path], now: datetime) -> BatchResult:
    """What a worker does with an inbox."""
    result = BatchResult()
    _add(result, lambda: take_in_batch(_context(settings), files, now))
    return result


@cache  # one in each worker
def _context(settings: Settings) -> IntakeContext:
    return IntakeContext.of(settings)


def _size(files: Sequence[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.exists())
