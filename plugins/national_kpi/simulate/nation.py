"""Who reports in a simulated nation, and the lasting character of each: size, digitisation, growth."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from national_kpi.agencies import successor_on
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, AgencyKind
from national_kpi.errors import SimulationError
from national_kpi.periods import Period, named_period

REPORTING_KINDS: tuple[AgencyKind, ...] = ("ministry", "ministry_level", "government_agency", "province")
_SIZES: dict[AgencyKind, float] = {"province": 1.15, "ministry": 1.0, "ministry_level": 0.5}
_SMALL = 0.2


@dataclass(frozen=True)
class Reporter:
    """An agency that reports, and what is lasting about it.

    Attributes:
        folder: code of the folder its files go into.
        units: units below it that the catalogue names.
        weight: its size; 1 is the nation's average.
        digitisation: share of its services that are online at the start, from 0 to 1.
        growth: by how much its figures grow a month.
        services: how many services it offers.
    """

    seed: int
    agency: Agency
    folder: str
    units: tuple[Agency, ...]
    weight: float
    digitisation: float
    growth: float
    services: int

    def random(self, *words: object) -> np.random.Generator:
        """Numbers that depend on the seed, the agency and these words alone."""
        return random_for(self.seed, self.agency.agency_id, *words)


def random_for(seed: int, *words: object) -> np.random.Generator:
    """Numbers that depend on the seed and these words alone."""
    digest = hashlib.blake2b("|".join(map(str, words)).encode(), digest_size=8).digest()
    return np.random.default_rng([seed, int.from_bytes(digest)])


def months_from(first: date, count: int) -> tuple[Period, ...]:
    """Consecutive calendar months, beginning with that of a day."""
    numbers = range(first.month - 1, first.month - 1 + count)
    return tuple(named_period("month", first.year + number // 12, number % 12 + 1) for number in numbers)


def reporters_of(
    catalogue: Catalogue, months: Sequence[Period], received_on: date | None, seed: int, services: int
) -> tuple[Reporter, ...]:
    """The agencies that report on any of these months.

    Args:
        catalogue: names the agencies.
        months: what they report on.
        received_on: the day the files are received: each lies in the folder of who may then speak for its
            agency; None when every agency has the folder it had itself.
        seed: decides the characters.
        services: services an agency offers on average; they add up to that many times the agencies.

    Raises:
        SimulationError: there are fewer services than agencies, so that some would have none.
    """
    agencies = [
        agency
        for agency in catalogue.agencies
        if agency.kind in REPORTING_KINDS and any(agency.valid_on(month.end) for month in months)
    ]
    folders = {agency.agency_id: _folder(catalogue, agency, received_on) for agency in agencies}
    agencies = [agency for agency in agencies if folders[agency.agency_id]]
    if services < 1:
        raise SimulationError(f"{services} services an agency are too few", remedy="give at least 1")
    weights = np.array([_weight(agency, seed) for agency in agencies])
    counts = _shares(weights, services * len(agencies))
    return tuple(
        _reporter(catalogue, agency, folders[agency.agency_id] or "", seed, float(weight), int(count))
        for agency, weight, count in zip(agencies, weights / weights.mean(), counts, strict=True)
    )


def _folder(catalogue: Catalogue, agency: Agency, received_on: date | None) -> str | None:
    """Code of the agency that speaks for this one on a day; None when nobody does."""
    holder = agency if received_on is None else successor_on(catalogue, agency, received_on)
    return holder.agency_code if holder else None


def _weight(agency: Agency, seed: int) -> float:
    spread = random_for(seed, agency.agency_code, "weight").lognormal(sigma=0.45)
    return _SIZES.get(agency.kind, _SMALL) * float(spread)


def _shares(weights: "np.ndarray[tuple[int], np.dtype[np.float64]]", total: int) -> list[int]:
    """Whole shares of a total by weight, at least 1 each; the largest takes what rounding leaves."""
    counts = [max(1, round(total * weight / weights.sum())) for weight in weights.tolist()]
    largest = counts.index(max(counts))
    counts[largest] += total - sum(counts)
    return counts


def _reporter(
    catalogue: Catalogue, agency: Agency, folder: str, seed: int, weight: float, services: int
) -> Reporter:
    random = random_for(seed, agency.agency_code, "character")
    units = (one for one in catalogue.agencies if one.parent_id == agency.agency_id and one.kind == "unit")
    return Reporter(
        seed=seed,
        agency=agency,
        folder=folder,
        units=tuple(units),
        weight=weight,
        digitisation=float(random.uniform(0.25, 0.85)),
        growth=float(random.uniform(0.002, 0.02)),
        services=services,
    )
