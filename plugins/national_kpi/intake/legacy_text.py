"""Vietnamese text of before Unicode, which only its font makes readable: TCVN3 (ABC) and VNI.

Such text holds Western letters and signs; a font draws Vietnamese letters in their place. TCVN3 has one code
for both cases of most letters: fonts whose name ends in `H` draw capitals for the small ones.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from national_kpi.intake.syllables import LETTERS, read_words

Encoding = Literal["tcvn3", "vni"]

_TCVN3 = str.maketrans(
    "¡¢§£¤¥¦"
    "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉË®ÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ",
    "ĂÂĐÊÔƠƯ"
    "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵ",
)  # fmt: skip

_VNI_TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_VNI_CIRCUMFLEX = dict(zip("âáàåãä", ("", *_VNI_TONES.values()), strict=True))
_VNI_BREVE = dict(zip("êéèúüë", ("", *_VNI_TONES.values()), strict=True))
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni_letters() -> dict[str, str]:
    """Every small letter of VNI: a base, often followed by a sign for what stands above or below it."""
    letters = dict(_VNI_ALONE)
    for base in "aeouyôö":
        marked = {sign: _VNI_ALONE.get(base, base) + tone for sign, tone in _VNI_TONES.items()}
        marked |= {sign: base + "\u0302" + tone for sign, tone in _VNI_CIRCUMFLEX.items() if base in "aeo"}
        marked |= {sign: base + "\u0306" + tone for sign, tone in _VNI_BREVE.items() if base == "a"}
        letters |= {base + sign: unicodedata.normalize("NFC", letter) for sign, letter in marked.items()}
    del letters["yï"]  # one sign of its own, `î`, stands for ỵ
    return letters


_VNI = _vni_letters()
_VNI_LETTER = re.compile("|".join(sorted(_VNI, key=len, reverse=True)), re.IGNORECASE)


@dataclass(frozen=True)
class LegacyFont:
    """What a font does to the codes of its text."""

    encoding: Encoding
    has_capitals_only: bool = False


def legacy_font(name: str | None) -> LegacyFont | None:
    """What a font of this name draws; None for a Unicode font.

    Args:
        name: as the workbook holds it, such as `.VnTimeH` or `VNI-Times`.
    """
    folded = (name or "").strip(" \0").casefold()
    if folded.startswith(".vn"):
        return LegacyFont("tcvn3", has_capitals_only=folded.endswith("h"))
    return LegacyFont("vni") if folded.startswith(("vni-", "vni ")) else None


def decode(text: str, encoding: Encoding) -> str:
    """Text of an encoding as Unicode, NFC; signs it does not know stay as they are."""
    if encoding == "tcvn3":
        return text.translate(_TCVN3)
    return _VNI_LETTER.sub(_vni_letter, text)


def decode_runs(runs: Iterable[tuple[str, str | None]]) -> str:
    """A cell's text as people see it.

    Args:
        runs: pieces of the text with the name of their font, in order.
    """
    merged: list[tuple[str, LegacyFont | None]] = []
    for text, name in runs:
        font = legacy_font(name)
        if merged and merged[-1][1] == font:
            merged[-1] = (merged[-1][0] + text, font)
        else:
            merged.append((text, font))
    return "".join(text if font is None else _shown(text, font) for text, font in merged)


def _shown(text: str, font: LegacyFont) -> str:
    if _is_unicode(text, font.encoding):
        return text
    decoded = decode(text, font.encoding)
    return decoded.upper() if font.has_capitals_only else decoded


def _is_unicode(text: str, encoding: Encoding) -> bool:
    """Whether text in a legacy font was typed in Unicode all the same; then another font shows it."""
    if text.isascii():
        return False
    known = _VNI_LETTER.sub("", text) if encoding == "vni" else text.translate(dict.fromkeys(_TCVN3))
    if any(sign in LETTERS or (sign > "ÿ" and unicodedata.category(sign)[0] in "LM") for sign in known):
        return True
    return read_words(text).is_vietnamese and not read_words(decode(text, encoding)).is_vietnamese


def _vni_letter(match: re.Match[str]) -> str:
    letter = _VNI[match[0].lower()]
    return letter.upper() if match[0][0].isupper() else letter
