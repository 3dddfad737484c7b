"""What somebody types after a command about a unit's report: the unit, days, why.

    Tích Sơn 14/4 vì nhập nhầm số
    Tích Sơn đến 20/4, cả phường cách ly
    ngày 14/4 Tích Sơn

A unit may be called "Ba Vì", and "vì" also begins a reason: where the words can be parted in
several ways, all are returned, and the directory decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.text import day_short, fold, mask_phones, one_line, shortened

LONGEST_REASON = 200

_DAY = (
    r"(?:ngay )?(?:(?P<{0}d>\d{{1,2}})[/.](?P<{0}m>\d{{1,2}})(?:[/.](?P<{0}y>\d{{4}}))?(?![\d/])"
    r"|(?P<{0}said>hom nay|hom qua|ngay mai)\b)"
)
_FIRST = re.compile(rf"(?<![\w/.-])(?:tu )?{_DAY.format('f')}")
_LAST = re.compile(rf"(?:(?<![\w/.])(?:den|toi)|-) ?(?:het )?{_DAY.format('l')}")
# Not folded: "Đô" begins no reason. Without any diacritics "vi" does.
_MARK = re.compile(r"(?<![\w/])(?:vì|lý do|lí do|ly do|do|vi)(?: là| la)?(?:\s*:\s*|\s+|$)")
_MARKS_AHEAD = re.compile(rf"[\s,;:.–-]*(?:{_MARK.pattern})*")
_SAID = {"hom nay": 0, "hom qua": -1, "ngay mai": 1}


@dataclass(frozen=True, slots=True)
class Order:
    """One way to understand what was typed.

    Attributes:
        words: by which the unit was named; "" when it was not.
        first, last: the days meant, inclusive; None when not said.
        reason: one line, without telephone numbers; "" when not said.
        wrong_day: what looks like a day and is none, as "31/4"; "" when all are days.
    """

    words: str = ""
    first: date | None = None
    last: date | None = None
    reason: str = ""
    wrong_day: str = ""


def readings(said: str, today: date) -> list[Order]:
    """Return the ways to understand what was typed, the most likely first; at least one.

    A day without a year is the one nearest to today.
    """
    line = one_line(said)
    marks = [found.start() for found in _MARK.finditer(line.lower())]
    # The whole line last: it may be a name in which a reason seems to begin.
    orders = [_order(line, end, today) for end in (*marks, len(line))]
    return list(dict.fromkeys(orders))


def leading_day(said: str, today: date) -> tuple[date | None, str]:
    """Return the day with which a text begins and what follows it; None and the text when none."""
    found = _FIRST.match(fold(said))
    day = _day(found, today) if found else None
    return (day, said[found.end() :].lstrip(" ,;:")) if found and day else (None, said)


def reason_of(said: str) -> str:
    """Return a reason as it is kept: without "vì" before it, in one line, phones masked."""
    line = one_line(said)
    begins = _MARKS_AHEAD.match(line.lower())
    body = line[begins.end() :] if begins else line
    return shortened(mask_phones(body.strip(" ,;:")), LONGEST_REASON)


def command(word: str, unit: str, order: Order) -> str:
    """Return the command that says the same, with the unit's code in place of its name."""
    return " ".join(_parts(word, unit, order))


def _parts(word: str, unit: str, order: Order) -> Iterator[str]:
    yield f"/{word} {unit}"
    if order.first:
        yield f"{day_short(order.first)}/{order.first.year}"
    if order.last:
        yield f"đến {day_short(order.last)}/{order.last.year}"
    if order.reason:
        yield f"vì {order.reason}"


def _order(line: str, end: int, today: date) -> Order:
    """Return the line understood with its unit and days before `end`, and its reason behind.

    What follows a day is the reason, unless the unit has not been named before it.
    """
    head = fold(line[:end])
    last = _LAST.search(head)
    first = _FIRST.search(head, 0, last.start() if last else end)
    days = [found for found in (first, last) if found]
    words, reason = line[:end], line[end:]
    if days:
        words, after = line[: days[0].start()], days[-1].end()
        if words.strip(" ,;:"):
            reason = line[after:]
        else:
            words = line[after:end]
    first_day, last_day = (_day(found, today) if found else None for found in (first, last))
    wrong = [found.group() for found in days if _day(found, today) is None]
    return Order(
        words=words.strip(" ,;:"),
        first=first_day,
        last=last_day,
        reason=reason_of(reason),
        wrong_day=wrong[0].strip() if wrong else "",
    )


def _day(found: re.Match[str], today: date) -> date | None:
    """Return the day that an expression means; None when there is no such day."""
    day, month, year, said = (found[name] for name in found.re.groupindex)
    if said:
        return today + timedelta(days=_SAID[said])
    years = [int(year)] if year else [today.year - 1, today.year, today.year + 1]
    meant = [_date(y, int(month), int(day)) for y in years]
    return min((d for d in meant if d is not None), key=lambda d: abs(d - today), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
