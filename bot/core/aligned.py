"""Names and figures in lists or tables: "TT/online: 16/29", a row of names above figures."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.clauses import FIGURES
from bot.core.form import Form
from bot.core.speech import Sort
from bot.core.text import fold
from bot.core.tokens import Token, tokens_of

Named = tuple[Sequence[Token], int, str]
"""The words that name a figure, the figure, and what of the message says so."""

Take = Callable[[Sequence[Named]], bool]
"""Takes figures all together; False, and none is taken, when the words do not say what each is."""

_ORDER = ("stt", "tt", "so tt")
_BETWEEN = frozenset({Sort.COMMA, Sort.SLASH, Sort.SEMICOLON})
_LEADS = frozenset({Sort.COLON, Sort.RESPECTIVELY})


def _cells_of(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the tokens of a row by its cells."""
    cells: list[list[Token]] = [[]]
    for token in tokens:
        if token.sort is Sort.CELL:
            cells.append([])
        else:
            cells[-1].append(token)
    return [cell for cell in cells if cell]


@dataclass(frozen=True, slots=True)
class Table:
    """What stands in columns, turned into lines.

    Attributes:
        lines: "name: answer" for each figure; none when it cannot be known which are wanted.
        length: how many lines of the message it takes.
    """

    lines: list[str]
    length: int


def table_at(lines: Sequence[str], form: Form) -> Table | None:
    """Return the table that the lines begin with, if they do.

    Either names stand above their figures, in one row: of several rows nobody can know which is
    wanted. Or names stand before two columns, of the day and of another time. Columns of what the
    form does not ask, as the unit or a number of order, are left out.
    """
    names = _row(lines[0])
    below = _rows_below(lines, len(names))
    if len(names) < 2 or not below:
        return None
    day = _column_of_day(names, form)
    if day is not None:
        at = 1 if fold(names[0]) in _ORDER else 0
        taken = [f"{row[at]}: {row[day]}" for row in below]
        return Table(taken, 1 + len(below))
    if not _heads(names, below[0], form):
        return None
    pairs = list(zip(names, below[0], strict=True)) if len(below) == 1 else []
    return Table([f"{n}: {said}" for n, said in pairs if said and _asked(n, form)], 1 + len(below))


def is_row_of(header: str, above: Sequence[str]) -> bool:
    """Whether the line above a header is a row of figures with as many cells."""
    return any(len(_row(line)) == len(_row(header)) and _says_figure(line) for line in above)


def _says_figure(line: str) -> bool:
    return any(map(str.isdigit, line))


def _rows_below(lines: Sequence[str], cells: int) -> list[list[str]]:
    """Return the rows below a header that have as many cells, up to the first that says nothing."""
    found = []
    for line in lines[1:]:
        row = _row(line)
        if len(row) != cells or not _says_figure(line):
            break
        found.append(row)
    return found


def _column_of_day(names: Sequence[str], form: Form) -> int | None:
    """Return which column tells of the day where another tells of another time, if so."""
    sorts = [{t.sort for t in tokens_of(name, form)} for name in names]
    other = [n for n, said in enumerate(sorts) if Sort.ELSEWHEN in said]
    today = [n for n, said in enumerate(sorts) if Sort.TODAY in said and n not in other]
    figures = any(Sort.TERM in said for said in sorts)
    return today[0] if other and len(today) == 1 and today[0] and not figures else None


def _row(line: str) -> list[str]:
    """Return the cells of a row; none for a line that is no row, or only rules off."""
    if not any(mark in line for mark in "|\t"):
        return []
    cells = re.split(r"[|\t]", line.strip("|"))
    return [cell.strip() for cell in cells]


def _is_header(cells: Sequence[str], form: Form) -> bool:
    figures = (t.sort in (Sort.NUMBER, Sort.BAD) for c in cells for t in tokens_of(c, form))
    return not any(figures)


def _heads(names: Sequence[str], below: Sequence[str], form: Form) -> bool:
    """Whether cells name figures, and the cells below say them."""
    figures = [said for name, said in zip(names, below, strict=True) if _figure(name, form)]
    return (
        len(figures) > 1
        and _is_header(names, form)
        and all(not said or _is_figure(tokens_of(said, form)) for said in figures)
    )


def _asked(name: str, form: Form) -> bool:
    return any(t.sort in (Sort.TERM, Sort.LABEL) for t in _as_name(name, form))


def _figure(name: str, form: Form) -> bool:
    return any(t.sort is Sort.TERM for t in _as_name(name, form))


def _as_name(name: str, form: Form) -> Sequence[Token]:
    """Return the tokens of a cell as they are before a figure, where "TT" names one."""
    return tokens_of(f"{name}: 0", form)


def _is_figure(cell: Sequence[Token]) -> bool:
    return len(cell) == 1 and cell[0].sort in FIGURES


def in_rows(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens of a line; in a row "2 | Trực tiếp | 5" a colon leads to the figure."""
    cells = _cells_of(tokens)
    if len(cells) < 2:
        return list(tokens)
    numbered = len(cells) == 3 and _is_figure(cells[0])
    name, figure, *more = cells[1:] if numbered else cells
    if more or not any(t.sort in (Sort.TERM, Sort.LABEL) for t in name) or _holds_figure(name):
        return list(tokens)
    name = [t for t in name if t.sort is not Sort.COLON]  # "9 | Trong đó: quá hạn | 1"
    return [*name, Token(Sort.COLON, name[-1].end, figure[0].start), *figure]


def _holds_figure(cell: Sequence[Token]) -> bool:
    return any(t.sort in FIGURES for t in cell)


def without_lists(tokens: Sequence[Token], line: str, take: Take) -> list[Token]:
    """Take "trực tiếp/trực tuyến: 16/29" and the like; return the other tokens."""
    left = list(tokens)
    for begin, names, figures, end in _lists(tokens):
        values = [value for figure in figures for value in figure.values]
        said = line[tokens[begin].start : tokens[end - 1].end]
        named = [(name, v, said) for name, v in zip(names, values, strict=False)]
        if 1 < len(names) == len(values) and take(named):
            return [*left[:begin], *without_lists(left[end:], line, take)]
    return left


def _lists(
    tokens: Sequence[Token],
) -> Iterator[tuple[int, list[list[Token]], list[Token], int]]:
    """Yield each run of names with the run of figures behind it, and where it begins and ends."""
    for begin, token in enumerate(tokens):
        if token.sort is not Sort.TERM or (begin and tokens[begin - 1].sort is Sort.TERM):
            continue
        names, at = _run_of_names(tokens, begin)
        leads = at
        while at < len(tokens) and (tokens[at].sort in _LEADS or tokens[at].sort is Sort.FILLER):
            at += 1
        led = any(t.sort in _LEADS for t in tokens[leads:at])
        figures, end = _run_of_figures(tokens, at)
        if led and figures:
            yield begin, names, figures, end


def _run_of_names(tokens: Sequence[Token], at: int) -> tuple[list[list[Token]], int]:
    names: list[list[Token]] = [[]]
    while at < len(tokens):
        token = tokens[at]
        if token.sort is Sort.TERM:
            names[-1].append(token)
        elif token.sort in _BETWEEN and names[-1]:
            names.append([])
        elif token.sort is not Sort.FILLER:
            break
        at += 1
    return [name for name in names if name], at


def _run_of_figures(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    figures: list[Token] = []
    end = at
    while at < len(tokens) and tokens[at].sort in (Sort.NUMBER, Sort.FILLER, *_BETWEEN, Sort.TERM):
        token = tokens[at]
        if token.sort is Sort.NUMBER:
            figures.append(token)
            end = at + 1
        elif token.sort is Sort.TERM:
            if not (token.meaning and token.meaning.unit):
                break
            end = at + 1 if figures else end
        at += 1
    return figures, end
