"""Who is on leave, and who stands in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.stand_in import Colleague
from storage.conversations import REPORTERS
from storage.tables import Address, Duty, Leave, Person, Unit, valid_on


@dataclass(frozen=True, slots=True)
class Away:
    """A leave as it is kept.

    Attributes:
        unit: code of the unit.
        stand_in_id, stand_in: None and "" when nobody stands in.
        since, until: the first day and the last one, both inclusive.
    """

    id: int
    person_id: int
    person: str
    unit_id: int
    unit: str
    stand_in_id: int | None
    stand_in: str
    since: date
    until: date


async def leaves_between(
    session: AsyncSession, first: date, last: date, *, units: Collection[int] | None = None
) -> list[Away]:
    """Return the leaves that hold on some day from the first to the last, oldest first.

    Args:
        units: only those for these units.
    """
    of_units = [] if units is None else [col(Leave.unit_id).in_(units)]
    return await _away(session, Leave.valid_from <= last, Leave.valid_until > first, *of_units)


async def leaves_of(session: AsyncSession, person_id: int, *, since: date) -> list[Away]:
    """Return a person's leaves that hold on some day from `since` on, oldest first."""
    return await _away(session, Leave.person_id == person_id, Leave.valid_until > since)


async def _away(session: AsyncSession, *conditions: Any) -> list[Away]:
    rows = await session.exec(
        select(Leave, Person.name, Unit.code)
        .join(Person, col(Person.id) == Leave.person_id)
        .join(Unit, col(Unit.id) == Leave.unit_id)
        .where(*conditions)
        .order_by(col(Leave.valid_from), col(Leave.id))
    )
    found = list(rows)
    stand_ins = {leave.stand_in_id for leave, _, _ in found if leave.stand_in_id}
    named = select(Person.id, Person.name).where(col(Person.id).in_(stand_ins))
    names = dict((await session.exec(named)).all()) if stand_ins else {}
    return [
        Away(
            id=leave.id or 0,
            person_id=leave.person_id,
            person=person,
            unit_id=leave.unit_id,
            unit=unit,
            stand_in_id=leave.stand_in_id,
            stand_in=names.get(leave.stand_in_id, ""),
            since=leave.valid_from,
            until=leave.valid_until - timedelta(days=1),
        )
        for leave, person, unit in found
    ]


async def take_leave(
    session: AsyncSession,
    *,
    person_id: int,
    unit_id: int,
    stand_in_id: int | None,
    first: date,
    last: date,
    today: date,
) -> Away:
    """Keep a leave from the first day to the last, inclusive.

    It takes the place of those that it touches: of one that has begun by today from its first day
    on, of one still ahead altogether.
    """
    for before in await leaves_of(session, person_id, since=first):
        if before.unit_id == unit_id and before.since <= last:
            on = first if before.since <= today else before.since
            await end_leaves(session, person_id, on=on, unit_id=unit_id, touching=last)
    row = Leave(
        person_id=person_id,
        unit_id=unit_id,
        stand_in_id=stand_in_id,
        valid_from=first,
        valid_until=last + timedelta(days=1),
    )
    session.add(row)
    await session.flush()
    [kept] = await _away(session, Leave.id == row.id)
    return kept


async def end_leaves(
    session: AsyncSession,
    person_id: int,
    *,
    on: date,
    unit_id: int | None = None,
    touching: date | None = None,
) -> None:
    """End a person's leaves: on the day `on` they are back; one that begins later never was.

    Args:
        unit_id: only the leave from this unit.
        touching: leave alone what begins after this day.
    """
    conditions: list[Any] = [Leave.person_id == person_id, Leave.valid_until > on]
    if unit_id is not None:
        conditions.append(Leave.unit_id == unit_id)
    if touching is not None:
        conditions.append(Leave.valid_from <= touching)
    for leave in await session.exec(select(Leave).where(*conditions)):
        if leave.valid_from < on:
            leave.valid_until = on
            session.add(leave)
        else:
            await session.delete(leave)
    await session.flush()


async def colleagues_of(
    session: AsyncSession, person_id: int, unit_id: int, *, first: date, last: date, today: date
) -> list[Colleague]:
    """Return the others who may report for a unit, oldest duty first, each once.

    Args:
        first, last: who is on leave on one of these days is away.
    """
    found = await session.exec(
        select(Duty, Person.name, Address)
        .join(Person, col(Person.id) == Duty.person_id)
        .outerjoin(
            Address,
            (col(Address.person_id) == Duty.person_id) & col(Address.valid_until).is_(None),
        )
        .where(
            Duty.unit_id == unit_id,
            Duty.person_id != person_id,
            col(Duty.role).in_(REPORTERS),
            *valid_on(Duty, today),
        )
        .order_by(col(Duty.id))
    )
    held: dict[int, tuple[str, str]] = {}
    reached: set[int] = set()
    for duty, name, address in found:
        held.setdefault(duty.person_id, (duty.role, name))
        if address is not None and address.gone_since is None:
            reached.add(duty.person_id)
    away = {a.person_id for a in await leaves_between(session, first, last, units=[unit_id])}
    return [
        Colleague(person, name, role, reached=person in reached, away=person in away)
        for person, (role, name) in held.items()
    ]
