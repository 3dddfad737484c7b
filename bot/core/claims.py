"""What a message claims, settled: parts are added, totals compared, contradictions asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.form import Field, Form, Value
from bot.core.values import Unclear, Why

ON_TIME = "on time"
"""The part of what is resolved that was so on its last day, and not before it."""

IN_TIME = "in time"
"""The part of what is pending that is not overdue."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure as a message says it.

    Attributes:
        fields: what it may be; one, or all figures of a topic when it is their total.
        part: as in `form.Term`.
        inside: said to be a part of what stands before it.
        replaces: corrects what was said before.
        line: by which it is known whether two claims stand together.
    """

    fields: frozenset[str]
    value: int
    fragment: str
    part: str = ""
    inside: bool = False
    replaces: bool = False
    line: int = 0

    @property
    def sure(self) -> str | None:
        """Return the only field that it can be."""
        return next(iter(self.fields)) if len(self.fields) == 1 else None


@dataclass(frozen=True, slots=True)
class Settled:
    """What follows from all claims."""

    values: Mapping[str, Value]
    reasons: Mapping[str, str]
    unclear: Sequence[Unclear]


class _Parts:
    """What is claimed of one field: the whole, or parts that add up to it."""

    def __init__(self) -> None:
        self.said: dict[str, Claim] = {}
        self._differs = False

    def take(self, claim: Claim) -> None:
        if claim.replaces and not self.corrects:
            self.said = {}
            self._differs = False
        before = self.said.get(claim.part)
        if before is not None and claim.inside and not before.inside:
            # "trực tuyến 14 (mức độ 3: 9, mức độ 4: 5)"
            self._differs |= claim.value > before.value
        elif before is not None:
            self._differs |= before.value != claim.value
        elif claim.inside and claim.part and not all(c.inside for c in self.said.values()):
            self._differs |= claim.value > self.value
        else:
            self.said[claim.part] = claim

    @property
    def contradicts(self) -> bool:
        """Whether the same is said twice and otherwise, or parts do not make up the whole."""
        whole = self.said.get("")
        parts = [claim for part, claim in self.said.items() if part]
        if self._differs or whole is None or not parts:
            return self._differs
        together = sum(claim.value for claim in parts)
        lie_inside = all(claim.inside or claim.part == IN_TIME for claim in parts)
        return together > whole.value or (together < whole.value and not lie_inside)

    @property
    def corrects(self) -> bool:
        return any(claim.replaces for claim in self.said.values())

    @property
    def is_lone(self) -> bool:
        """Whether only one part is said of what has more: "trước hạn 12", and no other."""
        return len(self.said) == 1 and not {"", ON_TIME} & {*self.said}

    @property
    def value(self) -> int:
        whole = self.said.get("")
        return whole.value if whole else sum(claim.value for claim in self.said.values())

    @property
    def fragment(self) -> str:
        whole = self.said.get("")
        said = [whole] if whole else self.said.values()
        return " + ".join(claim.fragment for claim in said)


def settled(form: Form, claims: Sequence[Claim], *, all_understood: bool) -> Settled:
    """Return the values of claims, in the order in which they were said.

    Args:
        all_understood: nothing was said that may belong to any of these figures.
    """
    return _Settling(form, claims, all_understood=all_understood).result()


def topic_fields(form: Form, topic: str) -> frozenset[str]:
    """Return the unmarked fields of a topic."""
    return frozenset(f.id for f in form.fields if topic and f.topic == topic and not f.marked)


class _Settling:
    def __init__(self, form: Form, claims: Sequence[Claim], *, all_understood: bool) -> None:
        self._form = form
        self._claims = claims
        self._all_understood = all_understood
        self._parts: dict[str, _Parts] = {}
        self._unclear: list[Unclear] = []
        self._corrected: set[str] = set()  # what an unclear correction may correct
        self._derived: dict[str, tuple[int, str]] = {}

    def result(self) -> Settled:
        for claim in self._claims:
            if claim.sure:
                self._parts.setdefault(claim.sure, _Parts()).take(claim)
        for claim in self._claims:
            if not claim.sure and not self._is_total(claim):
                self._by_elimination(claim)
        self._sum_of_pending()
        for claim in self._totals():
            self._total(claim)
        return self._all()

    def _all(self) -> Settled:
        values: dict[str, Value] = {}
        reasons: dict[str, str] = {}
        for field_id, parts in self._parts.items():
            asked = self._form.field(field_id)
            if why := self._why_unclear(asked, parts):
                self._unclear.append(Unclear(parts.fragment, why, (asked,)))
            elif parts.said:
                values[field_id], reasons[field_id] = parts.value, parts.fragment
        if any(parts.contradicts and parts.corrects for parts in self._parts.values()):
            # "đính chính: trả trễ 2, quá hạn cửa giải quyết 1": one may correct another field.
            self._corrected |= self._parts.keys()
        for field_id, (value, fragment) in self._derived.items():
            if field_id not in self._parts:
                values[field_id], reasons[field_id] = value, fragment
        certain = {k: v for k, v in values.items() if k not in self._corrected}
        return Settled(certain, {k: reasons[k] for k in certain}, self._unclear)

    def _why_unclear(self, asked: Field, parts: _Parts) -> Why | None:
        if parts.contradicts:
            return Why.SAID_TWICE
        if not asked.low <= parts.value <= asked.high:
            return Why.OUT_OF_BOUNDS
        # "trước hạn 15, đugn hạn 22": the rest may be what is not understood.
        return None if self._all_understood or not parts.is_lone else Why.NOT_PARTED

    def _is_total(self, claim: Claim) -> bool:
        topics = {self._form.field(f).topic for f in claim.fields}
        # Those on duty are among all of the staff: the two have no sum.
        among = any(self._form.field(f).within in claim.fields for f in claim.fields)
        whole = len(topics) == 1 and claim.fields == topic_fields(self._form, topics.pop())
        return whole and not among

    def _by_elimination(self, claim: Claim) -> None:
        """ "TT 16, online 29": TT is what the other word is not."""
        topics = {self._form.field(f).topic for f in claim.fields}
        left = [f for f in claim.fields if f not in self._parts]
        marked = all(self._form.field(f).marked for f in claim.fields)
        if marked and claim.value == 0 and len(left) == len(claim.fields):
            # "cấp thiết: không": none came; of those that came before nothing is said.
            left = [f.id for f in self._ordered(left)][:1]
        if len(topics) == 1 and len(left) == 1:
            self._parts.setdefault(left[0], _Parts()).take(claim)
        else:
            # "trễ 1 - em nhàm, trễ 0": it may be another field, or correct what was said.
            earlier = {f: self._parts[f].value for f in claim.fields if f in self._parts}
            self._corrected |= {f for f, value in earlier.items() if value != claim.value}
            self._ask(claim)

    def _ask(self, claim: Claim, fields: Iterable[str] = (), why: Why = Why.AMBIGUOUS) -> None:
        meant = self._ordered({*fields} or claim.fields)
        if claim.replaces:
            self._corrected |= claim.fields | self._parts.keys()
        self._unclear.append(Unclear(claim.fragment, why, tuple(meant)))

    def _sum_of_pending(self) -> None:
        """ "trong hạn 210, quá hạn 4": together they are all that is pending."""
        for field_id, parts in list(self._parts.items()):
            in_time = parts.said.get(IN_TIME)
            if in_time is None:
                continue
            over = next(
                (
                    self._parts[f.id]
                    for f in self._form.fields
                    if f.within == field_id and f.id in self._parts
                ),
                None,
            )
            if over is None and "" not in parts.said:
                del self._parts[field_id]
                self._ask(in_time)
            elif over is not None:
                whole = Claim(
                    frozenset({field_id}),
                    in_time.value + over.value,
                    f"{in_time.fragment}, {over.fragment}",
                )
                parts.take(whole)

    def _totals(self) -> list[Claim]:
        """Return the totals, without those of which another figure is said as well."""
        totals = [c for c in self._claims if not c.sure and self._is_total(c)]
        kept = []
        for claim in totals:
            same = [c for c in totals if c.fields == claim.fields]
            holds = [c for c in same if c.replaces] or same
            if len({c.value for c in holds}) == 1:
                kept += [claim] if claim is holds[-1] else []
            elif claim is same[0]:
                # "trực tiếp nhận 15 trả 13; trực tuyến nhận 11 trả 12"
                self._ask(claim)
        return kept

    def _total(self, claim: Claim) -> None:
        """Compare a total with its parts, or find the one part that it leaves."""
        known = {f: self._parts[f].value for f in claim.fields if f in self._parts}
        left = [f for f in self._ordered(claim.fields) if f.id not in known]
        rest = claim.value - sum(known.values())
        if claim.value == 0 and not any(known.values()):
            self._derive(left, 0, claim)
        elif rest < 0 or (rest and not left):
            self._ask(claim, known, Why.WRONG_SUM)
        elif not left:
            return
        elif len(left) == 1 and rest == claim.value and self._told_as_parts(claim, known):
            self._derive(left, rest, claim)
        else:
            self._ask(claim, [f.id for f in left])

    def _told_as_parts(self, claim: Claim, known: Mapping[str, int]) -> bool:
        """Whether the rest of a total is said to be none: "12, trong đó quá hạn 0"."""
        sayings = [c for c in self._claims if c.sure in known and c.line == claim.line]
        return bool(sayings) and all(c.inside for c in sayings)

    def _derive(self, fields: Iterable[Field], value: int, claim: Claim) -> None:
        for asked in fields:
            self._derived[asked.id] = (value, claim.fragment)

    def _ordered(self, ids: Iterable[str]) -> list[Field]:
        wanted = set(ids)
        return [f for f in self._form.fields if f.id in wanted]
