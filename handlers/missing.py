"""/chuabaocao: who has not reported yet."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import oversight_messages
from bot.core.digest import missing_by_place, unit_names, within_one_district
from bot.core.directory import find_units
from bot.core.messages import Says
from bot.core.rollup import Entry
from bot.core.text import day_short
from handlers.scene import Scene, answer
from handlers.scope import Scope, scope_of, scope_over
from storage.office import UnitNow, units_on
from storage.reports import entries_of

_NAMED_IN_A_GROUP = 20


async def missing(session: AsyncSession, scene: Scene) -> None:
    """Answer with the units that owe today's report, or the last reporting day's on a day off.

    "/chuabaocao Vĩnh Yên" asks for a unit and those directly below it; a name that several units
    share asks for all of them.
    """
    day = scene.now.date()
    if not scene.office.calendar.is_reporting_day(day):
        day = scene.office.calendar.previous_reporting_day(day)
    scope = await scope_of(session, scene)
    found = await _named(session, scope, day, scene.argument) if scene.argument else []
    if scene.argument and not found:
        await answer(session, scene, oversight_messages.no_such_unit(scene.argument))
        return
    entries = await entries_of(await session.connection(), day, form_id=scene.office.form.id)
    asked = scope.of(entries)
    if found:
        asked = scope_over(scene.office.root, *(u.code for u in found)).of(asked)
    whose = f" của {'; '.join(u.name for u in found)}" if found else ""
    title = f"Báo cáo ngày {day_short(day)}{whose}"
    await answer(session, scene, _says(scene, day, title, asked, unit_names(entries)))


def still_missing(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of units that owe a report and have sent none."""
    return [e for e in entries if e.expected and not e.received]


async def _named(session: AsyncSession, scope: Scope, day: date, words: str) -> list[UnitNow]:
    units = await units_on(session, day)
    return find_units([u for u in units if scope.holds(u.code, u.parent)], words)


def _says(
    scene: Scene, day: date, title: str, asked: Sequence[Entry], names: Mapping[str, str]
) -> Says:
    """Name the missing units, but not so many in a group that all its members must scroll."""
    missing = still_missing(asked)
    many = len(missing) > _NAMED_IN_A_GROUP and not within_one_district(asked)
    if many and scene.case.inbound.in_group:
        return Says(missing_by_place(asked, day, scene.now))
    return oversight_messages.missing_units(
        title,
        [names[e.unit] for e in missing],
        total=sum(e.expected for e in asked),
        when=scene.now,
    )
