"""The states that a message says, as "mở cửa": each settled, or why it is not certain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.clauses import Clause
from bot.core.form import Field, Value
from bot.core.headings import day_and_month, is_name
from bot.core.said import Said
from bot.core.speech import Sort
from bot.core.text import fold
from bot.core.tokens import Token
from bot.core.values import Unclear, Why

_LIMITS = frozenset(
    {Sort.UNKNOWN, Sort.TROUBLE, Sort.ABOUT, Sort.DURATION, Sort.NUMBER, Sort.PERCENT}
    | {Sort.OTHER_NUMBER}
)
"""Behind "mở cửa" they may say that it is not quite so: "mở cửa nửa ngày", "từ 8h đến 11h"."""


@dataclass(frozen=True, slots=True)
class State:
    """One answer of a choice, and what of the message says so."""

    option: str
    fragment: str


def is_since(words: Sequence[Token], line: str) -> bool:
    """Whether words begin with the day since when something is so: "mở cửa lại từ 16/4"."""
    first = next((t for t in words if t.sort is not Sort.FILLER), None)
    dated = first is not None and (first.day_too or first.sort is Sort.DAY)
    return dated and first is not None and fold(line[: first.start]).endswith((" tu ", " tu ngay "))


class States:
    """Notes states clause by clause.

    Attributes:
        asked: the fields of which a state was said.
    """

    def __init__(self, said: Said, day: date) -> None:
        self._said = said
        self._day = day
        self._told: dict[Field, list[State]] = {}

    @property
    def asked(self) -> Sequence[Field]:
        return tuple(self._told)

    def first(self, asked: Field) -> str:
        """Return the first option that was said of a field."""
        return self._told[asked][0].option

    def look_at(
        self,
        clauses: Sequence[Clause],
        at: int,
        line: str,
        *,
        named: bool = False,
        counted: bool = False,
    ) -> None:
        """Note the options that a clause says; what may be said of something else is doubted.

        Args:
            line: in which the clauses stand.
            named: the clause begins with the name of the field.
            counted: the clause says figures as well.
        """
        clause = clauses[at]
        if clause.in_bracket and len(clause.tokens) == 1:
            return  # the answer of the day before, as the form shows it
        counts = any(t.sort is Sort.NUMBER and not t.day_too for t in clause.tokens)
        other = any(map(is_name, clause.body)) and not (counts or counted)
        strange = other or clause.has(Sort.UNKNOWN, Sort.TROUBLE)
        for token in clause.tokens:
            meaning = token.meaning
            asked = meaning.answers if meaning and token.sort is Sort.OPTION else None
            if meaning is None or asked is None:
                continue
            # "Dong Van bc: …" is the name of a unit, not "đóng".
            headed = any(token in head for head in clause.heads)
            if (strange or headed) and not (meaning.sure or named):
                continue
            fragment = line[clause.place[0] : clause.place[1]]
            denied = any(t.sort is Sort.NONE and t.end <= token.start for t in clause.tokens)
            ordinary = meaning.option == asked.options[0].id
            limited = (ordinary or not meaning.sure) and self._is_limited(clauses, at, token, line)
            if denied or limited or clause.has(Sort.ELSEWHEN) or (other and not named):
                self._said.doubt(Unclear(fragment, Why.NOT_AN_OPTION), [asked.id])
            else:
                self._told.setdefault(asked, []).append(State(meaning.option, fragment))

    def _is_limited(self, clauses: Sequence[Clause], at: int, state: Token, line: str) -> bool:
        """Whether words behind a state may take some of it back: "mở cửa 1/2 thời gian"."""
        behind = [t for t in clauses[at].tokens if t.start > state.start]
        if is_since(behind, line):
            return False
        if at + 1 < len(clauses) and clauses[at + 1].mark is Sort.COMMA:
            # "mở cửa, gia 1/2 thời gian"
            then = clauses[at + 1]
            unread = then.has(Sort.UNKNOWN) and then.has(Sort.NUMBER) and not then.has(Sort.TERM)
            behind += then.tokens if unread else ()
        narrower = any(t.sort is Sort.OPTION and t is not state for t in clauses[at].tokens)
        # "mở cửa trực 2/4", but not "đóng tiền qua mạng 12 lượt"
        sure = state.meaning is not None and state.meaning.sure
        counts = {Sort.NUMBER} if sure and any(t.sort is Sort.TERM for t in behind) else set()
        # "mở lại ngày 20/4" says that it is not open yet.
        days = {day_and_month(line[t.start : t.end]) for t in behind if t.sort is Sort.DAY}
        later = bool(days - {None, (self._day.day, self._day.month)})
        return not narrower and (later or any(t.sort in _LIMITS - counts for t in behind))

    def settled(self, asked: Field, answered: Value | None) -> State | None:
        """Return the state of a field; an ordinary one beside one that narrows it is the narrower.

        Args:
            answered: what was said of the field by its name.

        Returns:
            None when the message contradicts itself; that is asked back.
        """
        states = {state.option: state for state in self._told[asked]}
        ordinary, narrower, *_ = *(option.id for option in asked.options), ""
        if {*states} == {ordinary, narrower}:
            del states[ordinary]
        said = {*states} if answered is None else {*states, answered}
        if len(said) == 1:
            return next(iter(states.values()))
        fragments = "; ".join(state.fragment for state in states.values())
        self._said.unclear.append(Unclear(fragments, Why.SAID_TWICE, (asked,)))
        self._said.doubted.add(asked.id)
        return None
