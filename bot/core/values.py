"""One typed answer, read as the value of one field. What is unclear is returned, not guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from bot.core.form import Field, Form, Kind, Value
from bot.core.numerals import numeral, spelled
from bot.core.text import fold, one_line


class Why(StrEnum):
    """What is wrong with a fragment."""

    NOT_A_NUMBER = "not_a_number"
    OUT_OF_BOUNDS = "out_of_bounds"
    NOT_AN_OPTION = "not_an_option"
    NOT_A_DAY = "not_a_day"
    TOO_LONG = "too_long"
    SAID_TWICE = "said_twice"
    NO_LABEL = "no_label"  # it cannot be said to which field it belongs
    NOT_PARTED = "not_parted"  # named figures whose names and figures cannot be told apart
    AMBIGUOUS = "ambiguous"  # a name that several fields share: "quá hạn 2"
    WRONG_SUM = "wrong_sum"  # a total that is not the sum of the figures it is said of
    IN_REMARK = "in_remark"  # a named figure in the midst of a remark
    WRONG_COUNT = "wrong_count"  # values in order, but more or fewer than the blanks
    OUT_OF_PLACE = "out_of_place"  # values in order, one of which cannot stand in its place
    OTHER_DAY = "other_day"  # a heading with another day than the one that is reported
    NOT_ASKED = "not_asked"  # the unit does not answer the field, or not as things stand


@dataclass(frozen=True, slots=True)
class Unclear:
    """A fragment of the message that was not taken over, and why.

    Attributes:
        fields: the field it was said for, all that it may belong to, or none.
    """

    fragment: str
    why: Why
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says: accepted values by field id, and what must be asked back.

    Attributes:
        reasons: by field id, the words of the message from which its value was read.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    unclear: tuple[Unclear, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def empty(self) -> bool:
        """Whether the message says nothing that looks like an answer."""
        return not self.values and not self.unclear


_LONGEST_COUNT = 60  # letters; what is longer is a sentence, not a figure
_UNIT_WORDS = (
    r"ho so|hs|bo|nguoi|dong chi|d/c|dc|can bo|cb|cong chuc|luot nguoi|luot|giao dich|gd|truong hop"
)
_COUNTED = re.compile(
    rf"(?:(?:la|co|duoc)\s+)?(?P<count>.+?)(?:\s*(?:{_UNIT_WORDS}))?(?:\s+(?:a|nhe|roi))?[\s.,;!]*"
)
_NO = r"(?:khong|ko|k|hok|hk|hong)(?: co| con| phat sinh)*|chua (?:co|phat sinh)"
_NONE = re.compile(rf"(?:{_NO})(?: ho so| hs| truong hop| gi| nao| ca| het)*")
_NO_REMARK = re.compile(
    rf"(?:{_NO}|chua)(?: gap)?(?: kho khan| vuong mac| vuong|,)*"
    r"(?: gi| j| nao| kho| ca| het| nua| dau| nha| nhe| a)*|0|-|binh thuong"
)
_PAIR = re.compile(r"\s*(?<!đ)(?<!d)/\s*|\s+tr[êe]n(?:\s+t[ổo]ng)?(?:\s+s[ốo])?\s+", re.IGNORECASE)
_WITH_BRACKET = re.compile(r"(?P<said>.*\S)\s*\((?P<bracket>[^()]*)\)")
_DAY = re.compile(
    r"(?:den )?(?:het )?(?:ngay )?(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}))?", re.ASCII
)
_UNKNOWN_DAY = ("chua ro", "chua biet", "khong ro", "khong biet", "ko ro", "chua xac dinh")
_FARTHEST_DAY = timedelta(days=180)
_YES = ("co", "roi", "da", "da co", "co roi", "da niem yet")
_NOT_YET = ("chua", "khong", "ko", "chua co", "khong co", "chua niem yet")
_ALL = ("du", "day du", "du ca", "du ca bon", "ca bon", "tat ca", "du het")
_BLANK = re.compile(r"_+|…|\.{2,}")


def read_value(asked: Field, said: str, *, form: Form, day: date) -> dict[str, Value] | Unclear:
    """Read one answer; a pair such as "6/14" answers two fields.

    Yesterday's answer in brackets, as the form shows it, may stand behind the new one.

    Args:
        day: the reporting day, by which a day without a year is understood.
    """
    said = one_line(said)
    if asked.kind is Kind.TEXT:
        return _read_text(asked, said.strip(" _…"))
    said = _BLANK.sub(" ", said).strip(" \"'“”")
    behind = _WITH_BRACKET.fullmatch(said)
    if behind:
        earlier = _read(asked, behind["bracket"], form, day)
        said = said if isinstance(earlier, Unclear) else behind["said"]
    return _read(asked, said, form, day)


def is_blank(said: str) -> bool:
    """Whether nothing was filled in: "", "__", or "__ (12)" as the form shows it."""
    return not re.sub(r"\([^()]*\)", "", _BLANK.sub("", said)).strip(" \"'“”")


def says_none(said: str) -> bool:
    """Whether a remark says that there is none: "không", "ko có khó khăn gì", "0"."""
    return bool(_NO_REMARK.fullmatch(_plain(said)))


def count_said(said: str) -> int | None:
    """Return the count that is said and nothing else: "12 hs", "1.234", "không", "mười lăm".

    Returns None for anything that is not exactly one whole number: "3.5", "-2", "12 hoặc 13".
    """
    said = said.strip().lower()
    found = _COUNTED.fullmatch(fold(said)) if len(said) <= _LONGEST_COUNT else None
    if found is None:
        return None
    bare = found["count"]
    if (figure := numeral(bare)) is not None:
        return figure
    if _NONE.fullmatch(bare):
        return 0
    words = said[found.start("count") : found.end("count")].split()
    count, used = spelled(words)
    return count if words and used == len(words) else None


def _read(asked: Field, said: str, form: Form, day: date) -> dict[str, Value] | Unclear:
    match asked.kind:
        case Kind.COUNT:
            return _read_count(asked, said, form)
        case Kind.CHOICE:
            option = _option(asked, _plain(said))
            return {asked.id: option} if option else Unclear(said, Why.NOT_AN_OPTION, (asked,))
        case Kind.CHOICES:
            return _read_choices(asked, said)
        case Kind.YES_NO:
            return _read_yes_no(asked, said)
        case Kind.DAY:
            return _read_day(asked, said, day)
        case Kind.TEXT:
            return _read_text(asked, said)


def _plain(said: str) -> str:
    """Return folded text without the marks and the courtesy around it."""
    return fold(said).strip(" .,;:!").removesuffix(" a")


def _read_count(asked: Field, said: str, form: Form) -> dict[str, Value] | Unclear:
    fields = (asked, form.field(asked.pair)) if asked.pair else (asked,)
    parts = _PAIR.split(said) if asked.pair else [said]
    if len(parts) > len(fields):
        return Unclear(said, Why.NOT_A_NUMBER, (asked,))
    values: dict[str, Value] = {}
    for meant, part in zip(fields, parts, strict=False):
        count = count_said(part)
        if count is None:
            return Unclear(said, Why.NOT_A_NUMBER, (asked,))
        if not meant.low <= count <= meant.high:
            return Unclear(said, Why.OUT_OF_BOUNDS, (meant,))
        values[meant.id] = count
    return values


def _option(asked: Field, bare: str) -> str | None:
    """Return the option that is said by its number or by one of its words."""
    if bare.isdecimal() and bare.isascii():
        at = int(bare[:9]) - 1
        return asked.options[at].id if 0 <= at < len(asked.options) else None
    said = ((o.id, fold(word)) for o in asked.options for word in (*o.words, *o.named))
    return next((option for option, word in said if word == bare), None)


def _read_choices(asked: Field, said: str) -> dict[str, Value] | Unclear:
    bare = _plain(said)
    if bare in _ALL:
        return {asked.id: tuple(o.id for o in asked.options)}
    if _NONE.fullmatch(bare):
        return {asked.id: ()}
    numbered = re.fullmatch(r"[\d\s,;+]+", bare)
    items = re.split(r"[\s,;+]+" if numbered else r"\s*[,;+]\s*|\s+va\s+", bare)
    chosen = [_option(asked, item) for item in items]
    if None in chosen:
        return Unclear(said, Why.NOT_AN_OPTION, (asked,))
    return {asked.id: tuple(o.id for o in asked.options if o.id in chosen)}


def _read_yes_no(asked: Field, said: str) -> dict[str, Value] | Unclear:
    bare = _plain(said)
    if bare in _YES or bare in _NOT_YET:
        return {asked.id: bare in _YES}
    return Unclear(said, Why.NOT_AN_OPTION, (asked,))


def _read_day(asked: Field, said: str, day: date) -> dict[str, Value] | Unclear:
    bare = _plain(said)
    if bare in _UNKNOWN_DAY:
        return {asked.id: ""}
    found = _DAY.fullmatch(bare)
    meant = _coming_day(found, day) if found else None
    return {asked.id: meant.isoformat()} if meant else Unclear(said, Why.NOT_A_DAY, (asked,))


def _coming_day(found: re.Match[str], day: date) -> date | None:
    """Return the day meant, from the reporting day on; None for one that is past or far off."""
    day_of_month, month, year = found.groups()
    for in_year in [int(year)] if year else [day.year, day.year + 1]:
        try:
            meant = date(in_year, int(month), int(day_of_month))
        except ValueError:
            continue
        if day <= meant <= day + _FARTHEST_DAY:
            return meant
    return None


def _read_text(asked: Field, said: str) -> dict[str, Value] | Unclear:
    if says_none(said):
        return {asked.id: ""}
    if len(said) > asked.high:
        return Unclear(said, Why.TOO_LONG, (asked,))
    return {asked.id: said}
