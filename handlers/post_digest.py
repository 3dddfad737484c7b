"""The digest of a day: frozen as an edition, then posted to the groups; its updates likewise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.digest import Digest, digest_text, update_text
from bot.core.messages import Says
from bot.core.messaging import Priority, Repeat
from bot.core.office import Office
from bot.core.rollup import DaySnapshot
from bot.core.schedule import Slot
from bot.core.snapshot import from_json, to_json
from handlers.scene import notice
from handlers.scope import Scope, scope_over
from storage import calendar
from storage.office import groups, units_on
from storage.outbox import enqueue
from storage.reports import entries_of
from storage.tables import OccurrenceRow


async def post_digest(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Freeze the next edition and post it: the whole to the committee, to each district its own.

    The first is the digest, however late; a later one tells what changed, if anything did.
    """
    day = occurrence.day
    last = await newest_day(session, day)
    stands = await take_snapshot(session, office, day, now)
    if last and not _news(last, stands):
        return "nothing changed"
    if last is None and not await _digest_was_due(session, day):
        return "skipped: the day began before the bot did"
    edition = await freeze_day(session, stands)
    first = await _edition(session, day, 1)
    before = await newest_day(session, office.calendar.previous_reporting_day(day))
    names = await _names(session, day)
    for group, unit in await groups(session):
        scope = scope_over(office.root, unit)
        if unit not in names or (last and not _news(_within(last, scope), _within(stands, scope))):
            continue
        digest = _digest(office, names, scope, stands, before)
        text = (
            update_text(digest, _within(first, scope), _within(last, scope), edition=edition)
            if last
            else digest_text(digest)
        )
        message = notice(
            f"digest@{day.isoformat()}/{edition}",
            group.channel,
            group.chat,
            Says(text),
            in_group=True,
            priority=Priority.DIGEST,
            repeat=Repeat.ASK,
            useful_until=occurrence.useful_until,
        )
        await enqueue(await session.connection(), message, now=now)
    return f"edition {edition}"


async def _digest_was_due(session: AsyncSession, day: date) -> bool:
    due = select(OccurrenceRow).where(OccurrenceRow.slot == Slot.DIGEST, OccurrenceRow.day == day)
    return (await session.exec(due)).first() is not None


def _news(last: DaySnapshot, now: DaySnapshot) -> bool:
    """Whether an update has something to tell: a draft begun since is nobody's news."""
    then, today = ([(e.unit, e.expected, e.answers) for e in s.entries] for s in (last, now))
    return then != today


def _within(snapshot: DaySnapshot, scope: Scope) -> DaySnapshot:
    return replace(snapshot, entries=scope.of(snapshot.entries))


async def _edition(session: AsyncSession, day: date, number: int) -> DaySnapshot:
    row = await calendar.snapshot(session, kind="day", period=day.isoformat(), edition=number)
    return from_json(row.body)


async def _names(session: AsyncSession, day: date) -> dict[str, str]:
    return {u.code: u.name for u in await units_on(session, day)}


async def digest_of_day(
    session: AsyncSession, office: Office, day: date, scope: Scope
) -> Digest | None:
    """Return the newest edition of a day within a scope; None before the first."""
    now = await newest_day(session, day)
    if now is None:
        return None
    before = await newest_day(session, office.calendar.previous_reporting_day(day))
    return _digest(office, await _names(session, day), scope, now, before)


def _digest(
    office: Office,
    names: Mapping[str, str],
    scope: Scope,
    now: DaySnapshot,
    before: DaySnapshot | None,
) -> Digest:
    whose = office.name if scope.everything else ", ".join(names.get(u, u) for u in scope.units)
    return Digest(
        form=office.form,
        title=f"Bộ phận Một cửa {whose}",
        snapshot=_within(now, scope),
        before=_within(before, scope) if before else None,
    )


async def newest_day(session: AsyncSession, day: date) -> DaySnapshot | None:
    """Return the newest snapshot of a day; None when there is none."""
    row = await calendar.newest_snapshot(session, kind="day", period=day.isoformat())
    return from_json(row.body) if row else None


async def take_snapshot(
    session: AsyncSession, office: Office, day: date, now: datetime
) -> DaySnapshot:
    """Return the day as it stands, without keeping it."""
    connection = await session.connection()
    return DaySnapshot(day, now, await entries_of(connection, day, form_id=office.form.id))


async def freeze_day(session: AsyncSession, snapshot: DaySnapshot) -> int:
    """Keep a snapshot as the next edition of its day; return the edition's number."""
    row = await calendar.add_snapshot(
        session,
        kind="day",
        period=snapshot.day.isoformat(),
        body=to_json(snapshot),
        taken_at=snapshot.taken_at,
    )
    return row.edition
