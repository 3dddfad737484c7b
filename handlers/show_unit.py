"""/tinhhinh: how one unit stands today."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import leave_messages, oversight_messages
from bot.core.directory import find_units
from bot.core.doubt_messages import report_lines
from bot.core.messages import Says
from bot.core.rollup import Entry
from bot.core.shown_as import shown_as
from bot.core.text import clock, day_short, mask_phones
from handlers.scene import Scene, answer
from handlers.scope import Scope, scope_of
from storage.leave import leaves_between
from storage.office import UnitNow, units_on
from storage.reports import entries_of


async def show_unit(session: AsyncSession, scene: Scene) -> None:
    """Answer "/tinhhinh xã Quang Sơn" with the unit's newest report of today or the day before."""
    if not scene.argument:
        await answer(session, scene, oversight_messages.which_unit_needed())
        return
    today = scene.now.date()
    scope = await scope_of(session, scene)
    units = [u for u in await units_on(session, today) if _within(scope, u)]
    found = find_units(units, scene.argument)
    if len(found) != 1:
        names = [_full_name(u, units) for u in found]
        says = (
            oversight_messages.which_unit(names)
            if names
            else oversight_messages.no_such_unit(scene.argument)
        )
        await answer(session, scene, says)
        return
    await answer(session, scene, await _says(session, scene, found[0]))


def _within(scope: Scope, unit: UnitNow) -> bool:
    return scope.holds(unit.code, unit.parent)


def _full_name(unit: UnitNow, units: list[UnitNow]) -> str:
    parent = next((u.name for u in units if u.code == unit.parent), "")
    return f"{unit.name}, {parent}" if parent else unit.name


async def _says(session: AsyncSession, scene: Scene, unit: UnitNow) -> Says:
    calendar = scene.office.calendar
    today = scene.now.date()
    days = [calendar.previous_reporting_day(today)]
    if calendar.is_reporting_day(today):
        days.insert(0, today)
    away = await leaves_between(session, today, today, units=[unit.id])
    lines = [leave_messages.away_line(a.person, a.until, a.stand_in) for a in away]
    blocks = [unit.name, *lines]
    for day in days:
        entries = await entries_of(await session.connection(), day, form_id=scene.office.form.id)
        entry = next((e for e in entries if e.unit == unit.code), None)
        if entry is None:
            blocks.append(f"Ngày {day_short(day)}: không thuộc diện báo cáo.")
            continue
        blocks.append(f"Ngày {day_short(day)}: {_status(scene, entry)}.")
        if entry.answers:
            blocks += _lines(scene, day, entry)
            break
    return Says("\n".join(blocks))


def _status(scene: Scene, entry: Entry) -> str:
    at = f" lúc {clock(entry.sent_at.astimezone(scene.office.zone))}" if entry.sent_at else ""
    return shown_as(entry) + at


def _lines(scene: Scene, day: date, entry: Entry) -> list[str]:
    """Return the unit's report, without what is only shown as a total of all units."""
    form = scene.office.form
    apart = {f.id for f in form.fields if f.total_only}
    answers = {k: v for k, v in (entry.answers or {}).items() if k not in apart}
    lines = report_lines(form, answers, entry.stated_on, day, entry.explanations)
    return [mask_phones(line) for line in lines]
