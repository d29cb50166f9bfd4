"""Archives: a `.zip` whose files are reports."""

import stat
from pathlib import PurePosixPath

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.reading.names import check_member_name
from national_kpi.intake.reading.zips import open_zip
from national_kpi.limits import Limits

_LEFT_BY_SYSTEMS = {".ds_store", "thumbs.db", "desktop.ini"}


def archived_files(content: bytes, limits: Limits) -> dict[str, bytes]:
    """The files of an archive by their path in it; what operating systems leave there is passed over.

    Args:
        content: the archive.
        limits: what it may hold at most.

    Raises:
        UnreadableFileError: it holds nothing, links or names that lead elsewhere, is damaged or too large.
    """
    with open_zip(content, limits) as archive:
        entries = [entry for entry in archive.infolist() if not _is_left_by_system(entry.filename)]
        for entry in entries:
            check_member_name(entry.filename)
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise UnreadableFileError("READ-13", found=f"{entry.filename} (liên kết)")
        files = [entry for entry in entries if not entry.is_dir()]
        if not files:
            raise UnreadableFileError("READ-14")
        if len(files) > limits.archive_files:
            expected = f"không quá {limits.archive_files} tệp"
            raise UnreadableFileError("READ-09", found=f"{len(files)} tệp", expected=expected)
        return {entry.filename: archive.read(entry) for entry in files}


def _is_left_by_system(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        "__MACOSX" in path.parts
        or path.name.casefold() in _LEFT_BY_SYSTEMS
        or path.name.startswith(("~$", "._"))
    )
