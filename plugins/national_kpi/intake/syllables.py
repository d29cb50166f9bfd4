"""Whether text reads as Vietnamese: every word is one syllable, built from few parts."""

import re
import unicodedata
from dataclasses import dataclass

LETTERS = frozenset(
    unicodedata.normalize("NFC", base + tone)
    for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    if base + tone not in "aeiouyAEIOUY"
) | {"đ", "Đ"}
"""The 134 letters that ASCII does not have."""

_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_SHARP_OR_HEAVY = ("\u0301", "\u0323")
_STOPS = ("c", "ch", "k", "p", "t")
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăk ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc
oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh uêt uêu ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya uych uyên
uyêt uynh uyp uyt uyu ư ưa ưc ưi ươc ươi ươm ươn ương ươp ươt ươu ưng ưt ưu
y yêm yên yêng yêt yêu
"""
_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|gh|gi|g|ch|c|kh|k|ph|p|qu|th|tr|t|b|d|đ|h|l|m|n|r|s|v|x)?"
    rf"(?P<rime>{'|'.join(sorted(_RIMES.split(), key=len, reverse=True))}|(?<=qu)(?:ych|yn|ynh|yt|au|eng|en))"
)
_WORD = re.compile(r"[^\W\d_]+")
_ABBREVIATION = re.compile(r"[BCDĐGHKLMNPQRSTVX]+")


@dataclass(frozen=True)
class Reading:
    """How far a text reads as Vietnamese.

    Attributes:
        valid: different words with Vietnamese letters that are syllables.
        invalid: different words with letters beyond ASCII that are none.
    """

    valid: int
    invalid: int

    @property
    def is_vietnamese(self) -> bool:
        """Whether at least nineteen words in twenty are syllables; the rest may be foreign or abbreviated."""
        return self.valid > 0 and self.invalid * 19 <= self.valid


def is_syllable(word: str) -> bool:
    """Whether a word could be Vietnamese; case does not matter, the text is NFC."""
    marked = unicodedata.normalize("NFD", word.lower())
    tones = [sign for sign in marked if ord(sign) in _TONES]
    match = _SYLLABLE.fullmatch(unicodedata.normalize("NFC", marked.translate(_TONES)))
    if match is None or len(tones) > 1:
        return False
    is_stopped = match["rime"].endswith(_STOPS)
    return not is_stopped or (bool(tones) and tones[0] in _SHARP_OR_HEAVY)


def read_words(text: str) -> Reading:
    """Judge a text by its words with letters beyond ASCII; the others could be of any language.

    Abbreviations such as `NĐ` are no evidence either.
    """
    found = set(_WORD.findall(text))
    words = {word.lower() for word in found if not word.isascii() and not _ABBREVIATION.fullmatch(word)}
    valid = sum(is_syllable(word) for word in words)
    return Reading(valid, len(words) - valid)
