"""An admin decides who asked to join: accepts, refuses, or asks for a telephone number first."""

import re

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import joining_messages, messages, quota_messages
from bot.core.messages import Says
from bot.core.messaging import Priority
from bot.core.text import one_line
from handlers.allowance import no_room
from handlers.join import GROUP, ROLE_NAMES, record, unit_name, welcome
from handlers.requests import candidates, shown, title_of, units_meant
from handlers.scene import Scene, answer, notice
from storage import office as directory
from storage.office import UnitNow
from storage.outbox import enqueue
from storage.tables import Invite, JoinRequest, Person

_NUMBERED = re.compile(r"(\d{1,9})\b\s*(.*)", re.DOTALL)  # a longer number names no request


async def accept(session: AsyncSession, scene: Scene) -> None:
    """/chapnhan NUMBER [UNIT]: the person reports for the unit, the group is bound."""
    request = await _undecided(session, scene, "chapnhan")
    if isinstance(request, Says):
        says = request
    elif request.role == GROUP:
        says = await _accept_group(session, scene, request)
    else:
        says = await _accept_person(session, scene, request)
    await answer(session, scene, says)


async def refuse(session: AsyncSession, scene: Scene) -> None:
    """/tuchoi NUMBER: who asked is told whom to turn to; a group's code stays unused."""
    request = await _undecided(session, scene, "tuchoi")
    if isinstance(request, Says):
        await answer(session, scene, request)
        return
    contact = scene.office.contact
    if request.role == GROUP:
        title, told = title_of(request), joining_messages.refused_to_bind(contact)
    else:
        title, told = "", joining_messages.refused_to_join(contact)
    await _decide(session, scene, request, told, accepted=False)
    await answer(
        session, scene, joining_messages.request_refused(request.number, request.name, title)
    )


async def ask_phone(session: AsyncSession, scene: Scene) -> None:
    """/hoiso NUMBER: the person is asked for a telephone number, once; this admin will see it."""
    request = await _undecided(session, scene, "hoiso")
    if isinstance(request, Says):
        await answer(session, scene, request)
        return
    if request.role == GROUP:
        await answer(session, scene, joining_messages.group_has_no_phone(request.number))
        return
    if not request.phone_asked_by:
        await _tell(session, scene, request, "phone", joining_messages.phone_wanted())
    request.phone_asked_by = sorted({*request.phone_asked_by, scene.case.person_id or 0})
    session.add(request)
    record(session, scene, "phone asked", f"request {request.number}", scene.case.person_id)
    await answer(session, scene, await shown(session, scene, request, phone=request.phone))


async def phone_shared(session: AsyncSession, scene: Scene) -> None:
    """A telephone number, shared or typed: kept if it was asked for, and told to who asked."""
    inbound = scene.case.inbound
    request = await directory.open_request(session, inbound.channel, inbound.chat)
    # Asked once, it is answered once: nobody can go on sending the admins numbers.
    if request is None or not request.phone_asked_by or request.phone:
        known = bool(scene.case.duties)
        contact = scene.office.contact
        says = messages.no_text("contact") if known else joining_messages.stranger(contact)
        await answer(session, scene, says)
        return
    request.phone = one_line(inbound.phone or inbound.text)[:30]
    session.add(request)
    says = await shown(session, scene, request, phone=request.phone)
    for admin in await directory.reachable(session, ["admin"], today=scene.now.date()):
        if admin.person_id in request.phone_asked_by:
            told = notice(f"request/{request.number}/phone", admin.channel, admin.chat, says)
            await enqueue(await session.connection(), told, now=scene.now)
    await answer(session, scene, joining_messages.phone_passed_on())


async def _undecided(session: AsyncSession, scene: Scene, word: str) -> JoinRequest | Says:
    """Return the request whose number was typed, or why there is nothing to decide."""
    numbered = _NUMBERED.fullmatch(scene.argument)
    if numbered is None:
        return joining_messages.which_request(word)
    request = await session.get(JoinRequest, int(numbered[1]))
    if request is None:
        return joining_messages.request_unknown(numbered[1])
    if request.decided_at is None:
        return request
    if request.decided_by_id is None:
        return joining_messages.request_closed(request.number, joined=request.accepted)
    admin = await session.get_one(Person, request.decided_by_id)
    at = request.decided_at.astimezone(scene.office.zone)
    return joining_messages.request_decided(
        request.number, admin.name, accepted=request.accepted, at=at
    )


async def _accept_person(session: AsyncSession, scene: Scene, request: JoinRequest) -> Says:
    unit = await _unit_to_report_for(session, scene, request)
    if isinstance(unit, Says):
        return unit
    others = await no_room(session, scene, request.channel, request.chat)
    if others is not None:
        return quota_messages.no_room_for(request.number, request.name, others)
    person_id = await directory.take_duty(
        session,
        unit_id=unit.id,
        role=request.role,
        channel=request.channel,
        external_id=request.chat,
        name=request.name,
        now=scene.now,
    )
    record(session, scene, "person joined", f"{request.role} of {unit.name}", person_id)
    told = await welcome(
        session, scene, request.role, unit.id, unit.name, person_id, channel=request.channel
    )
    await _decide(session, scene, request, told, accepted=True)
    await _tell_focal_points(session, scene, request, unit, person_id)
    role = ROLE_NAMES[request.role]
    return joining_messages.request_accepted(request.number, request.name, role, unit.name)


async def _tell_focal_points(
    session: AsyncSession, scene: Scene, request: JoinRequest, unit: UnitNow, person_id: int
) -> None:
    """Tell those who held the duty before, who know best whether the new one is right."""
    says = joining_messages.focal_point_added(request.name, unit.name, scene.office.contact)
    today = scene.now.date()
    for to in await directory.reachable(session, ["focal_point"], today=today, unit_id=unit.id):
        if to.person_id != person_id:
            told = notice(f"request/{request.number}/accepted", to.channel, to.chat, says)
            await enqueue(await session.connection(), told, now=scene.now)


async def _unit_to_report_for(
    session: AsyncSession, scene: Scene, request: JoinRequest
) -> UnitNow | Says:
    """Return the unit that the admin names, or else the one the admin was shown."""
    words = one_line(scene.argument).partition(" ")[2]
    units = await directory.units_on(session, scene.now.date())
    if not words and request.unit_id is None:
        return await shown(session, scene, request)
    if not words:
        asked_for = [u for u in units if u.id == request.unit_id and u.reports]
        return asked_for[0] if asked_for else joining_messages.request_unit_ended(request.number)
    meant = units_meant(units, words)
    if len(meant) > 1:
        choice = await candidates(session, scene, meant, units)
        return joining_messages.request_unit_unclear(request.number, choice)
    return meant[0] if meant else joining_messages.request_unit_unknown(request.number, words)


async def _accept_group(session: AsyncSession, scene: Scene, request: JoinRequest) -> Says:
    number, title, contact = request.number, title_of(request), scene.office.contact
    invite = await session.get_one(Invite, request.invite_id)
    unit = await unit_name(session, scene, invite.unit_id)
    # The code was good when it was shown, but another group may have got it since.
    if invite.used_at is not None or unit is None:
        used = invite.used_at is not None
        told = (
            joining_messages.invite_used(contact)
            if used
            else joining_messages.invite_for_no_unit(contact)
        )
        await _decide(session, scene, request, told, accepted=False)
        return joining_messages.group_request_void(number, title, told)
    await directory.join_group(
        session,
        invite,
        channel=request.channel,
        chat=request.chat,
        thread=request.thread,
        title=request.title,
        now=scene.now,
    )
    record(session, scene, "group bound", f"{request.chat} to {unit}", scene.case.person_id)
    await _decide(session, scene, request, joining_messages.group_bound(unit), accepted=True)
    return joining_messages.group_request_accepted(number, title, unit)


async def _decide(
    session: AsyncSession, scene: Scene, request: JoinRequest, told: Says, *, accepted: bool
) -> None:
    """Close a request, put it on the record, and tell who asked."""
    request.decided_at, request.accepted = scene.now, accepted
    request.decided_by_id = scene.case.person_id
    session.add(request)
    what = "request accepted" if accepted else "request refused"
    record(session, scene, what, f"request {request.number}", scene.case.person_id)
    await _tell(session, scene, request, "decided", told)


async def _tell(
    session: AsyncSession, scene: Scene, request: JoinRequest, about: str, says: Says
) -> None:
    message = notice(
        f"request/{request.number}/{about}",
        request.channel,
        request.chat,
        says,
        in_group=request.role == GROUP,
        thread=request.thread,
        priority=Priority.REPLY,
    )
    await enqueue(await session.connection(), message, now=scene.now)
