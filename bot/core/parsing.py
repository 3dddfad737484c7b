"""What a person typed, read into answers. What is unclear is named and asked, never guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.core.form import Field, Kind, Value
from bot.core.text import clean, fold, one_line


class Why(StrEnum):
    """What is wrong with a fragment."""

    NOT_A_NUMBER = "not_a_number"
    OUT_OF_BOUNDS = "out_of_bounds"
    NOT_AN_OPTION = "not_an_option"
    NOT_A_DAY = "not_a_day"
    TOO_LONG = "too_long"
    SAID_TWICE = "said_twice"
    NO_LABEL = "no_label"  # a figure that stands before or beside every known name
    WRONG_COUNT = "wrong_count"  # values in order, but more or fewer than the blanks


@dataclass(frozen=True, slots=True)
class Unclear:
    """A fragment of the message that was not taken over, and why."""

    fragment: str
    why: Why
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says: accepted values by field id, and what must be asked back."""

    values: Mapping[str, Value] = field(default_factory=dict)
    unclear: tuple[Unclear, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the message says nothing that looks like an answer."""
        return not self.values and not self.unclear


_NUMERAL = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d+")
_DIGITS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5,
    "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_SCALES = {"nghin": 1000, "ngan": 1000, "tram": 100, "muoi": 10, "chuc": 10}
_NONE = re.compile(
    r"(khong|ko|k|hong|hok|chua)( co| phat sinh)?"
    r"( kho khan| vuong mac| ho so| hs| truong hop| gi| nao| ca| het)*"
)
_UNIT_WORDS = (
    r"ho so|hs|bo|nguoi|dong chi|d/c|dc|can bo|cb|cong chuc|luot nguoi|luot|giao dich|gd|truong hop"
)
_AROUND = re.compile(rf"^(?:la|co|duoc)\s+|\s*(?:{_UNIT_WORDS}|a|nhe|roi)$")
_BLANK = re.compile(r"[_.…\s]*")
_BRACKETED = re.compile(r"\s*\([^()]*\)\s*$")
_PAIR = re.compile(r"\s*/\s*|\s+tr[eê]n(?: t[oổ]ng s[oố])?\s+", re.IGNORECASE)
_DAY = re.compile(
    r"(?:den )?(?:het )?(?:ngay )?(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}))?"
)
_UNKNOWN_DAY = ("chua ro", "chua biet", "khong ro", "khong biet", "ko ro", "chua xac dinh", "?")
_YES = ("co", "roi", "da", "da co", "co roi", "da niem yet", "du", "x", "1")
_NO = ("chua", "khong", "ko", "k", "chua co", "khong co", "0")
_ALL = ("du", "day du", "du ca", "du ca bon", "ca bon", "tat ca", "du het")
_NUMBERED = re.compile(r"^\s*(\d{1,2})\s?[.):]\s+(.*)$")
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,2}\s?[.):])\s+")
_EDGES = " \t:=,;|.-–"


def read_message(
    text: str, *, fields: Sequence[Field], blanks: Sequence[Field], day: date
) -> Reading:
    """Read a reply to a form: "name: value" lines, numbered lines, or values in order.

    Args:
        fields: all fields that may be named.
        blanks: the fields that were asked, in the order shown; values without names go to them.
        day: the reporting day, by which a day without a year is understood.
    """
    text = clean(text)
    if len(blanks) == 1 and not _labels(text, fields):
        return _as_reading(read_value(blanks[0], text, day=day))
    if _labels(text, fields) or _all_numbered(text):
        return _read_named(text, fields=fields, blanks=blanks, day=day)
    return _read_in_order(text, blanks=blanks, day=day)


def read_value(asked: Field, said: str, *, day: date) -> dict[str, Value] | Unclear:
    """Read one answer; a pair such as "6/14" answers two fields."""
    said = one_line(said).strip()
    match asked.kind:
        case Kind.COUNT:
            return _read_count(asked, said)
        case Kind.CHOICE:
            return _read_choice(asked, said)
        case Kind.CHOICES:
            return _read_choices(asked, said)
        case Kind.YES_NO:
            return _read_yes_no(asked, said)
        case Kind.DAY:
            return _read_day(asked, said, day)
        case Kind.TEXT:
            return _read_text(asked, said)


def count_said(said: str) -> int | None:
    """Return the count that is said and nothing else: "12 hs", "1.234", "không", "mười lăm".

    Returns None for anything that is not exactly one whole number: "3.5", "-2", "12 hoặc 13".
    """
    bare = _bare(said)
    if _NUMERAL.fullmatch(bare):
        return int(re.sub(r"[.,]", "", bare))
    if _NONE.fullmatch(bare):
        return 0
    return _number_in_words(bare.split())


def _bare(said: str) -> str:
    """Return folded text without the words that people put around a number."""
    bare, before = fold(said).strip(" .,;:!"), None
    while bare != before:
        before = bare
        bare = _AROUND.sub("", bare).strip(" .,;:!")
    return bare or fold(said).strip()


def _number_in_words(words: Sequence[str]) -> int | None:
    """Return the number that Vietnamese words say, or None: "hai mươi mốt" is 21.

    A digit must be followed by a smaller scale each time, so that "hai ba" is not a number.
    """
    total, digit, scale = 0, None, 10_000
    for word in words:
        if word in _DIGITS and digit is None:
            digit = _DIGITS[word]
        elif word in ("linh", "le") and digit is None and scale == 100:
            scale = 10
        elif word in _SCALES and _SCALES[word] < scale:
            if digit is None and word not in ("muoi", "chuc"):
                return None
            scale = _SCALES[word]
            total, digit = total + (1 if digit is None else digit) * scale, None
        else:
            return None
    # "một trăm năm" may mean 105 or 150.
    if not words or (digit is not None and scale in (100, 1000)):
        return None
    return total + (digit or 0)


def _read_count(asked: Field, said: str) -> dict[str, Value] | Unclear:
    said = _BRACKETED.sub("", said) or said
    first, *second = _PAIR.split(said) if asked.pair else [said]
    count = count_said(first)
    if count is None or len(second) > 1:
        return Unclear(said, Why.NOT_A_NUMBER, asked)
    if not asked.low <= count <= asked.high:
        return Unclear(said, Why.OUT_OF_BOUNDS, asked)
    if not second or asked.pair is None:
        return {asked.id: count}
    other = count_said(second[0])
    if other is None:
        return Unclear(said, Why.NOT_A_NUMBER, asked)
    return {asked.id: count, asked.pair: other}


def _read_choice(asked: Field, said: str) -> dict[str, Value] | Unclear:
    option = _option(asked, said)
    return {asked.id: option} if option else Unclear(said, Why.NOT_AN_OPTION, asked)


def _option(asked: Field, said: str) -> str | None:
    """Return the option that is said by its number or by one of its words."""
    bare = fold(_BRACKETED.sub("", said) or said).strip(" .,;:!")
    if bare.isdecimal() and bare.isascii():
        at = int(bare) - 1
        return asked.options[at].id if 0 <= at < len(asked.options) else None
    return next((o.id for o in asked.options if bare in o.words), None)


def _read_choices(asked: Field, said: str) -> dict[str, Value] | Unclear:
    bare = fold(said).strip(" .,;:!")
    if bare in _ALL:
        return {asked.id: tuple(o.id for o in asked.options)}
    if _NONE.fullmatch(bare):
        return {asked.id: ()}
    split = r"[\s,;+]+" if re.fullmatch(r"[\d\s,;+]+", bare) else r"\s*[,;+]\s*|\s+va\s+"
    chosen = [_option(asked, item) for item in re.split(split, bare) if item]
    if not chosen or None in chosen:
        return Unclear(said, Why.NOT_AN_OPTION, asked)
    return {asked.id: tuple(o.id for o in asked.options if o.id in chosen)}


def _read_yes_no(asked: Field, said: str) -> dict[str, Value] | Unclear:
    bare = fold(said).strip(" .,;:!")
    if bare in _YES or bare in _NO:
        return {asked.id: bare in _YES}
    return Unclear(said, Why.NOT_AN_OPTION, asked)


def _read_day(asked: Field, said: str, day: date) -> dict[str, Value] | Unclear:
    bare = fold(said).strip(" .,;:!")
    if bare in _UNKNOWN_DAY:
        return {asked.id: ""}
    found = _DAY.fullmatch(bare)
    meant = _nearest_day(found, day) if found else None
    return {asked.id: meant.isoformat()} if meant else Unclear(said, Why.NOT_A_DAY, asked)


def _nearest_day(found: re.Match[str], day: date) -> date | None:
    """Return the day meant; one without a year is the next such day, or one in the last months."""
    year = int(found.group(3) or day.year)
    try:
        meant = date(year, int(found.group(2)), int(found.group(1)))
        if found.group(3) is None and meant < day - timedelta(days=180):
            meant = meant.replace(year=year + 1)
    except ValueError:
        return None
    return meant


def _read_text(asked: Field, said: str) -> dict[str, Value] | Unclear:
    if _NONE.fullmatch(_bare(said)) or _BLANK.fullmatch(said):
        return {asked.id: ""}
    if len(said) > asked.high:
        return Unclear(said, Why.TOO_LONG, asked)
    return {asked.id: said}


@dataclass(frozen=True, slots=True)
class _Label:
    """A field's name as found in a line, by its place."""

    field: Field
    start: int
    end: int


def _labels(line: str, fields: Sequence[Field]) -> list[_Label]:
    """Return the names found in a line, in order; the longest name wins at each place."""
    by_word = {w: f for f in fields for w in f.words}
    return [
        _Label(by_word[found.group()], found.start(), found.end())
        for found in _name_pattern(tuple(by_word)).finditer(fold(line))
    ]


@lru_cache(maxsize=64)
def _name_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    names = "|".join(re.escape(w) for w in longest_first)
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)")


def _all_numbered(text: str) -> bool:
    lines = [line for line in text.split("\n") if line]
    return bool(lines) and all(_NUMBERED.match(line) for line in lines)


def _read_named(
    text: str, *, fields: Sequence[Field], blanks: Sequence[Field], day: date
) -> Reading:
    said: list[tuple[Field, str]] = []
    unclear: list[Unclear] = []
    for line in text.split("\n"):
        pairs, stray = _named_values(line, fields, blanks)
        said += pairs
        unclear += [Unclear(s, Why.NO_LABEL) for s in stray]
    values: dict[str, Value] = {}
    for asked, fragment in said:
        if _BLANK.fullmatch(_BRACKETED.sub("", fragment)) and asked.kind is not Kind.TEXT:
            continue
        read = read_value(asked, fragment, day=day)
        if isinstance(read, Unclear):
            unclear.append(read)
        elif any(values.get(k, v) != v for k, v in read.items()):
            unclear.append(Unclear(fragment, Why.SAID_TWICE, asked))
            values.pop(asked.id, None)
        else:
            values |= read
    return Reading(values, tuple(unclear))


def _named_values(
    line: str, fields: Sequence[Field], blanks: Sequence[Field]
) -> tuple[list[tuple[Field, str]], list[str]]:
    """Return the (field, fragment) pairs of a line, and fragments with figures but no name."""
    labels = _labels(line, fields)
    numbered = _NUMBERED.match(line)
    if not labels:
        if numbered and 1 <= int(numbered.group(1)) <= len(blanks):
            return [(blanks[int(numbered.group(1)) - 1], numbered.group(2))], []
        return [], [line] if _is_stray_figure(line) else []
    before = _BULLET.sub("", line[: labels[0].start] + " ").strip(_EDGES)
    pairs = []
    for at, label in enumerate(labels):
        rest = line[label.end :]
        if label.field.kind is Kind.TEXT:
            pairs.append((label.field, rest.strip(_EDGES)))
            break
        end = labels[at + 1].start if at + 1 < len(labels) else len(line)
        pairs.append((label.field, line[label.end : end].strip(_EDGES)))
    return pairs, [line] if _is_stray_figure(before) else []


def _is_stray_figure(fragment: str) -> bool:
    """Whether a fragment holds figures that are not part of a heading such as "ngày 15/4"."""
    without_dates = re.sub(r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?", "", fragment)
    return any(c.isdecimal() for c in without_dates)


def _read_in_order(text: str, *, blanks: Sequence[Field], day: date) -> Reading:
    splits = (re.split(r"[\n;]+", text), re.split(r"\s*,\s+|[\s;]+", text))
    candidates = [[s for s in (i.strip() for i in items) if s] for items in splits]
    figures = [f for f in blanks if f.kind is not Kind.TEXT]
    for items in candidates:
        for wanted in (blanks, figures):
            if wanted and len(items) == len(wanted) and _looks_like_answers(items, wanted, day):
                return _read_each(items, wanted, day)
    words = candidates[1]
    if sum(count_said(w) is not None for w in words) * 2 > len(words):
        return Reading(unclear=(Unclear(str(len(words)), Why.WRONG_COUNT),))
    return Reading(unclear=(Unclear(text, Why.NO_LABEL),) if _is_stray_figure(text) else ())


def _looks_like_answers(items: Sequence[str], wanted: Sequence[Field], day: date) -> bool:
    """Whether most items can be read for their place: a greeting of as many words cannot."""
    readable = sum(
        not isinstance(read_value(f, item, day=day), Unclear)
        for f, item in zip(wanted, items, strict=True)
        if f.kind is not Kind.TEXT
    )
    return readable * 2 > sum(f.kind is not Kind.TEXT for f in wanted)


def _read_each(items: Sequence[str], wanted: Sequence[Field], day: date) -> Reading:
    readings = [_as_reading(read_value(f, i, day=day)) for f, i in zip(wanted, items, strict=True)]
    values = {k: v for r in readings for k, v in r.values.items()}
    return Reading(values, tuple(u for r in readings for u in r.unclear))


def _as_reading(read: dict[str, Value] | Unclear) -> Reading:
    return Reading(unclear=(read,)) if isinstance(read, Unclear) else Reading(read)
