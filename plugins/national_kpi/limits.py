"""What a received file may be at most."""

from dataclasses import dataclass

from national_kpi.errors import UnreadableFileError

_MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What a received file may be at most; whatever goes beyond is quarantined. Each is a setting.

    Attributes:
        file_mb: size of the file.
        unpacked_mb: size of what a compressed file holds.
        compression_ratio: how many times larger than itself a compressed part may become.
        archive_files: files in a `.zip`.
        rows: rows of one sheet.
        columns: columns of one sheet.
        cells: cells of a file, empty ones between filled ones included.
        text_characters: characters of the text in one cell; Excel allows no more.
        seconds: time to open it.
        memory_mb: memory to open it.
    """

    file_mb: int = 200
    unpacked_mb: int = 1024
    compression_ratio: int = 250
    archive_files: int = 100
    rows: int = 2_000_000
    columns: int = 256
    cells: int = 20_000_000
    text_characters: int = 32_767
    seconds: float = 120.0
    memory_mb: int = 4096

    def check_file(self, size_bytes: int) -> None:
        """Refuse a file for its size.

        Raises:
            UnreadableFileError: it is too large.
        """
        if size_bytes > self.file_mb * _MB:
            raise UnreadableFileError(
                "READ-07", found=_mb(size_bytes), expected=f"không quá {self.file_mb} MB"
            )

    def check_unpacked(self, size_bytes: int) -> None:
        """Refuse a file for the size of what it unpacks to.

        Raises:
            UnreadableFileError: it is too large.
        """
        if size_bytes > self.unpacked_mb * _MB:
            raise UnreadableFileError(
                "READ-09", found=_mb(size_bytes), expected=f"không quá {self.unpacked_mb} MB sau khi giải nén"
            )

    def check_table(self, rows: int, columns: int) -> None:
        """Refuse a sheet for its extent.

        Raises:
            UnreadableFileError: it has too many rows, columns or cells.
        """
        _check_count(columns, self.columns, "cột")
        _check_count(rows, self.rows, "hàng")
        self.check_cells(rows * columns)

    def check_texts(self, characters: int) -> None:
        """Refuse a file for the length of a text.

        Raises:
            UnreadableFileError: it is too long.
        """
        _check_count(characters, self.text_characters, "ký tự trong một ô")

    def check_cells(self, cells: int) -> None:
        """Refuse a file for the number of its cells, in all its sheets.

        Raises:
            UnreadableFileError: it has too many.
        """
        _check_count(cells, self.cells, "ô")


def _check_count(found: int, limit: int, unit: str) -> None:
    if found > limit:
        raise UnreadableFileError(
            "READ-08", found=f"{_grouped(found)} {unit}", expected=f"không quá {_grouped(limit)} {unit}"
        )


DEFAULT_LIMITS = Limits()


def _mb(size_bytes: int) -> str:
    return f"{_grouped(-(-size_bytes // _MB))} MB"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")
