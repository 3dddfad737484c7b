"""What a week amounts to, before it is put into words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core import text
from bot.core.explanations import Explanation
from bot.core.form import Form
from bot.core.rollup import (
    DaySnapshot,
    Entry,
    Totals,
    UnitWeek,
    group_of,
    unit_weeks,
    week_totals,
)

_BODIES = "Sở, ban, ngành"
_DISTRICT_COUNTER = "Bộ phận Một cửa cấp huyện"


@dataclass(frozen=True, slots=True)
class Group:
    """The province's bodies, or a district: its own counter first, then its communes."""

    title: str
    weeks: tuple[UnitWeek, ...]


@dataclass(frozen=True, slots=True)
class WeekRecord:
    """A week of all units.

    Attributes:
        days: the reporting days, oldest first.
        weeks, groups: every unit that was in the directory, in its order.
        counted: the units that sent something and whose figures are added.
        carried: dossiers pending in a unit's last report of the week before, by unit code; a
            unit that sent none then is not in it.
        late, exempt: days sent after the deadline, days without a duty to report, by unit code.
        explanations: what was doubted of a unit's reports and answered, by unit code and day.
        stated_on: since when each standing fact of a unit's newest report holds, by unit code.
        remarks: each unit's newest difficulty of the week, phone numbers masked, by unit code.
    """

    form: Form
    days: tuple[date, ...]
    weeks: tuple[UnitWeek, ...]
    groups: tuple[Group, ...]
    counted: tuple[UnitWeek, ...]
    totals: Totals
    carried: Mapping[str, int]
    late: Mapping[str, tuple[date, ...]]
    exempt: Mapping[str, tuple[date, ...]]
    remarks: Mapping[str, str]
    stated_on: Mapping[str, Mapping[str, date]]
    explanations: Mapping[str, Sequence[tuple[date, Explanation]]]

    def carried_over(self, weeks: Iterable[UnitWeek]) -> int | None:
        """Return the dossiers that these units brought along; None when no unit's are known.

        Units whose figures are not added are left out.
        """
        units = [w.last.unit for w in weeks if w.counted]
        known = [self.carried[unit] for unit in units if unit in self.carried]
        return sum(known) if known else None

    @property
    def without_carried(self) -> list[UnitWeek]:
        """The units whose figures are added and that sent none in the week before."""
        own = (w for w in self.weeks if w.counted)
        return [w for w in own if w.last.unit not in self.carried]


def gather(form: Form, days: Sequence[DaySnapshot], previous: Sequence[DaySnapshot]) -> WeekRecord:
    """Return the record of the week of these days; both sequences are oldest first.

    Raises:
        ValueError: the week has no reporting day.
    """
    if not days:
        raise ValueError("a week without a reporting day has nothing to report")
    weeks = tuple(unit_weeks(form, days))
    before = unit_weeks(form, previous)
    return WeekRecord(
        form=form,
        days=tuple(snapshot.day for snapshot in days),
        weeks=weeks,
        groups=_groups(weeks),
        counted=tuple(w for w in weeks if w.counted and w.answers is not None),
        totals=week_totals(form, weeks),
        carried={w.last.unit: w.figures["pending"] for w in before if w.answers is not None},
        late=_days_of(days, lambda e: e.received and not e.on_time),
        exempt=_days_of(days, lambda e: not e.expected),
        remarks=_remarks(days),
        stated_on={e.unit: e.stated_on for d in days for e in d.entries if e.received},
        explanations=_explanations(days),
    )


def name_in_group(entry: Entry) -> str:
    """Return how a unit is called under its group's title, which already names the district."""
    return _DISTRICT_COUNTER if entry.level == "district" else entry.name


def full_name(group: str, week: UnitWeek) -> str:
    """Return how a unit is called outside of its group: a commune with its district."""
    return f"{week.last.name} ({group})" if week.last.level == "commune" else week.last.name


def _groups(weeks: Sequence[UnitWeek]) -> tuple[Group, ...]:
    bodies = [w for w in weeks if w.last.level == "province"]
    districts: dict[str, list[UnitWeek]] = {}
    for week in weeks:
        if week.last.level != "province":
            districts.setdefault(group_of(week.last), []).append(week)
    names = {w.last.unit: w.last.name for w in weeks}
    found = [Group(_BODIES, tuple(bodies))] if bodies else []
    return (*found, *(Group(names.get(d, d), _counter_first(w)) for d, w in districts.items()))


def _counter_first(weeks: Iterable[UnitWeek]) -> tuple[UnitWeek, ...]:
    return tuple(sorted(weeks, key=lambda w: w.last.level != "district"))


def _days_of(
    days: Iterable[DaySnapshot], holds: Callable[[Entry], bool]
) -> dict[str, tuple[date, ...]]:
    found: dict[str, list[date]] = {}
    for snapshot in days:
        for entry in filter(holds, snapshot.entries):
            found.setdefault(entry.unit, []).append(snapshot.day)
    return {unit: tuple(on) for unit, on in found.items()}


def _explanations(
    days: Iterable[DaySnapshot],
) -> dict[str, list[tuple[date, Explanation]]]:
    said: dict[str, list[tuple[date, Explanation]]] = {}
    for snapshot in days:
        for entry in snapshot.entries:
            if entry.received and entry.explanations:
                on_day = [(snapshot.day, e) for e in entry.explanations]
                said.setdefault(entry.unit, []).extend(on_day)
    return said


def _remarks(days: Iterable[DaySnapshot]) -> dict[str, str]:
    said: dict[str, str] = {}
    for entry in (e for snapshot in days for e in snapshot.entries if e.received and e.answers):
        remark = text.one_line(str((entry.answers or {}).get("issues", ""))).rstrip(" .;,/")
        if remark:
            said[entry.unit] = text.mask_phones(remark)
    return said
