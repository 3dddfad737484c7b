"""What the clock starts: due moments are written down once, done once, or skipped when too late."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import delivery_messages, messages
from bot.core.messaging import Channels
from bot.core.office import Office
from bot.core.schedule import Slot
from handlers import amend, approve, ask, close, escalate, post_digest, slip
from handlers.alarm import tell_admins
from handlers.allowance import warn
from storage import calendar
from storage.database import Database
from storage.punctuality import add_outage
from storage.tables import OccurrenceRow

log = logging.getLogger(__name__)

_CLOCK = "clock"
_SET_BACK = timedelta(minutes=5)  # more than a clock is corrected by on an ordinary day

_RESTART = timedelta(minutes=2)  # so long a pause is no outage

Due = Callable[[AsyncSession, Office, OccurrenceRow, datetime], Awaitable[str]]


def _use_cases(channels: Channels) -> Mapping[Slot, Due]:
    return {
        Slot.PROMPT: partial(ask.prompt, channels=channels),
        Slot.REMINDER_1: partial(ask.remind_first, channels=channels),
        Slot.REMINDER_2: partial(ask.remind_last, channels=channels),
        Slot.ESCALATION: _one_after_the_other(escalate.escalate, approve.tell_waiting),
        Slot.DIGEST: post_digest.post_digest,
        Slot.UPDATE_1: _one_after_the_other(post_digest.post_digest, approve.tell_waiting),
        Slot.UPDATE_2: post_digest.post_digest,
        Slot.LOCK: close.lock_day,
        Slot.WEEK: close.close_week,
        Slot.AMENDMENT: amend.amend,
        Slot.SLIP: partial(slip.send_slips, channels=channels),
    }


def _one_after_the_other(*use_cases: Due) -> Due:
    async def run(
        session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
    ) -> str:
        outcomes = [await do(session, office, occurrence, now) for do in use_cases]
        return "; ".join(filter(None, outcomes))

    return run


async def note_outage(database: Database, now: datetime) -> None:
    """Note for how long the bot was down; call it when it starts, before anything is done."""
    async with database.session() as session:
        since = await calendar.last_beat(session, _CLOCK)
        if since is not None and now - since > _RESTART:
            await add_outage(session, since, now)


async def run_due(database: Database, office: Office, now: datetime, channels: Channels) -> None:
    """Do everything that is due and not done yet; call it as often as you like.

    The first call only notes the time: what was due before the bot existed is nobody's debt.

    Args:
        now: aware local time.
        channels: those that run.
    """
    async with database.session() as session:
        since = await calendar.last_beat(session, _CLOCK)
        if since is not None and since < now:
            await calendar.materialise(session, office.due(since=since, until=now))
        if since is not None and since - now > _SET_BACK:
            # It ran ahead before: what it did or skipped too early is due in its own time.
            await calendar.forget_after(session, now)
            says = delivery_messages.clock_was_ahead(since.astimezone(office.zone), now)
            await tell_admins(session, f"clock/{since.isoformat()}", says, now=now)
        await calendar.beat(session, _CLOCK, now)
        waiting = await calendar.undone(session)
    for occurrence in waiting:
        await _do(database, office, occurrence, waiting, now, _use_cases(channels))
    if waiting:
        async with database.session() as session:
            await warn(session, channels, now)


async def _do(
    database: Database,
    office: Office,
    occurrence: OccurrenceRow,
    waiting: Sequence[OccurrenceRow],
    now: datetime,
    use_cases: Mapping[Slot, Due],
) -> None:
    """Do one occurrence and all that follows in one transaction; a fault stops no other."""
    try:
        async with database.session() as session:
            skipped = _reason_to_skip(occurrence, waiting, now)
            use_case = use_cases[Slot(occurrence.slot)]
            occurrence.outcome = skipped or await use_case(session, office, occurrence, now)
            occurrence.done_at = now
            await session.merge(occurrence)
    except Exception:
        name = f"{occurrence.slot}@{occurrence.day.isoformat()}"
        log.exception("error %s: the occurrence could not be done", name)
        async with database.session() as session:
            says = messages.failure_for_admin(name, "làm việc theo giờ")
            await tell_admins(session, f"error/{name}", says, now=now)


def _reason_to_skip(
    occurrence: OccurrenceRow, waiting: Sequence[OccurrenceRow], now: datetime
) -> str | None:
    if occurrence.useful_until is not None and now > occurrence.useful_until:
        return "skipped: too late"
    # After an outage a prompt and its reminders may be due together: once is enough.
    of_day = {o.slot: o for o in waiting if o.day == occurrence.day}
    prompt = of_day.get(Slot.PROMPT)
    asked_now = prompt is not None and prompt.done_at is not None
    repeats = {Slot.REMINDER_1: asked_now or Slot.REMINDER_2 in of_day, Slot.REMINDER_2: asked_now}
    return "skipped: asked at the same time" if repeats.get(Slot(occurrence.slot)) else None
