"""A line of a message cut into what means something: figures, words of the form, marks."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.core.form import Form
from bot.core.lexicon import Lexicon, Meaning, lexicon_of, one_slip, one_vowel, raw_words
from bot.core.numerals import (
    BEFORE_TEN,
    begins_number,
    digit_words,
    ends_in_tens,
    is_number_word,
    numeral,
    spelled,
)
from bot.core.speech import Sort
from bot.core.text import fold

_MARKS = {
    ",": Sort.COMMA,
    ";": Sort.SEMICOLON,
    "|": Sort.CELL,
    "\t": Sort.CELL,
    ".": Sort.STOP,
    "!": Sort.STOP,
    "•": Sort.STOP,
    "·": Sort.STOP,
    ":": Sort.COLON,
    "=": Sort.COLON,
    "(": Sort.OPENS,
    "[": Sort.OPENS,
    ")": Sort.CLOSES,
    "]": Sort.CLOSES,
    "/": Sort.SLASH,
    "→": Sort.BECOMES,
    "~": Sort.ABOUT,
    "≈": Sort.ABOUT,
    "+": Sort.FILLER,
    **dict.fromkeys("_…*\"'“”‘’&#@^`<>", Sort.FILLER),
}
_LONGEST_SHORT_FORM = 2
_SHORTEST_SLIP = 3
_DASHES = "-–—−"
_ALARMS = "❗⚠‼❌🚫🆘"
_PERCENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?\s?%")
_DAY = re.compile(
    r"(?:(?:ngay|hom) )?[0-9]{1,2}([/.-])[0-9]{1,2}\1(?:20[0-9]{2})(?![0-9/])"
    r"|(?:ngay|hom) [0-9]{1,2}[/.-][0-9]{1,2}(?![0-9/])"
    r"|(?:ngay|hom) [0-9]{1,2} thang [0-9]{1,2}(?: nam [0-9]{4})?(?![0-9])"
)
_BEFORE_DAY = ("ngay", "hom", "sang", "trua", "chieu", "toi")
_PART_OF_DAY = re.compile(r"(?:sang|trua|chieu|toi) [0-9]{1,2}[/.-][0-9]{1,2}(?![0-9/])")
_DAY_BEHIND = re.compile(r" [0-9]{1,2}[/.-][0-9]{1,2}(?![0-9/])")
_DAY_OF_MONTH = re.compile(r"(?:ngay|hom) [0-9]{1,2}(?![0-9/.,]*[0-9])")
_OTHER_NUMBER = re.compile(
    r"(?:\+84|0)(?:[ .-]?[0-9]){8,10}(?![0-9])"  # a telephone
    r"|[0-9]{1,2} ?(?:h|g|gio|:) ?[0-9]{2}(?!\w)|[0-9]{1,2} ?(?:h|gio)(?!\w)"
    r"|[0-9][0-9.,]* ?(?:dong(?! chi)|trieu|vnd|ty|nghin dong|k vnd)(?!\w)|[0-9][0-9.,]*d(?![\w/])"
    r"|[0-9]{1,3}(?:[.,][0-9]{3})+ d(?![\w/]|\.\w)"
)
_DOCUMENT = re.compile(r"[0-9]+(?:/20[0-9]{2})?/[A-ZĐ][\w&]*(?:-[\w&]+)*")
_FIGURES = re.compile(r"[0-9]+(?:[.,][0-9]+)*(?: ?/ ?[0-9]+(?:[.,][0-9]+)*)*")
_PAIR_AHEAD = re.compile(r"[^,;.()\n]*[0-9] ?/ ?[0-9]")
_BULLET = re.compile(
    r"[^\w(\[❗⚠‼❌🚫🆘-]*(?:-\s+|\+\s*)?(?:(?:[0-9]{1,2}|[a-h]|[ivx]{1,4})\s?[.)/](?:\s+|(?=[^\W\d])))?"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line.

    Attributes:
        start, end: its place.
        values: of a number, what it says; several where slashes part them.
        day_too: two numbers that may as well be a date.
        meaning: of a phrase.
    """

    sort: Sort
    start: int
    end: int
    values: tuple[int, ...] = ()
    day_too: bool = False
    meaning: Meaning | None = None


@lru_cache(maxsize=256)
def tokens_of(line: str, form: Form) -> tuple[Token, ...]:
    """Return the tokens of one cleaned line; a bullet or number before it is left out."""
    return tuple(_Cutter(line, lexicon_of(form)).cut())


class _Cutter:
    """Cuts one line; `_at` is the number of the word that is next."""

    def __init__(self, line: str, lexicon: Lexicon) -> None:
        self._line = line
        self._folded = fold(line)
        self._raw = raw_words(self._folded)
        self._words = [one_vowel(found.group()) for found in self._raw]
        self._typed = [line[found.start() : found.end()].lower() for found in self._raw]
        self._lexicon = lexicon
        self._at = 0
        self._counting = False  # a figure, or "không", stands ahead in the clause

    def cut(self) -> Iterator[Token]:
        self._pass_over(_BULLET.match(self._folded))
        before: Token | None = None
        while self._at < len(self._raw):
            token = self._next(before)
            yield token
            before = token
            self._counting = token.sort in _COUNTS or (
                self._counting and token.sort not in _ENDS_COUNTING
            )

    def _next(self, before: Token | None) -> Token:
        return (
            self._of_digits(before)
            or self._of_number_words(before)
            or self._phrase(before)
            or self._mark(before)
        )

    def _of_digits(self, before: Token | None) -> Token | None:
        """Return a number, or what only looks like one: a date, an hour, a telephone."""
        start = self._raw[self._at].start()
        if self._is_plain_word():
            return None
        dated = self._dated(start, before)
        if dated:
            return self._until(dated.end(), Sort.DAY)
        if signed := self._signed(start):
            return signed
        if not self._words[self._at][0].isdigit():
            return None
        if found := _PERCENT.match(self._folded, start):
            whole = found.group().rstrip("% ") == "100"
            return replace(self._until(found.end(), Sort.PERCENT), values=(100,) if whole else ())
        if found := _OTHER_NUMBER.match(self._folded, start) or _DOCUMENT.match(self._line, start):
            return self._until(found.end(), Sort.OTHER_NUMBER)
        found = _FIGURES.match(self._folded, start)
        if found is None or self._glued(found):
            return self._until(found.end(), Sort.BAD) if found else None
        return self._number(found, before)

    def _dated(self, start: int, before: Token | None) -> re.Match[str] | None:
        """Return a date that begins here: "ngày 8", "14/4/2020", "chiều 14/4"."""
        if dated := _DAY.match(self._folded, start) or self._day_of_month(start):
            return dated
        heads = before is None or before.sort in _AHEAD_OF_DAY
        return _PART_OF_DAY.match(self._folded, start) if heads else None

    def _is_plain_word(self) -> bool:
        word = self._words[self._at]
        return word.isalpha() and word not in _BEFORE_DAY

    def _signed(self, start: int) -> Token | None:
        """Return "-5", "+5" or ".5", which are no counts."""
        sign, digit = self._folded[start], self._folded[start + 1 : start + 2]
        ahead = self._folded[start - 1 : start] if start else " "
        if sign not in f"{_DASHES}+." or not digit.isdigit() or (sign == "." and ahead.isalnum()):
            return None
        if sign == "+" and digit == "8":
            return None  # a telephone
        found = _FIGURES.match(self._folded, start + 1)
        return self._until(found.end(), Sort.BAD) if found else None

    def _day_of_month(self, start: int) -> re.Match[str] | None:
        """Return "ngày 8", unless what is counted follows: "trong ngày 12 hồ sơ"."""
        found = _DAY_OF_MONTH.match(self._folded, start)
        if found is None:
            return None
        behind = self._lexicon.at(self._words, self._at + 2)
        return None if behind and behind[0].unit else found

    def _glued(self, found: re.Match[str]) -> bool:
        """Whether what stands at a number makes it another one: "12-13", "12k", "5?"."""
        end = found.end()
        behind = self._folded[end : end + 1]
        ranges = behind in _DASHES and self._folded[end + 1 : end + 2].isdigit()
        letters = behind.isalpha() and not self._unit_at(end)
        return bool(behind) and (behind == "?" or ranges or letters)

    def _unit_at(self, place: int) -> bool:
        at = next((n for n, raw in enumerate(self._raw) if raw.start() == place), len(self._raw))
        behind = self._lexicon.at(self._words, at)
        named = behind is not None and bool(behind[0].fields) and len(self._words[at]) > 1
        return named or (behind is not None and behind[0].unit)

    def _number(self, found: re.Match[str], before: Token | None) -> Token:
        said = re.split(r" ?/ ?", found.group())
        values = tuple(numeral(part) for part in said)
        token = self._until(found.end(), Sort.NUMBER)
        if any(value is None for value in values):
            return replace(token, sort=Sort.BAD)
        named = before is not None and before.sort is Sort.NTH
        if named or (len(values) == 1 and self._counts_time()):
            return replace(token, sort=Sort.OTHER_NUMBER)
        day_too = len(values) == 2 and 1 <= (values[0] or 0) <= 31 and 1 <= (values[1] or 0) <= 12
        heads = before is not None and before.sort is Sort.TODAY
        if day_too and heads and _PAIR_AHEAD.match(self._folded, token.end):
            return replace(token, sort=Sort.DAY)  # "hnay 8/4 trực 3/7"
        return replace(token, values=tuple(v for v in values if v is not None), day_too=day_too)

    def _counts_time(self) -> bool:
        """Whether what is counted behind a number is no figure of a form: "1 buổi", "3 máy"."""
        behind = self._lexicon.at(self._words, self._at)
        return behind is not None and Sort.DURATION in behind[0].sorts and not behind[0].fields

    def _of_number_words(self, before: Token | None) -> Token | None:
        """Return a number in words, where it can be nothing else."""
        typed = self._typed[self._at :]
        if typed[0] in BEFORE_TEN and self._is_counted(before):
            return replace(self._take(1, Sort.NUMBER), values=(BEFORE_TEN[typed[0]],))
        if not begins_number(typed):
            return None
        value, used = spelled(typed)
        if used == 0 or self._behind_tens():
            run = next((n for n, word in enumerate(typed) if not is_number_word(word)), len(typed))
            return self._take(run, Sort.BAD) if used or run > 1 else None
        behind = self._at + used
        if used == 1 and not (self._leads_to_number(before) and self._ends_number(behind)):
            return None
        if used == 1 and self._lexicon.at(self._words, self._at) and self._longer_phrase():
            return None
        if ends_in_tens(typed[used - 1]) and self._nearly_digit(behind):
            return self._take(used + 1, Sort.BAD)
        token = self._take(used, Sort.NUMBER)
        if self._counts_time():
            return replace(token, sort=Sort.OTHER_NUMBER)
        return replace(token, values=(value,))

    def _is_counted(self, before: Token | None) -> bool:
        """Whether a word stands between a figure and what it counts: "qua mang nam ho so"."""
        behind = self._lexicon.at(self._words, self._at + 1)
        if behind is None or before is None or before.sort is not Sort.TERM:
            return False
        named = before.meaning.fields if before.meaning else frozenset()
        return behind[0].unit and bool(named & behind[0].fields)

    def _nearly_digit(self, at: int) -> bool:
        """Whether a word is a digit but for one letter: "ba mươi chi" may be 39."""
        word = self._words[at] if at < len(self._words) else ""
        found = self._lexicon.at(self._words, at)
        counted = found is not None and (found[0].unit or bool(found[0].fields))
        slips = (one_slip(word, fold(digit)) for digit in digit_words())
        return len(word) >= _SHORTEST_SLIP and not counted and any(slips)

    def _behind_tens(self) -> bool:
        """Whether what stands before a number may be its tens: "mời bảy", "sáu mơi bảy"."""
        before = self._typed[self._at - 1] if self._at else ""
        tens = one_slip(fold(before), "muoi") and not self._lexicon.spells(before)
        return tens and self._typed[self._at] in digit_words()

    def _longer_phrase(self) -> bool:
        found = self._lexicon.at(self._words, self._at)
        return found is not None and found[1] > 1

    def _leads_to_number(self, before: Token | None) -> bool:
        unknown = before is not None and before.sort in (Sort.UNKNOWN, Sort.NTH, Sort.PLACE)
        return not unknown

    def _ends_number(self, at: int) -> bool:
        """Whether a single word of a number is followed by what is counted, or by a mark."""
        if at >= len(self._words) or self._words[at] in _MARKS:
            return True
        found = self._lexicon.at(self._words, at)
        return found is not None and (
            found[0].unit or bool(found[0].fields) or Sort.OF in found[0].sorts
        )

    def _phrase(self, before: Token | None) -> Token | None:
        if self._words[self._at] in _MARKS:
            return None
        found = self._lexicon.at(self._words, self._at, self._typed)
        if found is None:
            return None
        meaning, length = found
        if self._words[self._at] == "sua" and length == 1 and not self._corrects():
            return self._take(1, Sort.UNKNOWN)  # "đang chờ sửa"
        if length == 1 and self._names_office(before):
            return self._take(1, Sort.PLACE)
        if Sort.TERM in meaning.sorts and meaning.sorts & _OTHERWISE:
            meaning = self._in_company(meaning, length, before)
        if self._is_name(before, meaning, length):
            return self._take(length, Sort.UNKNOWN)
        counts = (
            Sort.NTH in meaning.sorts and not meaning.fields and self._digit_at(self._at + length)
        )
        token = self._take(length, Sort.NTH if counts else _sort(meaning))
        return replace(token, meaning=meaning)

    def _names_office(self, before: Token | None) -> bool:
        """Whether a short form is part of a name: "TT Hương Canh", "Sở TN&MT", "phòng CC"."""
        word = self._words[self._at]
        if len(word) > _LONGEST_SHORT_FORM or not word.isalpha():
            return False
        if word == "tt":
            return not self._beside_number(before)
        beside = (self._at + 1 < len(self._words) and self._words[self._at + 1] == "&") or (
            self._at > 0 and self._words[self._at - 1] == "&"
        )
        office = before is not None and before.sort is Sort.PLACE
        return beside or (office and not self._beside_number(before))

    def _is_name(self, before: Token | None, meaning: Meaning, length: int) -> bool:
        """Whether a word goes on with a name: "xã Ngọc Thanh" is not "thành".

        A word of the form is part of a name only if it is spelled otherwise: "xã Nhân Đạo" has
        nothing to do with "nhận", but "UBND xã Nhận trực tiếp 5" has.
        """
        if length > 1:
            # "phường Dong Xuâ" is not "đóng cửa"
            said = tuple(self._words[self._at : self._at + length])
            place = before is not None and before.sort is Sort.PLACE
            return place and bool(meaning.option) and said not in self._lexicon.phrases
        start = self._raw[self._at].start()
        capital = self._line[start].isupper() and not self._line.isupper()
        if meaning.fields:
            exact = self._lexicon.spells(self._typed[self._at])
            if not capital or exact or before is None:
                return False
            # "Van Truc hom nay …" begins with the name of the unit.
            begins = before.start == 0 and self._line[0].isupper()
            return before.sort is Sort.PLACE or (begins and not self._digit_at(self._at + 1))
        return capital and before is not None and before.sort in (Sort.PLACE, Sort.UNKNOWN)

    def _corrects(self) -> bool:
        """Whether what is corrected stands behind: "sửa trực tiếp 6", "sửa: 6"."""
        behind = self._lexicon.at(self._words, self._at + 1)
        named = behind is not None and bool(behind[0].fields or behind[0].answers)
        colon = self._at + 1 < len(self._words) and self._words[self._at + 1] in ":=)"
        return named or colon or self._digit_at(self._at + 1)

    def _in_company(self, meaning: Meaning, length: int, before: Token | None) -> Meaning:
        """Return what a word of the form means that is also an everyday word.

        Beside a figure it names it, else it says nothing of one: "chậm 2", "2 đc", "mạng chậm".
        """
        ahead = before is not None and before.sort is Sort.NUMBER
        strange = before is not None and before.sort is Sort.UNKNOWN
        # "BC 16/4" is a report of that day, not what came by post.
        dated = _DAY_BEHIND.match(self._folded, self._raw[self._at + length - 1].end())
        names = (
            ahead
            if meaning.unit
            else not (strange or dated) and (self._counting or self._beside_number(before, length))
        )
        if names:
            return replace(meaning, sorts=frozenset({Sort.TERM}))
        other = meaning.sorts - {Sort.TERM}
        return replace(meaning, sorts=other, fields=frozenset(), unit=False, part="")

    def _beside_number(self, before: Token | None, length: int = 1) -> bool:
        """Whether a number stands beside a short form: "TT: 16", "tt 6 hs", "5 tt"."""
        unit = before is not None and before.meaning is not None and before.meaning.unit
        if before and (before.sort is Sort.NUMBER or (unit and self._counting)):
            return True
        at = self._at + length
        while at < len(self._words):
            if self._words[at] in (":", "=", "la", "-", "|", "/", "co", "duoc"):
                at += 1
                continue
            found = self._lexicon.at(self._words, at)
            if found and found[0].unit:
                at += found[1]
                continue
            none = found is not None and Sort.NONE in found[0].sorts
            # "TT online": the first word is another channel, or payments.
            short = self._words[self._at] == "tt"
            channel = short and found is not None and Sort.TERM in found[0].sorts
            return none or channel or self._digit_at(at) or is_number_word(self._typed[at])
        return False

    def _digit_at(self, at: int) -> bool:
        return at < len(self._words) and self._words[at][0].isdigit()

    def _mark(self, before: Token | None) -> Token:
        word, start = self._words[self._at], self._raw[self._at].start()
        if word in _DASHES:
            return self._dash(before, start)
        if word == "/" and self._parts_figures(before):
            return self._take(1, Sort.COMMA)
        if word in "+=" and self._parts_sum(before):
            return self._take(1, Sort.COMMA)
        if word == "→" and self._leads_to_figure(before):
            return self._take(1, Sort.COLON)
        if word in _MARKS:
            return self._take(1, _MARKS[word])
        if word in _ALARMS:
            return self._take(1, Sort.ALARM)
        symbol = unicodedata.category(word[0])
        if symbol in ("So", "Sk", "Mn", "Sm"):
            return self._take(1, Sort.STOP if symbol == "So" else Sort.FILLER)
        return self._take(1, Sort.UNKNOWN)

    def _dash(self, before: Token | None, start: int) -> Token:
        """Return a dash as what it parts: clauses, or a name and its figure."""
        if self._folded.startswith("->", start):
            return self._take(2, Sort.COLON if self._leads_to_figure(before) else Sort.BECOMES)
        number = self._digit_at(self._at + 1) or (
            self._at + 1 < len(self._typed) and is_number_word(self._typed[self._at + 1])
        )
        named = before is not None and before.sort in (Sort.TERM, Sort.LABEL)
        return self._take(1, Sort.COLON if number and named else Sort.COMMA)

    def _parts_sum(self, before: Token | None) -> bool:
        """Whether a sign stands in a sum: "10 trực tiếp + 8 online = 18", "15 = 14 quầy + 1"."""
        named = before is not None and before.sort in (Sort.NUMBER, Sort.TERM)
        return named and self._counting and self._digit_at(self._at + 1)

    def _parts_figures(self, before: Token | None) -> bool:
        """Whether a slash stands between figures with their names: "tt 7 / online 3"."""
        if before is None:
            return False
        digit = self._digit_at(self._at + 1)
        if digit and _OTHER_NUMBER.match(self._folded, self._raw[self._at + 1].start()):
            return True  # "19 lượt/2.140.000đ"
        if before.sort is Sort.NUMBER:
            return not digit and not begins_number(self._typed[self._at + 1 :])
        behind = self._lexicon.at(self._words, self._at + 2)
        # "2 nhận / 2 xong" is two figures, "2 người trực / 4" is a pair.
        named = behind is not None and bool(behind[0].fields) and not behind[0].unit
        return before.sort is Sort.TERM and self._counting and digit and named

    @staticmethod
    def _leads_to_figure(before: Token | None) -> bool:
        """Whether an arrow stands between a name and its figure: "trực tiếp → 5", not "5 → 6"."""
        return before is not None and before.sort in (Sort.TERM, Sort.LABEL)

    def _take(self, words: int, sort: Sort) -> Token:
        first, last = self._raw[self._at], self._raw[self._at + words - 1]
        self._at += words
        return Token(sort, first.start(), last.end())

    def _until(self, end: int, sort: Sort) -> Token:
        start = self._raw[self._at].start()
        while self._at < len(self._raw) and self._raw[self._at].start() < end:
            self._at += 1
        return Token(sort, start, end)

    def _pass_over(self, bullet: re.Match[str] | None) -> None:
        end = bullet.end() if bullet else 0
        while self._at < len(self._raw) and self._raw[self._at].start() < end:
            self._at += 1


_AHEAD_OF_DAY = frozenset({Sort.PLACE, Sort.FILLER, Sort.UNKNOWN})
_COUNTS = frozenset({Sort.NUMBER, Sort.NONE})
_ENDS_COUNTING = frozenset(
    {Sort.COMMA, Sort.SEMICOLON, Sort.STOP, Sort.CELL, Sort.OPENS, Sort.CLOSES, Sort.UNKNOWN}
    | {Sort.REASON}
)
_OTHERWISE = frozenset({Sort.FILLER, Sort.TROUBLE, Sort.UNKNOWN})
_IN_ORDER = (
    *(Sort.TERM, Sort.OPTION, Sort.LABEL, Sort.NONE, Sort.TOTAL, Sort.INSIDE, Sort.OF, Sort.RATHER),
    Sort.ASTRAY,
    *(Sort.RECTIFY, Sort.BECOMES, Sort.RESPECTIVELY, Sort.ALL, Sort.ELSEWHEN, Sort.TODAY),
    *(
        Sort.ABOUT,
        Sort.REASON,
        Sort.TROUBLE,
        Sort.PLACE,
        Sort.FILLER,
        Sort.UNKNOWN,
        Sort.DURATION,
        Sort.NTH,
    ),
)


def _sort(meaning: Meaning) -> Sort:
    """Return the first sort of a phrase that may be several."""
    return next(sort for sort in _IN_ORDER if sort in meaning.sorts)
