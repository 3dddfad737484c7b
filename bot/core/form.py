"""A form: its fields, how each adds up, and the rules between them. Its content is data (TOML)."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bot.core import text

Value = int | bool | str | tuple[str, ...]
Answers = Mapping[str, Value]

_COMPARE: Mapping[str, Callable[[int, int], bool]] = {"<=": operator.le, "==": operator.eq}
_PREVIOUS = "previous."


class Kind(StrEnum):
    """What an answer is."""

    COUNT = "count"  # int
    CHOICE = "choice"  # id of one option
    CHOICES = "choices"  # ids of some options
    YES_NO = "yes_no"  # bool
    DAY = "day"  # ISO date, or "" when not known
    TEXT = "text"  # str, "" for none


class Adds(StrEnum):
    """How answers of several units or days combine (DESIGN §4.3)."""

    FLOW = "flow"  # sum over units and over days
    STOCK = "stock"  # sum over units; over days the last value
    STATE = "state"  # no sum; counted by option


class FormError(Exception):
    """A form file that cannot be used; the message names the place."""


@dataclass(frozen=True, slots=True)
class Option:
    """One permitted answer of a choice; `words` are folded ways to say it."""

    id: str
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """The field is asked only when the answer to `field` is one of `answers`."""

    field: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form.

    Attributes:
        label: short name, as printed in a list.
        words: folded names by which people call the field in a message.
        required: a report cannot be sent without it.
        standing: a fact that holds until changed; carried over with the day it was stated.
        low, high: bounds of a count, inclusive; `high` of a text is its longest length.
        pair: the field set by the second figure of "6/14".
        levels: levels of units that answer it; empty means all.
        total_only: never shown by unit, only as a total.
        source: the sentence of the letter that asks for it.
    """

    id: str
    ask: str
    label: str
    kind: Kind
    adds: Adds
    source: str
    words: tuple[str, ...]
    required: bool = True
    standing: bool = False
    low: int = 0
    high: int = 99_999
    options: tuple[Option, ...] = ()
    pair: str | None = None
    when: Condition | None = None
    levels: frozenset[str] = frozenset()
    total_only: bool = False

    def applies(self, level: str, answers: Answers) -> bool:
        """Whether a unit of this level is asked the field, given its other answers."""
        if self.levels and level not in self.levels:
            return False
        return self.when is None or answers.get(self.when.field) in self.when.answers

    def option(self, option_id: str) -> Option:
        """Return the option of that id.

        Raises:
            KeyError: the field has no such option.
        """
        for option in self.options:
            if option.id == option_id:
                return option
        raise KeyError(option_id)

    def shown(self, value: Value) -> str:
        """Return an answer as people read it: 1.234, "mở", "có", "không"."""
        match value:
            case bool():
                return "có" if value else "chưa"
            case int():
                return text.number(value)
            case tuple():
                return ", ".join(self.option(v).label for v in value) or "không"
            case str() if self.kind is Kind.CHOICE:
                return self.option(value).label
            case str() if self.kind is Kind.DAY:
                return _day_shown(value)
        return value or "không"


def _day_shown(value: str) -> str:
    if not value:
        return "chưa rõ"
    _, month, day = value.split("-")
    return f"{int(day)}/{int(month)}"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A rule that the figures break, with the sentence that says so."""

    rule: str
    hard: bool
    says: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Two groups of figures whose sums must compare as said.

    `previous.x` is the figure of the reporting day before. A hard rule refuses a report, a soft
    one asks once.
    """

    id: str
    hard: bool
    left: tuple[str, ...]
    compare: str
    right: tuple[str, ...]
    says: str

    def holds(self, figures: Mapping[str, int]) -> bool:
        """Whether the rule holds; one whose figures are not all known does not apply."""
        if any(f not in figures for f in (*self.left, *self.right)):
            return True
        return _COMPARE[self.compare](self._sum(self.left, figures), self._sum(self.right, figures))

    def mismatch(self, figures: Mapping[str, int]) -> Mismatch:
        """Return what to say about these figures, which break the rule."""
        apart = self._sum(self.left, figures) - self._sum(self.right, figures)
        named = {**figures, "gap": abs(apart)}
        says = re.sub(r"\{([\w.]+)\}", lambda m: text.number(named[m.group(1)]), self.says)
        fields = tuple(f for f in (*self.left, *self.right) if not f.startswith(_PREVIOUS))
        return Mismatch(self.id, self.hard, says, fields)

    @staticmethod
    def _sum(fields: tuple[str, ...], figures: Mapping[str, int]) -> int:
        return sum(figures[f] for f in fields)


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion that is always recomputed from its parts, never averaged."""

    id: str
    label: str
    part: tuple[str, ...]
    whole: tuple[str, ...]

    def of(self, totals: Mapping[str, int]) -> Fraction | None:
        """Return the share, or None when the whole is zero."""
        whole = sum(totals.get(f, 0) for f in self.whole)
        return Fraction(sum(totals.get(f, 0) for f in self.part), whole) if whole else None


@dataclass(frozen=True, slots=True)
class Form:
    """A versioned set of questions; a report keeps the version it was sent under."""

    id: str
    version: int
    title: str
    source: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    shares: tuple[Share, ...]

    def field(self, field_id: str) -> Field:
        """Return the field of that id.

        Raises:
            KeyError: the form has no such field.
        """
        for field in self.fields:
            if field.id == field_id:
                return field
        raise KeyError(field_id)

    def asked(self, level: str, answers: Answers) -> list[Field]:
        """Return the fields that a unit of this level answers, in order."""
        return [f for f in self.fields if f.applies(level, answers)]

    def missing(self, level: str, answers: Answers) -> list[Field]:
        """Return the required fields that have no answer yet, in order."""
        return [f for f in self.asked(level, answers) if f.required and f.id not in answers]

    def mismatches(self, answers: Answers, previous: Answers | None = None) -> list[Mismatch]:
        """Return the rules that the answers break, hard ones first.

        Args:
            previous: answers of the reporting day before; None when there is no such report.
        """
        figures = self._figures(answers)
        if previous is not None:
            old = self._figures(previous)
            figures |= {f"{_PREVIOUS}{k}": v for k, v in old.items()}
        broken = [r.mismatch(figures) for r in self.rules if not r.holds(figures)]
        return sorted(broken, key=lambda m: not m.hard)

    def applicable(self, level: str, answers: Answers) -> dict[str, Value]:
        """Return the answers that still belong to the report.

        A counter that opens again no longer has a cause or a substitute.
        """
        ids = {f.id for f in self.asked(level, answers)}
        return {k: v for k, v in answers.items() if k in ids}

    def _figures(self, answers: Answers) -> dict[str, int]:
        """Return the counts; an optional one that was not given is 0."""
        figures = {f.id: 0 for f in self.fields if f.kind is Kind.COUNT and not f.required}
        counts = (f for f in self.fields if f.kind is Kind.COUNT)
        return figures | {f.id: int(v) for f in counts if isinstance(v := answers.get(f.id), int)}


def form_from(data: Mapping[str, Any]) -> Form:
    """Return the form described by a parsed TOML file.

    Raises:
        FormError: a key is missing or unknown, or a rule names a field that does not exist.
    """
    try:
        form = Form(
            id=data["id"],
            version=data["version"],
            title=data["title"],
            source=data["source"],
            fields=tuple(_field(f) for f in data["fields"]),
            rules=tuple(_rule(r) for r in data.get("rules", ())),
            shares=tuple(
                Share(s["id"], s["label"], tuple(s["part"]), tuple(s["whole"]))
                for s in data.get("shares", ())
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormError(f"form {data.get('id', '?')}: {error!r}") from error
    _check_names(form)
    return form


def _field(data: Mapping[str, Any]) -> Field:
    plain = dict(data)
    label = plain["label"]
    words = (label, *plain.pop("words", ()))
    options = tuple(
        Option(o["id"], o["label"], _folded((o["label"], *o.get("words", ()))))
        for o in plain.pop("options", ())
    )
    when = plain.pop("when", None)
    return Field(
        kind=Kind(plain.pop("kind")),
        adds=Adds(plain.pop("adds")),
        words=_folded(words),
        options=options,
        when=Condition(when["field"], tuple(when["answers"])) if when else None,
        levels=frozenset(plain.pop("levels", ())),
        **plain,
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    if data["compare"] not in _COMPARE:
        raise ValueError(f"rule {data['id']}: compare {data['compare']}")
    return Rule(
        id=data["id"],
        hard=data["hard"],
        left=tuple(data["left"]),
        compare=data["compare"],
        right=tuple(data["right"]),
        says=data["says"],
    )


def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.fold(text.one_line(w)) for w in words))


def _check_names(form: Form) -> None:
    """Refuse a form whose parts name fields that it does not have."""
    ids = [f.id for f in form.fields]
    named = [n.removeprefix(_PREVIOUS) for r in form.rules for n in (*r.left, *r.right)]
    named += [n for s in form.shares for n in (*s.part, *s.whole)]
    named += [f.when.field for f in form.fields if f.when] + [f.pair for f in form.fields if f.pair]
    unknown = sorted(set(named) - set(ids))
    doubled = sorted({i for i in ids if ids.count(i) > 1})
    if unknown or doubled:
        raise FormError(f"form {form.id}: unknown fields {unknown}, doubled fields {doubled}")
