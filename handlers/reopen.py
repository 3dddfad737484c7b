"""/molai: an admin lets a unit send its report once more after the lock."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import life, life_messages, messages
from bot.core.life import Life, Refusal
from bot.core.messages import Says
from bot.core.periods import Period
from bot.core.reopening import newest_locked_day, open_until
from handlers.orders import (
    Meant,
    ask_reason,
    keep,
    life_on,
    name_of,
    period_meant,
    put_on_record,
    refused,
    tell_unit,
    understood,
)
from handlers.scene import Scene, answer
from storage.papers import LOOK_BACK

WORD = "molai"


async def reopen(session: AsyncSession, scene: Scene) -> None:
    """ "/molai Tích Sơn 14/4 vì nhập nhầm số"; without a day the one that was locked last."""
    await answer(session, scene, await _says(session, scene))


async def _says(session: AsyncSession, scene: Scene) -> Says:
    meant = await understood(session, scene, WORD)
    if isinstance(meant, Says):
        return meant
    period = period_meant(scene, meant, newest_locked_day(scene.office, scene.now))
    if isinstance(period, Says):
        return period
    if period.day <= scene.now.date() - LOOK_BACK + timedelta(days=1):
        return life_messages.too_long_ago(period.day, LOOK_BACK.days)
    stood = await life_on(session, scene, meant.unit, period.day)
    until = open_until(scene.office, period.day, scene.now)
    after = life.reopen(stood, period, meant.order.reason, until=until, now=scene.now)
    if isinstance(after, Refusal):
        return refused(scene, meant.unit, period, stood, after)
    if not meant.order.reason:
        return await ask_reason(session, scene, meant, messages.day_of(period))
    return await _reopened(session, scene, meant, period, after)


async def _reopened(
    session: AsyncSession, scene: Scene, meant: Meant, period: Period, after: Life
) -> Says:
    unit, reason = meant.unit, meant.order.reason
    until = after.open_until or period.locks_at
    await keep(session, scene, unit, [(period.day, after)])
    put_on_record(
        session, scene, "report reopened", unit, period.day, reason=reason, until=until.isoformat()
    )
    if after.exempt_reason is not None:
        return life_messages.reopened_exempt(unit.name, period, until=until)
    says = life_messages.reopened_for_you(
        unit.name,
        period,
        reason=reason,
        by=await name_of(session, scene),
        until=until,
        sent=after.revisions > 0,
    )
    names = await tell_unit(session, scene, unit, says)
    told = life_messages.told_to(names, unit.name, period.day)
    return life_messages.reopened(unit.name, period, reason=reason, until=until, told=told)
