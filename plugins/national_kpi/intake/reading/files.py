"""A received file, of whatever kind: its sheets, and how its cells show percentages."""

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.legacy_fonts import show_legacy_text
from national_kpi.intake.reading import old_workbooks, records, workbooks, zips
from national_kpi.intake.reading.archives import archived_files
from national_kpi.intake.reading.delimited import read_delimited
from national_kpi.intake.reading.names import check_name
from national_kpi.intake.sheets import Grid, Place, Sheet
from national_kpi.limits import DEFAULT_LIMITS, Limits

ACCEPTED_TYPES = (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".json", ".parquet", ".zip")
_MACRO_TYPES = (".xlsm", ".xltm", ".xlam", ".xla")
_WEB_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype|html|table|\?xml)", re.IGNORECASE)
_PERCENT = re.compile(r"0(?:[.,](0+))?\s*%")
_IN_ARCHIVE = " / "


def read_sheets(path: Path, file_name: str, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """Read every sheet of a file. A file that is too large is not opened.

    Args:
        path: where the bytes are.
        file_name: the name it was sent under; its ending must be one of `ACCEPTED_TYPES`.
        limits: what it may be at most.

    Raises:
        UnreadableFileError: with the rule that says why, for the sender.
    """
    check_name(file_name)
    limits.check_file(path.stat().st_size)
    return read_content(path.read_bytes(), file_name, limits)


def read_content(content: bytes, file_name: str, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """Read every sheet of a file from its bytes; the files of a `.zip` one after the other.

    Raises:
        UnreadableFileError: with the rule that says why, for the sender.
    """
    files = _files(content, file_name, limits)
    sheets = list[Sheet]()
    for name, inside in files.items():
        try:
            read = _read_file(inside, name, limits)
        except UnreadableFileError as error:
            if name == file_name:
                raise
            raise error.inside(name) from error
        for sheet in read:
            limits.check_table(sheet.height, len(sheet.columns))
            limits.check_texts(max((column.longest for column in sheet.columns), default=0))
            sheets.append(_placed(sheet, name, len(files)) if name != file_name else sheet)
    limits.check_cells(sum(sheet.height * len(sheet.columns) for sheet in sheets))
    if all(sheet.is_empty for sheet in sheets):
        raise UnreadableFileError("READ-04", found="không có ô nào có dữ liệu")
    return sheets


def _files(content: bytes, file_name: str, limits: Limits) -> dict[str, bytes]:
    """The file itself, or the files of an archive."""
    is_archive = _ending(file_name) == ".zip" and content.startswith((zips.START, zips.EMPTY))
    if is_archive and not _is_workbook(content, limits):
        return archived_files(content, limits)
    return {file_name: content}


def _is_workbook(content: bytes, limits: Limits) -> bool:
    with zips.open_zip(content, limits) as container:
        return workbooks.is_workbook(set(container.namelist()))


def _placed(sheet: Sheet, file_name: str, files_count: int) -> Sheet:
    """A sheet of an archive's file: it knows its file, and no other sheet has its name."""
    name = f"{file_name}{_IN_ARCHIVE}{sheet.name}" if files_count > 1 else sheet.name
    return replace(sheet, name=name, file_name=PurePosixPath(file_name).name)


def _read_file(content: bytes, name: str, limits: Limits) -> list[Sheet]:
    ending = _ending(name)
    if ending in _MACRO_TYPES:
        raise UnreadableFileError("READ-06", found=ending)
    if ending not in ACCEPTED_TYPES:
        raise UnreadableFileError("READ-03", found=ending or name, expected=", ".join(ACCEPTED_TYPES))
    if not content or content.isspace():
        raise UnreadableFileError("READ-04", found="chỉ có khoảng trắng" if content else "0 byte")
    stem = PurePosixPath(name).stem
    if content.startswith((zips.START, zips.EMPTY)):
        if _is_workbook(content, limits):
            return _sheets(content, workbooks.read_zipped(content, limits))
        if ending == ".zip":
            raise UnreadableFileError("READ-10", found=name)
        raise UnreadableFileError("READ-11", found="tệp nén (ZIP) không phải là bảng tính", expected=ending)
    if content.startswith(old_workbooks.START):
        return _sheets(content, workbooks.read_old(content, limits))
    if content.startswith(records.PARQUET_START):
        return [records.read_parquet(content, stem, limits)]
    if _WEB_PAGE.match(content):
        raise UnreadableFileError("READ-11", found="trang web (HTML/XML)", expected=ending)
    if ending in (".csv", ".tsv"):
        return [read_delimited(content, stem, limits)]
    if ending == ".json":
        return [records.read_json(content, stem, limits)]
    raise UnreadableFileError("READ-11", found="không phải là bảng tính", expected=ending)


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _sheets(content: bytes, grids: list[Grid]) -> list[Sheet]:
    show_legacy_text(content, grids)
    return [grid.to_sheet() for grid in grids]


def percent_decimals(
    path: Path, file_name: str, sheet_name: str, places: set[Place], limits: Limits = DEFAULT_LIMITS
) -> dict[Place, int]:
    """Which of these number cells are shown as a percentage, and with how many decimals.

    Only `.xlsx` and `.xls` keep this where it can be read; for other files the answer is empty.

    Args:
        path: where the bytes are, of a file that `read_sheets` has read.
        file_name: the name it was sent under.
        sheet_name: as `read_sheets` has named it.
        places: the cells.
        limits: as for reading.
    """
    files = _files(path.read_bytes(), file_name, limits)
    name = next((name for name in files if sheet_name.startswith(name + _IN_ARCHIVE)), None)
    content = files[name] if name else next(iter(files.values()))
    formats = workbooks.number_formats(content, sheet_name.removeprefix(f"{name}{_IN_ARCHIVE}"), places)
    shown = {place: _PERCENT.search(code) for place, code in formats.items()}
    return {place: len(match[1] or "") for place, match in shown.items() if match}
