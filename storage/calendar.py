"""What the clock has done: occurrences, snapshots, heartbeats."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.schedule import Occurrence, Slot
from bot.core.snapshot import digest_of
from storage.database import insert_into
from storage.tables import Heartbeat, OccurrenceRow, SnapshotRow


async def materialise(session: AsyncSession, occurrences: Iterable[Occurrence]) -> None:
    """Write down due moments; one that was written before stays as it is."""
    rows = [
        {"slot": o.slot, "day": o.day, "due_at": o.due, "useful_until": o.useful_until}
        for o in occurrences
    ]
    if rows:
        connection = await session.connection()
        statement = insert_into(connection, OccurrenceRow)
        await connection.execute(
            statement.on_conflict_do_nothing(index_elements=["slot", "day"]), rows
        )


async def due_again(connection: AsyncConnection, days: Iterable[date], *, now: datetime) -> None:
    """Let a new edition of these locked days be made, as often as something changes in them."""
    rows = [{"slot": Slot.AMENDMENT, "day": day, "due_at": now} for day in sorted(set(days))]
    if rows:
        statement = insert_into(connection, OccurrenceRow)
        again = {"due_at": now, "done_at": None, "outcome": None}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["slot", "day"], set_=again), rows
        )


async def undone(session: AsyncSession) -> list[OccurrenceRow]:
    """Return the due moments that were not done yet, oldest first, in the order of their slots."""
    found = await session.exec(select(OccurrenceRow).where(col(OccurrenceRow.done_at).is_(None)))
    order = {slot.value: n for n, slot in enumerate(Slot)}
    return sorted(found, key=lambda o: (o.due_at, order[o.slot]))


async def forget_after(session: AsyncSession, now: datetime) -> None:
    """Forget the due moments that lie ahead of now, whether done or skipped: they are still due.

    What a person changed after a lock is due by no clock, and stays.
    """
    ahead = col(OccurrenceRow.due_at) > now
    by_clock = col(OccurrenceRow.slot) != Slot.AMENDMENT
    await session.exec(delete(OccurrenceRow).where(ahead, by_clock))


async def add_snapshot(
    session: AsyncSession, *, kind: str, period: str, body: str, taken_at: datetime
) -> SnapshotRow:
    """Keep the next edition of a period's figures."""
    last = await newest_snapshot(session, kind=kind, period=period)
    row = SnapshotRow(
        kind=kind,
        period=period,
        edition=last.edition + 1 if last else 1,
        sha256=digest_of(body),
        body=body,
        taken_at=taken_at,
    )
    session.add(row)
    await session.flush()
    return row


async def newest_snapshot(session: AsyncSession, *, kind: str, period: str) -> SnapshotRow | None:
    """Return the last edition of a period; None before the first."""
    found = await session.exec(
        select(SnapshotRow)
        .where(SnapshotRow.kind == kind, SnapshotRow.period == period)
        .order_by(col(SnapshotRow.edition).desc())
        .limit(1)
    )
    return found.first()


async def snapshots(session: AsyncSession, *, kind: str, period: str) -> list[SnapshotRow]:
    """Return all editions of a period, the first one first."""
    found = await session.exec(
        select(SnapshotRow)
        .where(SnapshotRow.kind == kind, SnapshotRow.period == period)
        .order_by(col(SnapshotRow.edition))
    )
    return list(found)


async def beat(session: AsyncSession, name: str, at: datetime) -> None:
    """Note that a part of the bot was alive."""
    await session.merge(Heartbeat(name=name, at=at))


async def last_beat(session: AsyncSession, name: str) -> datetime | None:
    """Return when a part of the bot was last alive; None before its first time."""
    found = await session.get(Heartbeat, name)
    return found.at if found else None
