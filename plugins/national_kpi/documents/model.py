"""What an official document says, apart from how it is written down.

Layout follows the annex of Decree 30/2020/NĐ-CP on clerical work: its writers, `word` and `pdf`, know it, and
whoever composes a document names its parts only. All text is taken as it is: nothing in it is markup.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Align = Literal["left", "center", "right", "justify"]
Tone = Literal["met", "on_track", "behind", "missed", "muted"]
"""How a status looks. A tone only supports the words beside it, which say the same."""


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False


def plain(text: str) -> Run:
    """Text without emphasis."""
    return Run(text)


def bold(text: str) -> Run:
    """Bold text."""
    return Run(text, bold=True)


def italic(text: str) -> Run:
    """Italic text."""
    return Run(text, italic=True)


@dataclass(frozen=True)
class Heading:
    """A heading with its number, such as `I. KẾT QUẢ`; levels 1 to 3."""

    text: str
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `is_indented` sets its first line in, as body text is."""

    runs: tuple[Run, ...]
    align: Align = "justify"
    is_indented: bool = True

    @classmethod
    def of(cls, *parts: str | Run, align: Align = "justify", is_indented: bool = True) -> "Paragraph":
        """A paragraph of text and runs, in this order."""
        runs = tuple(part if isinstance(part, Run) else Run(part) for part in parts)
        return cls(runs, align, is_indented)


@dataclass(frozen=True)
class BulletList:
    """Points of a list, each led by a dash."""

    items: tuple[tuple[Run, ...], ...]

    @classmethod
    def of(cls, *items: str) -> "BulletList":
        """A list of plain points."""
        return cls(tuple((Run(item),) for item in items))


@dataclass(frozen=True)
class Column:
    """A column of a table; `share` is its width relative to the others'."""

    title: str
    share: int = 1
    align: Align = "left"


@dataclass(frozen=True)
class Cell:
    """A cell; `tone` colours it."""

    text: str
    tone: Tone | None = None
    is_bold: bool = False


@dataclass(frozen=True)
class Table:
    """A table. Its head is repeated on every page, and no row is broken by one.

    Attributes:
        columns: from left to right.
        rows: as many cells each as there are columns; text alone is a cell without a tone.
        caption: stands above it, with its number.
        note: stands below it, in small italics.
        is_small: smaller type, for annexes with many columns.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | str, ...], ...]
    caption: str = ""
    note: str = ""
    is_small: bool = False

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells, the table {len(self.columns)} columns")

    def cells(self) -> list[list[Cell]]:
        """The rows, every entry as a cell."""
        return [[entry if isinstance(entry, Cell) else Cell(entry) for entry in row] for row in self.rows]


@dataclass(frozen=True)
class Bar:
    """One bar: how long it is, and what is printed beside it. Without a value only the text is shown."""

    label: str
    value: Decimal | None
    text: str
    tone: Tone | None = None


@dataclass(frozen=True)
class BarChart:
    """Bars that lie one below the other, and where there is one a line at the target.

    Attributes:
        bars: from top to bottom; at least one of them with a value.
        caption: stands below the chart, with its number.
        description: what the chart shows, for those who cannot see it.
        axis: what is measured, with its unit.
        target: where the line is.
        target_text: what is written at the line.
    """

    bars: tuple[Bar, ...]
    caption: str
    description: str
    axis: str
    target: Decimal | None = None
    target_text: str = ""


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a new page, upright or lying."""

    is_landscape: bool = False


@dataclass(frozen=True)
class Annex:
    """The head of an annex: `Phụ lục I`, its title, and the document it belongs to."""

    number: str
    title: str
    belongs_to: str


Block = Heading | Paragraph | BulletList | Table | BarChart | NewPage | Annex


@dataclass(frozen=True)
class Letterhead:
    """The head of a document. The national title is the same for all and not stated here.

    Attributes:
        superior: the body above the issuing one; empty without one.
        issuer: the body that issues the document.
        number: number and symbol, such as `Số: 12/TCT`; a blank where the clerk fills it in.
        place: where it is issued.
        day: the day it bears.
        about: of a letter, what it is about: `V/v …`.
    """

    issuer: str
    number: str
    place: str
    day: date
    superior: str = ""
    about: str = ""


@dataclass(frozen=True)
class Title:
    """What kind of document it is, and of what: `BÁO CÁO`. Letters (công văn) have none."""

    kind: str
    subject: str


@dataclass(frozen=True)
class Signature:
    """Who signs: authority and office in capitals, one a line, and the name if it is known."""

    office: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class OfficialDocument:
    """An official document.

    Attributes:
        name: what the file is called among its properties.
        letterhead: its head.
        title: its kind and subject; None for a letter.
        addressees: after `Kính gửi:`.
        body: what it says.
        signature: who signs; None for what nobody signs.
        recipients: after `Nơi nhận:`, without dashes and full stops.
        annexes: what follows on pages of their own.
        stamp: what differs between two issues of the same document. It stands at the foot of the first page
            and nowhere else.
    """

    name: str
    letterhead: Letterhead
    body: tuple[Block, ...]
    title: Title | None = None
    addressees: tuple[str, ...] = ()
    signature: Signature | None = None
    recipients: tuple[str, ...] = ()
    annexes: tuple[Block, ...] = ()
    stamp: str = ""


def as_data(part: Any) -> Any:
    """A document, or a part of one, as JSON has it; every part names its `kind`.

    Decimals and dates become text, so that the hash of it is that of what is said.
    """
    if is_dataclass(part):
        kind = {"kind": type(part).__name__}
        return kind | {field.name: as_data(getattr(part, field.name)) for field in fields(part)}
    if isinstance(part, tuple):
        return [as_data(entry) for entry in part]
    if isinstance(part, Decimal | date):
        return str(part)
    return part
