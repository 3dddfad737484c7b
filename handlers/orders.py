"""What the commands about another unit's report have in common: who, which unit, which day, why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import life_messages, messages
from bot.core.directory import find_units
from bot.core.life import Life, Refusal
from bot.core.messages import Says
from bot.core.orders import Order, command, readings
from bot.core.periods import Period
from handlers.scene import Scene, answer, notice
from handlers.scope import Scope, scope_over
from storage import calendar, reports
from storage.conversations import REPORTERS, Case
from storage.office import UnitNow, reachable, units_on
from storage.orders import forget_order, wait_for_reason
from storage.outbox import enqueue
from storage.tables import AuditEvent, Person

GIVERS = ("coordinator", "admin")
"""Who may return, enter for, excuse and approve: for the units of their duty."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A command about a unit, understood.

    Attributes:
        word: of the command.
        typed: what to type after the word before the unit, as "bỏ"; "" for nothing.
    """

    word: str
    unit: UnitNow
    order: Order
    typed: str = ""

    @property
    def command(self) -> str:
        """The command written out, with the unit's code."""
        return command(f"{self.word} {self.typed}".strip(), self.unit.code, self.order)


async def understood(
    session: AsyncSession, scene: Scene, word: str, *, typed: str = ""
) -> Meant | Says:
    """Return what is meant by what stands after the command word, or what to say instead."""
    await forget_order(await session.connection(), scene.case)
    argument = scene.argument.strip()[len(typed) :]
    orders = readings(argument, scene.now.date())
    if not any(order.words for order in orders):
        return life_messages.how_to(word)
    if wrong := orders[0].wrong_day:
        return life_messages.no_such_day(word, wrong)
    today = scene.now.date()
    units = await units_on(session, orders[0].first or today) or await units_on(session, today)
    reporting = [u for u in units if u.reports]
    found = ((order, find_units(reporting, order.words)) for order in orders)
    order, called = next((o for o in found if o[1]), (orders[0], []))
    scope = scope_of_giver(scene)
    mine = [u for u in called if scope.holds(u.code, u.parent)]
    if len(mine) == 1:
        return Meant(word, mine[0], order, typed)
    if mine:
        names = {u.code: u.name for u in units}
        meant = [Meant(word, u, order, typed) for u in mine]
        return life_messages.which_unit([(_full_name(m.unit, names), m.command) for m in meant])
    if called:
        return life_messages.not_your_unit(called[0].name, scene.office.contact)
    return life_messages.unit_unknown(word, order.words)


def scope_of_giver(scene: Scene) -> Scope:
    """Return the units for which the person may give orders."""
    held = (d.code for d in scene.case.duties if d.role in GIVERS)
    return scope_over(scene.office.root, *held)


def is_admin(case: Case) -> bool:
    return any(d.role == "admin" for d in case.duties)


def _full_name(unit: UnitNow, names: dict[str, str]) -> str:
    return ", ".join(filter(None, (unit.name, names.get(unit.parent or ""))))


def period_meant(scene: Scene, meant: Meant, otherwise: date) -> Period | Says:
    """Return the reporting day that was typed, or the usual one; or why there is none."""
    day = meant.order.first or otherwise
    if day > scene.now.date():
        return life_messages.day_to_come(day)
    if not scene.office.calendar.is_reporting_day(day):
        return life_messages.no_reporting_day(day)
    return scene.office.period(day)


async def life_on(session: AsyncSession, scene: Scene, unit: UnitNow, day: date) -> Life:
    """Return how the unit's report of a day stands."""
    connection = await session.connection()
    lives = await reports.lives_of(connection, unit.id, [day], form_id=scene.office.form.id)
    return lives[day]


async def ask_reason(session: AsyncSession, scene: Scene, meant: Meant, days: str) -> Says:
    """Ask why; what the person says next completes the command."""
    await wait_for_reason(await session.connection(), scene.case, meant.command, now=scene.now)
    return life_messages.asks_reason(meant.word, meant.unit.name, days)


async def drop(session: AsyncSession, scene: Scene) -> None:
    """ "Hủy" in place of a reason."""
    await forget_order(await session.connection(), scene.case)
    await answer(session, scene, life_messages.order_dropped())


def refused(scene: Scene, unit: UnitNow, period: Period, life: Life, why: Refusal) -> Says:
    """Return why something may not happen to a report, and what may."""
    match why:
        case Refusal.LOCKED:
            return life_messages.locked_for_all(
                unit.name, period, by_admin=is_admin(scene.case), contact=scene.office.contact
            )
        case Refusal.NOT_LOCKED:
            return life_messages.not_locked(unit.name, period)
        case Refusal.EXEMPT:
            return life_messages.is_exempt(unit.name, period, life.exempt_reason or "")
        case Refusal.NOTHING_SENT:
            return life_messages.nothing_to_return(unit.name, period)
        case Refusal.NOT_EXEMPT:
            return life_messages.not_exempt(unit.name, messages.day_of(period))
        case Refusal.NOTHING_AWAITS:
            return life_messages.nothing_awaits(unit.name, period)


async def keep(
    session: AsyncSession, scene: Scene, unit: UnitNow, lives: Iterable[tuple[date, Life]]
) -> None:
    """Write how the unit's reports stand now; of a locked day a new edition follows."""
    connection = await session.connection()
    kept = [(unit.id, day, life) for day, life in lives]
    await reports.keep_lives(connection, kept, scene.office.form.id)
    for _, day, _ in kept:
        if day <= scene.now.date() and scene.office.period(day).locked(scene.now):
            await calendar.due_again(connection, [day], now=scene.now)


def put_on_record(
    session: AsyncSession, scene: Scene, what: str, unit: UnitNow, day: date, **detail: Any
) -> None:
    """Put on the record who did what to a report, by which channel and why."""
    session.add(
        AuditEvent(
            at=scene.now,
            person_id=scene.case.person_id,
            channel=scene.case.inbound.channel,
            what=what,
            subject=f"{unit.code}/{day.isoformat()}",
            detail=detail,
        )
    )


async def name_of(session: AsyncSession, scene: Scene) -> str:
    """Return the name of who gives the order."""
    person = await session.get_one(Person, scene.case.person_id)
    return person.name


async def tell_unit(session: AsyncSession, scene: Scene, unit: UnitNow, says: Says) -> list[str]:
    """Tell the unit's focal points at once, or its deputies if there is none; return their names.

    Who gives the order knows it already.
    """
    people = await reachable(session, REPORTERS, today=scene.now.date(), unit_id=unit.id)
    others = [to for to in people if to.person_id != scene.case.person_id]
    first = [to for to in others if to.role == REPORTERS[0]] or others
    inbound, names = scene.case.inbound, []
    for to in first:
        key = f"order/{inbound.channel}/{inbound.update_id}/{unit.code}"
        told = notice(key, to.channel, to.chat, says)
        await enqueue(await session.connection(), told, now=scene.now)
        names.append((await session.get_one(Person, to.person_id)).name)
    return names


def with_reason(scene: Scene, reason: str) -> Scene:
    """Return the scene as if the command had been typed with its reason."""
    case = scene.case
    text = f"{case.ordered} vì {reason}"
    return replace(scene, case=replace(case, inbound=replace(case.inbound, text=text)))
