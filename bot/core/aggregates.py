"""A unit that only sums others, compared with the sum of what they reported.

It is compared when the digest is made, and not when it sends its report: the units that it sums
have until the deadline, and before that the difference would mostly be their lateness.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.form import Field, Form
from bot.core.rollup import Counts, Entry, count


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure of an aggregate that is not the sum of what it sums.

    Attributes:
        summed: the sum over the units that have reported.
        missing: units that it sums and that have not.
    """

    entry: Entry
    field: Field
    figure: int
    summed: int
    missing: tuple[Entry, ...]


def gaps(form: Form, entries: Sequence[Entry]) -> list[Gap]:
    """Return where the aggregates among some entries differ, in the order of both.

    One whose units have all sent nothing is not compared.
    """
    sums = [e for e in entries if e.received and e.counts is Counts.AGGREGATE]
    return [gap for entry in sums for gap in _gaps_of(form, entry, summed_by(entry, entries))]


def summed_by(entry: Entry, entries: Sequence[Entry]) -> list[Entry]:
    """Return the units that an aggregate sums, of which each counts its own figures.

    They are the units below it, as of a district whose figures are those of its communes; of one
    that has none below it, such as the province's office, those beside it under the same parent.
    """
    own = [e for e in entries if e.expected and e.counts is Counts.OWN]
    below = [e for e in own if e.parent == entry.unit]
    return below or [e for e in own if e.parent == entry.parent and e.level == entry.level]


def _gaps_of(form: Form, entry: Entry, units: Sequence[Entry]) -> Iterator[Gap]:
    reports = [e.answers for e in units if e.answers is not None]
    missing = tuple(e for e in units if e.answers is None)
    answers = entry.answers or {}
    for field_id in form.aggregate if reports else ():
        figure, summed = count(answers, field_id), sum(count(a, field_id) for a in reports)
        if figure != summed:
            yield Gap(entry, form.field(field_id), figure, summed, missing)
