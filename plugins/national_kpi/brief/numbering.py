"""Numbers of sections, tables and charts, counted up as a document is composed."""

from itertools import count


class Numbering:
    """Counts for one document."""

    def __init__(self) -> None:
        self._tables, self._charts = count(1), count(1)
        self.new_part()

    def new_part(self) -> None:
        """Sections are numbered from 1 again."""
        self._sections = count(1)

    def section(self) -> int:
        """The number of the next section."""
        return next(self._sections)

    def table(self, caption: str) -> str:
        """A caption with the next table's number."""
        return f"Bảng {next(self._tables)}. {caption}"

    def chart(self, caption: str) -> str:
        """A caption with the next chart's number."""
        return f"Biểu đồ {next(self._charts)}. {caption}"
