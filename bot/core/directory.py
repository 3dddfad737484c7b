"""The directory of units: read from a CSV file and refused whole when a line is wrong; searched.

Columns: see bot/examples/README.md.
"""

import csv
import io
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.core import text
from bot.core.rollup import Counts

LEVELS = ("province", "district", "commune")

_COLUMNS = (
    "unit_code",
    "name",
    "level",
    "parent_code",
    "gso_code",
    "aliases",
    "reports",
    "counts",
    "counted_in",
)
_YES_NO = ("yes", "no")
_CODE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in which line of a file, in Vietnamese; lines count from 1."""

    line: int
    says: str

    def __str__(self) -> str:
        return f"Dòng {self.line}: {self.says}"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of the directory.

    Attributes:
        parent: code of the unit above; None for the root.
        gso_code: code of the General Statistics Office, with its leading zeros; "" for bodies.
        reports: whether it owes a report on every reporting day.
        counted_in: code of the unit in whose figures its dossiers lie; None unless `counts` is
            INSIDE.
    """

    code: str
    name: str
    level: str
    parent: str | None
    gso_code: str
    aliases: tuple[str, ...]
    reports: bool
    counts: Counts
    counted_in: str | None


@dataclass(frozen=True, slots=True)
class Directory:
    """All units of an office, in the order of the file; exactly one has no parent."""

    units: tuple[UnitRow, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file: its number and its cells by column."""

    number: int
    cells: Mapping[str, str]

    def problem(self, says: str) -> Problem:
        return Problem(self.number, says)


def decode(data: bytes) -> str | Problem:
    """Return a file's text; a byte order mark goes, and bytes that are not UTF-8 are a problem."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Problem(
            line, 'có ký tự không phải mã UTF-8. Trong Excel, hãy lưu tệp kiểu "CSV UTF-8".'
        )


def read_directory(text_of_csv: str) -> Directory | list[Problem]:
    """Return the units of a CSV text with a header line, or all that is wrong with it.

    Cells are separated by commas, or by semicolons as Vietnamese Excel writes them. Empty lines
    are skipped. The problems of a later step (shape, then cells and relations) are only found
    when the earlier one is sound.
    """
    lines = _lines(text_of_csv)
    if isinstance(lines, list):
        return lines
    problems = [p for check in _CHECKS for p in check(lines)]
    if problems:
        return sorted(problems, key=lambda p: p.line)
    return Directory(tuple(_unit(line.cells) for line in lines))


def _lines(text_of_csv: str) -> tuple[_Line, ...] | list[Problem]:
    """Return the lines under the header, or what is wrong with the shape of the table."""
    table = _table(text_of_csv)
    if isinstance(table, Problem):
        return [table]
    (at, header), rows = table[0] if table else (1, []), table[1:]
    if problems := [Problem(at, says) for says in _header_problems(header)]:
        return problems
    if not rows:
        return [Problem(at, "dưới dòng tiêu đề chưa có đơn vị nào.")]
    if problems := [
        Problem(number, f"có {len(cells)} ô, cần đúng {len(header)} ô.")
        for number, cells in rows
        if len(cells) != len(header)
    ]:
        return problems
    return tuple(_Line(number, dict(zip(header, cells, strict=True))) for number, cells in rows)


def _table(text_of_csv: str) -> list[tuple[int, list[str]]] | Problem:
    """Return the number and the cleaned cells of each line that is not empty."""
    delimiter = ";" if ";" in text_of_csv.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text_of_csv, newline=""), delimiter=delimiter, strict=True)
    table: list[tuple[int, list[str]]] = []
    number = 1
    try:
        for row in reader:
            cells = [text.one_line(cell) for cell in row]
            if any(cells):
                table.append((number, cells))
            # A quoted cell may hold line breaks: the next row starts after the last line read.
            number = reader.line_num + 1
    except csv.Error:
        return Problem(number, "không đúng dạng CSV, có thể do dấu ngoặc kép chưa đóng.")
    return table


def _header_problems(header: Sequence[str]) -> Iterator[str]:
    named = Counter(header)
    if missing := [name for name in _COLUMNS if name not in named]:
        yield f"thiếu cột {', '.join(missing)}."
    if unknown := [f'"{name}"' for name in named if name not in _COLUMNS]:
        yield f"có cột không dùng đến: {', '.join(unknown)}."
    if doubled := [name for name in _COLUMNS if named[name] > 1]:
        yield f"lặp cột {', '.join(doubled)}."


def _code_problems(lines: Sequence[_Line]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for line in lines:
        code = line.cells["unit_code"]
        if not _CODE.fullmatch(code):
            yield line.problem(f'mã đơn vị "{code}" chỉ được gồm chữ không dấu, số và gạch nối.')
        elif code in seen:
            yield line.problem(f"mã {code} đã dùng ở dòng {seen[code]}.")
        seen.setdefault(code, line.number)


def _cell_problems(lines: Sequence[_Line]) -> Iterator[Problem]:
    permitted = {"level": LEVELS, "reports": _YES_NO, "counts": tuple(Counts)}
    for line in lines:
        if not line.cells["name"]:
            yield line.problem("thiếu tên đơn vị.")
        for column, values in permitted.items():
            if line.cells[column] not in values:
                yield line.problem(
                    f'cột {column} ghi "{line.cells[column]}", cần một trong: {", ".join(values)}.'
                )


def _parent_problems(lines: Sequence[_Line]) -> Iterator[Problem]:
    codes = {line.cells["unit_code"] for line in lines}
    root: _Line | None = None
    for line in lines:
        parent = line.cells["parent_code"]
        if parent and parent not in codes:
            yield line.problem(f"không có đơn vị cấp trên mang mã {parent}.")
        elif not parent and root:
            yield line.problem(f"thiếu đơn vị cấp trên; chỉ dòng {root.number} được để trống.")
        elif not parent:
            root = line


def _cycle_problems(lines: Sequence[_Line]) -> Iterator[Problem]:
    parents = {line.cells["unit_code"]: line.cells["parent_code"] for line in lines}
    checked = {""}  # above the root
    for line in lines:
        path: dict[str, None] = {}  # in order, and quick to look up
        code = line.cells["unit_code"]
        while code in parents and code not in checked and code not in path:
            path[code] = None
            code = parents[code]
        if code in path:
            circle = [*path][[*path].index(code) :]
            yield line.problem(f"đơn vị cấp trên đi vòng: {' → '.join((*circle, code))}.")
        checked.update(path)


def _counting_problems(lines: Sequence[_Line]) -> Iterator[Problem]:
    """Yield where a dossier would be counted twice or never (DESIGN §4.4)."""
    by_code = {line.cells["unit_code"]: line.cells for line in lines}
    for line in lines:
        inside = line.cells["counts"] == Counts.INSIDE
        target = line.cells["counted_in"]
        if inside and not target:
            yield line.problem("counts là inside thì cột counted_in phải có mã đơn vị.")
        elif target and not inside:
            yield line.problem("chỉ ghi cột counted_in khi counts là inside.")
        elif target and target not in by_code:
            yield line.problem(f"cột counted_in: không có đơn vị mang mã {target}.")
        elif target and by_code[target]["counts"] != Counts.OWN:
            yield line.problem(f"cột counted_in: counts của {target} phải là own.")
        elif target and by_code[target]["reports"] != "yes":
            yield line.problem(f"cột counted_in: {target} không phải đơn vị báo cáo.")


_CHECKS = (
    _code_problems,
    _cell_problems,
    _parent_problems,
    _cycle_problems,
    _counting_problems,
)


def _unit(cells: Mapping[str, str]) -> UnitRow:
    return UnitRow(
        code=cells["unit_code"],
        name=cells["name"],
        level=cells["level"],
        parent=cells["parent_code"] or None,
        gso_code=cells["gso_code"],
        aliases=tuple(a.strip() for a in cells["aliases"].split("|") if a.strip()),
        reports=cells["reports"] == "yes",
        counts=Counts(cells["counts"]),
        counted_in=cells["counted_in"] or None,
    )


class Named(Protocol):
    """What a search needs to know of a unit."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def aliases(self) -> Sequence[str]: ...


U = TypeVar("U", bound=Named)

_TOWN = "thi tran"
_KINDS = ("tinh", "thanh pho", "quan", "huyen", "thi xa", "phuong", "xa", _TOWN)

# Vietnamese letters without diacritics; "KH&ĐT" is "KHĐT", other punctuation is a space. A table,
# because folding letter by letter takes too long for the names of 12,000 units at each search.
_ACCENTED = [chr(code) for code in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA))]
_SEARCHED = str.maketrans(
    {letter: text.fold(letter) for letter in _ACCENTED}
    | dict.fromkeys(set(string.punctuation) - {"|"}, " ")
    | {"&": ""}
)


def find_units(units: Iterable[U], words: str) -> list[U]:
    """Return the units that people mean by a code, a name, an alias or a name without its kind.

    Case, diacritics, tone style and punctuation do not matter. A bare name shared by a district
    and its town means the district; any other name shared by several units gives them all.

    Args:
        units: their names and aliases are in NFC.
        words: what was typed, such as "TP Vĩnh Yên", "lap thach" or "Xuân Hòa, Lập Thạch".
    """
    units = list(units)
    name, comma, above = words.rpartition(",")
    found = _called(units, words)
    if found or not comma:
        return found
    parents = {u.code for u in _called(units, above)}
    return [u for u in _called(units, name) if u.parent in parents]


def _called(units: Iterable[U], words: str) -> list[U]:
    wanted = _searched(text.clean(words).replace("|", " "))
    if not wanted:
        return []
    names = (f"| {wanted} |", *(f"| {kind} {wanted} |" for kind in _KINDS))
    keys = ((u, _searched(" | ".join(("", u.code, u.name, *u.aliases, "")))) for u in units)
    found = [(u, key) for u, key in keys if any(name in key for name in names)]
    if any(u.level == "district" for u, _ in found):
        found = [(u, key) for u, key in found if f"| {_TOWN} {wanted} |" not in key]
    return [u for u, _ in found]


def _searched(names: str) -> str:
    return " ".join(names.lower().translate(_SEARCHED).split())
