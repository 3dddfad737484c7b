"""The digest of a day: frozen as an edition, then posted to the groups; its updates likewise."""

from dataclasses import replace
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.digest import Digest, digest_text, update_text
from bot.core.messages import Says
from bot.core.messaging import Priority, Repeat
from bot.core.office import Office
from bot.core.rollup import DaySnapshot
from bot.core.snapshot import from_json, same_figures, to_json
from handlers.scene import notice
from handlers.scope import Scope
from storage import calendar
from storage.office import groups, units_on
from storage.outbox import enqueue
from storage.reports import entries_of
from storage.tables import OccurrenceRow


async def post_digest(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Freeze edition 1 and post it: the whole to the committee, to each district its own."""
    edition = await freeze_day(session, office, occurrence.day, now)
    await _post(session, office, occurrence.day, edition, now)
    return f"edition {edition}"


async def post_update(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Post what changed since the last edition, if anything; a missed digest comes first."""
    day = occurrence.day
    last = await newest_day(session, day)
    if last is None:
        return await post_digest(session, office, occurrence, now)
    if same_figures(last, await take_snapshot(session, office, day, now)):
        return "nothing changed"
    edition = await freeze_day(session, office, day, now)
    await _post(session, office, day, edition, now)
    return f"edition {edition}"


async def _post(
    session: AsyncSession, office: Office, day: date, edition: int, now: datetime
) -> None:
    """Queue an edition for every group that gets it, each in its own scope."""
    names = {u.code: u.name for u in await units_on(session, day)}
    for group, unit in await groups(session):
        scope = Scope(unit, unit == office.root)
        text = await _text(session, office, day, edition, scope, names[unit])
        message = notice(
            f"digest@{day.isoformat()}/{edition}",
            group.channel,
            group.chat,
            Says(text),
            in_group=True,
            priority=Priority.DIGEST,
            repeat=Repeat.ASK,
            useful_until=_useful_until(office, day, edition),
        )
        await enqueue(await session.connection(), message, now=now)


def _useful_until(office: Office, day: date, edition: int) -> datetime:
    """Return until when an edition is worth posting; the last one is made at the lock itself."""
    period = office.period(day)
    if edition == 1:
        return period.locks_at
    next_day = office.calendar.next_reporting_day(day)
    return datetime.combine(next_day, office.times.digest_at, office.zone)


async def _text(
    session: AsyncSession, office: Office, day: date, edition: int, scope: Scope, name: str
) -> str:
    now = await _edition(session, day, edition, scope)
    before = await newest_day(session, office.calendar.previous_reporting_day(day))
    title = f"Bộ phận Một cửa {office.name if scope.everything else name}"
    digest = _digest(office, title, scope, now, before)
    if edition == 1:
        return digest_text(digest)
    first = await _edition(session, day, 1, scope)
    last = await _edition(session, day, edition - 1, scope)
    return update_text(digest, first, last, edition=edition)


async def _edition(session: AsyncSession, day: date, number: int, scope: Scope) -> DaySnapshot:
    row = await calendar.snapshot(session, kind="day", period=day.isoformat(), edition=number)
    snapshot = from_json(row.body)
    return replace(snapshot, entries=scope.of(snapshot.entries))


async def digest_of_day(
    session: AsyncSession, office: Office, day: date, scope: Scope
) -> Digest | None:
    """Return the newest edition of a day within a scope; None before the first."""
    now = await newest_day(session, day)
    if now is None:
        return None
    before = await newest_day(session, office.calendar.previous_reporting_day(day))
    return _digest(office, f"Bộ phận Một cửa {office.name}", scope, now, before)


def _digest(
    office: Office, title: str, scope: Scope, now: DaySnapshot, before: DaySnapshot | None
) -> Digest:
    return Digest(
        form=office.form,
        title=title,
        snapshot=replace(now, entries=scope.of(now.entries)),
        before=replace(before, entries=scope.of(before.entries)) if before else None,
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


async def freeze_day(session: AsyncSession, office: Office, day: date, now: datetime) -> int:
    """Keep the day as it stands as its next edition; return the edition's number."""
    snapshot = await take_snapshot(session, office, day, now)
    row = await calendar.add_snapshot(
        session,
        kind="day",
        period=day.isoformat(),
        body=to_json(snapshot),
        taken_at=now,
    )
    return row.edition
