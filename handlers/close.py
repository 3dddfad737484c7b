"""The day is locked; the week is closed and its figures frozen."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import life_messages, oversight_messages
from bot.core.office import Office
from bot.core.periods import Week
from bot.core.rollup import DaySnapshot
from bot.core.snapshot import canonical, from_json, same_figures, to_json
from handlers.editions import digest_was_due, freeze_day, newest_day, take_snapshot
from handlers.scene import notice
from storage import calendar
from storage.office import reachable
from storage.outbox import enqueue
from storage.tables import AuditEvent, OccurrenceRow, SnapshotRow

_TOLD = ("office", "admin")
_ONE_DAY = timedelta(days=1)


async def lock_day(
    session: AsyncSession, _office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Put the lock on the record; it holds by the clock, whether or not this ever runs."""
    session.add(
        AuditEvent(
            at=now,
            channel="clock",
            what="day locked",
            subject=occurrence.day.isoformat(),
            detail={},
        )
    )
    return "locked"


async def close_week(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Freeze the week: the last edition of each of its days, in one hashed snapshot."""
    week = office.week_of(occurrence.day - _ONE_DAY)
    days, row = await _freeze(session, office, week, now)
    if row is None:
        return "skipped: nobody was asked in this week"
    for to in await reachable(session, _TOLD, today=now.date()):
        says = oversight_messages.week_closed(
            week.id, days[0].day, days[-1].day, row.sha256, to_admin=to.role == "admin"
        )
        message = notice(f"week@{week.id}", to.channel, to.chat, says)
        await enqueue(await session.connection(), message, now=now)
    return f"{week.id} frozen"


async def freeze_again(
    session: AsyncSession, office: Office, day: date, units: Sequence[str], now: datetime
) -> None:
    """Freeze anew the week of a day in which something changed, if it was frozen before.

    What was frozen stays; those who make the paper are told which units' figures are others.
    """
    week = office.week_of(day)
    before = await calendar.newest_snapshot(session, kind="week", period=week.id)
    if before is None:
        return
    _, row = await _freeze(session, office, week, now)
    if row is None or row.sha256 == before.sha256:
        return
    for to in await reachable(session, _TOLD, today=now.date()):
        says = life_messages.week_changed(
            week.id, day, units, row.sha256, to_admin=to.role == "admin"
        )
        message = notice(f"week@{week.id}/{row.edition}", to.channel, to.chat, says)
        await enqueue(await session.connection(), message, now=now)


async def _freeze(
    session: AsyncSession, office: Office, week: Week, now: datetime
) -> tuple[list[DaySnapshot], SnapshotRow | None]:
    """Keep the last edition of each day of a week as one snapshot; none if it has no days."""
    final = [await _final(session, office, day, now) for day in week.days]
    days = [day for day in final if day is not None]
    if not days:
        return [], None
    row = await calendar.add_snapshot(
        session,
        kind="week",
        period=week.id,
        body=canonical({"week": week.id, "days": [json.loads(to_json(d)) for d in days]}),
        taken_at=now,
    )
    return days, row


async def _final(
    session: AsyncSession, office: Office, day: date, now: datetime
) -> DaySnapshot | None:
    """Return the last edition of a day, making one if something changed after it.

    Returns None for a day that was over before the bot began to ask.
    """
    stands = await take_snapshot(session, office, day, now)
    last = await newest_day(session, day)
    if last is None and not await digest_was_due(session, day):
        return None
    if last is not None and same_figures(last, stands):
        return last
    await freeze_day(session, stands)
    return stands


async def frozen_week(session: AsyncSession, week: Week) -> Sequence[DaySnapshot] | None:
    """Return the days of a closed week, oldest first; None while it is open."""
    row = await calendar.newest_snapshot(session, kind="week", period=week.id)
    if row is None:
        return None
    return [from_json(canonical(day)) for day in json.loads(row.body)["days"]]
