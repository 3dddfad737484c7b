"""Lines that name their fields, "Trực tiếp 5, trực tuyến 3", or number them as the form does."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from bot.core.form import Field, Form, Kind, Value
from bot.core.names import Name, names_in
from bot.core.text import fold
from bot.core.values import (
    Reading,
    Unclear,
    Why,
    count_said,
    ends_in_count,
    is_blank,
    read_value,
    says_none,
)

NUMBERED = re.compile(r"([0-9]{1,2})\s?[.):]\s+(.*)")

_BULLET = re.compile(r"\W*(?:[0-9]{1,2}\s?[.):]\s*)?")
_COURTESY = (
    r"da|a|em|xin|vang|ok|chao|kinh|gui|bc|bao cao|cac|anh|chi|hom nay|cam on|tran trong|het|nhe"
    r"|roi"
)
_INTRODUCTION = rf"{_COURTESY}|thi|la|co|so|so luong|so ho so|don vi|sua|sua lai|dinh chinh|nham"
_POLITE = re.compile(rf"[\W_]*(?:(?:{_COURTESY})(?!\w)[\W_]*)*")
_LEADS_IN = re.compile(rf"[\W_]*(?:(?:{_INTRODUCTION})(?!\w)[\W_]*)*")
_HEADING = re.compile(
    r".*(?<!\w)(?:bao cao|bc)(?!\w).*|ngay [0-9/.-]+\W*"
    r"|(?:xa|phuong|thi tran|huyen|thanh pho|tp|tinh|ubnd) [^:]*:\s*"
)
_DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})\b")
_DATE_OR_HOUR = re.compile(
    r"\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?\b|\b\d{1,2}\s?[hg:](?:\d{2})?\b|\b20\d\d\b"
)
# "1.234" and "20.4" hold no end of a clause: a mark ends one only before a space, and outside of
# brackets.
_CLAUSE = re.compile(r"(?:\s*[;|]\s*|\s*[,.](?:\s+|$)|\s+[-–—]\s+)(?![^()]*\))")
_ANSWER_WITH_BRACKET = re.compile(r"[^(].*\)")
# A dash parts a name from its figure only with a space behind it: "-5" is a number below zero.
_AFTER_NAME = re.compile(r"[\s:=]*(?:[-–—]\s+)?")
_EDGES = " \t,;|.-–—("


def read_lines(lines: Sequence[str], *, form: Form, blanks: Sequence[Field], day: date) -> Reading:
    """Read cleaned lines; each must say by a name or a number to which field it belongs.

    Args:
        blanks: the fields as numbered on the form. A remark that is the only one needs no name.
        day: the reporting day, by which a day without a year is understood.
    """
    return _Reader(form, blanks, day).read(lines)


def names_or_numbers(lines: Iterable[str], form: Form) -> bool:
    """Whether a line names a field, or all of them begin with a number."""
    lines = list(lines)
    named = any(names_in(line, form) for line in lines)
    return named or all(NUMBERED.fullmatch(line) for line in lines)


def answers_by_name(line: str, form: Form, day: date) -> bool:
    """Whether a line names a field and goes on with an answer to it."""
    names = names_in(line, form)
    ends = [*(name.start for name in names[1:]), len(line)]
    said = ((name.fields[0], line[name.end : end]) for name, end in zip(names, ends, strict=False))
    reads = (read_value(asked, _trimmed(rest), form=form, day=day) for asked, rest in said)
    return any(not isinstance(read, Unclear) for read in reads)


def is_heading(line: str) -> bool:
    """Whether a line greets or says whose report follows, and of which day."""
    folded = fold(line)
    return bool(_POLITE.fullmatch(folded) or _HEADING.fullmatch(folded)) and not holds_figures(line)


def other_day(heading: str, day: date) -> list[Unclear]:
    """Return a doubt when a heading names another day than the one that is reported."""
    named = {(int(found[1]), int(found[2])) for found in _DATE.finditer(heading)}
    other = named and (day.day, day.month) not in named
    return [Unclear(heading, Why.OTHER_DAY)] if other else []


def holds_figures(said: str) -> bool:
    """Whether there are figures besides the dates and hours of a heading: "ngày 15/4"."""
    return any(map(str.isdigit, _DATE_OR_HOUR.sub("", said)))


class _Reader:
    """Reads one message, line by line."""

    def __init__(self, form: Form, blanks: Sequence[Field], day: date) -> None:
        self._form = form
        self._blanks = blanks
        self._day = day
        self._values: dict[str, Value] = {}
        # A field of which something unclear is said keeps no other value of the message either.
        self._doubted: set[str] = set()
        self._unclear: list[Unclear] = []
        self._remarks: dict[str, list[str]] = {}
        # Lines without a name go on with the remark that the line before began.
        only = blanks[0] if len(blanks) == 1 and blanks[0].kind is Kind.TEXT else None
        self._open_remark: Field | None = only

    def read(self, lines: Sequence[str]) -> Reading:
        for line in lines:
            self._line(line)
        for field_id, said in self._remarks.items():
            self._join(self._form.field(field_id), said)
        values = {k: v for k, v in self._values.items() if k not in self._doubted}
        return Reading(values, tuple(self._unclear))

    def _line(self, line: str) -> None:
        names = names_in(line, self._form)
        if self._open_remark and self._continues(line, names):
            self._remarks.setdefault(self._open_remark.id, []).append(line)
            return
        self._open_remark = None
        numbered = self._numbered(line)
        if names:
            self._named_line(line, names)
        elif numbered:
            self._say((numbered[0],), numbered[1])
        else:
            self._unnamed_line(line)

    def _numbered(self, line: str) -> tuple[Field, str] | None:
        """Return the blank whose number begins the line, and what is said for it."""
        found = NUMBERED.fullmatch(line)
        if found and 1 <= int(found[1]) <= len(self._blanks):
            return self._blanks[int(found[1]) - 1], found[2]
        return None

    def _continues(self, line: str, names: Sequence[Name]) -> bool:
        """Whether a line goes on with the open remark and says nothing of its own."""
        if says_none(line):
            return not self._remarks and not names
        if names:
            rest = line[names[0].end :]
            return not rest.lstrip().startswith(":") and not any(map(str.isdigit, rest))
        own = self._numbered(line) or count_said(line) is not None
        return not own and not _POLITE.fullmatch(fold(line))

    def _unnamed_line(self, line: str) -> None:
        """Take "mở cửa"; pass over a greeting or heading; ask back anything else."""
        if self._take_bare_option(line):
            return
        # "Thanh toán:" would give another meaning to the lines below it.
        first = not (self._values or self._remarks or self._unclear or line.endswith(":"))
        if is_heading(line) or (first and not holds_figures(line)):
            self._unclear += other_day(line, self._day)
        else:
            self._unclear.append(Unclear(line, Why.NO_LABEL))

    def _take_bare_option(self, said: str) -> bool:
        """Take an option of a choice that was asked, said without the field's name."""
        blank = self._bare_option(said)
        if blank is not None:
            self._take(blank, said)
        return blank is not None

    def _bare_option(self, said: str) -> Field | None:
        word = fold(said).strip(" .,;:!")
        choices = (blank for blank in self._blanks if blank.kind is Kind.CHOICE)
        return next((c for c in choices if any(word in o.words for o in c.options)), None)

    def _named_line(self, line: str, names: Sequence[Name]) -> None:
        bullet = _BULLET.match(line)
        if self._leads_in(line[bullet.end() if bullet else 0 : names[0].start]):
            self._from_first_name(line, names)
        else:
            self._doubt_names(line, names, Why.NO_LABEL)

    def _doubt_names(self, said: str, names: Sequence[Name], why: Why = Why.NOT_PARTED) -> None:
        self._unclear.append(Unclear(said, why))
        self._doubted |= {name.fields[0].id for name in names if len(name.fields) == 1}

    def _doubt(self, unclear: Unclear, asked: Field) -> None:
        self._unclear.append(unclear)
        self._doubted.add(asked.id)

    def _leads_in(self, said: str) -> bool:
        """Whether what stands before the first name of a line cannot change its meaning."""
        clauses = [clause for clause in _CLAUSE.split(said) if clause.strip()]
        if all(_LEADS_IN.fullmatch(fold(c)) or self._take_bare_option(c) for c in clauses):
            return True
        if is_heading(said):
            self._unclear += other_day(said, self._day)
            return True
        return False

    def _from_first_name(self, line: str, names: Sequence[Name]) -> None:
        """Part the line at its names; all behind the name of a remark belongs to the remark."""
        remark = next((n for n, name in enumerate(names) if name.kind is Kind.TEXT), len(names))
        ends = [*(name.start for name in names[1:]), len(line)]
        said = [line[name.end : end] for name, end in zip(names, ends, strict=True)]
        empty = [n for n in range(remark) if not said[n].strip(_EDGES + ":=")]
        # "Trực tiếp, 5 trực tuyến": a name without a figure may belong to the one before it.
        if len(names) > 1 and not all(_stands_alone(said, n) for n in empty):
            self._doubt_names(line, names)
            return
        for n in filter(None, empty):
            said[n - 1], words = _last_clause(said[n - 1])
            self._doubt_names(words + line[names[n].start : names[n].end], [names[n]])
        self._say_each(line, names[:remark], said)
        if remark < len(names):
            self._remark(line, names[remark:])

    def _say_each(self, line: str, names: Sequence[Name], said: Sequence[str]) -> None:
        for n, name in enumerate(names):
            if n and name.kind is Kind.COUNT and self._qualifies_next(names[n - 1], said[n - 1]):
                end = name.end + len(said[n])
                self._doubt_names(line[names[n - 1].start : end], names[n - 1 : n + 1])
            else:
                self._say(name.fields, said[n], called=line[name.start : name.end])

    def _qualifies_next(self, name: Name, said: str) -> bool:
        """Whether what is said for a name ends in words that may belong to the next name.

        In "trực tiếp 5; hôm qua: trực tuyến 3" it cannot be known what the 3 is.
        """
        last = _CLAUSE.split(_trimmed(said))[-1]
        if not last or ends_in_count(last) or _POLITE.fullmatch(fold(last)):
            return False
        if _ANSWER_WITH_BRACKET.fullmatch(last) and _CLAUSE.search(said, said.rindex(")")):
            return False
        read = read_value(name.fields[0], last, form=self._form, day=self._day)
        return isinstance(read, Unclear) and self._bare_option(last) is None

    def _remark(self, line: str, names: Sequence[Name]) -> None:
        """Keep a remark, which begins with the first of the names."""
        asked = names[0].fields[0]
        at = self._end_of_remark(line, names)
        if at is None:
            fragment = line[names[0].end :].lstrip(" :=")
            self._doubt(Unclear(fragment, Why.IN_REMARK, (asked,)), asked)
            return
        end = names[at].start if at < len(names) else len(line)
        said = _remark_said(line, names[0], end)
        if not is_blank(said):
            self._remarks.setdefault(asked.id, []).append(said)
        if at < len(names):
            self._from_first_name(line, names[at:])
        elif not says_none(said):
            self._open_remark = asked

    def _end_of_remark(self, line: str, names: Sequence[Name]) -> int | None:
        """Return which name ends the remark, the number of names when none does.

        Returns None when it cannot be said whether a named figure is part of the remark, as in
        "Khó khăn: mạng chậm, trực tuyến 3".
        """
        ends = [*(name.start for name in names[1:]), len(line)]
        for at, name in enumerate(names[1:], 1):
            before = _remark_said(line, names[0], name.start)
            if before and (is_blank(before) or says_none(before)):
                return at
            if line[: name.start].rstrip()[-1:] not in ",;.|":
                continue
            rest = line[name.end : ends[at]]
            if name.kind is Kind.COUNT and any(map(str.isdigit, rest)):
                return None
            if name.kind is not Kind.COUNT and (rest.startswith(":") or self._is_day(name, rest)):
                return at
        return len(names)

    def _is_day(self, name: Name, said: str) -> bool:
        if name.kind is not Kind.DAY:
            return False
        read = read_value(name.fields[0], _trimmed(said), form=self._form, day=self._day)
        return not isinstance(read, Unclear)

    def _say(self, fields: tuple[Field, ...], said: str, called: str = "") -> None:
        """Take what was said for a name or number, or note why it is unclear."""
        said = _trimmed(said)
        if is_blank(said):
            return
        if len(fields) > 1:
            self._unclear.append(Unclear(f"{called} {said}", Why.AMBIGUOUS, fields))
            return
        asked = fields[0]
        if asked.kind is Kind.TEXT:
            self._remarks.setdefault(asked.id, []).append(said)
            return
        first, *others = [said] if asked.kind is Kind.CHOICES else _CLAUSE.split(said)
        stray = [
            o for o in others if not _POLITE.fullmatch(fold(o)) and not self._take_bare_option(o)
        ]
        if stray and asked.kind is Kind.COUNT:
            self._doubt(Unclear(said, Why.NOT_A_NUMBER, (asked,)), asked)
            return
        self._unclear += [Unclear(other, Why.NO_LABEL) for other in stray]
        self._take(asked, first)

    def _take(self, asked: Field, said: str) -> None:
        read = read_value(asked, said, form=self._form, day=self._day)
        if isinstance(read, Unclear):
            self._doubt(read, asked)
            return
        different = {k for k, v in read.items() if self._values.get(k, v) != v}
        if different:
            self._doubted |= different
            twice = tuple(self._form.field(k) for k in sorted(different))
            self._unclear.append(Unclear(said, Why.SAID_TWICE, twice))
        self._values |= read

    def _join(self, asked: Field, said: Sequence[str]) -> None:
        """Join the lines of a remark; one that is denied and made is asked back."""
        if len(said) > 1 and any(map(says_none, said)):
            self._unclear.append(Unclear("; ".join(said), Why.SAID_TWICE, (asked,)))
            return
        joined = "; ".join(line.strip(" ,;.:-*+•–") for line in said)
        read = read_value(asked, joined, form=self._form, day=self._day)
        if isinstance(read, Unclear):
            self._unclear.append(read)
        else:
            self._values |= read


def _stands_alone(said: Sequence[str], n: int) -> bool:
    """Whether a name without a figure fills a clause: "Trực tuyến 3. Không có quá hạn".

    Args:
        said: what stands behind each name of the line.
        n: which of the names it is.
    """
    if n == 0 or not _CLAUSE.search(said[n - 1]):
        return False
    if n + 1 < len(said) and not _CLAUSE.search(said[n]):
        return False
    _, words = _last_clause(said[n - 1])
    return bool(_LEADS_IN.fullmatch(fold(words))) or count_said(words) == 0


def _last_clause(said: str) -> tuple[str, str]:
    """Return what is said up to the last mark that ends a clause, and what follows it."""
    *_, mark = _CLAUSE.finditer(said)
    return said[: mark.start()], said[mark.end() :]


def _remark_said(line: str, name: Name, end: int) -> str:
    said = line[name.end : end].strip(_EDGES + ":=")
    return f"không {said}".strip() if name.denied else said


def _trimmed(said: str) -> str:
    """Return what was said for a name without the marks that part it from its neighbours."""
    said = _AFTER_NAME.sub("", said, count=1).rstrip(_EDGES)
    return said if "(" in said else said.rstrip(_EDGES + ")")
