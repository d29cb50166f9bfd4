"""What wakes Airflow: a watch on the agencies' inboxes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from watchfiles import Change, awatch

from national_kpi.intake.drop import is_open_for_writing
from national_kpi.paths import Paths
from national_kpi.settings import Settings

_STEP_MS = 100
_TICK_MS = 250


async def settled_inboxes(drop: Path, quiet_seconds: float) -> AsyncIterator[list[str]]:
    """Watch `<drop>/*/inbox`, the inboxes of agencies that appear later too, for as long as it is iterated.

    Removals and everything outside an inbox (receipts, say) go unnoticed: only arrivals count, so that
    what the platform itself does wakes nobody. Files that lie there at the start count as just arrived.

    Args:
        drop: the drop folder; created when it is missing.
        quiet_seconds: how long an inbox must have been left alone, no file in it open for writing.

    Yields:
        The agency codes whose inboxes have received something and have been quiet since.
    """
    drop.mkdir(parents=True, exist_ok=True)
    clock = asyncio.get_running_loop().time
    last_arrival = {inbox.parent.name: clock() for inbox in drop.glob("*/inbox") if _files(inbox)}
    ticks = awatch(
        drop,
        watch_filter=None,  # filtering there would also swallow the ticks
        step=_STEP_MS,
        debounce=_TICK_MS,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
    )
    async for changes in ticks:
        for change, path in changes:
            if agency_code := _receiver(drop, change, Path(path)):
                last_arrival[agency_code] = clock()
        settled = []
        for agency_code, at in list(last_arrival.items()):
            files = _files(drop / agency_code / "inbox")
            # Closing a file is no event: an upload that is still open is asked about again.
            if clock() - at < quiet_seconds or any(is_open_for_writing(file) for file in files):
                continue
            del last_arrival[agency_code]
            if files:
                settled.append(agency_code)
        if settled:
            yield sorted(settled)


def _receiver(drop: Path, change: Change, path: Path) -> str | None:
    """The agency code whose inbox may have received something by this change, None for any other change."""
    parts = path.relative_to(drop).parts
    if change == Change.deleted or not parts or parts[0].startswith("."):
        return None
    # What is created in a new folder before the watch reaches into it is seen as that folder alone.
    is_new_folder = len(parts) == 1 and change == Change.added
    return parts[0] if is_new_folder or parts[1:2] == ("inbox",) else None


def _files(inbox: Path) -> list[Path]:
    return [entry for entry in inbox.iterdir() if entry.is_file()] if inbox.is_dir() else []


class DropFolderTrigger(BaseEventTrigger):
    """Fires when files have arrived in the drop folder; where that is, is read when it runs."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and no arguments: Airflow's database holds no path of a machine."""
        return f"{self.__class__.__module__}.{self.__class__.__qualname__}", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event with the agency codes whose inboxes have settled."""
        settings = Settings()
        async for agency_codes in settled_inboxes(Paths.of(settings).drop, settings.quiet_seconds):
            yield TriggerEvent({"agency_codes": agency_codes})
