"""Names and figures in lists or tables: "TT/online: 16/29", a row of names above figures."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from bot.core.clauses import FIGURES
from bot.core.form import Form
from bot.core.speech import Sort
from bot.core.tokens import Token, tokens_of

Named = tuple[Sequence[Token], int, str]
"""The words that name a figure, the figure, and what of the message says so."""

Take = Callable[[Sequence[Named]], bool]
"""Takes figures all together; False, and none is taken, when the words do not say what each is."""

_BETWEEN = frozenset({Sort.COMMA, Sort.SLASH, Sort.SEMICOLON})
_LEADS = frozenset({Sort.COLON, Sort.RESPECTIVELY})


def cells_of(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the tokens of a row by its cells."""
    cells: list[list[Token]] = [[]]
    for token in tokens:
        if token.sort is Sort.CELL:
            cells.append([])
        else:
            cells[-1].append(token)
    return [cell for cell in cells if cell]


def without_tables(lines: Sequence[str], form: Form, take: Take) -> list[str]:
    """Take the figures that stand in a row below their names; return the other lines.

    A line that was taken is left empty.
    """
    left = list(lines)
    for n, (above, below) in enumerate(pairwise(lines)):
        if not any(mark in above for mark in "|\t"):
            continue
        names, figures = cells_of(tokens_of(above, form)), cells_of(tokens_of(below, form))
        if len(names) < 2 or len(names) != len(figures):
            continue
        if all(map(_names, names)) and all(map(_is_figure, figures)):
            pairs = zip(names, figures, strict=True)
            if take([(m, c[0].values[0], _said(above, below, m, c)) for m, c in pairs]):
                left[n] = left[n + 1] = ""
    return left


def _said(above: str, below: str, name: Sequence[Token], cell: Sequence[Token]) -> str:
    return f"{above[name[0].start : name[-1].end]}: {below[cell[0].start : cell[0].end]}"


def _names(cell: Sequence[Token]) -> bool:
    named = any(t.sort is Sort.TERM for t in cell)
    return named and all(t.sort in (Sort.TERM, Sort.FILLER, Sort.TODAY) for t in cell)


def _is_figure(cell: Sequence[Token]) -> bool:
    return len(cell) == 1 and cell[0].sort is Sort.NUMBER and len(cell[0].values) == 1


def in_rows(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens of a line; in a row "2 | Trực tiếp | 5" a colon leads to the figure."""
    cells = cells_of(tokens)
    if len(cells) < 2 or any(t.sort is Sort.COLON for t in tokens):
        return list(tokens)
    numbered = len(cells) == 3 and _is_figure(cells[0])
    name, figure, *more = cells[1:] if numbered else cells
    if more or not any(t.sort in (Sort.TERM, Sort.LABEL) for t in name) or _holds_figure(name):
        return list(tokens)
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
