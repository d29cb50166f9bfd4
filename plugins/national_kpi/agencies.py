"""Who a printed name means on a day, and for whom an agency may speak."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rapidfuzz import fuzz

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.spelling import DAMAGED, Spelling, agency_spellings, clean, spell, without_prefix
from national_kpi.catalogue.tables import Agency, AgencyKind
from national_kpi.errors import AccountError

Reason = Literal[
    "code", "name", "missing_marks",  # resolved
    "empty", "damaged", "ambiguous", "not_yet", "closed", "similar", "unknown",  # not resolved
]  # fmt: skip

NATION = "VN"
"""The collective that stands for the whole country."""

SIMILAR = 85
"""Likeness, out of 100, from which an unknown name is worth a suggestion."""

LONGEST_NAME = 300
"""No agency's name is longer than this many characters: what is longer is no name."""

_LOST_LETTERS = re.compile(f"{DAMAGED}+")
_PARENTHESIS = re.compile(r"(.+?)\s*\(([^()]+)\)")


@dataclass(frozen=True)
class Resolution:
    """Whom a printed name means.

    Args:
        agency: the agency, or None when the name cannot be told for sure.
        suggestion: whom the writer may have meant when `agency` is None; never to be used without asking.
        reason: how it was found, or why not.
    """

    agency: Agency | None
    suggestion: Agency | None
    reason: Reason


class AgencyResolver:
    """Finds the agency a printed name means. Build it once per catalogue; it holds an index of all names."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._codes: dict[str, list[Agency]] = {}
        self._names: dict[str, list[tuple[Spelling, Agency]]] = {}
        aliases: dict[str, list[str]] = {}
        for alias in catalogue.agency_aliases:
            aliases.setdefault(alias.agency_id, []).append(alias.alias)
        for agency in catalogue.agencies:
            self._codes.setdefault(agency.agency_code.casefold(), []).append(agency)
            for name in (agency.name_vi, agency.short_name_vi, *aliases.get(agency.agency_id, ())):
                for spelling in agency_spellings(name, agency.kind):
                    self._names.setdefault(spelling.plain, []).append((spelling, agency))

    def resolve(self, printed: str, day: date, *, below: Agency | None = None) -> Resolution:
        """Whom a printed name or code means on a day.

        Args:
            printed: the name as found, with whatever spaces, case and damage it has.
            day: the day the row is about, which is the end of its period.
            below: take units only from what this agency may speak for, as names such as “Văn phòng Bộ” are
                used in many ministries; None takes units of all.
        """
        text = clean(printed)
        if len(text) > LONGEST_NAME:
            return Resolution(None, None, "unknown")
        if not text:
            return Resolution(None, None, "empty")
        if DAMAGED in text:
            return Resolution(None, self._fits_damaged(text, day, below), "damaged")
        found = self._resolve(text, day, below)
        parts = _PARENTHESIS.fullmatch(text)
        if found.agency or not parts:
            return found
        outside, inside = self._resolve(parts[1], day, below), self._resolve(parts[2], day, below)
        if outside.agency and inside.agency and outside.agency != inside.agency:
            return Resolution(None, outside.agency, "ambiguous")
        return outside

    def _resolve(self, text: str, day: date, below: Agency | None) -> Resolution:
        coded = [agency for agency in self._codes.get(text, ()) if agency.valid_on(day)]
        if coded:
            return Resolution(coded[0], None, "code")
        exact, lossy = self._named(text, below)
        resolution = _only_one(exact, day, "name") or _only_one(lossy, day, "missing_marks")
        if resolution:
            return resolution
        if exact or lossy:
            return self._another_time((exact or lossy)[0], day)
        return self._similar(spell(text), day, below)

    def _named(self, text: str, below: Agency | None) -> tuple[list[Agency], list[Agency]]:
        """Agencies of any time with exactly this name, and those whose name it is but for lost marks."""
        exact, lossy = {}, {}
        for written, kinds in _readings(text):
            for spelling, agency in self._names.get(written.plain, ()):
                if (kinds and agency.kind not in kinds) or not self._is_within(agency, below):
                    continue
                if written == spelling:
                    exact[agency.agency_id] = agency
                elif written.lacks_only_marks_of(spelling):
                    lossy[agency.agency_id] = agency
        return list(exact.values()), list(lossy.values())

    def _is_within(self, agency: Agency, below: Agency | None) -> bool:
        return below is None or agency.kind != "unit" or may_speak_for(self._catalogue, below, agency)

    def _another_time(self, agency: Agency, day: date) -> Resolution:
        """The name is known, but of an agency of another time: its successor may be meant."""
        if day < agency.valid_from:
            return Resolution(None, self._catalogue.holder(agency.agency_code, day), "not_yet")
        return Resolution(None, successor_on(self._catalogue, agency, day), "closed")

    def _similar(self, written: Spelling, day: date, below: Agency | None) -> Resolution:
        likeness: dict[Agency, float] = {}
        for names in self._names.values():
            for spelling, agency in names:
                if agency.valid_on(day) and self._is_within(agency, below):
                    score = fuzz.ratio(written.letters + written.tones, spelling.letters + spelling.tones)
                    likeness[agency] = max(score, likeness.get(agency, 0.0))
        highest = max(likeness.values(), default=0.0)
        best = [agency for agency, score in likeness.items() if score == highest]
        if highest >= SIMILAR and len(best) == 1:
            return Resolution(None, best[0], "similar")
        return Resolution(None, None, "unknown")

    def _fits_damaged(self, text: str, day: date, below: Agency | None) -> Agency | None:
        """The one agency whose name has these letters around the lost ones, or who holds its place now."""
        fitting: set[Agency] = set()
        for written, kinds in _readings(text):
            # A run of lost letters is one piece: one by one they could be shared out in endless ways.
            shape = re.compile(
                _LOST_LETTERS.sub(lambda run: f".{{0,{len(run[0])}}}", re.escape(written.plain))
            )
            for plain, names in self._names.items():
                if shape.fullmatch(plain):
                    fitting |= {
                        agency
                        for _, agency in names
                        if (not kinds or agency.kind in kinds) and self._is_within(agency, below)
                    }
        valid: set[Agency | None] = {agency for agency in fitting if agency.valid_on(day)}
        holders = valid or {self._another_time(agency, day).suggestion for agency in fitting}
        return holders.pop() if len(holders) == 1 else None


def may_speak_for(catalogue: Catalogue, folder_holder: Agency, agency: Agency) -> bool:
    """Whether files of one agency may speak for another.

    They may for the holder itself, for its predecessors (a split goes wholly to the main successor), and for
    the units below any of those.
    """
    spoken_for = {folder_holder.agency_id}
    waiting = [folder_holder.agency_id]
    while waiting:
        successor = waiting.pop()
        for step in catalogue.agency_successions:
            if step.to_agency_id == successor and step.is_main and step.from_agency_id not in spoken_for:
                spoken_for.add(step.from_agency_id)
                waiting.append(step.from_agency_id)
    parents = {row.agency_id: row.parent_id for row in catalogue.agencies}
    seen: set[str] = set()
    current: str | None = agency.agency_id
    while current and current not in seen:
        if current in spoken_for:
            return True
        seen.add(current)
        current = parents.get(current)
    return False


def is_focal_point(catalogue: Catalogue, agency: Agency, day: date) -> bool:
    """Whether the figures of an agency's units count for it only once it has confirmed them.

    Args:
        catalogue: lists the focal points.
        agency: the agency.
        day: the last day of the period that the figures are about.
    """
    return any(one.agency_id == agency.agency_id and one.valid_on(day) for one in catalogue.focal_points)


def successor_on(catalogue: Catalogue, agency: Agency, day: date) -> Agency | None:
    """Who holds an agency's duties on a day: itself or its main successor; None when nobody is known to."""
    current: Agency | None = agency
    while current and not current.valid_on(day):
        steps = (
            catalogue.agency(step.to_agency_id)
            for step in catalogue.agency_successions
            if step.is_main and current and step.from_agency_id == current.agency_id
        )
        current = next(steps, None)
    return current


def in_scope(scope: Iterable[str], agency: Agency, excluded: Iterable[str] = ()) -> bool:
    """Whether a catalogue scope, such as `kind:province|units_of:G04@0001-01-01`, names an agency.

    Args:
        scope: its items.
        agency: the agency.
        excluded: items of the same kinds that are left out of it.
    """
    if excluded and in_scope(excluded, agency):
        return False
    names = {f"agency:{agency.agency_id}", f"kind:{agency.kind}", f"units_of:{agency.parent_id}"}
    return not names.isdisjoint(scope) or ("nation" in scope and agency.agency_code == NATION)


def _readings(cleaned: str) -> list[tuple[Spelling, tuple[AgencyKind, ...]]]:
    """How a name may be read: as it stands, and without its prefix when it is a province's."""
    return [(spell(cleaned), ()), (spell(without_prefix(cleaned)), ("province",))]


def _only_one(agencies: list[Agency], day: date, reason: Reason) -> Resolution | None:
    valid = [agency for agency in agencies if agency.valid_on(day)]
    if not valid:
        return None
    return Resolution(valid[0], None, reason) if len(valid) == 1 else Resolution(None, None, "ambiguous")


def account_holder(catalogue: Catalogue, code: str, day: date) -> Agency:
    """The agency that an account by this code belongs to.

    Args:
        catalogue: where agencies are read.
        code: the agency's code.
        day: the day on which it holds the code.

    Raises:
        AccountError: nobody holds the code, or it stands for many agencies.
    """
    holder = catalogue.holder(code, day)
    if holder is None:
        raise _nobody_holds(catalogue, code, day)
    if holder.kind == "collective":
        raise AccountError(
            f"{code} ({holder.name_vi}) stands for many agencies", remedy="give each its own account"
        )
    return holder


def _nobody_holds(catalogue: Catalogue, code: str, day: date) -> AccountError:
    past = [one for one in catalogue.agencies if one.agency_code == code]
    if not past:
        return AccountError(f"there is no agency with the code “{code}”", remedy="see seeds/agencies.csv")
    successor = successor_on(catalogue, past[-1], day)
    remedy = f"its successor is {successor.agency_code}, {successor.name_vi}" if successor else ""
    return AccountError(f"{code} ({past[-1].name_vi}) has been dissolved", remedy=remedy)
