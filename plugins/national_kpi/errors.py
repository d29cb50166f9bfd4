"""The platform's error tree: every error says what was wrong, where, and what to do."""

from collections.abc import Mapping


class KpiPlatformError(Exception):
    """Base of every error the platform raises on purpose.

    Args:
        what: what is wrong, with the offending value.
        where: file, line, cell, table or address; empty when the message needs no place.
        remedy: what the reader can do about it.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what, where, remedy)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" — {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{advice}"


def require_texts(
    texts: Mapping[str, str],
    error: type[KpiPlatformError],
    remedy: str = "say why, and who answers for it",
) -> None:
    """Make sure that whoever decides has said what a decision is kept with.

    Args:
        texts: what was said, by the option it is said with.
        error: what to raise.
        remedy: what the reader can do about it.

    Raises:
        KpiPlatformError: of the kind asked for, naming the first option that is empty.
    """
    for option, text in texts.items():
        if not text.strip():
            raise error(f"{option} is empty", remedy=remedy)


class SettingsError(KpiPlatformError):
    """A setting is missing or has a value that cannot be used."""


class CatalogueError(KpiPlatformError):
    """A catalogue file is unreadable or contradicts itself."""


class PeriodError(KpiPlatformError):
    """A period code or a pair of dates is not a period."""


class TemplateError(KpiPlatformError):
    """A form cannot be written for this agency and period, or not to this place."""


class UnreadableFileError(KpiPlatformError):
    """A received file cannot be read at all, or must not be.

    Args:
        rule_id: the catalogue's rule that says why, and what the sender can do.
        found: what was found, for the sender.
        expected: what was expected instead.
        where: the file of an archive in which it was found.
    """

    def __init__(
        self, rule_id: str, *, found: str | None = None, expected: str | None = None, where: str = ""
    ) -> None:
        self.rule_id = rule_id
        self.found = found
        self.expected = expected
        super().__init__(f"rule {rule_id}{f': {found}' if found else ''}", where=where)

    def inside(self, where: str) -> "UnreadableFileError":
        """The same, found in this file of an archive."""
        return UnreadableFileError(self.rule_id, found=self.found, expected=self.expected, where=where)


class IntakeError(KpiPlatformError):
    """The machine kept received files from being taken in; they are kept and taken in later."""


class ReceiptError(KpiPlatformError):
    """A file that should hold a receipt does not."""


class LedgerError(KpiPlatformError):
    """The ledger is out of reach or not at the expected version."""


class LakeError(KpiPlatformError):
    """Accepted rows are missing, and cannot be read from the archive again as they were."""


class BuildError(KpiPlatformError):
    """A dbt build failed, so nothing may be published from it.

    Args:
        what: what is wrong.
        where: the build's folder, or the input that is missing.
        remedy: what the reader can do about it.
        tests_failed: how many of its structural tests failed.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", tests_failed: int = 0) -> None:
        self.tests_failed = tests_failed
        super().__init__(what, where=where, remedy=remedy)


class PublishError(KpiPlatformError):
    """A snapshot was not published; readers keep the one they have."""


class CycleError(KpiPlatformError):
    """A step of the reporting cycle that cannot be taken: no such report is owed, or it is not the time."""


class CertificationError(KpiPlatformError):
    """A reporting period cannot take this step, or what was certified of it is gone."""


class OpenDataError(KpiPlatformError):
    """Open data of a certified period cannot be written."""


class FindingError(KpiPlatformError):
    """What is to be decided about a finding cannot be."""


class ReplayError(KpiPlatformError):
    """A publication cannot be built again: it does not exist, or something it was made from is gone."""


class NotPublishedError(KpiPlatformError):
    """There is no published snapshot to read yet."""


class SourceError(KpiPlatformError):
    """A source cannot be pulled: nobody knows it, or it is out of reach for now."""


class SourceRefusedError(SourceError):
    """A source refuses the account of its connection; trying again would not help."""


class SourceShapeError(SourceError):
    """A source answers, but what it says is not of the declared shape."""


class SourceGoneError(SourceShapeError):
    """There is nothing at an address of a source, or no longer."""


class DashboardError(KpiPlatformError):
    """Dashboards could not be imported, or a chart fails to query."""


class AccountError(KpiPlatformError):
    """An agency cannot be given an account, or has none."""


class SimulationError(KpiPlatformError):
    """A simulation was asked for that cannot be made, or made there."""


class BriefError(KpiPlatformError):
    """A brief cannot be written: there is nothing to say about the period or the agencies asked for."""


class CleanUpError(KpiPlatformError):
    """Something old cannot be removed, or must not be, because what is kept for good lies there."""


class StackError(KpiPlatformError):
    """A service could not be started, stopped or reached."""


class BackupError(KpiPlatformError):
    """A backup cannot be made, is damaged, or cannot be restored here."""
