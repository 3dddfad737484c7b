"""What the clock starts: due moments are written down once, done once, or skipped when too late."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import messages
from bot.core.office import Office
from bot.core.schedule import Slot
from handlers import ask, close, escalate, post_digest
from handlers.alarm import tell_admins
from storage import calendar
from storage.database import Database
from storage.tables import OccurrenceRow

log = logging.getLogger(__name__)

_CLOCK = "clock"

Due = Callable[[AsyncSession, Office, OccurrenceRow, datetime], Awaitable[str]]

_USE_CASES: Mapping[Slot, Due] = {
    Slot.PROMPT: ask.prompt,
    Slot.REMINDER_1: ask.remind_first,
    Slot.REMINDER_2: ask.remind_last,
    Slot.ESCALATION: escalate.escalate,
    Slot.DIGEST: post_digest.post_digest,
    Slot.UPDATE_1: post_digest.post_update,
    Slot.UPDATE_2: post_digest.post_update,
    Slot.LOCK: close.lock_day,
    Slot.WEEK: close.close_week,
}


async def run_due(database: Database, office: Office, now: datetime) -> None:
    """Do everything that is due and not done yet; call it as often as you like.

    The first call only notes the time: what was due before the bot existed is nobody's debt.

    Args:
        now: aware local time.
    """
    async with database.session() as session:
        since = await calendar.last_beat(session, _CLOCK)
        if since is not None and since < now:
            await calendar.materialise(session, office.due(since=since, until=now))
        await calendar.beat(session, _CLOCK, max(since or now, now))
        waiting = await calendar.undone(session)
    for occurrence in waiting:
        await _do(database, office, occurrence, now)


async def _do(database: Database, office: Office, occurrence: OccurrenceRow, now: datetime) -> None:
    """Do one occurrence and all that follows in one transaction; a fault stops no other."""
    try:
        async with database.session() as session:
            occurrence.outcome = await _outcome(session, office, occurrence, now)
            occurrence.done_at = now
            await session.merge(occurrence)
    except Exception:
        name = f"{occurrence.slot}@{occurrence.day.isoformat()}"
        log.exception("error %s: the occurrence could not be done", name)
        async with database.session() as session:
            says = messages.failure_for_admin(name, "làm việc theo giờ")
            await tell_admins(session, f"error/{name}", says, now=now)


async def _outcome(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    if occurrence.useful_until is not None and now > occurrence.useful_until:
        return "skipped: too late"
    return await _USE_CASES[Slot(occurrence.slot)](session, office, occurrence, now)
