"""The clock asks: the prompt to every unit that owes a report, then reminders to the missing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import dialogue, messages
from bot.core.life import Status
from bot.core.messages import Says
from bot.core.messaging import Channels, Outbound
from bot.core.office import Office
from bot.core.rollup import Entry
from handlers.allowance import told_another_way, used_up
from handlers.missing import still_missing
from handlers.report import desk_at
from handlers.scene import asked_of, notice
from handlers.stand_in import OnDuty, on_duty
from storage.conversations import REPORTERS
from storage.office import UnitNow, reachable, units_on
from storage.outbox import enqueue
from storage.papers import Papers, papers_of
from storage.reports import entries_of
from storage.tables import OccurrenceRow

_UNITS_AT_ONCE = 500


async def prompt(
    session: AsyncSession,
    office: Office,
    occurrence: OccurrenceRow,
    now: datetime,
    *,
    channels: Channels,
) -> str:
    """Send the whole form to the main focal point of each unit that has not reported yet."""
    connection = await session.connection()
    entries = await entries_of(connection, occurrence.day, form_id=office.form.id)
    owing = {e.unit for e in still_missing(entries)}
    units = [u for u in await units_on(session, occurrence.day) if u.code in owing]
    closed = await used_up(session, channels, now)
    found = await reachable(session, REPORTERS, today=now.date(), avoiding=closed)
    duty = await on_duty(session, found, occurrence.day)
    reporters = duty.people
    away = {code for code, people in reporters.items() if people[0].channel in closed}
    for unit in (u for u in units if u.code in away):
        to, period = reporters[unit.code][0], office.period(occurrence.day)
        told = told_another_way(office, channels, to, unit.name, period, closed)
        await enqueue(connection, told, now=now)
    units = [u for u in units if u.code not in away]
    asked = 0
    for some in _in_lots(units):
        papers = await papers_of(
            connection, [u.id for u in some], form_id=office.form.id, today=occurrence.day
        )
        forms = list(_forms(office, some, papers, duty, occurrence, now))
        await enqueue(connection, forms, now=now)
        asked += len(forms)
    return f"{asked} of {len(units)} asked"


def _forms(
    office: Office,
    units: Iterable[UnitNow],
    papers: Mapping[int, Papers],
    duty: OnDuty,
    occurrence: OccurrenceRow,
    now: datetime,
) -> Iterator[Outbound]:
    period = office.period(occurrence.day)
    for unit in units:
        if unit.code not in duty.people:
            continue
        desk = desk_at(office, unit, papers[unit.id], period, now=now, sent_at=now)
        key = f"prompt@{occurrence.day.isoformat()}/{unit.code}"
        to = duty.people[unit.code][0]
        says = duty.told_why(to, dialogue.open_form(desk).says)
        yield from notice(
            key,
            to.channel,
            to.chat,
            says,
            useful_until=period.cut_off,
            asks=asked_of(unit.code, occurrence.day),
        )


async def remind_first(
    session: AsyncSession,
    office: Office,
    occurrence: OccurrenceRow,
    now: datetime,
    *,
    channels: Channels,
) -> str:
    """Remind the main focal point of each unit that is still missing."""
    return await _remind(session, office, occurrence, now, channels, last=False)


async def remind_last(
    session: AsyncSession,
    office: Office,
    occurrence: OccurrenceRow,
    now: datetime,
    *,
    channels: Channels,
) -> str:
    """Remind all focal points and deputies of each unit that is still missing."""
    return await _remind(session, office, occurrence, now, channels, last=True)


async def _remind(
    session: AsyncSession,
    office: Office,
    occurrence: OccurrenceRow,
    now: datetime,
    channels: Channels,
    *,
    last: bool,
) -> str:
    connection = await session.connection()
    entries = await entries_of(connection, occurrence.day, form_id=office.form.id)
    period = office.period(occurrence.day)
    closed = await used_up(session, channels, now)
    found = await reachable(session, REPORTERS, today=now.date(), avoiding=closed)
    duty = await on_duty(session, found, occurrence.day)
    reminded = 0
    for entry in still_missing(entries):
        people = duty.people.get(entry.unit, [])
        for to in people if last else people[:1]:
            if to.channel in closed:
                # Once for the unit: a deputy's copy would be one more out of the reserve.
                if to is people[0]:
                    told = told_another_way(office, channels, to, entry.name, period, closed)
                    await enqueue(connection, told, now=now)
                continue
            key = f"{occurrence.slot}@{occurrence.day.isoformat()}/{entry.unit}"
            says = duty.told_why(to, _reminder(office, entry, occurrence, last=last))
            message = notice(
                key,
                to.channel,
                to.chat,
                says,
                useful_until=period.cut_off,
                asks=asked_of(entry.unit, occurrence.day),
            )
            await enqueue(connection, message, now=now)
            reminded += 1
    return f"{reminded} reminded"


def _reminder(office: Office, entry: Entry, occurrence: OccurrenceRow, *, last: bool) -> Says:
    return messages.reminder(
        entry.name,
        office.period(occurrence.day),
        last=last,
        drafted=entry.status is Status.DRAFT,
    )


def _in_lots(units: Sequence[UnitNow]) -> Iterator[Sequence[UnitNow]]:
    for start in range(0, len(units), _UNITS_AT_ONCE):
        yield units[start : start + _UNITS_AT_ONCE]
