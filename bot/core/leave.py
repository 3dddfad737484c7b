"""A leave in people's own words: which days, who stands in, or that it has ended.

With the command before them the words need not all be known. Without it every word must be, so that
a remark in a report is never taken for a leave.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.core.calendar import Calendar
from bot.core.leave_days import Days, Why, read_days
from bot.core.text import clean, fold, one_line

_LONGEST = 200  # of a message without the command, in letters: more is no word about a leave


class What(StrEnum):
    """What is said of a leave."""

    LEAVE = "leave"
    BACK = "back"  # at work again
    DROP = "drop"  # no leave after all, before it was agreed
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who is to stand in, as it was said.

    Attributes:
        name: as typed, without the form of address; "" when none is named.
        number: of the person, as our own buttons say it; 0 when none is given.
        deputy: "phó": whoever is the deputy.
        nobody: it was said that there is nobody.
    """

    name: str = ""
    number: int = 0
    deputy: bool = False
    nobody: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody said of a leave.

    Attributes:
        reason: the kind of the leave, as "phép"; "" when none was said.
        agreed: our own question was answered with yes.
        whole: every word was understood, and it is the speaker's own leave.
    """

    what: What
    days: Days
    stand_in: StandIn = StandIn()
    reason: str = ""
    agreed: bool = False
    whole: bool = False


_TITLE = r"(?:dong chi|d/c|dc|anh|chi|ong|ba|co|chu|bac|ban|thay giao)"
_BUSY = (
    r"(?:(?:se|da|duoc|dang|xin|lam|truc|bao cao|gui|phu trach|dam nhan|nhan|lo|ky|viec|dum|giup"
    r"|cu) )"
)
_AFTER = r"(?: (?:em|toi|minh|the|cho em|cho toi|cho minh|giup|ho|nhe|a|viec|bao cao|truc))*"
_STOP = (
    r"(?:nghi|phep|om|tu|den|ngay|hom|mai|nay|thu|tuan|em|toi|minh|xin|va|se|thay|khong|chua|truc"
    r"|lam|bao|gui|nho|giao|cho|co|den|sang|chieu|buoi|viec|nguoi|la|di|lai|vi|do|het|so)"
)
_WORD = rf"(?!{_STOP}\b)[^\W\d_]+"
_CALLED = rf"{_WORD}(?: {_WORD}){{0,3}}?"
_DEPUTY = (
    rf"\b(?:{_TITLE} )?(?:cap )?(?:pho|p)\b\.?(?: (?:phong|dau moi|em|toi|minh))?"
    r"|\b(?:dau moi|nguoi) du phong"
)
_NUMBERED = re.compile(r"\bnguoi thay so (\d{1,9})\b")
_NOBODY = re.compile(
    r"\b(?:khong|ko|k|chua) (?:co )?(?:ai|nguoi|ng)\b(?: nao)?"
    rf"(?: {_BUSY}*(?:thay|lam|truc|truc thay))?{_AFTER}"
)
_BY_DEPUTY = re.compile(rf"(?:(?:nho|de|co|giao(?: cho)?) )?(?:{_DEPUTY}) {_BUSY}*thay\b{_AFTER}")
_TO_DEPUTY = re.compile(rf"\b(?:nho|giao(?: cho)?|ban giao(?: cho)?) (?:{_DEPUTY})(?=$|[ ,.;])")
# "chị Hoa trực thay", in the middle of a sentence only after a form of address.
_BY_TITLE = re.compile(
    rf"\b(?:(?:nho|de|co|giao(?: cho)?) )?{_TITLE}\.? (?P<name>(?!{_STOP}\b(?! {_BUSY}*thay))"
    rf"[^\W\d_]+(?: {_WORD}){{0,3}}?) {_BUSY}*(?:thay|lam thay)\b{_AFTER}"
)
_BY_CLAUSE = re.compile(
    rf"(?:^|(?<=[,;.\n]))\s*(?:(?:nho|de|co) )?(?P<name>{_CALLED}) {_BUSY}*thay\b{_AFTER}\s*"
    r"(?=$|[,;.\n])"
)
_CUE = (
    r"\b(?:(?:nguoi|ng) (?:truc |bao cao |lam |gui )?thay(?: the)?(?: la)?|nho|giao(?: cho)?"
    r"|ban giao(?: cho)?|uy quyen(?: cho)?)\s*:? "
)
_CUE_ENDS = rf"(?: {_BUSY}*(?:thay|giup|ho|bao cao|truc|lam){_AFTER})?\s*(?=$|[,;.\n])"
_BY_CUE = re.compile(rf"{_CUE}(?P<name>{_CALLED}){_CUE_ENDS}")
_BY_CUE_AND_TITLE = re.compile(
    rf"{_CUE}{_TITLE}\.? (?P<name>[^\W\d_]+(?: {_WORD}){{0,3}}?){_CUE_ENDS}"
)
_REASONS = {
    "phép": re.compile(r"\bphep(?: nam)?\b|(?<=nghi )p\b\.?|(?<=nghi )fep\b"),
    "ốm": re.compile(r"(?<=nghi )(?:om|benh)\b|\b(?:bi|dang) (?:om|benh)\b"),
    "việc riêng": re.compile(r"\bviec (?:rieng|gia dinh|nha)\b"),
    "công tác": re.compile(r"\b(?:di )?cong tac\b"),
    "thai sản": re.compile(r"\bthai san\b"),
    "nghỉ bù": re.compile(r"(?<=nghi )bu\b"),
    "chế độ": re.compile(r"\bche do\b"),
}
_WHY = re.compile(r"\b(?:vi|ly do:?|do) [^,;.\n]*")
_AGREED = re.compile(r"\bdong y\b")
_BACK = re.compile(
    r"\b(?:da |se )?(?:di lam(?: viec)? (?:lai|roi|binh thuong)|lam viec (?:lai|tro lai)"
    r"|tro lai lam(?: viec)?|di lam)\b|\b(?:het|ket thuc|thoi|huy|bo) (?:dot )?nghi(?: phep)?\b"
    r"|\b(?:khong|ko|k) nghi nua\b"
)
_DROP = re.compile(r"(?:thoi|khong|ko|k|huy|huy bo|bo)")
_DENIED = re.compile(r"\b(?:khong|ko|k|chua) (?:the |duoc |phai |co |duoc phep )?nghi\b")
_SELF = re.compile(r"\b(?:e|em|toi|minh|chau|anh|chi|tui)\b")
_FILLER = re.compile(
    r"\b(?:bao cao|o nha|dong chi|e|em|toi|minh|chau|anh|chi|tui|xin|nghi|duoc|se|co|bao|thua|kinh"
    r"|da|vang|a|ah|nhe|nha|thi|la|viec|di|lam|cho|ca|ngay|hom|buoi|va|roi|can|phai|lai|dc|sep"
    r"|cac|gui|bot)\b"
)
_LEAVE_WORD = re.compile(r"\bnghi\b")


def read_leave(said: str, *, today: date, calendar: Calendar) -> Wish:
    """Return what a message says of a leave.

    Args:
        today: from which "mai" and "thứ Sáu" are counted.
    """
    said = one_line(clean(said))
    if _DROP.fullmatch(fold(said).strip(" .!")):
        return Wish(What.DROP, Days())
    stand_in, rest = _stand_in(said)
    reason, rest = _reason(rest)
    agreed, rest = _taken(_AGREED, rest)
    denied = _DENIED.search(fold(rest)) is not None
    back, rest = _taken(_BACK, rest)
    days = read_days(rest, today=today, calendar=calendar)
    if back:
        return Wish(What.BACK, days, agreed=agreed, whole=_known(days.rest, said))
    if denied:
        return Wish(What.UNKNOWN, days)
    own = _SELF.search(fold(rest)) is not None or bool(reason) or stand_in != StandIn()
    meant = _means_leave(said) and days.why is not Why.NO_DAY
    whole = meant and own and _known(days.rest, said)
    return Wish(What.LEAVE, days, stand_in, reason, agreed, whole)


def is_about_leave(said: str, *, today: date, calendar: Calendar) -> bool:
    """Whether a message without the command is wholly about the speaker's own leave."""
    said = clean(said)
    if len(said) > _LONGEST or "\n" in said:
        return False
    folded = fold(said)
    if not (_LEAVE_WORD.search(folded) or _BACK.search(folded)):
        return False
    return read_leave(said, today=today, calendar=calendar).whole


def _means_leave(said: str) -> bool:
    """Whether "nghỉ" itself is there, and not "đề nghị", "nghĩ" or "nghi ngờ"."""
    folded = fold(said)
    return any(
        said[found.start() : found.end()].lower() in ("nghỉ", "nghi")
        and not _OTHER_NGHI.search(folded[max(0, found.start() - 8) : found.end() + 8])
        for found in _LEAVE_WORD.finditer(folded)
    )


_OTHER_NGHI = re.compile(
    r"\b(?:de|hoi|kien|quyet|huu|tien|thich|chung) nghi\b"
    r"|\bnghi (?:ngo|quyet|dinh|van|nhiem|benh|vien|le|luc)\b"
)


def _known(rest: str, said: str) -> bool:
    """Whether nothing but words that say no more is left."""
    if _OTHER_NGHI.search(fold(said)) or re.search(r"ngh[ịĩ]", said.lower()):
        return False
    left = _FILLER.sub(" ", fold(rest))
    return not re.sub(r"[\s,.;:!()]+", "", left)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[bool, str]:
    """Whether the pattern is there, and the text with blanks in its place."""
    found = pattern.search(fold(text))
    return (True, _without(text, found)) if found else (False, text)


def _without(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + " " * (found.end() - found.start()) + text[found.end() :]


def _reason(text: str) -> tuple[str, str]:
    for reason, pattern in _REASONS.items():
        if found := pattern.search(fold(text)):
            return reason, _taken(_WHY, _without(text, found))[1]
    return "", _taken(_WHY, text)[1]


def _stand_in(said: str) -> tuple[StandIn, str]:
    """Return who is to stand in, and the text without it: "chị Mai thay" names no day."""
    folded = fold(said)
    if found := _NUMBERED.search(folded):
        return StandIn(number=int(found[1])), _without(said, found)
    if found := _NOBODY.search(folded):
        return StandIn(nobody=True), _without(said, found)
    for pattern in (_BY_DEPUTY, _TO_DEPUTY):
        if found := pattern.search(folded):
            return StandIn(deputy=True), _without(said, found)
    for pattern in (_BY_TITLE, _BY_CLAUSE, _BY_CUE_AND_TITLE, _BY_CUE):
        if found := pattern.search(folded):
            name = said[found.start("name") : found.end("name")]
            return StandIn(name=name.strip()), _without(said, found)
    return _by_capitals(said)


_CAPITALS = re.compile(
    r"(?P<name>(?:[^\W\d_a-zđ]\w+ ?){1,4}) ?(?:\w+ ){0,2}?(?:trực |làm |báo cáo )?thay\b"
    r"(?: (?:em|tôi|mình|thế))?"
)


def _by_capitals(said: str) -> tuple[StandIn, str]:
    """ "mai em nghỉ Hoa thay": a name by its capital letter, not at the beginning."""
    found = _CAPITALS.search(said)
    if found is None or not found["name"][0].isupper() or found.start() == 0:
        return StandIn(), said
    return StandIn(name=found["name"].strip()), _without(said, found)
