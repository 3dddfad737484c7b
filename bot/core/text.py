"""Text as people type it: cleaning, folding for comparison, measuring, and Vietnamese numbers."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from functools import lru_cache

# Some keyboards give full-width letters, figures and marks: "１２：" is meant as "12:".
_PLAIN_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_GAP = re.compile(r" {3,}")
_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){8,10}(?!\d)")


def clean(text: str) -> str:
    """Return text in NFC without control, zero-width, bidirectional or unassigned characters.

    Line breaks become "\\n"; other white space becomes a single space, but tabs stay, which part
    the cells of a table, and wide gaps become tabs where a line has several; outer space goes.
    Full-width letters, figures and marks become the plain ones.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_PLAIN_WIDTH)
    visible = "".join(map(_visible, text))
    lines = unicodedata.normalize("NFC", visible).split("\n")
    cells = ((" ".join(cell.split()) for cell in _cells(line)) for line in lines)
    return "\n".join("\t".join(line).strip() for line in cells).strip()


def _cells(line: str) -> list[str]:
    """Return the parts of a line that tabs, or several wide gaps as in a table, keep apart."""
    line = line.strip()
    gaps = _GAP.findall(line)
    columns = len(gaps) > 1 or (gaps and line.count(":") > 1)
    return _GAP.split(line) if columns and "\t" not in line else line.split("\t")


@lru_cache(maxsize=1024)
def _visible(letter: str) -> str:
    """Return the letter, a space for a control character, nothing for what has no width.

    A control character parts what it stands between: without it "5" and "3" would be 53.
    """
    if letter in "\n\t":
        return letter
    category = unicodedata.category(letter)
    if category == "Cc":
        return " "
    return "" if category.startswith("C") else letter


def one_line(text: str) -> str:
    """Return cleaned text with its lines joined by single spaces."""
    return " ".join(clean(text).split())


def fold(text: str) -> str:
    """Return NFC text in lower case without diacritics, one letter for each letter of the input.

    The length never changes, so that a place found in the folded text is the same place in the
    original: `fold("Hoà Bình") == "hoa binh"`.
    """
    return "".join(map(_fold_letter, text))


@lru_cache(maxsize=1024)
def _fold_letter(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    # ð and its capital are typed for đ, to which they look alike.
    if letter in "đĐðÐ":
        return "d"
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, by which messengers count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, limit: int) -> str:
    """Return text cut at a word to at most `limit` UTF-16 units, with "…" where it was cut."""
    if utf16_length(text) <= limit:
        return text
    cut = _beginning(text, limit - 1)
    cut = cut.rsplit(" ", 1)[0] if " " in cut else cut
    return cut.rstrip(" ,;.") + "…"


def _beginning(text: str, limit: int) -> str:
    """Return the longest beginning of at most `limit` UTF-16 units."""
    units = 0
    for at, letter in enumerate(text):
        units += utf16_length(letter)
        if units > limit:
            return text[:at]
    return text


def split_parts(text: str, limit: int) -> list[str]:
    """Return text in parts of at most `limit` UTF-16 units, cut between lines where possible.

    More than one part is numbered "(1/n)" on a line of its own; the numbering is within the limit.
    """
    if utf16_length(text) <= limit:
        return [text]
    room = limit - len("(99/99)\n")
    parts: list[str] = []
    for line in text.split("\n"):
        for piece in _pieces(line, room):
            joined = f"{parts[-1]}\n{piece}" if parts else piece
            if parts and utf16_length(joined) <= room:
                parts[-1] = joined
            else:
                parts.append(piece)
    return [f"({n}/{len(parts)})\n{part}" for n, part in enumerate(parts, 1)]


def _pieces(line: str, limit: int) -> Iterable[str]:
    """Yield the line, or pieces of it that each fit in `limit` UTF-16 units, at least 2."""
    while utf16_length(line) > limit:
        piece = _beginning(line, limit)
        yield piece
        line = line[len(piece) :]
    yield line


def is_phone(text: str) -> bool:
    """Whether a cleaned text is a Vietnamese telephone number and nothing else."""
    return _PHONE.fullmatch(text) is not None


def mask_phones(text: str) -> str:
    """Return text in which the inner digits of phone-like numbers are hidden.

    Remarks are posted to groups; a citizen's number must not travel with them.
    """
    return _PHONE.sub(lambda found: f"{found.group()[:3]}…{found.group()[-2:]}", text)


def number(value: int) -> str:
    """Return a count as Vietnamese offices print it: 1.234."""
    return f"{value:,}".replace(",", ".")


def percent(part: int, whole: int) -> str:
    """Return part ÷ whole in percent with at most one decimal, rounded half up: 92,5%.

    A share that is not quite whole never shows as 100%, and one above nothing never as 0%.

    Raises:
        ValueError: there is no whole to take a share of.
    """
    if whole <= 0:
        raise ValueError("a share needs a whole above zero")
    tenths = (part * 2000 + whole) // (2 * whole)
    if part < whole:
        tenths = min(tenths, 999)
    if part > 0:
        tenths = max(tenths, 1)
    units, tenth = divmod(tenths, 10)
    return f"{number(units)},{tenth}%" if tenth else f"{number(units)}%"


def signed(value: int) -> str:
    """Return a change with its sign: +12, -3, or 0."""
    return f"{'+' if value > 0 else '-' if value < 0 else ''}{number(abs(value))}"


def day_short(day: date) -> str:
    """Return a day as people write it in chat: 15/4."""
    return f"{day.day}/{day.month}"


def day_full(day: date) -> str:
    """Return a day with its year: 15/4/2020."""
    return f"{day.day}/{day.month}/{day.year}"


def day_official(day: date) -> str:
    """Return a day as official papers write it: "ngày 05 tháng 01 năm 2020".

    Days below 10 and months 1 and 2 take a leading zero.

    Source: Nghị định 30/2020/NĐ-CP, Phụ lục I, Phần I, mục II.4.
    """
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def weekday(day: date) -> str:
    """Return the Vietnamese name of the day of the week: "thứ Tư", "Chủ nhật"."""
    names = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
    return names[day.weekday()]


def clock(moment: datetime | time) -> str:
    """Return a local time as offices write it: 16h30."""
    return f"{moment.hour}h{moment.minute:02}"
