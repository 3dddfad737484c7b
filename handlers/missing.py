"""/chuabaocao: who has not reported yet."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import messages
from bot.core.digest import unit_names
from bot.core.rollup import Entry
from bot.core.text import day_short
from handlers.scene import Scene, answer
from handlers.scope import scope_of
from storage.reports import entries_of


async def missing(session: AsyncSession, scene: Scene) -> None:
    """Answer with the units that owe today's report, or the last reporting day's on a day off."""
    day = scene.now.date()
    if not scene.office.calendar.is_reporting_day(day):
        day = scene.office.calendar.previous_reporting_day(day)
    connection = await session.connection()
    entries = await entries_of(connection, day, form_id=scene.office.form.id)
    scope = await scope_of(session, scene)
    expected = [e for e in scope.of(entries) if e.expected]
    names = unit_names(entries)
    says = messages.missing_units(
        f"Báo cáo ngày {day_short(day)}",
        [names[e.unit] for e in still_missing(expected)],
        total=len(expected),
        when=scene.now,
    )
    await answer(session, scene, says)


def still_missing(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of units that owe a report and have sent none."""
    return [e for e in entries if e.expected and not e.received]
