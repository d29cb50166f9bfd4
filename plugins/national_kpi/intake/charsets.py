"""Text files of unknown encoding: Unicode of every kind, Windows-1258, and TCVN3 or VNI without their fonts.

An encoding that leaves no mark in the file is taken only where the text it gives reads as Vietnamese and no
other does: a wrong guess would change names silently.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.legacy_text import Encoding, decode
from national_kpi.intake.syllables import Reading, read_words

_MARKS = (  # the longer mark first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY: tuple[Encoding, ...] = ("tcvn3", "vni")
_FEWEST_WORDS = 5
_SAMPLE_SIGNS = 1_000_000
_CONTROLS = re.compile(r"[\0-\x08\x0e-\x1f\x7f]")
_BEYOND_WESTERN = re.compile(r"[Ā-ɏ\u0300-\u036fḀ-ỿ]")
_WESTERN_LETTER_OR_SIGN = re.compile(r"[¡-ÿ]")
_ADDRESS = re.compile(r"://|\?\w+=")
_LOST_LETTER = re.compile(r"\?(?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]{2,}")


def decode_text(content: bytes) -> str:
    """The text of a file, NFC.

    Args:
        content: the file's bytes.

    Raises:
        UnreadableFileError: the encoding is not certain, or letters were lost before the file came here.
    """
    text = unicodedata.normalize("NFC", _decode(content))
    sample = " ".join(word for word in text[:_SAMPLE_SIGNS].split() if not _ADDRESS.search(word))
    lost = len(_LOST_LETTER.findall(sample))
    if lost >= _FEWEST_WORDS and lost * 10 > len(_WORD.findall(sample)):
        raise UnreadableFileError("READ-18")
    return text


def _decode(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return _shown(content.decode(encoding))
            except UnicodeDecodeError as error:
                raise UnreadableFileError("READ-12") from error
    if b"\0" in content:
        return _shown(_decode_utf16(content))
    try:
        return _shown(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _decode_single_bytes(content)


def _decode_utf16(content: bytes) -> str:
    """UTF-16 without its mark: one of the two bytes of digits and delimiters is zero, always the same."""
    zeros = [content[side::2].count(0) for side in (0, 1)]
    encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFileError("READ-12") from error
    if _CONTROLS.search(text) or min(zeros) * 20 > max(zeros):
        raise UnreadableFileError("READ-12")
    return text


def _shown(text: str) -> str:
    """Unicode text, which may be TCVN3 or VNI saved as Unicode."""
    if text.isascii() or _BEYOND_WESTERN.search(text) or not _WESTERN_LETTER_OR_SIGN.search(text):
        return text
    readings = dict(_readings(text))
    if _is_plain(readings[None]):
        return text
    legacy = [encoding for encoding in _LEGACY if _is_plain(readings[encoding])]
    return decode(text, legacy[0]) if len(legacy) == 1 else text


def _decode_single_bytes(content: bytes) -> str:
    western = content.decode("cp1252", "replace")
    if not _WESTERN_LETTER_OR_SIGN.search(western):
        return western  # dashes, quotation marks and no-break spaces are the same in all
    windows = unicodedata.normalize("NFC", content.decode("cp1258", "replace"))
    candidates = {windows: read_words(windows[:_SAMPLE_SIGNS])}
    candidates |= {decode(western, name): reading for name, reading in _readings(western) if name}
    plain = [text for text, reading in candidates.items() if _is_plain(reading) and "\ufffd" not in text]
    if len(plain) != 1:
        raise UnreadableFileError("READ-12")
    return plain[0]


def _readings(text: str) -> Iterator[tuple[Encoding | None, Reading]]:
    """How the text reads as it stands (None) and in each legacy encoding."""
    sample = text[:_SAMPLE_SIGNS]
    yield None, read_words(sample)
    for encoding in _LEGACY:
        yield encoding, read_words(decode(sample, encoding))


def _is_plain(reading: Reading) -> bool:
    return reading.is_vietnamese and reading.valid >= _FEWEST_WORDS
