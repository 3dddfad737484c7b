"""/miencho: a unit is excused from reporting on some days, or no longer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import life, life_messages
from bot.core.life import Life, Refusal
from bot.core.life_messages import Days
from bot.core.messages import Says
from bot.core.orders import Order
from bot.core.text import day_short, fold
from handlers.orders import (
    Meant,
    ask_reason,
    keep,
    name_of,
    put_on_record,
    refused,
    tell_unit,
    understood,
)
from handlers.scene import Scene, answer
from storage import reports

WORD = "miencho"

_LIFT = "bỏ"
_LONGEST = 31  # days at once: who is excused for longer is asked about again
_ONE_DAY = timedelta(days=1)


async def exempt(session: AsyncSession, scene: Scene) -> None:
    """ "/miencho Tích Sơn đến 20/4 vì cách ly"; "/miencho bỏ Tích Sơn 15/4" ends it."""
    first, _, _ = scene.argument.strip().partition(" ")
    lifting = fold(first) in ("bo", "bo mien")
    meant = await understood(session, scene, WORD, typed=first if lifting else "")
    if isinstance(meant, Says):
        await answer(session, scene, meant)
        return
    meant = replace(meant, order=_with_days(scene, meant.order), typed=_LIFT if lifting else "")
    days = _days(scene, meant.order)
    if isinstance(days, Says):
        await answer(session, scene, days)
        return
    says = await (_lift if lifting else _exempt)(session, scene, meant, days)
    await answer(session, scene, says)


def _with_days(scene: Scene, order: Order) -> Order:
    """Return the order with the day from which it is meant: the next one to be reported."""
    if order.first:
        return order
    calendar, today = scene.office.calendar, scene.now.date()
    first = today if calendar.is_reporting_day(today) else calendar.next_reporting_day(today)
    return replace(order, first=first)


def _days(scene: Scene, order: Order) -> list[date] | Says:
    """Return the reporting days that are meant, or what is wrong with them."""
    first = order.first or scene.now.date()
    last = order.last or first
    if last < first:
        return life_messages.span_backwards()
    if last - first >= timedelta(days=_LONGEST):
        return life_messages.span_too_long(_LONGEST)
    span = (first + n * _ONE_DAY for n in range((last - first).days + 1))
    days = [day for day in span if scene.office.calendar.is_reporting_day(day)]
    return days or life_messages.no_reporting_day(first)


async def _exempt(session: AsyncSession, scene: Scene, meant: Meant, days: Sequence[date]) -> Says:
    """Excuse the unit from all of the days, or from none if one of them may not be changed."""
    unit, reason = meant.unit, meant.order.reason
    lives = await _lives(session, scene, meant, days)
    after: dict[date, Life] = {}
    for day, stood in lives.items():
        changed = life.exempt(stood, scene.office.period(day), reason, now=scene.now)
        if isinstance(changed, Refusal):
            return refused(scene, unit, scene.office.period(day), stood, changed)
        after[day] = changed
    named = Days(days[0], days[-1])
    if not reason:
        return await ask_reason(session, scene, meant, str(named))
    await keep(session, scene, unit, after.items())
    for day in days:
        put_on_record(session, scene, "unit exempted", unit, day, reason=reason)
    by = await name_of(session, scene)
    says = life_messages.exempted_you(unit.name, str(named), reason=reason, by=by)
    names = await tell_unit(session, scene, unit, says)
    return life_messages.exempted(
        unit.name,
        str(named),
        reason=reason,
        code=unit.code,
        span=_span(days),
        told=life_messages.told_of_exemption(names),
    )


async def _lift(session: AsyncSession, scene: Scene, meant: Meant, days: Sequence[date]) -> Says:
    """End the unit's exemption on those of the days on which it has one."""
    unit = meant.unit
    lives = await _lives(session, scene, meant, days)
    exempt_days = {day: stood for day, stood in lives.items() if stood.exempt_reason is not None}
    if not exempt_days:
        return life_messages.not_exempt(unit.name, str(Days(days[0], days[-1])))
    after: dict[date, Life] = {}
    for day, stood in exempt_days.items():
        changed = life.lift(stood, scene.office.period(day), now=scene.now)
        if isinstance(changed, Refusal):
            return refused(scene, unit, scene.office.period(day), stood, changed)
        after[day] = changed
    await keep(session, scene, unit, after.items())
    for day in after:
        put_on_record(session, scene, "exemption lifted", unit, day, reason=meant.order.reason)
    named = str(Days(min(after), max(after)))
    by = await name_of(session, scene)
    names = await tell_unit(
        session, scene, unit, life_messages.lifted_for_you(unit.name, named, by=by)
    )
    return life_messages.lifted(unit.name, named, told=life_messages.told_of_exemption(names))


async def _lives(
    session: AsyncSession, scene: Scene, meant: Meant, days: Sequence[date]
) -> Mapping[date, Life]:
    connection = await session.connection()
    return await reports.lives_of(connection, meant.unit.id, days, form_id=scene.office.form.id)


def _span(days: Sequence[date]) -> str:
    """Return days as they are typed in a command."""
    first, last = day_short(days[0]), day_short(days[-1])
    return first if len(days) == 1 else f"từ {first} đến {last}"
