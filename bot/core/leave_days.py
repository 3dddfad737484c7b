"""The days of a leave in people's own words: "3 ngày từ mai", "từ 20/4 đến 22/4", "sáng mai".

What can be meant in two ways is not chosen here: the ways are returned, to be asked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise, product

from bot.core.calendar import Calendar
from bot.core.text import fold

LONGEST = 366
"""Days of the longest leave that is taken; more is a slip of the pen."""

_ONE_DAY = timedelta(days=1)
_WEEKDAYS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5, "nhat": 6}
_NUMBERS = ("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi")
_MIDYEAR = 183  # a day and month without a year mean the nearer of two years


class Why(StrEnum):
    """Why the days are not certain."""

    NO_DAY = "no_day"
    NO_START = "no_start"  # "3 ngày": from when?
    NO_END = "no_end"  # "từ mai": until when?
    NOT_A_DAY = "not_a_day"  # 31/4, or a weekday that is not the date's
    PAST = "past"
    BACKWARDS = "backwards"  # it ends before it begins
    SEVERAL = "several"  # "thứ Ba và thứ Năm"
    TWO_WAYS = "two_ways"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Span:
    """Some days in a row, both ends inclusive."""

    first: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        count = (self.last - self.first).days + 1
        return tuple(self.first + n * _ONE_DAY for n in range(count))


@dataclass(frozen=True, slots=True)
class Days:
    """What a text says of days.

    Attributes:
        span: None when it is not certain; then `why` says why.
        ways: the spans that may be meant, when there are some.
        count: how many days were named without a beginning.
        said: the words that are not certain, as typed.
        half: "sáng", "chiều" or "nửa ngày" when that part of a single day was named.
        rest: the text without what was read here; of the same length.
    """

    span: Span | None = None
    why: Why | None = None
    ways: tuple[Span, ...] = ()
    count: int = 0
    said: str = ""
    half: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    """One piece of the text: its kind, what it may mean, its place."""

    kind: str  # day, number, range, week, count, from, to, half, wrong
    days: tuple[date, ...] = ()
    count: int = 0
    said: str = ""
    weekday: int | None = None
    dated: bool = False  # by day and month


_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(_NUMBERS)})"
_THIS_WEEK = r"(?:,? ?(?P<{}>tuan (?:nay|sau|toi)))?"
_PATTERN = re.compile(
    "|".join(
        (
            (
                r"(?P<range>\b(?P<r1>\d{1,2}) ?(?:-|–|den|toi) ?(?P<r2>\d{1,2})/(?P<rm>\d{1,2})"
                r"(?:/(?P<ry>\d{4}))?(?!\d))"
            ),
            (
                r"(?P<date>\b(?:ngay |mung )?(?P<d>\d{1,2}) ?[/.-] ?(?P<m>\d{1,2})"
                r"(?: ?[/.-] ?(?P<y>\d{4}|\d{2}))?(?![\d/]))"
            ),
            r"(?P<long>\b(?:ngay )?(?P<ld>\d{1,2}) thang (?P<lm>\d{1,2})(?: nam (?P<ly>\d{4}))?\b)",
            (
                rf"(?P<count>\b(?P<n>{_NUMBER}) ?(?:ngay|hom|bua|ng|buoi)(?: lien(?: tiep)?)?\b"
                r"(?! \d))"
            ),
            rf"(?P<weeks>\b(?P<w>{_NUMBER}) ?tuan\b)",
            r"(?P<weekday>\b(?:thu (?P<wd>[2-7]|hai|ba|tu|nam|sau|bay)|t(?P<wt>[2-7])"
            r"|(?:chu nhat|cn))\b" + _THIS_WEEK.format("ww") + ")",
            r"(?P<week>\b(?:ca |trong )?(?:(?:tuan (?P<wk>nay|sau|toi))|(?P<wn>sang tuan))\b)",
            (
                r"(?P<near>\b(?P<near_day>hom qua|hom kia|hom nay|bua nay|hn|ngay mai|ngay kia"
                r"|ngay mot|mai|nay)\b)"
            ),
            r"(?P<half>\b(?:buoi )?(?P<h>sang|chieu|nua (?:ngay|buoi))\b)",
            r"(?P<bare>\b(?:ngay |mung )(?P<b>\d{1,2})\b(?! ?(?:ngay|tuan)))",
            r"(?P<from>\b(?:bat dau |ke )?tu\b)",
            (
                r"(?P<to>\b(?:cho )?(?:den|toi)(?: het)?\b|–|->|(?<= )-(?= )"
                r"|\bhet(?= (?:ngay|thu|t\d|\d|cn|chu nhat|tuan)))"
            ),
            r"(?P<digits>(?<![\d/])(?P<x>\d{1,2})(?![\d/]))",
        )
    )
)
_DAY_AHEAD = re.compile(r" (?:het |sang |chieu )?(?:ngay|thu|t[2-7]\b|\d|cn\b|chu nhat|mai|tuan)")


def read_days(said: str, *, today: date, calendar: Calendar) -> Days:
    """Return the days that a cleaned text names.

    Args:
        today: from which "mai" and "thứ Sáu" are counted.
    """
    folded = fold(said)
    tokens: list[_Token] = []
    rest = list(said)
    for found in _PATTERN.finditer(folded):
        token = _token(found, said, tokens, today)
        if token is None:
            continue
        tokens.append(token)
        rest[found.start() : found.end()] = " " * (found.end() - found.start())
    days = _resolved(tokens, today, calendar)
    return Days(days.span, days.why, days.ways, days.count, days.said, days.half, "".join(rest))


def _token(found: re.Match[str], said: str, before: Sequence[_Token], today: date) -> _Token | None:
    """Return the piece that was found; None for a word that means something else here."""
    kind, words = _kind(found), said[found.start() : found.end()].strip()
    if kind == "from":
        return _Token("from") if words.lower() in _FROM else None
    if kind == "to":
        return _Token("to") if _means_until(found, said, before) else None
    if kind == "digits":
        after_word = bool(before) and before[-1].kind in ("from", "to")
        return _Token("number", count=int(found["x"]), said=words) if after_word else None
    return _plain(kind, found, words) or _named_day(kind, found, words, today)


def _plain(kind: str, found: re.Match[str], words: str) -> _Token | None:
    match kind:
        case "count":
            return _Token("count", count=_number(found["n"]), said=words)
        case "weeks":
            return _Token("count", count=7 * _number(found["w"]), said=words)
        case "half":
            return _Token("half", said=_HALVES.get(found["h"], "nửa ngày"))
        case "bare":
            return _Token("number", count=int(found["b"]), said=words)
    return None


def _named_day(kind: str, found: re.Match[str], words: str, today: date) -> _Token:
    match kind:
        case "range":
            return _range(found, words, today)
        case "date":
            return _date(found["d"], found["m"], found["y"], words, today)
        case "long":
            return _date(found["ld"], found["lm"], found["ly"], words, today)
        case "weekday":
            return _weekday(found, words, today)
        case "week":
            return _week(found, words, today)
    return _near(found["near_day"], words, today)


_HALVES = {"sang": "sáng", "chieu": "chiều"}
_FROM = {
    fold_or for word in ("từ", "tu") for fold_or in (word, f"bắt đầu {word}", f"kể {word}")
} | {
    "bat dau tu",
    "ke tu",
}


def _kind(found: re.Match[str]) -> str:
    kinds = (
        *("range", "date", "long", "count", "weeks", "weekday", "week", "near", "half", "bare"),
        *("from", "to", "digits"),
    )
    return next(kind for kind in kinds if found[kind] is not None)


def _means_until(found: re.Match[str], said: str, before: Sequence[_Token]) -> bool:
    """Whether "toi" is "tới" and not "tôi" or "tối": a day stands before it and another after."""
    word = said[found.start() : found.end()].lower()
    if "toi" not in fold(word):
        return True
    ahead = _DAY_AHEAD.match(fold(said), found.end()) is not None
    if word.startswith(("tới", "cho tới")):
        return ahead
    return word.startswith(("toi", "cho toi")) and bool(before) and ahead


def _number(said: str) -> int:
    return int(said) if said.isdecimal() else _NUMBERS.index(said) + 1


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _date(day: str, month: str, year: str | None, words: str, today: date) -> _Token:
    if year:
        full = int(year) + (2000 if len(year) == 2 else 0)
        made = _made(full, int(month), int(day))
    else:
        years = (today.year - 1, today.year, today.year + 1)
        all_made = [d for y in years if (d := _made(y, int(month), int(day)))]
        near = [d for d in all_made if abs((d - today).days) < _MIDYEAR]
        made = near[0] if near else (all_made[-1] if all_made else None)
    return _Token("day", (made,), said=words, dated=True) if made else _Token("wrong", said=words)


def _range(found: re.Match[str], words: str, today: date) -> _Token:
    last = _date(found["r2"], found["rm"], found["ry"], words, today)
    if last.kind == "wrong":
        return last
    first = _made(last.days[0].year, last.days[0].month, int(found["r1"]))
    return _Token("range", (first, last.days[0])) if first else _Token("wrong", said=words)


def _weekday(found: re.Match[str], words: str, today: date) -> _Token:
    name = found["wd"] or found["wt"] or "nhat"
    weekday = int(name) - 2 if name.isdecimal() else _WEEKDAYS[name]
    monday = today - today.weekday() * _ONE_DAY
    if found["ww"]:
        weeks = 0 if found["ww"].endswith("nay") else 1
        return _Token("day", (monday + (weekday + 7 * weeks) * _ONE_DAY,), said=words)
    next_one = today + (weekday - today.weekday()) % 7 * _ONE_DAY
    # On a Friday "thứ Sáu" may be today or in a week.
    days = (next_one, next_one + 7 * _ONE_DAY) if next_one == today else (next_one,)
    return _Token("day", days, said=words, weekday=weekday)


def _week(found: re.Match[str], words: str, today: date) -> _Token:
    monday = today - today.weekday() * _ONE_DAY
    if found["wk"] == "nay":
        return _Token("week", (today, monday + 6 * _ONE_DAY), said=words)
    return _Token("week", (monday + 7 * _ONE_DAY, monday + 13 * _ONE_DAY), said=words)


def _near(name: str, words: str, today: date) -> _Token:
    ahead = {"hom kia": -2, "hom qua": -1, "mai": 1, "ngay mai": 1, "ngay kia": 2, "ngay mot": 2}
    return _Token("day", (today + ahead.get(name, 0) * _ONE_DAY,), said=words)


# From the pieces to the days


def _resolved(tokens: Sequence[_Token], today: date, calendar: Calendar) -> Days:
    if wrong := [t.said for t in tokens if t.kind == "wrong"]:
        return Days(why=Why.NOT_A_DAY, said=wrong[0])
    tokens = _joined(_dated(tokens, today))
    if wrong := [t.said for t in tokens if t.kind == "wrong"]:
        return Days(why=Why.NOT_A_DAY, said=wrong[0])
    counts = [t.count for t in tokens if t.kind == "count"]
    if len(counts) > 1:
        return Days(why=Why.SEVERAL)
    spans = [t for t in tokens if t.kind in ("range", "week")]
    starts, ends, plain = _placed(tokens)
    if spans:
        others = starts or ends or plain or counts or len(spans) > 1
        return Days(why=Why.SEVERAL) if others else _checked([Span(*spans[0].days)], today)
    halves = [t.said for t in tokens if t.kind == "half"]
    found = _spans(starts, ends, plain, counts, today, calendar)
    if isinstance(found, Days):
        return found
    single = all(s.first == s.last for s in found)
    half = halves[0] if single and len(halves) == 1 else ""
    days = _checked(found, today)
    return Days(days.span, days.why, days.ways, said=days.said, half=half)


def _dated(tokens: Sequence[_Token], today: date) -> list[_Token]:
    """Give the bare numbers ("từ 20 đến 22/4") the month of the day that follows, or this one."""
    dated: list[_Token] = []
    for n, token in enumerate(tokens):
        if token.kind != "number":
            dated.append(token)
            continue
        later = [t.days[0] for t in tokens[n + 1 :] if t.kind == "day" and t.days]
        month = later[0] if later else today
        made = _made(month.year, month.month, token.count)
        certain = made is not None and (later or made >= today)
        days = (made,) if made and certain else ()
        dated.append(_Token("day" if days else "wrong", days, said=token.said))
    return dated


def _joined(tokens: Sequence[_Token]) -> list[_Token]:
    """Take "thứ Sáu, 17/4" for one day; when the two differ it is no day."""
    joined: list[_Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        if before and before.weekday is not None and token.dated:
            agrees = token.days[0].weekday() == before.weekday
            said = f"{before.said} {token.said}"
            joined[-1] = (
                _Token("day", token.days, said=said) if agrees else _Token("wrong", said=said)
            )
        else:
            joined.append(token)
    return joined


def _placed(tokens: Sequence[_Token]) -> tuple[list[_Token], list[_Token], list[_Token]]:
    """Return the days after "từ", those after "đến", and the others."""
    places: dict[str, list[_Token]] = {"from": [], "to": [], "": []}
    place = ""
    for token in tokens:
        if token.kind in ("from", "to"):
            place = token.kind
        elif token.kind == "day":
            places[place].append(token)
            place = ""
    return places["from"], places["to"], places[""]


def _spans(
    starts: Sequence[_Token],
    ends: Sequence[_Token],
    plain: Sequence[_Token],
    counts: Sequence[int],
    today: date,
    calendar: Calendar,
) -> list[Span] | Days:
    """Return the spans that may be meant, or why there are none."""
    if len(starts) > 1 or len(ends) > 1 or (starts and plain):
        return Days(why=Why.SEVERAL)
    begins = starts or plain
    if counts and ends:
        return Days(why=Why.SEVERAL)
    if ends:
        first = begins[0].days if begins else (today,)
        return list(_between(first, ends[0])) if len(begins) < 2 else Days(why=Why.SEVERAL)
    if counts:
        if not begins:
            return Days(why=Why.NO_START, count=counts[0])
        several = len(begins) > 1
        return Days(why=Why.SEVERAL) if several else _counted(begins[0].days, counts[0], calendar)
    if starts:
        return Days(why=Why.NO_END, ways=(Span(starts[0].days[0], starts[0].days[0]),))
    return _named(plain, calendar) if plain else Days(why=Why.NO_DAY)


def _between(firsts: Sequence[date], end: _Token) -> Iterator[Span]:
    """A weekday at the end is the first one after the beginning: "từ thứ Hai đến thứ Sáu"."""
    for first in firsts:
        if end.weekday is None:
            yield Span(first, end.days[0])
        elif len(end.days) == 2 and first == end.days[0]:
            yield from (Span(first, day) for day in end.days)
        else:
            yield Span(first, first + (end.weekday - first.weekday()) % 7 * _ONE_DAY)


def _counted(firsts: Sequence[date], count: int, calendar: Calendar) -> list[Span] | Days:
    """ "3 ngày" may be days of the calendar or days of work; it matters only over a weekend."""
    if not 1 <= count <= LONGEST:
        return Days(why=Why.TOO_LONG)
    ways: dict[tuple[date, ...], Span] = {}
    for first in firsts:
        for span in (Span(first, first + (count - 1) * _ONE_DAY), _of_work(first, count, calendar)):
            missed = tuple(day for day in span.days if calendar.is_reporting_day(day))
            ways.setdefault(missed, span)
    return list(ways.values())


def _of_work(first: date, count: int, calendar: Calendar) -> Span:
    day = first - _ONE_DAY
    # Whole weeks are said of the calendar: nobody means seven days of work by "1 tuần".
    if count % 7 == 0:
        return Span(first, first + (count - 1) * _ONE_DAY)
    for _ in range(count):
        day = calendar.next_reporting_day(day)
    return Span(first, day)


def _named(plain: Sequence[_Token], calendar: Calendar) -> list[Span] | Days:
    """ "mai", or days in a row: "thứ Năm và thứ Sáu"; those apart are asked one by one."""
    spans = []
    for days in product(*(t.days for t in plain)):
        in_row = all(calendar.next_reporting_day(a) == b or a == b for a, b in pairwise(days))
        if in_row:
            spans.append(Span(days[0], days[-1]))
    return spans or Days(why=Why.SEVERAL)


def _checked(spans: Sequence[Span], today: date) -> Days:
    """Return the span if it is certain and may still begin."""
    ahead = [s for s in spans if s.first >= today and s.last >= s.first]
    if not ahead:
        span = spans[0]
        if span.last < span.first:
            return Days(why=Why.BACKWARDS)
        ways = (Span(today, span.last),) if span.last >= today else ()
        return Days(why=Why.PAST, ways=ways)
    if any((s.last - s.first).days >= LONGEST for s in ahead):
        return Days(why=Why.TOO_LONG)
    return Days(span=ahead[0]) if len(ahead) == 1 else Days(why=Why.TWO_WAYS, ways=tuple(ahead))
