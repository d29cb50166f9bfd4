"""Delivery: what a source brought reaches the inbox of its agency once, whatever breaks off when.

1. A file is written into `drop/.pulls/<source>/`, where nobody looks.
2. One transaction writes the `Pull`, from which intake learns where the file came from, and what is to be
   remembered of the source; in it the file is renamed after the pull.
3. It is moved into the inbox.

A file named after a pull that the ledger knows was on its way: `finish` moves it. Any other is removed: the
source will be asked for it again.
"""

import re
import uuid
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.catalogue.tables import Source
from national_kpi.disk import sync_file, sync_folder
from national_kpi.ledger.models import Base, Pull
from national_kpi.paths import Paths

_ON_ITS_WAY = re.compile(r"([0-9]+)~(.+)")


class Delivery:
    """Puts into an agency's inbox what one pull of a source brings.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        source: which source.
        now: the moment of the pull.
    """

    def __init__(self, paths: Paths, engine: Engine, source: Source, now: datetime) -> None:
        self.files: list[Path] = []
        """What has been delivered, in this order."""
        self.now = now
        """The moment of the pull."""
        self._engine, self._source = engine, source
        self._folder = pulls_folder(paths) / source.source_id
        self._inbox = paths.inbox(source.agency_code)

    def finish(self) -> None:
        """Deliver what an earlier pull had written into the ledger when it broke off."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(self._folder.iterdir()):
            named = _ON_ITS_WAY.fullmatch(file.name)
            if named and self._is_known(int(named[1]), named[2]):
                self._move(file, named[2])
            else:
                file.unlink()

    def unfinished(self) -> Path:
        """Where to write a file that is to be delivered."""
        return self._folder / f".{uuid.uuid4().hex}"

    def deliver(self, unfinished: Path, name: str, sha256: str, *remembered: Base) -> None:
        """Put a file that is written into the inbox.

        Args:
            unfinished: where it was written.
            name: what it is to be called; it tells this content from any other of the source.
            sha256: the hash of its bytes.
            remembered: rows of the ledger that hold from now on, because this has been delivered.
        """
        sync_file(unfinished)
        with Session(self._engine) as session, session.begin():
            pull = Pull(source_id=self._source.source_id, pulled_at=self.now, sha256=sha256, file_name=name)
            session.add(pull)
            for row in remembered:
                session.merge(row)
            session.flush()
            on_its_way = self._folder / f"{pull.pull_id}~{name}"
            unfinished.rename(on_its_way)
            sync_folder(self._folder)
        self._move(on_its_way, name)

    def remember(self, row: Base) -> None:
        """Write down a row of the ledger for which there is nothing to deliver."""
        with Session(self._engine) as session, session.begin():
            session.merge(row)

    def _is_known(self, pull_id: int, name: str) -> bool:
        with Session(self._engine) as session:
            pull = session.get(Pull, pull_id)
            return pull is not None and (pull.source_id, pull.file_name) == (self._source.source_id, name)

    def _move(self, file: Path, name: str) -> None:
        self._inbox.mkdir(parents=True, exist_ok=True)
        self.files.append(file.replace(self._inbox / name))
        sync_folder(self._inbox)
        sync_folder(self._folder)


def pulls_folder(paths: Paths) -> Path:
    """Where files lie until they are delivered: beside the inboxes, so that moving one is an atomic step."""
    return paths.drop / ".pulls"
