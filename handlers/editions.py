"""The editions of a day: its figures frozen one after the other, and the text of each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.digest import Digest, digest_text, section_buttons, update_text, updated_text
from bot.core.messaging import Button
from bot.core.office import Office
from bot.core.rollup import DaySnapshot
from bot.core.schedule import Slot
from bot.core.snapshot import from_json, to_json
from handlers.scope import Scope
from storage import calendar
from storage.office import units_on
from storage.reports import entries_of
from storage.tables import OccurrenceRow


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


async def editions_of(session: AsyncSession, day: date) -> list[DaySnapshot]:
    """Return all editions of a day, the first one first."""
    rows = await calendar.snapshots(session, kind="day", period=day.isoformat())
    return [from_json(row.body) for row in rows]


async def newest_day(session: AsyncSession, day: date) -> DaySnapshot | None:
    """Return the newest edition of a day; None when there is none."""
    row = await calendar.newest_snapshot(session, kind="day", period=day.isoformat())
    return from_json(row.body) if row else None


async def digest_was_due(session: AsyncSession, day: date) -> bool:
    """Whether the bot was there to ask on a day; nobody owed it a report before."""
    due = select(OccurrenceRow).where(OccurrenceRow.slot == Slot.DIGEST, OccurrenceRow.day == day)
    return (await session.exec(due)).first() is not None


async def names_on(session: AsyncSession, day: date) -> dict[str, str]:
    """Return the names of all units of a day by code."""
    return {u.code: u.name for u in await units_on(session, day)}


async def digest_of_day(
    session: AsyncSession, office: Office, day: date, scope: Scope
) -> Digest | None:
    """Return the newest edition of a day within a scope; None before the first."""
    newest = await newest_day(session, day)
    if newest is None:
        return None
    before = await newest_day(session, office.calendar.previous_reporting_day(day))
    return _digest(office, await names_on(session, day), scope, newest, before)


async def posted_texts(session: AsyncSession, office: Office, day: date, scope: Scope) -> list[str]:
    """Return the digest and its updates as they were posted to a scope; none before the first."""
    editions = await editions_of(session, day)
    before = await newest_day(session, office.calendar.previous_reporting_day(day))
    names = await names_on(session, day)
    return [
        posted_text(office, names, scope, editions[:number], before)
        for number in range(1, len(editions) + 1)
    ]


def posted_text(
    office: Office,
    names: Mapping[str, str],
    scope: Scope,
    editions: Sequence[DaySnapshot],
    before: DaySnapshot | None,
) -> str:
    """Return the last of these editions as a message of its own: the digest, or an update of it.

    Args:
        editions: all of the day so far, the first one first.
        before: the newest edition of the reporting day before.
    """
    digest = _digest(office, names, scope, editions[-1], before)
    if len(editions) == 1:
        return digest_text(digest)
    first, last = within(editions[0], scope), within(editions[-2], scope)
    return update_text(digest, first, last, edition=len(editions))


def updated_post(
    office: Office,
    names: Mapping[str, str],
    scope: Scope,
    editions: Sequence[DaySnapshot],
    before: DaySnapshot | None,
) -> str:
    """Return the post of the digest as the last of these editions, an update, leaves it.

    Args: those of `posted_text`.
    """
    first, *later = editions
    digest = _digest(office, names, scope, first, before)
    return updated_text(digest, [within(edition, scope) for edition in later])


def posted_buttons(
    office: Office, names: Mapping[str, str], scope: Scope, edition: DaySnapshot
) -> tuple[Button, ...]:
    """Return the buttons under a posted edition: its sections, each with all its units."""
    return section_buttons(_digest(office, names, scope, edition, None))


def within(snapshot: DaySnapshot, scope: Scope) -> DaySnapshot:
    """Return the part of a snapshot that lies within a scope."""
    return replace(snapshot, entries=scope.of(snapshot.entries))


def _digest(
    office: Office,
    names: Mapping[str, str],
    scope: Scope,
    snapshot: DaySnapshot,
    before: DaySnapshot | None,
) -> Digest:
    whose = office.name if scope.everything else ", ".join(names.get(u, u) for u in scope.units)
    period = office.period(snapshot.day)
    return Digest(
        form=office.form,
        title=f"Bộ phận Một cửa {whose}",
        snapshot=within(snapshot, scope),
        before=within(before, scope) if before else None,
        moved_to=period.cut_off if period.moved else None,
    )
