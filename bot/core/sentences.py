"""A report as officials write it, sentences, lists and tables, read into answers with reasons.

Lines are cut into tokens and parted into clauses. Figures get their meaning from the words around
them (`figures`); here are remarks, states, and what is left over.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from bot.core import aligned
from bot.core.claims import settled
from bot.core.clauses import FIGURES, Clause, clauses_of
from bot.core.figures import Figures
from bot.core.form import Field, Form, Kind, Value
from bot.core.headings import TITLE, day_and_month, is_name
from bot.core.lexicon import one_slip
from bot.core.speech import CONTACT_WORDS, MEASURE_WORDS, Sort
from bot.core.states import States, is_since
from bot.core.text import fold
from bot.core.tokens import Token, tokens_of
from bot.core.values import Reading, Unclear, Why, is_blank, read_value, says_none

NUMBERED = re.compile(r"([0-9]{1,2})\s?[.):]\s+(.*)")

_EDGES = " \t,;|.-–—(=:"
_BULLETS = " \t,;.:-*+•–"
_COURTESY_BEHIND = re.compile(
    r"(?:[\s,.;!]+(?:a|nhe|(?:em )?(?:xin )?cam on(?: a| cac anh chi| anh chi)*"
    r"|tran trong|em bao cao(?: a)?|xong(?: a)?))+[\s.!]*$|[,.;!]\s*(?:em )?het(?: a)?[\s.!]*$"
    r"|[\s.!]+$"
)
_LEADS_TO_ANSWER = re.compile(r"[\s:=|]*(?:nhất\s+)?(?:(?:là|la|thì|thi)\s+)?(?:[-–—]\s+)?")
_BEFORE_LABEL = TITLE | {Sort.NONE, Sort.INSIDE, Sort.ALARM, Sort.RECTIFY}
_ENDS_REMARK = (Sort.STOP, Sort.CELL, Sort.SEMICOLON)
_SIGNS = re.compile(
    r"(?:thay mat|t/?m|k/?t|tuq|nguoi (?:bao cao|lap|gui|ky|tong hop)|don vi(?: bao cao)?|ky ten)\b"
)


def read_sentences(
    lines: Sequence[str], *, form: Form, blanks: Sequence[Field], day: date
) -> Reading:
    """Read cleaned lines that say to what each figure belongs.

    Args:
        blanks: the fields as numbered on the form. A remark that is the only one needs no name.
        day: the reporting day, by which a day without a year is understood.
    """
    return _Reader(form, blanks, day).read(lines)


def _answers(label: Token) -> Field | None:
    return label.meaning.answers if label.meaning else None


def _without_courtesy(said: str) -> str:
    behind = _COURTESY_BEHIND.search(f" {fold(said)}")
    return said[: max(0, behind.start() - 1)] if behind else said


class _Reader:
    """Reads one message, line by line."""

    def __init__(self, form: Form, blanks: Sequence[Field], day: date) -> None:
        self._form = form
        self._blanks = blanks
        self._day = day
        self._figures = Figures(form)
        self._values: dict[str, Value] = {}
        self._reasons: dict[str, str] = {}
        self._remarks: dict[str, list[str]] = {}
        self._states = States(self._figures.said, day)
        self._days: set[tuple[int, int] | None] = set()
        self._line = ""
        only = blanks[0] if len(blanks) == 1 and blanks[0].kind is Kind.TEXT else None
        # Lines without a name go on with the remark that the line before began.
        self._open_remark: Field | None = only

    def read(self, lines: Sequence[str]) -> Reading:
        for number, line in enumerate(self._without_tables(self._without_signature(lines))):
            self._line = line
            self._figures.begin_line(line, number)
            self._read_line()
        return self._result()

    def _result(self) -> Reading:
        for field_id, remark in self._remarks.items():
            self._join(self._form.field(field_id), remark)
        for asked in self._states.asked:
            if state := self._states.settled(asked, self._values.get(asked.id)):
                self._values[asked.id] = state.option
                self._reasons.setdefault(asked.id, state.fragment)
        if len(self._days) > 1:
            # A report of yesterday quoted above today's: whose figures are meant is asked.
            self._figures.said.doubted |= {f for c in self._figures.said.claims for f in c.fields}
            self._figures.said.unclear.append(Unclear(self._line, Why.OTHER_DAY))
        said = self._figures.said
        certain = settled(self._form, said.claims, all_understood=said.all_understood)
        taken = {**self._values, **certain.values}
        values: dict[str, Value] = {k: v for k, v in taken.items() if k not in said.doubted}
        reasons = {k: v for k, v in {**self._reasons, **certain.reasons}.items() if k in values}
        perhaps = [u for u in said.perhaps if not {f.id for f in u.fields} & {*values}]
        unclear = (*said.unclear, *perhaps, *certain.unclear)
        return Reading(values, tuple(dict.fromkeys(unclear)), reasons)

    # Lines

    def _without_signature(self, lines: Sequence[str]) -> Sequence[str]:
        """Leave out who signs at the end: "Thay mặt bộ phận một cửa", and the name below it."""
        last = len(lines)
        while last > 1 and not self._says_more(lines[last - 1]):
            last -= 1
        signed = (n for n in range(last, len(lines)) if _SIGNS.match(fold(lines[n])))
        return lines[: next(signed, len(lines))]

    def _says_more(self, line: str) -> bool:
        """Whether a line may say more than a name."""
        told = (Sort.LABEL, Sort.OPTION, Sort.TROUBLE, Sort.REASON, *FIGURES)
        return any(t.sort in told for t in tokens_of(line, self._form))

    def _without_tables(self, lines: Sequence[str]) -> list[str]:
        """Return the lines, tables turned into lines; ask about a table that cannot be."""
        kept: list[str] = []
        left = [line for line in lines if any(map(str.isalnum, line))]
        while left:
            table = aligned.table_at(left, self._form)
            if table is None:
                kept.append(left.pop(0))
                continue
            if not table.lines or aligned.is_row_of(left[0], kept[-1:]):
                self._figures.said.unclear.append(Unclear(left[0], Why.NO_LABEL))
            else:
                kept += table.lines
            left = left[table.length :]
        return kept

    def _read_line(self) -> None:
        tokens = tokens_of(self._line, self._form)
        if self._open_remark and self._continues(tokens):
            self._remarks.setdefault(self._open_remark.id, []).append(self._line)
            return
        self._open_remark = None
        if self._numbered(tokens):
            return
        row = aligned.in_rows(tokens)
        clauses = clauses_of(aligned.without_lists(row, self._line, self._figures.take_all))
        at = 0
        while at < len(clauses):
            at = self._clause(clauses, at)

    def _numbered(self, tokens: Sequence[Token]) -> bool:
        """Take "3. 12" for the third blank; return whether the line is such."""
        found = NUMBERED.fullmatch(self._line)
        if not found or any(map(is_name, tokens)) or not 1 <= int(found[1]) <= len(self._blanks):
            return False
        asked, said = self._blanks[int(found[1]) - 1], found[2].strip(_EDGES)
        read = read_value(asked, said, form=self._form, day=self._day)
        if isinstance(read, Unclear) and any(t.sort in (Sort.OPTION, Sort.TROUBLE) for t in tokens):
            return False  # a list numbered in its own way: "2) Mở cửa bình thường"
        if not is_blank(found[2]):
            self._answer(asked, said, self._line)
        return True

    def _continues(self, tokens: Sequence[Token]) -> bool:
        """Whether a line goes on with the open remark and says nothing of its own."""
        names = [n for n, token in enumerate(tokens) if is_name(token)]
        if says_none(self._line):
            return not self._remarks and not names
        if names:
            rest = tokens[names[0] + 1 :]
            colon = bool(rest) and rest[0].sort is Sort.COLON
            return not colon and not any(t.sort in (Sort.NUMBER, Sort.BAD) for t in rest)
        plain = (*FIGURES, Sort.TERM, Sort.FILLER, Sort.TODAY, Sort.STOP, Sort.COMMA)
        return not NUMBERED.fullmatch(self._line) and not all(t.sort in plain for t in tokens)

    # Clauses

    def _clause(self, clauses: Sequence[Clause], at: int) -> int:
        """Read one clause, and those that belong to it; return which is next."""
        clause = clauses[at]
        if label := self._label(clause):
            return self._labelled(clauses, at, label)
        if clause.tokens[0].sort is Sort.REASON and clause.body:
            return self._reason(clauses, at)
        if self._tells_trouble(clause):
            return self._trouble(clauses, at)
        first, before = not self._began(), len(self._figures.said.claims)
        self._figures.read(clauses, at, first=first)
        counted = len(self._figures.said.claims) > before
        self._states.look_at(clauses, at, self._line, counted=counted)
        if not first and self._left_over(clause):
            self._figures.said.doubt(Unclear(self._figures.text(clause), Why.NO_LABEL))
        self._doubt_other_day(clause)
        return at + 1

    def _began(self) -> bool:
        figures = self._figures
        return bool(
            figures.said.claims
            or figures.said.unclear
            or self._values
            or self._remarks
            or self._states.asked
        )

    def _left_over(self, clause: Clause) -> bool:
        """Whether a clause has words that nobody understands, and nothing else."""
        if clause.has(Sort.TERM, Sort.OPTION, *FIGURES) or clause.in_bracket:
            return False
        if self._is_courtesy(clause):
            return False
        words = fold(self._figures.text(clause))
        harmless = any(word in words for word in MEASURE_WORDS) and not self._is_closed()
        return clause.has(Sort.UNKNOWN, Sort.ELSEWHEN, Sort.ABOUT) and not harmless

    def _is_closed(self) -> bool:
        """Whether a state was said that wants a cause: words behind it may be one."""
        first = {f.id: f.options[0].id for f in self._form.fields if f.kind is Kind.CHOICE}
        said = {k: v for k, v in self._values.items() if k in first}
        said |= {f.id: self._states.first(f) for f in self._states.asked}
        return any(said[k] != first[k] for k in said)

    def _doubt_other_day(self, clause: Clause) -> None:
        """Doubt a report headed by another day than the one that is reported."""
        head = [t for h in clause.heads for t in h]
        headed = any(t.sort is Sort.DAY for t in head)
        words = head if headed else clause.tokens
        # A name in a heading may look like anything but "lũy kế từ 01/4".
        other = (Sort.ELSEWHEN,) if headed else (Sort.OPTION, Sort.ELSEWHEN, Sort.TROUBLE)
        if (clause.in_bracket and self._began()) or any(t.sort in other for t in words):
            return
        named = any(map(is_name, words))
        tokens = [t for t in words if t.sort is not Sort.FILLER]
        dates = [
            token
            for before, token in pairwise([None, *tokens])
            if token is not None
            and not is_since([token], self._line)
            and (token.sort is Sort.DAY or (token.day_too and not named))
            # "Công văn số 1850/UBND ngày 31/3" is not of the reporting day.
            and not (before and before.sort in (Sort.OTHER_NUMBER, Sort.NTH))
        ]
        said = {day_and_month(self._line[t.start : t.end]) for t in dates} - {None}
        if said and (self._day.day, self._day.month) not in said:
            self._figures.said.unclear.append(Unclear(self._figures.text(clause), Why.OTHER_DAY))
        sure = [t for t in dates if t.sort is Sort.DAY]
        self._days |= {day_and_month(self._line[t.start : t.end]) for t in sure} - {None}

    # Fields that are no figures

    def _label(self, clause: Clause) -> Token | None:
        """Return the name of a field that is no figure, if the clause begins with one."""
        behind = list(clause.tokens)
        while behind and behind[0].sort in _BEFORE_LABEL:
            behind.pop(0)
        if not behind or behind[0].sort is not Sort.LABEL or behind[0].meaning is None:
            return None
        asked = behind[0].meaning.answers
        if asked is None or (asked.kind is Kind.DAY and not self._says_day(clause, behind)):
            return None
        if asked.kind is Kind.CHOICE and not clause.heads and not clause.has(Sort.OPTION):
            return None
        return behind[0]

    def _says_day(self, clause: Clause, behind: Sequence[Token]) -> bool:
        """Whether "đến" leads to a day: not "từ 9h đến 10h", nor "đến nay"."""
        after = [t for t in behind[1:] if t.sort is not Sort.FILLER]
        dated = bool(after) and (after[0].sort is Sort.DAY or after[0].day_too)
        leads = any(head and head[-1] is behind[0] for head in clause.heads)
        return dated or leads or "ro" in fold(self._figures.text(clause)).split()

    def _labelled(self, clauses: Sequence[Clause], at: int, label: Token) -> int:
        """Read the answer behind a field's name; return which clause is next."""
        asked = _answers(label)
        if asked is None:
            return at + 1
        if asked.kind is Kind.TEXT:
            return self._remark(clauses, at, label, asked)
        until = at + 1
        if asked.kind is Kind.CHOICES:
            while until < len(clauses) and self._lists_on(clauses[until]):
                until += 1
        end = clauses[until - 1].place[1]
        said = self._line[label.end : end]
        said = said[_LEADS_TO_ANSWER.match(said).end() :].rstrip(_EDGES)  # type: ignore[union-attr]
        fragment = self._line[label.start : end]
        if not said and asked.kind is not Kind.CHOICE:
            return until
        self._answer_labelled(asked, said, fragment, clauses, at)
        return until

    def _lists_on(self, clause: Clause) -> bool:
        return clause.mark is Sort.COMMA and not any(map(is_name, clause.tokens))

    def _answer_labelled(
        self, asked: Field, said: str, fragment: str, clauses: Sequence[Clause], at: int
    ) -> None:
        read = read_value(asked, said, form=self._form, day=self._day)
        options = [t for t in clauses[at].tokens if t.sort is Sort.OPTION]
        if asked.kind is Kind.CHOICE and isinstance(read, Unclear) and options:
            self._states.look_at(clauses, at, self._line, named=True)
        elif said or asked.kind is not Kind.CHOICE:
            self._answer(asked, said, fragment)

    def _answer(self, asked: Field, said: str, fragment: str) -> None:
        """Take an answer that is said for a field."""
        read = read_value(asked, said, form=self._form, day=self._day)
        if isinstance(read, Unclear):
            self._figures.said.doubt(read, [f.id for f in read.fields])
            return
        twice = sorted(k for k, v in read.items() if self._values.get(k, v) != v)
        if twice:
            fields = tuple(self._form.field(k) for k in twice)
            self._figures.said.unclear.append(Unclear(said, Why.SAID_TWICE, fields))
            self._figures.said.doubted |= {*twice}
        self._values |= read
        self._reasons |= dict.fromkeys(read, fragment)

    # Remarks

    def _remark(self, clauses: Sequence[Clause], at: int, label: Token, asked: Field) -> int:
        """Keep a remark; return which clause is next."""
        if self._names_twice(clauses, at, label, asked):
            return at + 1
        end = self._end_of_remark(clauses, at, label)
        if end is None:
            fragment = self._line[label.end :].lstrip(" :=")
            self._figures.said.doubt(Unclear(fragment, Why.IN_REMARK, (asked,)), [asked.id])
            return len(clauses)
        said = self._said_behind(label, clauses[end - 1].place[1])
        denied = [t for t in clauses[at].tokens if t.sort is Sort.NONE and t.end <= label.start]
        fragment = said
        if denied:
            fragment = self._line[denied[0].start : clauses[end - 1].place[1]]
            said = f"không {said}".strip() if says_none(f"không {said}") else fragment
        if not is_blank(said):
            self._remarks.setdefault(asked.id, []).append(said)
            self._reasons[asked.id] = fragment
        if end == len(clauses) and not says_none(said):
            self._open_remark = asked
        return end

    def _names_twice(self, clauses: Sequence[Clause], at: int, label: Token, asked: Field) -> bool:
        """Whether another name of the same remark follows: "Khó khăn, kiến nghị: thiếu máy"."""
        alone = is_blank(self._said_behind(label, clauses[at].place[1]))
        again = self._label(clauses[at + 1]) if alone and at + 1 < len(clauses) else None
        denied = any(t.sort is Sort.NONE for t in clauses[at].tokens)
        return again is not None and not denied and _answers(again) is asked

    def _said_behind(self, label: Token, end: int) -> str:
        said = self._line[label.end : end]
        leads = _LEADS_TO_ANSWER.match(said)
        said = said[leads.end() if leads else 0 :].strip(_BULLETS + "=(")
        return _without_courtesy(said)

    def _end_of_remark(self, clauses: Sequence[Clause], at: int, label: Token) -> int | None:
        """Return which clause ends the remark.

        Returns None when it cannot be said whether a named figure is part of the remark, as in
        "Khó khăn: mạng chậm, trực tuyến 3".
        """
        for n in range(at + 1, len(clauses)):
            said = self._said_behind(label, clauses[n - 1].place[1])
            denied = any(t.sort is Sort.NONE and t.end <= label.start for t in clauses[at].tokens)
            if says_none(f"không {said}" if denied else said) or (is_blank(said) and denied):
                return n
            clause = clauses[n]
            figure = any(map(is_name, clause.tokens)) and clause.has(Sort.NUMBER)
            other = self._label(clause)
            # "thiếu nước sát khuẩn, đề nghị cấp thêm" is one remark.
            comma = clause.mark is Sort.COMMA and not clause.heads
            goes_on = other and comma and _answers(other) is _answers(label)
            if other and not goes_on and not is_blank(said):
                return n
            if clause.mark in _ENDS_REMARK and (figure or self._is_courtesy(clause)):
                return n
            if figure and clause.mark is Sort.COMMA and not clause.has(Sort.TROUBLE):
                return None
        return len(clauses)

    def _is_courtesy(self, clause: Clause) -> bool:
        words = fold(self._figures.text(clause))
        contact = any(word in words for word in CONTACT_WORDS)
        return contact or all(t.sort in (Sort.FILLER, Sort.TODAY) for t in clause.tokens)

    def _reason(self, clauses: Sequence[Clause], at: int) -> int:
        """Keep why a counter is closed, or what is difficult; return which clause is next."""
        until = at + 1
        while until < len(clauses) and self._tells_more(clauses[until]):
            until += 1
        said = self._line[clauses[at].tokens[0].end : clauses[until - 1].place[1]].strip(_BULLETS)
        causes = {f.when.field: f for f in self._form.fields if f.kind is Kind.TEXT and f.when}
        stated = [t for t in clauses[at - 1].tokens if t.sort is Sort.OPTION] if at else []
        cause = next((causes.get(a.id) for t in stated if (a := _answers(t))), None)
        if cause is not None:
            self._remarks.setdefault(cause.id, []).append(_without_courtesy(said))
        elif clauses[at].has(Sort.TROUBLE, Sort.NONE):
            return self._trouble(clauses, at, begin=clauses[at].tokens[1].start)
        elif clauses[at].has(Sort.UNKNOWN, *FIGURES):
            self._figures.said.doubt(Unclear(self._figures.text(clauses[at]), Why.NO_LABEL))
        return until

    def _tells_trouble(self, clause: Clause) -> bool:
        figure = any(map(is_name, clause.tokens)) and clause.has(*FIGURES)
        # In a heading it is a name: "thị trấn Hong Canh: …".
        told = any(t.sort is Sort.TROUBLE for t in clause.body or clause.tokens)
        heading = clause.in_bracket and not self._began()
        return (told or clause.has(Sort.ALARM)) and not (
            figure or heading or clause.has(Sort.ASTRAY, Sort.RECTIFY)
        )

    def _trouble(self, clauses: Sequence[Clause], at: int, *, begin: int | None = None) -> int:
        """Keep a difficulty that is told without its name: "máy scan hỏng"."""
        remark = next(
            (f for f in self._form.fields if f.kind is Kind.TEXT and f.when is None), None
        )
        tokens = [t for t in clauses[at].tokens if t.sort is not Sort.ALARM]
        while tokens and tokens[0].sort is Sort.TODAY:
            tokens.pop(0)
        alarm = clauses[at].has(Sort.ALARM)
        until = at + 1
        while until < len(clauses) and (
            self._tells_trouble(clauses[until])
            or (alarm and not clauses[until].has(Sort.NUMBER))
            or self._tells_more(clauses[until])
        ):
            until += 1
        if remark is None or (not tokens and until == at + 1):
            return until
        begin = begin or (tokens[0] if tokens else clauses[at + 1].tokens[0]).start
        if at == 1 and self._tells_more(replace(clauses[0], heads=(), mark=Sort.COMMA)):
            # "Sở X: người hỏi tăng mạnh, tổng đài quá tải"; without a head it is the unit's name.
            begin = clauses[0].body[0].start if clauses[0].heads else begin
        denied = next((t.start for t in clauses[until - 1].tokens if t.sort is Sort.NONE), begin)
        end = clauses[until - 1].place[1]
        said = _without_courtesy(self._line[begin:end].strip(_BULLETS))
        none = _without_courtesy(self._line[denied:end].strip(_BULLETS))
        if says_none(none) and until == at + 1:
            # "mọi việc suôn sẻ không vướng gì"
            said = none
        self._remarks.setdefault(remark.id, []).append(said)
        return until

    def _tells_more(self, clause: Clause) -> bool:
        """Whether a clause goes on with a difficulty: "phần mềm treo, chưa khắc phục được"."""
        own = clause.has(Sort.OPTION, Sort.NUMBER, Sort.BAD, Sort.RECTIFY)
        own |= any(map(is_name, clause.tokens))
        # "cổng lỗi từ 14h, không nộp được phí"
        denies = clause.body[:1] and clause.body[0].sort is Sort.NONE and len(clause.body) > 1
        more = clause.has(Sort.UNKNOWN) or denies
        return clause.mark is Sort.COMMA and bool(more) and not own

    def _join(self, asked: Field, said: Sequence[str]) -> None:
        """Join the lines of a remark; one that is denied and made is asked back."""
        if len(said) > 1 and any(map(says_none, said)):
            if all(map(says_none, said)):
                said = said[:1]
            else:
                unclear = Unclear("; ".join(said), Why.SAID_TWICE, (asked,))
                self._figures.said.unclear.append(unclear)
                return
        joined = "; ".join(line.strip(_BULLETS) for line in said)
        if one_slip(fold(joined), "khong"):
            # Posted as a difficulty it would only puzzle.
            self._figures.said.doubt(Unclear(joined, Why.NOT_AN_OPTION), [asked.id])
            return
        self._answer(
            asked, joined, self._reasons.get(asked.id, joined) if len(said) == 1 else joined
        )
