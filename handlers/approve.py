"""/duyet: a district approves what its communes have reported, if the office wants that."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import approval, life, life_messages
from bot.core.approval import next_asked_day
from bot.core.life import Refusal
from bot.core.messages import Says
from bot.core.office import Office
from bot.core.reopening import newest_reporting_day
from bot.core.text import fold
from handlers.orders import (
    is_admin,
    life_on,
    period_meant,
    refused,
    scope_of_giver,
    understood,
)
from handlers.scene import Scene, answer, notice
from handlers.scope import scope_over
from storage import reports
from storage.office import keep_settings, reachable
from storage.outbox import enqueue
from storage.papers import LOOK_BACK
from storage.reports import Waiting
from storage.tables import AuditEvent, OccurrenceRow

WORD = "duyet"

_ALL = re.compile(r"tat ca(?: (\d{1,12}))?")
_SWITCH = {"bat": True, "tat": False}


async def approve(session: AsyncSession, scene: Scene) -> None:
    """ "/duyet" shows what waits; "/duyet Tích Sơn" and "/duyet tất cả" approve it.

    An admin switches it with "/duyet bật" and "/duyet tắt".
    """
    said = fold(scene.argument.strip())
    if said in _SWITCH:
        says = await _switch(session, scene, required=_SWITCH[said])
    elif found := _ALL.fullmatch(said):
        says = await _approve_all(session, scene, int(found[1]) if found[1] else None)
    elif said:
        says = await _approve_one(session, scene)
    else:
        says = life_messages.waiting_for_you(await _waiting(session, scene))
    await answer(session, scene, says)


async def _waiting(session: AsyncSession, scene: Scene) -> list[Waiting]:
    """Return the reports that wait for this person, oldest first."""
    waiting = await reports.awaiting(
        await session.connection(),
        form_id=scene.office.form.id,
        since=scene.now.date() - LOOK_BACK,
        today=scene.now.date(),
    )
    scope = scope_of_giver(scene)
    return [w for w in waiting if scope.holds(w.unit, w.parent)]


async def _approve_one(session: AsyncSession, scene: Scene) -> Says:
    meant = await understood(session, scene, WORD)
    if isinstance(meant, Says):
        return meant
    waits = [w for w in await _waiting(session, scene) if w.unit == meant.unit.code]
    usual = waits[-1].day if waits else newest_reporting_day(scene.office, scene.now)
    period = period_meant(scene, meant, usual)
    if isinstance(period, Says):
        return period
    stood = await life_on(session, scene, meant.unit, period.day)
    after = life.approve(stood)
    if isinstance(after, Refusal):
        return refused(scene, meant.unit, period, stood, after)
    await _keep(session, scene, [w for w in waits if w.day == period.day])
    return life_messages.approved([w for w in waits if w.day == period.day], left=0)


async def _approve_all(session: AsyncSession, scene: Scene, shown: int | None) -> Says:
    """Approve all that waits, or what was shown: figures that came since are not approved unseen.

    Args:
        shown: id of the newest revision that was shown; None approves everything.
    """
    waiting = await _waiting(session, scene)
    seen = [w for w in waiting if shown is None or w.revision_id <= shown]
    if not seen:
        return life_messages.waiting_for_you(waiting)
    await _keep(session, scene, seen)
    return life_messages.approved(seen, left=len(waiting) - len(seen))


async def _keep(session: AsyncSession, scene: Scene, seen: Sequence[Waiting]) -> None:
    connection = await session.connection()
    await reports.approve(connection, [w.report_id for w in seen])
    for w in seen:
        session.add(
            AuditEvent(
                at=scene.now,
                person_id=scene.case.person_id,
                channel=scene.case.inbound.channel,
                what="report approved",
                subject=f"{w.unit}/{w.day.isoformat()}",
                detail={"revision": w.revision},
            )
        )


async def _switch(session: AsyncSession, scene: Scene, *, required: bool) -> Says:
    if not is_admin(scene.case):
        return life_messages.only_admin_switches(scene.office.contact)
    if scene.case.approvals.required is required:
        return life_messages.approval_switched(required=required, since=None)
    since = next_asked_day(scene.office, scene.now)
    after = approval.switched(scene.case.approvals, required=required, since=since)
    await keep_settings(session, approval.settings_of(after))
    session.add(
        AuditEvent(
            at=scene.now,
            person_id=scene.case.person_id,
            channel=scene.case.inbound.channel,
            what="setting changed",
            subject=approval.REQUIRED,
            detail={"required": required, "since": since.isoformat()},
        )
    )
    return life_messages.approval_switched(required=required, since=since)


async def tell_waiting(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Tell each coordinator in one message of all that waits for their approval."""
    connection, today = await session.connection(), now.date()
    waiting = await reports.awaiting(
        connection, form_id=office.form.id, since=today - LOOK_BACK, today=today
    )
    told = 0
    for to in await reachable(session, ["coordinator"], today=today) if waiting else []:
        scope = scope_over(office.root, to.unit)
        theirs = [w for w in waiting if scope.holds(w.unit, w.parent)]
        if not theirs:
            continue
        key = f"approval@{occurrence.day.isoformat()}/{occurrence.slot}/{to.unit}"
        says = life_messages.waiting_for_you(theirs)
        message = notice(key, to.channel, to.chat, says, useful_until=occurrence.useful_until)
        await enqueue(connection, message, now=now)
        told += 1
    return f"{told} told of what waits" if told else ""
