"""/nghi: a focal point or deputy says when they are on leave and who stands in; it is agreed first.

What is to be agreed stands in the button itself, so that nothing waits anywhere for an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import leave_messages, messages
from bot.core.desk import Step
from bot.core.leave import StandIn, What, Wish, is_about_leave, read_leave
from bot.core.leave_days import Span, Why
from bot.core.messages import Says
from bot.core.messaging import Kind
from bot.core.stand_in import Arranged, Snag, arranged, default
from bot.core.text import clean, fold
from handlers.alarm import tell_admins
from handlers.missing import still_missing
from handlers.scene import Scene, answer, notice
from storage.conversations import REPORTERS, Held
from storage.leave import Away, colleagues_of, end_leaves, leaves_of, take_leave
from storage.office import reachable, units_on
from storage.outbox import drop_answered, enqueue, last_buttons
from storage.reports import entries_of
from storage.tables import AuditEvent, Person

_AGREES = frozenset({"dong y", "da dong y", "vang dong y", "toi dong y", "em dong y", "dong y a"})
_ONE_DAY = timedelta(days=1)


def speaks_of_leave(scene: Scene) -> bool:
    """Whether words without a command are about the speaker's own leave, outside any form."""
    case = scene.case
    # A form of a day that is over asks nothing any more.
    open_days = {p.day for p in scene.office.open_periods(scene.now)}
    asked = case.cursor.step is not Step.IDLE and case.cursor.day in open_days
    if (
        asked
        or case.shown is not None
        or case.inbound.kind is not Kind.SAID
        or case.inbound.forwarded
    ):
        return False
    today = scene.now.date()
    return is_about_leave(case.inbound.text, today=today, calendar=scene.office.calendar)


def agrees(scene: Scene) -> bool:
    """Whether somebody types "đồng ý", which answers nothing else."""
    step, said = scene.case.cursor.step, fold(clean(scene.case.inbound.text)).strip(" .!")
    return said in _AGREES and step is not Step.QUESTION


async def agree(session: AsyncSession, scene: Scene) -> None:
    """ "Đồng ý": what the button of that name in the last message says."""
    inbound = scene.case.inbound
    buttons = await last_buttons(await session.connection(), inbound.channel, inbound.chat)
    offered = [b.says for b in buttons if b.label == leave_messages.AGREE]
    if not offered:
        await answer(session, scene, leave_messages.nothing_to_agree())
        return
    await on_leave(session, replace(scene, argument=offered[0].removeprefix("/nghi ")))


async def on_leave(session: AsyncSession, scene: Scene) -> None:
    """/nghi, or a word about one's own leave."""
    if not _duties(scene):
        await answer(session, scene, messages.owes_nothing(scene.office.contact))
        return
    today, calendar = scene.now.date(), scene.office.calendar
    said = scene.argument or ""
    wish = read_leave(said, today=today, calendar=calendar)
    if not said.strip():
        kept = await leaves_of(session, _me(scene), since=today)
        says = leave_messages.how_to_say(_spans(kept))
    elif wish.what is What.DROP:
        says = leave_messages.dropped()
    elif wish.what is What.BACK:
        says = await _back(session, scene, wish)
    elif wish.what is What.UNKNOWN or wish.days.span is None:
        says = leave_messages.which_days(wish, today)
    else:
        says = await _leave(session, scene, wish, wish.days.span)
    await answer(session, scene, says)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of the person who is away, and what is arranged for it."""

    held: Held
    arranged: Arranged


async def _leave(session: AsyncSession, scene: Scene, wish: Wish, days: Span) -> Says:
    """Ask what is not certain, ask for agreement, or keep what was agreed."""
    calendar = scene.office.calendar
    reporting = [day for day in days.days if calendar.is_reporting_day(day)]
    if not reporting:
        return leave_messages.no_reporting_day(days)
    if wish.days.half and not _touches_report(scene, wish.days.half):
        times = scene.office.times
        whole = leave_messages.typed(days, wish.stand_in, wish.reason)
        return leave_messages.half_is_no_leave(
            days, wish.days.half, asked_at=times.prompt_at, cut_off=times.cut_off, whole=whole
        )
    units = await _arranged(session, scene, wish.stand_in, days)
    for unit in units:
        if unit.arranged.snag is not None:
            return leave_messages.which_stand_in(
                unit.held.name, unit.arranged, days, wish.reason, scene.office.contact
            )
    if not wish.agreed:
        return await _propose(session, scene, wish, days, units, reporting)
    return await _keep(session, scene, wish, days, units)


def _touches_report(scene: Scene, half: str) -> bool:
    """Whether half a day away falls into the time from the prompt to the deadline."""
    noon = 12
    times = scene.office.times
    return times.cut_off.hour >= noon if half == "chiều" else times.prompt_at.hour < noon


async def _arranged(
    session: AsyncSession, scene: Scene, stand_in: StandIn, days: Span
) -> list[_Unit]:
    """Return what is arranged for each unit of the person.

    Who was named for one of several units need not know the others.
    """
    found = []
    for held in _duties(scene):
        others = await colleagues_of(
            session,
            _me(scene),
            held.unit_id,
            first=days.first,
            last=days.last,
            today=scene.now.date(),
        )
        found.append((held, others, arranged(held.role, stand_in, others)))
    known = any(a.snag is not Snag.UNKNOWN for _, _, a in found)
    return [
        _Unit(held, default(held.role, others) if known and a.snag is Snag.UNKNOWN else a)
        for held, others, a in found
    ]


async def _propose(
    session: AsyncSession,
    scene: Scene,
    wish: Wish,
    days: Span,
    units: Sequence[_Unit],
    reporting: Sequence[date],
) -> Says:
    chosen = [u.arranged.stand_in for u in units if u.arranged.stand_in is not None]
    stand_in = StandIn(number=chosen[0].person_id) if chosen else StandIn(nobody=True)
    kept = await leaves_of(session, _me(scene), since=days.first)
    replaced = [s for s in _spans(kept) if s.first <= days.last and s != days]
    return leave_messages.propose(
        days,
        [(u.held.name, u.arranged) for u in units],
        reporting=reporting,
        calendar=scene.office.calendar,
        replaced=replaced,
        cut_off=scene.office.times.cut_off,
        agreed=leave_messages.typed(days, stand_in, wish.reason, agreed=True),
        contact=scene.office.contact,
    )


async def _keep(
    session: AsyncSession, scene: Scene, wish: Wish, days: Span, units: Sequence[_Unit]
) -> Says:
    person = await session.get_one(Person, _me(scene))
    before = await leaves_of(session, _me(scene), since=days.first)
    for unit in units:
        touched = [b for b in before if b.unit_id == unit.held.unit_id and b.since <= days.last]
        if any(_same(b, days, unit.arranged) for b in touched):
            continue  # agreed twice: nobody is told again
        stand_in = unit.arranged.stand_in
        leave = await take_leave(
            session,
            person_id=_me(scene),
            unit_id=unit.held.unit_id,
            stand_in_id=stand_in.person_id if stand_in else None,
            first=days.first,
            last=days.last,
            today=scene.now.date(),
        )
        what = "leave changed" if touched else "leave begun"
        _record(session, scene, what, leave, reason=wish.reason, replaced=_spans(touched))
        await _relieve(session, scene, touched, but=leave.stand_in_id)
        await _tell(session, scene, leave, person.name, unit)
    back = scene.office.calendar.next_reporting_day(days.last)
    told = [(u.held.name, u.arranged) for u in units]
    return leave_messages.kept(days, told, back=back, contact=scene.office.contact)


def _same(leave: Away, days: Span, arranged: Arranged) -> bool:
    stand_in = arranged.stand_in.person_id if arranged.stand_in else None
    return (leave.since, leave.until, leave.stand_in_id) == (days.first, days.last, stand_in)


async def _tell(session: AsyncSession, scene: Scene, leave: Away, person: str, unit: _Unit) -> None:
    """Tell who stands in, now and when it begins, or the superior that there is nobody."""
    if unit.arranged.stays:
        return
    if leave.stand_in_id is None:
        await _tell_superior(session, scene, leave, person, unit.held)
        return
    today, days = scene.now.date(), Span(leave.since, leave.until)
    begins = datetime.combine(leave.since, scene.office.times.morning_at, scene.now.tzinfo)
    owed = leave.since == today and await _owes(session, scene, unit.held.code)
    key = f"leave/{leave.id}/{leave.since.isoformat()}"
    times = [(scene.now, key)]
    if leave.since > today + _ONE_DAY:
        times.append((begins, f"{key}/begins"))
    says = leave_messages.stand_in_told(
        person,
        unit.held.name,
        days,
        asked_at=scene.office.times.prompt_at,
        cut_off=scene.office.times.cut_off,
        owed=owed,
        contact=scene.office.contact,
    )
    for to in await reachable(session, REPORTERS, today=today, unit_id=unit.held.unit_id):
        if to.person_id != leave.stand_in_id:
            continue
        for at, name in times:
            message = notice(name, to.channel, to.chat, says, asks=key)
            await enqueue(await session.connection(), message, now=at)


async def _owes(session: AsyncSession, scene: Scene, unit: str) -> bool:
    """Whether today's form went out and the unit has not reported yet."""
    period = scene.office.period(scene.now.date())
    asked_at = datetime.combine(period.day, scene.office.times.prompt_at, scene.now.tzinfo)
    reports = scene.office.calendar.is_reporting_day(period.day)
    if not reports or not asked_at <= scene.now <= period.cut_off:
        return False
    connection = await session.connection()
    entries = await entries_of(connection, period.day, form_id=scene.office.form.id)
    return unit in {e.unit for e in still_missing(entries)}


async def _tell_superior(
    session: AsyncSession, scene: Scene, leave: Away, person: str, held: Held
) -> None:
    """Tell the coordinators above the unit, or else the admins."""
    says = leave_messages.nobody_stands_in(person, held.name, Span(leave.since, leave.until))
    parents = {u.code: u.parent for u in await units_on(session, scene.now.date())}
    above = (held.code, parents.get(held.code))
    people = await reachable(session, ["coordinator"], today=scene.now.date())
    told = [r for r in people if r.unit in above and r.person_id != leave.person_id]
    key = f"leave/{leave.id}/{leave.since.isoformat()}/nobody"
    for to in told:
        message = notice(key, to.channel, to.chat, says)
        await enqueue(await session.connection(), message, now=scene.now)
    if not told:
        await tell_admins(session, key, says, now=scene.now)


async def _back(session: AsyncSession, scene: Scene, wish: Wish) -> Says:
    """At work again, today or from the day that was named."""
    today = scene.now.date()
    if wish.days.span is None and wish.days.why is not Why.NO_DAY:
        return leave_messages.which_back(wish.days.said)
    first = wish.days.span.first if wish.days.span else today
    ended = await leaves_of(session, _me(scene), since=first)
    if not ended:
        return leave_messages.not_on_leave()
    begun = [leave for leave in ended if leave.since <= today] or ended
    for leave in begun:
        await end_leaves(session, _me(scene), on=first, unit_id=leave.unit_id, touching=leave.since)
        _record(session, scene, "leave ended", leave, back=first)
    await _relieve(session, scene, begun, but=None)
    names = [h.name for h in _duties(scene) if h.unit_id in {b.unit_id for b in begun}]
    taken_back = [s for s in _spans(begun) if s.first >= first and s.first > today]
    return leave_messages.back_at_work(first, names, taken_back)


async def _relieve(
    session: AsyncSession, scene: Scene, ended: Sequence[Away], *, but: int | None
) -> None:
    """Tell those who stood in that they need not any more."""
    connection = await session.connection()
    names = {h.unit_id: h.name for h in _duties(scene)}
    told: set[tuple[int, int | None]] = set()
    for leave in ended:
        begins = f"leave/{leave.id}/{leave.since.isoformat()}"
        await drop_answered(connection, [begins], now=scene.now)
        whom = (leave.unit_id, leave.stand_in_id)
        if leave.stand_in_id in (None, but) or whom in told:
            continue
        told.add(whom)
        says = leave_messages.relieved(leave.person, names.get(leave.unit_id, leave.unit))
        people = await reachable(session, REPORTERS, today=scene.now.date(), unit_id=leave.unit_id)
        for to in people:
            if to.person_id == leave.stand_in_id:
                message = notice(f"{begins}/relieved", to.channel, to.chat, says)
                await enqueue(connection, message, now=scene.now)


def _record(
    session: AsyncSession,
    scene: Scene,
    what: str,
    leave: Away,
    *,
    reason: str = "",
    replaced: Sequence[Span] = (),
    back: date | None = None,
) -> None:
    """Put a leave on the record: who, when, why, by which channel."""
    detail = {
        "from": leave.since.isoformat(),
        "until": leave.until.isoformat(),
        "stand_in": leave.stand_in_id,
        "reason": reason,
        "replaced": [[s.first.isoformat(), s.last.isoformat()] for s in replaced],
        "back": back.isoformat() if back else None,
    }
    session.add(
        AuditEvent(
            at=scene.now,
            person_id=scene.case.person_id,
            channel=scene.case.inbound.channel,
            what=what,
            subject=leave.unit,
            detail={k: v for k, v in detail.items() if v},
        )
    )


def _spans(leaves: Sequence[Away]) -> list[Span]:
    """Return the days of leaves, each span once: a person may be away from several units."""
    return list(dict.fromkeys(Span(leave.since, leave.until) for leave in leaves))


def _duties(scene: Scene) -> list[Held]:
    """Return the units for which the person reports, with the first of the two duties."""
    held: dict[int, Held] = {}
    for duty in sorted(
        (d for d in scene.case.duties if d.role in REPORTERS and d.reports),
        key=lambda d: REPORTERS.index(d.role),
    ):
        held.setdefault(duty.unit_id, duty)
    return list(held.values())


def _me(scene: Scene) -> int:
    return scene.case.person_id or 0
