"""Names of received files: those that hide what they are, or lead elsewhere, are refused."""

import unicodedata

from national_kpi.errors import UnreadableFileError

_TURNS_DIRECTION = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_NOT_SHOWN = {"Cc", "Cs"}


def check_name(name: str) -> None:
    """Refuse a name with control characters, signs that turn the direction of reading, or broken bytes.

    Such a name shows as something else than it is: `bao-cao` + U+202E + `xslx.exe` reads `bao-caoexe.xlsx`.

    Args:
        name: of the file alone, no path; bytes that are no UTF-8 stand as U+FFFD.

    Raises:
        UnreadableFileError: the name is refused.
    """
    if any(
        sign == "\ufffd"
        or unicodedata.category(sign) in _NOT_SHOWN
        or unicodedata.bidirectional(sign) in _TURNS_DIRECTION
        for sign in name
    ):
        raise UnreadableFileError("READ-13", found=shown_name(name))


def check_member_name(name: str) -> None:
    """Refuse a name inside an archive that is no plain relative path.

    Raises:
        UnreadableFileError: the name is refused.
    """
    parts = name.removesuffix("/").split("/")
    if "\\" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise UnreadableFileError("READ-13", found=shown_name(name))
    for part in parts:
        check_name(part)


def shown_name(name: str) -> str:
    """The name with signs that do not show written as their code points, in the order in which they stand."""
    return "".join(
        f"<U+{ord(sign):04X}>"
        if unicodedata.category(sign) in _NOT_SHOWN or unicodedata.bidirectional(sign) in _TURNS_DIRECTION
        else sign
        for sign in name
    )
