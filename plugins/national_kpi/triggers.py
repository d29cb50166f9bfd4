"""What wakes Airflow: a watch on the agencies' inboxes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from watchfiles import Change, awatch

from national_kpi.paths import Paths
from national_kpi.settings import Settings

_STEP_MS = 100
_TICK_MS = 250


def _inbox_of(drop: Path, path: Path) -> str | None:
    """The agency code whose inbox holds this path (or is it), None for anything outside an inbox."""
    parts = path.relative_to(drop).parts if path.is_relative_to(drop) else ()
    return parts[0] if len(parts) > 1 and parts[1] == "inbox" else None


def _holding_files(drop: Path) -> Iterator[str]:
    """The agency codes whose inboxes hold something now."""
    for inbox in sorted(drop.glob("*/inbox")):
        if any(entry.is_file() for entry in inbox.iterdir()):
            yield inbox.parent.name


async def settled_inboxes(drop: Path, quiet_seconds: float) -> AsyncIterator[list[str]]:
    """Watch `<drop>/*/inbox`, the inboxes of agencies that appear later too, for as long as it is iterated.

    Removals and everything outside an inbox (receipts, say) go unnoticed: only arrivals count, so that
    what the platform itself does wakes nobody. Files that lie there at the start count as just arrived.

    Args:
        drop: the drop folder; created when it is missing.
        quiet_seconds: how long an inbox must have been left alone before it is reported.

    Yields:
        The agency codes whose inboxes have received something and have been quiet since.
    """
    drop.mkdir(parents=True, exist_ok=True)
    clock = asyncio.get_running_loop().time
    last_arrival = dict.fromkeys(_holding_files(drop), clock())
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
            if change != Change.deleted and (agency_code := _inbox_of(drop, Path(path))):
                last_arrival[agency_code] = clock()
        settled = sorted(code for code, at in last_arrival.items() if clock() - at >= quiet_seconds)
        for agency_code in settled:
            del last_arrival[agency_code]
        if settled:
            yield settled


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
