"""What is to be recorded of a working session, and whether it can be."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from national_kpi.agencies import successor_on
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.read import Placed
from national_kpi.catalogue.tables import Agency
from national_kpi.cycle.conclusion_rows import ConclusionRow
from national_kpi.digests import canonical_sha256
from national_kpi.errors import CycleError, require_texts
from national_kpi.tasks import GivenTask

SEE_RECORDED = "`kpi session list` and `kpi session show` tell what was recorded"


@dataclass(frozen=True)
class Minutes:
    """A working session of the task force, and what was concluded there.

    Attributes:
        held_on: the day of the session; its tasks hold from then on.
        chair: who chaired it.
        agency_codes: the agencies that took part.
        legal_basis: the document that announces the conclusions, with number and day.
        conclusions: what is to be done, in the order of the document.
        source: the file they come from; empty when there is none.
    """

    held_on: date
    chair: str
    agency_codes: tuple[str, ...]
    legal_basis: str
    conclusions: tuple[Placed[ConclusionRow], ...]
    source: str = ""

    @property
    def sha256(self) -> str:
        """Covers all of it but the place it comes from."""
        return canonical_sha256(
            {
                "held_on": self.held_on.isoformat(),
                "chair": self.chair,
                "agency_codes": list(self.agency_codes),
                "legal_basis": self.legal_basis,
                "conclusions": [placed.row.model_dump(mode="json") for placed in self.conclusions],
            }
        )

    def error(self, placed: Placed[ConclusionRow], column: str, what: str, remedy: str) -> CycleError:
        """Something wrong with a conclusion."""
        place = f"{self.source}:{placed.line} column {column}" if self.source else column
        return CycleError(what, where=place, remedy=remedy)


def plain(text: str) -> str:
    """A text as it is kept: composed letters, single spaces."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def checked(minutes: Minutes, today: date) -> Minutes:
    """The minutes with their texts put in order.

    Raises:
        CycleError: something is missing, or the session is still to come.
    """
    said = {"--chair": minutes.chair, "--basis": minutes.legal_basis}
    require_texts(said, CycleError, "say who chaired it, and what announces it")
    if not minutes.agency_codes:
        raise CycleError("no agency took part", where="--agencies", remedy="name those that did")
    if not minutes.conclusions:
        remedy = "list what is to be done, a line each"
        raise CycleError("there are no conclusions", where=minutes.source, remedy=remedy)
    if minutes.held_on > today:
        what = f"{minutes.held_on} is still to come"
        raise CycleError(what, where="--held-on", remedy="record a session once it was held")
    return replace(
        minutes,
        chair=plain(minutes.chair),
        agency_codes=tuple(dict.fromkeys(minutes.agency_codes)),
        legal_basis=plain(minutes.legal_basis),
    )


def owners_of(catalogue: Catalogue, minutes: Minutes, in_force: Sequence[GivenTask]) -> list[list[Agency]]:
    """Whose task each conclusion is.

    It is that of the agencies it names; else of those that have the task it replaces, or whoever took over
    from them; else of all that took part.

    Raises:
        CycleError: an agency did not exist on the day of the session, or a deadline lies before it.
    """
    replaced = {task.code: task for task in in_force}
    took_part = [_agency(catalogue, code, minutes.held_on) for code in minutes.agency_codes]
    if None in took_part:
        what = _nobody(minutes.agency_codes[took_part.index(None)], minutes.held_on)
        raise CycleError(what, where="--agencies", remedy="write agencies' codes of that day, such as G13")
    owners = []
    for placed in minutes.conclusions:
        row = placed.row
        if row.deadline < minutes.held_on:
            what = f"{row.deadline} is before {minutes.held_on}, the day of the session"
            raise minutes.error(placed, "deadline", what, "write the day by which it is to be done")
        named = [_agency(catalogue, code, minutes.held_on) for code in row.agency_code]
        if None in named:
            what = _nobody(row.agency_code[named.index(None)], minutes.held_on)
            remedy = "write agencies' codes of that day, with | between"
            raise minutes.error(placed, "agency_code", what, remedy)
        if not named and row.amends:
            former = (catalogue.agency(agency_id) for agency_id in replaced[row.amends].agency_ids)
            named = [successor_on(catalogue, agency, minutes.held_on) for agency in former]
        owners.append([agency for agency in dict.fromkeys(named or took_part) if agency])
    return owners


def check_amendments(minutes: Minutes, in_force: Sequence[GivenTask]) -> None:
    """Make sure that every conclusion that is to be replaced can be.

    Raises:
        CycleError: it does not hold, is replaced already, or was not given before.
    """
    known = {task.code: task for task in in_force}
    replaced: set[str] = set()
    for placed in minutes.conclusions:
        code = placed.row.amends
        if code is None:
            continue
        if code not in known:
            what = f"no conclusion in force has the code {code!r}"
            raise minutes.error(placed, "amends", what, SEE_RECORDED)
        if later := amendment_of(in_force, code):
            what = f"{code} has been replaced by {later.code}"
            raise minutes.error(placed, "amends", what, f"write {later.code}")
        if code in replaced:
            raise minutes.error(placed, "amends", f"{code} is replaced twice", "replace it once")
        if minutes.held_on <= known[code].held_on:
            what = f"{code} was given on {known[code].held_on}, not before {minutes.held_on}"
            remedy = "where it was recorded wrongly, withdraw it and record it anew"
            raise minutes.error(placed, "amends", what, remedy)
        replaced.add(code)


def amendment_of(tasks: Iterable[GivenTask], code: str) -> GivenTask | None:
    """The conclusion that replaces another; None while that one stands."""
    return next((task for task in tasks if task.amends == code), None)


def _agency(catalogue: Catalogue, code: str, day: date) -> Agency | None:
    agency = catalogue.holder(code, day)
    return agency if agency and agency.kind != "collective" else None


def _nobody(code: str, day: date) -> str:
    return f"no agency had the code {code!r} on {day}"
