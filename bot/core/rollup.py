"""Reports combined over units and days, each field by its own rule and every dossier once.

Source: DESIGN §4.3 (how fields add up) and §4.4 (whose figures count).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.core.explanations import Explanation
from bot.core.form import Adds, Answers, Form, Kind
from bot.core.life import Status

RECEIVED = ("received_direct", "received_online", "received_postal")
"""The fields whose sum is the dossiers received."""

RESOLVED = ("resolved_on_time", "resolved_late")
"""The fields whose sum is the dossiers resolved."""


class Counts(StrEnum):
    """Whether a unit's figures are added to the totals."""

    OWN = "own"  # its own counter
    INSIDE = "inside"  # its dossiers already lie inside another unit's figures
    AGGREGATE = "aggregate"  # sums other units; used only for checking


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit that reports, on one day, as it stood when the snapshot was taken.

    What its report counts for is the table of DESIGN §5.

    Attributes:
        unit, parent: unit codes; a province's body has the province as parent.
        level: province, district or commune.
        on_time: whether the first submission came by the cut-off.
        answers: of the newest revision; None when nothing was sent.
        stated_on: for a standing fact, the day on which it was last stated.
        revision, sent_at: number and time of the newest revision; 0 and None when nothing was sent.
        reason: why the unit is excused, or its report was returned; "" when it is neither.
        entered_by: who entered the newest revision for the unit; "" when the unit did so.
        awaits: its district has yet to approve it, which changes nothing of what it counts for.
        explanations: the doubts about its figures that were answered.
    """

    unit: str
    name: str
    level: str
    parent: str | None
    counts: Counts
    status: Status
    on_time: bool = False
    answers: Answers | None = None
    stated_on: Mapping[str, date] = field(default_factory=dict)
    revision: int = 0
    sent_at: datetime | None = None
    reason: str = ""
    entered_by: str = ""
    awaits: bool = False
    explanations: tuple[Explanation, ...] = ()

    @property
    def expected(self) -> bool:
        return self.status is not Status.EXEMPT

    @property
    def received(self) -> bool:
        return self.expected and self.answers is not None

    @property
    def explained(self) -> tuple[Explanation, ...]:
        """The doubts that were answered with a reason, and not only confirmed."""
        return tuple(e for e in self.explanations if e.explained)

    @property
    def in_totals(self) -> bool:
        return self.received and self.counts is Counts.OWN


@dataclass(frozen=True, slots=True)
class DaySnapshot:
    """All expected units of a reporting day at one moment."""

    day: date
    taken_at: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What some units amount to.

    Attributes:
        expected, received, on_time: reports (unit-days when over several days).
        figures: sums of the flow and stock fields, by field id.
        states: for each choice field, units by option id.
    """

    expected: int
    received: int
    on_time: int
    figures: Mapping[str, int]
    states: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class UnitWeek:
    """One unit over the reporting days of a week.

    Attributes:
        counted: whether its figures are added up; a unit inside another's is shown only.
        last: the unit's entry on the last day on which it was expected.
        figures: flows summed over the days; of stocks the last value given.
        stock_day: the day from which the stocks come; None when the unit sent nothing.
        answers: of the newest report of the week; None when the unit sent nothing.
        missed: the days on which a report was owed and none came.
    """

    counted: bool
    last: Entry
    expected: int
    received: int
    on_time: int
    figures: Mapping[str, int]
    stock_day: date | None
    answers: Answers | None
    missed: tuple[date, ...]


def day_totals(form: Form, entries: Iterable[Entry]) -> Totals:
    """Return the totals of some units on one day."""
    entries = list(entries)
    counted = [e.answers for e in entries if e.in_totals and e.answers is not None]
    return Totals(
        expected=sum(e.expected for e in entries),
        received=sum(e.received for e in entries),
        on_time=sum(e.received and e.on_time for e in entries),
        figures={f: sum(count(a, f) for a in counted) for f in _summed(form)},
        states=_states(form, counted),
    )


def change(
    form: Form, today: Iterable[Entry], before: Iterable[Entry]
) -> tuple[dict[str, int], int]:
    """Return by how much each figure changed over units that count on both days, and their number.

    A unit that missed one of the days would otherwise show as a rise or a fall.
    """
    old = {e.unit: e.answers for e in before if e.in_totals and e.answers is not None}
    pairs = [
        (e.answers, old[e.unit])
        for e in today
        if e.in_totals and e.answers is not None and e.unit in old
    ]
    changes = {f: sum(count(a, f) - count(b, f) for a, b in pairs) for f in _summed(form)}
    return changes, len(pairs)


def unit_weeks(form: Form, days: Sequence[DaySnapshot]) -> list[UnitWeek]:
    """Return each unit's week, in the order of the newest directory; days are oldest first."""
    entries: dict[str, list[tuple[date, Entry]]] = {}
    for snapshot in days:
        for entry in snapshot.entries:
            entries.setdefault(entry.unit, []).append((snapshot.day, entry))
    order = [e.unit for snapshot in reversed(days) for e in snapshot.entries]
    now = {e.unit for e in days[-1].entries} if days else set()
    units = dict.fromkeys(order)
    return [_unit_week(form, entries[unit], ended=unit not in now) for unit in units]


def week_totals(form: Form, weeks: Iterable[UnitWeek]) -> Totals:
    """Return the totals of some units' weeks: flows of all days, stocks of each unit's last day."""
    weeks = list(weeks)
    counted = [w for w in weeks if w.counted]
    return Totals(
        expected=sum(w.expected for w in weeks),
        received=sum(w.received for w in weeks),
        on_time=sum(w.on_time for w in weeks),
        figures={f: sum(w.figures.get(f, 0) for w in counted) for f in _summed(form)},
        states=_states(form, [w.answers for w in counted if w.answers is not None]),
    )


def count(answers: Answers, *fields: str) -> int:
    """Return the sum of these counts; one that was not given is 0."""
    return sum(int(v) for f in fields if isinstance(v := answers.get(f), int))


def group_of(entry: Entry) -> str:
    """Return the unit under which an entry is listed: its district, or itself above that level.

    A district's total is its own counter plus its communes'.
    """
    return entry.parent if entry.level == "commune" and entry.parent else entry.unit


def _unit_week(form: Form, days: Sequence[tuple[date, Entry]], *, ended: bool) -> UnitWeek:
    """Return one unit's week.

    Where the directory changed in mid-week every dossier is still counted once: the flows of the
    days on which the unit counted for itself, and its stocks only if it does so to the end.
    """
    owed = [(day, e) for day, e in days if e.expected]
    sent = [(day, e.answers) for day, e in owed if e.answers is not None]
    own = [e.answers for _, e in owed if e.answers is not None and e.counts is Counts.OWN]
    counted = any(e.counts is Counts.OWN for _, e in days)
    moved_on = ended or (counted and days[-1][1].counts is not Counts.OWN)
    newest = sent[-1] if sent else None
    return UnitWeek(
        counted=counted,
        last=owed[-1][1] if owed else days[-1][1],
        expected=len(owed),
        received=len(sent),
        on_time=sum(e.received and e.on_time for _, e in owed),
        figures=_week_figures(
            form, own if counted else [answers for _, answers in sent], stocks=not moved_on
        ),
        stock_day=newest[0] if newest else None,
        answers=newest[1] if newest else None,
        missed=tuple(day for day, e in owed if e.answers is None),
    )


def _week_figures(form: Form, reports: Sequence[Answers], *, stocks: bool) -> dict[str, int]:
    if not reports:
        return {}
    last = reports[-1:] if stocks else []
    return {
        f: sum(count(a, f) for a in (reports if adds is Adds.FLOW else last))
        for f, adds in _summed(form).items()
    }


def _summed(form: Form) -> dict[str, Adds]:
    return {f.id: f.adds for f in form.fields if f.kind is Kind.COUNT}


def _states(form: Form, reports: Sequence[Answers]) -> dict[str, dict[str, int]]:
    return {
        f.id: {o.id: sum(a.get(f.id) == o.id for a in reports) for o in f.options}
        for f in form.fields
        if f.kind is Kind.CHOICE
    }
