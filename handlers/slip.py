"""/phieu and Friday's line to each unit: how punctual it was, and what is overdue."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import slip_messages
from bot.core.directory import find_units
from bot.core.messages import Says
from bot.core.messaging import Channels
from bot.core.office import Office
from bot.core.periods import Week
from bot.core.punctuality import DayMark, Punctuality, UnitDay, judged, overdue_since
from bot.core.text import fold
from handlers.allowance import used_up
from handlers.scene import Scene, answer, notice
from handlers.scope import scope_of
from handlers.stand_in import on_duty
from storage.conversations import REPORTERS
from storage.office import UnitNow, reachable, units_on
from storage.outbox import enqueue
from storage.punctuality import Reported, day_of_units, first_day_asked
from storage.tables import OccurrenceRow

_ONE_DAY = timedelta(days=1)
_OWN_AT_MOST = 5
_WEEK = re.compile(
    r"\b(?:(?P<last>tuan (?:truoc|roi|qua))|(?P<this>tuan nay)|(?P<id>\d{4}-?w\d{1,2})"
    r"|(?:tuan|w) ?(?P<number>\d{1,2}))\b"
)


async def show_slip(session: AsyncSession, scene: Scene) -> None:
    """Answer "/phieu", "/phieu tuần trước", "/phieu Tích Sơn 2020-W15"."""
    found = _WEEK.search(fold(scene.argument))
    said = scene.argument[found.start() : found.end()] if found else ""
    week = _week(scene, found)
    if week is None:
        await answer(session, scene, slip_messages.unknown_week(said))
        return
    name = scene.argument.replace(said, "", 1).strip(" ,.;")
    units = await _units(session, scene, name)
    if not name and not units:
        await answer(session, scene, slip_messages.unit_needed())
        return
    if not name or len(units) == 1:
        await answer(session, scene, await _slips(session, scene, week, units))
        return
    names = [await _full_name(session, scene, u) for u in units]
    says = slip_messages.which_unit(names, f" {said}" if said else "")
    await answer(session, scene, says if names else slip_messages.no_such_unit(name))


def _week(scene: Scene, found: re.Match[str] | None) -> Week | None:
    """Return the week that is asked for; None when there is no such week.

    On its day of issue the week that has just closed is meant, which everybody was told of.
    """
    current = scene.office.week_of(scene.now.date() - _ONE_DAY)
    if found is None or found["this"]:
        return current
    if found["last"]:
        return _before(scene.office, current)
    year = found["id"][:4] if found["id"] else current.id[:4]
    number = found["number"] or found["id"].rpartition("w")[2]
    try:
        return scene.office.week_named(f"{year}-W{int(number):02}")
    except ValueError:
        return None


def _before(office: Office, week: Week) -> Week:
    return office.week_of(office.calendar.previous_reporting_day(week.days[0]))


async def _units(session: AsyncSession, scene: Scene, name: str) -> list[UnitNow]:
    """Return the units of this name whose slips the person may see; their own without a name."""
    scope = await scope_of(session, scene)
    own = {h.unit_id for h in scene.case.reporting}
    units = [u for u in await units_on(session, scene.now.date()) if u.reports]
    if not name:
        return [u for u in units if u.id in own][:_OWN_AT_MOST]
    return find_units([u for u in units if u.id in own or scope.holds(u.code, u.parent)], name)


async def _full_name(session: AsyncSession, scene: Scene, unit: UnitNow) -> str:
    names = {u.code: u.name for u in await units_on(session, scene.now.date())}
    return ", ".join(filter(None, (unit.name, names.get(unit.parent or ""))))


async def _slips(session: AsyncSession, scene: Scene, week: Week, units: Sequence[UnitNow]) -> Says:
    before = _before(scene.office, week)
    ids = [u.id for u in units]
    marks = await _marks(session, scene.office, (*before.days, *week.days), scene.now, ids)
    own = {h.unit_id for h in scene.case.reporting}
    slips = []
    for unit in units:
        of_unit = marks.get(unit.id, [])
        this = Punctuality(tuple(m for m in of_unit if m.day in week.days))
        last = Punctuality(tuple(m for m in of_unit if m.day in before.days))
        if not this.marks:
            slips.append(slip_messages.nothing_yet(unit.name, week))
            continue
        slip = slip_messages.slip(
            unit.name,
            week,
            this,
            (before, last),
            overdue_since=overdue_since(of_unit),
            now=scene.now,
            own=unit.id in own,
            contact=scene.office.contact,
        )
        slips.append(slip)
    return Says("\n\n".join(slips))


async def _marks(
    session: AsyncSession,
    office: Office,
    days: Sequence[date],
    now: datetime,
    units: Collection[int] | None = None,
) -> dict[int, list[DayMark]]:
    """Return the judged days of each unit by its id, oldest first; days ahead are left out."""
    first = await first_day_asked(session)
    asked = [d for d in days if first is not None and first <= d <= now.date()]
    marks: dict[int, list[DayMark]] = {}
    if not asked:
        return marks
    for day in asked:
        found = await day_of_units(session, day, form_id=office.form.id, units=units)
        for unit in found.expected:
            kept = found.reported.get(unit, Reported())
            whole = UnitDay(office.period(day), kept.life, unit in found.unmanned, kept.overdue)
            marks.setdefault(unit, []).append(judged(whole, now=now))
    return marks


@dataclass(frozen=True, slots=True)
class _Told:
    """What a unit is told on Friday."""

    unit: UnitNow
    punctuality: Punctuality


async def send_slips(
    session: AsyncSession,
    office: Office,
    occurrence: OccurrenceRow,
    now: datetime,
    *,
    channels: Channels,
) -> str:
    """Tell each unit in one line how its week was; below the reserve of a channel nobody is."""
    week = office.week_of(occurrence.day - _ONE_DAY)
    marks = await _marks(session, office, week.days, now)
    found = [
        _Told(unit, Punctuality(tuple(marks.get(unit.id, ()))))
        for unit in await units_on(session, occurrence.day)
    ]
    closed = await used_up(session, channels, now)
    people = await reachable(session, REPORTERS, today=now.date(), avoiding=closed)
    duty = await on_duty(session, people, occurrence.day)
    told = 0
    for one in found:
        to = next(iter(duty.people.get(one.unit.code, ())), None)
        if to is None or to.channel in closed or not one.punctuality.of:
            continue
        says = slip_messages.short(one.unit.name, week, one.punctuality)
        key = f"slip@{week.id}/{one.unit.code}"
        message = notice(key, to.channel, to.chat, says, useful_until=occurrence.useful_until)
        await enqueue(await session.connection(), message, now=now)
        told += 1
    return f"{told} units told"
