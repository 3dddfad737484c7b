"""An official paper as a tree of finished text; every renderer prints this tree and nothing else.

Numbers and dates are strings before they enter the tree. A renderer does no arithmetic and adds
no words but the fixed ones named here, so that all renderings of a paper say the same.

Source: Nghị định 30/2020/NĐ-CP, Phụ lục I (what a paper is made of, and in which order).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
TO = "Kính gửi:"
COPIES = "Nơi nhận:"

_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_TO_SPACE = str.maketrans("\n\t", "  ")
# "61/2018/NĐ-CP", "/BC-VPUBND": the letters behind the last stroke of a document's number.
_SIGN = re.compile(r"(?<=/)[A-ZĐ]+(?:-[A-ZĐ]\w*)+")
_FIXED_HYPHEN = "\u2011"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part: level 1 is "I. KẾT QUẢ", level 2 is "1. Tiếp nhận"."""

    kind: ClassVar[str] = "heading"
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph of the body."""

    kind: ClassVar[str] = "para"
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list, its hyphen included."""

    kind: ClassVar[str] = "item"
    text: str


Block = Heading | Para | Item


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        titles: from the outermost heading to its own; neighbours with the same beginning share
            the merged heading, and a shorter path reaches down to the last row of the head.
        number: as printed under the headings: "(1)".
        figures: whether it holds figures, which are aligned right.
    """

    titles: tuple[str, ...]
    number: str
    figures: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One cell for each column; `strong` for headings within the table and for sums."""

    cells: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Appendix:
    """A page or more behind the paper, numbered on its own.

    Attributes:
        reference: "(Kèm theo Báo cáo số ...)".
        period: the line that gives the period and the unit of measure.
        notes: printed under the table; without rows the table itself is left out.
    """

    label: str
    title: str
    reference: str
    period: str
    table: Table
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper with a type, such as a report.

    Attributes:
        id: names the paper in files and in the record; it is not printed.
        parent: the body above the issuing one; "" where there is none.
        body: the issuing body, line by line.
        number, place_date: with blanks for what the clerk fills in.
        kind, subject: "BÁO CÁO" and the lines of its trích yếu.
        addressees: a single one as it stands, several as lines of a list.
        closing: the last paragraph, kept on one page with the signature.
        authority: lines above the signature; `signer` may be "".
    """

    id: str
    parent: str
    body: tuple[str, ...]
    number: str
    place_date: str
    kind: str
    subject: tuple[str, ...]
    addressees: tuple[str, ...]
    blocks: tuple[Block, ...]
    closing: str
    recipients: tuple[str, ...]
    authority: tuple[str, ...]
    signer: str
    appendices: tuple[Appendix, ...]


def guarded(paper: Paper) -> Paper:
    """Return the paper with every text in NFC, on one line, without invisible characters.

    A document's number is not broken at the end of a line: its hyphens are non-breaking ones.
    Called once, where a tree is made. Control and zero-width characters stop some renderers and
    are dropped by others; bidirectional ones would make a page read otherwise than its text.
    """
    safe: Paper = _guarded(paper)
    return safe


def printed(paper: Paper) -> list[str]:
    """Return all texts of the paper in reading order: what each rendering must contain."""
    return [*_front(paper), *(t for a in paper.appendices for t in _appendix(a))]


def head_rows(columns: tuple[Column, ...]) -> list[list[tuple[int, int, int]]]:
    """Return the cells of a table's head, row by row, as (column, columns across, rows down)."""
    depth = max(len(c.titles) for c in columns)
    return [list(_head_row(columns, level, depth)) for level in range(depth)]


def _head_row(
    columns: tuple[Column, ...], level: int, depth: int
) -> Iterator[tuple[int, int, int]]:
    paths = [c.titles[: level + 1] if len(c.titles) > level else None for c in columns]
    for at, path in enumerate(paths):
        if path is None or (at and paths[at - 1] == path):
            continue
        across = next((n for n, p in enumerate(paths[at:]) if p != path), len(paths) - at)
        down = depth - level if len(columns[at].titles) == level + 1 else 1
        yield at, across, down


def _front(paper: Paper) -> list[str]:
    return [
        *filter(None, (paper.parent,)),
        *paper.body,
        COUNTRY,
        MOTTO,
        paper.number,
        paper.place_date,
        paper.kind,
        *paper.subject,
        TO,
        *paper.addressees,
        *(block.text for block in paper.blocks),
        paper.closing,
        COPIES,
        *paper.recipients,
        *paper.authority,
        paper.signer,
    ]


def _appendix(appendix: Appendix) -> list[str]:
    said = [appendix.label, appendix.title, appendix.reference, appendix.period]
    if appendix.table.rows:
        said += _table(appendix.table)
    return [*said, *appendix.notes]


def _table(table: Table) -> list[str]:
    columns = table.columns
    titles = [
        columns[at].titles[level]
        for level, row in enumerate(head_rows(columns))
        for at, _, _ in row
    ]
    numbers = [c.number for c in columns]
    return [*titles, *numbers, *(cell for row in table.rows for cell in row.cells)]


def _guarded(node: Any) -> Any:
    if isinstance(node, str):
        return _safe(node)
    if isinstance(node, tuple):
        return tuple(map(_guarded, node))
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{f.name: _guarded(getattr(node, f.name)) for f in fields(node)})
    return node


def _safe(text: str) -> str:
    return _SIGN.sub(lambda sign: sign.group().replace("-", _FIXED_HYPHEN), _visible(text))


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    normal = unicodedata.normalize("NFC", text).translate(_TO_SPACE)
    return "".join(c for c in normal if unicodedata.category(c) not in _DROPPED)
