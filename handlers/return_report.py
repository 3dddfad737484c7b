"""/tralai: a report goes back to its unit, which is told at once why and how to correct it."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import life, life_messages, messages
from bot.core.life import Life, Refusal
from bot.core.messages import Says
from bot.core.periods import Period
from bot.core.reopening import newest_reporting_day
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
from storage.office import UnitNow

WORD = "tralai"


async def return_report(session: AsyncSession, scene: Scene) -> None:
    """ "/tralai Tích Sơn vì số quá hạn chưa khớp"; without a day the newest that was sent."""
    await answer(session, scene, await _says(session, scene))


async def _says(session: AsyncSession, scene: Scene) -> Says:
    meant = await understood(session, scene, WORD)
    if isinstance(meant, Says):
        return meant
    period = period_meant(scene, meant, await _newest_sent(session, scene, meant.unit))
    if isinstance(period, Says):
        return period
    stood = await life_on(session, scene, meant.unit, period.day)
    after = life.send_back(stood, period, meant.order.reason, now=scene.now)
    if isinstance(after, Refusal):
        return refused(scene, meant.unit, period, stood, after)
    if not meant.order.reason:
        return await ask_reason(session, scene, meant, messages.day_of(period))
    return await _returned(session, scene, meant, period, after)


async def _newest_sent(session: AsyncSession, scene: Scene, unit: UnitNow) -> date:
    """Return the newest open day that the unit has reported; the newest day when there is none."""
    for period in reversed(scene.office.open_periods(scene.now)):
        if (await life_on(session, scene, unit, period.day)).revisions:
            return period.day
    return newest_reporting_day(scene.office, scene.now)


async def _returned(
    session: AsyncSession, scene: Scene, meant: Meant, period: Period, after: Life
) -> Says:
    unit, reason = meant.unit, meant.order.reason
    await keep(session, scene, unit, [(period.day, after)])
    put_on_record(session, scene, "report returned", unit, period.day, reason=reason)
    says = life_messages.returned_to_you(
        unit.name,
        period,
        reason=reason,
        by=await name_of(session, scene),
        until=(after.open_until or period.locks_at).astimezone(scene.office.zone),
    )
    names = await tell_unit(session, scene, unit, says)
    told = life_messages.told_to(names, unit.name, period.day)
    return life_messages.returned(unit.name, period, reason=reason, told=told)
