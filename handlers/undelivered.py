"""A message ended badly: the superior learns of a person gone, an admin of everything else."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import messages
from bot.core.messaging import FateUnknown, PersonGone, SendError
from handlers.alarm import tell_admins
from handlers.scene import notice
from storage.office import address_gone, reachable
from storage.outbox import Queued, enqueue
from storage.tables import Address, Duty, Person, Unit, UnitVersion

_KEY = "undelivered"


async def undelivered(
    session: AsyncSession, queued: Queued, error: SendError, *, now: datetime
) -> None:
    """Tell whoever can do something about a message that did not arrive, or perhaps did not."""
    message = queued.message
    if message.key.startswith(_KEY):
        return  # the alarm itself could not be sent: there is nobody left to tell
    key = f"{_KEY}/{message.key}"
    if isinstance(error, PersonGone) and not message.in_group:
        await _person_gone(session, message.channel, message.chat, key, now)
        return
    unknown = isinstance(error, FateUnknown)
    says = (
        messages.send_unknown(message.key)
        if unknown
        else messages.send_refused(message.key, str(error))
    )
    await tell_admins(session, key, says, now=now)


async def _person_gone(
    session: AsyncSession, channel: str, external_id: str, key: str, now: datetime
) -> None:
    """End the address and tell the coordinators above the person's units, or else the admins."""
    address = await address_gone(
        session, channel=channel, external_id=external_id, today=now.date()
    )
    if address is None:
        return
    person = await session.get_one(Person, address.person_id)
    above = await _units_above(session, address)
    for unit, unit_name, parent in above:
        says = messages.person_gone(person.name, unit_name)
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
