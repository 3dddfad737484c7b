"""Who can be reached: people block the bot and come back, groups remove it, let it in and move."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import delivery_messages
from handlers.alarm import tell_admins
from handlers.scene import Scene, notice
from storage.office import address_gone, current_address, group_of, reachable
from storage.outbox import enqueue, move_chat
from storage.tables import Address, Duty, Person, Unit, UnitVersion


async def left(session: AsyncSession, scene: Scene) -> None:
    """The person blocked the bot, or the bot was removed from the group."""
    inbound = scene.case.inbound
    gone = group_gone if inbound.in_group else person_gone
    await gone(session, inbound.channel, inbound.chat, _key(scene), scene.now)


async def came(session: AsyncSession, scene: Scene) -> None:
    """The person unblocked the bot, or the bot was let into the group again."""
    inbound = scene.case.inbound
    if inbound.in_group:
        group = await group_of(session, inbound.channel, inbound.chat)
        if group is not None:
            group.gone_since = None
            session.add(group)
        return
    address = await current_address(session, inbound.channel, inbound.chat)
    if address is not None:
        address.gone_since = None
        session.add(address)


async def moved(session: AsyncSession, scene: Scene) -> None:
    """The group has another id now, which `Inbound.text` holds."""
    inbound, today = scene.case.inbound, scene.now.date()
    connection = await session.connection()
    await move_chat(connection, inbound.channel, inbound.chat, inbound.text, today=today)
    group = await group_of(session, inbound.channel, inbound.text)
    if group is not None:
        # Telegram may say that the bot left the old group; in the new one it is all the same.
        group.gone_since = None
        session.add(group)


def _key(scene: Scene) -> str:
    return f"left/{scene.case.inbound.channel}/{scene.case.inbound.update_id}"


async def group_gone(
    session: AsyncSession, channel: str, chat: str, key: str, now: datetime
) -> None:
    """Post nothing to the group any more, and tell the admins, who can let the bot in again."""
    group = await group_of(session, channel, chat)
    if group is None or group.gone_since is not None:
        return
    group.gone_since = now
    session.add(group)
    unit = await session.get_one(Unit, group.unit_id)
    says = delivery_messages.removed_from_group(group.title or unit.code)
    await tell_admins(session, key, says, now=now)


async def person_gone(
    session: AsyncSession, channel: str, external_id: str, key: str, now: datetime
) -> None:
    """Ask nothing of the person any more, and tell the coordinators above the person's units, or
    else the admins.
    """
    address = await address_gone(session, channel=channel, external_id=external_id, now=now)
    if address is None:
        return
    person = await session.get_one(Person, address.person_id)
    for unit, unit_name, parent in await _units_above(session, address):
        says = delivery_messages.person_gone(person.name, unit_name)
        told = [
            r
            for r in await reachable(session, ["coordinator"], today=now.date())
            if r.unit == parent
        ]
        for to in told:
            message = notice(f"{key}/{unit}", to.channel, to.chat, says)
            await enqueue(await session.connection(), message, now=now)
        if not told:
            await tell_admins(session, f"{key}/{unit}", says, now=now)


async def _units_above(
    session: AsyncSession, address: Address
) -> list[tuple[int, str, str | None]]:
    """Return id and name of the units the person has a duty for, and the code of each superior."""
    found = await session.exec(
        select(UnitVersion.unit_id, UnitVersion.name, Unit.code)
        .select_from(Duty)
        .join(UnitVersion, col(UnitVersion.unit_id) == Duty.unit_id)
        .join(Unit, col(Unit.id) == UnitVersion.parent_id, isouter=True)
        .where(
            Duty.person_id == address.person_id,
            col(Duty.valid_until).is_(None),
            col(UnitVersion.valid_until).is_(None),
        )
    )
    return list(found)
