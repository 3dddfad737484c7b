"""Numbers as people type them: in figures, with marks of thousands, or in words."""

import re
from collections.abc import Sequence

_NUMERAL = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3}(?:\1[0-9]{3})*)|[0-9]{1,9}")
_DIGITS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
    "chín": 9, "mot": 1, "bon": 4, "bay": 7, "chin": 9,
}  # fmt: skip
# Without diacritics these are also "later", "temporary", "male": "hai muoi sau" is still a number.
_BEHIND_TEN = {
    **{k: v for k, v in _DIGITS.items() if k != "năm"},
    "mốt": 1, "tư": 4, "lăm": 5, "nhăm": 5, "tu": 4, "lam": 5, "nham": 5, "sau": 6, "tam": 8,
}  # fmt: skip
_ONLY_BEHIND_TEN = ("mốt", "tư", "lăm", "nhăm")
_TWENTY = ("hăm", "ham")
# Nor can they be anything but tens in "sau muoi bay", 67.
BEFORE_TEN = {"nam": 5, "sau": 6, "tam": 8}
_AFTER_DIGIT = ("mươi", "muoi")
_TENS = ("mười", "mươi", "muoi")
_DOZEN = ("chục", "chuc")
_HUNDRED = ("trăm", "tram")
_THOUSAND = ("nghìn", "ngàn", "nghin", "ngan")
_ODD = ("linh", "lẻ", "le")
_HALF = ("rưỡi", "ruoi")


def numeral(said: str) -> int | None:
    """Return the whole number of "12", "1.234" or "1,234"; None for "3,5", "0.123" or "1.23"."""
    return int(re.sub("[.,]", "", said)) if _NUMERAL.fullmatch(said) else None


def spelled(words: Sequence[str]) -> tuple[int, int]:
    """Return the number that the words begin with, and how many of them say it; (0, 0) for none.

    Words are NFC in lower case, with or without diacritics. What means two numbers is none: "một
    trăm năm" is 105 as well as 150, "hai mươi năm" is twenty years as well as a slip for "lăm".
    """
    value, used = _hundreds(words)
    if not used or _at(words, used) not in _THOUSAND:
        return value, used
    if _at(words, used + 1) in _HALF:
        return value * 1000 + 500, used + 2
    more, behind = _hundreds(words[used + 1 :])
    if behind == 1 and more < 10:
        return 0, 0
    return value * 1000 + more, used + 1 + behind


def _hundreds(words: Sequence[str]) -> tuple[int, int]:
    digit = _DIGITS.get(_at(words, 0))
    if digit is None or _at(words, 1) not in _HUNDRED:
        return _below_hundred(words)
    if _at(words, 2) in _HALF:
        return digit * 100 + 50, 3
    if _at(words, 2) in _ODD:
        odd = _BEHIND_TEN.get(_at(words, 3)) or _DIGITS.get(_at(words, 3))
        return (digit * 100 + odd, 4) if odd else (0, 0)
    more, behind = _below_hundred(words[2:])
    if behind == 1 and more < 10:
        unit = _DIGITS.get(_at(words, 3))
        # "một trăm hai bảy" is 127; of "một trăm hai" nobody knows.
        return (digit * 100 + more * 10 + unit, 4) if unit and more > 1 else (0, 0)
    return digit * 100 + more, 2 + behind


def _below_hundred(words: Sequence[str]) -> tuple[int, int]:
    if _at(words, 0) in BEFORE_TEN and _at(words, 1) in _AFTER_DIGIT:
        return _behind(BEFORE_TEN[words[0]] * 10, words, 2)
    digit = _DIGITS.get(_at(words, 0))
    if _at(words, 0) in _TWENTY:
        tens, used = _behind(20, words, 1)
        return (tens, used) if used > 1 else (0, 0)
    if digit is None:
        return _behind(10, words, 1) if _at(words, 0) in _TENS else (0, 0)
    if digit > 1 and _at(words, 1) in _ONLY_BEHIND_TEN:
        # "hai mốt", "ba lăm": ten is left out, and nothing else can be meant.
        return digit * 10 + _BEHIND_TEN[_at(words, 1)], 2
    if _at(words, 1) in _TENS:
        return _behind(digit * 10, words, 2)
    if _at(words, 1) in _DOZEN:
        half = _at(words, 2) in _HALF
        return (digit * 10 + 5, 3) if half else (digit * 10, 2)
    return digit, 1


def _behind(tens: int, words: Sequence[str], used: int) -> tuple[int, int]:
    """Return tens with the digit behind them, if there is one."""
    said = _at(words, used)
    if said in ("năm", "nam"):
        return 0, 0
    digit = _BEHIND_TEN.get(said)
    return (tens + digit, used + 1) if digit else (tens, used)


def _at(words: Sequence[str], n: int) -> str:
    return words[n] if n < len(words) else ""


def ends_in_tens(word: str) -> bool:
    """Whether a number in words that ends with this word may go on with a digit: "ba mươi"."""
    return word in _TENS


NUMBER_WORDS = frozenset(
    {*_DIGITS, *_BEHIND_TEN, *BEFORE_TEN, *_TENS, *_DOZEN, *_HUNDRED, *_THOUSAND, *_HALF, *_TWENTY}
)
"""All words of numbers, as they are written with or without diacritics."""


def digit_words() -> frozenset[str]:
    """Return the words of digits behind tens."""
    return frozenset(_BEHIND_TEN)


def begins_number(words: Sequence[str]) -> bool:
    """Whether the first of some words may begin a number in words."""
    tens = _at(words, 0) in BEFORE_TEN and _at(words, 1) in _AFTER_DIGIT
    return tens or is_number_word(_at(words, 0))


def is_number_word(word: str) -> bool:
    """Whether a word in lower case is part of numbers in words."""
    return word in _DIGITS or word in (
        *_TENS,
        *_DOZEN,
        *_HUNDRED,
        *_THOUSAND,
        "tư",
        "lăm",
        "mốt",
        "hăm",
    )
