"""Joining by a one-time invitation: a person in private, a group by /ketnoi."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import messages
from bot.core.messages import Says
from bot.core.text import clock, one_line
from handlers.scene import Scene, answer
from storage import office as directory
from storage.conversations import REPORTERS, Held, valid_on
from storage.tables import AuditEvent, Invite, UnitVersion

GROUP = "group"
ROLE_NAMES = {
    "focal_point": "đầu mối báo cáo",
    "deputy": "đầu mối dự phòng",
    "coordinator": "phụ trách đôn đốc",
    "committee": "thành viên Ban Chỉ đạo",
    "office": "cán bộ tổng hợp",
    "admin": "quản trị",
}


async def join(session: AsyncSession, scene: Scene) -> None:
    """/start CODE: the person gets the duty that the invitation names."""
    if not scene.argument:
        await answer(session, scene, _without_code(scene))
        return
    invite = await directory.invitation(session, scene.argument)
    refused = _refusal(invite, scene)
    if invite is None or refused:
        await answer(session, scene, refused or messages.invite_unknown(scene.office.contact))
        return
    if invite.role == GROUP:
        await answer(session, scene, messages.invite_for_group())
        return
    name = await _unit_name(session, scene, invite)
    if name is None:
        await answer(session, scene, messages.invite_for_no_unit(scene.office.contact))
        return
    inbound = scene.case.inbound
    person_id = await directory.join_person(
        session,
        invite,
        channel=inbound.channel,
        external_id=inbound.sender,
        name=one_line(inbound.sender_name)[:100],
        now=scene.now,
    )
    _record(session, scene, "person joined", f"{invite.role} of {name}", person_id)
    await answer(session, scene, _welcome(scene, invite, name))


async def bind_group(session: AsyncSession, scene: Scene) -> None:
    """/ketnoi CODE in a group: it gets the digest of the unit that the invitation names."""
    if not scene.argument:
        bound = scene.case.group_unit is not None
        contact = scene.office.contact
        says = messages.already_bound() if bound else messages.unbound_group(contact)
        await answer(session, scene, says)
        return
    invite = await directory.invitation(session, scene.argument)
    refused = _refusal(invite, scene)
    if invite is None or refused or invite.role != GROUP:
        await answer(session, scene, refused or messages.invite_unknown(scene.office.contact))
        return
    name = await _unit_name(session, scene, invite)
    if name is None:
        await answer(session, scene, messages.invite_for_no_unit(scene.office.contact))
        return
    inbound = scene.case.inbound
    await directory.join_group(
        session, invite, channel=inbound.channel, chat=inbound.chat, now=scene.now
    )
    _record(session, scene, "group bound", f"{inbound.chat} to {name}", scene.case.person_id)
    await answer(session, scene, messages.group_bound(name))


def _record(
    session: AsyncSession, scene: Scene, what: str, subject: str, person_id: int | None
) -> None:
    """Put on the record who joined."""
    session.add(
        AuditEvent(
            at=scene.now,
            person_id=person_id,
            channel=scene.case.inbound.channel,
            what=what,
            subject=subject,
            detail={},
        )
    )


def _without_code(scene: Scene) -> Says:
    if not scene.case.duties:
        return messages.stranger(scene.office.contact)
    return _already(scene, scene.case.duties[0])


def _already(scene: Scene, duty: Held) -> Says:
    return messages.already_joined(duty.name, reports=bool(scene.case.reporting))


def _refusal(invite: Invite | None, scene: Scene) -> Says | None:
    contact = scene.office.contact
    if invite is None:
        return messages.invite_unknown(contact)
    if invite.used_at is not None:
        # A code sent twice by who joined with it frightens nobody.
        named = (invite.unit_id, invite.role)
        mine = [d for d in scene.case.duties if (d.unit_id, d.role) == named]
        return _already(scene, mine[0]) if mine else messages.invite_used(contact)
    return messages.invite_expired(contact) if invite.expires_at < scene.now else None


def _welcome(scene: Scene, invite: Invite, unit: str) -> Says:
    role = ROLE_NAMES[invite.role]
    if invite.role not in REPORTERS:
        return messages.welcome_reader(unit, role)
    times = scene.office.times
    asked = messages.asked_daily(clock(times.prompt_at), clock(times.cut_off))
    return messages.welcome(unit, role, times=asked)


async def _unit_name(session: AsyncSession, scene: Scene, invite: Invite) -> str | None:
    """Return the name of the invitation's unit; None when there is no such unit today."""
    found = await session.exec(
        select(UnitVersion.name).where(
            col(UnitVersion.unit_id) == invite.unit_id,
            *valid_on(UnitVersion, scene.now.date()),
        )
    )
    return found.one_or_none()
