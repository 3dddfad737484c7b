"""What a line of a message is as a whole: a greeting or heading, one that names a field."""

import re
from datetime import date

from bot.core.form import Form, Kind
from bot.core.speech import Sort
from bot.core.text import fold
from bot.core.tokens import Token, tokens_of
from bot.core.values import Unclear, Why

TITLE = frozenset({Sort.FILLER, Sort.TODAY, Sort.PLACE, Sort.DAY, Sort.NTH, Sort.OTHER_NUMBER})
_GREETINGS = frozenset(
    {"em", "chao", "kinh", "kinh gui", "gui", "anh", "chi", "anh chi", "cam on", "tran trong"}
    | {"xin", "vang", "ok", "a", "nhe", "thua", "lanh dao", "bac", "cac bac", "het"}
)
_MARKS = (Sort.UNKNOWN, Sort.COLON, Sort.COMMA, Sort.STOP, Sort.SLASH)


def names_in(line: str, form: Form) -> bool:
    """Whether a line names a field; "đến" names one only before a day."""
    tokens = tokens_of(line, form)
    for n, token in enumerate(tokens):
        asked = token.meaning.answers if token.meaning else None
        day = asked is not None and asked.kind is Kind.DAY
        behind = tokens[n + 1 : n + 2]
        leads = any(t.sort in (Sort.DAY, Sort.COLON) or t.day_too for t in behind)
        if is_name(token) and (leads or not day):
            return True
    return False


def labels_in(line: str, form: Form) -> bool:
    """Whether a line names a field that is no figure."""
    return any(token.sort is Sort.LABEL for token in tokens_of(line, form))


def is_heading(line: str, form: Form) -> bool:
    """Whether a line greets or says whose report follows, and of which day."""
    tokens = tokens_of(line, form)
    if not tokens or not all(t.sort in (*TITLE, *_MARKS) or t.day_too for t in tokens):
        return False
    plain = all(t.sort in (Sort.FILLER, Sort.TODAY, *_MARKS[1:]) for t in tokens)
    greets = plain and any(fold(line[t.start : t.end]) in _GREETINGS for t in tokens)
    dated = any(t.sort is Sort.DAY for t in tokens) and all(
        t.sort in (Sort.DAY, Sort.FILLER, *_MARKS[1:]) for t in tokens
    )
    names_unit = tokens[0].sort is Sort.PLACE and tokens[-1].sort is Sort.COLON
    return greets or dated or names_unit or any(_reports(line, t) for t in tokens)


def other_day(line: str, form: Form, day: date) -> list[Unclear]:
    """Return a doubt when a heading names another day than the one that is reported."""
    dates = [t for t in tokens_of(line, form) if t.sort is Sort.DAY or t.day_too]
    said = {day_and_month(line[t.start : t.end]) for t in dates} - {None}
    return [Unclear(line, Why.OTHER_DAY)] if said and (day.day, day.month) not in said else []


def day_and_month(said: str) -> tuple[int, int] | None:
    """Return day and month of "ngày 07/4/2020"; None for "ngày 7"."""
    day, month, *_ = *map(int, re.findall("[0-9]+", said)), 0, 0
    return (day, month) if month else None


def _reports(line: str, token: Token) -> bool:
    return fold(line[token.start : token.end]) in ("bc", "bao cao")


def is_name(token: Token) -> bool:
    """Whether a token names a field, and is not only what is counted: "hồ sơ"."""
    unit = token.meaning is not None and token.meaning.unit
    return token.sort in (Sort.TERM, Sort.LABEL) and not unit
