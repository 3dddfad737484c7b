"""A line parted into clauses, and the figures of a clause with the words that belong to each."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.core.form import Kind
from bot.core.speech import Sort
from bot.core.tokens import Token

_PARTS = frozenset({Sort.COMMA, Sort.SEMICOLON, Sort.CELL, Sort.STOP, Sort.OPENS, Sort.CLOSES})
_BEGINS = frozenset({Sort.INSIDE, Sort.RECTIFY})
_SAYS = frozenset({Sort.NUMBER, Sort.NONE, Sort.BAD, Sort.OPTION})
FIGURES = frozenset({Sort.NUMBER, Sort.NONE, Sort.BAD})
_LONGEST_NAME = 6
_OF = frozenset({Sort.OF, Sort.SLASH})


@dataclass(frozen=True)
class Clause:
    """What stands between two marks.

    Attributes:
        heads: the words before each colon.
        body: those behind the last colon, or all.
        mark: what stands before the clause; None at the beginning of the line.
        ends: what stands behind it; None at the end of the line.
    """

    heads: tuple[tuple[Token, ...], ...]
    body: tuple[Token, ...]
    mark: Sort | None = None
    ends: Sort | None = None
    in_bracket: bool = False

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return (*(token for head in self.heads for token in head), *self.body)

    def has(self, *sorts: Sort) -> bool:
        return any(token.sort in sorts for token in self.tokens)

    @property
    def inside(self) -> bool:
        """Whether it tells of a part: "trong đó …"."""
        return any(token.sort is Sort.INSIDE for token in self.tokens[:1])

    @property
    def rectifies(self) -> bool:
        return any(token.sort is Sort.RECTIFY for token in self.tokens[:1])

    @property
    def figures(self) -> list[Token]:
        return [token for token in self.tokens if token.sort in FIGURES]

    @property
    def place(self) -> tuple[int, int]:
        """Return where it stands in the line."""
        return self.tokens[0].start, self.tokens[-1].end


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a clause with the words that say what it is."""

    number: Token
    words: tuple[Token, ...]

    @property
    def place(self) -> tuple[int, int]:
        all_of_it = (self.number, *self.words)
        return min(t.start for t in all_of_it), max(t.end for t in all_of_it)


def clauses_of(tokens: Sequence[Token]) -> list[Clause]:
    """Return the clauses of a line, in order, without brackets that only explain a figure."""
    return _without_breakdowns(_clauses(_unwrapped(tokens)))


def _unwrapped(tokens: Sequence[Token]) -> list[Token]:
    """Leave out a bracket around what is counted: "TT trực tuyến (giao dịch): 6"."""
    if sum(t.sort is Sort.OPENS for t in tokens) != 1:
        return list(tokens)
    opens = next(n for n, t in enumerate(tokens) if t.sort is Sort.OPENS)
    closes = next((n for n, t in enumerate(tokens) if n > opens and t.sort is Sort.CLOSES), 0)
    if not closes or not _says_what_is_counted(tokens[:closes]):
        return list(tokens)
    return [*tokens[:opens], *tokens[opens + 1 : closes], *tokens[closes + 1 :]]


def _says_what_is_counted(tokens: Sequence[Token]) -> bool:
    """Whether the words behind the last bracket narrow those before it, and say no figure."""
    at = _last(tokens, frozenset({Sort.OPENS})) or 0
    inside, ahead = tokens[at + 1 :], tokens[at - 1] if at else None
    if not inside or ahead is None or ahead.meaning is None or ahead.sort is not Sort.TERM:
        return False
    return all(
        t.sort is Sort.TERM
        and t.meaning is not None
        and (t.meaning.unit or t.meaning.fields <= ahead.meaning.fields)
        for t in inside
    )


def _without_breakdowns(clauses: Sequence[Clause]) -> list[Clause]:
    """Leave out "(đất đai 3, hộ tịch 5)" behind 8: its words are unknown, but its sum is right."""
    kept: list[Clause] = []
    at = 0
    while at < len(clauses):
        clause = clauses[at]
        kept.append(clause)
        at += 1
        whole = [v for t in clause.body if t.sort in FIGURES for v in t.values]
        if clause.ends is not Sort.OPENS or len(whole) != 1:
            continue
        until = at
        while until < len(clauses) and clauses[until].in_bracket:
            until += 1
        shares = [_share(inside) for inside in clauses[at:until]]
        if shares and None not in shares and sum(s for s in shares if s is not None) == whole[0]:
            at = until
    return kept


def _share(clause: Clause) -> int | None:
    """Return the one figure of a clause that is said of something the form does not ask."""
    numbers = [t for t in clause.tokens if t.sort is Sort.NUMBER]
    others = [t for t in clause.tokens if t.sort not in (Sort.NUMBER, Sort.FILLER)]
    units = [t for t in others if t.sort is Sort.TERM and _is_unit(t)]
    strange = [t for t in others if t.sort in (Sort.UNKNOWN, Sort.PLACE, Sort.DURATION)]
    plain = len(strange) + len(units) == len(others) and strange
    single = len(numbers) == 1 and len(numbers[0].values) == 1
    return numbers[0].values[0] if plain and single else None


def _clauses(tokens: Sequence[Token]) -> list[Clause]:
    found: list[Clause] = []
    piece: list[Token] = []
    mark: Sort | None = None
    depth = 0
    tokens = list(_with_names(tokens))
    for n, token in enumerate(tokens):
        leads = token.sort is Sort.INSIDE and _only_names(piece)
        token = replace(token, sort=Sort.COLON) if leads else token
        if token.sort is Sort.COLON and _counts_only(piece):
            token = replace(token, sort=Sort.COMMA)
        parts = token.sort in _PARTS
        if parts or (piece and not leads and _begins(tokens, n, piece)):
            found += _clause(piece, mark, token.sort, depth)
            depth = max(0, depth + (token.sort is Sort.OPENS) - (token.sort is Sort.CLOSES))
            mark = token.sort if parts else None if not found else Sort.COMMA
            piece = [] if parts else [token]
        else:
            piece.append(token)
    return found + _clause(piece, mark, None, depth)


def _counts_only(piece: Sequence[Token]) -> bool:
    """Whether words count and name nothing: "riêng hôm nay 143 hồ sơ: 21 trực tiếp"."""
    named = any(t.sort in (Sort.TERM, Sort.LABEL) and not _is_unit(t) for t in piece)
    units = any(t.sort is Sort.TERM and _is_unit(t) for t in piece)
    return units and not named and any(t.sort is Sort.NUMBER for t in piece)


def _only_names(piece: Sequence[Token]) -> bool:
    """Whether words name figures and say none: "tiếp nhận mới gồm 28 trực tuyến"."""
    named = any(t.sort is Sort.TERM and not _is_unit(t) for t in piece)
    return named and not any(t.sort in FIGURES for t in piece)


def _begins(tokens: Sequence[Token], at: int, piece: Sequence[Token]) -> bool:
    """Whether a clause begins here without a mark: at "trong đó", "nhầm", a field's name."""
    token = tokens[at]
    if token.sort in _BEGINS:
        return True
    if token.sort is Sort.REASON:
        # "4 hồ sơ do bưu điện chuyển đến" tells who brings them.
        named = at + 1 < len(tokens) and tokens[at + 1].sort is Sort.TERM
        return not named and any(t.sort in _SAYS for t in piece)
    if token.sort is Sort.NONE:
        # "đang giải quyết 45 hồ sơ không có vướng mắc gì"
        behind = next((t for t in tokens[at + 1 :] if t.sort is not Sort.FILLER), token)
        return behind.sort is Sort.LABEL and any(t.sort is Sort.NUMBER for t in piece)
    label = token.meaning.answers if token.meaning and token.sort is Sort.LABEL else None
    if label is None:
        return False
    if label.kind is Kind.DAY:
        return at + 1 < len(tokens) and (tokens[at + 1].sort is Sort.DAY or tokens[at + 1].day_too)
    said = [t for t in piece if t.sort is not Sort.FILLER]
    denied = bool(said) and said[-1].sort is Sort.NONE
    return not denied and any(t.sort in FIGURES for t in said)


def _clause(
    piece: Sequence[Token], mark: Sort | None, ends: Sort | None, depth: int
) -> list[Clause]:
    heads: list[list[Token]] = [[]]
    for token in piece:
        if token.sort is Sort.COLON:
            heads.append([])
        else:
            heads[-1].append(token)
    *before, body = [tuple(head) for head in heads]
    before = [_dated(head) for head in before]
    clause = Clause(tuple(h for h in before if h), body, mark, ends, in_bracket=depth > 0)
    return [clause] if clause.tokens else []


def _dated(head: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the words before a colon, where "17/4" is a day if nothing there names a figure."""
    if any(token.sort in (Sort.TERM, Sort.LABEL) for token in head):
        return head
    return tuple(replace(t, sort=Sort.DAY) if t.day_too else t for t in head)


def _with_names(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens; unknown words behind the kind of an office are its name: "xã Bồ Lý"."""
    left = 0
    for token in tokens:
        if token.sort is Sort.PLACE:
            left = _LONGEST_NAME
        elif left and (token.sort is Sort.UNKNOWN or _says_little(token)):
            left -= 1
            yield replace(token, sort=Sort.PLACE)
            continue
        elif token.sort is not Sort.FILLER:
            left = 0
        yield token


def _says_little(token: Token) -> bool:
    """Whether an option may be any word: "lao dong" is not "đóng"."""
    return token.sort is Sort.OPTION and token.meaning is not None and not token.meaning.sure


def figures_of(words: Sequence[Token]) -> list[list[Figure]]:
    """Return the ways to give each word to a figure: names before figures, or behind them.

    The words are those of one clause. None of the ways leaves a figure without a word, unless there
    is only one figure.
    """
    words = _paired(words)
    at = [n for n, token in enumerate(words) if token.sort in FIGURES]
    if len(at) < 2:
        alone = [Figure(words[n], tuple(t for t in words if t is not words[n])) for n in at]
        return [alone]
    if end := _end_of_closed_pair(words, at[0]):
        first = _figure(words, 0, end, at[0])
        return [[first, *way] for way in figures_of(words[end:])]
    return [way for way in (_names_first(words, at), _figures_first(words, at)) if way]


def _end_of_closed_pair(words: Sequence[Token], at: int) -> int | None:
    """Return where a pair ends that holds its own name: "3 cán bộ trực trên 8 | nhận …"."""
    end = at + 1
    while end < len(words) and words[end].start < words[at].end:
        end += 1
    named = any(t.sort is Sort.TERM and not _is_unit(t) for t in words[at + 1 : end])
    while named and end < len(words) and _is_unit(words[end]):
        end += 1
    return end if named else None


def _names_first(words: Sequence[Token], at: Sequence[int]) -> list[Figure]:
    """ "trực tiếp 5 hồ sơ trực tuyến 3": units go to the figure before them."""
    ends = []
    for n, place in enumerate(at):
        end = place + 1
        until = at[n + 1] if n + 1 < len(at) else len(words)
        while end < until and _is_unit(words[end]):
            end += 1
        ends.append(end if n + 1 < len(at) else len(words))
    begins = [0, *ends[:-1]]
    return _complete([_figure(words, b, e, p) for b, e, p in zip(begins, ends, at, strict=True)])


def _figures_first(words: Sequence[Token], at: Sequence[int]) -> list[Figure]:
    """ "25 hồ sơ trực tuyến và 6 hồ sơ qua bưu điện": what leads in belongs to all."""
    leads = tuple(words[: at[0]])
    ends = [*at[1:], len(words)]
    found = [_figure(words, begin, end, begin) for begin, end in zip(at, ends, strict=True)]
    if not _complete(found):
        return []
    return [replace(figure, words=(*leads, *figure.words)) for figure in found]


def _complete(found: Sequence[Figure]) -> list[Figure]:
    whole = all(any(t.sort is Sort.TERM and not _is_unit(t) for t in f.words) for f in found)
    return list(found) if whole else []


def _figure(words: Sequence[Token], begin: int, end: int, at: int) -> Figure:
    return Figure(words[at], tuple(words[n] for n in range(begin, end) if n != at))


def _is_unit(token: Token) -> bool:
    return token.meaning is not None and token.meaning.unit


def _paired(words: Sequence[Token]) -> list[Token]:
    """Join "3 cán bộ trực trên tổng số 5" to one figure, which keeps the words between."""
    found: list[Token] = []
    for token in words:
        of = _last(found, _OF) if token.sort is Sort.NUMBER else None
        first = _last(found[:of], frozenset({Sort.NUMBER})) if of is not None else None
        if of is None or first is None:
            found.append(token)
            continue
        both = (*found[first].values, *token.values)
        pair = replace(found[first], end=token.end, values=both, day_too=False)
        between = [t for t in found[first + 1 :] if t.sort not in (*_OF, Sort.TOTAL)]
        found = [*found[:first], pair, *between]
    return found


def _last(tokens: Sequence[Token], sorts: Container[Sort]) -> int | None:
    """Return where the last token of some sorts stands."""
    return next((n for n in reversed(range(len(tokens))) if tokens[n].sort in sorts), None)
