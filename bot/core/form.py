"""A form: its fields, how each adds up, and the rules between them. Its content is data (TOML)."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from bot.core import text
from bot.core.history import LEAST_REPORTS, History

Value = int | bool | str | tuple[str, ...]
Answers = Mapping[str, Value]

_COMPARE: Mapping[str, Callable[[int, int], bool]] = {"<=": operator.le, "==": operator.eq}
_PREVIOUS = "previous."
_NAMED = re.compile(r"\{([\w.]+)\}")


_Part = TypeVar("_Part")


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
    """One permitted answer of a choice.

    Attributes:
        words: ways to say it anywhere in a message, in lower case.
        named: those that say it only behind the name of the field: "Quầy: trực tuyến".
    """

    id: str
    label: str
    words: tuple[str, ...]
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """The field is asked only when the answer to `field` is one of `answers`."""

    field: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One question of a form; equal only to itself, since a form has each field once.

    Attributes:
        label: short name, as printed in a list.
        words: names by which people call the field in a message, in lower case.
        required: a report cannot be sent without it.
        standing: a fact that holds until changed; carried over with the day it was stated.
        low, high: bounds of a count, inclusive; `high` of a text is its longest length.
        pair: the field set by the second figure of "6/14".
        topic: what the figure is about; words are understood within the topic spoken of.
        within: the field or the topic of which this figure is a part.
        whole: meant by words that fit it and its parts.
        marked: meant only where a word says so that means no unmarked figure.
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
    topic: str = ""
    within: str | None = None
    whole: bool = False
    marked: bool = False
    when: Condition | None = None
    levels: frozenset[str] = frozenset()
    total_only: bool = False

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
            case tuple() if len(value) == len(self.options):
                return "đủ"
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
class Term:
    """Words that may speak of several fields; which one follows from the words around them.

    Attributes:
        words: in lower case.
        means: ids of the fields.
        part: what of the field is counted: parts of one field are added, "trước hạn 20, đúng hạn
            11"; "" for the whole field.
        weak: means anything only where no other word does: "còn 6 hồ sơ", "còn trực tuyến 3".
        unit: names what is counted, and no figure by itself: "hồ sơ".
        either: may mean a marked field as well as another; only a further word tells.
    """

    words: tuple[str, ...]
    means: tuple[str, ...]
    part: str = ""
    weak: bool = False
    unit: bool = False
    either: bool = False


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A rule that the figures break, with the sentence that says so.

    Attributes:
        fields: ids of this day's fields that the rule compares.
        old_fact: only asks whether what was said long ago still holds; there is nothing to explain.
    """

    hard: bool
    says: str
    fields: tuple[str, ...] = ()
    old_fact: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Two groups of figures whose sums must compare as said.

    `previous.x` is the figure of the reporting day before. A hard rule refuses a report, a soft
    one asks once.

    Attributes:
        says: what the person is told; {x} stands for a figure of the rule, {left} and {right} for
            the sums, {gap} for how far they lie apart.
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
        left, right = self._sum(self.left, figures), self._sum(self.right, figures)
        named = {**figures, "left": left, "right": right, "gap": abs(left - right)}
        says = _NAMED.sub(lambda m: text.number(named[m.group(1)]), self.says)
        today = (f for f in (*self.left, *self.right) if not f.startswith(_PREVIOUS))
        return Mismatch(self.hard, says, tuple(dict.fromkeys(today)))

    @staticmethod
    def _sum(fields: tuple[str, ...], figures: Mapping[str, int]) -> int:
        return sum(figures[f] for f in fields)


@dataclass(frozen=True, slots=True)
class Ages:
    """How old a standing fact may be, in days; it holds until somebody changes it.

    Attributes:
        shown_after: older than this, the day on which it was stated is shown beside it.
        asked_after: older than this, the unit is asked whether it still holds.
    """

    shown_after: int
    asked_after: int


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A versioned set of questions; a report keeps the version it was sent under.

    A form is read once and equal only to itself, so that what is derived from it can be cached.

    Attributes:
        history: how figures are judged by a unit's own reports; None when they are not.
        ages: how old standing facts may be; None when it does not matter.
        aggregate: ids of the counts that a unit which sums others must report as their sum.
    """

    id: str
    version: int
    title: str
    source: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    terms: tuple[Term, ...] = ()
    history: History | None = None
    ages: Ages | None = None
    aggregate: tuple[str, ...] = ()

    def field(self, field_id: str) -> Field:
        """Return the field of that id.

        Raises:
            KeyError: the form has no such field.
        """
        return _by_id(self)[field_id]

    def asked(self, level: str, answers: Answers) -> list[Field]:
        """Return the fields that a unit of this level answers, in order."""
        return [
            f
            for f in _fields_of(self, level)
            if f.when is None or answers.get(f.when.field) in f.when.answers
        ]

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

    def old(self, stated_on: Mapping[str, date], day: date, *, asked: bool = False) -> list[Field]:
        """Return the standing facts that are old on a day, in order.

        Args:
            asked: only those that are so old that they are asked again.
        """
        if self.ages is None:
            return []
        days = timedelta(days=self.ages.asked_after if asked else self.ages.shown_after)
        standing = (f for f in self.fields if f.standing)
        return [f for f in standing if f.id in stated_on and day - stated_on[f.id] > days]

    def _figures(self, answers: Answers) -> dict[str, int]:
        """Return the counts; an optional one that was not given is 0."""
        figures = {f.id: 0 for f in self.fields if f.kind is Kind.COUNT and not f.required}
        counts = (f for f in self.fields if f.kind is Kind.COUNT)
        return figures | {f.id: int(v) for f in counts if isinstance(v := answers.get(f.id), int)}


@lru_cache(maxsize=8)
def _by_id(form: Form) -> Mapping[str, Field]:
    return {f.id: f for f in form.fields}


@lru_cache(maxsize=64)
def _fields_of(form: Form, level: str) -> tuple[Field, ...]:
    """Return the fields for a level of units; every message asks for them several times."""
    return tuple(f for f in form.fields if not f.levels or level in f.levels)


def form_from(data: Mapping[str, Any]) -> Form:
    """Return the form described by a parsed TOML file.

    Raises:
        FormError: a key is missing or unknown, a rule names a field that does not exist, or a
            label or an option could be mistaken for another.
    """
    plain = dict(data)
    try:
        history, ages = plain.pop("history", None), plain.pop("ages", None)
        form = Form(
            fields=tuple(_field(f) for f in plain.pop("fields")),
            rules=tuple(_with_tuples(Rule, r) for r in plain.pop("rules", ())),
            terms=tuple(_term(t) for t in plain.pop("terms", ())),
            history=_with_tuples(History, history) if history else None,
            ages=Ages(**ages) if ages else None,
            aggregate=tuple(plain.pop("aggregate", ())),
            **plain,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormError(f"form {data.get('id', '?')}: {error!r}") from error
    wrong = [*_unknown_names(form), *_wrong_checks(form), *_doubtful_words(form)]
    if wrong:
        raise FormError(f"form {form.id}: {'; '.join(wrong)}")
    return form


def _field(data: Mapping[str, Any]) -> Field:
    plain = dict(data)
    options = (
        Option(
            o["id"],
            o["label"],
            _lower((o["label"], *o.get("words", ()))),
            _lower(tuple(o.get("named", ()))),
        )
        for o in plain.pop("options", ())
    )
    when = plain.pop("when", None)
    return Field(
        kind=Kind(plain.pop("kind")),
        adds=Adds(plain.pop("adds")),
        words=_lower((plain["label"], *plain.pop("words", ()))),
        options=tuple(options),
        when=_with_tuples(Condition, when) if when else None,
        levels=frozenset(plain.pop("levels", ())),
        **plain,
    )


def _term(data: Mapping[str, Any]) -> Term:
    return _with_tuples(Term, {**data, "words": _lower(tuple(data["words"]))})


def _with_tuples(part: Callable[..., _Part], data: Mapping[str, Any]) -> _Part:
    """Return a rule or condition, in which TOML's lists become tuples."""
    return part(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})


def _lower(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.one_line(w).lower() for w in words))


def _unknown_names(form: Form) -> Iterator[str]:
    """Yield what is wrong with the names by which the parts of a form refer to each other."""
    ids = [f.id for f in form.fields]
    named = [n.removeprefix(_PREVIOUS) for r in form.rules for n in (*r.left, *r.right)]
    named += [f.when.field for f in form.fields if f.when] + [f.pair for f in form.fields if f.pair]
    named += [n for t in form.terms for n in t.means]
    topics = {f.topic for f in form.fields}
    named += [f.within for f in form.fields if f.within and f.within not in topics]
    yield from (f"unknown field {n}" for n in sorted(set(named) - set(ids)))
    yield from (f"doubled field {i}" for i in sorted({i for i in ids if ids.count(i) > 1}))
    for rule in form.rules:
        if rule.compare not in _COMPARE:
            yield f"rule {rule.id}: unknown comparison {rule.compare}"
        known = {*rule.left, *rule.right, "left", "right", "gap"}
        for name in _NAMED.findall(rule.says):
            if name not in known:
                yield f"rule {rule.id}: says an unknown figure {name}"


def _wrong_checks(form: Form) -> Iterator[str]:
    """Yield what keeps figures from being judged by a unit's own reports or by a sum."""
    counts = {f.id for f in form.fields if f.kind is Kind.COUNT}
    yield from (f"aggregate: {f} is no count" for f in form.aggregate if f not in counts)
    if form.history is None:
        return
    yield from (f"history: {f} is no count" for f in form.history.fields if f not in counts)
    if form.history.least < LEAST_REPORTS:
        yield f"history: least is below {LEAST_REPORTS}"
    if form.history.noise <= 0:
        yield "history: noise is not above 0"


def _doubtful_words(form: Form) -> Iterator[str]:
    """Yield labels and options that mean two things; other words may."""
    words = [text.fold(w) for f in form.fields for w in f.words]
    for field in form.fields:
        label = text.fold(field.label)
        spoken = [t for t in form.terms if label in map(text.fold, t.words)]
        shared = any({*t.means} != {field.id} for t in spoken) and not field.whole
        if words.count(label) > 1 or shared:
            yield f"field {field.id}: its label also names another field"
        said = [text.fold(w) for o in field.options for w in o.words]
        yield from (f"field {field.id}: doubled option {w}" for w in said if said.count(w) > 1)
