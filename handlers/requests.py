"""Asking to join: a person without a code, and a group that shows its code; an admin decides."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import joining_messages
from bot.core.directory import find_units
from bot.core.joining_messages import Candidate
from bot.core.messages import Says
from bot.core.text import mask_phones, one_line, shortened
from handlers.alarm import tell_admins
from handlers.join import GROUP, already_joined, good_code, record, sender_name
from handlers.scene import Scene, answer
from storage import office as directory
from storage.office import UnitNow
from storage.tables import Invite, JoinRequest

_MOST_A_DAY = 3  # of one chat: who asks more often disturbs the admins no further


async def ask_to_join(session: AsyncSession, scene: Scene) -> None:
    """/thamgia UNIT: the admins are asked to let the person report for the unit."""
    if scene.case.duties:
        await answer(session, scene, already_joined(scene, scene.case.duties[0]))
        return
    if not scene.argument:
        await answer(session, scene, joining_messages.how_to_ask_to_join(scene.office.contact))
        return
    refused = await _not_passed_on(session, scene)
    if refused:
        await answer(session, scene, refused)
        return
    # A telephone number is kept only of who was asked for it.
    said = shortened(mask_phones(one_line(scene.argument)), 100)
    units = await directory.units_on(session, scene.now.date())
    meant = units_meant(units, said)
    unit_id = meant[0].id if len(meant) == 1 else None
    request = _request(scene, "focal_point", said=said, unit_id=unit_id)
    await directory.keep_request(session, request)
    record(session, scene, "asked to join", f"request {request.number}", scene.case.person_id)
    says = await shown(session, scene, request)
    await tell_admins(session, f"request/{request.number}", says, now=scene.now)
    await answer(session, scene, joining_messages.request_passed_on())


async def bind_group(session: AsyncSession, scene: Scene) -> None:
    """/ketnoi CODE in a group: once an admin agrees it gets the digest of the code's unit."""
    if not scene.argument:
        bound = scene.case.group_unit is not None
        contact = scene.office.contact
        says = (
            joining_messages.already_bound() if bound else joining_messages.unbound_group(contact)
        )
        await answer(session, scene, says)
        return
    good = await good_code(session, scene)
    if isinstance(good, Says):
        says = good
    elif good[0].role != GROUP:
        says = joining_messages.invite_unknown(scene.office.contact)
    elif good[0].unit_id == scene.case.group_unit:
        says = await _bound_again(session, scene, *good)
    else:
        says = await _ask_to_bind(session, scene, *good)
    await answer(session, scene, says)


async def _bound_again(session: AsyncSession, scene: Scene, invite: Invite, unit: str) -> Says:
    """Use up another code of the group's own unit: at most the topic changes."""
    inbound = scene.case.inbound
    await directory.join_group(
        session,
        invite,
        channel=inbound.channel,
        chat=inbound.chat,
        thread=inbound.thread,
        title=_group_title(scene),
        now=scene.now,
    )
    record(session, scene, "group bound", f"{inbound.chat} to {unit}", scene.case.person_id)
    return joining_messages.group_bound(unit)


async def _ask_to_bind(session: AsyncSession, scene: Scene, invite: Invite, unit: str) -> Says:
    """Ask the admins to let the group see the unit's figures; return what the group is told."""
    inbound = scene.case.inbound
    waiting = await directory.open_request(session, inbound.channel, inbound.chat)
    if waiting is not None and waiting.invite_id == invite.id:
        return joining_messages.code_passed_on()
    refused = await _not_passed_on(session, scene)
    if refused:
        return refused
    request = _request(scene, GROUP, unit_id=invite.unit_id, invite_id=invite.id)
    await directory.keep_request(session, request)
    says = joining_messages.group_request(request.number, title_of(request), unit, by=request.name)
    subject = f"request {request.number}"
    record(session, scene, "group asked to be bound", subject, scene.case.person_id)
    await tell_admins(session, f"request/{request.number}", says, now=scene.now)
    return joining_messages.code_passed_on()


async def _not_passed_on(session: AsyncSession, scene: Scene) -> Says | None:
    """Return why the admins are not told of a request from this chat now; None when they are."""
    inbound, contact = scene.case.inbound, scene.office.contact
    if not await directory.reachable(session, ["admin"], today=scene.now.date()):
        return joining_messages.no_admin_yet(contact)
    midnight = datetime.combine(scene.now.date(), time(), scene.now.tzinfo)
    made = await directory.requests_since(session, inbound.channel, inbound.chat, since=midnight)
    return joining_messages.request_passed_on_before(contact) if made >= _MOST_A_DAY else None


def _request(
    scene: Scene, role: str, *, unit_id: int | None, said: str = "", invite_id: int | None = None
) -> JoinRequest:
    inbound = scene.case.inbound
    return JoinRequest(
        channel=inbound.channel,
        chat=inbound.chat,
        thread=inbound.thread,
        role=role,
        name=sender_name(scene),
        title=_group_title(scene),
        said=said,
        unit_id=unit_id,
        invite_id=invite_id,
        phone_asked_by=[],
        asked_at=scene.now,
    )


def _group_title(scene: Scene) -> str:
    return one_line(scene.case.inbound.group_title)[:100]


def title_of(request: JoinRequest) -> str:
    """Return what a group is called; its id where the messenger gives no name."""
    return request.title or request.chat


async def shown(
    session: AsyncSession, scene: Scene, request: JoinRequest, phone: str | None = None
) -> Says:
    """Return a person's request as an admin sees it.

    Args:
        phone: as in `joining_messages.join_request`.
    """
    units = await directory.units_on(session, scene.now.date())
    chosen = [u for u in units if u.id == request.unit_id]
    meant = chosen or units_meant(units, request.said)
    found = await candidates(session, scene, meant, units)
    return joining_messages.join_request(
        request.number,
        request.name,
        request.said,
        unit=found[0] if chosen else None,
        candidates=found,
        phone=phone,
    )


def units_meant(units: Sequence[UnitNow], words: str) -> list[UnitNow]:
    """Return the units of this name that somebody can report for."""
    return find_units([u for u in units if u.reports], words)


async def candidates(
    session: AsyncSession, scene: Scene, some: Sequence[UnitNow], units: Sequence[UnitNow]
) -> list[Candidate]:
    """Return some units as an admin chooses among them.

    Args:
        units: all units of today.
    """
    ids, today = [u.id for u in some], scene.now.date()
    held = await directory.focal_points(session, ids, today=today)
    names = {u.code: u.name for u in units}
    return [
        Candidate(
            code=u.code,
            name=", ".join(filter(None, (u.name, names.get(u.parent or "")))),
            focal_points=tuple(held.get(u.id, ())),
        )
        for u in some
    ]
