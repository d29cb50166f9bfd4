"""How names are compared: what of their writing matters, and what does not."""

import re
import unicodedata
from dataclasses import dataclass

from national_kpi.catalogue.tables import AgencyKind

DAMAGED = "\ufffd"
"""The sign left where a letter was lost."""

_ESCAPE = re.compile(r"<U\+([0-9A-F]{4,6})>", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_STROKE = str.maketrans({"đ": "d\u0335", "ð": "d\u0335", "ɖ": "d\u0335"})
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_AND = re.compile(r"&|\bvà\b")
_PROVINCE_PREFIX = re.compile(
    r"(?:(?:ủy|uỷ)\s+ban\s+nhân\s+dân|ubnd)?\s*(?:tỉnh|thành\s+phố|t\s*\.?\s*p(?=[\s.]|hcm))?\s*\.?\s*"
)


@dataclass(frozen=True)
class Spelling:
    """A name taken apart: bare letters, letters with their own marks, and tone marks in order.

    Tones apart from letters makes `Hòa` and `Hoà` one spelling; leaving out what is no letter or digit makes
    `SơnLa` and `Sơn La`, `Thừa Thiên - Huế` and `Thừa Thiên Huế` one.
    """

    plain: str
    letters: str
    tones: str

    def lacks_only_marks_of(self, other: "Spelling") -> bool:
        """Whether marks were lost from the other spelling, and none is different."""
        return (
            self.plain == other.plain
            and _is_subsequence(self.letters, other.letters)
            and _is_subsequence(self.tones, other.tones)
        )


def clean(text: str) -> str:
    """Readable text: escapes such as `<U+1EAF>` decoded, NFC, case folded, every run of spaces one space."""
    decoded = _ESCAPE.sub(_decode, text)
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", decoded)).casefold().split())


def spell(cleaned: str) -> Spelling:
    """The spelling of a cleaned name; `&` and `và` count for nothing."""
    marked = unicodedata.normalize("NFD", _AND.sub(" ", cleaned).translate(_STROKE))
    kept = [sign for sign in marked if sign.isalnum() or unicodedata.combining(sign) or sign == DAMAGED]
    return Spelling(
        plain="".join(sign for sign in kept if not unicodedata.combining(sign)),
        letters="".join(sign for sign in kept if sign not in _TONES),
        tones="".join(sign for sign in kept if sign in _TONES),
    )


def without_prefix(cleaned: str) -> str:
    """A province's name without “UBND tỉnh”, “Thành phố”, “TP.” and the like."""
    prefix = _PROVINCE_PREFIX.match(cleaned)
    return cleaned[prefix.end() :] if prefix else cleaned


def agency_spellings(name: str, kind: AgencyKind) -> set[Spelling]:
    """Under which spellings a name of an agency of this kind is known."""
    cleaned = clean(name)
    known = {cleaned}
    if kind == "province":
        known.add(without_prefix(cleaned))
    if kind in ("ministry", "ministry_level"):
        known.add(cleaned.removeprefix("bộ "))
    return {spell(text) for text in known}


def _decode(escape: re.Match[str]) -> str:
    point = int(escape[1], 16)
    is_character = point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF
    return chr(point) if is_character else escape[0]


def _is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(sign in rest for sign in short)
