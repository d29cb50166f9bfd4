"""Text as people type it: made comparable without changing what is kept."""

import re
import unicodedata
from functools import lru_cache

from unidecode import unidecode

_INVISIBLE = dict.fromkeys(
    {*map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), *range(0x20), *range(0x7F, 0xA0)}
    - {*map(ord, "\t\n\v\f\r")}
)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_NO_LETTER_OR_DIGIT = re.compile(r"[^0-9a-z>%]+")


def clean(value: object) -> str:
    """One line of NFC text: no-break and double spaces become one space, invisible characters go."""
    if type(value) is str and value.isprintable() and "  " not in value and value == value.strip():
        return unicodedata.normalize("NFC", value)  # most texts need no more
    text = unicodedata.normalize("NFC", "" if value is None else str(value))
    return " ".join(text.translate(_INVISIBLE).split())


@lru_cache(maxsize=20_000, typed=True)  # the same few words fill whole columns
def fold(value: object) -> str:
    """Text for comparison: no case, accents or punctuation (`Tổng số hồ sơ` → `tong so ho so`)."""
    return _NO_LETTER_OR_DIGIT.sub(" ", unidecode(clean(value)).casefold()).strip()


def shorten(value: object, length: int = 120) -> str:
    """Text cut to a length that fits a receipt."""
    text = clean(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def visible(value: object) -> str:
    """Text of strangers for people's eyes: what is not seen or turns the writing around is shown by its code.

    A direction mark between `bao` and `cao` gives `bao[U+202E]cao`. So do control characters, characters
    without width, halves of characters and those that no font has.
    """
    text = unicodedata.normalize("NFC", "" if value is None else str(value))
    return "".join(f"[U+{ord(one):04X}]" if unicodedata.category(one) in _UNSEEN else one for one in text)
