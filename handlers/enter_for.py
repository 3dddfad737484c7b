"""/nhapthay: somebody enters the report of a unit that cannot do so, by the usual form."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import dialogue, life, life_messages, messages
from bot.core.life import Refusal
from bot.core.messages import Says
from bot.core.periods import Period
from bot.core.reopening import newest_reporting_day
from handlers.orders import (
    Meant,
    ask_reason,
    name_of,
    period_meant,
    put_on_record,
    refused,
    tell_unit,
    understood,
)
from handlers.report import desk_at
from handlers.scene import Scene, answer, reply
from storage import orders
from storage.outbox import enqueue
from storage.papers import Papers, papers_of

WORD = "nhapthay"


async def enter_for(session: AsyncSession, scene: Scene) -> None:
    """ "/nhapthay Tích Sơn vì mất mạng"; without a day the oldest open one that is still owed."""
    says = await _begun(session, scene)
    if says is not None:
        await answer(session, scene, says)


async def _begun(session: AsyncSession, scene: Scene) -> Says | None:
    """Show the form; return what to say instead when it cannot be filled in."""
    meant = await understood(session, scene, WORD)
    if isinstance(meant, Says):
        return meant
    connection, unit = await session.connection(), meant.unit
    kept = await papers_of(
        connection, [unit.id], form_id=scene.office.form.id, today=scene.now.date()
    )
    papers = kept[unit.id]
    period = period_meant(scene, meant, _owed(scene, papers))
    if isinstance(period, Says):
        return period
    report = papers.reports.get(period.day)
    stood = report.life if report else life.Life()
    begun = life.draft(stood, period, now=scene.now)
    if isinstance(begun, Refusal):
        return refused(scene, unit, period, stood, begun)
    if not meant.order.reason:
        return await ask_reason(session, scene, meant, messages.day_of(period))
    await _show_form(session, scene, meant, papers, period)
    return None


def _owed(scene: Scene, papers: Papers) -> date:
    """Return the oldest open day without a report; when all have one, the newest day."""
    periods = scene.office.open_periods(scene.now)
    done = [d for d, kept in papers.reports.items() if kept.newest or kept.life.exempt_reason]
    owed = [p.day for p in periods if p.day not in done]
    return owed[0] if owed else newest_reporting_day(scene.office, scene.now)


async def _show_form(
    session: AsyncSession, scene: Scene, meant: Meant, papers: Papers, period: Period
) -> None:
    connection, unit = await session.connection(), meant.unit
    desk = desk_at(scene.office, unit, papers, period, now=scene.now, sent_at=scene.now)
    turn = dialogue.open_form(desk)
    shown = reply(scene, life_messages.entering(unit.name, period, turn.says))
    reopened = desk.life.open_until if desk.life.open_after_lock(scene.now) else None
    await orders.enter_for(
        connection,
        scene.case,
        unit_id=unit.id,
        day=period.day,
        reason=meant.order.reason,
        until=reopened or period.locks_at,
        cursor=turn.cursor,
        screen=shown[-1].screen,
        posted=shown[-1].edits or shown[-1].key,
    )
    put_on_record(
        session, scene, "entering for the unit", unit, period.day, reason=meant.order.reason
    )
    says = life_messages.entered_for_you(
        unit.name, period, reason=meant.order.reason, by=await name_of(session, scene)
    )
    await tell_unit(session, scene, unit, says)
    await enqueue(connection, shown, now=scene.now)


async def stop(session: AsyncSession, scene: Scene) -> None:
    """ "Hủy" when nothing has been entered: the person's words are their own again."""
    entering = scene.case.entering
    await orders.stop_entering(await session.connection(), scene.case)
    if entering is not None:
        await answer(session, scene, life_messages.entering_stopped(entering.unit.name))


def nothing_entered(scene: Scene) -> bool:
    """Whether the person has begun to enter for a unit, and nothing is in the draft yet."""
    entering = scene.case.entering
    if entering is None:
        return False
    papers = scene.case.papers.get(entering.unit.unit_id, Papers())
    at_it = scene.case.cursor_unit in (None, entering.unit.unit_id)
    return at_it and entering.day not in papers.drafts
