"""What a message has said so far: its claims, what is doubted, what was spoken of last."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.core.claims import Claim
from bot.core.form import Field, Form
from bot.core.meaning import Meant
from bot.core.values import Unclear, Why

_TWO = 2


class Said:
    """Collects claims and doubts, clause by clause.

    Attributes:
        claims: in the order said.
        unclear: what is asked back; `perhaps` only unless the message says the field elsewhere.
        doubted: fields of which something unclear is said.
        topic: of the last figure.
        line: number of the line that is read.
        correcting: whether what follows corrects what was said; `corrected` once it has done so.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self.claims: list[Claim] = []
        self.unclear: list[Unclear] = []
        self.perhaps: list[Unclear] = []
        self.doubted: set[str] = set()
        self.topic = ""
        self.line = 0
        self.correcting = False
        self.corrected = False

    @property
    def last(self) -> Claim | None:
        """Return the last claim of this line."""
        last = self.claims[-1] if self.claims else None
        return last if last is not None and last.line == self.line else None

    @property
    def fields(self) -> set[str]:
        """Return all fields that something was said of."""
        return {f for claim in self.claims for f in claim.fields}

    def topic_of(self, fields: Iterable[str]) -> str:
        """Return the topic that fields have in common."""
        topics = {self._form.field(f).topic for f in fields}
        return topics.pop() if len(topics) == 1 else ""

    def add(self, claim: Claim) -> None:
        """Take a claim; what follows is about the same, unless it says otherwise."""
        self.claims.append(claim)
        self.topic = self.topic_of(claim.fields) or self.topic

    def pair(self, claim: Claim, values: Sequence[int]) -> None:
        """ "6/14" is two figures, where the form says so."""
        first = next((f for f in self._form.fields if f.id in claim.fields and f.pair), None)
        if first is None or len(values) != _TWO or not claim.fields <= {first.id, first.pair or ""}:
            why = Why.NOT_A_NUMBER if claim.sure else Why.AMBIGUOUS
            self.doubt(Unclear(claim.fragment, why), claim.fields)
            return
        if claim.sure is None and first.marked and values[0] > values[1]:
            # Of "cấp thiết 5/4" it cannot be known which is which.
            self.unclear.append(
                Unclear(claim.fragment, Why.AMBIGUOUS, self._in_order(claim.fields))
            )
            return
        self.add(replace(claim, fields=frozenset({first.id})))
        self.add(replace(claim, fields=frozenset({first.pair or ""}), value=values[1]))

    def correct(self, values: Sequence[int], fragment: str) -> bool:
        """Replace the last figure by another, or the last pair: "trực 4/7 à quên 5/7".

        Returns False when there is nothing on this line that it can replace.
        """
        count = len(values)
        last = self.claims[-count:]
        if self.last is None or count > _TWO or (count == _TWO and not self._are_pair(last)):
            return False
        for claim, value in zip(last, values, strict=True):
            if not claim.sure:
                # What it may be is settled once, by the figure that holds.
                self.claims.remove(claim)
            self.add(replace(claim, value=value, fragment=fragment, replaces=True))
        self.corrected = True
        return True

    def _are_pair(self, claims: Sequence[Claim]) -> bool:
        first, second = (claim.sure for claim in claims) if len(claims) == _TWO else ("", "")
        return bool(first) and self._form.field(first or "").pair == second

    def doubt(self, unclear: Unclear, fields: Iterable[str] = ()) -> None:
        """Ask something back; when it is about one field, no figure of that field is taken."""
        meant_for = self._in_order(fields)
        if len(meant_for) == 1:
            self.doubted.add(meant_for[0].id)
            unclear = replace(unclear, fields=meant_for)
        elif unclear.why is not Why.NO_LABEL and not unclear.fields:
            why = Why.AMBIGUOUS if meant_for else Why.NOT_PARTED
            unclear = replace(unclear, why=why, fields=meant_for)
        self.unclear.append(unclear)
        if not meant_for:
            # "ba đúng" behind a correction may correct once more.
            self.doubted |= {f for c in self.claims if c.replaces for f in c.fields}
        # What was spoken of last is not known any more, nor what an unclear correction corrects.
        self.topic = self.topic_of(f.id for f in meant_for) if len(meant_for) == 1 else ""
        if self.correcting and len(meant_for) != 1:
            self.doubt_all()

    def doubt_all(self) -> None:
        """Take nothing of what was said."""
        self.doubted |= self.fields

    def doubt_last(self, why: Why) -> None:
        """Ask the last figure of this line back."""
        if self.last is not None:
            self.doubt(Unclear(self.last.fragment, why), self.last.fields)

    # Questions

    @property
    def all_understood(self) -> bool:
        """Whether of all that is unclear it is known which field it is about."""
        return all(len(unclear.fields) == 1 for unclear in self.unclear)

    def is_sum(self, value: int) -> bool:
        """Whether a figure is the sum of two or more that stand before it: "… = 19"."""
        together = 0
        for n, claim in enumerate(reversed(self.claims), 1):
            other = self.topic_of(claim.fields) != self.topic_of(self.claims[-1].fields)
            if claim.line != self.line or other:
                return False
            together += claim.value
            if n > 1 and together == value:
                return True
        return False

    def has_whole_of(self, what: Meant, *, begins: bool) -> bool:
        """Whether a figure can be part of what its line said before: "96, trong đó quá hạn 2".

        What begins its line may be part of what the line above said.
        """
        reach = self.line - (1 if begins else 0)
        for claim in reversed(self.claims):
            if claim.line < reach:
                return False
            topics = {self._form.field(f).topic for f in claim.fields}
            withins = {self._form.field(f).within for f in what.fields}
            if withins & (claim.fields | topics) or (
                len(claim.fields) > 1 and what.fields < claim.fields
            ):
                return True
            if claim.fields == what.fields and what.part:
                return True
            if not claim.inside:
                return False
        return False

    def was(self, what: Meant, wrong: int) -> bool:
        """Whether the figure said to be wrong is the one that was said."""
        earlier = [c.value for c in self.claims if c.fields == what.fields]
        return not earlier or earlier[-1] == wrong

    def _in_order(self, fields: Iterable[str]) -> tuple[Field, ...]:
        wanted = {*fields}
        return tuple(f for f in self._form.fields if f.id in wanted)
