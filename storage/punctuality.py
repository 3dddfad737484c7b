"""What is needed to judge how punctual units were: lives of reports, outages, who was there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import and_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.life import Life
from bot.core.periods import Down
from bot.core.punctuality import unmanned
from bot.core.schedule import Slot
from storage.conversations import REPORTERS
from storage.leave import leaves_between
from storage.papers import life_of
from storage.tables import Duty, OccurrenceRow, Outage, Report, Revision, UnitVersion, valid_on


async def add_outage(session: AsyncSession, since: datetime, until: datetime) -> None:
    """Keep a time in which the bot did not run; one that begins at the same moment is known."""
    if until > since and await session.get(Outage, since) is None:
        session.add(Outage(since=since, until=until))


async def outages(session: AsyncSession, *, since: datetime) -> list[Down]:
    """Return the times in which the bot did not run that ended after a moment, oldest first."""
    found = await session.exec(
        select(Outage).where(Outage.until > since).order_by(col(Outage.since))
    )
    return [Down(o.since, o.until) for o in found]


async def first_day_asked(session: AsyncSession) -> date | None:
    """Return the first day on which the bot was there for the digest; None before it.

    Nobody owed it a report of an earlier day.
    """
    first = select(func.min(OccurrenceRow.day)).where(OccurrenceRow.slot == Slot.DIGEST)
    return (await session.exec(first)).one()


@dataclass(frozen=True, slots=True)
class Reported:
    """A unit's report of a day: its life, and the overdue dossiers by its newest revision."""

    life: Life = field(default_factory=Life)
    overdue: int | None = None


@dataclass(frozen=True, slots=True)
class DayOfUnits:
    """A reporting day of some units, by unit id.

    Attributes:
        expected: those that owed a report.
        reported: those of which something is known.
        unmanned: those whose people were all on leave.
    """

    day: date
    expected: frozenset[int]
    reported: Mapping[int, Reported]
    unmanned: frozenset[int]


async def day_of_units(
    session: AsyncSession, day: date, *, form_id: str, units: Collection[int] | None = None
) -> DayOfUnits:
    """Return what is known of a day.

    Args:
        units: only these; None for all.
    """
    expected = select(UnitVersion.unit_id).where(
        col(UnitVersion.reports), *valid_on(UnitVersion, day)
    )
    if units is not None:
        expected = expected.where(col(UnitVersion.unit_id).in_(units))
    owing = frozenset(await session.exec(expected))
    return DayOfUnits(
        day=day,
        expected=owing,
        reported=await _reported(session, day, form_id, units),
        unmanned=await _unmanned(session, day, owing),
    )


async def _reported(
    session: AsyncSession, day: date, form_id: str, units: Collection[int] | None
) -> dict[int, Reported]:
    newest = and_(
        col(Revision.report_id) == col(Report.id), col(Revision.number) == col(Report.revisions)
    )
    rows = (
        select(Report, Revision.overdue)
        .outerjoin(Revision, newest)
        .where(Report.form_id == form_id, Report.day == day)
    )
    if units is not None:
        rows = rows.where(col(Report.unit_id).in_(units))
    found = await session.exec(rows)
    return {
        report.unit_id: Reported(life_of(report), overdue if report.revisions else None)
        for report, overdue in found
    }


async def _unmanned(session: AsyncSession, day: date, units: Collection[int]) -> frozenset[int]:
    """Return the units all of whose people were on leave; few units have a leave at all."""
    leaves = await leaves_between(session, day, day)
    away: dict[int, set[int]] = {}
    for leave in leaves:
        if leave.unit_id in units:
            away.setdefault(leave.unit_id, set()).add(leave.person_id)
    if not away:
        return frozenset()
    held: dict[int, set[int]] = {}
    duties = select(Duty.unit_id, Duty.person_id).where(
        col(Duty.unit_id).in_(away), col(Duty.role).in_(REPORTERS), *valid_on(Duty, day)
    )
    for unit, person in await session.exec(duties):
        held.setdefault(unit, set()).add(person)
    return frozenset(u for u, people in away.items() if unmanned(held.get(u, ()), people))
