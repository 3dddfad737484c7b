"""With a digest: who sums others is asked once why their figures are not the sum."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import doubt_messages, screens
from bot.core.aggregates import Gap, gaps
from bot.core.desk import Desk, Draft
from bot.core.life import Refusal, draft
from bot.core.messaging import screen_of
from bot.core.office import Office
from bot.core.rollup import DaySnapshot
from handlers.report import desk_at
from handlers.scene import notice
from handlers.stand_in import on_duty
from storage.conversations import REPORTERS
from storage.office import Reach, UnitNow, reachable, units_on
from storage.outbox import enqueue
from storage.papers import papers_of
from storage.raised import stand_at
from storage.reports import keep_drafts


async def ask_about_sums(
    session: AsyncSession,
    office: Office,
    snapshot: DaySnapshot,
    last: DaySnapshot | None,
    now: datetime,
) -> None:
    """Ask the main focal point of each unit that sums others and differs, once a day.

    It is asked with the first edition that has its report; with later ones the digest tells it.

    Args:
        last: the edition before; None for the first.
    """
    asked = {e.unit for e in last.entries if e.received} if last else set()
    differing = [g for g in gaps(office.form, snapshot.entries) if g.entry.unit not in asked]
    if not differing:
        return
    units = {u.code: u for u in await units_on(session, snapshot.day)}
    people = await reachable(session, REPORTERS, today=now.date())
    reporters = (await on_duty(session, people, snapshot.day)).people
    names = {u.code: u.name for u in units.values()}
    for code, of_unit in groupby(differing, key=lambda gap: gap.entry.unit):
        if code in units and code in reporters:
            desk = await _desk(session, office, units[code], snapshot, now)
            to, found = reporters[code][0], list(of_unit)
            await _ask(session, desk, units[code], to, found, names, now)


async def _desk(
    session: AsyncSession, office: Office, unit: UnitNow, snapshot: DaySnapshot, now: datetime
) -> Desk:
    connection = await session.connection()
    papers = await papers_of(connection, [unit.id], form_id=office.form.id, today=snapshot.day)
    period = office.period(snapshot.day)
    return desk_at(office, unit, papers[unit.id], period, now=now, sent_at=now)


async def _ask(
    session: AsyncSession,
    desk: Desk,
    unit: UnitNow,
    to: Reach,
    found: Sequence[Gap],
    names: Mapping[str, str],
    now: datetime,
) -> None:
    """Put the doubt into the unit's draft, and its person before it."""
    if isinstance(draft(desk.life, desk.period, now=now), Refusal):
        return
    turn = screens.review(desk, _with_doubts(desk.draft or Draft(), found))
    connection = await session.connection()
    day = desk.period.day
    await keep_drafts(connection, [(unit.id, day, turn.draft)], desk.form.id, now)
    says = doubt_messages.sums_differ(unit.name, day, found, names, turn.says.buttons)
    message = notice(f"sums@{day.isoformat()}/{unit.code}", to.channel, to.chat, says)
    await enqueue(connection, message, now=now)
    await stand_at(
        connection,
        turn.cursor,
        unit_id=unit.id,
        person_id=to.person_id,
        place=(to.channel, to.chat),
        screen=screen_of(message[-1].key),
        posted=message[-1].key,
    )


def _with_doubts(old: Draft, found: Iterable[Gap]) -> Draft:
    raised = {doubt_messages.sum_differs(gap): (gap.field.id,) for gap in found}
    return replace(old, raised={**old.raised, **raised}, version=old.version + 1)
