"""Joining by a one-time invitation, and what every way of joining has in common."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import joining_messages, quota_messages
from bot.core.messages import Says
from bot.core.text import one_line
from handlers.allowance import no_room
from handlers.scene import Scene, answer
from storage import office as directory
from storage.conversations import REPORTERS, Held
from storage.tables import AuditEvent, Invite, UnitVersion, valid_on

GROUP = "group"
ADDRESS = "address"
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
    good = await good_code(session, scene)
    if isinstance(good, Says):
        await answer(session, scene, good)
        return
    invite, unit = good
    if invite.role == GROUP:
        await answer(session, scene, joining_messages.invite_for_group())
        return
    inbound = scene.case.inbound
    others = await no_room(session, scene, inbound.channel, inbound.sender)
    if others is not None:
        await answer(session, scene, quota_messages.bot_is_full(others, scene.office.contact))
        return
    if invite.role == ADDRESS:
        await _add_address(session, scene, invite)
        return
    person_id = await directory.join_person(
        session,
        invite,
        channel=inbound.channel,
        external_id=inbound.sender,
        name=sender_name(scene),
        now=scene.now,
    )
    await directory.close_request(
        session, inbound.channel, inbound.chat, joined=True, now=scene.now
    )
    record(session, scene, "person joined", f"{invite.role} of {unit}", person_id)
    says = await welcome(
        session, scene, invite.role, invite.unit_id, unit, person_id, channel=inbound.channel
    )
    await answer(session, scene, says)


async def _add_address(session: AsyncSession, scene: Scene, invite: Invite) -> None:
    """/start CODE with such a code: the person can be reached here as well."""
    inbound, contact = scene.case.inbound, scene.office.contact
    person_id = invite.person_id or 0
    if scene.case.person_id == person_id:
        await answer(session, scene, joining_messages.same_address())
        return
    if scene.case.duties:
        await answer(session, scene, joining_messages.address_of_another(contact))
        return
    await directory.add_address(
        session,
        person_id=person_id,
        channel=inbound.channel,
        external_id=inbound.sender,
        now=scene.now,
    )
    await directory.close_request(
        session, inbound.channel, inbound.chat, joined=True, now=scene.now
    )
    invite.used_at = scene.now
    session.add(invite)
    record(session, scene, "messenger added", inbound.channel, person_id)
    await answer(session, scene, joining_messages.address_added())


async def good_code(session: AsyncSession, scene: Scene) -> tuple[Invite, str] | Says:
    """Return the invitation of the code that was typed, with its unit's name, or what is wrong."""
    contact = scene.office.contact
    invite = await directory.invitation(session, scene.argument)
    if invite is None:
        return joining_messages.invite_unknown(contact)
    if invite.used_at is not None:
        return _used(invite, scene)
    if invite.expires_at < scene.now:
        return joining_messages.invite_expired(contact)
    unit = await unit_name(session, scene, invite.unit_id)
    return joining_messages.invite_for_no_unit(contact) if unit is None else (invite, unit)


def _used(invite: Invite, scene: Scene) -> Says:
    # A code sent twice by who joined with it frightens nobody.
    if invite.person_id is not None and invite.person_id == scene.case.person_id:
        return joining_messages.own_code_used()
    named = (invite.unit_id, invite.role)
    mine = [d for d in scene.case.duties if (d.unit_id, d.role) == named]
    return (
        already_joined(scene, mine[0])
        if mine
        else joining_messages.invite_used(scene.office.contact)
    )


async def unit_name(session: AsyncSession, scene: Scene, unit_id: int) -> str | None:
    """Return the name of a unit; None when there is no such unit today."""
    found = await session.exec(
        select(UnitVersion.name).where(
            col(UnitVersion.unit_id) == unit_id, *valid_on(UnitVersion, scene.now.date())
        )
    )
    return found.one_or_none()


def sender_name(scene: Scene) -> str:
    """Return what the messenger calls the sender; "" when it hides the name."""
    return one_line(scene.case.inbound.sender_name)[:100]


def _without_code(scene: Scene) -> Says:
    if not scene.case.duties:
        return joining_messages.stranger(scene.office.contact)
    return already_joined(scene, scene.case.duties[0])


def already_joined(scene: Scene, duty: Held) -> Says:
    """Return the answer to somebody who holds a duty already."""
    return joining_messages.already_joined(duty.name, reports=bool(scene.case.reporting))


async def welcome(
    session: AsyncSession,
    scene: Scene,
    role: str,
    unit_id: int,
    unit: str,
    person_id: int,
    *,
    channel: str,
) -> Says:
    """Return what a person is told who has just been given a duty.

    Only the first focal point of a unit gets the form; all others hear of it when it is missing.

    Args:
        channel: by which they report. Those that count messages may lose some on the way in.
    """
    role_name, times = ROLE_NAMES[role], scene.office.times
    if role not in REPORTERS:
        return joining_messages.welcome_reader(unit, role_name)
    today = scene.now.date()
    asked = await directory.reachable(session, ["focal_point"], today=today, unit_id=unit_id)
    if role == "focal_point" and asked[0].person_id == person_id:
        says = joining_messages.welcome(
            unit, role_name, asked_at=times.prompt_at, cut_off=times.cut_off
        )
    else:
        says = joining_messages.welcome_stand_in(
            unit, role_name, reminded_at=times.reminders[-1], cut_off=times.cut_off
        )
    return joining_messages.with_rule_of_receipts(says) if scene.counts(channel) else says


def record(
    session: AsyncSession, scene: Scene, what: str, subject: str, person_id: int | None
) -> None:
    """Put on the record who asked, joined or decided."""
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
